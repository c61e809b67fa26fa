//! Answers that do not arrive though the work is done: lost, replaced by an error, or late.

use reqwest::Method;
use serde_json::json;

use super::{Bench, answer, ok, refused};

fn order() -> serde_json::Value {
    json!({
        "customerNumber": "10010",
        "externalDocumentNumber": "SK-1",
        "salesOrderLines": [{"lineType": "Item", "lineObjectNumber": "MC-D'ARC-M", "quantity": 1, "unitPrice": 1}],
    })
}

fn taken(bench: &Bench) -> usize {
    bench.demo.orders().as_array().unwrap().len()
}

#[tokio::test]
async fn a_lost_answer_is_a_cut_connection_and_a_done_deed() {
    let bench = Bench::start().await;
    bench.turn("erp", json!({"loseAnswers": 2}));
    for lost in 1..=2 {
        // Reading is not writing: nothing of it is lost.
        ok(bench.erp("items", &[("$top", "1")])).await;
        assert!(bench.order(&order()).send().await.is_err());
        assert_eq!(taken(&bench), lost);
    }
    assert_eq!(answer(bench.order(&order())).await.0.as_u16(), 201);
    assert_eq!(
        bench.demo.system("erp").unwrap().state()["settings"]["loseAnswers"],
        0
    );
}

#[tokio::test]
async fn an_error_after_the_work_says_nothing_of_it() {
    let bench = Bench::start().await;
    bench.turn("erp", json!({"failAfterWork": 1}));
    refused(bench.order(&order()), 500).await;
    assert_eq!(taken(&bench), 1);
    bench.turn("erp", json!({"failureRate": 1}));
    refused(bench.order(&order()), 500).await;
    assert_eq!(taken(&bench), 1, "an ordinary failure does no work");
}

#[tokio::test]
async fn a_late_answer_comes_after_the_work() {
    let bench = Bench::start().await;
    bench.turn("erp", json!({"lateMs": 60_000}));
    let request = bench
        .order(&order())
        .timeout(std::time::Duration::from_millis(300));
    assert!(request.send().await.is_err());
    assert_eq!(taken(&bench), 1);
}

#[tokio::test]
async fn every_system_that_is_written_to_loses_answers() {
    let bench = Bench::start().await;
    for system in ["wms", "payments"] {
        bench.turn(system, json!({"loseAnswers": 1}));
    }
    let made = bench
        .payment(Method::POST, "", "amount=100&currency=sek")
        .send()
        .await;
    assert!(made.is_err() && bench.demo.payments().as_array().unwrap().len() == 1);
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(5);
    let wish = json!({
        "goodsOwnerId": 7,
        "expiresAt": until.to_string(),
        "lines": [{"articleNumber": "MC-D'ARC-M", "warehouseId": 1, "quantity": 1}],
    });
    let held = bench
        .reservation(Method::PUT, "cart", "")
        .json(&wish)
        .send()
        .await;
    assert!(held.is_err() && bench.demo.reservations().get("cart").is_some());
}
