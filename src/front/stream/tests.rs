//! Streams over HTTP with a clock that stands still until everybody waits: what is written, when, and how it ends.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use futures_util::stream::{self, StreamExt, unfold};
use serde_json::json;
use skuery_resolvers::commerce::gateway::{Event, Events};
use skuery_resolvers::engine::{RequestError, Response};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::places::{Full, StreamLimits, Streams, Transport};
use super::writer::{HEARTBEAT_AFTER, WRITE_TIMEOUT, Writer};
use super::{Format, multipart, sse};
use crate::front::accept::Address;

fn event(data: &str) -> Event {
    Ok(Response {
        body: json!({ "data": data }).to_string().into_bytes(),
        waves: 0,
        errors: Vec::new(),
    })
}

/// A stream being written; its chunks come as a body would take them.
struct Stream {
    chunks: mpsc::Receiver<Bytes>,
    stop: watch::Sender<bool>,
    streams: Streams,
    transport: Transport,
}

impl Stream {
    fn start(format: Format, events: Events, lasts: Option<Duration>) -> Self {
        let limits = StreamLimits {
            all: 1,
            per_address: None,
        };
        let streams = Streams::new(limits);
        let (to_reader, chunks) = mpsc::channel(1);
        let stop = watch::Sender::new(false);
        let transport = format.transport();
        let writer = Writer {
            format,
            to_reader,
            held: streams.take(transport, None).expect("a place"),
            until: lasts.map(|lasts| Instant::now() + lasts),
            stop: stop.subscribe(),
        };
        tokio::spawn(writer.run(events));
        Self {
            chunks,
            stop,
            streams,
            transport,
        }
    }

    async fn chunk(&mut self) -> Option<String> {
        let chunk = self.chunks.recv().await?;
        Some(String::from_utf8(chunk.to_vec()).expect("UTF-8"))
    }

    /// All that is left.
    async fn rest(mut self) -> String {
        let mut text = String::new();
        while let Some(chunk) = self.chunk().await {
            text += &chunk;
        }
        assert_eq!(self.streams.open(self.transport), 0, "its place is free");
        text
    }
}

fn events(events: Vec<Event>) -> Events {
    Events::of(stream::iter(events))
}

/// Events that never come, after some that do.
fn waiting(first: Vec<Event>) -> Events {
    Events::of(stream::iter(first).chain(stream::pending()))
}

#[tokio::test(start_paused = true)]
async fn events_are_written_one_by_one_to_the_end() {
    let two = || events(vec![event("a"), event("b")]);
    assert_eq!(
        Stream::start(Format::Sse, two(), None).rest().await,
        ":\n\nevent: next\ndata: {\"data\":\"a\"}\n\nevent: next\ndata: {\"data\":\"b\"}\n\nevent: complete\ndata: \n\n"
    );
    let head = "\r\nContent-Type: application/json\r\n\r\n";
    assert_eq!(
        Stream::start(Format::Multipart, two(), None).rest().await,
        format!(
            "--graphql{head}{{\"payload\":{{\"data\":\"a\"}}}}\r\n--graphql{head}{{\"payload\":{{\"data\":\"b\"}}}}\r\n--graphql--\r\n"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_that_fails_is_the_last() {
    let failing = || events(vec![event("a"), Err(RequestError::bad_input("no more").into())]);
    let errors = r#"{"errors":[{"message":"no more","extensions":{"code":"BAD_USER_INPUT"}}]}"#;
    let sse = Stream::start(Format::Sse, failing(), None).rest().await;
    assert!(
        sse.ends_with(&format!("data: {errors}\n\nevent: complete\ndata: \n\n")),
        "{sse}"
    );
    let multipart = Stream::start(Format::Multipart, failing(), None).rest().await;
    let last = format!("{{\"payload\":{errors}}}\r\n--graphql--\r\n");
    assert!(multipart.ends_with(&last), "{multipart}");
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_shows_that_it_lives() {
    let mut sse = Stream::start(Format::Sse, waiting(vec![]), None);
    let since = Instant::now();
    for beat in [":\n\n", ":\n\n", ":\n\n"] {
        assert_eq!(sse.chunk().await.as_deref(), Some(beat));
    }
    assert_eq!(since.elapsed().as_secs(), 2 * HEARTBEAT_AFTER.as_secs());
    let mut multipart = Stream::start(Format::Multipart, waiting(vec![]), None);
    assert_eq!(multipart.chunk().await.as_deref(), Some("--graphql"));
    let beat = "\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql";
    assert_eq!(multipart.chunk().await.as_deref(), Some(beat));
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_the_token() {
    let lasts = Duration::from_secs(5);
    let errors = r#"[{"message":"the token has expired","extensions":{"code":"UNAUTHENTICATED"}}]"#;
    let sse = Stream::start(Format::Sse, waiting(vec![event("a")]), Some(lasts))
        .rest()
        .await;
    let last = format!("event: next\ndata: {{\"errors\":{errors}}}\n\nevent: complete\ndata: \n\n");
    assert!(sse.ends_with(&last), "{sse}");
    let multipart = Stream::start(Format::Multipart, waiting(vec![]), Some(lasts))
        .rest()
        .await;
    let last = format!("{{\"payload\":null,\"errors\":{errors}}}\r\n--graphql--\r\n");
    assert!(multipart.ends_with(&last), "{multipart}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_the_server_so_that_its_client_comes_back() {
    for format in [Format::Sse, Format::Multipart] {
        let mut stream = Stream::start(format, waiting(vec![event("a")]), None);
        stream.chunk().await.expect("the opening");
        stream.chunk().await.expect("the event");
        stream.stop.send_replace(true);
        let rest = stream.rest().await;
        match format {
            Format::Sse => assert_eq!(rest, "", "nothing says that it is complete"),
            Format::Multipart => {
                assert!(rest.contains("\"payload\":null") && rest.ends_with("--graphql--\r\n"))
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_of_a_stream_for_a_reader_that_takes_nothing() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let endless = Events::of(unfold(count, |count| async {
        count.fetch_add(1, Ordering::SeqCst);
        Some((event("a"), count))
    }));
    let mut stream = Stream::start(Format::Sse, endless, None);
    tokio::time::sleep(WRITE_TIMEOUT / 2).await;
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    stream.chunk().await.expect("the opening");
    tokio::time::sleep(WRITE_TIMEOUT / 2).await;
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    tokio::time::sleep(WRITE_TIMEOUT).await;
    assert_eq!(stream.streams.too_slow(Transport::Sse), 1);
    assert_eq!(stream.streams.open(Transport::Sse), 0);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(stream.chunk().await.is_some(), "what was sent");
    assert_eq!(stream.chunk().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_has_gone_ends_its_stream() {
    let (alive, watched) = watch::channel(());
    let waiting = Events::of(unfold(watched, |watched| async {
        std::future::pending::<()>().await;
        Some((event("a"), watched))
    }));
    let mut stream = Stream::start(Format::Sse, waiting, None);
    stream.chunk().await.expect("the opening");
    drop(stream.chunks);
    alive.closed().await;
    assert_eq!(stream.streams.too_slow(Transport::Sse), 0);
}

#[test]
fn places_are_bounded_and_free_again() {
    let limits = StreamLimits {
        all: 3,
        per_address: Some(2),
    };
    let streams = Streams::new(limits);
    let [here, there] = [1, 2].map(|last| Some(Address::from(IpAddr::from(Ipv4Addr::new(127, 0, 0, last)))));
    let held = [Transport::Sse, Transport::Multipart].map(|way| streams.take(way, here).expect("a place"));
    assert_eq!(
        streams.take(Transport::Sse, here).unwrap_err(),
        Full::OfAddress(2)
    );
    let other = streams.take(Transport::Sse, there).expect("a place");
    assert_eq!(streams.take(Transport::Sse, there).unwrap_err(), Full::All(3));
    assert_eq!(
        (streams.open(Transport::Sse), streams.open(Transport::Multipart)),
        (2, 1)
    );
    drop((held, other));
    assert_eq!(
        (streams.open(Transport::Sse), streams.open(Transport::Multipart)),
        (0, 0)
    );
    let _held = [(); 2].map(|()| streams.take(Transport::Sse, here).expect("a place"));
    assert_eq!(
        streams.take(Transport::Sse, here).unwrap_err(),
        Full::OfAddress(2)
    );
}

#[test]
fn no_line_ends_within_an_event() {
    assert_eq!(
        sse::next(b"{\r\n\"data\": 1\n}"),
        b"event: next\ndata: {  \"data\": 1 }\n\n"
    );
    assert_eq!(
        multipart::MEDIA,
        "multipart/mixed;boundary=graphql;subscriptionSpec=1.0"
    );
}

#[test]
fn a_stream_is_only_given_to_who_takes_one() {
    let check = |accept: &'static str, expected: Option<Format>| {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        assert_eq!(Format::accepted(&headers), expected, "{accept}");
    };
    check("text/event-stream", Some(Format::Sse));
    check("application/json, Text/Event-Stream;q=0.4", Some(Format::Sse));
    check("text/event-stream, multipart/mixed", Some(Format::Sse));
    check("text/event-stream;q=0", None);
    check(
        "text/event-stream;q=0.1, multipart/mixed;subscriptionSpec=1.0",
        Some(Format::Multipart),
    );
    for accept in [
        "multipart/mixed;boundary=\"graphql\";subscriptionSpec=\"1.0\", application/json",
        "multipart/mixed; boundary=graphql; subscriptionSpec=1.0",
        "multipart/mixed;subscriptionspec=1.0,application/graphql-response+json",
    ] {
        check(accept, Some(Format::Multipart));
    }
    for accept in [
        "*/*",
        "text/*",
        "application/json",
        "multipart/mixed",
        "multipart/mixed;deferSpec=20220824, application/json",
        "multipart/mixed;subscriptionSpec=\"2.0\"",
    ] {
        check(accept, None);
    }
    assert_eq!(Format::accepted(&HeaderMap::new()), None);
}
