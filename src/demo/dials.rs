//! The routes by which a presenter or a test sees and turns the dials of the demo systems.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::answers::answer;
use super::system::System;

type Systems = Arc<[Arc<System>]>;

/// `GET /demo/systems` and `POST /demo/systems/{name}`.
pub(super) fn router(systems: Vec<Arc<System>>) -> Router {
    Router::new()
        .route("/demo/systems", get(list))
        .route("/demo/systems/{name}", post(turn))
        .with_state(Systems::from(systems))
}

async fn list(State(systems): State<Systems>) -> Response {
    answer(
        StatusCode::OK,
        systems.iter().map(|system| system.state()).collect(),
    )
}

async fn turn(State(systems): State<Systems>, Path(name): Path<String>, body: Bytes) -> Response {
    let Some(system) = systems.iter().find(|system| system.name() == name) else {
        return refuse(StatusCode::NOT_FOUND, &format!("unknown system \"{name}\""));
    };
    let change: Value = match serde_json::from_slice(&body) {
        Ok(change) => change,
        Err(error) => {
            return refuse(StatusCode::BAD_REQUEST, &format!("the body is not JSON: {error}"));
        }
    };
    match system.turn(&change) {
        Ok(()) => answer(StatusCode::OK, system.state()),
        Err(message) => refuse(StatusCode::BAD_REQUEST, &message),
    }
}

fn refuse(status: StatusCode, message: &str) -> Response {
    answer(status, json!({ "error": message }))
}
