//! Bodies that are handed on: bounded in size and time, never whole when they were cut off, their place given back.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::Instant;

use super::server::{Server, Step, head, reply};
use super::{call, request, upstream};
use crate::door::limits::UpstreamConfig;
use crate::door::{Auth, Upstream};
use crate::error::ErrorKind;
use crate::port::Call;
use crate::port::orders::DocumentBody;

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: Application/PDF; v=1\r\nconnection: close\r\n\r\n";

fn limits(max_response_bytes: usize) -> UpstreamConfig {
    UpstreamConfig {
        concurrency: 1,
        max_response_bytes,
        ..UpstreamConfig::default()
    }
}

async fn open(upstream: &Upstream, call: Call) -> Result<DocumentBody, ErrorKind> {
    let opened = upstream.open(call, request(upstream)).await;
    opened.map_err(|error| error.kind())
}

/// Reads to the end: how many bytes came, and why no more did.
async fn read(body: DocumentBody) -> (usize, Option<ErrorKind>) {
    let (mut bytes, mut end) = (0, None);
    let mut content = body.content;
    while let Some(piece) = content.next().await {
        assert_eq!(end, None, "nothing follows an error");
        match piece {
            Ok(piece) => bytes += piece.len(),
            Err(error) => end = Some(error.kind()),
        }
    }
    (bytes, end)
}

/// Waits until the body's task has given everything back.
async fn settled(upstream: &Upstream) {
    while upstream.snapshot().in_flight > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_body_is_handed_on_whole_with_its_media_type() {
    let server = Server::start(|_| reply(200, "Application/PDF; v=1", &[7; 300_000])).await;
    let upstream = upstream(&server.url, limits(300_000), Auth::None);
    let body = open(&upstream, call(60)).await.expect("a body");
    assert_eq!(body.content_type.as_deref(), Some("application/pdf"));
    assert_eq!(read(body).await, (300_000, None));
    settled(&upstream).await;
    let counters = &upstream.snapshot().operations["prices"];
    assert_eq!((counters.ok, counters.bytes), (1, 300_000));
}

#[tokio::test]
async fn a_body_that_grows_too_large_ends_with_an_error() {
    let server = Server::start(|_| {
        vec![
            Step::Send(CHUNKED.to_vec()),
            Step::Repeat(vec![b' '; 65_536], 16_384),
        ]
    })
    .await;
    let upstream = upstream(&server.url, limits(200_000), Auth::None);
    let body = open(&upstream, call(60)).await.expect("its beginning");
    let (bytes, end) = read(body).await;
    assert!(bytes <= 200_000, "{bytes}");
    assert_eq!(end, Some(ErrorKind::InvalidAnswer));
    let snapshot = upstream.snapshot();
    assert_eq!(
        snapshot.in_flight, 0,
        "the place is free before the error is read"
    );
    assert_eq!(snapshot.operations["prices"].errors["invalid_answer"], 1);

    let promised = Server::start(|_| vec![Step::Send(head(200, "application/pdf", 200_001))]).await;
    let upstream = super::upstream(&promised.url, limits(200_000), Auth::None);
    assert_eq!(
        open(&upstream, call(60)).await.err(),
        Some(ErrorKind::InvalidAnswer)
    );
}

#[tokio::test]
async fn a_body_that_is_cut_off_never_looks_whole() {
    let server = Server::start(|_| {
        vec![
            Step::Send(head(200, "application/pdf", 100)),
            Step::Send(b"%PDF-1.7".to_vec()),
        ]
    })
    .await;
    let upstream = upstream(&server.url, limits(200_000), Auth::None);
    let body = open(&upstream, call(60)).await.expect("its beginning");
    assert_eq!(read(body).await, (8, Some(ErrorKind::Unavailable)));
}

#[tokio::test(start_paused = true)]
async fn the_headers_have_the_attempts_time_and_the_whole_has_the_calls() {
    let silent = Server::start(|_| vec![Step::Hang]).await;
    let silent = upstream(&silent.url, limits(200_000), Auth::None);
    let started = Instant::now();
    assert_eq!(open(&silent, call(600)).await.err(), Some(ErrorKind::Timeout));
    assert!(started.elapsed() < Duration::from_secs(3), "two seconds a try");

    let trickle = || {
        let mut steps = vec![Step::Send(CHUNKED.to_vec())];
        for _ in 0..100 {
            steps.push(Step::Send(b" ".to_vec()));
            steps.push(Step::Wait(Duration::from_secs(1)));
        }
        steps
    };
    let server = Server::start(move |_| trickle()).await;
    let upstream = upstream(&server.url, limits(200_000), Auth::None);
    let patient = open(&upstream, call(600)).await.expect("a body");
    assert_eq!(read(patient).await, (100, None), "slower than one attempt may be");
    let started = Instant::now();
    let hasty = open(&upstream, call(30)).await.expect("its beginning");
    let (bytes, end) = read(hasty).await;
    assert_eq!(end, Some(ErrorKind::Timeout));
    assert!((1..100).contains(&bytes), "{bytes}");
    assert!(started.elapsed() < Duration::from_secs(32));
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_falls_asleep_does_not_keep_the_place() {
    let server = Server::start(|_| {
        vec![
            Step::Send(CHUNKED.to_vec()),
            Step::Repeat(vec![b' '; 65_536], 16_384),
        ]
    })
    .await;
    let upstream = upstream(&server.url, limits(1_000_000_000), Auth::None);
    let asleep = open(&upstream, call(20)).await.expect("its beginning");
    assert_eq!(upstream.snapshot().in_flight, 1, "the body holds the place");
    tokio::time::advance(Duration::from_secs(21)).await;
    settled(&upstream).await;
    let (_, end) = read(asleep).await;
    assert_eq!(end, Some(ErrorKind::Timeout));
}

#[tokio::test]
async fn a_reader_who_goes_away_ends_the_call() {
    let server = Server::start(|_| vec![Step::Send(CHUNKED.to_vec()), Step::Hang]).await;
    let upstream = upstream(&server.url, limits(200_000), Auth::None);
    let body = open(&upstream, call(600)).await.expect("its beginning");
    drop(body);
    settled(&upstream).await;
    assert_eq!(upstream.snapshot().operations["prices"].cancelled, 1);
}

#[tokio::test]
async fn what_is_no_document_is_refused_before_anything_is_handed_on() {
    for (status, kind) in [
        (404, ErrorKind::Rejected),
        (302, ErrorKind::InvalidAnswer),
        (503, ErrorKind::Unavailable),
    ] {
        let server = Server::start(move |_| reply(status, "text/html", b"<html>")).await;
        let upstream = upstream(&server.url, limits(200_000), Auth::None);
        assert_eq!(open(&upstream, call(60)).await.err(), Some(kind), "{status}");
        assert_eq!(upstream.snapshot().in_flight, 0);
    }
    let server = Server::start(|_| reply(200, "application/pdf", b"%PDF")).await;
    let upstream = upstream(&server.url, limits(200_000), Auth::None);
    let mut elsewhere = request(&upstream);
    elsewhere.url = url::Url::parse("http://169.254.169.254/").expect("an address");
    let error = upstream.open(call(5), elsewhere).await.err().expect("refused");
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let tokens = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |seen| {
        if !seen.line.contains("token") {
            return match seen.header("authorization") {
                Some("Bearer second") => reply(200, "application/pdf", b"%PDF"),
                _ if seen.line.contains("warm") => reply(200, "application/json", b"{}"),
                _ => reply(401, "text/html", b"<html>no</html>"),
            };
        }
        let token = match tokens.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => r#"{"access_token": "first", "expires_in": 3600}"#,
            _ => r#"{"access_token": "second", "expires_in": 3600}"#,
        };
        reply(200, "application/json", token.as_bytes())
    })
    .await;
    let auth = Auth::ClientCredentials {
        token_path: "token".to_owned(),
        client_id: "c".to_owned(),
        client_secret: crate::door::secret::Secret::new("hush"),
        scope: None,
    };
    let upstream = upstream(&server.url, limits(200_000), auth);
    let mut warm = request(&upstream);
    warm.url = upstream.base().join("warm").expect("an address");
    let accepted = upstream.send(call(5), warm, |reply| Ok(reply.body.len())).await;
    assert!(accepted.is_ok(), "the first token works at first");
    let body = open(&upstream, call(5)).await.expect("a body");
    assert_eq!(read(body).await, (4, None));
}
