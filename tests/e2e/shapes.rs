//! HTTP/1.1 as it should not be sent: shapes by which a proxy and a server might see different requests.

use crate::raw::{answer, connect, question, said_to};
use crate::shop::Shop;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

const BODY: &str = r#"{"query":"{ __typename }"}"#;

/// A POST with these lines in its head, this body, and a second request that must not be seen inside it.
fn post(lines: &str, body: &str) -> String {
    format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{lines}\r\n{body}")
}

fn statuses(said: &str) -> Vec<&str> {
    said.split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| answer.get(..3).unwrap_or(answer))
        .collect()
}

#[tokio::test]
async fn requests_that_could_be_read_in_two_ways_are_refused() {
    let shop = Shop::start().await;
    let length = BODY.len();
    for (name, lines, body) in [
        (
            "two lengths",
            format!("content-length: {length}\r\ncontent-length: 3\r\n"),
            BODY,
        ),
        (
            "a list of lengths",
            format!("content-length: {length}, 3\r\n"),
            BODY,
        ),
        ("a signed length", format!("content-length: +{length}\r\n"), BODY),
        ("a negative length", "content-length: -1\r\n".to_owned(), BODY),
        ("a length in hex", "content-length: 0x1a\r\n".to_owned(), BODY),
        (
            "a length beyond counting",
            "content-length: 99999999999999999999999\r\n".to_owned(),
            BODY,
        ),
        (
            "chunked not last",
            "transfer-encoding: chunked, identity\r\n".to_owned(),
            "0\r\n\r\n",
        ),
        (
            "an unknown coding",
            "transfer-encoding: xchunked\r\n".to_owned(),
            "0\r\n\r\n",
        ),
        (
            "space before the colon",
            format!("content-length : {length}\r\n"),
            BODY,
        ),
        (
            "a folded line",
            format!("x-a: b\r\n c\r\ncontent-length: {length}\r\n"),
            BODY,
        ),
        (
            "a byte that is none",
            format!("x-a: b\0c\r\ncontent-length: {length}\r\n"),
            BODY,
        ),
        (
            "a bare return",
            format!("x-a: b\rc\r\ncontent-length: {length}\r\n"),
            BODY,
        ),
    ] {
        let said = said_to(&shop, post(&lines, body)).await;
        assert_eq!(statuses(&said), ["400"], "{name}: {said}");
    }
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn chunks_that_are_none_are_refused() {
    let shop = Shop::start().await;
    let long = format!("1;{}\r\n \r\n0\r\n\r\n", "a".repeat(20_000));
    for (name, body) in [
        ("no size", "\r\n"),
        ("no number", "zz\r\n"),
        ("a signed size", "+5\r\nhello\r\n0\r\n\r\n"),
        ("a size in hex notation", "0x5\r\nhello\r\n0\r\n\r\n"),
        ("a size beyond counting", "fffffffffffffffff\r\n"),
        ("more than its size", "1\r\nhello\r\n0\r\n\r\n"),
        ("an extension without end", &long),
    ] {
        let said = said_to(&shop, post("transfer-encoding: chunked\r\n", body)).await;
        let found = statuses(&said);
        assert!(
            matches!(found.as_slice(), [status] if status.starts_with('4')),
            "{name}: {said}"
        );
    }
}

/// RFC 9112, section 6.1: whoever sends both a length and chunks may be smuggling; what follows is not read.
#[tokio::test]
async fn chunks_with_a_length_beside_are_not_followed_by_another_request() {
    let shop = Shop::start().await;
    let hidden = "0\r\n\r\nGET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";
    let length = hidden.len();
    for lines in [
        format!("content-length: {length}\r\ntransfer-encoding: chunked\r\n"),
        format!("transfer-encoding: chunked\r\ncontent-length: {length}\r\n"),
    ] {
        let said = said_to(&shop, post(&lines, hidden)).await;
        let found = statuses(&said);
        assert!(!said.contains("live\n"), "{said}");
        assert!(found.len() <= 1, "{said}");
    }
}

#[tokio::test]
async fn requests_that_are_sent_ahead_are_answered_in_order() {
    let shop = Shop::start().await;
    let ahead = [
        question(""),
        "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
        question("connection: close\r\n"),
    ];
    let said = said_to(&shop, ahead.concat()).await;
    assert_eq!(statuses(&said), ["200", "200", "200"]);
    let live = said.find("live\n").expect("the second");
    assert!(said.find("__typename").expect("the first") < live);
    assert!(said.rfind("__typename").expect("the third") > live);
}

#[tokio::test]
async fn chunks_make_a_request_as_well_as_a_length() {
    let shop = Shop::start().await;
    let (first, second) = BODY.split_at(7);
    let body = format!(
        "{:x}\r\n{first}\r\n{:X};name=value\r\n{second}\r\n0\r\nx-trailer: 1\r\n\r\n",
        first.len(),
        second.len()
    );
    let said = said_to(
        &shop,
        post("transfer-encoding: chunked\r\nconnection: close\r\n", &body),
    )
    .await;
    assert_eq!(statuses(&said), ["200"], "{said}");
}

#[tokio::test]
async fn head_is_answered_without_a_body() {
    let shop = Shop::start().await;
    for path in ["/", "/health/live", "/health/ready", "/metrics"] {
        let head = format!("HEAD {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let said = said_to(&shop, head).await;
        assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
        assert!(said.ends_with("\r\n\r\n"), "{said}");
        let length = said
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        assert!(length.is_some_and(|length| length != "0"), "{said}");
    }
}

#[tokio::test]
async fn who_asks_before_sending_a_body_is_told_to_go_on_or_why_not() {
    let shop = Shop::start().await;
    let mut careful = connect(&shop).await;
    let length = BODY.len();
    let lines = format!("content-length: {length}\r\nexpect: 100-continue\r\n");
    careful
        .write_all(post(&lines, "").as_bytes())
        .await
        .expect("it is open");
    let mut go_on = [0; 25];
    careful.read_exact(&mut go_on).await.expect("a word");
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    careful.write_all(BODY.as_bytes()).await.expect("it is open");
    let (head, body) = answer(&mut careful).await.expect("an answer");
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert_eq!(body, r#"{"data":{"__typename":"Query"}}"#);
    let refused = post(&lines, "").replace("application/json", "text/plain");
    let mut refused_early = connect(&shop).await;
    refused_early
        .write_all(refused.as_bytes())
        .await
        .expect("it is open");
    let (head, _) = answer(&mut refused_early).await.expect("an answer");
    assert!(head.starts_with("http/1.1 415 "), "before the body: {head}");
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let shop = Shop::start().await;
    let long = format!(
        "GET /health/live HTTP/1.1\r\nhost: x\r\nx: {}",
        "a".repeat(200_000)
    );
    let said = said_to(&shop, long).await;
    assert_eq!(statuses(&said), ["431"], "{said}");
    let many = format!(
        "GET /health/live HTTP/1.1\r\nhost: x\r\n{}\r\n",
        "a: b\r\n".repeat(1_000)
    );
    assert_eq!(statuses(&said_to(&shop, many).await), ["431"]);
}
