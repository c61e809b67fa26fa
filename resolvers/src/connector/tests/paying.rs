//! Stripe by its preset: amounts both ways, states, keys, and what is done already.

use serde_json::{Value as Json, json};
use skuery_schema::ids::Currency;

use super::build;
use crate::connector::System;
use crate::door::tests::call;
use crate::door::tests::server::{Server, json as answer, reply};
use crate::port::payments::{AuthorizationState, Money};

fn stripe(url: &str) -> System {
    build(&format!(
        "connector: stripe\nurl: {url}\nauth: {{ token: {{ env: KEY }} }}\n"
    ))
    .expect("a system")
}

fn intent(status: &str, currency: &str, capturable: i64, received: i64) -> Json {
    json!({"id": "pi_1", "object": "payment_intent", "status": status, "currency": currency,
        "amount": 5_000, "amount_capturable": capturable, "amount_received": received})
}

fn money(amount: &str, currency: &str) -> Money {
    (
        amount.parse().expect("an amount"),
        Currency::parse(currency).expect("a currency"),
    )
}

#[tokio::test]
async fn an_intent_is_read_in_its_state_and_its_own_smallest_unit() {
    use AuthorizationState::{Authorized, Captured, NotAuthorized, Voided};
    for (status, currency, capturable, received, state, amount) in [
        ("requires_capture", "eur", 4_999, 0, Authorized, "49.99"),
        ("succeeded", "eur", 0, 4_000, Captured, "40.00"),
        ("canceled", "eur", 0, 0, Voided, "50.00"),
        ("processing", "eur", 0, 0, NotAuthorized, "50.00"),
        ("requires_payment_method", "sek", 0, 0, NotAuthorized, "50.00"),
        ("a_state_of_tomorrow", "eur", 0, 0, NotAuthorized, "50.00"),
        ("requires_capture", "jpy", 500, 0, Authorized, "500"),
        ("requires_capture", "kwd", 5_120, 0, Authorized, "5.120"),
        ("requires_capture", "isk", 500, 0, Authorized, "5.00"),
        ("requires_capture", "mga", 500, 0, Authorized, "500"),
    ] {
        let body = intent(status, currency, capturable, received);
        let server = Server::start(move |seen| {
            assert_eq!(seen.line, "GET /v1/payment_intents/pi_1");
            assert_eq!(seen.header("authorization"), Some("Bearer value of KEY"));
            assert_eq!(seen.header("stripe-version"), None);
            answer(&body)
        })
        .await;
        let port = stripe(&server.url).payments.expect("payments");
        let found = port
            .authorization(call(5), "pi_1")
            .await
            .expect("an answer")
            .expect("one");
        assert_eq!(found.state, state, "{status}");
        assert_eq!(found.amount.to_string(), amount, "{currency}");
        assert_eq!(found.currency.as_str(), currency.to_uppercase());
    }
}

#[tokio::test]
async fn an_unknown_intent_is_none_and_anything_else_is_no_answer() {
    let missing = json!({"error": {"code": "resource_missing", "type": "invalid_request_error"}});
    let another = intent("requires_capture", "eur", 1, 0);
    let server = Server::start(move |seen| match seen.line.as_str() {
        "GET /v1/payment_intents/..%2Fcharges%2Fch_1%3Fa%3Db%23%25" => reply(404, "application/json", missing.to_string().as_bytes()),
        "GET /v1/payment_intents/pi_2" => answer(&another),
        "GET /v1/payment_intents/pi_3" => answer(&json!({"id": "pi_3", "status": "requires_capture", "currency": "eur", "amount_capturable": 10.5})),
        "GET /v1/payment_intents/pi_4" => answer(&json!({"id": "pi_4", "status": "requires_capture", "currency": "eur", "amount_capturable": -1})),
        "GET /v1/payment_intents/pi_5" => answer(&json!({"id": "pi_5", "status": "requires_capture", "currency": "eur"})),
        _ => reply(404, "text/html", b"<p>a proxy</p>"),
    })
    .await;
    let port = stripe(&server.url).payments.expect("payments");
    let hostile = "../charges/ch_1?a=b#%";
    assert_eq!(
        port.authorization(call(5), hostile).await.expect("an answer"),
        None
    );
    for id in ["pi_2", "pi_3", "pi_4", "pi_5", "pi_6", ".."] {
        assert!(port.authorization(call(5), id).await.is_err(), "{id}");
    }
}

#[tokio::test]
async fn money_is_taken_with_a_key_in_whole_smallest_units() {
    let done = intent("succeeded", "eur", 0, 1_250);
    let dropped = intent("canceled", "eur", 0, 0);
    let server = Server::start(move |seen| match seen.line.as_str() {
        "POST /v1/payment_intents/pi_1/capture" => answer(&done),
        "POST /v1/payment_intents/pi_1/cancel" => answer(&dropped),
        _ => reply(404, "application/json", b"{}"),
    })
    .await;
    let port = stripe(&server.url).payments.expect("payments");
    let taken = port
        .capture(call(5), "pi_1", money("12.5", "EUR"), "SK-01&a=1")
        .await
        .expect("taken");
    assert_eq!(taken.state, AuthorizationState::Captured);
    let sent = &server.seen()[0];
    assert_eq!(sent.body, "amount_to_capture=1250");
    assert_eq!(
        sent.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(sent.header("idempotency-key"), Some("SK-01&a=1"));
    let dropped = port.void(call(5), "pi_1", "k").await.expect("dropped");
    assert_eq!(dropped.state, AuthorizationState::Voided);
    assert_eq!(
        (
            server.seen()[1].body.as_str(),
            server.seen()[1].header("idempotency-key")
        ),
        ("", Some("k"))
    );
    for (amount, currency, expected) in [
        ("500", "JPY", "500"),
        ("5.12", "KWD", "5120"),
        ("5", "ISK", "500"),
        ("7", "MGA", "7"),
    ] {
        let _ = port.capture(call(5), "pi_1", money(amount, currency), "k").await;
        let seen = server.seen();
        assert_eq!(seen[seen.len() - 1].body, format!("amount_to_capture={expected}"));
    }
    let before = server.seen().len();
    for (amount, currency) in [("12.505", "EUR"), ("0.5", "JPY")] {
        assert!(
            port.capture(call(5), "pi_1", money(amount, currency), "k")
                .await
                .is_err()
        );
    }
    assert!(
        port.capture(call(5), "pi_1", money("1", "EUR"), "a\r\nX-Evil: 1")
            .await
            .is_err()
    );
    assert_eq!(server.seen().len(), before, "never rounded, never sent");
}

#[tokio::test]
async fn what_is_done_already_is_looked_up_and_all_else_is_unknown() {
    let unexpected = json!({"error": {"code": "payment_intent_unexpected_state"}}).to_string();
    for (status, text, known) in [
        (400, unexpected.as_str(), true),
        (402, r#"{"error": {"code": "card_declined"}}"#, false),
        (409, r#"{"error": {"code": "lock_timeout"}}"#, false),
        (500, unexpected.as_str(), false),
    ] {
        let (text, now) = (text.to_owned(), intent("succeeded", "eur", 0, 100));
        let server = Server::start(move |seen| match seen.line.starts_with("POST") {
            true => reply(status, "application/json", text.as_bytes()),
            false => answer(&now),
        })
        .await;
        let port = stripe(&server.url).payments.expect("payments");
        let taken = port.capture(call(5), "pi_1", money("1", "EUR"), "k").await;
        assert_eq!(
            taken.as_ref().ok().map(|it| it.state),
            known.then_some(AuthorizationState::Captured),
            "{status}"
        );
        let posts = server
            .seen()
            .iter()
            .filter(|seen| seen.line.starts_with("POST"))
            .count();
        assert_eq!(posts, 1, "asked to take money once");
    }
}
