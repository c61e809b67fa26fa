//! A price service of one's own, connected by a mapping in the configuration, that answers oddly.

use std::fmt::Write as _;

use crate::script::{Reply, Script};
use crate::shop::Shop;

const QUERY: &str = r#"{ variants(skus: ["MC-10008-WHT-M", "MC-10008-WHT-L"]) { name
    price { unitPrice { net { amount currency } gross { amount } } freshness { system } } availability { quantity } } }"#;

/// `mode: calculated` makes two prices of one key a contradiction.
const MAPPING: &str = r#"  erp:
    connector: rest
    url: ${url}
    mapping:
      inline:
        summary: a price service of one's own
        protocol: rest
        failures: [{ path: problem }]
        lookups:
          prices:
            mode: calculated
            keys: { max: 100 }
            request:
              path: /prices
              query:
                - [list, "{{ price_list }}"]
                - [sku, { each: "{{ keys }}" }]
            answer:
              items: prices
              key: { path: sku }
              fields:
                net: { path: net }
                price_list: { path: list }
                currency: { path: currency }
"#;

/// A shop whose prices come from a script; every question goes to it.
struct Prices {
    shop: Shop,
    script: Script,
}

impl Prices {
    async fn start() -> Self {
        let script = Script::start(Reply::json(r#"{"prices":[]}"#)).await;
        let mapping = MAPPING.replace("${url}", &script.url);
        let shop = Shop::with(|yaml| {
            let (before, rest) = yaml.split_once("  erp:\n").expect("the ERP's section");
            let (_, after) = rest.split_once("\n  wms:\n").expect("the section after it");
            format!(
                "{before}{mapping}\n  wms:\n{after}cache:\n  prices: {{ fresh_secs: 0, negative_secs: 0 }}\n"
            )
        })
        .await;
        Self { shop, script }
    }

    /// Both prices in a line, after one call. Whatever the service says, names and stock come.
    async fn check(&self, reply: Reply) -> String {
        self.script.say(reply);
        let answer = self.shop.query(QUERY).await;
        assert_eq!(self.script.requests().len(), 1, "one call, never repeated");
        let mut line = String::new();
        for (index, quantity) in ["59", "60"].into_iter().enumerate() {
            let variant = answer.partial(&format!("variants.{index}"));
            assert_eq!(variant["availability"]["quantity"], quantity);
            assert_eq!(variant["name"], "Hanseat Vega 1 jethjälm");
            let price = &variant["price"]["unitPrice"];
            assert!(
                price["gross"].is_null(),
                "a side the system does not give is never invented"
            );
            let net = price["net"]["amount"].as_str().unwrap_or("none");
            write!(line, "{}{net}", if index == 0 { "" } else { ", " }).expect("a string takes it");
        }
        for error in answer.errors() {
            write!(line, "; {error}").expect("a string takes it");
        }
        line
    }
}

fn row(sku: &str, net: &str, currency: &str) -> String {
    format!(r#"{{"sku":"{sku}","net":{net},"currency":"{currency}"}}"#)
}

fn answer(rows: &[String]) -> Reply {
    Reply::json(format!(r#"{{"prices":[{}]}}"#, rows.join(",")))
}

fn first(net: &str) -> String {
    row("MC-10008-WHT-M", net, "SEK")
}

fn second() -> String {
    row("MC-10008-WHT-L", "20", "SEK")
}

#[tokio::test]
async fn prices_keep_every_digit() {
    let prices = Prices::start().await;
    for (net, shown) in [
        ("129.9000", "129.9000"),
        ("0.1", "0.1"),
        ("0.30000000000000000004", "0.30000000000000000004"),
        ("12345678901234.5678", "12345678901234.5678"),
        ("0", "0"),
    ] {
        assert_eq!(
            prices.check(answer(&[first(net), second()])).await,
            format!("{shown}, 20"),
            "{net}"
        );
    }
}

#[tokio::test]
async fn a_price_that_is_none_is_an_error_of_its_key_alone() {
    let prices = Prices::start().await;
    for net in [
        "NaN",
        "Infinity",
        "-Infinity",
        "-1",
        "1e308",
        "\"12,50\"",
        "\"12.50\"",
        "1000000000000000",
        "{}",
        "true",
    ] {
        assert_eq!(
            prices.check(answer(&[first(net), second()])).await,
            "none, 20; variants.0.price SYSTEM_REJECTED erp final",
            "{net}"
        );
    }
}

#[tokio::test]
async fn a_price_in_another_currency_is_no_price() {
    let prices = Prices::start().await;
    let foreign = row("MC-10008-WHT-M", "10", "EUR");
    assert_eq!(prices.check(answer(&[foreign, second()])).await, "none, 20");
    let small = row("MC-10008-WHT-M", "10", "sek");
    assert_eq!(prices.check(answer(&[small, second()])).await, "none, 20");
    let both = [row("MC-10008-WHT-M", "10", "EUR"), first("11"), second()];
    assert_eq!(prices.check(answer(&both)).await, "11, 20");
}

#[tokio::test]
async fn prices_are_matched_by_key_and_contradictions_are_refused() {
    let prices = Prices::start().await;
    assert_eq!(
        prices.check(answer(&[second(), first("10")])).await,
        "10, 20",
        "other order"
    );
    assert_eq!(
        prices.check(answer(&[first("10"), first("10"), second()])).await,
        "10, 20",
        "the same twice"
    );
    assert_eq!(
        prices.check(answer(&[first("10"), second(), first("11")])).await,
        "none, 20; variants.0.price SYSTEM_REJECTED erp final"
    );
    let foreign = row("MC-10009-BLK-40", "1", "SEK");
    assert_eq!(
        prices.check(answer(&[foreign, first("10"), second()])).await,
        "10, 20"
    );
    assert_eq!(
        prices.check(answer(&[second()])).await,
        "none, 20",
        "no price is no error"
    );
    let another_case = row("mc-10008-wht-m", "1", "SEK");
    assert_eq!(prices.check(answer(&[another_case, second()])).await, "none, 20");
}

#[tokio::test]
async fn a_failure_inside_a_good_status_is_a_failure() {
    let prices = Prices::start().await;
    let both =
        "none, none; variants.0.price SYSTEM_REJECTED erp final; variants.1.price SYSTEM_REJECTED erp final";
    assert_eq!(
        prices
            .check(Reply::json(r#"{"problem":"licence expired","prices":[]}"#))
            .await,
        both
    );
    assert_eq!(prices.check(Reply::json(r#"{"prices":null}"#)).await, both);
    assert_eq!(prices.check(Reply::json(r#"{"prices":{}}"#)).await, both);
    assert_eq!(prices.check(Reply::json("[]")).await, both);
}

#[tokio::test]
async fn the_service_is_asked_once_for_all_keys_of_the_list() {
    let prices = Prices::start().await;
    prices.shop.query(QUERY).await;
    assert_eq!(
        prices.script.requests(),
        ["GET /prices?list=RETAIL-SEK&sku=MC-10008-WHT-M&sku=MC-10008-WHT-L"]
    );
}

#[tokio::test]
async fn a_row_of_a_price_list_that_was_not_asked_for_is_nobodys_price() {
    let prices = Prices::start().await;
    let rows = r#"{"prices":[
        {"sku":"MC-10008-WHT-M","net":1,"currency":"SEK","list":"DEALER-SEK"},
        {"sku":"MC-10008-WHT-M","net":90.75,"currency":"SEK","list":"RETAIL-SEK"},
        {"sku":"MC-10008-WHT-L","net":2,"currency":"SEK","list":"GOLD-SEK"}]}"#;
    assert_eq!(prices.check(Reply::json(rows)).await, "90.75, none");
}
