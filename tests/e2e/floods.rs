//! Floods of HTTP/2 frames that no client library would send.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::raw::{connect, rest, until_ended};
use crate::shop::Shop;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    let head = [length[1], length[2], length[3], kind, flags, 0, 0, 0, stream];
    [&head, payload].concat()
}

async fn greeted(shop: &Shop) -> TcpStream {
    let mut stream = connect(shop).await;
    let hello = [PREFACE.to_vec(), frame(SETTINGS, 0, 0, &[])].concat();
    stream.write_all(&hello).await.expect("it is open");
    stream
}

/// Sends frames until the connection ends; nothing is read. `false` when it never does.
async fn flood(stream: &mut TcpStream, frames: &[u8], most: usize) -> bool {
    for _ in 0..most {
        if stream.write_all(frames).await.is_err() {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn questions_whose_answers_nobody_takes_end_the_connection() {
    let shop = Shop::with_server("write_timeout_ms: 200").await;
    for (number, frames) in [
        frame(PING, 0, 0, &[0; 8]).repeat(1_000),
        frame(SETTINGS, 0, 0, &[]).repeat(1_000),
    ]
    .into_iter()
    .enumerate()
    {
        let mut stream = greeted(&shop).await;
        assert!(flood(&mut stream, &frames, 100_000).await, "flood {number}");
    }
    assert_eq!(shop.query("{ __typename }").await.data("__typename"), "Query");
}

#[tokio::test]
async fn headers_that_never_end_end_the_connection() {
    let shop = Shop::start().await;
    let mut stream = greeted(&shop).await;
    let head = frame(HEADERS, 0, 1, &[0x82]);
    stream.write_all(&head).await.expect("it is open");
    // A literal header, again and again.
    let more = frame(CONTINUATION, 0, 1, b"\x00\x01a\x01b").repeat(100);
    assert!(flood(&mut stream, &more, 100_000).await);
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_given_up() {
    let shop = Shop::with_server("http2: { ping_after_ms: 50, ping_timeout_ms: 50 }").await;
    let mut stream = greeted(&shop).await;
    rest(&mut stream).await;
    until_ended(&shop, "broken", 1).await;
}

#[tokio::test]
async fn what_is_not_http_at_all_is_refused() {
    let shop = Shop::start().await;
    for garbage in [
        &[0; 100][..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"SSH-2.0-x\r\n",
    ] {
        let mut stream = connect(&shop).await;
        stream.write_all(garbage).await.expect("it is open");
        stream.shutdown().await.expect("its half");
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said).await;
        assert!(
            said.is_empty() || said.starts_with(b"HTTP/1.1 400 "),
            "{}",
            String::from_utf8_lossy(&said)
        );
    }
}
