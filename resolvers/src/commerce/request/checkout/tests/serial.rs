//! When mutations are done: one after the other, each to its end, whoever goes away.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value as Json, json};
use skuery_schema::checkout::VerifyCheckoutPayload;

use crate::commerce::orders::rules::OrderRules;
use crate::commerce::orders::tests::fake::{Fake, ask, buyer, errors, gateway};
use crate::commerce::request::checkout::tests::desk::{WORK, request, shop};

fn place(alias: &str, token: &str, more: &str) -> String {
    format!(
        "{alias}: placeOrder(input: {{ idempotencyKey: \"{alias}\", token: \"{token}\" }}) {{ placement {{ state {more} }} }} "
    )
}

#[tokio::test(start_paused = true)]
async fn what_is_selected_of_the_first_is_answered_before_the_second_begins() {
    let (desk, gateway) = shop(VerifyCheckoutPayload::default());
    let first = place("a", "placed W1", "order { number }");
    let second = place("b", "placed W2", "order { number }");
    let answer = ask(&gateway, buyer("C1"), &format!("mutation {{ {first} {second} }}")).await;
    assert_eq!(errors(&answer), Vec::<String>::new());
    assert_eq!(
        answer["data"],
        json!({
            "a": { "placement": { "state": "PLACED", "order": { "number": "W1" } } },
            "b": { "placement": { "state": "PLACED", "order": { "number": "W2" } } },
        })
    );
    assert_eq!(
        desk.noted(),
        [
            "place placed W1 begins for C1 after 0 calls",
            "place placed W1 ends",
            "place placed W2 begins for C1 after 2 calls",
            "place placed W2 ends",
        ]
    );
    assert_eq!(
        desk.oms.calls().len(),
        2,
        "the second order, by number and by reference"
    );
}

#[tokio::test(start_paused = true)]
async fn a_placed_order_is_read_past_what_is_kept_and_only_for_its_buyer() {
    let (desk, gateway) = shop(VerifyCheckoutPayload::default());
    let known = "{ order(by: { number: \"W1\" }) { number } }";
    ask(&gateway, buyer("C1"), known).await;
    desk.oms.calls();
    ask(&gateway, buyer("C1"), known).await;
    assert_eq!(desk.oms.calls().len(), 0, "it is kept");
    for (who, token, found, calls) in [
        (buyer("C1"), "placed W1", json!({ "number": "W1" }), 2),
        (buyer("C1"), "pending W1", Json::Null, 0),
        (buyer("C1"), "rejected W1", Json::Null, 0),
        (None, "placed W1", Json::Null, 0),
        (buyer("C2"), "placed W1", Json::Null, 2),
    ] {
        let answer = ask(
            &gateway,
            who,
            &format!("mutation {{ {} }}", place("a", token, "order { number }")),
        )
        .await;
        assert_eq!(answer["data"]["a"]["placement"]["order"], found, "{token}");
        assert_eq!(errors(&answer), Vec::<String>::new());
        assert_eq!(desk.oms.calls().len(), calls, "{token}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_cannot_be_read_leaves_the_placement_standing() {
    let (desk, gateway) = shop(VerifyCheckoutPayload::default());
    desk.oms.fall(true);
    let first = place("a", "placed W1", "orderNumber order { number }");
    let second = place("b", "placed W2", "");
    let answer = ask(&gateway, buyer("C1"), &format!("mutation {{ {first} {second} }}")).await;
    assert_eq!(
        answer["data"],
        json!({
            "a": { "placement": { "state": "PLACED", "orderNumber": "W1", "order": null } },
            "b": { "placement": { "state": "PLACED" } },
        })
    );
    let failed = r#"["a","placement","order"] SYSTEM_UNAVAILABLE: oms does not answer (orders)"#;
    assert_eq!(errors(&answer), [failed]);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_leaves_nothing_half_done_and_nothing_further_begun() {
    let (desk, gateway) = shop(VerifyCheckoutPayload::default());
    let query = format!(
        "mutation {{ {} {} }}",
        place("a", "placed W1", ""),
        place("b", "placed W2", "")
    );
    let request = request(buyer("C1"), &query, Json::Null);
    let left = tokio::time::timeout(WORK / 2, gateway.execute(&request)).await;
    assert!(left.is_err(), "the client waits no longer");
    assert_eq!(desk.noted(), ["place placed W1 begins for C1 after 0 calls"]);
    tokio::time::sleep(2 * WORK).await;
    assert_eq!(desk.noted(), ["place placed W1 ends"]);
    let verify = "mutation { verifyCheckout(input: { idempotencyKey: 1, checkoutId: 2, lines: [] }) { userErrors { code } } }";
    let request = super::desk::request(None, verify, Json::Null);
    let left = tokio::time::timeout(WORK / 2, gateway.execute(&request)).await;
    assert!(left.is_err());
    tokio::time::sleep(WORK).await;
    assert_eq!(
        desk.noted(),
        ["verify 2 begins for a guest after 0 calls", "verify 2 ends"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_desk_that_breaks_off_is_an_error_and_nothing_after_it_is_begun() {
    let (desk, gateway) = shop(VerifyCheckoutPayload::default());
    let query = format!(
        "mutation {{ {} {} }}",
        place("a", "panic", ""),
        place("b", "placed W2", "")
    );
    let answer = ask(&gateway, buyer("C1"), &query).await;
    assert_eq!(answer["data"], Json::Null);
    assert_eq!(
        errors(&answer),
        [
            r#"["a"] INTERNAL: the checkout broke off; the same idempotency key tells what became of it"#,
            r#"["b"] OPERATION_NOT_ALLOWED: not begun, because a field before it failed"#,
        ]
    );
    assert_eq!(desk.noted().len(), 2, "only the first");
}

#[tokio::test(start_paused = true)]
async fn more_errands_than_the_bound_are_refused_before_they_begin() {
    let (desk, gateway) = shop(VerifyCheckoutPayload::default());
    let query = "mutation { releaseCheckout(token: \"t\") { released } }";
    let answers = join_all((0..1_001).map(|_| ask(&gateway, None, query))).await;
    let (refused, done): (Vec<&Json>, Vec<&Json>) =
        answers.iter().partition(|answer| answer["data"].is_null());
    assert_eq!((refused.len(), done.len()), (1, 1_000));
    let full =
        r#"["releaseCheckout"] SYSTEM_OVERLOADED: too many checkouts are under way; nothing was begun"#;
    assert_eq!(errors(refused[0]), [full]);
    assert_eq!(desk.noted().len(), 2_000);
    assert_eq!(
        ask(&gateway, None, query).await["data"]["releaseCheckout"]["released"],
        true
    );
}

#[tokio::test]
async fn without_a_desk_checkout_is_not_configured() {
    let gateway = gateway(&[] as &[std::sync::Arc<Fake>], OrderRules::default(), 1);
    for field in [
        "verifyCheckout(input: { idempotencyKey: 1, checkoutId: 2, lines: [] })",
        "extendCheckout(token: \"t\")",
        "releaseCheckout(token: \"t\")",
        "placeOrder(input: { idempotencyKey: 1, token: \"t\" })",
    ] {
        let answer = ask(
            &gateway,
            None,
            &format!("mutation {{ a: {field} {{ userErrors {{ code }} }} }}"),
        )
        .await;
        assert_eq!(answer["data"], Json::Null, "{field}");
        assert_eq!(
            errors(&answer),
            [r#"["a"] OPERATION_NOT_ALLOWED: checkout is not configured"#]
        );
    }
    let name = ask(&gateway, None, "mutation { __typename }").await;
    assert_eq!(name, json!({ "data": { "__typename": "Mutation" } }));
}

/// The gateway of these tests gives a query 20 seconds, and each call of the desk takes 60.
#[tokio::test(start_paused = true)]
async fn the_deadline_of_queries_does_not_cut_a_mutation_nor_what_is_selected_of_it() {
    let (desk, gateway) = shop(VerifyCheckoutPayload::default());
    let started = tokio::time::Instant::now();
    let query = format!(
        "mutation {{ {} }}",
        place("a", "placed W3", "order { number fulfillments { number } }")
    );
    let answer = ask(&gateway, buyer("C1"), &query).await;
    assert_eq!(started.elapsed().as_secs(), WORK.as_secs());
    assert!(WORK > Duration::from_secs(20));
    assert_eq!(answer["data"]["a"]["placement"]["order"]["number"], "W3");
    assert_eq!(desk.noted().len(), 2);
}
