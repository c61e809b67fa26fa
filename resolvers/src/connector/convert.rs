//! How one JSON value is read: exact decimals, dates, texts. Nothing here goes through a binary float.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::connector::node::{Node, View};
use crate::door::fault::Fault;

/// Amounts and quantities of more than fifteen digits before the point are refused as nonsense.
const LARGEST: Decimal = Decimal::from_parts(0xA4C6_8000, 0x0003_8D7E, 0, false, 0);

/// A number with all its digits, or Tryton's `{"__class__": "Decimal", "decimal": "71.5530"}`.
pub(crate) fn decimal(value: Node<'_>) -> Result<Decimal, Fault> {
    match value.view() {
        View::Number(number) => digits(number),
        View::Object(_) if is_class(value, "Decimal") => {
            let text = value.get("decimal").and_then(Node::as_str);
            digits(text.ok_or_else(|| illegal("number"))?)
        }
        _ => Err(illegal("number")),
    }
}

/// A number written as text with a decimal point.
pub(crate) fn decimal_text(value: Node<'_>) -> Result<Decimal, Fault> {
    match value.view() {
        View::Text(text) => digits(text),
        _ => decimal(value),
    }
}

fn digits(text: &str) -> Result<Decimal, Fault> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    let number = if plain {
        Decimal::from_str_exact(text)
    } else {
        Decimal::from_scientific(text)
    };
    match number {
        Ok(number) if number.abs() < LARGEST => Ok(number),
        _ => Err(illegal("number")),
    }
}

/// Text, or a whole number as text: keys are numbers in some systems.
pub(crate) fn text(value: Node<'_>) -> Result<Arc<str>, Fault> {
    plain(value).map(Arc::from)
}

/// The same where it stands.
pub(crate) fn plain(value: Node<'_>) -> Result<&str, Fault> {
    match value.view() {
        View::Text(text) => Ok(text),
        View::Number(digits) if value.as_i64().is_some() || value.as_u64().is_some() => Ok(digits),
        _ => Err(illegal("text")),
    }
}

/// Yes or no; 1 and 0 count.
pub(crate) fn switch(value: Node<'_>) -> Result<bool, Fault> {
    match value.view() {
        View::Bool(switch) => Ok(switch),
        View::Number(_) => match value.as_i64() {
            Some(1) => Ok(true),
            Some(0) => Ok(false),
            _ => Err(illegal("switch")),
        },
        View::Text("true") => Ok(true),
        View::Text("false") => Ok(false),
        _ => Err(illegal("switch")),
    }
}

/// `YYYY-MM-DD`, also at the beginning of a date with time, or Tryton's `date` object.
pub(crate) fn date(value: Node<'_>) -> Result<Date, Fault> {
    let found = match value.view() {
        View::Text(text) => text.get(..10).and_then(|day| day.parse().ok()),
        View::Object(_) => {
            let part = |name| {
                value
                    .get(name)
                    .and_then(Node::as_i64)
                    .and_then(|part| i16::try_from(part).ok())
            };
            let small = |name| part(name).and_then(|part| i8::try_from(part).ok());
            match (part("year"), small("month"), small("day")) {
                (Some(year), Some(month), Some(day)) => Date::new(year, month, day).ok(),
                _ => None,
            }
        }
        _ => None,
    };
    found.ok_or_else(|| illegal("date"))
}

/// RFC 3339, or Tryton's `datetime` object, which is in UTC.
pub(crate) fn timestamp(value: Node<'_>) -> Result<Timestamp, Fault> {
    let found = match value.view() {
        View::Text(text) => text.parse().ok(),
        View::Object(_) if is_class(value, "datetime") => {
            let part = |name| value.get(name).map_or(Some(0), Node::as_i64);
            let small = |name| part(name).and_then(|part| i8::try_from(part).ok());
            let nanosecond = part("microsecond")
                .and_then(|part| part.checked_mul(1_000))
                .and_then(|part| i32::try_from(part).ok());
            match (
                date(value),
                small("hour"),
                small("minute"),
                small("second"),
                nanosecond,
            ) {
                (Ok(day), Some(hour), Some(minute), Some(second), Some(nanosecond)) => DateTime::new(
                    day.year(),
                    day.month(),
                    day.day(),
                    hour,
                    minute,
                    second,
                    nanosecond,
                )
                .and_then(|moment| TimeZone::UTC.to_timestamp(moment))
                .ok(),
                _ => None,
            }
        }
        _ => None,
    };
    found.ok_or_else(|| illegal("point in time"))
}

/// Seconds since 1970 in UTC, as a whole number or that as text.
pub(crate) fn unix(value: Node<'_>) -> Result<Timestamp, Fault> {
    let seconds = match value.view() {
        View::Text(text) => text.parse().ok(),
        _ => value.as_i64(),
    };
    seconds
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .ok_or_else(|| illegal("point in time"))
}

/// The beginning of a day in UTC.
pub(crate) fn midnight(day: Date) -> Result<Timestamp, Fault> {
    TimeZone::UTC
        .to_timestamp(day.at(0, 0, 0, 0))
        .map_err(|_| illegal("point in time"))
}

/// A list of texts; a single text is a list of one.
pub(crate) fn list(value: Node<'_>) -> Result<Vec<Arc<str>>, Fault> {
    match value.view() {
        View::List(items) => items.filter(|item| !item.is_null()).map(text).collect(),
        View::Null => Ok(Vec::new()),
        _ => Ok(vec![text(value)?]),
    }
}

/// Whether an object says that it is one of Tryton's.
fn is_class(value: Node<'_>, class: &str) -> bool {
    value.get("__class__").and_then(Node::as_str) == Some(class)
}

fn illegal(what: &str) -> Fault {
    Fault::invalid_value(format!("a value is not a {what}"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    fn check(json: &str) -> Option<String> {
        let json: Json = serde_json::from_str(json).expect("JSON");
        decimal((&json).into()).ok().map(|number| number.to_string())
    }

    #[test]
    fn decimals_keep_their_digits_and_nonsense_is_refused() {
        assert_eq!(check("71.5530").as_deref(), Some("71.5530"));
        assert_eq!(check("0.1").as_deref(), Some("0.1"));
        assert_eq!(check("93.0").as_deref(), Some("93.0"));
        assert_eq!(check("1.5e3").as_deref(), Some("1500"));
        assert_eq!(check("999999999999999").as_deref(), Some("999999999999999"));
        assert_eq!(
            check(r#"{"__class__":"Decimal","decimal":"9.9000"}"#).as_deref(),
            Some("9.9000")
        );
        for odd in [
            "1e308",
            "1000000000000000",
            "\"1.000,5\"",
            "\"NaN\"",
            "null",
            "true",
            r#"{"__class__":"Decimal","decimal":"NaN"}"#,
            "0.12345678901234567890123456789012345",
        ] {
            assert_eq!(check(odd), None, "{odd}");
        }
    }

    #[test]
    fn points_in_time_are_read_in_both_forms() {
        let moment: Timestamp = "2026-12-31T06:07:08.25Z".parse().expect("a moment");
        for form in [
            r#""2026-12-31T07:07:08.25+01:00""#,
            r#"{"__class__":"datetime","year":2026,"month":12,"day":31,"hour":6,"minute":7,"second":8,"microsecond":250000}"#,
        ] {
            let json: Json = serde_json::from_str(form).expect("JSON");
            assert_eq!(timestamp((&json).into()).ok(), Some(moment), "{form}");
        }
        assert_eq!(
            unix((&Json::from(1_798_697_228)).into()).ok(),
            moment.round(jiff::Unit::Second).ok()
        );
        assert!(unix((&Json::from(i64::MAX)).into()).is_err());
        assert!(unix((&Json::from(1.5)).into()).is_err());
        for odd in [
            r#""2026-12-31""#,
            "20261231",
            r#"{"__class__":"datetime","year":2026,"month":13,"day":31}"#,
            r#"{"__class__":"datetime","year":2026,"month":12,"day":31,"hour":"6"}"#,
        ] {
            let json: Json = serde_json::from_str(odd).expect("JSON");
            assert!(timestamp((&json).into()).is_err(), "{odd}");
        }
    }

    #[test]
    fn dates_are_read_in_all_three_forms() {
        let day: Date = "2026-12-31".parse().expect("a date");
        for form in [
            r#""2026-12-31""#,
            r#""2026-12-31T00:00:00+00:00""#,
            r#"{"__class__":"date","year":2026,"month":12,"day":31}"#,
        ] {
            let json: Json = serde_json::from_str(form).expect("JSON");
            assert_eq!(date((&json).into()).ok(), Some(day), "{form}");
        }
        assert!(date((&Json::from("31.12.2026")).into()).is_err());
        assert_eq!(
            midnight(day).ok(),
            "2026-12-31T00:00:00Z".parse::<Timestamp>().ok()
        );
        assert!(date((&Json::from("süßßßßß")).into()).is_err());
    }
}
