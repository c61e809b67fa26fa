//! Mutations over both transports, before a desk that does as it is told.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use skuery_resolvers::checkout::desk::{CheckoutDesk, Context, Served};
use skuery_resolvers::checkout::input::{PlaceInput, VerifyInput};
use skuery_resolvers::commerce::gateway::CheckoutPart;
use skuery_schema::checkout::{
    OrderPlacement, PlaceOrderPayload, PlacementState, ReleaseCheckoutPayload, VerifyCheckoutPayload,
};
use tokio::sync::{Semaphore, watch};

use crate::audit_log::Log;
use crate::issuer::issuer;
use crate::shop::{Shop, send};
use crate::sign_in::Portal;
use crate::socket_client::Socket;

const PLACE: &str = r#"mutation Buy($key: ID!) { __typename
    first: placeOrder(input: { idempotencyKey: $key, token: "one" }) { placement { state idempotencyKey order { number } } }
    releaseCheckout(token: "two") { released userErrors { code } } }"#;

/// Places an order once it is let, and tells what it has done.
struct Desk {
    let_go: Semaphore,
    done: watch::Sender<Vec<String>>,
}

impl Desk {
    fn new(orders: usize) -> Arc<Self> {
        Arc::new(Self {
            let_go: Semaphore::new(orders),
            done: watch::Sender::default(),
        })
    }

    fn note(&self, what: &str) {
        self.done.send_modify(|done| done.push(what.to_owned()));
    }

    /// Waits until that is all that has been done.
    async fn has_done(&self, expected: &[&str]) {
        self.becomes(|done| done == expected).await;
    }

    async fn has_begun_with(&self, expected: &[&str]) {
        self.becomes(|done| done.len() >= expected.len() && done[..expected.len()] == *expected)
            .await;
    }

    async fn becomes(&self, expected: impl Fn(&[String]) -> bool) {
        let mut done = self.done.subscribe();
        let arrived = done.wait_for(|done| expected(done));
        let in_time = tokio::time::timeout(Duration::from_secs(60), arrived)
            .await
            .is_ok();
        assert!(in_time, "{:?}", *self.done.borrow());
    }
}

impl CheckoutDesk for Desk {
    fn verify<'a>(&'a self, _: &'a Context, _: VerifyInput) -> Served<'a, VerifyCheckoutPayload> {
        Box::pin(async { VerifyCheckoutPayload::default() })
    }

    fn extend<'a>(&'a self, _: &'a Context, _: &'a str, _: Option<i32>) -> Served<'a, VerifyCheckoutPayload> {
        Box::pin(async { VerifyCheckoutPayload::default() })
    }

    fn release<'a>(&'a self, _: &'a Context, token: &'a str) -> Served<'a, ReleaseCheckoutPayload> {
        Box::pin(async move {
            self.note(&format!("released {token}"));
            ReleaseCheckoutPayload {
                released: true,
                user_errors: Vec::new(),
            }
        })
    }

    fn place<'a>(&'a self, _: &'a Context, input: PlaceInput) -> Served<'a, PlaceOrderPayload> {
        Box::pin(async move {
            self.note("begun");
            self.let_go.acquire().await.expect("it is never closed").forget();
            self.note("placed");
            PlaceOrderPayload {
                placement: Some(OrderPlacement {
                    state: PlacementState::Pending,
                    idempotency_key: input.idempotency_key,
                    external_number: "SK-1".into(),
                    order_number: None,
                    submitted_at: None,
                }),
                user_errors: Vec::new(),
            }
        })
    }
}

async fn shop(desk: &Arc<Desk>) -> Shop {
    let desk = desk.clone();
    Shop::of_parts(|parts| parts.checkout = Some(CheckoutPart::Desk(desk))).await
}

fn request(key: &str) -> Value {
    json!({ "query": PLACE, "operationName": "Buy", "variables": { "key": key } })
}

fn answer(key: &str) -> Value {
    json!({ "data": {
        "__typename": "Mutation",
        "first": { "placement": { "state": "PENDING", "idempotencyKey": key, "order": null } },
        "releaseCheckout": { "released": true, "userErrors": [] },
    } })
}

#[tokio::test]
async fn mutations_are_served_over_post_and_over_a_socket() {
    let desk = Desk::new(2);
    let shop = shop(&desk).await;
    let posted = shop.ask(request("a")).await;
    assert_eq!((posted.status, posted.body), (200, answer("a")));
    let once = ["begun", "placed", "released two"];
    desk.has_done(&once).await;

    let mut socket = Socket::ready(&shop).await;
    socket.subscribe("1", request("b")).await;
    assert_eq!(socket.answer("1").await, answer("b"));
    desk.has_done(&[once, once].concat()).await;
    socket.close().await;
}

#[tokio::test]
async fn an_order_is_placed_to_its_end_although_the_client_has_gone() {
    let desk = Desk::new(0);
    let shop = shop(&desk).await;
    let client = tokio::spawn(shop.post().json(&request("a")).send());
    desk.has_done(&["begun"]).await;
    client.abort();
    assert!(client.await.is_err(), "it has gone");
    desk.let_go.add_permits(1);
    // The server may hear too late of it to keep what stands after it from being begun.
    desk.has_begun_with(&["begun", "placed"]).await;
}

#[tokio::test]
async fn an_order_is_placed_to_its_end_although_the_socket_has_completed_it() {
    let desk = Desk::new(0);
    let shop = shop(&desk).await;
    let mut socket = Socket::ready(&shop).await;
    socket.subscribe("1", request("b")).await;
    desk.has_done(&["begun"]).await;
    socket.say(json!({ "id": "1", "type": "complete" })).await;
    // The pong comes after the operation has ended for the socket.
    socket.say(json!({ "type": "ping" })).await;
    socket.hears(json!({ "type": "pong" })).await;
    desk.let_go.add_permits(1);
    desk.has_done(&["begun", "placed"]).await;
    // What stood after it was not begun: its release would be there before this one's order.
    desk.let_go.add_permits(1);
    shop.ask(request("c")).await;
    desk.has_done(&["begun", "placed", "begun", "placed", "released two"])
        .await;
}

#[tokio::test]
async fn without_checkout_mutations_say_so_over_both_transports() {
    let shop = Shop::start().await;
    let posted = shop.ask(request("a")).await;
    assert_eq!(posted.status, 294);
    assert_eq!(
        posted.errors(),
        [
            "first OPERATION_NOT_ALLOWED - final",
            "releaseCheckout OPERATION_NOT_ALLOWED - retryable"
        ]
    );
    assert_eq!(posted.body["errors"][0]["message"], "checkout is not configured");
    let mut socket = Socket::ready(&shop).await;
    socket.subscribe("1", request("a")).await;
    assert_eq!(socket.answer("1").await, posted.body);
}

#[tokio::test]
async fn a_mutation_of_staff_for_a_customer_is_written_down_like_a_query() {
    let (log, _guard) = Log::begin();
    let portal = Portal::start("RS256").await;
    let staff = json!({ "sub": "anna", "customer_number": null, "realm_access": { "roles": ["sales-rep"] } });
    let post = portal.shop.post().bearer_auth(issuer().token(staff));
    send(post.header("x-act-as", "20002").json(&request("a"))).await;
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let written = "subject=\"anna\" customer=\"20002\" operation=\"Buy\"";
    assert!(lines[0].contains(written), "{lines:#?}");
}
