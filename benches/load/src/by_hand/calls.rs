//! The calls to the three systems: addresses as their products have them, one call for many keys, logged in once.

use std::fmt;

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::json;
use skuery::demo::{logins, secret};
use url::Url;

use crate::Failure;

/// Locations of the channel as the WMS numbers them.
const LOCATIONS: [&str; 3] = ["4", "2", "1"];

/// A client that is logged in everywhere.
#[derive(Clone)]
pub(crate) struct Systems {
    client: Client,
    urls: Urls,
    pim: String,
    erp: String,
    wms: String,
}

#[derive(Clone, clap::Args)]
pub(crate) struct Urls {
    #[arg(long)]
    pub(crate) pim: String,
    #[arg(long)]
    pub(crate) erp: String,
    #[arg(long)]
    pub(crate) wms: String,
}

/// One request to a system.
#[derive(Clone)]
pub(crate) struct Call {
    method: Method,
    url: Url,
    authorization: String,
    body: Option<String>,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

impl Systems {
    /// Logs in. The tokens last an hour, longer than anything here runs, so nothing renews them.
    pub(crate) async fn log_in(urls: Urls) -> Result<Self, Failure> {
        let client = Client::builder().no_proxy().build()?;
        let secret = |name| secret(name).ok_or("the demo has no such secret");
        let basic =
            |login: &str, password: &str| format!("Basic {}", STANDARD.encode(format!("{login}:{password}")));
        let pim = client
            .post(format!("{}/api/oauth/v1/token", urls.pim))
            .header(
                AUTHORIZATION,
                basic(logins::PIM_CLIENT_ID, &secret("DEMO_PIM_CLIENT_SECRET")?),
            )
            .header(CONTENT_TYPE, "application/json")
            .body(
                json!({
                    "grant_type": "password",
                    "username": logins::PIM_USERNAME,
                    "password": secret("DEMO_PIM_PASSWORD")?,
                })
                .to_string(),
            );
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", logins::ERP_CLIENT_ID)
            .append_pair("client_secret", &secret("DEMO_ERP_CLIENT_SECRET")?)
            .finish();
        let erp = client
            .post(format!("{}/{}/oauth2/v2.0/token", urls.erp, logins::ERP_TENANT))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        let token = async |request: reqwest::RequestBuilder| -> Result<String, Failure> {
            let answer = request.send().await?.error_for_status()?.bytes().await?;
            let token: Token = serde_json::from_slice(&answer)?;
            Ok(format!("Bearer {}", token.access_token))
        };
        Ok(Self {
            pim: token(pim).await?,
            erp: token(erp).await?,
            wms: basic(logins::WMS_USERNAME, &secret("DEMO_WMS_PASSWORD")?),
            client,
            urls,
        })
    }

    /// The first page of a category's products.
    pub(crate) fn listing(&self, category: &str) -> Result<Call, Failure> {
        let search = json!({"categories": [{"operator": "IN CHILDREN", "value": [category]}]});
        self.models(&search, &[("page", "1"), ("limit", "24"), ("with_count", "true")])
    }

    /// Products by the part of an address that names them.
    pub(crate) fn products(&self, slugs: &[&str]) -> Result<Call, Failure> {
        let search = json!({"slug": [{"operator": "IN", "value": slugs}]});
        self.models(&search, &[("limit", "100")])
    }

    fn models(&self, search: &serde_json::Value, paging: &[(&str, &str)]) -> Result<Call, Failure> {
        let mut url = Url::parse(&format!("{}/api/rest/v1/product-models", self.urls.pim))?;
        url.query_pairs_mut()
            .append_pair("search", &search.to_string())
            .append_pair("locales", "sv_SE,en_GB")
            .extend_pairs(paging)
            .append_pair("with_attribute_options", "true");
        Ok(get(url, &self.pim))
    }

    /// Variants by SKU, at most 100.
    pub(crate) fn variants(&self, skus: &[&str]) -> Result<Call, Failure> {
        let address = format!(
            "{}/api/rest/v1/products-uuid/search?limit=100&pagination_type=search_after",
            self.urls.pim
        );
        let search = json!({"sku": [{"operator": "IN", "value": skus}]}).to_string();
        let body = json!({"search": search, "locales": "sv_SE,en_GB", "with_attribute_options": true});
        Ok(Call {
            method: Method::POST,
            body: Some(body.to_string()),
            ..get(Url::parse(&address)?, &self.pim)
        })
    }

    /// What attributes are called.
    pub(crate) fn attributes(&self, codes: &[&str]) -> Result<Call, Failure> {
        let search = json!({"code": [{"operator": "IN", "value": codes}]});
        let mut url = Url::parse(&format!("{}/api/rest/v1/attributes", self.urls.pim))?;
        url.query_pairs_mut()
            .append_pair("search", &search.to_string())
            .append_pair("limit", "100");
        Ok(get(url, &self.pim))
    }

    /// Rows of price lists, of at most 150 SKUs.
    pub(crate) fn prices(&self, lists: &[&str], skus: &[&str]) -> Result<Call, Failure> {
        let any = |field: &str, values: &[&str]| {
            let equal: Vec<String> = values
                .iter()
                .map(|value| format!("{field} eq '{}'", value.replace('\'', "''")))
                .collect();
            equal.join(" or ")
        };
        let filter = format!("({}) and ({})", any("assetNo", skus), any("priceListCode", lists));
        let mut url = Url::parse(&format!(
            "{}/v2.0/{}/{}/api/skuery/pricing/v1.0/companies({})/priceListLines",
            self.urls.erp,
            logins::ERP_TENANT,
            logins::ERP_ENVIRONMENT,
            logins::ERP_COMPANY
        ))?;
        url.query_pairs_mut().append_pair("$filter", &filter);
        Ok(get(url, &self.erp))
    }

    /// Stock at the channel's locations, of at most 200 SKUs.
    pub(crate) fn stock(&self, skus: &[&str]) -> Result<Call, Failure> {
        let mut url = Url::parse(&format!(
            "{}/api/v1/articles/inventoryPerWarehouse",
            self.urls.wms
        ))?;
        url.query_pairs_mut()
            .append_pair("goodsOwnerId", &logins::WMS_GOODS_OWNER_ID.to_string())
            .extend_pairs(skus.iter().map(|sku| ("articleNumbers", *sku)))
            .extend_pairs(LOCATIONS.map(|location| ("warehouseIds", location)));
        Ok(get(url, &self.wms))
    }

    /// Sends it and waits for the whole answer.
    pub(crate) async fn send(&self, call: Call) -> Result<Bytes, Failure> {
        let mut request = self
            .client
            .request(call.method, call.url)
            .header(AUTHORIZATION, call.authorization)
            .header(ACCEPT, "application/json");
        if let Some(body) = call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        Ok(request.send().await?.error_for_status()?.bytes().await?)
    }
}

fn get(url: Url, authorization: &str) -> Call {
    Call {
        method: Method::GET,
        url,
        authorization: authorization.to_owned(),
        body: None,
    }
}

impl fmt::Debug for Call {
    /// Without the login.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.url)
    }
}
