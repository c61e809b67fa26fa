//! Requests that are not executed: what the client is told, and with which status.

use axum::http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use skuery_resolvers::commerce::gateway::NotExecuted;
use skuery_resolvers::engine::RequestError;
use skuery_schema::error::ErrorCode;

use super::media::Media;
use super::parameters::Unusable;
use super::reply::Reply;
use crate::front::sender;
use crate::identity::Refusal;

/// The most errors one refusal lists, and the most characters of each: a hostile document must not be answered by a
/// larger one.
const LISTED_ERRORS: usize = 10;
const MESSAGE_CHARACTERS: usize = 500;

/// A request that is not GraphQL over HTTP at all. Whatever type the client takes, what is not 2xx says of itself that it
/// is a GraphQL response, so that no client takes a proxy's page for one.
pub(super) fn refuse(status: StatusCode, message: &str) -> Reply {
    let code = match status {
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::OperationNotAllowed,
        _ => ErrorCode::BadUserInput,
    };
    written(
        status,
        Media::GraphqlResponse,
        &RequestError::new(code, message).into(),
    )
}

/// Parameters that are no request; `media` is what a good answer would have been written in.
pub(super) fn unusable(media: Media, why: Unusable) -> Reply {
    match why {
        Unusable::Refused(error) => not_executed(media, &error.into()),
        Unusable::Malformed(why) => malformed(&why),
    }
}

/// JSON, but no request.
pub(super) fn malformed(why: &str) -> Reply {
    refuse(StatusCode::BAD_REQUEST, &format!("not a GraphQL request: {why}"))
}

/// A request that is refused because of its sender, before anybody looked at what it asks.
pub(super) fn turned_away(refusal: Refusal) -> Reply {
    let error = RequestError::new(refusal.code(), refusal.to_string());
    let status = sender::status(refusal.code());
    let reply = written(status, Media::GraphqlResponse, &error.into());
    match status {
        StatusCode::UNAUTHORIZED => {
            let challenge = sender::challenge(Some(refusal));
            reply.with(header::WWW_AUTHENTICATE, challenge)
        }
        _ => reply,
    }
}

/// A request that the gateway could not execute.
pub(super) fn not_executed(media: Media, refused: &NotExecuted) -> Reply {
    let status = status(media, refused);
    let media = match status.is_success() {
        true => media,
        false => Media::GraphqlResponse,
    };
    let reply = written(status, media, refused);
    match status {
        StatusCode::UNAUTHORIZED => reply.with(header::WWW_AUTHENTICATE, sender::challenge(None)),
        StatusCode::METHOD_NOT_ALLOWED => reply.with(header::ALLOW, HeaderValue::from_static("POST")),
        _ => reply,
    }
}

/// The statuses of the specification. It asks for them in `application/json` as well; but clients that know only that
/// type read GraphQL errors from an answer with 200 and nothing from others, which is what they were once promised.
fn status(media: Media, refused: &NotExecuted) -> StatusCode {
    let has = |code| refused.errors.iter().any(|error| error.code == code);
    if refused.changes {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    if has(ErrorCode::PersistedQueryHashMismatch) {
        return StatusCode::BAD_REQUEST;
    }
    if media == Media::Json {
        return StatusCode::OK;
    }
    let statuses = [
        (ErrorCode::Unauthenticated, StatusCode::UNAUTHORIZED),
        (ErrorCode::Forbidden, StatusCode::FORBIDDEN),
        (ErrorCode::SystemUnavailable, StatusCode::SERVICE_UNAVAILABLE),
        (ErrorCode::PersistedQueryNotFound, StatusCode::NOT_FOUND),
        (ErrorCode::GraphqlParseFailed, StatusCode::BAD_REQUEST),
        (ErrorCode::BadUserInput, StatusCode::BAD_REQUEST),
    ];
    let decisive = statuses.into_iter().find(|(code, _)| has(*code));
    decisive.map_or(StatusCode::UNPROCESSABLE_ENTITY, |(_, status)| status)
}

pub(super) fn written(status: StatusCode, media: Media, refused: &NotExecuted) -> Reply {
    Reply::new(status, media, body(refused))
}

/// A whole response without `data`.
pub(super) fn body(refused: &NotExecuted) -> Vec<u8> {
    json!({ "errors": refusal_entries(refused) })
        .to_string()
        .into_bytes()
}

/// The errors of a request that the gateway did not execute; the first tells what it was refused for.
pub(in crate::front) fn refusal_entries(refused: &NotExecuted) -> Vec<Value> {
    let mut entries = error_entries(&refused.errors);
    let first = entries.first_mut();
    if let Some(extensions) = first.and_then(|entry| entry["extensions"].as_object_mut()) {
        extensions.extend(refused.extensions.clone());
    }
    entries
}

/// The errors of a request that could not be executed, as clients see them.
pub(in crate::front) fn error_entries(errors: &[RequestError]) -> Vec<Value> {
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
