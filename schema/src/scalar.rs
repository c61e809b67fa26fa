//! How scalar input is read: the formats a client may send, and nothing else.

use std::str::FromStr;

use async_graphql::Value;
use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::input::Input;

/// Reads a constant of the named scalar; `None` when it is not in the scalar's format.
pub fn parse(name: &str, value: &Value) -> Option<Input> {
    match (name, value) {
        ("Boolean", Value::Boolean(boolean)) => Some(Input::Boolean(*boolean)),
        ("Int", Value::Number(number)) => number
            .as_i64()
            .and_then(|n| i32::try_from(n).ok())
            .map(Input::Int),
        ("Float", Value::Number(number)) => number.as_f64().map(Input::Float),
        ("String" | "ID" | "URL", Value::String(text)) => Some(Input::Text(text.as_str().into())),
        ("ID", Value::Number(number)) if number.is_i64() || number.is_u64() => {
            Some(Input::Text(number.to_string().into()))
        }
        ("Decimal", Value::String(text)) => decimal(text),
        ("Decimal", Value::Number(number)) => decimal(&number.to_string()),
        ("DateTime", Value::String(text)) => Timestamp::from_str(text).ok().map(Input::DateTime),
        // jiff also reads the date of a date and time, and dates without hyphens.
        ("Date", Value::String(text)) => jiff::civil::Date::from_str(text)
            .ok()
            .filter(|date| date.to_string() == *text)
            .map(|_| Input::Text(text.as_str().into())),
        ("JSON", value) => value.clone().into_json().ok().map(Input::Json),
        _ => None,
    }
}

/// Plain notation only: `1e3` and `1_000` are refused, so that what a client sends is what it sees again.
fn decimal(text: &str) -> Option<Input> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    if !plain {
        return None;
    }
    Decimal::from_str_exact(text).ok().map(Input::Decimal)
}
