//! An array of requests in one body, answered by an array. Off unless it is configured.

use axum::http::StatusCode;
use serde_json::value::RawValue;
use skuery_resolvers::commerce::gateway::NotExecuted;
use skuery_resolvers::engine::RequestError;
use skuery_resolvers::screen::Excess;
use skuery_schema::error::ErrorCode;

use super::media::Media;
use super::parameters::{Parameters, Unusable};
use super::refusal;
use super::reply::Reply;
use super::request::{Sent, parse};
use crate::front::Front;

/// A batch that is refused whole has no array for its clients to look into, so it has a status that says so in either
/// type.
const REFUSED_AS: Media = Media::GraphqlResponse;

/// Answers a batch. As long as each entry is a request, the whole is answered with 200, by one response for each in their
/// order; an array is no GraphQL response, so its type is `application/json` for all.
pub(super) async fn answer(front: &Front, sent: &Sent, body: &[u8]) -> Result<Reply, Reply> {
    let entries: Vec<&RawValue> = parse(body)?;
    let Some(most) = front.batch else {
        let why = "several in one body are not answered here (`batching` is not configured)";
        return Err(refusal::malformed(why));
    };
    if !sent.takes_json {
        let why = "a batch is answered as application/json";
        return Err(refusal::refuse(StatusCode::NOT_ACCEPTABLE, why));
    }
    if entries.is_empty() {
        return Err(refusal::malformed("an empty batch"));
    }
    if entries.len() > most {
        return Err(refusal::not_executed(
            REFUSED_AS,
            &too_many(entries.len(), most).into(),
        ));
    }
    let mut requests = Vec::with_capacity(entries.len());
    // By entry: why it is no part of `requests`.
    let mut refused = Vec::with_capacity(entries.len());
    for (index, entry) in entries.into_iter().enumerate() {
        let parameters = Parameters::of_object(entry.get());
        match parameters.and_then(|parameters| sent.request(front, parameters)) {
            Ok(request) => {
                requests.push(request);
                refused.push(None);
            }
            Err(Unusable::Refused(error)) => refused.push(Some(NotExecuted::from(error))),
            Err(Unusable::Malformed(why)) => {
                let why = format!("entry {index}: {why}");
                return Err(refusal::malformed(&why));
            }
        }
    }
    let answered = front.execute_all(&requests).await;
    let answered = answered.map_err(|refused| refusal::not_executed(REFUSED_AS, &refused))?;
    let mut answered = answered.into_iter();
    let mut written = b"[".to_vec();
    for refused in refused {
        if written.len() > 1 {
            written.push(b',');
        }
        match refused.map_or_else(|| answered.next(), |refused| Some(Err(refused))) {
            Some(Ok(response)) => written.extend(response.body),
            Some(Err(refused)) => written.extend(refusal::body(&refused)),
            None => written.extend(b"null"),
        }
    }
    written.push(b']');
    Ok(Reply::new(StatusCode::OK, Media::Json, written))
}

fn too_many(found: usize, allowed: usize) -> RequestError {
    let message =
        format!("batching.most: the batch holds {found} requests, and at most {allowed} are allowed");
    RequestError {
        excess: Some(Excess {
            limit: "batching.most",
            allowed,
            found,
        }),
        ..RequestError::new(ErrorCode::QueryTooComplex, message)
    }
}
