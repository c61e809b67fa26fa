//! `docs/CONNECTORS.md` is true: its example runs, and its reference names every key there is.

use serde_json::Value as Json;
use skuery_schema::ids::{LocationCode, Sku};
use skuery_schema::order_words::OrderStatus;

use super::{group, moment};
use crate::connector::System;
use crate::connector::config::{MappingSource, SystemConfig};
use crate::connector::record::{LOOKUPS, Record, record};
use crate::connector::vars::NAMES;
use crate::door::tests::call;
use crate::door::tests::server::{Server, json as answer, reply};
use crate::port::StockGroup;
use crate::port::orders::{DocumentKey, OrderList, OrderQuestion, Owner, Which};

fn guide() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/CONNECTORS.md");
    std::fs::read_to_string(path).expect("the guide")
}

/// The code block after `<!-- name -->`.
pub(super) fn block(name: &str) -> String {
    let guide = guide();
    let (_, after) = guide
        .split_once(&format!("<!-- {name} -->\n```"))
        .expect("the block");
    let (_, code) = after.split_once('\n').expect("its first line");
    let (code, _) = code.split_once("\n```").expect("its end");
    code.to_owned()
}

#[tokio::test]
async fn the_example_of_the_guide_works_as_described() {
    let prices: Json = serde_json::from_str(&block("prices")).expect("JSON");
    let stock: Json = serde_json::from_str(&block("stock")).expect("JSON");
    let server = Server::start(move |seen| {
        assert_eq!(seen.header("x-api-key"), Some("hush"));
        match seen.line.as_str() {
            "GET /v1/prices?article=KX-100&article=KX-200&tariff=GOLD&currency=EUR" => answer(&prices),
            "GET /v1/articles/KX-100/stock" => answer(&stock),
            _ => reply(404, "text/plain", b""),
        }
    })
    .await;
    let mut config: SystemConfig = serde_saphyr::from_str(&block("system")).expect("a system");
    config.url.clone_from(&server.url);
    config.mapping = Some(MappingSource {
        file: None,
        inline: Some(serde_saphyr::from_str(&block("mapping")).expect("a mapping")),
    });
    let env = |name: &str| (name == "BERGMANN_KEY").then(|| "hush".to_owned());
    let system = System::build("bergmann".into(), &config, &env).expect("a system");

    let skus = ["KX-100", "KX-200"].map(Sku::new);
    let found = system
        .prices
        .expect("prices")
        .prices(call(5), &group(Some("GOLD"), "EUR", None), &skus)
        .await
        .expect("an answer");
    let rows = found[&skus[0]].as_ref().expect("rows");
    let tiers: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {:?} {:?}", row.minimum_quantity, row.net, row.valid_until))
        .collect();
    assert_eq!(tiers, ["1 Some(12.50) None", "10 Some(11.25) Some(2099-12-31)"]);

    let group = StockGroup { location: None };
    let found = system
        .stock
        .expect("stock")
        .stock(call(5), &group, &skus)
        .await
        .expect("an answer");
    assert_eq!(found.len(), 1, "a 404 is an unknown key");
    let figures = found[&skus[0]].as_ref().expect("figures");
    assert_eq!(figures[0].location, LocationCode::new("NORTH"));
    assert_eq!(figures[0].available, 12.into());
}

#[tokio::test]
async fn the_till_of_the_guide_works_as_described() {
    let receipts: Json = serde_json::from_str(&block("receipts")).expect("JSON");
    let server = Server::start(move |seen| {
        assert_eq!(seen.header("authorization"), Some("Basic Z2F0ZXdheTpodXNo"));
        match seen.line.as_str() {
            "GET /api/receipts?customer=10031&from=1764547200&start=0&num=50" => answer(&receipts),
            "GET /api/receipts?customer=10031&web_order=W-881" => answer(&receipts),
            "GET /api/receipts/S1-20417/receipt.pdf" => reply(200, "application/pdf", b"%PDF"),
            _ => reply(404, "text/plain", b""),
        }
    })
    .await;
    let mut config: SystemConfig = serde_saphyr::from_str(&block("till-system")).expect("a system");
    config.url.clone_from(&server.url);
    config.mapping = Some(MappingSource {
        file: None,
        inline: Some(serde_saphyr::from_str(&block("till")).expect("a mapping")),
    });
    let env = |name: &str| (name == "KASSA_PASSWORD").then(|| "hush".to_owned());
    let system = System::build("kassa".into(), &config, &env).expect("a system");
    let orders = system.orders.expect("orders");
    let owner = Owner::Customer("10031".into());
    let placed = Which::Placed {
        since: Some(moment("2025-12-01T00:00:00Z")),
        until: None,
        offset: 0,
        limit: 50,
    };
    for which in [placed, Which::Reference("W-881".into())] {
        let list = OrderList::Orders;
        let question = OrderQuestion { list, which };
        let page = orders
            .orders(call(5), &owner, &question)
            .await
            .expect("an answer");
        let order = &page.orders[0];
        assert_eq!(order.status, OrderStatus::Completed);
        let tax = order.total.tax.expect("both sides are there");
        assert_eq!(tax.amount.to_string(), "249.00");
        let skus: Vec<&str> = order.lines.iter().map(|line| line.sku.as_str()).collect();
        assert_eq!(skus, ["KX-100", "KX-200"]);
        let receipt = &order.documents.as_ref().expect("documents")[0];
        let key = DocumentKey {
            kind: receipt.kind,
            key: receipt.key.clone().expect("a key"),
        };
        let body = orders.document(call(5), &key).await.expect("a document");
        assert_eq!(body.content_type.as_deref(), Some("application/pdf"));
    }
    let unknown = OrderQuestion {
        list: OrderList::Orders,
        which: Which::Number("nope".into()),
    };
    let page = orders.orders(call(5), &owner, &unknown).await.expect("an answer");
    assert_eq!((page.orders.len(), page.seen), (0, 0), "a 404 is no order");
}

/// The names of a record's values and lists, and of those inside.
fn names(record: &'static Record) -> Vec<&'static str> {
    let mut found: Vec<&str> = record.rules().map(|rule| rule.name).collect();
    for (name, inner) in record.lists {
        found.push(name);
        found.extend(names(inner));
    }
    found
}

#[test]
fn the_reference_names_every_lookup_value_and_variable() {
    let guide = guide();
    let values = LOOKUPS
        .into_iter()
        .flat_map(|lookup| [lookup.as_str()].into_iter().chain(names(record(lookup))));
    // The last three are the template engine's own.
    let variables = NAMES.iter().copied().take(NAMES.len() - 3);
    for name in values.chain(variables) {
        assert!(
            guide.contains(&format!("`{name}`")),
            "`{name}` is not in the guide"
        );
    }
}
