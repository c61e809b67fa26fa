//! A request as it arrives over HTTP: who sends it, how it is to be answered, and what it says.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use skuery_resolvers::commerce::explain::Explain;
use skuery_resolvers::commerce::gateway::GraphqlRequest;

use super::media::{Accepted, Media};
use super::parameters::{Parameters, Unusable};
use super::refusal::{self, malformed, refuse};
use super::reply::Reply;
use crate::front::coding::{self, Unreadable};
use crate::front::sender::Sender;
use crate::front::stream::Format;
use crate::front::{Front, preflight};

/// What the headers say.
pub(super) struct Sent {
    pub(super) media: Media,
    /// Whether a single response is taken at all.
    pub(super) takes_single: bool,
    /// How a stream is taken, if it is.
    pub(super) stream: Option<Format>,
    pub(super) takes_json: bool,
    pub(super) sender: Sender,
    channel: Option<String>,
    client: Option<String>,
    explain: Explain,
}

impl Sent {
    /// Reads the headers that all requests have, in the order in which they can be refused cheapest.
    pub(super) async fn of(front: &Front, parts: &Parts) -> Result<Self, Reply> {
        let headers = &parts.headers;
        if !preflight::is_safe(headers) {
            return Err(refuse(StatusCode::BAD_REQUEST, preflight::NEEDED));
        }
        let accepted = Accepted::of(headers);
        let (single, stream) = (accepted.single(), Format::accepted(headers));
        if single.is_none() && stream.is_none() {
            return Err(refuse(
                StatusCode::NOT_ACCEPTABLE,
                "this endpoint answers application/graphql-response+json, application/json, text/event-stream, or \
                 multipart/mixed with subscriptionSpec=\"1.0\"",
            ));
        }
        let sender = Sender::of(front, headers).await;
        let sender = sender.map_err(refusal::turned_away)?;
        let once = |name, shown| {
            let text = text(headers, name, shown);
            text.map_err(|message| refuse(StatusCode::BAD_REQUEST, &message))
        };
        let channel = once("x-channel", "X-Channel")?;
        let client = once("apollographql-client-name", "Apollographql-Client-Name")?;
        let shown = "X-Skuery-Explain";
        let explain = match once("x-skuery-explain", shown)? {
            Some(names) => Explain::parse(names)
                .map_err(|allowed| refuse(StatusCode::BAD_REQUEST, &format!("{shown}: {allowed}")))?,
            None => Explain::default(),
        };
        Ok(Self {
            media: single.unwrap_or(Media::GraphqlResponse),
            takes_single: single.is_some(),
            stream,
            takes_json: accepted.json() > 0,
            sender,
            channel: channel.map(str::to_owned),
            client: client.map(str::to_owned),
            explain,
        })
    }

    /// The request that its parameters make.
    pub(super) fn request(
        &self,
        front: &Front,
        parameters: Parameters<'_>,
    ) -> Result<GraphqlRequest, Unusable> {
        let limits = &front.gateway.limits().screen;
        let known = front.documents.known_to(self.client.as_deref());
        parameters.into_request(limits, known, self.channel.clone(), &self.sender, self.explain)
    }
}

/// A header that may stand once; `shown` is its name in messages.
fn text<'h>(headers: &'h HeaderMap, name: &str, shown: &str) -> Result<Option<&'h str>, String> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(format!("{shown}: once"));
    }
    let text = value
        .to_str()
        .map_err(|_| format!("{shown}: only visible ASCII"))?;
    Ok(Some(text))
}

/// A whole body, decoded.
pub(super) async fn body(front: &Front, headers: &HeaderMap, body: Body) -> Result<Bytes, Reply> {
    let limit = front.body_bytes;
    let too_long = || {
        let message = format!("the body is incomplete or longer than {limit} bytes");
        refuse(StatusCode::PAYLOAD_TOO_LARGE, &message)
    };
    let sent = tokio::time::timeout(front.body_timeout, to_bytes(body, limit)).await;
    let sent = sent.map_err(|_| refuse(StatusCode::REQUEST_TIMEOUT, "the body took too long"))?;
    let sent = sent.map_err(|_| too_long())?;
    match coding::decoded(headers, &sent, limit) {
        Ok(None) => Ok(sent),
        Ok(Some(decoded)) => Ok(decoded.into()),
        Err(Unreadable::TooLong) => Err(too_long()),
        Err(Unreadable::Broken) => {
            let message = "the body is not in the coding that its Content-Encoding names";
            Err(refuse(StatusCode::BAD_REQUEST, message))
        }
        Err(Unreadable::Unknown) => {
            let message = "Content-Encoding: one of zstd, br and gzip";
            let reply = refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
            Err(reply.with(header::ACCEPT_ENCODING, coding::KNOWN))
        }
    }
}

/// Reads JSON; what is JSON but not what is asked for is told apart from what is none.
pub(super) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Reply> {
    serde_json::from_slice(body).map_err(|error| match error.is_data() {
        true => malformed(&error.to_string()),
        false => refuse(StatusCode::BAD_REQUEST, &format!("the body is not JSON: {error}")),
    })
}

/// The value of `Allow` for everything that is not served by its method.
pub(super) const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");
