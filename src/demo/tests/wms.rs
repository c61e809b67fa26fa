//! The WMS: login, stock by article and warehouse, paging.

use serde_json::{Value, json};

use super::{Bench, ODD, ok, refused};

const STOCK: &str = "/api/v1/articles/inventoryPerWarehouse";

fn numbers(body: &Value) -> Vec<&str> {
    body.as_array()
        .unwrap()
        .iter()
        .map(|row| row["articleNumber"].as_str().unwrap())
        .collect()
}

fn sellable(row: &Value) -> f64 {
    let levels = row["inventoryPerWarehouse"].as_array().unwrap();
    let pieces = levels.iter().map(|level| &level["sellableNumberOfItems"]);
    pieces.map(|pieces| pieces.as_f64().unwrap()).sum()
}

#[tokio::test]
async fn asks_for_a_login_and_the_goods_owner() {
    let bench = Bench::start().await;
    let url = format!("{}{STOCK}?goodsOwnerId=7", bench.demo.wms_url());
    refused(bench.client.get(&url), 401).await;
    refused(bench.client.get(&url).basic_auth("skuery", Some("wrong")), 401).await;
    refused(bench.wms(STOCK, &[]), 400).await;
    refused(bench.wms(STOCK, &[("goodsOwnerId", "seven")]), 400).await;
}

#[tokio::test]
async fn answers_stock_of_odd_numbers_and_leaves_out_unknown_ones() {
    let bench = Bench::start().await;
    let mut query = vec![
        ("goodsOwnerId", "7"),
        ("articleNumbers", "NOPE"),
        ("articleNumbers", ODD[3]),
    ];
    query.extend(ODD.iter().map(|number| ("articleNumbers", *number)));
    let body = ok(bench.wms(STOCK, &query)).await;
    assert_eq!(numbers(&body), ODD);
    assert!(body.as_array().unwrap().iter().all(|row| sellable(row) > 0.0));
    let rows = body[0]["inventoryPerWarehouse"].as_array().unwrap();
    assert_eq!(rows.len(), 5);
    assert!(rows[0]["sellableNumberOfItems"].to_string().ends_with(".0"));
    assert_eq!(bench.demo.system("wms").unwrap().keys(), 12);
    query.extend([("warehouseIds", "1"), ("warehouseIds", "3")]);
    let body = ok(bench.wms(STOCK, &query)).await;
    let places: Vec<_> = body[0]["inventoryPerWarehouse"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["warehouseId"])
        .collect();
    assert_eq!(places, [&json!(1), &json!(3)]);
}

#[tokio::test]
async fn pages_by_article_id_and_has_every_kind_of_stock() {
    let bench = Bench::start().await;
    let (mut from, mut rows) = (0, Vec::new());
    loop {
        let start = from.to_string();
        let body = ok(bench.wms(
            STOCK,
            &[
                ("goodsOwnerId", "7"),
                ("articleSystemIdFrom", &start),
                ("maxArticlesToGet", "2000"),
            ],
        ))
        .await;
        let page = body.as_array().unwrap();
        let Some(last) = page.last() else { break };
        from = last["articleSystemId"].as_u64().unwrap() + 1;
        rows.extend(page.clone());
    }
    assert!((4500..5000).contains(&rows.len()), "{}", rows.len());
    let count = |test: fn(f64) -> bool| rows.iter().filter(|row| test(sellable(row))).count();
    assert!(count(|pieces| pieces < 0.0) > 20);
    assert!(count(|pieces| pieces == 0.0) > 300);
    assert!(count(|pieces| (1.0..=3.0).contains(&pieces)) > 100);
    assert!(count(|pieces| pieces > 20.0) > 1000);
}

#[tokio::test]
async fn knows_its_warehouses_and_incoming_deliveries() {
    let bench = Bench::start().await;
    let places = ok(bench.wms("/api/v1/warehouses", &[])).await;
    let codes: Vec<_> = places
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["WH-STO", "WH-CPH", "WH-WAW", "ST-MAL", "ST-BER"]);
    let articles = ok(bench.wms(
        "/api/v1/articles",
        &[("goodsOwnerId", "7"), ("maxArticlesToGet", "40")],
    ))
    .await;
    let incoming = articles
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["inventoryInfo"]["toReceiveNumberOfItems"].as_f64() > Some(0.0))
        .count();
    assert!(incoming > 2 && articles[0]["barCodeInfo"]["barCode"].is_string());
}
