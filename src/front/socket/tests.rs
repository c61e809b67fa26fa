//! A session over a connection in memory, with a clock that stands still until everybody waits.

mod client;
mod streams;

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::Message;

use self::client::{Client, HELD_BYTES, SHORT};
use super::session::{INIT_TIMEOUT, MOST_OPERATIONS, PING_AFTER, PONG_TIMEOUT, VERIFY_TIMEOUT};

const NO_KEYS: &str = "tokens cannot be checked at the moment: the identity provider does not answer";

fn end(code: u16, reason: &str, after: Duration) -> (u16, String, u64) {
    (code, reason.to_owned(), after.as_secs())
}

fn bearer(token: &str) -> Value {
    json!({ "Authorization": format!("Bearer {token}") })
}

#[tokio::test(start_paused = true)]
async fn without_an_initialisation_the_socket_ends_whatever_else_is_said() {
    let timeout = end(4408, "Connection initialisation timeout", INIT_TIMEOUT);
    assert_eq!(Client::open().await.end().await, timeout);
    let mut talkative = Client::open().await;
    for _ in 0..5 {
        talkative.say(json!({ "type": "ping" })).await;
        assert_eq!(talkative.hear().await, json!({ "type": "pong" }));
        tokio::time::sleep(INIT_TIMEOUT / 6).await;
    }
    assert_eq!(talkative.end().await, timeout);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_answered_before_the_acknowledgement() {
    let init = |token| json!({ "type": "connection_init", "payload": bearer(token) });
    let now = Duration::ZERO;
    let mut early = Client::open().await;
    early.say(init("slow")).await;
    early.subscribe("a", "who").await;
    assert_eq!(early.end().await, end(4401, "Unauthorized", now));
    let mut twice = Client::open().await;
    twice.say(init("slow")).await;
    twice.say(init("slow")).await;
    assert_eq!(
        twice.end().await,
        end(4429, "Too many initialisation requests", now)
    );
    for (token, expected) in [
        ("wrong", end(4403, "the token is not valid", now)),
        ("unknown", end(1013, NO_KEYS, now)),
        ("slow", end(1013, NO_KEYS, VERIFY_TIMEOUT)),
        ("broken", end(4500, "Internal server error", now)),
    ] {
        let mut client = Client::open().await;
        client.say(init(token)).await;
        assert_eq!(client.end().await, expected, "{token}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_socket_ends_with_its_token() {
    let mut client = Client::ready(bearer("short")).await;
    client.subscribe("a", "who").await;
    client.answer("a", "somebody").await;
    client.subscribe("b", "hang").await;
    // As long as a client answers pings it may be silent.
    let ended = async {
        loop {
            match client.io.next().await {
                Some(Ok(Message::Ping(_))) => {}
                Some(Ok(Message::Close(Some(frame)))) => return (u16::from(frame.code), frame.reason),
                other => panic!("{other:?}"),
            }
        }
    };
    assert_eq!(ended.await, (4403, "token expired".into()));
    let lasted = client.since.elapsed();
    assert!(lasted.abs_diff(SHORT) < Duration::from_secs(10), "{lasted:?}");
    assert!(client.io.next().await.is_none());
    client.session.await.expect("the session does not panic");
    assert_eq!(client.backend.hanging.load(Ordering::SeqCst), 0);

    let mut late = Client::open().await;
    late.say(json!({ "type": "connection_init", "payload": bearer("past") }))
        .await;
    assert_eq!(late.end().await, end(4403, "token expired", Duration::ZERO));
    let mut endless = Client::ready(bearer("endless")).await;
    endless.subscribe("a", "who").await;
    endless.answer("a", "somebody").await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_answers_no_ping_is_given_up() {
    let mut client = Client::ready(json!({})).await;
    client.subscribe("a", "hang").await;
    // The library answers pings as it reads, so this client does not read.
    tokio::time::sleep(PING_AFTER + PONG_TIMEOUT / 2).await;
    client.hanging(1).await;
    tokio::time::sleep(PONG_TIMEOUT).await;
    client.hanging(0).await;
    client.session.await.expect("the session does not panic");
    let mut frames = Vec::new();
    let read = client.io.get_mut().read_to_end(&mut frames).await;
    read.expect("an end");
    let ping = [0x89, 0];
    let close = [&[0x88, 2 + 7][..], &1002_u16.to_be_bytes(), b"no pong"].concat();
    assert_eq!(frames, [&ping[..], &close].concat());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_no_answers_is_given_up() {
    let mut client = Client::ready(json!({})).await;
    for id in 0..MOST_OPERATIONS - 1 {
        client.subscribe(&id.to_string(), "long").await;
    }
    client.subscribe("last", "hang").await;
    client.session.await.expect("the session does not panic");
    assert_eq!(client.backend.hanging.load(Ordering::SeqCst), 0);
    assert_eq!(client.backend.too_slow.load(Ordering::SeqCst), 1);
    // Long before the first ping: it was the answer that did not go out.
    assert!(client.since.elapsed() < PING_AFTER);
    let mut rest = Vec::new();
    let read = client.io.get_mut().read_to_end(&mut rest).await;
    assert!(
        read.expect("an end") <= HELD_BYTES,
        "no more than the connection held"
    );
}

#[tokio::test(start_paused = true)]
async fn pongs_do_not_pile_up_for_a_client_that_reads_none() {
    let mut client = Client::ready(json!({})).await;
    let payload = vec![7; 125];
    let pings = 10_000;
    for _ in 0..pings {
        client
            .io
            .send(Message::Ping(payload.clone().into()))
            .await
            .expect("it is read");
    }
    client.say(json!({ "type": "ping" })).await;
    let mut pongs = 0;
    while let Some(Ok(Message::Pong(_))) = client.io.next().await {
        pongs += 1;
    }
    assert!(
        pongs > 0 && pongs * payload.len() < 80_000,
        "{pongs} pongs of {pings} were kept"
    );
}

#[tokio::test(start_paused = true)]
async fn operations_beyond_the_bound_are_refused_and_the_others_go_on() {
    let mut client = Client::ready(json!({})).await;
    for id in 0..MOST_OPERATIONS {
        client.subscribe(&id.to_string(), "hang").await;
    }
    client.subscribe("more", "who").await;
    let refused = client.hear().await;
    assert_eq!(
        (&refused["id"], &refused["type"]),
        (&json!("more"), &json!("error"))
    );
    assert_eq!(
        refused["payload"][0]["extensions"]["code"],
        "OPERATION_NOT_ALLOWED"
    );
    client.hanging(MOST_OPERATIONS).await;
    client.say(json!({ "id": "0", "type": "complete" })).await;
    client.subscribe("more", "who").await;
    client.answer("more", "nobody").await;
    client.hanging(MOST_OPERATIONS - 1).await;
    // However often that is done.
    for _ in 0..10 * MOST_OPERATIONS {
        client.subscribe("0", "hang").await;
        client.say(json!({ "id": "0", "type": "complete" })).await;
    }
    client.subscribe("0", "who").await;
    client.answer("0", "nobody").await;
    client.subscribe("1", "who").await;
    assert_eq!(
        client.end().await,
        end(4409, "Subscriber for 1 already exists", Duration::ZERO)
    );
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_was_completed_is_not_answered() {
    let mut client = Client::ready(json!({})).await;
    client.subscribe("a", "slow").await;
    client.say(json!({ "id": "a", "type": "complete" })).await;
    client.subscribe("a", "who").await;
    client.answer("a", "nobody").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    client.say(json!({ "type": "ping", "payload": { "a": 1 } })).await;
    assert_eq!(
        client.hear().await,
        json!({ "type": "pong", "payload": { "a": 1 } })
    );
}

#[tokio::test(start_paused = true)]
async fn a_fault_ends_its_operation_only() {
    let mut client = Client::ready(json!({})).await;
    client.subscribe("a", "slow").await;
    client.subscribe("b", "break").await;
    let broken = client.hear().await;
    assert_eq!((&broken["id"], &broken["type"]), (&json!("b"), &json!("error")));
    assert_eq!(broken["payload"][0]["extensions"]["code"], "INTERNAL");
    client.subscribe("b", "refuse").await;
    let refused = client.hear().await;
    assert_eq!(refused["payload"][0]["message"], "not so");
    client.answer("a", "slow").await;
}

#[tokio::test(start_paused = true)]
async fn a_long_answer_comes_whole_to_a_client_that_reads() {
    let mut client = Client::ready(json!({})).await;
    client.subscribe("a", "long").await;
    client.answer("a", &"å".repeat(50_000)).await;
}

#[tokio::test(start_paused = true)]
async fn when_the_server_stops_what_runs_is_finished_first() {
    let stopping = |after| end(1001, "the server is stopping", after);
    let idle = Client::ready(json!({})).await;
    idle.stop.send_replace(true);
    assert_eq!(idle.end().await, stopping(Duration::ZERO));
    let silent = Client::open().await;
    silent.stop.send_replace(true);
    assert_eq!(silent.end().await, stopping(Duration::ZERO));
    let mut busy = Client::ready(json!({})).await;
    busy.subscribe("a", "slow").await;
    busy.say(json!({ "type": "ping" })).await;
    assert_eq!(busy.hear().await, json!({ "type": "pong" }));
    busy.stop.send_replace(true);
    busy.subscribe("b", "who").await;
    let refused = busy.hear().await;
    assert_eq!((&refused["id"], &refused["type"]), (&json!("b"), &json!("error")));
    busy.answer("a", "slow").await;
    assert_eq!(busy.end().await, stopping(Duration::from_secs(1)));
}
