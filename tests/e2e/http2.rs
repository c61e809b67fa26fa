//! HTTP/2 without TLS, and clients that abuse it.

use axum::body::Bytes;
use h2::client::SendRequest;
use http::{Method, Request};
use tokio::task::JoinHandle;

use crate::raw::{connect, ended, until_alone, until_ended};
use crate::shop::Shop;

const QUERY: &str = r#"{"query":"{ variant(sku: \"MC-10008-WHT-M\") { price(maxAge: 0) { kind } } }"}"#;

pub(crate) fn ask(method: Method, path: &str) -> Request<()> {
    let request = Request::builder()
        .method(method)
        .uri(format!("http://x{path}"))
        .header("content-type", "application/json");
    request.body(()).expect("a request")
}

/// A connection that knows beforehand that HTTP/2 is spoken.
pub(crate) async fn connection(shop: &Shop) -> (SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>) {
    let stream = connect(shop).await;
    let (client, connection) = h2::client::handshake(stream).await.expect("it is spoken");
    (client, tokio::spawn(connection))
}

/// One question and its answer.
pub(crate) async fn answered(
    client: SendRequest<Bytes>,
    body: &'static str,
) -> Result<(u16, String), h2::Error> {
    let mut client = client.ready().await?;
    let (answer, mut sender) = client.send_request(ask(Method::POST, "/graphql"), false)?;
    sender.send_data(Bytes::from_static(body.as_bytes()), true)?;
    let (head, mut body) = answer.await?.into_parts();
    let mut all = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece?;
        body.flow_control().release_capacity(piece.len())?;
        all.extend_from_slice(&piece);
    }
    Ok((head.status.as_u16(), String::from_utf8_lossy(&all).into_owned()))
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let shop = Shop::start().await;
    let (client, _connection) = connection(&shop).await;
    let asked = (0..50).map(|_| answered(client.clone(), r#"{"query":"{ __typename }"}"#));
    for answer in futures_util::future::join_all(asked).await {
        let expected = (200, r#"{"data":{"__typename":"Query"}}"#.to_owned());
        assert_eq!(answer.expect("an answer"), expected);
    }
}

#[tokio::test]
async fn requests_that_are_reset_at_once_end_the_connection_before_they_cost_much() {
    let shop = Shop::start().await;
    let (client, connection) = connection(&shop).await;
    let mut sent = 0;
    for _ in 0..100_000 {
        let Ok(mut ready) = client.clone().ready().await else {
            break;
        };
        let Ok((answer, mut sender)) = ready.send_request(ask(Method::POST, "/graphql"), false) else {
            break;
        };
        let _ = sender.send_data(Bytes::from_static(QUERY.as_bytes()), true);
        sender.send_reset(h2::Reason::CANCEL);
        drop(answer);
        sent += 1;
        if sent % 10 == 0 {
            tokio::task::yield_now().await;
        }
    }
    assert!(sent < 100_000, "it is ended");
    let _ = connection.await.expect("no panic");
    let asked = shop.system("erp").calls();
    assert!(asked <= 500, "{asked} calls for what nobody waited for");
    assert_eq!(shop.query("{ __typename }").await.data("__typename"), "Query");
}

/// Slower than the floods that h2 sees: each request has begun before it is broken off.
#[tokio::test]
async fn requests_that_are_broken_off_one_by_one_end_the_connection() {
    let shop = Shop::with_server("http2: { broken_off: 5 }").await;
    shop.turn("erp", serde_json::json!({ "latencyMs": 20000 }));
    let (client, connection) = connection(&shop).await;
    let mut ping_pong = 0;
    let mut sent = 0;
    while let Ok(mut ready) = client.clone().ready().await {
        let Ok((answer, mut sender)) = ready.send_request(ask(Method::POST, "/graphql"), false) else {
            break;
        };
        if sender
            .send_data(Bytes::from_static(QUERY.as_bytes()), true)
            .is_err()
        {
            break;
        }
        // Another request that is answered shows that this one has begun; five more may be broken off than are answered.
        if ping_pong < 3 {
            let answer = answered(client.clone(), r#"{"query":"{ __typename }"}"#).await;
            assert!(answer.is_ok());
            ping_pong += 1;
        } else {
            tokio::task::yield_now().await;
        }
        drop((answer, sender));
        sent += 1;
        assert!(sent < 100_000, "it is never ended");
    }
    let _ = connection.await.expect("no panic");
    let ends = (ended(&shop, "abused").await, ended(&shop, "broken").await);
    assert!(ends.0 == "1" || ends.1 == "1", "{ends:?}");
}

#[tokio::test]
async fn a_client_that_opens_no_window_is_dropped() {
    let shop = Shop::with_server("write_timeout_ms: 200").await;
    let stream = connect(&shop).await;
    let handshake = h2::client::Builder::new()
        .initial_window_size(100_000)
        .handshake::<_, Bytes>(stream);
    let (client, connection) = handshake.await.expect("it is spoken");
    let connection = tokio::spawn(connection);
    let mut ready = client.ready().await.expect("it is open");
    let (answer, _) = ready
        .send_request(ask(Method::GET, "/"), true)
        .expect("it is sent");
    let answer = answer.await.expect("a head");
    assert_eq!(answer.status(), 200);
    // The page is longer than the window, and nothing is ever given back.
    until_ended(&shop, "write_timeout", 1).await;
    drop(answer);
    let _ = connection.await.expect("no panic");
    until_alone(&shop).await;
}

#[tokio::test]
async fn a_connection_without_requests_is_told_to_go() {
    let shop = Shop::with_server("idle_timeout_ms: 100").await;
    let (client, connection) = connection(&shop).await;
    assert!(
        answered(client.clone(), r#"{"query":"{ __typename }"}"#)
            .await
            .is_ok()
    );
    connection.await.expect("no panic").expect("it ends well");
}

#[tokio::test]
async fn headers_beyond_the_limit_are_refused() {
    let shop = Shop::with_server("http2: { header_bytes: 4096 }").await;
    let (client, _connection) = connection(&shop).await;
    let mut ready = client.ready().await.expect("it is open");
    let mut request = ask(Method::GET, "/health/live");
    let long = "a".repeat(8_000).parse().expect("a value");
    request.headers_mut().insert("x-long", long);
    match ready.send_request(request, true) {
        Ok((answer, _)) => match answer.await {
            Ok(answer) => assert_eq!(answer.status(), 431),
            Err(error) => assert!(error.is_remote() || error.is_reset(), "{error}"),
        },
        Err(error) => panic!("{error}"),
    }
}
