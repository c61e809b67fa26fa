//! The demo payment provider, in the wire format of Stripe's payment intents: made, looked up, captured and cancelled.
//!
//! Nobody pays: an intent is authorised as soon as it is made. For people who try the playground there are also intents
//! that nobody made: `pi_demo_170900_SEK_anything` is 1 709 kronor, authorised, from the first time it is asked for.

mod intents;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

pub(super) use self::intents::Intents;
use self::intents::Refusal;
use super::answers::answer;
use super::logins;
use super::query::Query;
use super::system::System;

#[derive(Clone)]
struct Provider {
    system: Arc<System>,
    intents: Arc<Intents>,
}

/// The routes of the provider.
pub(super) fn router(system: Arc<System>, intents: Arc<Intents>) -> Router {
    Router::new()
        .route("/v1/payment_intents", post(create))
        .route("/v1/payment_intents/{id}", get(look_up))
        .route("/v1/payment_intents/{id}/capture", post(capture))
        .route("/v1/payment_intents/{id}/cancel", post(cancel))
        .with_state(Provider { system, intents })
}

async fn create(State(provider): State<Provider>, headers: HeaderMap, body: Bytes) -> Response {
    provider.once(&headers, "create", &body, |form| {
        let amount = form.get("amount").and_then(|text| text.parse().ok());
        let amount = amount.ok_or_else(|| Refusal::parameter("amount"))?;
        let currency = form
            .get("currency")
            .ok_or_else(|| Refusal::parameter("currency"))?;
        let is_declined = form.get("payment_method") == Some("pm_card_chargeDeclined");
        provider.intents.create(amount, currency, is_declined)
    })
}

async fn look_up(State(provider): State<Provider>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if !is_known(&headers) {
        return Refusal::key().into();
    }
    provider.system.count_keys(1);
    shown(provider.intents.look_up(&id))
}

async fn capture(
    State(provider): State<Provider>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    provider.once(&headers, &format!("capture {id}"), &body, |form| {
        let amount = form.get("amount_to_capture").map(|text| text.parse());
        let amount = amount
            .transpose()
            .map_err(|_| Refusal::parameter("amount_to_capture"))?;
        provider.intents.capture(&id, amount)
    })
}

async fn cancel(
    State(provider): State<Provider>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    provider.once(&headers, &format!("cancel {id}"), &body, |_| {
        provider.intents.cancel(&id)
    })
}

impl Provider {
    /// Does something, or repeats what was answered under the same `Idempotency-Key`.
    fn once(
        &self,
        headers: &HeaderMap,
        what: &str,
        body: &[u8],
        work: impl FnOnce(&Query) -> Result<Value, Refusal>,
    ) -> Response {
        if !is_known(headers) {
            return Refusal::key().into();
        }
        self.system.count_keys(1);
        let form = String::from_utf8_lossy(body);
        let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
        shown(
            self.intents
                .once(key, &format!("{what}?{form}"), || work(&Query::parse(&form))),
        )
    }
}

fn shown(end: Result<Value, Refusal>) -> Response {
    match end {
        Ok(intent) => answer(StatusCode::OK, intent),
        Err(refusal) => refusal.into(),
    }
}

fn is_known(headers: &HeaderMap) -> bool {
    let header = headers
        .get("authorization")
        .and_then(|header| header.to_str().ok());
    header.and_then(|header| header.strip_prefix("Bearer ")) == Some(logins::PAYMENTS_KEY)
}

impl Intents {
    /// A fresh authorised intent of an amount such as `1709.00`.
    pub(super) fn authorised(&self, amount: &str, currency: &str) -> Option<Value> {
        let amount: Decimal = amount.parse().ok()?;
        let minor = amount.checked_mul(Decimal::ONE_HUNDRED)?.normalize();
        let minor = minor.is_integer().then(|| minor.to_i64()).flatten()?;
        let intent = self.create(minor, currency, false).ok()?;
        Some(json!({
            "id": intent["id"],
            "status": intent["status"],
            "amount": amount.to_string(),
            "currency": currency.to_uppercase(),
        }))
    }
}
