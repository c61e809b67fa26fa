//! Who asks over a socket: said in the upgrade's headers, in the payload of `connection_init`, or in both alike.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::audit_log::Log;
use crate::issuer::issuer;
use crate::script::Reply;
use crate::shop::Shop;
use crate::sign_in::Portal;
use crate::socket_client::{SUBPROTOCOL, Socket, asked, upgrade};

/// How a socket with these headers and this payload ends, or `None` when it is acknowledged.
async fn refusal(shop: &Shop, headers: &[(&str, &str)], payload: Value) -> Option<(u16, String)> {
    let headers: Vec<_> = headers.iter().copied().chain([SUBPROTOCOL]).collect();
    let mut socket = upgrade(shop, &headers).await.socket().await;
    socket
        .say(json!({ "type": "connection_init", "payload": payload }))
        .await;
    socket.outcome().await
}

const NOBODY: &str = "Bearer nonsense";

#[tokio::test]
async fn a_token_that_is_not_accepted_is_never_ignored() {
    let shop = Shop::start().await;
    for (headers, payload) in [
        (vec![], json!({ "Authorization": NOBODY })),
        (vec![], json!({ "authorization": NOBODY })),
        (vec![], json!({ "headers": { "Authorization": NOBODY } })),
        (vec![], json!({ "Authorization": "Basic YTpi" })),
        (vec![], json!({ "Authorization": "" })),
        (vec![], json!({ "Authorization": "Bearer å" })),
        (vec![], json!({ "Authorization": "Bearer a\r\nX-Channel: se" })),
        (vec![], json!({ "Authorization": 1 })),
        (vec![], json!({ "Authorization": [NOBODY] })),
        (vec![], json!({ "X-Act-As": "C-1001" })),
        (vec![("Authorization", NOBODY)], json!({})),
        (
            vec![("Authorization", NOBODY)],
            json!({ "Authorization": NOBODY }),
        ),
        (vec![("Authorization", NOBODY)], json!({ "Authorization": null })),
        (vec![("X-Act-As", "C-1001")], json!({})),
    ] {
        let end = refusal(&shop, &headers, payload.clone()).await;
        assert_eq!(end.map(|end| end.0), Some(4403), "{headers:?} {payload}");
    }
    for payload in [
        json!(null),
        json!({}),
        json!({ "headers": {}, "more": NOBODY, "Authorization": null }),
    ] {
        assert_eq!(refusal(&shop, &[], payload.clone()).await, None, "{payload}");
    }
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn what_is_said_twice_must_be_the_same() {
    let shop = Shop::start().await;
    for name in ["Authorization", "X-Act-As", "X-Channel"] {
        let differs = Some((4403, format!("{name} is given twice with different values")));
        assert_eq!(
            refusal(&shop, &[(name, "a")], json!({ name: "b" })).await,
            differs
        );
        let inside = json!({ name: "a", "headers": { name: "b" } });
        assert_eq!(refusal(&shop, &[], inside).await, differs);
        let cases = json!({ name: "a", name.to_lowercase(): "b" });
        assert_eq!(refusal(&shop, &[], cases).await, differs);
        // Two headers are refused before there is a socket.
        let headers = [SUBPROTOCOL, (name, "a"), (name, "b")];
        assert_eq!(upgrade(&shop, &headers).await.status, 400, "{name}");
    }
    assert_eq!(
        refusal(
            &shop,
            &[("X-Channel", "dealer")],
            json!({ "x-channel": "dealer" })
        )
        .await,
        None
    );
}

#[tokio::test]
async fn the_channel_is_that_of_the_header_or_the_payload() {
    let shop = Shop::start().await;
    let query = r#"{ variant(sku: "MC-10008-WHT-M") { price { unitPrice { gross { amount } net { amount } } priceList { code } } } }"#;
    let usual = shop.query(query).await.body;
    let dealer = shop.query_in("dealer", query).await.body;
    assert_ne!(usual, dealer);
    let by_header = upgrade(&shop, &[SUBPROTOCOL, ("X-Channel", "dealer")]).await;
    let mut by_header = by_header.socket().await;
    by_header.say(json!({ "type": "connection_init" })).await;
    assert_eq!(by_header.outcome().await, None);
    let by_payload = Socket::ready_with(&shop, json!({ "X-Channel": "dealer" })).await;
    let anybody = Socket::ready(&shop).await;
    for (mut socket, expected) in [(by_header, &dealer), (by_payload, &dealer), (anybody, &usual)] {
        socket.query("a", query).await;
        assert_eq!(socket.answer("a").await, *expected);
    }
    let unreadable = [SUBPROTOCOL, ("X-Channel", "\u{e5}")];
    assert_eq!(upgrade(&shop, &unreadable).await.status, 400);
    let unreadable = refusal(&shop, &[], json!({ "X-Channel": "\u{e5}" })).await;
    assert_eq!(unreadable, Some((4403, "X-Channel is not readable".to_owned())));
    let mut unknown = Socket::ready_with(&shop, json!({ "X-Channel": "nowhere" })).await;
    unknown.query("a", query).await;
    assert_eq!(
        unknown.refusal("a").await,
        shop.query_in("nowhere", query).await.body["errors"]
    );
}

const VIEWER: &str = "{ viewer { number } }";

fn bearer(change: Value) -> String {
    format!("Bearer {}", issuer().token(change))
}

#[tokio::test]
async fn who_signed_in_is_answered_as_over_post() {
    let portal = Portal::start("RS256").await;
    let shop = &portal.shop;
    let token = bearer(json!({}));
    let posted = portal.ask(VIEWER, &[("authorization", &token)]).await;
    assert_eq!(posted.data("viewer.number"), "10001");
    let header = ("Authorization", token.as_str());
    for (headers, payload) in [
        (vec![header], json!(null)),
        (vec![header], json!({ "Authorization": token })),
        (vec![], json!({ "Authorization": token })),
        (vec![], json!({ "authorization": token })),
        (vec![], json!({ "headers": { "AUTHORIZATION": token } })),
    ] {
        let headers = [&headers[..], &[SUBPROTOCOL]].concat();
        let mut socket = upgrade(shop, &headers).await.socket().await;
        socket
            .say(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(socket.outcome().await, None);
        socket.query("a", VIEWER).await;
        assert_eq!(socket.answer("a").await, posted.body);
    }
    let mut nobody = Socket::ready(shop).await;
    nobody.query("a", VIEWER).await;
    assert_eq!(nobody.answer("a").await, json!({ "data": { "viewer": null } }));
    let other = bearer(json!({ "customer_number": "10002" }));
    let differs = Some((
        4403,
        "Authorization is given twice with different values".to_owned(),
    ));
    assert_eq!(
        refusal(shop, &[header], json!({ "Authorization": other })).await,
        differs
    );
}

#[tokio::test]
async fn staff_act_for_a_customer_and_every_operation_is_written_down() {
    let (log, _guard) = Log::begin();
    let portal = Portal::start("RS256").await;
    let shop = &portal.shop;
    let staff = bearer(json!({ "customer_number": null, "realm_access": { "roles": ["sales-rep"] } }));
    let payload = json!({ "Authorization": staff, "X-Act-As": "20002" });
    let mut socket = Socket::ready_with(shop, payload).await;
    socket.query("a", VIEWER).await;
    assert_eq!(socket.answer("a").await["data"]["viewer"]["number"], "20002");
    let named = json!({ "query": "query Basket { viewer { number } }", "operationName": "Basket" });
    socket.subscribe("b", named).await;
    socket.answer("b").await;
    let lines = log.lines();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(
        lines[0].contains("customer=\"20002\" operation=\"\""),
        "{lines:#?}"
    );
    assert!(
        lines[1].contains("customer=\"20002\" operation=\"Basket\""),
        "{lines:#?}"
    );
    let buyer = json!({ "Authorization": bearer(json!({})), "X-Act-As": "20002" });
    let no_staff = Some((4403, "only staff may act for a customer".to_owned()));
    assert_eq!(refusal(shop, &[], buyer).await, no_staff);
    let nobody = Some((4403, "acting for a customer needs a token".to_owned()));
    assert_eq!(refusal(shop, &[("X-Act-As", "20002")], json!(null)).await, nobody);
}

#[tokio::test]
async fn without_the_providers_keys_a_client_is_to_try_again_later() {
    let portal = Portal::start("RS256").await;
    portal.provider.say(Reply::Status(500, String::new()));
    let (code, reason) = refusal(&portal.shop, &[], json!({ "Authorization": bearer(json!({})) }))
        .await
        .expect("an end");
    assert_eq!(code, 1013, "{reason}");
}

#[tokio::test]
async fn a_token_that_ends_ends_what_runs() {
    let portal = Portal::start("RS256").await;
    let shop = &portal.shop;
    shop.turn("wms", json!({ "latencyMs": 20_000 }));
    // Accepted for 30 seconds after its end, of which 25 have passed.
    let last = Timestamp::now().as_second() - 25;
    let token = bearer(json!({ "exp": last, "iat": last - 60, "nbf": last - 60 }));
    let mut socket = Socket::ready_with(shop, json!({ "Authorization": token })).await;
    socket.query("a", VIEWER).await;
    assert_eq!(socket.answer("a").await["data"]["viewer"]["number"], "10001");
    socket
        .query(
            "b",
            r#"{ variant(sku: "MC-10008-WHT-M") { availability { quantity } } }"#,
        )
        .await;
    asked(shop, "wms").await;
    assert_eq!(socket.end().await, (4403, "token expired".to_owned()));
}

/// A map would keep the last of them in silence.
#[tokio::test]
async fn what_a_payload_says_twice_counts_twice() {
    let portal = Portal::start("RS256").await;
    let (one, other) = (bearer(json!({})), bearer(json!({ "customer_number": "20009" })));
    for payload in [
        format!(r#"{{"Authorization":"{one}","Authorization":"{other}"}}"#),
        format!(r#"{{"Authorization":"{one}","headers":{{"authorization":"{other}"}}}}"#),
        format!(r#"{{"headers":{{"Authorization":"{one}"}},"Headers":{{"Authorization":"{other}"}}}}"#),
        r#"{"headers":[["Authorization","Bearer x"]]}"#.to_owned(),
    ] {
        let mut socket = Socket::open(&portal.shop).await;
        let message = format!(r#"{{"type":"connection_init","payload":{payload}}}"#);
        socket.say_text(message).await;
        assert_eq!(socket.end().await.0, 4403, "{payload}");
    }
    let mut socket = Socket::open(&portal.shop).await;
    let headers = format!(r#"{{"headers":{{"Authorization":"{other}"}},"headers":{{}}}}"#);
    socket
        .say_text(format!(r#"{{"type":"connection_init","payload":{headers}}}"#))
        .await;
    socket.hears(json!({ "type": "connection_ack" })).await;
    socket.query("a", VIEWER).await;
    assert_eq!(socket.answer("a").await["data"]["viewer"]["number"], "20009");
}
