//! Clients that take their time: those that send nothing, or little, or take nothing of what they asked for.

use std::io::ErrorKind;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::raw::{answer, connect, connect_from, ended, question, rest, sample, until_alone, until_ended};
use crate::shop::{LONG, Shop, limited};
use crate::socket_client::Socket;

/// Between bytes of a client that sends them one by one; nothing depends on how long it is.
const PAUSE: Duration = Duration::from_millis(5);

#[tokio::test]
async fn a_silent_connection_is_ended() {
    let shop = Shop::with_server("header_timeout_ms: 100").await;
    let mut silent = connect(&shop).await;
    assert_eq!(rest(&mut silent).await, "");
    assert_eq!(ended(&shop, "silent").await, "1");
    // Part of what HTTP/2 begins with is no more.
    let mut hesitant = connect(&shop).await;
    hesitant.write_all(b"PRI * HTTP/2").await.expect("it is open");
    assert_eq!(rest(&mut hesitant).await, "");
    assert_eq!(ended(&shop, "silent").await, "2");
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_is_ended_and_others_are_served_meanwhile() {
    let shop = Shop::with_server("header_timeout_ms: 200").await;
    let mut slow = connect(&shop).await;
    slow.write_all(b"POST /graphql HTTP/1.1\r\nhost: x\r\nx-long: ")
        .await
        .expect("it is open");
    let (mut hears, mut says) = slow.split();
    let trickle = async {
        while says.write_all(b"a").await.is_ok() {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        said = rest(&mut hears) => assert_eq!(said, ""),
        () = trickle => {}
    }
    assert_eq!(shop.query("{ __typename }").await.data("__typename"), "Query");
    until_ended(&shop, "header_timeout", 1).await;
}

#[tokio::test]
async fn the_next_head_of_a_connection_has_a_time_limit_too() {
    let shop = Shop::with_server("header_timeout_ms: 200, idle_timeout_ms: 60000").await;
    let mut slow = connect(&shop).await;
    slow.write_all(question("").as_bytes()).await.expect("it is open");
    assert!(answer(&mut slow).await.is_some());
    slow.write_all(b"POST /graphql HTTP/1.1\r\n")
        .await
        .expect("it is open");
    assert_eq!(rest(&mut slow).await, "");
    assert_eq!(ended(&shop, "header_timeout").await, "1");
}

#[tokio::test]
async fn a_body_that_comes_byte_by_byte_is_answered_and_ended() {
    let shop = Shop::with_server("body_timeout_ms: 200").await;
    for head in ["content-length: 1000", "transfer-encoding: chunked"] {
        let mut slow = connect(&shop).await;
        let head =
            format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{head}\r\n\r\n");
        slow.write_all(head.as_bytes()).await.expect("it is open");
        let (mut hears, mut says) = slow.split();
        let trickle = async {
            let piece: &[u8] = if head.contains("chunked") {
                b"1\r\n \r\n"
            } else {
                b" "
            };
            while says.write_all(piece).await.is_ok() {
                tokio::time::sleep(PAUSE).await;
            }
            std::future::pending::<()>().await;
        };
        let said = tokio::select! {
            said = rest(&mut hears) => said,
            () = trickle => unreachable!("it waits for ever"),
        };
        assert!(said.starts_with("HTTP/1.1 408 "), "{head}: {said}");
    }
}

#[tokio::test]
async fn a_connection_without_requests_is_ended() {
    let shop = Shop::with_server("idle_timeout_ms: 200").await;
    let mut idle = connect(&shop).await;
    idle.write_all(question("").as_bytes()).await.expect("it is open");
    assert!(answer(&mut idle).await.is_some());
    assert_eq!(rest(&mut idle).await, "");
}

#[tokio::test]
async fn a_request_may_run_longer_than_a_connection_may_be_idle() {
    let shop = Shop::with_server("idle_timeout_ms: 50, header_timeout_ms: 50, write_timeout_ms: 50").await;
    shop.turn("wms", json!({ "latencyMs": 500 }));
    let answer = shop
        .query(r#"{ variant(sku: "MC-10008-WHT-M") { availability { quantity } } }"#)
        .await;
    assert_eq!(answer.data("variant.availability.quantity"), "59");
}

#[tokio::test]
async fn a_client_that_ends_in_the_middle_leaves_nothing_behind() {
    let shop = Shop::start().await;
    for said in [
        "",
        "POST /gra",
        "POST /graphql HTTP/1.1\r\ncontent-length: 9\r\n\r\n{",
    ] {
        let mut half = connect(&shop).await;
        half.write_all(said.as_bytes()).await.expect("it is open");
        half.shutdown().await.expect("its half");
        rest(&mut half).await;
    }
    until_alone(&shop).await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_dropped() {
    let shop = Shop::with_server("write_timeout_ms: 200").await;
    let mut greedy = connect(&shop).await;
    // Far more than the kernel keeps for a connection.
    for _ in 0..200 {
        let ask = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        if greedy.write_all(ask).await.is_err() {
            break;
        }
    }
    until_ended(&shop, "write_timeout", 1).await;
    until_alone(&shop).await;
}

#[tokio::test]
async fn one_address_has_its_share_of_the_connections() {
    let shop = Shop::with_server("connections_per_address: 3").await;
    let mut kept = Vec::new();
    for _ in 0..3 {
        let mut stream = connect_from(&shop, "127.0.0.2").await;
        stream
            .write_all(question("").as_bytes())
            .await
            .expect("it is open");
        assert!(answer(&mut stream).await.is_some());
        kept.push(stream);
    }
    let mut beyond = connect_from(&shop, "127.0.0.2").await;
    assert_eq!(rest(&mut beyond).await, "", "closed without a word");
    let mut other = connect_from(&shop, "127.0.0.3").await;
    other
        .write_all(question("").as_bytes())
        .await
        .expect("it is open");
    assert!(answer(&mut other).await.is_some(), "others have their own share");
    assert_eq!(ended(&shop, "over_address_limit").await, "1");
    kept.pop();
    // The gateway hears of it in its own time; every try before is closed at once.
    loop {
        let mut again = connect_from(&shop, "127.0.0.2").await;
        let _ = again.write_all(question("").as_bytes()).await;
        if answer(&mut again).await.is_some() {
            break;
        }
    }
}

#[tokio::test]
async fn a_socket_has_a_place_of_its_address_as_long_as_it_lives() {
    let shop = Shop::with_server("connections_per_address: 1").await;
    let socket = Socket::ready(&shop).await;
    assert_eq!(rest(&mut connect(&shop).await).await, "", "closed without a word");
    socket.close().await;
    loop {
        let mut again = connect(&shop).await;
        let _ = again.write_all(question("").as_bytes()).await;
        if answer(&mut again).await.is_some() {
            break;
        }
    }
}

/// As many as fit the files that a process may open, twice, beside those of other specs that run at the same time.
const MANY: usize = 4_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_idle_connections_keep_nobody_from_being_served() {
    let server =
        "server: { connections_per_address: null, header_timeout_ms: 600000, idle_timeout_ms: 600000 }";
    let shop = Shop::with(|yaml| {
        let more = format!("deadline_ms: 60000, connections: {}", MANY + 10);
        format!("{}{LONG}{server}\n", limited(&yaml, &more))
    })
    .await;
    let mut idle = Vec::with_capacity(MANY);
    for number in 0..MANY {
        let mut stream = connect(&shop).await;
        // Half of them have asked something.
        if number % 2 == 0 {
            stream
                .write_all(question("").as_bytes())
                .await
                .expect("it is open");
            assert!(answer(&mut stream).await.is_some(), "connection {number}");
        }
        idle.push(stream);
    }
    assert_eq!(shop.query("{ __typename }").await.data("__typename"), "Query");
    let open: usize = sample(&shop, "skuery_connections")
        .await
        .parse()
        .expect("a number");
    assert!(open > MANY, "{open}");
    for stream in &mut idle[..10] {
        stream
            .write_all(question("").as_bytes())
            .await
            .expect("it is open");
        assert!(answer(stream).await.is_some());
    }
    let silent = idle[11].try_read(&mut [0]).map_err(|error| error.kind());
    assert_eq!(silent, Err(ErrorKind::WouldBlock), "it is open");
    drop(idle);
    until_alone(&shop).await;
}
