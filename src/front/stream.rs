//! Answers that go on, over HTTP: each subscription is one response whose body ends when it does.
//!
//! A task of its own asks the subscription for its next event once the reader has taken the one before. So nothing is
//! prepared for a reader that is slow, and one that takes nothing for long loses its subscription.

mod multipart;
mod places;
mod sse;
mod writer;

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::stream::unfold;
use jiff::Timestamp;
use skuery_resolvers::commerce::gateway::{Answer, Events, NotExecuted};
use skuery_resolvers::engine::RequestError;
use skuery_schema::error::ErrorCode;
use tokio::sync::mpsc;

use self::places::Full;
pub(super) use self::places::Transport;
pub use self::places::{StreamLimits, Streams};
use self::writer::Writer;
use super::Front;
use super::accept::Place;
use super::graphql::{refusal_entries, refusal_of};
use super::stop::ends;
use super::weighed::{self, Entry};

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// graphql-sse, each operation with a connection of its own.
    /// <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>
    Sse,
    /// <https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol>
    Multipart,
}

/// Who reads.
pub(super) struct Reader<'a> {
    /// The connection that is read from.
    pub(super) place: Option<&'a Place>,
    /// When the token ends.
    pub(super) expires: Option<Timestamp>,
}

impl Format {
    /// The format that a client takes, if it takes any.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let entries = weighed::entries(headers, &header::ACCEPT)?;
        let known = entries.iter().filter(|entry| entry.weight > 0);
        let known = known.filter_map(|entry| Some((entry.weight, Self::named(entry)?)));
        // Of equals the first.
        let best = known.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, format)| format)
    }

    fn named(entry: &Entry<'_>) -> Option<Self> {
        if entry.name.eq_ignore_ascii_case("text/event-stream") {
            return Some(Self::Sse);
        }
        // Without that it is asked for something else, such as `@defer`.
        let is_subscription = entry.name.eq_ignore_ascii_case("multipart/mixed")
            && entry.parameter("subscriptionSpec") == Some("1.0");
        is_subscription.then_some(Self::Multipart)
    }

    /// The response to one request, be it a subscription or not.
    pub(super) fn respond(
        self,
        front: &Arc<Front>,
        reader: &Reader<'_>,
        answer: Result<Answer, NotExecuted>,
    ) -> Response {
        let body = match answer {
            Ok(Answer::Response(response)) => Body::from(self.whole(&self.next(&response.body))),
            Err(refused) => Body::from(self.whole(&self.failed(&refused))),
            Ok(Answer::Events(events)) => match self.stream(front, reader, events) {
                Ok(body) => body,
                Err(refusal) => return *refusal,
            },
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media()));
        let caching = HeaderValue::from_static("private, no-cache, no-store, no-transform");
        headers.insert(header::CACHE_CONTROL, caching);
        // nginx would collect events until they fill a buffer.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        response
    }

    /// What is sent where there is one answer only.
    fn whole(self, answer: &[u8]) -> Bytes {
        [self.opening(), answer, self.end()].concat().into()
    }

    fn stream(self, front: &Arc<Front>, reader: &Reader<'_>, events: Events) -> Result<Body, Box<Response>> {
        let address = reader.place.map(|place| place.address);
        let held = front.streams.take(self.transport(), address);
        let held = held.map_err(|full| Box::new(turned_away(full)))?;
        let (to_reader, chunks) = mpsc::channel(1);
        let writer = Writer {
            format: self,
            to_reader,
            held,
            until: reader.expires.and_then(ends),
            stop: front.sockets.stop_signal(),
        };
        tokio::spawn(writer.run(events));
        Ok(Body::from_stream(unfold(chunks, |mut chunks| async {
            let chunk: Bytes = chunks.recv().await?;
            Some((Ok::<_, Infallible>(chunk), chunks))
        })))
    }

    fn transport(self) -> Transport {
        match self {
            Self::Sse => Transport::Sse,
            Self::Multipart => Transport::Multipart,
        }
    }

    // What is written.

    fn media(self) -> &'static str {
        match self {
            Self::Sse => sse::MEDIA,
            Self::Multipart => multipart::MEDIA,
        }
    }

    fn opening(self) -> &'static [u8] {
        match self {
            Self::Sse => sse::OPENING,
            Self::Multipart => multipart::OPENING,
        }
    }

    fn heartbeat(self) -> Bytes {
        match self {
            Self::Sse => Bytes::from_static(sse::HEARTBEAT),
            Self::Multipart => multipart::part(b"{}").into(),
        }
    }

    /// One response; `body` is JSON, and goes out as it is.
    fn next(self, body: &[u8]) -> Vec<u8> {
        match self {
            Self::Sse => sse::next(body),
            Self::Multipart => multipart::payload(body),
        }
    }

    /// A request or an event that could not be executed.
    fn failed(self, refused: &NotExecuted) -> Vec<u8> {
        let errors = serde_json::json!({ "errors": refusal_entries(refused) });
        self.next(errors.to_string().as_bytes())
    }

    /// The stream ends before the subscription does.
    fn cut_off(self, why: &NotExecuted) -> Vec<u8> {
        match self {
            Self::Sse => self.failed(why),
            Self::Multipart => multipart::cut_off(&refusal_entries(why)),
        }
    }

    /// Nothing follows.
    fn end(self) -> &'static [u8] {
        match self {
            Self::Sse => sse::COMPLETE,
            Self::Multipart => multipart::END,
        }
    }
}

fn turned_away(full: Full) -> Response {
    let (status, message) = match full {
        Full::All(most) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("the gateway takes {most} subscriptions over HTTP at once"),
        ),
        Full::OfAddress(most) => (
            StatusCode::TOO_MANY_REQUESTS,
            format!("an address may have {most} subscriptions over HTTP at once"),
        ),
    };
    refusal_of(status, RequestError::new(ErrorCode::OperationNotAllowed, message))
}
