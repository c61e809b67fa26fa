//! A warehouse that answers oddly: figures are matched by key, and an illegal one never reaches a client.

use std::fmt::Write as _;

use crate::script::{Reply, Script, with_address};
use crate::shop::Shop;

const FIRST: &str = "MC-10008-WHT-M";
const SECOND: &str = "MC-10008-WHT-L";
const QUERY: &str = r#"{ variants(skus: ["MC-10008-WHT-M", "MC-10008-WHT-L"]) { sku name
    price { unitPrice { gross { amount } } } availability { status quantity levels { available } } } }"#;

/// A shop whose warehouse is a script; every question goes to it.
struct Warehouse {
    shop: Shop,
    script: Script,
}

impl Warehouse {
    async fn start() -> Self {
        let script = Script::start(Reply::json("[]")).await;
        let url = script.url.clone();
        let shop = Shop::with(|yaml| {
            with_address(&yaml, "wms", &url) + "cache:\n  stock: { fresh_secs: 0, negative_secs: 0 }\n"
        })
        .await;
        Self { shop, script }
    }

    /// The answer in a line, after one call. Whatever the warehouse says, names and prices come.
    async fn check(&self, reply: Reply) -> String {
        self.script.say(reply);
        let answer = self.shop.query(QUERY).await;
        assert_eq!(self.script.requests().len(), 1, "one call, never repeated");
        let mut line = String::new();
        for (index, price) in ["1709", "1759"].into_iter().enumerate() {
            let variant = answer.partial(&format!("variants.{index}"));
            assert_eq!(variant["price"]["unitPrice"]["gross"]["amount"], price);
            assert_eq!(variant["name"], "Hanseat Vega 1 jethjälm");
            let stock = &variant["availability"];
            let shown = match stock["status"].as_str() {
                None => "none".to_owned(),
                Some(status) => format!("{status} {}", stock["quantity"].as_str().unwrap_or("-")),
            };
            write!(line, "{}{shown}", if index == 0 { "" } else { ", " }).expect("a string takes it");
        }
        for error in answer.errors() {
            write!(line, "; {error}").expect("a string takes it");
        }
        line
    }
}

/// One article with one figure per warehouse, as Ongoing writes it.
fn article(sku: &str, figures: &[(u32, &str)]) -> String {
    let rows: Vec<String> = figures
        .iter()
        .map(|(warehouse, figure)| {
            format!(r#"{{"warehouseId":{warehouse},"sellableNumberOfItems":{figure}}}"#)
        })
        .collect();
    format!(
        r#"{{"articleNumber":"{sku}","inventoryPerWarehouse":[{}]}}"#,
        rows.join(",")
    )
}

fn answer(articles: &[String]) -> Reply {
    Reply::json(format!("[{}]", articles.join(",")))
}

#[tokio::test]
async fn answers_are_matched_by_key_and_never_by_position() {
    let warehouse = Warehouse::start().await;
    let first = || article(FIRST, &[(1, "40"), (2, "2")]);
    let second = || article(SECOND, &[(1, "7")]);
    let usual = "IN_STOCK 42, IN_STOCK 7";
    assert_eq!(warehouse.check(answer(&[first(), second()])).await, usual);
    assert_eq!(
        warehouse.check(answer(&[second(), first()])).await,
        usual,
        "other order"
    );
    let foreign = article("MC-10009-BLK-40", &[(1, "999")]);
    assert_eq!(
        warehouse.check(answer(&[foreign, second(), first()])).await,
        usual,
        "rows nobody asked for"
    );
    assert_eq!(
        warehouse.check(answer(&[first(), second(), first()])).await,
        usual,
        "the same twice"
    );
    let elsewhere = article(FIRST, &[(3, "500"), (99, "500"), (1, "42")]);
    assert_eq!(
        warehouse.check(answer(&[elsewhere, second()])).await,
        usual,
        "other warehouses"
    );
    let metrics = warehouse.shop.get("/metrics").send().await.expect("metrics");
    let metrics = metrics.text().await.expect("text");
    assert!(
        metrics.contains("skuery_system_foreign_rows_total{system=\"wms\"} 1\n"),
        "the alarm counts them"
    );
}

#[tokio::test]
async fn half_the_keys_are_half_the_answer_and_a_missing_one_is_never_zero() {
    let warehouse = Warehouse::start().await;
    let first = article(FIRST, &[(1, "42")]);
    assert_eq!(warehouse.check(answer(&[first])).await, "IN_STOCK 42, UNKNOWN -");
    assert_eq!(warehouse.check(answer(&[])).await, "UNKNOWN -, UNKNOWN -");
    let listed_nowhere = article(FIRST, &[]);
    assert_eq!(
        warehouse.check(answer(&[listed_nowhere])).await,
        "OUT_OF_STOCK 0, UNKNOWN -"
    );
}

#[tokio::test]
async fn two_different_figures_for_one_place_are_an_error_of_that_key() {
    let warehouse = Warehouse::start().await;
    let said_twice = [
        article(FIRST, &[(1, "42")]),
        article(SECOND, &[(1, "7")]),
        article(FIRST, &[(1, "43")]),
    ];
    assert_eq!(
        warehouse.check(answer(&said_twice)).await,
        "none, IN_STOCK 7; variants.0.availability SYSTEM_REJECTED wms final"
    );
    let in_one_row = article(FIRST, &[(1, "42"), (1, "41")]);
    assert_eq!(
        warehouse
            .check(answer(&[in_one_row, article(SECOND, &[(1, "7")])]))
            .await,
        "none, IN_STOCK 7; variants.0.availability SYSTEM_REJECTED wms final"
    );
}

#[tokio::test]
async fn odd_but_legal_figures_are_shown_exactly() {
    let warehouse = Warehouse::start().await;
    for (figure, shown) in [
        ("-4", "OUT_OF_STOCK 0"),
        ("-0.0", "OUT_OF_STOCK 0"),
        ("2.5", "LOW_STOCK 2.5"),
        ("31.0", "IN_STOCK 31"),
        ("1e2", "IN_STOCK 100"),
        ("0.1000", "LOW_STOCK 0.1"),
        ("999999999999999", "IN_STOCK 999999999999999"),
    ] {
        let articles = [article(FIRST, &[(1, figure)]), article(SECOND, &[(1, "7")])];
        assert_eq!(
            warehouse.check(answer(&articles)).await,
            format!("{shown}, IN_STOCK 7"),
            "{figure}"
        );
    }
    let oversold_here = article(FIRST, &[(1, "-10"), (2, "6")]);
    assert_eq!(
        warehouse
            .check(answer(&[oversold_here, article(SECOND, &[(1, "7")])]))
            .await,
        "IN_STOCK 6, IN_STOCK 7",
        "what one place lacks is not taken from another"
    );
}

#[tokio::test]
async fn illegal_figures_are_an_error_of_their_key_alone() {
    let warehouse = Warehouse::start().await;
    for figure in [
        "1e308",
        "\"1.000,5\"",
        "null",
        "NaN",
        "Infinity",
        "true",
        "[]",
        "1000000000000000",
        "\"7\"",
    ] {
        let articles = [article(FIRST, &[(1, figure)]), article(SECOND, &[(1, "7")])];
        assert_eq!(
            warehouse.check(answer(&articles)).await,
            "none, IN_STOCK 7; variants.0.availability SYSTEM_REJECTED wms final",
            "{figure}"
        );
    }
}

#[tokio::test]
async fn an_illegal_answer_is_never_kept() {
    let script = Script::start(answer(&[article(FIRST, &[(1, "NaN")])])).await;
    let url = script.url.clone();
    let shop = Shop::with(|yaml| with_address(&yaml, "wms", &url) + crate::shop::LONG).await;
    let query = r#"{ variant(sku: "MC-10008-WHT-M") { availability { quantity freshness { state } } } }"#;
    let refused = shop.query(query).await;
    assert_eq!(
        refused.errors(),
        ["variant.availability SYSTEM_REJECTED wms final"]
    );
    script.say(answer(&[article(FIRST, &[(1, "42")])]));
    let good = shop.query(query).await;
    assert_eq!(good.data("variant.availability.quantity"), "42");
    assert_eq!(good.data("variant.availability.freshness.state"), "LIVE");
    // Nor does a later bad answer push a good one out.
    script.say(answer(&[article(FIRST, &[(1, "1e308")])]));
    let live = query.replace("availability {", "availability(maxAge: 0) {");
    assert!(shop.query(&live).await.partial("variant.availability").is_null());
    assert_eq!(
        shop.query(query).await.data("variant.availability.quantity"),
        "42"
    );
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn the_warehouse_is_asked_for_its_keys_and_places_and_nothing_else() {
    let warehouse = Warehouse::start().await;
    warehouse.script.say(answer(&[]));
    warehouse.shop.query(QUERY).await;
    let places = "warehouseIds=5&warehouseIds=4&warehouseIds=2&warehouseIds=1&warehouseIds=3";
    assert_eq!(
        warehouse.script.requests(),
        [format!(
            "GET /api/v1/articles/inventoryPerWarehouse?goodsOwnerId=7&articleNumbers={FIRST}&articleNumbers={SECOND}&{places}"
        )]
    );
}
