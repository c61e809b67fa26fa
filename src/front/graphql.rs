//! `POST /graphql`, after the GraphQL-over-HTTP specification.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use skuery_resolvers::commerce::explain::Explain;
use skuery_resolvers::commerce::gateway::{GraphqlRequest, NotExecuted};
use skuery_resolvers::engine::RequestError;
use skuery_resolvers::screen;
use skuery_schema::error::ErrorCode;

use super::Front;
use super::sender::{self, Sender};
use crate::identity::Refusal;

const GRAPHQL_RESPONSE: &str = "application/graphql-response+json; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

/// The body of a request. Keys that the specification does not name are ignored, as it asks; reading past them needs no
/// recursion, however deep they are.
#[derive(Deserialize)]
pub(super) struct Parameters<'a> {
    query: String,
    #[serde(default, rename = "operationName")]
    operation_name: Option<String>,
    /// Read once they are screened.
    #[serde(default, borrow, deserialize_with = "object")]
    variables: Option<&'a RawValue>,
    #[serde(default)]
    extensions: Option<Extensions>,
}

/// The `extensions` of a request; those that are not known here are ignored.
#[derive(Default, Deserialize)]
struct Extensions {
    /// What is to be told beside the answer.
    #[serde(default)]
    explain: Explain,
}

fn object<'de, D: Deserializer<'de>>(json: D) -> Result<Option<&'de RawValue>, D::Error> {
    match Option::<&RawValue>::deserialize(json)? {
        Some(raw) if !raw.get().starts_with('{') => Err(D::Error::custom("`variables` is not an object")),
        raw => Ok(raw),
    }
}

/// Why parameters are no request.
pub(super) enum Unusable {
    /// They exceed a limit.
    Refused(RequestError),
    /// They are not what the specification calls a request.
    Malformed(String),
}

impl Parameters<'_> {
    /// The request of a sender; `explain` is asked for beside what the parameters say. This is the way of every transport.
    pub(super) fn into_request(
        self,
        limits: &screen::Limits,
        channel: Option<String>,
        sender: &Sender,
        explain: Explain,
    ) -> Result<GraphqlRequest, Unusable> {
        let variables = match self.variables {
            None => Map::new(),
            Some(raw) => {
                screen::variables(raw.get(), limits).map_err(Unusable::Refused)?;
                let read = serde_json::from_str(raw.get());
                read.map_err(|error| Unusable::Malformed(format!("variables: {error}")))?
            }
        };
        Ok(GraphqlRequest {
            query: self.query,
            operation_name: self.operation_name,
            variables,
            channel,
            identity: sender.identity.clone(),
            explain: explain.and(self.extensions.unwrap_or_default().explain),
        })
    }
}

/// How the response is written.
#[derive(Clone, Copy)]
enum Media {
    /// `application/graphql-response+json`: the status says whether the request could be executed.
    GraphqlResponse,
    /// `application/json`: always 200 for a well-formed request, for older clients.
    Json,
}

pub(super) async fn post(State(front): State<Arc<Front>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(media) = accepted(&parts.headers) else {
        return refusal(
            StatusCode::NOT_ACCEPTABLE,
            "this endpoint answers application/graphql-response+json or application/json",
        );
    };
    if !is_json(&parts.headers) {
        return refusal(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the request as application/json",
        );
    }
    let sender = match Sender::of(&front, &parts.headers).await {
        Ok(sender) => sender,
        Err(refusal) => return turned_away(media, refusal),
    };
    let bytes = match read(body, front.body_bytes, front.body_timeout).await {
        Ok(bytes) => bytes,
        Err((status, message)) => return refusal(status, &message),
    };
    let parameters: Parameters<'_> = match serde_json::from_slice(&bytes) {
        Ok(parameters) => parameters,
        Err(error) => return no_request(&error.to_string()),
    };
    let channel = match text(&parts.headers, "x-channel", "X-Channel") {
        Ok(channel) => channel.map(str::to_owned),
        Err(message) => return refusal(StatusCode::BAD_REQUEST, &message),
    };
    let explain = match asked_to_explain(&parts.headers) {
        Ok(explain) => explain,
        Err(message) => return refusal(StatusCode::BAD_REQUEST, &message),
    };
    let limits = &front.gateway.limits().screen;
    let request = match parameters.into_request(limits, channel, &sender, explain) {
        Ok(request) => request,
        Err(Unusable::Refused(error)) => return not_executed(media, &error.into()),
        Err(Unusable::Malformed(message)) => return no_request(&message),
    };
    match front.gateway.execute(&request).await {
        Ok(response) => {
            let mut answer = respond(StatusCode::OK, media, response.body);
            // For developers and tests: how often this request waited for systems.
            answer
                .headers_mut()
                .insert("x-skuery-waves", HeaderValue::from(response.waves));
            answer
        }
        Err(refused) => not_executed(media, &refused),
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

/// `X-Skuery-Explain: cost, plan, trace`.
fn asked_to_explain(headers: &HeaderMap) -> Result<Explain, String> {
    let shown = "X-Skuery-Explain";
    match text(headers, "x-skuery-explain", shown)? {
        Some(names) => Explain::parse(names).map_err(|allowed| format!("{shown}: {allowed}")),
        None => Ok(Explain::default()),
    }
}

/// Without an upgrade to a WebSocket there is only POST.
pub(super) async fn method_not_allowed() -> Response {
    let mut response = refusal(
        StatusCode::METHOD_NOT_ALLOWED,
        "send a POST, or open a WebSocket over HTTP/1.1",
    );
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}

/// A request that is refused because of its sender, before anybody looked at what it asks.
fn turned_away(media: Media, refusal: Refusal) -> Response {
    let error = RequestError::new(refusal.code(), refusal.to_string());
    let status = sender::status(refusal.code());
    let mut response = respond(status, media, request_errors(&[error]));
    if status == StatusCode::UNAUTHORIZED {
        let challenge = sender::challenge(Some(refusal));
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// A request that the gateway could not execute.
fn not_executed(media: Media, refused: &NotExecuted) -> Response {
    let has = |code| refused.errors.iter().any(|error| error.code == code);
    let decisive = [ErrorCode::Unauthenticated, ErrorCode::Forbidden]
        .into_iter()
        .find(|code| has(*code));
    let status = match media {
        Media::GraphqlResponse => decisive.map_or(StatusCode::BAD_REQUEST, sender::status),
        Media::Json => StatusCode::OK,
    };
    let body = json!({ "errors": refusal_entries(refused) });
    let mut response = respond(status, media, body.to_string().into_bytes());
    if status == StatusCode::UNAUTHORIZED {
        let challenge = sender::challenge(None);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

async fn read(body: Body, limit: usize, patience: Duration) -> Result<Bytes, (StatusCode, String)> {
    tokio::time::timeout(patience, to_bytes(body, limit))
        .await
        .map_err(|_| (StatusCode::REQUEST_TIMEOUT, "the body took too long".to_owned()))?
        .map_err(|_| {
            (
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is incomplete or longer than {limit} bytes"),
            )
        })
}

fn no_request(why: &str) -> Response {
    refusal(
        StatusCode::BAD_REQUEST,
        &format!("the body is not a GraphQL request: {why}"),
    )
}

/// The media type to answer with; `None` when the client takes neither.
fn accepted(headers: &HeaderMap) -> Option<Media> {
    let Some(accept) = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
    else {
        return Some(Media::Json);
    };
    let mut json = false;
    for range in accept.split(',') {
        match range.split(';').next().unwrap_or("").trim() {
            "application/graphql-response+json" => return Some(Media::GraphqlResponse),
            "application/json" | "application/*" | "*/*" => json = true,
            _ => {}
        }
    }
    json.then_some(Media::Json)
}

/// Only JSON: a form of another site cannot send it without asking first.
fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|content_type| content_type.to_str().ok());
    let essence = content_type.and_then(|content_type| content_type.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// The most errors one refusal lists, and the most characters of each: a hostile document must not be answered by a
/// larger one.
const LISTED_ERRORS: usize = 10;
const MESSAGE_CHARACTERS: usize = 500;

fn request_errors(errors: &[RequestError]) -> Vec<u8> {
    json!({ "errors": error_entries(errors) })
        .to_string()
        .into_bytes()
}

/// The errors of a request that the gateway did not execute; the first tells what it was refused for.
pub(super) fn refusal_entries(refused: &NotExecuted) -> Vec<Value> {
    let mut entries = error_entries(&refused.errors);
    let first = entries.first_mut();
    if let Some(extensions) = first.and_then(|entry| entry["extensions"].as_object_mut()) {
        extensions.extend(refused.extensions.clone());
    }
    entries
}

/// The errors of a request that could not be executed, as clients see them.
pub(super) fn error_entries(errors: &[RequestError]) -> Vec<Value> {
    errors
        .iter()
        .take(LISTED_ERRORS)
        .map(|error| {
            let message: String = error.message.chars().take(MESSAGE_CHARACTERS).collect();
            let mut entry = json!({ "message": message, "extensions": { "code": error.code.as_str() } });
            if let Some(excess) = error.excess {
                entry["extensions"]["limit"] = excess.limit.into();
                entry["extensions"]["allowed"] = excess.allowed.into();
                entry["extensions"]["found"] = excess.found.into();
            }
            if !error.locations.is_empty() {
                let place = |(line, column): &(usize, usize)| json!({ "line": line, "column": column });
                entry["locations"] = error.locations.iter().map(place).collect();
            }
            entry
        })
        .collect()
}

/// A request that is not GraphQL over HTTP at all.
pub(super) fn refusal(status: StatusCode, message: &str) -> Response {
    let error = RequestError::bad_input(message);
    respond(status, Media::GraphqlResponse, request_errors(&[error]))
}

fn respond(status: StatusCode, media: Media, body: Vec<u8>) -> Response {
    let content_type = match media {
        Media::GraphqlResponse => GRAPHQL_RESPONSE,
        Media::Json => JSON,
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // Prices belong to the asker; nothing on the way may keep them.
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    response
}
