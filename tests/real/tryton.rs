//! Products, customers' list prices and stock, live from a real Tryton, with the configuration file of the README.

use std::path::PathBuf;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use skuery::config::{Config, build};
use skuery_resolvers::commerce::gateway::Parts;

use crate::dataset::{Dataset, Product};
use crate::gateway::{Gateway, skuery};

const EXAMPLE: &str = include_str!("../../examples/tryton.yaml");
const SECRETS: &[(&str, &str)] = &[("TRYTON_PASSWORD", "gateway-real-1")];
const WAREHOUSES: [&str; 3] = ["WH-NORTH", "WH-SOUTH", "WH-STORE"];

/// The example file with the address of the Tryton under test.
pub(crate) fn configuration(name: &str) -> PathBuf {
    let url = std::env::var("SKUERY_TRYTON_URL").expect("SKUERY_TRYTON_URL: scripts/test sets it");
    let url = url.trim_end_matches('/').trim_end_matches("/tryton");
    assert!(
        EXAMPLE.contains("url: http://127.0.0.1:18000"),
        "the example's address has moved"
    );
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(
        &file,
        EXAMPLE.replace("url: http://127.0.0.1:18000", &format!("url: {url}")),
    )
    .expect("a file");
    file
}

fn channel(list: Option<&str>) -> &'static str {
    match list {
        None => "retail",
        Some("PL-GOLD") => "gold",
        Some("PL-ACME") => "acme",
        Some(other) => panic!("no channel for {other}"),
    }
}

/// The parts of a gateway with that file, for what no client can ask yet: in this process, with the secrets above.
pub(crate) fn parts(name: &str) -> Parts {
    // Another test of this process may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let file = configuration(name);
    let (config, text) = Config::read(&file).expect("the example");
    let env = |name: &str| {
        let found = SECRETS.iter().find(|(known, _)| *known == name);
        found.map(|(_, secret)| (*secret).to_owned())
    };
    build(&config, &file.display().to_string(), &text, &env).expect("the parts")
}

pub(crate) fn skus(products: &[&Product]) -> Vec<String> {
    products.iter().map(|product| product.sku.clone()).collect()
}

pub(crate) fn decimal(value: &Value) -> Decimal {
    value
        .as_str()
        .expect("a decimal as text")
        .parse()
        .expect("a decimal")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_price_of_every_customer_is_what_the_data_set_says() {
    let data = Dataset::read();
    let gateway = Gateway::start(&configuration("prices.yaml"), SECRETS);
    let query = "query($skus: [String!]!, $quantity: Decimal!) {
        variants(skus: $skus) { sku price(quantity: $quantity) { unitPrice { net { amount currency } gross { amount } } } }
    }";
    let active: Vec<&Product> = data.products.iter().filter(|product| product.active).collect();
    let mut compared = 0;
    for customer in &data.customers {
        let list = customer.price_list.as_deref();
        for quantity in [1, 9, 10, 49, 50, 99, 100] {
            let variables = json!({ "skus": skus(&active), "quantity": quantity.to_string() });
            let answer = gateway.data(channel(list), query, variables).await;
            for (product, variant) in active.iter().zip(answer["variants"].as_array().expect("a list")) {
                assert_eq!(variant["sku"], product.sku);
                let price = &variant["price"]["unitPrice"];
                let expected = data.expected_price(product, list, quantity);
                let place = format!("{} × {quantity} for {} ({list:?})", product.sku, customer.code);
                assert_eq!(decimal(&price["net"]["amount"]), expected, "{place}");
                assert_eq!(price["net"]["currency"], "EUR", "{place}");
                assert_eq!(
                    price["gross"],
                    Value::Null,
                    "{place}: a side that Tryton does not give"
                );
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 8 * 7 * 196);
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_is_equal_in_every_warehouse() {
    let data = Dataset::read();
    let gateway = Gateway::start(&configuration("stock.yaml"), SECRETS);
    let query = "query($skus: [String!]!) {
        variants(skus: $skus) { sku availability { quantity levels { location { code } available } } }
    }";
    let active: Vec<&Product> = data.products.iter().filter(|product| product.active).collect();
    let answer = gateway
        .data("retail", query, json!({ "skus": skus(&active) }))
        .await;
    for (product, variant) in active.iter().zip(answer["variants"].as_array().expect("a list")) {
        let levels = variant["availability"]["levels"].as_array().expect("levels");
        let shown: Vec<(&str, Decimal)> = levels
            .iter()
            .map(|level| {
                (
                    level["location"]["code"].as_str().expect("a code"),
                    decimal(&level["available"]),
                )
            })
            .collect();
        let expected = WAREHOUSES.map(|code| (code, Decimal::from(data.expected_available(product, code))));
        assert_eq!(shown, expected, "{}", product.sku);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_is_complete_and_inactive_products_are_not_sold() {
    let data = Dataset::read();
    let gateway = Gateway::start(&configuration("catalogue.yaml"), SECRETS);
    let query = "query($after: String) {
        products(first: 20, after: $after) {
            totalCount
            pageInfo { hasNextPage endCursor }
            nodes { name categories { name } variants { sku gtin } }
        }
    }";
    let mut seen = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = gateway.data("retail", query, json!({ "after": after })).await["products"].take();
        assert_eq!(page["totalCount"], 50);
        for product in page["nodes"].as_array().expect("a list") {
            for variant in product["variants"].as_array().expect("variants") {
                let sku = variant["sku"].as_str().expect("a SKU").to_owned();
                let expected = data
                    .products
                    .iter()
                    .find(|expected| expected.sku == sku)
                    .expect("a known SKU");
                assert_eq!(product["name"], expected.family_name, "{sku}");
                assert_eq!(product["categories"][0]["name"], expected.category, "{sku}");
                assert_eq!(variant["gtin"], expected.gtin, "{sku}");
                seen.push(sku);
            }
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    seen.sort();
    let mut active: Vec<String> = data
        .products
        .iter()
        .filter(|product| product.active)
        .map(|product| product.sku.clone())
        .collect();
    active.sort();
    assert_eq!(seen, active);
    let inactive = gateway
        .data("retail", "{ variant(sku: \"SKU-0049\") { sku } }", json!({}))
        .await;
    assert_eq!(inactive["variant"], Value::Null);
}

#[test]
fn check_tries_the_real_system_and_names_what_is_wrong() {
    let good = configuration("check.yaml");
    let output = skuery(&["check"], &good, SECRETS).output().expect("it runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );

    let text = std::fs::read_to_string(&good)
        .expect("the file")
        .replace("WH-STORE: WH-STORE", "WH-STORE: WH-NOWHERE");
    let bad = good.with_file_name("check-bad.yaml");
    std::fs::write(&bad, text).expect("a file");
    let output = skuery(&["check"], &bad, SECRETS).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        !output.status.success(),
        "a location that Tryton does not know: {said}"
    );
    assert!(
        said.contains("FAILED  erp: stock: WH-STORE"),
        "the location is named as we call it: {said}"
    );

    let text = std::fs::read_to_string(&good)
        .expect("the file")
        .replace("price_lists: { EUR: PL-GOLD }", "price_lists: { EUR: PL-GOLDD }");
    let bad = good.with_file_name("check-list.yaml");
    std::fs::write(&bad, text).expect("a file");
    let output = skuery(&["check"], &bad, SECRETS).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("FAILED  erp: price list PL-GOLDD in EUR"), "{said}");
    assert!(said.contains("ok      erp: price list PL-ACME in EUR"), "{said}");
    assert!(
        !output.status.success(),
        "a price list that Tryton does not know: {said}"
    );
}
