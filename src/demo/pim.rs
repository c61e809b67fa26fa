//! The demo PIM, in the wire format of Akeneo's REST API.

mod goods;
mod structure;

mod pages;
mod search;
mod values;

mod login;
mod pictures;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;

use super::answers::answer;
use super::assortment::Assortment;
use super::system::System;
use super::tokens;

/// What every handler of the PIM needs.
#[derive(Clone)]
struct Pim {
    system: Arc<System>,
    url: Arc<str>,
    assortment: Arc<Assortment>,
}

/// The routes of the PIM.
pub(super) fn router(system: Arc<System>, url: String, assortment: Arc<Assortment>) -> Router {
    Router::new()
        .route("/api/oauth/v1/token", post(login::token))
        .route("/api/rest/v1/product-models", get(goods::product_models))
        .route("/api/rest/v1/products", get(goods::products))
        .route("/api/rest/v1/products-uuid", get(goods::products_uuid))
        .route(
            "/api/rest/v1/products-uuid/search",
            post(goods::search_products_uuid),
        )
        .route("/api/rest/v1/categories", get(structure::categories))
        .route("/api/rest/v1/attributes", get(structure::attributes))
        .route("/api/rest/v1/attributes/{code}/options", get(structure::options))
        .route("/media/{*path}", get(pictures::picture))
        .with_state(Pim {
            system,
            url: url.into(),
            assortment,
        })
}

impl Pim {
    fn authorise(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        self.system
            .tokens
            .check(headers)
            .map_err(|refusal| match refusal {
                tokens::Refusal::Missing => {
                    Refusal::new(StatusCode::UNAUTHORIZED, "Authentication is required")
                }
                tokens::Refusal::Invalid => {
                    Refusal::new(StatusCode::UNAUTHORIZED, "The access token provided is invalid.")
                }
            })
    }
}

/// An error as the PIM words it: `{code, message}`.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    /// Something in the parameters is wrong.
    fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        answer(
            self.status,
            json!({"code": self.status.as_u16(), "message": self.message}),
        )
    }
}

/// Refuses a body that is not declared as JSON.
fn expect_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let declared = headers
        .get("content-type")
        .and_then(|header| header.to_str().ok())
        .unwrap_or_default();
    if declared.split(';').next().map(str::trim) == Some("application/json") {
        return Ok(());
    }
    let message =
        format!("'{declared}' in 'Content-type' header is not valid. Only 'application/json' is allowed.");
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
}
