//! The content of documents: asked for by key and handed on as it comes, never gathered here.

use http::header::{ACCEPT, HeaderValue};
use serde_json::json;

use crate::connector::machine::Machine;
use crate::error::LookupError;
use crate::port::orders::{DocumentBody, DocumentKey};
use crate::port::{Call, PortLookup};

pub(super) async fn open(
    machine: &Machine,
    call: Call,
    key: &DocumentKey,
) -> Result<DocumentBody, LookupError> {
    let lookup = machine.lookup(PortLookup::Document)?;
    let vars = machine
        .vars()
        .with([("key", json!(key.key)), ("kind", json!(key.kind.name()))]);
    let vars = machine.resolve(call, lookup, vars).await?;
    let question = machine.question(lookup, &vars)?;
    let operation = PortLookup::Document.as_str();
    let mut prepared = question
        .request
        .prepare(machine.upstream.base(), &vars)
        .map_err(|fault| machine.error(operation, fault))?;
    // Any other lookup wants JSON; a mapping may still ask for one media type.
    if prepared.headers.get(ACCEPT) == Some(&HeaderValue::from_static("application/json")) {
        prepared.headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    }
    let request = machine.request(operation, 1, prepared);
    machine.upstream.open(call, request).await
}
