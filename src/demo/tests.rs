//! Tests of the demo systems over real HTTP: wire shapes, filters, limits and dials.
#![expect(
    clippy::disallowed_types,
    reason = "these tests are clients of the systems, not the gateway"
)]

mod depot;
mod dials;
mod entry;
mod erp;
mod identity;
mod lost;
mod marketplace;
mod payments;
mod pim;
mod pos;
mod reservations;
mod sales;
mod wms;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::{Demo, logins, start};

/// The odd numbers promised in the wire sheet.
const ODD: [&str; 10] = [
    "MC-D'ARC-M",
    "MC-11991/A&B",
    "MC 11992 X",
    "MC-11993-100%",
    "MC-11994-ÖL",
    "MC-11995-Größe",
    "MC-11996+1",
    "MC-11997#2",
    "MC-11998,5",
    "MC-11999\"X",
];

/// Only loopback without TLS is asked, but a client wants to know its cryptography all the same.
fn client() -> Client {
    // Another test of this process may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

/// The running systems with a client that is logged in to all of them.
struct Bench {
    demo: Demo,
    client: Client,
    pim_token: String,
    erp_token: String,
}

impl Bench {
    async fn start() -> Self {
        let demo = start().await.unwrap();
        let client = client();
        let login = json!({"grant_type": "password", "username": logins::PIM_USERNAME, "password": logins::PIM_PASSWORD});
        let request = client.post(format!("{}/api/oauth/v1/token", demo.pim_url()));
        let request = request.basic_auth(logins::PIM_CLIENT_ID, Some(logins::PIM_CLIENT_SECRET));
        let (_, pim) = answer(request.json(&login)).await;
        let (_, erp) = answer(erp_login(&client, &demo, logins::ERP_CLIENT_SECRET)).await;
        let token = |body: &Value| body["access_token"].as_str().unwrap().to_owned();
        Self {
            pim_token: token(&pim),
            erp_token: token(&erp),
            demo,
            client,
        }
    }

    fn pim(&self, path: &str, query: &[(&str, &str)]) -> RequestBuilder {
        self.client
            .get(address(self.demo.pim_url(), path, query))
            .bearer_auth(&self.pim_token)
    }

    fn erp(&self, resource: &str, query: &[(&str, &str)]) -> RequestBuilder {
        let api = if matches!(resource, "priceListLines" | "customers") {
            "skuery/pricing/v1.0"
        } else {
            "v2.0"
        };
        let path = format!(
            "/v2.0/{}/{}/api/{api}/companies({})/{resource}",
            logins::ERP_TENANT,
            logins::ERP_ENVIRONMENT,
            logins::ERP_COMPANY
        );
        self.client
            .get(address(self.demo.erp_url(), &path, query))
            .bearer_auth(&self.erp_token)
    }

    /// Enters an order.
    fn order(&self, order: &Value) -> RequestBuilder {
        let url = self.erp("salesOrders", &[]).build().unwrap().url().clone();
        self.client.post(url).bearer_auth(&self.erp_token).json(order)
    }

    /// A reservation; `suffix` is `` or `/commit`.
    fn reservation(&self, method: Method, reference: &str, suffix: &str) -> RequestBuilder {
        let url = format!("{}/api/v1/reservations/{reference}{suffix}", self.demo.wms_url());
        let request = self.client.request(method, url);
        request.basic_auth(logins::WMS_USERNAME, Some(logins::WMS_PASSWORD))
    }

    /// What may be sold of an article in Stockholm.
    async fn sellable(&self, sku: &str) -> i64 {
        let path = "/api/v1/articles/inventoryPerWarehouse";
        let query = [
            ("goodsOwnerId", "7"),
            ("articleNumbers", sku),
            ("warehouseIds", "1"),
        ];
        let body = ok(self.wms(path, &query)).await;
        let level = &body[0]["inventoryPerWarehouse"][0];
        level["sellableNumberOfItems"].as_f64().unwrap() as i64
    }

    /// What the depot has of an article.
    async fn on_hand(&self, sku: &str) -> i64 {
        let url = address(self.demo.depot_url(), "/stock", &[("sku", sku)]);
        ok(self.client.get(url)).await[0]["onHand"].as_i64().unwrap()
    }

    fn payment(&self, method: Method, path: &str, form: &str) -> RequestBuilder {
        let url = format!("{}/v1/payment_intents{path}", self.demo.payments_url());
        let request = self.client.request(method, url).bearer_auth(logins::PAYMENTS_KEY);
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
    }

    fn turn(&self, name: &str, change: Value) {
        self.demo.system(name).unwrap().turn(&change).unwrap();
    }

    fn wms(&self, path: &str, query: &[(&str, &str)]) -> RequestBuilder {
        let request = self.client.get(address(self.demo.wms_url(), path, query));
        request.basic_auth(logins::WMS_USERNAME, Some(logins::WMS_PASSWORD))
    }

    fn pos(&self, resource: &str, query: &[(&str, &str)]) -> RequestBuilder {
        let path = format!("/v2/accounts/{}/sites/1/{resource}", logins::POS_ACCOUNT);
        let request = self.client.get(address(self.demo.pos_url(), &path, query));
        request.basic_auth(logins::POS_USERNAME, Some(logins::POS_PASSWORD))
    }

    fn marketplace(&self, query: &[(&str, &str)]) -> RequestBuilder {
        let url = address(self.demo.marketplace_url(), "/api/orders", query);
        self.client
            .get(url)
            .header("authorization", logins::MARKETPLACE_KEY)
    }
}

fn erp_login(client: &Client, demo: &Demo, secret: &str) -> RequestBuilder {
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={secret}",
        logins::ERP_CLIENT_ID
    );
    client
        .post(format!(
            "{}/{}/oauth2/v2.0/token",
            demo.erp_url(),
            logins::ERP_TENANT
        ))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
}

fn address(base: &str, path: &str, query: &[(&str, &str)]) -> Url {
    let mut url = Url::parse(&format!("{base}{path}")).unwrap();
    for (name, value) in query {
        url.query_pairs_mut().append_pair(name, value);
    }
    url
}

async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    (status, response.json().await.unwrap())
}

async fn ok(request: RequestBuilder) -> Value {
    let (status, body) = answer(request).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body
}

async fn refused(request: RequestBuilder, expected: u16) -> Value {
    let (status, body) = answer(request).await;
    assert_eq!(status.as_u16(), expected, "{body}");
    body
}
