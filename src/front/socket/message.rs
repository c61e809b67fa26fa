//! The messages of the protocol `graphql-transport-ws`: the client's are read, ours are written.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Bytes;

use crate::front::graphql::Parameters;
use crate::front::socket::credentials::Pairs;

/// The longest id of an operation, in bytes: it is kept as long as the operation runs, and repeated in every answer.
const LONGEST_ID: usize = 128;

/// What a client may say.
pub(super) enum ClientMessage<'a> {
    ConnectionInit(Pairs<'a>),
    Ping(Option<&'a RawValue>),
    Pong,
    Subscribe { id: String, parameters: Parameters<'a> },
    Complete { id: String },
}

/// What all messages have in common. Further keys are ignored, as other servers do.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    id: Option<String>,
    /// Read once the type is known: reading it raw needs no recursion, however deep it is.
    #[serde(default, borrow)]
    payload: Option<&'a RawValue>,
}

impl<'a> ClientMessage<'a> {
    /// Reads a message; the error says what is wrong with it.
    pub(super) fn read(text: &'a str) -> Result<Self, String> {
        let Envelope { kind, id, payload } =
            serde_json::from_str(text).map_err(|error| format!("not a message: {error}"))?;
        match &*kind {
            "connection_init" => {
                let payload = object(payload)?.map_or(Ok(Pairs::default()), read)?;
                Ok(Self::ConnectionInit(payload))
            }
            "ping" => Ok(Self::Ping(object(payload)?)),
            "pong" => object(payload).map(|_| Self::Pong),
            "subscribe" => Ok(Self::Subscribe {
                id: operation_id(id)?,
                parameters: read(object(payload)?.ok_or("`subscribe` needs a `payload`")?)?,
            }),
            "complete" => Ok(Self::Complete {
                id: operation_id(id)?,
            }),
            _ => Err("unknown `type`".to_owned()),
        }
    }
}

fn operation_id(id: Option<String>) -> Result<String, String> {
    id.filter(|id| !id.is_empty() && id.len() <= LONGEST_ID)
        .ok_or_else(|| format!("`id` must be a text of 1 to {LONGEST_ID} bytes"))
}

fn object(payload: Option<&RawValue>) -> Result<Option<&RawValue>, String> {
    match payload {
        Some(payload) if !payload.get().starts_with('{') => Err("`payload` must be an object".to_owned()),
        _ => Ok(payload),
    }
}

fn read<'a, T: Deserialize<'a>>(payload: &'a RawValue) -> Result<T, String> {
    serde_json::from_str(payload.get()).map_err(|error| format!("`payload`: {error}"))
}

pub(super) fn connection_ack() -> Bytes {
    Bytes::from_static(br#"{"type":"connection_ack"}"#)
}

/// Repeats what the ping said, so that a client can tell its pings apart.
pub(super) fn pong(payload: Option<&RawValue>) -> Bytes {
    match payload {
        None => Bytes::from_static(br#"{"type":"pong"}"#),
        Some(payload) => format!(r#"{{"type":"pong","payload":{}}}"#, payload.get()).into(),
    }
}

/// `body` is a whole response in JSON, and goes out as it is.
pub(super) fn next(id: &str, body: &[u8]) -> Bytes {
    let mut message = format!(r#"{{"id":{},"type":"next","payload":"#, json!(id)).into_bytes();
    message.extend_from_slice(body);
    message.push(b'}');
    message.into()
}

pub(super) fn error(id: &str, errors: &[Value]) -> Bytes {
    json!({ "id": id, "type": "error", "payload": errors })
        .to_string()
        .into()
}

pub(super) fn complete(id: &str) -> Bytes {
    json!({ "id": id, "type": "complete" }).to_string().into()
}
