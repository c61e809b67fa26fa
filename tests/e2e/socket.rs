//! GraphQL over WebSockets, rule by rule of the protocol `graphql-transport-ws`.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::Message;

use crate::raw::{connect, ended};
use crate::shop::{Shop, limited};
use crate::socket_client::{SUBPROTOCOL, Socket, asked, send_head, sockets, upgrade, upgrade_without};

const VARIANT: &str = r#"{ variant(sku: "MC-10008-WHT-M") { name
    price { unitPrice { gross { amount currency } } } availability { quantity } } }"#;

#[tokio::test]
async fn queries_are_answered_as_over_post() {
    let shop = Shop::start().await;
    let mut socket = Socket::ready(&shop).await;
    let by_name = "query A { a: __typename } query B($s: String!) { variant(sku: $s) { sku name } }";
    for (id, request) in [
        json!({ "query": VARIANT }),
        json!({ "query": "{ products(first: 40) { totalCount nodes { name description variants { sku name } } } }" }),
        json!({ "query": by_name, "operationName": "B", "variables": { "s": "MC-10008-WHT-L" } }),
        json!({ "query": "{ __typename products(first: 101) { nodes { id } } }" }),
        json!({ "query": "mutation { __typename }" }),
        json!({ "query": "{ __typename }", "operationName": null, "variables": null, "extensions": {}, "more": 1 }),
    ]
    .into_iter()
    .enumerate()
    {
        let posted = shop.ask(request.clone()).await;
        let id = id.to_string();
        socket.subscribe(&id, request).await;
        assert_eq!(socket.answer(&id).await, posted.body);
    }
    for request in [
        json!({ "query": "{" }),
        json!({ "query": "{ nope }" }),
        json!({ "query": "query($s: String!) { variant(sku: $s) { sku } }", "variables": { "s": 1 } }),
        json!({ "query": "subscription { __typename }" }),
        json!({ "query": format!("{{ variants(skus: {}) {{ sku }} }}", "[".repeat(50_000)) }),
    ] {
        let posted = shop.ask(request.clone()).await;
        socket.subscribe("refused", request).await;
        assert_eq!(socket.refusal("refused").await, posted.body["errors"]);
    }
    shop.set_down("erp", true);
    let live = VARIANT.replace("price {", "price(maxAge: 0) {");
    let posted = shop.query(&live).await;
    assert_eq!(
        posted.errors(),
        ["variant.price SYSTEM_UNAVAILABLE erp retryable"]
    );
    socket.query("partial", &live).await;
    assert_eq!(socket.answer("partial").await, posted.body);
    socket.close().await;
}

#[tokio::test]
async fn operations_on_one_socket_do_not_wait_for_each_other() {
    let shop = Shop::start().await;
    shop.turn("wms", json!({ "latencyMs": 300 }));
    let mut socket = Socket::ready(&shop).await;
    socket.query("slow", VARIANT).await;
    socket.query("fast", "{ __typename }").await;
    assert_eq!(
        socket.answer("fast").await,
        json!({ "data": { "__typename": "Query" } })
    );
    assert_eq!(
        socket.answer("slow").await["data"]["variant"]["availability"]["quantity"],
        "59"
    );
    // What has ended is free to be used again.
    socket.query("slow", "{ __typename }").await;
    socket.answer("slow").await;
}

#[tokio::test]
async fn a_completed_operation_asks_no_further_system() {
    let shop = Shop::start().await;
    let listing = "{ products(first: 3) { nodes { variants { sku availability { quantity } } } } }";
    let names = "{ products(first: 3) { nodes { variants { sku } } } }";
    let mut socket = Socket::ready(&shop).await;
    shop.turn("pim", json!({ "latencyMs": 300 }));
    socket.query("a", listing).await;
    asked(&shop, "pim").await;
    socket.say(json!({ "id": "a", "type": "complete" })).await;
    // The call under way is shared, so the second operation is answered when the first would have gone on.
    socket.query("b", names).await;
    socket.answer("b").await;
    shop.turn("pim", json!({ "latencyMs": 0 }));
    socket
        .query(
            "c",
            r#"{ variant(sku: "MC-10008-WHT-M") { price { unitPrice { gross { amount } } } } }"#,
        )
        .await;
    socket.answer("c").await;
    assert_eq!(shop.calls(), "pim 2, erp 1, wms 0");
    // The id is free again, and the same question is asked to its end.
    socket.query("a", listing).await;
    socket.answer("a").await;
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 1");
}

async fn end_after(shop: &Shop, messages: &[Value]) -> (u16, String) {
    let mut socket = Socket::open(shop).await;
    for message in messages {
        socket.say(message.clone()).await;
    }
    socket.end().await
}

#[tokio::test]
async fn the_order_of_messages_is_kept() {
    let shop = Shop::start().await;
    let init = json!({ "type": "connection_init" });
    let subscribe = json!({ "id": "a", "type": "subscribe", "payload": { "query": VARIANT } });
    let end = |code: u16, reason: &str| (code, reason.to_owned());
    assert_eq!(
        end_after(&shop, std::slice::from_ref(&subscribe)).await,
        end(4401, "Unauthorized")
    );
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
    let mut socket = Socket::ready(&shop).await;
    socket.say(init.clone()).await;
    assert_eq!(socket.end().await, end(4429, "Too many initialisation requests"));
    shop.turn("wms", json!({ "latencyMs": 300 }));
    let mut socket = Socket::ready(&shop).await;
    socket.say(subscribe.clone()).await;
    socket.say(subscribe.clone()).await;
    assert_eq!(socket.end().await, end(4409, "Subscriber for a already exists"));
    // A reason has at most 123 bytes.
    let long = "å".repeat(64);
    let mut socket = Socket::ready(&shop).await;
    socket.query(&long, VARIANT).await;
    socket.query(&long, VARIANT).await;
    assert_eq!(
        socket.end().await,
        end(4409, &format!("Subscriber for {}", "å".repeat(54)))
    );
}

#[tokio::test]
async fn pings_and_pongs_are_welcome_at_any_time() {
    let shop = Shop::start().await;
    for mut socket in [Socket::open(&shop).await, Socket::ready(&shop).await] {
        socket.say(json!({ "type": "ping" })).await;
        socket.hears(json!({ "type": "pong" })).await;
        socket.say(json!({ "type": "ping", "payload": null })).await;
        socket.hears(json!({ "type": "pong" })).await;
        let payload = json!({ "at": 1.50, "text": "å\u{1f6b2}\"", "deep": [[{}]] });
        socket.say(json!({ "type": "ping", "payload": payload })).await;
        socket.hears(json!({ "type": "pong", "payload": payload })).await;
        socket.say(json!({ "type": "pong" })).await;
        socket.say(json!({ "type": "pong", "payload": { "a": 1 } })).await;
        // Of an operation that nobody knows, perhaps no longer: nothing.
        socket.say(json!({ "type": "complete", "id": "unknown" })).await;
        // Those of the WebSocket itself.
        let ping = socket.io.send(Message::Ping("abc".into())).await;
        ping.expect("it is read");
        let pong = socket.io.next().await.expect("an answer").expect("an answer");
        assert_eq!(pong, Message::Pong("abc".into()));
        socket.is_silent().await;
    }
}

#[tokio::test]
async fn what_is_no_message_ends_the_socket() {
    let shop = Shop::start().await;
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "{",
        "\u{feff}{\"type\":\"ping\"}",
        r#"{"type":"ping"} {"type":"ping"}"#,
        r#"{"type":"ping","type":"ping"}"#,
        r#"{"type":null}"#,
        r#"{"type":"PING"}"#,
        r#"{"type":"start","id":"1","payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"connection_terminate"}"#,
        r#"{"type":"connection_ack"}"#,
        r#"{"type":"next","id":"1","payload":{}}"#,
        r#"{"type":"ping","payload":[]}"#,
        r#"{"type":"pong","payload":"x"}"#,
        r#"{"type":"connection_init","payload":[]}"#,
        r#"{"type":"connection_init","payload":"Bearer x"}"#,
        r#"{"type":"complete"}"#,
        r#"{"type":"complete","id":1}"#,
        r#"{"type":"subscribe","payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe","id":7,"payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe","id":"1"}"#,
        r#"{"type":"subscribe","id":"1","payload":null}"#,
        r#"{"type":"subscribe","id":"1","payload":{}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":null}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","variables":[]}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","operationName":1}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"\ud800"}}"#,
    ] {
        for is_ready in [false, true] {
            let mut socket = Socket::open(&shop).await;
            if is_ready {
                socket = Socket::ready(&shop).await;
            }
            socket.say_text(text).await;
            let (code, reason) = socket.end().await;
            assert_eq!(code, 4400, "{text}: {reason}");
            assert!(!reason.is_empty(), "{text}");
        }
    }
    let long = json!({ "type": "complete", "id": "a".repeat(129) });
    assert_eq!(end_after(&shop, &[long]).await.0, 4400);
    let mut socket = Socket::ready(&shop).await;
    let bytes = json!({ "type": "ping" }).to_string();
    socket.io.send(Message::binary(bytes)).await.expect("it is read");
    assert_eq!(
        socket.end().await,
        (4400, "binary messages are not taken".to_owned())
    );
}

#[tokio::test]
async fn only_the_one_subprotocol_is_spoken() {
    let shop = Shop::start().await;
    let name = SUBPROTOCOL.0;
    for offered in [
        "graphql-transport-ws",
        "graphql-ws, graphql-transport-ws",
        "a,graphql-transport-ws ,b",
    ] {
        let answer = upgrade(&shop, &[(name, offered)]).await;
        assert_eq!(answer.header(name), Some("graphql-transport-ws"), "{offered}");
        assert_eq!(
            answer.header("Sec-WebSocket-Accept"),
            Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        );
        answer.socket().await.close().await;
    }
    let two_lines = upgrade(&shop, &[(name, "a"), SUBPROTOCOL]).await;
    assert_eq!(two_lines.header(name), Some("graphql-transport-ws"));
    for offered in [
        &[][..],
        &[(name, "graphql-ws")],
        &[(name, "")],
        &[(name, "GraphQL-Transport-WS")],
    ] {
        let answer = upgrade(&shop, offered).await;
        assert_eq!(answer.header(name), None, "{offered:?}");
        let end = answer.socket().await.end().await;
        assert_eq!(
            end,
            (4406, "Subprotocol not acceptable".to_owned()),
            "{offered:?}"
        );
    }
}

#[tokio::test]
async fn a_request_that_is_no_upgrade_is_refused() {
    let shop = Shop::start().await;
    for (missing, status) in [
        ("Upgrade", 400),
        ("Connection", 400),
        ("Sec-WebSocket-Version", 400),
        ("Sec-WebSocket-Key", 400),
    ] {
        let answer = upgrade_without(&shop, missing, &[SUBPROTOCOL]).await;
        assert_eq!(answer.status, status, "without {missing}");
    }
    let older = ("Sec-WebSocket-Version", "8");
    let answer = upgrade_without(&shop, older.0, &[older, SUBPROTOCOL]).await;
    assert_eq!((answer.status, answer.header(older.0)), (400, Some("13")));
    let other = upgrade_without(&shop, "Upgrade", &[("Upgrade", "h2c"), SUBPROTOCOL]).await;
    assert_eq!(
        other.status, 400,
        "it is a GET that a page of another site could send"
    );
    let headers = [("Connection", "Upgrade"), ("Upgrade", "websocket"), SUBPROTOCOL];
    assert_eq!(
        send_head(&shop, "GET /graphql HTTP/1.0", &headers).await.status,
        400
    );
    assert_eq!(
        send_head(&shop, "HEAD /graphql HTTP/1.1", &headers).await.status,
        400
    );
    assert_eq!(
        send_head(&shop, "PUT /graphql HTTP/1.1", &headers).await.status,
        405
    );
    assert_eq!(
        send_head(&shop, "GET /health/live HTTP/1.1", &headers)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn pages_of_other_sites_open_no_socket() {
    let shop = Shop::start().await;
    for (origin, host, allowed) in [
        ("https://shop.example", "shop.example", true),
        ("http://shop.example", "shop.example", true),
        ("https://shop.example", "shop.example:443", true),
        ("https://SHOP.example", "Shop.Example", true),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
        ("http://[::1]:8080", "[::1]:8080", true),
        ("https://evil.example", "shop.example", false),
        ("https://shop.example.evil.example", "shop.example", false),
        ("https://evil.shop.example", "shop.example", false),
        ("https://shop.example:8443", "shop.example", false),
        ("http://127.0.0.1:8081", "127.0.0.1:8080", false),
        ("null", "shop.example", false),
        ("", "shop.example", false),
        ("shop.example", "shop.example", false),
        ("file://", "shop.example", false),
    ] {
        let answer = upgrade(&shop, &[SUBPROTOCOL, ("Host", host), ("Origin", origin)]).await;
        let expected = if allowed { 101 } else { 403 };
        assert_eq!(answer.status, expected, "{origin} on {host}");
    }
    let own = shop.url.as_str();
    let twice = upgrade(
        &shop,
        &[SUBPROTOCOL, ("Origin", own), ("Origin", "https://evil.example")],
    )
    .await;
    assert_eq!(twice.status, 403);
    assert_eq!(upgrade(&shop, &[SUBPROTOCOL, ("Origin", own)]).await.status, 101);
}

#[tokio::test]
async fn an_open_socket_is_a_connection_and_counted() {
    let shop = Shop::with(|yaml| limited(&yaml, "deadline_ms: 60000, connections: 2")).await;
    assert_eq!(sockets(&shop).await, "0");
    let socket = Socket::ready(&shop).await;
    assert_eq!(sockets(&shop).await, "1");
    // The connection that the metrics come over is kept alive and has the other place.
    let mut refused = connect(&shop).await;
    let heard = refused.read(&mut [0]).await;
    assert!(matches!(heard, Ok(0) | Err(_)), "closed at once: {heard:?}");
    assert_eq!(ended(&shop, "over_limit").await, "1");
    socket.close().await;
    while sockets(&shop).await != "0" {}
}

#[tokio::test]
async fn when_the_server_stops_operations_are_finished_and_sockets_end() {
    let shop = Shop::start().await;
    let idle = Socket::ready(&shop).await;
    let silent = Socket::open(&shop).await;
    let mut busy = Socket::ready(&shop).await;
    shop.turn("wms", json!({ "latencyMs": 500 }));
    busy.query("a", VARIANT).await;
    asked(&shop, "wms").await;
    // The demo systems end with the shop, which is after the gateway.
    let ended = tokio::spawn(shop.finish());
    let stopping = (1001, "the server is stopping".to_owned());
    assert_eq!(idle.end().await, stopping);
    assert_eq!(silent.end().await, stopping);
    assert_eq!(
        busy.answer("a").await["data"]["variant"]["availability"]["quantity"],
        "59"
    );
    assert_eq!(busy.end().await, stopping);
    ended.await.expect("the gateway ends well");
}
