//! `/graphql` over HTTP, after the GraphQL-over-HTTP specification: what it asks rule by rule, and what is done here, is in
//! `docs/HTTP.md`.

mod batch;
mod media;
mod parameters;
mod refusal;
mod reply;
mod request;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use skuery_resolvers::commerce::gateway::{Answer, GraphqlRequest, NotExecuted};
use skuery_resolvers::commerce::reuse::Reuse;
use skuery_resolvers::engine::{self, RequestError};
use tokio::time::Instant;
use url::form_urlencoded;

pub(super) use self::parameters::{Parameters, Unusable};
pub(super) use self::refusal::{error_entries, refusal_entries};

use self::media::Media;
use self::refusal::refuse;
use self::reply::{Keep, Reply, Wanted};
use self::request::{METHODS, Sent};
use super::Front;
use super::stream::{Format, Reader};

/// For developers and tests: how often a request waited for systems.
const WAVES: HeaderName = HeaderName::from_static("x-skuery-waves");

pub(super) async fn post(State(front): State<Arc<Front>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let wanted = Wanted::of(&parts.method, &parts.headers, front.documents.has_clients());
    match posted(&front, &parts, body).await {
        Ok(Sending::Stream(response)) => response,
        Ok(Sending::Whole(reply)) | Err(reply) => wanted.write(reply).await,
    }
}

/// HEAD too, by axum's rule that it is a GET whose body is not sent.
pub(super) async fn get(front: Arc<Front>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let wanted = Wanted::of(&parts.method, &parts.headers, front.documents.has_clients());
    match got(&front, &parts).await {
        Ok(Sending::Stream(response)) => response,
        Ok(Sending::Whole(reply)) | Err(reply) => wanted.write(reply).await,
    }
}

/// What a request comes to.
enum Sending {
    /// An answer as a whole.
    Whole(Reply),
    /// One that may go on.
    Stream(Response),
}

pub(super) async fn method_not_allowed() -> Response {
    let message = "send a POST or a GET, or open a WebSocket over HTTP/1.1";
    let reply = refuse(StatusCode::METHOD_NOT_ALLOWED, message);
    reply.with(header::ALLOW, METHODS).plain()
}

/// A request that is refused before anything is known of its sender.
pub(super) fn refusal(status: StatusCode, message: &str) -> Response {
    refuse(status, message).plain()
}

/// The same with a code of its own.
pub(super) fn refusal_of(status: StatusCode, error: RequestError) -> Response {
    refusal::written(status, Media::GraphqlResponse, &error.into()).plain()
}

async fn posted(front: &Arc<Front>, parts: &Parts, body: Body) -> Result<Sending, Reply> {
    let headers = &parts.headers;
    if !media::is_json(headers) {
        let message = "send the request as application/json in UTF-8";
        return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    let sent = Sent::of(front, parts).await?;
    let body = request::body(front, headers, body).await?;
    if body.trim_ascii_start().starts_with(b"[") {
        return batch::answer(front, &sent, &body).await.map(Sending::Whole);
    }
    let parameters: Parameters<'_> = request::parse(&body)?;
    let request = sent.request(front, parameters);
    let request = request.map_err(|why| refusal::unusable(sent.media, why))?;
    if let Some(format) = sent.stream {
        return streamed(front, parts, &sent, format, &request).await;
    }
    let response = front.execute(&request).await;
    let response = response.map_err(|refused| refusal::not_executed(sent.media, &refused))?;
    Ok(Sending::Whole(answered(sent.media, response)))
}

/// Who takes single answers and streams gets of each operation what it is.
async fn streamed(
    front: &Arc<Front>,
    parts: &Parts,
    sent: &Sent,
    format: Format,
    request: &GraphqlRequest,
) -> Result<Sending, Reply> {
    match (front.answer(request).await, sent.takes_single) {
        (Ok(Answer::Response(response)), true) => Ok(Sending::Whole(answered(sent.media, response))),
        (Err(refused), true) => Err(refusal::not_executed(sent.media, &refused)),
        (answer, _) => {
            let reader = Reader {
                place: parts.extensions.get(),
                expires: sent.sender.identity.as_ref().map(|identity| identity.expires),
            };
            Ok(Sending::Stream(format.respond(front, &reader, answer)))
        }
    }
}

async fn got(front: &Arc<Front>, parts: &Parts) -> Result<Sending, Reply> {
    let query = parts.uri.query().unwrap_or_default();
    if query.len() > front.url_bytes {
        let message = format!(
            "limits.url_bytes: the query of the URL may have {} bytes: send a POST",
            front.url_bytes
        );
        return Err(refuse(StatusCode::URI_TOO_LONG, &message));
    }
    let sent = Sent::of(front, parts).await?;
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let request = Parameters::of_pairs(&pairs).and_then(|parameters| sent.request(front, parameters));
    let mut request = request.map_err(|why| refusal::unusable(sent.media, why))?;
    request.only_reads = true;
    if let Some(format) = sent.stream {
        return streamed(front, parts, &sent, format, &request).await;
    }
    // What somebody who has signed in is shown is nobody else's.
    let reuse = sent.sender.identity.is_none().then(Arc::<Reuse>::default);
    request.reuse.clone_from(&reuse);
    let response = front.execute(&request).await;
    let response = response.map_err(|refused| refusal::not_executed(sent.media, &refused))?;
    let is_whole = response.errors.is_empty();
    let left = reuse
        .filter(|_| is_whole)
        .and_then(|reuse| reuse.left(Instant::now()));
    Ok(Sending::Whole(Reply {
        keep: left.map_or(Keep::Never, Keep::Public),
        is_tagged: is_whole,
        ..answered(sent.media, response)
    }))
}

/// An answer with data, even if they are null.
fn answered(media: Media, response: engine::Response) -> Reply {
    let status = match media {
        Media::GraphqlResponse if !response.errors.is_empty() => partial_success(),
        _ => StatusCode::OK,
    };
    Reply::new(status, media, response.body).with(WAVES, HeaderValue::from(response.waves))
}

/// What the specification calls it where data come with errors; it is no status of HTTP's own, so only who knows the newer
/// type is told.
fn partial_success() -> StatusCode {
    StatusCode::from_u16(294).unwrap_or(StatusCode::OK)
}

impl Front {
    /// Executes a request of any transport; a document that proved valid is remembered by its hash.
    pub(super) async fn execute(&self, request: &GraphqlRequest) -> Result<engine::Response, NotExecuted> {
        let answered = self.gateway.execute(request).await;
        if answered.is_ok() {
            self.documents.remember(request);
        }
        answered
    }

    /// The same where an answer may be a stream.
    pub(super) async fn answer(&self, request: &GraphqlRequest) -> Result<Answer, NotExecuted> {
        let answered = self.gateway.answer(request).await;
        if answered.is_ok() {
            self.documents.remember(request);
        }
        answered
    }

    async fn execute_all(
        &self,
        requests: &[GraphqlRequest],
    ) -> Result<Vec<Result<engine::Response, NotExecuted>>, NotExecuted> {
        let answered = self.gateway.execute_all(requests).await?;
        for (request, answer) in requests.iter().zip(&answered) {
            if answer.is_ok() {
                self.documents.remember(request);
            }
        }
        Ok(answered)
    }
}
