//! The examples of checkout in `docs/CONNECTORS.md` run, and an end is known only where a sign says so.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};
use skuery_schema::ids::LocationCode;

use super::guide::block;
use super::moment;
use crate::connector::System;
use crate::connector::config::{MappingSource, SystemConfig};
use crate::door::tests::call;
use crate::door::tests::server::{Seen, Server, Step, json as answer, reply};
use crate::error::ErrorKind;
use crate::port::order_entry::{DraftLine, ExternalNumber, OrderDraft, RefusalReason, Submission};
use crate::port::reservations::{ReservationLine, ReservationWish, Reserved};

/// A system with a mapping of the guide.
fn system(name: &str, config: &Json, url: &str) -> System {
    let mut config: SystemConfig = serde_saphyr::from_str(&config.to_string()).expect("a system");
    url.clone_into(&mut config.url);
    config.mapping = Some(MappingSource {
        file: None,
        inline: Some(serde_saphyr::from_str(&block(name)).expect("a mapping")),
    });
    let env = |_: &str| Some("hush".to_owned());
    System::build("it".into(), &config, &env).expect("a system")
}

fn warehouse(url: &str) -> System {
    let config = json!({"connector": "rest", "url": "x", "settings": {"goods_owner_id": 7},
        "auth": {"login": "l", "password": {"env": "P"}}, "locations": {"NORTH": 1, "SOUTH": 2}});
    system("reserving", &config, url)
}

fn counter(url: &str) -> System {
    let config = json!({"connector": "rest", "url": "x", "auth": {"token": {"env": "P"}},
        "upstream": {"attempt_timeout_ms": 50}});
    system("taking", &config, url)
}

pub(super) fn line(number: u32, sku: &str, quantity: &str, net: &str) -> DraftLine {
    DraftLine {
        number,
        sku: sku.into(),
        quantity: quantity.parse().expect("a number"),
        unit: None,
        net_price: Some(net.parse().expect("a price")),
        gross_price: None,
        location: None,
    }
}

pub(super) fn draft(currency: &str, lines: Vec<DraftLine>) -> OrderDraft {
    OrderDraft {
        external_number: "SK-01".into(),
        customer: "10031".into(),
        channel: "web".into(),
        currency: skuery_schema::ids::Currency::parse(currency).expect("a currency"),
        customer_reference: None,
        note: None,
        shipping_address: None,
        billing_address: None,
        pickup_location: None,
        placed_at: moment("2026-11-22T10:00:00Z"),
        lines,
        payment: None,
        reservation: None,
    }
}

fn wish(reference: &str) -> ReservationWish {
    ReservationWish {
        reference: reference.into(),
        lines: vec![ReservationLine {
            sku: "KX/1 \"a\"".into(),
            location: LocationCode::new("SOUTH"),
            quantity: "2.50".parse().expect("a number"),
        }],
        until: moment("2026-11-22T10:15:00Z"),
    }
}

fn body(seen: &Seen) -> Json {
    serde_json::from_str(&seen.body).expect("JSON")
}

#[tokio::test]
async fn stock_is_set_aside_read_back_bound_and_given_back() {
    let hold = json!({"reference": "r", "expiresAt": "2026-11-22T10:10:00Z",
        "lines": [{"articleNumber": "KX-1", "warehouseId": 2, "quantity": 2.5}]});
    let server = Server::start(move |seen| match seen.line.as_str() {
        "PUT /api/v1/reservations/a%2F..%3Fb%27" | "GET /api/v1/reservations/a%2F..%3Fb%27" => answer(&hold),
        "DELETE /api/v1/reservations/a%2F..%3Fb%27" => reply(204, "text/plain", b""),
        "POST /api/v1/reservations/a%2F..%3Fb%27/commit" => answer(&json!({})),
        "GET /api/v1/reservations/gone" => reply(404, "application/json", br#"{"message": "none"}"#),
        _ => reply(404, "text/html", b"<h1>no such page</h1>"),
    })
    .await;
    let port = warehouse(&server.url).reservations.expect("reservations");
    let reference = "a/..?b'";
    let held = port.reserve(call(5), &wish(reference)).await.expect("an end");
    let until = moment("2026-11-22T10:10:00Z");
    assert_eq!(held, Reserved::Held { until }, "the system's own end");
    let sent = body(&server.seen()[0]);
    assert_eq!(
        sent.to_string(),
        r#"{"goodsOwnerId":7,"expiresAt":"2026-11-22T10:15:00Z","lines":[{"articleNumber":"KX/1 \"a\"","warehouseId":2,"quantity":2.50}]}"#
    );
    let found = port
        .reservation(call(5), reference)
        .await
        .expect("an answer")
        .expect("a reservation");
    assert_eq!(found.lines[0].location, LocationCode::new("SOUTH"));
    assert_eq!(found.lines[0].quantity.to_string(), "2.5");
    port.commit(call(5), reference, "1001").await.expect("bound");
    assert_eq!(body(&server.seen()[2]), json!({"orderNumber": "1001"}));
    port.release(call(5), reference).await.expect("given back");
    assert_eq!(port.reservation(call(5), "gone").await.expect("an answer"), None);
    let lost = port
        .reservation(call(5), "elsewhere")
        .await
        .expect_err("a 404 of a wrong address");
    assert_eq!(lost.kind(), ErrorKind::Rejected);
}

#[tokio::test]
async fn too_little_is_a_sign_and_all_else_is_an_unknown_end() {
    let short = json!({"message": "no", "shortages": [{"articleNumber": "KX-1"}]}).to_string();
    for (status, media_type, text, is_short) in [
        (409, "application/json", short.as_str(), true),
        (
            409,
            "application/json",
            r#"{"message": "bound to an order"}"#,
            false,
        ),
        (409, "text/html", "<p>conflict</p>", false),
        (500, "application/json", short.as_str(), false),
        (200, "application/json", r#"{"expiresAt": "soon"}"#, false),
        (200, "application/json", r#"{"expiresAt": "2026-"#, false),
        (200, "text/html", "<p>maintenance</p>", false),
    ] {
        let text = text.to_owned();
        let server = Server::start(move |_| reply(status, media_type, text.as_bytes())).await;
        let port = warehouse(&server.url).reservations.expect("reservations");
        let end = port.reserve(call(5), &wish("r")).await;
        assert_eq!(end.is_ok(), is_short, "{status} {media_type}: {end:?}");
        assert_eq!(server.seen().len(), 1, "asked once");
        if let Ok(end) = end {
            assert_eq!(end, Reserved::Short);
        }
    }
    let foreign = ReservationWish {
        lines: vec![ReservationLine {
            location: LocationCode::new("ELSEWHERE"),
            ..wish("r").lines.remove(0)
        }],
        ..wish("r")
    };
    let server = Server::start(|_| answer(&json!({}))).await;
    let port = warehouse(&server.url).reservations.expect("reservations");
    assert!(port.reserve(call(5), &foreign).await.is_err());
    assert!(
        server.seen().is_empty(),
        "a location it does not have is not asked for"
    );
}

#[tokio::test]
async fn an_order_is_sent_as_agreed_and_found_by_its_number_alone() {
    let orders = json!({"orders": [
        {"number": "SK-010", "order_no": "7", "lines": []},
        {"number": "SK-01", "order_no": "8", "lines": [{"article": "a'\"b", "quantity": 2}]},
        {"number": null, "order_no": "9", "lines": []},
    ]});
    let server = Server::start(move |seen| {
        assert_eq!(seen.header("x-api-key"), Some("hush"));
        match seen.line.as_str() {
            "POST /api/orders" => reply(201, "application/json", br#"{"order_no": "8"}"#),
            "GET /api/orders?number=SK-01" => answer(&orders),
            _ => reply(404, "application/json", b"{}"),
        }
    })
    .await;
    let system = counter(&server.url);
    let port = system.order_entry.clone().expect("order entry");
    assert!(system.orders.is_none(), "it takes orders and lists none");
    assert_eq!(port.order_promise().external_number, ExternalNumber::Unique);
    let mut draft = draft(
        "EUR",
        vec![line(1, "a'\"b", "2", "12.50"), line(2, "b", "0.125", "1.20")],
    );
    draft.note = Some("\"}], \"number\": \"{{ settings }}\"".into());
    let placed = port.place_order(call(5), &draft).await.expect("an end");
    let Submission::Accepted(placed) = placed else {
        panic!("{placed:?}");
    };
    assert_eq!((&*placed.number, placed.complete), ("8", true));
    assert_eq!(
        server.seen()[0].body,
        r#"{"number":"SK-01","customer":"10031","currency":"EUR","note":"\"}], \"number\": \"{{ settings }}\"","lines":[{"article":"a'\"b","quantity":2,"cents":1250},{"article":"b","quantity":0.125,"cents":120}]}"#
    );
    let found = port.placed_orders(call(5), "SK-01").await.expect("an answer");
    assert_eq!(found.len(), 1, "neither a longer number nor none");
    let lines = found[0].lines.as_ref().expect("lines");
    assert_eq!((lines[0].0.as_str(), lines[0].1), ("a'\"b", 2.into()));
    assert_eq!(system.upstream.snapshot().foreign_rows, 2);
    let lost = port.placed_orders(call(5), "SK-02").await;
    assert!(lost.is_err(), "a 404 is no absence");
    draft.lines[0].net_price = Some("12.505".parse().expect("a price"));
    assert!(port.place_order(call(5), &draft).await.is_err(), "never rounded");
    assert_eq!(server.seen().len(), 3, "and never sent");
}

async fn refused(status: u16, text: &str, found: Json) -> (Option<Submission>, usize) {
    let text = text.to_owned();
    let server = Server::start(move |seen| match seen.line.starts_with("POST") {
        true => reply(status, "application/json", text.as_bytes()),
        false => answer(&found),
    })
    .await;
    let port = counter(&server.url).order_entry.expect("order entry");
    let end = port
        .place_order(call(5), &draft("EUR", vec![line(1, "a", "1", "1")]))
        .await;
    (end.ok(), server.seen().len())
}

#[tokio::test]
async fn only_declared_refusals_are_refusals_and_only_when_the_order_is_not_there() {
    let none = json!({"orders": []});
    let there = json!({"orders": [{"number": "SK-01", "order_no": "8", "lines": []}]});
    for (text, reason, message) in [
        (
            r#"{"error": "not_enough", "text": "3 left"}"#,
            RefusalReason::OutOfStock,
            "There is not enough stock for this order.",
        ),
        (
            r#"{"error": "credit"}"#,
            RefusalReason::Credit,
            "The customer's credit does not allow this order.",
        ),
        (
            r#"{"error": "price_low", "text": "Too\n cheap\u0007"}"#,
            RefusalReason::Price,
            "Too cheap",
        ),
    ] {
        let (end, asked) = refused(422, text, none.clone()).await;
        let Some(Submission::Refused(refusal)) = end else {
            panic!("{text}: {end:?}");
        };
        assert_eq!((refusal.reason, &*refusal.message), (reason, message));
        assert_eq!(asked, 2, "it was looked for");
        let (end, _) = refused(422, text, there.clone()).await;
        assert_eq!(end, Some(Submission::Duplicate), "an earlier sending had arrived");
        let (end, _) = refused(422, text, json!({"error": "later"})).await;
        assert_eq!(end, None, "nobody knows whether it is there");
        let (end, asked) = refused(500, text, none.clone()).await;
        assert_eq!((end, asked), (None, 1), "a 5xx is no refusal");
    }
    let (end, _) = refused(409, r#"{"error": "number_taken"}"#, none.clone()).await;
    assert_eq!(end, Some(Submission::Duplicate));
    for (status, text) in [
        (409, r#"{"error": "locked"}"#),
        (422, r#"{"error": "unheard_of"}"#),
        (422, "not_enough"),
        (404, r#"{"error": "not_enough"}"#),
        (200, r#"{"order": 8}"#),
        (200, r#"{"order_no": ""}"#),
        (200, r#"[{"order_no": "8"}, {"order_no": "9"}]"#),
        (204, ""),
        (302, ""),
    ] {
        assert_eq!(
            refused(status, text, none.clone()).await,
            (None, 1),
            "{status} {text}"
        );
    }
}

#[tokio::test]
async fn a_lost_answer_is_an_unknown_end_and_nothing_is_sent_again() {
    for last in [
        Step::Reset,
        Step::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".to_vec()),
    ] {
        let last = std::sync::Mutex::new(Some(last));
        let server = Server::start(move |_| last.lock().expect("a lock").take().into_iter().collect()).await;
        let port = counter(&server.url).order_entry.expect("order entry");
        let draft = draft("EUR", vec![line(1, "a", "1", "1")]);
        assert!(port.place_order(call(5), &draft).await.is_err());
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn what_changes_something_is_waited_for_until_the_deadline() {
    let wait = std::time::Duration::from_millis(300);
    let server = Server::start(move |_| {
        let mut steps = vec![Step::Wait(wait)];
        steps.extend(reply(201, "application/json", br#"{"order_no": "8"}"#));
        steps
    })
    .await;
    let port = counter(&server.url).order_entry.expect("order entry");
    let draft = draft("EUR", vec![line(1, "a", "1", "1")]);
    let end = port.place_order(call(30), &draft).await;
    assert!(
        matches!(end, Ok(Submission::Accepted(_))),
        "though an attempt has 50 ms: {end:?}"
    );
    let looked = port
        .placed_orders(call(30), "SK-01")
        .await
        .expect_err("too late for a question");
    assert_eq!(looked.kind(), ErrorKind::Timeout);
}

/// A password that is refused is not sent again; what only asks learns that as well.
#[tokio::test]
async fn a_refused_login_is_asked_once_where_nothing_can_be_renewed() {
    let count = std::sync::Arc::new(AtomicUsize::new(0));
    let seen = std::sync::Arc::clone(&count);
    let server = Server::start(move |_| {
        seen.fetch_add(1, Ordering::SeqCst);
        reply(401, "application/json", b"{}")
    })
    .await;
    let port = counter(&server.url).order_entry.expect("order entry");
    assert!(
        port.place_order(call(5), &draft("EUR", vec![line(1, "a", "1", "1")]))
            .await
            .is_err()
    );
    assert_eq!(count.load(Ordering::SeqCst), 1);
}
