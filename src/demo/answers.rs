//! Exact numbers in JSON, and JSON answers with a status.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rust_decimal::Decimal;
use serde_json::{Number, Value};

/// A JSON answer.
pub(super) fn answer(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}

/// A decimal as a JSON number with exactly its digits.
pub(super) fn number(value: Decimal) -> Value {
    // The text of a decimal is always a JSON number; null would show up in the first test that looks.
    value
        .to_string()
        .parse::<Number>()
        .map_or(Value::Null, Value::Number)
}

/// A JSON number as a decimal, if it fits.
pub(super) fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}
