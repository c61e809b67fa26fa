//! Sockets made to hurt: they end with a reason, and the gateway serves on.

use std::iter::repeat_n;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::shop::{Shop, limited};
use crate::socket_client::{SUBPROTOCOL, Socket, asked, sockets, upgrade};

/// The gateway answers somebody else.
async fn assert_serves(shop: &Shop) {
    let mut other = Socket::ready(shop).await;
    other.query("a", "{ __typename }").await;
    assert_eq!(other.answer("a").await["data"]["__typename"], "Query");
    other.close().await;
}

#[tokio::test]
async fn deep_json_is_refused() {
    let shop = Shop::start().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [200, 10_000, 200_000] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let unclosed = open.repeat(depth);
            for message in [
                deep.clone(),
                unclosed.clone(),
                format!(r#"{{"type":"ping","payload":{{"a":{unclosed}"#),
                format!(r#"{{"type":{deep}}}"#),
                format!(r#"{{"type":"complete","id":{deep}}}"#),
            ] {
                // As long as a message may be: 1 MiB.
                if message.len() < 1_048_576 {
                    let mut socket = Socket::open(&shop).await;
                    socket.say_text(message).await;
                    assert_eq!(socket.end().await.0, 4400, "{open} {depth}");
                }
            }
            // Nobody looks at variables before it is known whose they are.
            let variables = format!(r#"{{"query":"","variables":{{"a":{deep}}}}}"#);
            if variables.len() < 1_000_000 {
                let mut socket = Socket::open(&shop).await;
                let message = format!(r#"{{"type":"subscribe","id":"1","payload":{variables}}}"#);
                socket.say_text(message).await;
                assert_eq!(socket.end().await.0, 4401, "{open} {depth}");
            }
            // What a payload says beside the identity is never read, and a token of this form is none.
            if deep.len() < 1_000_000 {
                let mut socket = Socket::open(&shop).await;
                socket
                    .say_text(format!(
                        r#"{{"type":"connection_init","payload":{{"a":{deep}}}}}"#
                    ))
                    .await;
                socket.hears(json!({ "type": "connection_ack" })).await;
                let mut socket = Socket::open(&shop).await;
                let token = format!(r#"{{"headers":{{"Authorization":{deep}}}}}"#);
                socket
                    .say_text(format!(r#"{{"type":"connection_init","payload":{token}}}"#))
                    .await;
                assert_eq!(socket.end().await.0, 4403, "{open} {depth}");
            }
        }
    }
    assert_serves(&shop).await;
}

/// A frame as a client sends it, masked with zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match u16::try_from(payload.len()) {
        Ok(length) if length < 126 => frame.push(0x80 | payload.len() as u8),
        Ok(length) => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&length.to_be_bytes());
        }
        Err(_) => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

const TEXT: u8 = 0x01;
const CONTINUE: u8 = 0x00;
const FINAL: u8 = 0x80;

#[tokio::test]
async fn a_message_beyond_the_limit_ends_the_socket() {
    let shop = Shop::with(|yaml| limited(&yaml, "body_bytes: 2000")).await;
    let padded = |bytes: usize| {
        let message = json!({ "type": "ping" }).to_string();
        format!("{message}{}", " ".repeat(bytes - message.len()))
    };
    let mut socket = Socket::ready(&shop).await;
    socket.say_text(padded(2000)).await;
    socket.hears(json!({ "type": "pong" })).await;
    let too_large = (1009, "a message may have 2000 bytes".to_owned());
    socket.say_text(padded(2001)).await;
    assert_eq!(socket.end().await, too_large);
    // Refused as soon as it is announced, not when it has come.
    let mut announced = Socket::ready(&shop).await;
    let mut head = vec![FINAL | TEXT, 0x80 | 127];
    head.extend_from_slice(&(1_u64 << 40).to_be_bytes());
    announced.say_bytes(&[&head[..], &[0; 4]].concat()).await;
    assert_eq!(announced.end().await, too_large);
    // In parts of which each is small.
    let mut fragmented = Socket::ready(&shop).await;
    let message = padded(2001).into_bytes();
    let mut parts = message.chunks(100);
    let mut bytes = frame(TEXT, parts.next().expect("a part"));
    bytes.extend(parts.flat_map(|part| frame(CONTINUE, part)));
    fragmented.say_bytes(&bytes).await;
    assert_eq!(fragmented.end().await, too_large);
    // While somebody is still sending, the reason arrives all the same.
    let mut sending = Socket::ready(&shop).await;
    sending
        .say_bytes(&frame(FINAL | TEXT, &vec![b' '; 4_000_000]))
        .await;
    assert_eq!(sending.end().await, too_large);
    assert_serves(&shop).await;
}

#[tokio::test]
async fn floods_of_fragments_hold_up_nobody() {
    let shop = Shop::start().await;
    let message = json!({ "type": "ping", "payload": { "text": "å".repeat(10_000) } }).to_string();
    let mut bytewise = Socket::ready(&shop).await;
    let mut bytes = frame(TEXT, b"");
    for byte in message.as_bytes() {
        bytes.extend(frame(CONTINUE, &[*byte]));
    }
    bytes.extend(frame(FINAL | CONTINUE, b""));
    bytewise.say_bytes(&bytes).await;
    let pong: Value = serde_json::from_str(&message.replace("ping", "pong")).expect("JSON");
    bytewise.hears(pong).await;
    let mut empty = Socket::ready(&shop).await;
    let nothing: Vec<u8> = repeat_n(frame(CONTINUE, b""), 200_000).flatten().collect();
    empty.say_bytes(&frame(TEXT, b"")).await;
    empty.say_bytes(&nothing).await;
    assert_serves(&shop).await;
    // A message that never ends does not keep the socket from ending.
    empty
        .say_bytes(&frame(FINAL | 0x08, &1000_u16.to_be_bytes()))
        .await;
    assert_eq!(empty.end().await, (1000, String::new()));
}

#[tokio::test]
async fn bytes_that_are_no_websocket_end_the_socket() {
    let shop = Shop::start().await;
    let unmasked = [FINAL | TEXT, 2, b'{', b'}'];
    let no_utf8 = frame(FINAL | TEXT, b"{\"type\":\"\xff\xfe\"}");
    for (bytes, code) in [
        (unmasked.to_vec(), 1002),
        (frame(FINAL | 0x40 | TEXT, b"{}"), 1002),
        (frame(FINAL | 0x03, b"{}"), 1002),
        (frame(FINAL | 0x0b, b"{}"), 1002),
        (frame(FINAL | CONTINUE, b"{}"), 1002),
        ([frame(TEXT, b"{"), frame(FINAL | TEXT, b"}")].concat(), 1002),
        (frame(0x09, b"part of a ping"), 1002),
        (frame(FINAL | 0x09, &[0; 126]), 1002),
        (no_utf8, 1007),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(5), 1002),
    ] {
        for is_ready in [false, true] {
            let mut socket = Socket::open(&shop).await;
            if is_ready {
                socket = Socket::ready(&shop).await;
            }
            socket.say_bytes(&bytes).await;
            let (ended, reason) = socket.end().await;
            assert_eq!(ended, code, "{bytes:?}: {reason}");
        }
    }
    assert_serves(&shop).await;
}

#[tokio::test]
async fn a_client_that_goes_takes_its_operations_with_it() {
    let shop = Shop::start().await;
    for (first, is_half) in [(3, true), (4, false)] {
        let listing = format!(
            "{{ products(first: {first}) {{ nodes {{ variants {{ availability {{ quantity }} }} }} }} }}"
        );
        shop.turn("pim", json!({ "latencyMs": 300 }));
        let mut socket = Socket::ready(&shop).await;
        socket.query("a", &listing).await;
        asked(&shop, "pim").await;
        if is_half {
            // It only says that it will send nothing more, which no WebSocket does.
            socket.io.get_mut().shutdown().await.expect("a connection");
            let end = socket.io.next().await;
            assert!(
                matches!(end, Some(Err(_))),
                "{end:?} instead of an end without a word"
            );
        } else {
            drop(socket);
        }
        while sockets(&shop).await != "0" {}
        // The call under way is shared, so this is answered when the operation would have gone on.
        let names = listing.replace("availability { quantity }", "sku");
        assert_eq!(shop.query(&names).await.status, 200);
        shop.turn("pim", json!({ "latencyMs": 0 }));
        assert_serves(&shop).await;
        assert_eq!(shop.calls(), "pim 1, erp 0, wms 0");
    }
}

#[tokio::test]
async fn an_upgrade_without_a_word_after_it_leaves_nothing() {
    let shop = Shop::start().await;
    for _ in 0..50 {
        drop(upgrade(&shop, &[SUBPROTOCOL]).await);
    }
    while sockets(&shop).await != "0" {}
    assert_serves(&shop).await;
}
