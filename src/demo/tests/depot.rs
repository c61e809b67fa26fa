//! The depot: what lies there, and what the ERP has sold of it.

use serde_json::json;

use super::{Bench, address, answer, ok, refused};

const SKU: &str = "MC-D'ARC-M";

fn order(quantity: i64, location: &str) -> serde_json::Value {
    json!({
        "customerNumber": "10010",
        "salesOrderLines": [{
            "lineType": "Item", "lineObjectNumber": SKU, "quantity": quantity, "unitPrice": 10, "locationId": location,
        }],
    })
}

/// The ERP's id of the depot.
async fn depot(bench: &Bench) -> String {
    let body = ok(bench.erp("locations", &[("$filter", "code eq 'DEP'")])).await;
    body["value"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn tells_what_lies_there_and_leaves_out_what_it_does_not_know() {
    let bench = Bench::start().await;
    let asked = [("sku", SKU), ("sku", "NOPE"), ("sku", "MC-11997#2"), ("sku", SKU)];
    let body = ok(bench
        .client
        .get(address(bench.demo.depot_url(), "/stock", &asked)))
    .await;
    let skus: Vec<_> = body.as_array().unwrap().iter().map(|row| &row["sku"]).collect();
    assert_eq!(skus, ["MC-11997#2", SKU]);
    assert!(
        body.as_array()
            .unwrap()
            .iter()
            .all(|row| row["onHand"].as_i64() > Some(1))
    );
    assert_eq!(bench.demo.system("depot").unwrap().keys(), 3);
}

#[tokio::test]
async fn has_less_as_soon_as_the_erp_has_sold_it_and_what_is_counted_once_it_is_counted() {
    let bench = Bench::start().await;
    bench.turn("depot", json!({"stock": {SKU: 5}}));
    let depot = depot(&bench).await;
    let (status, _) = answer(bench.order(&order(3, &depot))).await;
    assert_eq!((status.as_u16(), bench.on_hand(SKU).await), (201, 2));
    // Nobody keeps the ERP from selling what is not there, and it shows.
    answer(bench.order(&order(3, &depot))).await;
    assert_eq!(bench.on_hand(SKU).await, -1);
    bench.turn("depot", json!({"stock": {SKU: 4}}));
    assert_eq!(bench.on_hand(SKU).await, 4);
}

#[tokio::test]
async fn the_erp_sells_no_more_than_there_is_once_it_is_told_to() {
    let bench = Bench::start().await;
    bench.turn("depot", json!({"stock": {SKU: 5}}));
    bench.turn("erp", json!({"rejectOversell": true}));
    let depot = depot(&bench).await;
    let orders = (0..10).map(|_| answer(bench.order(&order(1, &depot))));
    let ends = futures_util::future::join_all(orders).await;
    let taken = ends.iter().filter(|(status, _)| status.as_u16() == 201).count();
    assert_eq!((taken, bench.on_hand(SKU).await), (5, 0));
    let body = refused(bench.order(&order(1, &depot)), 400).await;
    assert_eq!(body["error"]["code"], "Application_DialogException");
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("insufficient quantity")
    );
    assert_eq!(bench.demo.orders().as_array().unwrap().len(), 5);
}
