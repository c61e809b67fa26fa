//! One subscription over any of the transports, as a client sees it.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::Response;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::shop::Shop;
use crate::socket_client::Socket;

/// So long that only what never comes is missed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The transports of subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Socket,
    Sse,
    Multipart,
}

pub(crate) const WAYS: [Way; 3] = [Way::Socket, Way::Sse, Way::Multipart];

/// As Apollo Client asks.
pub(crate) const MULTIPART: &str =
    "multipart/mixed;boundary=\"graphql\";subscriptionSpec=\"1.0\", application/json";

/// What a client is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// One response.
    Next(Value),
    /// It could not be executed, or cannot go on.
    Errors(Value),
    Complete,
    /// The connection or socket ended without a word; a socket says why.
    Cut(String),
}

pub(crate) struct Subscriber(Inner);

enum Inner {
    Socket(Box<Socket>),
    Http {
        way: Way,
        response: Response,
        text: String,
    },
    /// Refused before there was a stream.
    Refused(Value),
}

impl Subscriber {
    pub(crate) async fn open(shop: &Shop, way: Way, query: &str) -> Self {
        Self::open_as(shop, way, None, query).await
    }

    /// With a token.
    pub(crate) async fn open_as(shop: &Shop, way: Way, token: Option<&str>, query: &str) -> Self {
        let accept = match way {
            Way::Socket => {
                let payload = token.map(|token| json!({ "Authorization": format!("Bearer {token}") }));
                let mut socket = Socket::ready_with(shop, payload.unwrap_or(json!({}))).await;
                socket.query("s", query).await;
                return Self(Inner::Socket(Box::new(socket)));
            }
            Way::Sse => "text/event-stream",
            Way::Multipart => MULTIPART,
        };
        let request = shop.post().header("accept", accept);
        let mut request = request.json(&json!({ "query": query }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        Self::of(way, request.send().await.expect("an answer")).await
    }

    async fn of(way: Way, response: Response) -> Self {
        assert_eq!(response.status().as_u16(), 200);
        let header = |name: &str| response.headers().get(name).map(|it| it.to_str().expect("ASCII"));
        let media = header("content-type").expect("a type").to_owned();
        if media.starts_with("application/json") {
            let body: Value = response.json().await.expect("JSON");
            return Self(Inner::Refused(body["errors"].clone()));
        }
        assert_eq!(
            header("cache-control"),
            Some("private, no-cache, no-store, no-transform")
        );
        assert_eq!(header("x-accel-buffering"), Some("no"));
        let expected = match way {
            Way::Sse => "text/event-stream; charset=utf-8",
            _ => "multipart/mixed;boundary=graphql;subscriptionSpec=1.0",
        };
        assert_eq!(media, expected);
        Self(Inner::Http {
            way,
            response,
            text: String::new(),
        })
    }

    /// The next thing that is no heartbeat.
    pub(crate) async fn told(&mut self) -> Told {
        let told = timeout(PATIENCE, async {
            match &mut self.0 {
                Inner::Socket(socket) => told_by_socket(socket).await,
                Inner::Http { way, response, text } => told_by_body(*way, response, text).await,
                Inner::Refused(errors) => Told::Errors(errors.take()),
            }
        });
        told.await.expect("it is told something")
    }

    /// The data of the next event, which has no errors.
    pub(crate) async fn data(&mut self) -> Value {
        match self.told().await {
            Told::Next(mut response) => {
                assert!(response.get("errors").is_none(), "{response:#}");
                response["data"].take()
            }
            other => panic!("{other:?} instead of an event"),
        }
    }

    /// The errors of an operation that was refused.
    pub(crate) async fn refusal(&mut self) -> Value {
        match self.told().await {
            Told::Errors(errors) => errors,
            Told::Next(mut response) if response.get("data").is_none() => response["errors"].take(),
            other => panic!("{other:?} instead of a refusal"),
        }
    }

    /// Ends the subscription as a client does that goes on with something else.
    pub(crate) async fn leave(self) {
        if let Inner::Socket(mut socket) = self.0 {
            socket.say(json!({ "id": "s", "type": "complete" })).await;
            socket.query("next", "{ __typename }").await;
            // Events may have been under way.
            while socket.hear().await["id"] != "next" {}
        }
    }
}

async fn told_by_socket(socket: &mut Socket) -> Told {
    loop {
        match socket.io.next().await {
            Some(Ok(Message::Text(text))) => {
                let mut message: Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!(message["id"], "s", "{message}");
                return match message["type"].as_str() {
                    Some("next") => Told::Next(message["payload"].take()),
                    Some("error") => Told::Errors(message["payload"].take()),
                    Some("complete") => Told::Complete,
                    _ => panic!("{message}"),
                };
            }
            Some(Ok(Message::Close(Some(frame)))) => {
                return Told::Cut(format!("{} {}", u16::from(frame.code), frame.reason));
            }
            Some(Ok(_)) => {}
            other => panic!("{other:?} instead of a message"),
        }
    }
}

async fn told_by_body(way: Way, response: &mut Response, text: &mut String) -> Told {
    loop {
        let told = match way {
            Way::Sse => event(text),
            _ => part(text),
        };
        if let Some(told) = told {
            return told;
        }
        match response.chunk().await.expect("a body") {
            Some(chunk) => text.push_str(std::str::from_utf8(&chunk).expect("UTF-8 in whole chunks")),
            None => {
                assert_eq!(text, "", "nothing is cut off");
                return Told::Cut(String::new());
            }
        }
    }
}

/// The first whole event of an event stream, taken from it.
fn event(text: &mut String) -> Option<Told> {
    loop {
        let end = text.find("\n\n")?;
        let event: String = text.drain(..end + 2).collect();
        if event.starts_with(':') {
            continue;
        }
        let (kind, data) = event.trim_end_matches('\n').split_once('\n').expect("two lines");
        return Some(match (kind, data.strip_prefix("data: ").expect("data")) {
            ("event: next", json) => Told::Next(serde_json::from_str(json).expect("JSON")),
            ("event: complete", "") => Told::Complete,
            _ => panic!("{event}"),
        });
    }
}

/// The first whole part, taken from the text; the delimiter that ends it is left for the next.
fn part(text: &mut String) -> Option<Told> {
    const DELIMITER: &str = "--graphql";
    loop {
        assert!(
            DELIMITER.starts_with(&text[..text.len().min(DELIMITER.len())]),
            "{text}"
        );
        if text == "--graphql--\r\n" {
            text.clear();
            return Some(Told::Complete);
        }
        let end = text.find("\r\n--graphql")?;
        let part: String = text.drain(..end + 2).collect();
        let head = "--graphql\r\nContent-Type: application/json\r\n\r\n";
        let body = part.strip_prefix(head).expect("a head").trim_end();
        let mut body: Value = serde_json::from_str(body).expect("JSON");
        if body == json!({}) {
            continue;
        }
        return Some(match body["payload"].is_null() {
            true => Told::Errors(body["errors"].take()),
            false => Told::Next(body["payload"].take()),
        });
    }
}
