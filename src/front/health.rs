//! Liveness and readiness. Neither depends on any connected system: with all of them down the gateway still answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::StatusCode;

use super::Front;

pub(super) async fn live() -> &'static str {
    "live\n"
}

pub(super) async fn ready(State(front): State<Arc<Front>>) -> (StatusCode, &'static str) {
    if front.ready.load(Ordering::Acquire) {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    }
}
