//! Liveness and readiness. Neither depends on any connected system: with all of them down the gateway still answers.
//!
//! The ledger does not make a gateway unready either. All replicas share it, so its outage would take all of them out, and
//! with them everything that needs no checkout.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use skuery_resolvers::commerce::till::Till;
use skuery_resolvers::door::Health;

use super::Front;

pub(super) async fn live() -> &'static str {
    "live\n"
}

/// The answer of `/health/ready`.
#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// Why no further request should be sent here.
    not_ready: Vec<Note>,
    /// What is amiss and does not keep requests from being answered.
    degraded: Vec<Note>,
}

#[derive(Serialize)]
struct Note {
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
    why: String,
}

impl Note {
    fn new(what: &'static str, why: impl Into<String>) -> Self {
        Self {
            what,
            system: None,
            why: why.into(),
        }
    }
}

pub(super) async fn ready(State(front): State<Arc<Front>>) -> Response {
    let mut not_ready = Vec::new();
    if front.life.process().is_draining() {
        not_ready.push(Note::new("process", "stopping"));
    }
    let readiness = Readiness {
        ready: not_ready.is_empty(),
        not_ready,
        degraded: degraded(&front),
    };
    let status = match readiness.ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = (status, Json(readiness)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn degraded(front: &Front) -> Vec<Note> {
    let mut notes = Vec::new();
    let reloads = front.life.process().reloads.snapshot();
    if let Some(problem) = reloads.refused_for {
        notes.push(Note::new("configuration", &*problem));
    }
    if let Some(problem) = reloads.certificates_refused_for {
        notes.push(Note::new("certificates", &*problem));
    }
    if front
        .gateway
        .till()
        .is_some_and(|till| !Till::reaches_ledger(till))
    {
        notes.push(Note::new("ledger", "the last try to read it has failed"));
    }
    for system in front.gateway.systems() {
        let why = match system.upstream.snapshot().health {
            Health::Up | Health::Unknown => continue,
            Health::Degraded => "degraded",
            Health::Down => "down",
        };
        notes.push(Note {
            system: Some(system.name.to_string()),
            ..Note::new("system", why)
        });
    }
    notes
}
