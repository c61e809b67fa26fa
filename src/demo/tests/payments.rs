//! The payment provider: intents, captures, and keys that make asking twice the same as asking once.

use reqwest::Method;
use serde_json::json;

use super::dials::served;
use super::{Bench, ok, refused};

#[tokio::test]
async fn an_intent_is_authorised_captured_once_and_never_after_it_was_let_go() {
    let bench = Bench::start().await;
    let made = ok(bench.payment(Method::POST, "", "amount=170900&currency=sek")).await;
    assert_eq!(
        (&made["status"], &made["amount_capturable"]),
        (&json!("requires_capture"), &json!(170_900))
    );
    let id = made["id"].as_str().unwrap();
    assert_eq!(ok(bench.payment(Method::GET, &format!("/{id}"), "")).await, made);
    let capture = format!("/{id}/capture");
    let body = refused(
        bench.payment(Method::POST, &capture, "amount_to_capture=170901"),
        400,
    )
    .await;
    assert_eq!(body["error"]["code"], "amount_too_large");
    let taken = ok(bench.payment(Method::POST, &capture, "amount_to_capture=170000")).await;
    assert_eq!(
        (&taken["status"], &taken["amount_received"]),
        (&json!("succeeded"), &json!(170_000))
    );
    for path in [capture, format!("/{id}/cancel")] {
        let body = refused(bench.payment(Method::POST, &path, ""), 400).await;
        assert_eq!(body["error"]["code"], "payment_intent_unexpected_state");
    }
    let other = ok(bench.payment(Method::POST, "", "amount=5&currency=eur")).await;
    let other = other["id"].as_str().unwrap();
    assert_eq!(
        ok(bench.payment(Method::POST, &format!("/{other}/cancel"), "")).await["status"],
        "canceled"
    );
    refused(bench.payment(Method::POST, &format!("/{other}/capture"), ""), 400).await;
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_the_money_moves_once() {
    let bench = Bench::start().await;
    let made = ok(bench.payment(Method::POST, "", "amount=100&currency=sek")).await;
    let path = format!("/{}/capture", made["id"].as_str().unwrap());
    let capture = |form: &str| {
        bench
            .payment(Method::POST, &path, form)
            .header("idempotency-key", "order-1")
    };
    let all = futures_util::future::join_all((0..8).map(|_| ok(capture("amount_to_capture=90")))).await;
    assert!(
        all.iter()
            .all(|answer| *answer == all[0] && answer["amount_received"] == 90)
    );
    assert_eq!(bench.demo.payments()[0]["captures"], 1);
    let body = refused(capture("amount_to_capture=80"), 400).await;
    assert_eq!(body["error"]["type"], "idempotency_error");
}

#[tokio::test]
async fn a_declined_card_an_unknown_intent_and_a_wrong_key_are_refused() {
    let bench = Bench::start().await;
    let form = "amount=100&currency=sek&payment_method=pm_card_chargeDeclined";
    let body = refused(bench.payment(Method::POST, "", form), 402).await;
    let intent = &body["error"]["payment_intent"];
    assert_eq!(intent["status"], "requires_payment_method");
    let capture = format!("/{}/capture", intent["id"].as_str().unwrap());
    refused(bench.payment(Method::POST, &capture, ""), 400).await;
    let body = refused(bench.payment(Method::GET, "/pi_nope", ""), 404).await;
    assert_eq!(body["error"]["code"], "resource_missing");
    for form in [
        "",
        "amount=0&currency=sek",
        "amount=1.5&currency=sek",
        "amount=5&currency=kronor",
    ] {
        refused(bench.payment(Method::POST, "", form), 400).await;
    }
    let url = format!("{}/v1/payment_intents/pi_000001", bench.demo.payments_url());
    refused(bench.client.get(url).bearer_auth("sk_live_other"), 401).await;
}

#[tokio::test]
async fn a_payment_for_trying_is_ready_by_its_name_or_by_asking() {
    let bench = Bench::start().await;
    let ready = ok(bench.payment(Method::GET, "/pi_demo_170900_SEK_blue", "")).await;
    assert_eq!(
        (&ready["amount"], &ready["currency"]),
        (&json!(170_900), &json!("sek"))
    );
    ok(bench.payment(Method::POST, "/pi_demo_170900_SEK_blue/capture", "")).await;
    // It is a payment like any other: it is used up.
    refused(
        bench.payment(Method::POST, "/pi_demo_170900_SEK_blue/capture", ""),
        400,
    )
    .await;
    for id in ["pi_demo_", "pi_demo_0_SEK", "pi_demo_5_S", "pi_demo_many_SEK"] {
        refused(bench.payment(Method::GET, &format!("/{id}"), ""), 404).await;
    }
    let url = format!("{}/demo/payment", served(&bench).await);
    let made = ok(bench.client.get(format!("{url}?amount=1709.5&currency=sek"))).await;
    assert_eq!(
        (&made["currency"], &made["status"]),
        (&json!("SEK"), &json!("requires_capture"))
    );
    let known = ok(bench.payment(Method::GET, &format!("/{}", made["id"].as_str().unwrap()), "")).await;
    assert_eq!(known["amount"], 170_950);
    for query in [
        "",
        "?amount=1",
        "?amount=0.001&currency=SEK",
        "?amount=-1&currency=SEK",
    ] {
        refused(bench.client.get(format!("{url}{query}")), 400).await;
    }
}
