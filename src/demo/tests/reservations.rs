//! Reservations of the WMS: all or nothing, for a time, replaced by reference, bound to an order.

use futures_util::future::join_all;
use jiff::{Timestamp, ToSpan};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Bench, answer, ok, refused};

const SKU: &str = "MC-D'ARC-M";
const OTHER: &str = "MC 11992 X";

fn wish(lines: &[(&str, i64)], seconds: i64) -> Value {
    let until = Timestamp::now() + seconds.seconds();
    let lines: Vec<_> = lines
        .iter()
        .map(|(sku, quantity)| json!({"articleNumber": sku, "warehouseId": 1, "quantity": quantity}))
        .collect();
    json!({"goodsOwnerId": 7, "expiresAt": until.to_string(), "lines": lines})
}

async fn bench(stock: &[(&str, i64)]) -> Bench {
    let bench = Bench::start().await;
    let stock: serde_json::Map<_, _> = stock
        .iter()
        .map(|(sku, quantity)| ((*sku).to_owned(), json!(quantity)))
        .collect();
    bench.turn("wms", json!({ "stock": stock }));
    bench
}

async fn reserve(bench: &Bench, reference: &str, lines: &[(&str, i64)]) -> (StatusCode, Value) {
    let request = bench.reservation(Method::PUT, reference, "");
    answer(request.json(&wish(lines, 60))).await
}

async fn release(bench: &Bench, reference: &str) -> StatusCode {
    let request = bench.reservation(Method::DELETE, reference, "");
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn a_hundred_at_once_get_what_there_is_and_not_one_piece_more() {
    let bench = bench(&[(SKU, 20), (OTHER, 1000)]).await;
    let wishes = (0..100).map(|at| {
        let bench = &bench;
        // The second line always fits: it must not stay behind where the first does not.
        async move {
            reserve(bench, &format!("cart-{at}"), &[(SKU, 1), (OTHER, 1)])
                .await
                .0
        }
    });
    let ends = join_all(wishes).await;
    let held = ends.iter().filter(|status| **status == StatusCode::OK).count();
    let short = ends
        .iter()
        .filter(|status| **status == StatusCode::CONFLICT)
        .count();
    assert_eq!((held, short), (20, 80));
    assert_eq!((bench.sellable(SKU).await, bench.sellable(OTHER).await), (0, 980));
    assert_eq!(bench.demo.reservations().as_object().unwrap().len(), 20);
}

#[tokio::test]
async fn what_is_short_is_named_and_nothing_is_set_aside() {
    let bench = bench(&[(SKU, 2), (OTHER, 5)]).await;
    let (status, body) = reserve(&bench, "cart", &[(OTHER, 5), (SKU, 3)]).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let expected = json!([{"articleNumber": SKU, "warehouseId": 1, "sellable": 2.0}]);
    assert_eq!(body["shortages"].to_string(), expected.to_string());
    assert_eq!((bench.sellable(SKU).await, bench.sellable(OTHER).await), (2, 5));
    refused(bench.reservation(Method::GET, "cart", ""), 404).await;
    // Two lines of one article share what there is.
    assert_eq!(
        reserve(&bench, "cart", &[(SKU, 1), (SKU, 2)]).await.0,
        StatusCode::CONFLICT
    );
    assert_eq!(
        reserve(&bench, "cart", &[(SKU, 1), (SKU, 1)]).await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_reference_is_replaced_by_what_it_asks_for_next_and_stays_when_that_is_too_much() {
    let bench = bench(&[(SKU, 10)]).await;
    for quantity in [8, 8, 10, 3] {
        // Its own pieces never stand in its way.
        assert_eq!(
            reserve(&bench, "cart", &[(SKU, quantity)]).await.0,
            StatusCode::OK
        );
        assert_eq!(bench.sellable(SKU).await, 10 - quantity);
    }
    assert_eq!(
        reserve(&bench, "cart", &[(SKU, 11)]).await.0,
        StatusCode::CONFLICT
    );
    let held = ok(bench.reservation(Method::GET, "cart", "")).await;
    assert_eq!(held["lines"][0]["quantity"].to_string(), "3.0");
    assert!(held["expiresAt"].is_string() && held["orderNumber"].is_null());
    assert_eq!(bench.sellable(SKU).await, 7);
}

#[tokio::test]
async fn giving_back_is_a_success_however_often_and_of_whatever() {
    let bench = bench(&[(SKU, 10)]).await;
    reserve(&bench, "cart", &[(SKU, 4)]).await;
    for reference in ["cart", "cart", "never"] {
        assert_eq!(release(&bench, reference).await, StatusCode::NO_CONTENT);
    }
    assert_eq!(bench.sellable(SKU).await, 10);
}

#[tokio::test]
async fn it_ends_by_the_clock() {
    let bench = bench(&[(SKU, 10)]).await;
    let until = Timestamp::now() + 400.milliseconds();
    let mut wish = wish(&[(SKU, 4)], 60);
    wish["expiresAt"] = json!(until.to_string());
    ok(bench.reservation(Method::PUT, "cart", "").json(&wish)).await;
    while Timestamp::now() <= until {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    refused(bench.reservation(Method::GET, "cart", ""), 404).await;
    assert_eq!(bench.sellable(SKU).await, 10);
    let commit = bench.reservation(Method::POST, "cart", "/commit");
    refused(commit.json(&json!({"orderNumber": "SO-1"})), 404).await;
}

#[tokio::test]
async fn bound_to_an_order_it_stays_and_counts_once_when_the_order_comes() {
    let bench = bench(&[(SKU, 10)]).await;
    bench.turn("erp", json!({"releaseAfterMs": 0}));
    reserve(&bench, "cart", &[(SKU, 4)]).await;
    let commit = |order: &str| {
        let request = bench.reservation(Method::POST, "cart", "/commit");
        request.json(&json!({ "orderNumber": order }))
    };
    let order = json!({
        "customerNumber": "10010",
        "salesOrderLines": [{"lineType": "Item", "lineObjectNumber": SKU, "quantity": 4, "unitPrice": 1}],
    });
    let (_, order) = answer(bench.order(&order)).await;
    let number = order["number"].as_str().unwrap();
    // The WMS knows of order and reservation, and not yet that they are one.
    assert_eq!(bench.sellable(SKU).await, 2);
    for _ in 0..2 {
        let held = ok(commit(number)).await;
        assert_eq!(
            (&held["orderNumber"], &held["expiresAt"]),
            (&json!(number), &Value::Null)
        );
    }
    assert_eq!(bench.sellable(SKU).await, 6);
    refused(commit("SO-2"), 409).await;
    refused(bench.reservation(Method::DELETE, "cart", ""), 400).await;
    refused(
        bench
            .reservation(Method::PUT, "cart", "")
            .json(&wish(&[(SKU, 1)], 60)),
        400,
    )
    .await;
    // Whoever counts the shelves finds what is left on them.
    bench.turn("wms", json!({"stock": {SKU: 6}}));
    assert_eq!(bench.sellable(SKU).await, 6);
}

#[tokio::test]
async fn bound_before_the_order_comes_it_counts_all_the_same() {
    let bench = bench(&[(SKU, 10)]).await;
    reserve(&bench, "cart", &[(SKU, 4)]).await;
    let commit = bench.reservation(Method::POST, "cart", "/commit");
    ok(commit.json(&json!({"orderNumber": "SO-9"}))).await;
    assert_eq!(bench.sellable(SKU).await, 6);
    assert_eq!(
        reserve(&bench, "other", &[(SKU, 7)]).await.0,
        StatusCode::CONFLICT
    );
}

#[tokio::test]
async fn a_wish_that_makes_no_sense_is_refused() {
    let bench = bench(&[(SKU, 10)]).await;
    let good = wish(&[(SKU, 1)], 60);
    let with = |path: &str, value: Value| {
        let mut wish = good.clone();
        *wish.pointer_mut(path).unwrap() = value;
        wish
    };
    for wish in [
        json!([]),
        with("/goodsOwnerId", json!(8)),
        with("/expiresAt", json!("tomorrow")),
        with("/expiresAt", json!("2020-01-01T00:00:00Z")),
        with("/expiresAt", json!("2099-01-01T00:00:00Z")),
        with("/lines", json!([])),
        with("/lines/0/articleNumber", json!("NOPE")),
        with("/lines/0/warehouseId", json!(9)),
        with("/lines/0/quantity", json!(0)),
        with("/lines/0/quantity", json!(-1)),
        with("/lines/0/quantity", json!(0.5)),
        with("/lines/0/quantity", json!("1")),
    ] {
        refused(bench.reservation(Method::PUT, "cart", "").json(&wish), 400).await;
    }
    let url = format!("{}/api/v1/reservations/cart", bench.demo.wms_url());
    refused(bench.client.put(&url).json(&good), 401).await;
    refused(bench.client.get(&url), 401).await;
    assert_eq!(bench.demo.reservations(), json!({}));
}
