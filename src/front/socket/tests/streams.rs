//! Operations that go on: events, what ends them, and what a slow client costs.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::client::{Client, SHORT};
use super::{bearer, end};

const TOO_SLOW: &str = "what was sent was not taken in time";

#[tokio::test(start_paused = true)]
async fn a_stream_gives_its_events_and_is_complete() {
    let mut client = Client::ready(json!({})).await;
    client.subscribe("a", "stream end").await;
    client.event("a", "0").await;
    client.answer("a", "1").await;
    client.hanging(0).await;
    // Its id is free again, and one that fails ends with its errors.
    client.subscribe("a", "stream fail").await;
    client.event("a", "0").await;
    client.event("a", "1").await;
    let failed = client.hear().await;
    assert_eq!((&failed["id"], &failed["type"]), (&json!("a"), &json!("error")));
    assert_eq!(failed["payload"][0]["message"], "no more");
    client.subscribe("a", "stream break").await;
    client.event("a", "0").await;
    client.event("a", "1").await;
    assert_eq!(
        client.hear().await["payload"][0]["extensions"]["code"],
        "INTERNAL"
    );
    client.subscribe("a", "who").await;
    client.answer("a", "nobody").await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_the_client_completes_is_dropped() {
    let mut client = Client::ready(json!({})).await;
    for id in ["a", "b"] {
        client.subscribe(id, "stream hang").await;
        client.event(id, "0").await;
        client.event(id, "1").await;
    }
    client.hanging(2).await;
    client.say(json!({ "id": "a", "type": "complete" })).await;
    client.hanging(1).await;
    client.subscribe("a", "who").await;
    client.answer("a", "nobody").await;
    // In the midst of its events: what is under way may still come, and nothing after that.
    client.subscribe("a", "stream end").await;
    client.say(json!({ "id": "a", "type": "complete" })).await;
    client.say(json!({ "type": "ping" })).await;
    while client.hear().await != json!({ "type": "pong" }) {}
    client.say(json!({ "type": "ping" })).await;
    assert_eq!(client.hear().await, json!({ "type": "pong" }));
    client.hanging(1).await;
    client.subscribe("b", "who").await;
    let reason = "Subscriber for b already exists";
    assert_eq!(client.end().await, end(4409, reason, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_of_a_stream_for_a_client_that_does_not_read() {
    let mut client = Client::ready(json!({})).await;
    client.subscribe("a", "stream long").await;
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(client.backend.events.load(Ordering::SeqCst), 1);
    client.event("a", &"å".repeat(50_000)).await;
    // It reads no longer: it is told so, and may come back.
    let mut rest = Vec::new();
    tokio::time::sleep(Duration::from_secs(11)).await;
    while let Some(Ok(message)) = client.io.next().await {
        rest.push(message);
    }
    let Some(Message::Close(Some(frame))) = rest.last() else {
        panic!("{} messages without an end", rest.len());
    };
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1013, TOO_SLOW));
    client.session.await.expect("the session does not panic");
    assert_eq!(client.backend.hanging.load(Ordering::SeqCst), 0);
    assert_eq!(client.backend.too_slow.load(Ordering::SeqCst), 1);
    assert_eq!(client.backend.events.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_the_token() {
    let mut client = Client::ready(bearer("short")).await;
    client.subscribe("a", "stream hang").await;
    client.event("a", "0").await;
    client.event("a", "1").await;
    let ended = loop {
        match client.io.next().await {
            Some(Ok(Message::Ping(_))) => {}
            Some(Ok(Message::Close(Some(frame)))) => break (u16::from(frame.code), frame.reason),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(ended, (4403, "token expired".into()));
    assert!(client.since.elapsed() >= SHORT - Duration::from_secs(10));
    client.session.await.expect("the session does not panic");
    assert_eq!(client.backend.hanging.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_does_not_keep_a_stopping_server_and_other_operations_do() {
    let stopping = |after| end(1001, "the server is stopping", after);
    let mut client = Client::ready(json!({})).await;
    client.subscribe("a", "stream hang").await;
    client.event("a", "0").await;
    client.event("a", "1").await;
    client.stop.send_replace(true);
    assert_eq!(client.end().await, stopping(Duration::ZERO));
    let mut busy = Client::ready(json!({})).await;
    busy.subscribe("a", "stream hang").await;
    busy.event("a", "0").await;
    busy.event("a", "1").await;
    busy.subscribe("b", "slow").await;
    busy.say(json!({ "type": "ping" })).await;
    assert_eq!(busy.hear().await, json!({ "type": "pong" }));
    busy.stop.send_replace(true);
    busy.answer("b", "slow").await;
    // Not told that it is complete: its client is to subscribe again elsewhere.
    assert_eq!(busy.end().await, stopping(Duration::from_secs(1)));
}
