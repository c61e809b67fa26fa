//! Coerced argument values: what a field receives after literals, variables and defaults have been read by type.

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

/// A coerced input value.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Explicit null.
    Null,
    /// `Boolean`.
    Boolean(bool),
    /// `Int`.
    Int(i32),
    /// `Float`.
    Float(f64),
    /// `Decimal`.
    Decimal(Decimal),
    /// `DateTime`.
    DateTime(Timestamp),
    /// `String`, `ID` or an enum value.
    Text(Arc<str>),
    /// A list.
    List(Vec<Input>),
    /// An input object; fields that were not given and have no default are absent.
    Object(Vec<(&'static str, Input)>),
    /// `JSON`.
    Json(serde_json::Value),
}

impl Input {
    /// Text, if it is text.
    pub fn as_text(&self) -> Option<&Arc<str>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list, each as text.
    pub fn as_texts(&self) -> Option<Vec<Arc<str>>> {
        match self {
            Self::List(items) => items.iter().map(|item| item.as_text().cloned()).collect(),
            _ => None,
        }
    }

    /// A field of an input object, unless absent or null.
    pub fn field(&self, name: &str) -> Option<&Input> {
        match self {
            Self::Object(fields) => fields
                .iter()
                .find(|(field, value)| *field == name && *value != Self::Null)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// A switch, if it is one.
    pub fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(boolean) => Some(*boolean),
            _ => None,
        }
    }

    /// An integer, if it is one.
    pub fn as_int(&self) -> Option<i32> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// A decimal, if it is one.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Decimal(number) => Some(*number),
            _ => None,
        }
    }

    /// An instant, if it is one.
    pub fn as_timestamp(&self) -> Option<Timestamp> {
        match self {
            Self::DateTime(instant) => Some(*instant),
            _ => None,
        }
    }
}

/// The arguments of one field, in the table's order. Absent arguments without a default are `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args(pub Vec<Option<Input>>);

impl Args {
    /// Argument number `index`, unless absent or null.
    pub fn get(&self, index: usize) -> Option<&Input> {
        self.0.get(index)?.as_ref().filter(|value| **value != Input::Null)
    }

    /// Argument `index` as text.
    pub fn text(&self, index: usize) -> Option<&Arc<str>> {
        self.get(index)?.as_text()
    }

    /// Argument `index` as a list of texts.
    pub fn texts(&self, index: usize) -> Option<Vec<Arc<str>>> {
        self.get(index)?.as_texts()
    }

    /// Argument `index` as an integer.
    pub fn int(&self, index: usize) -> Option<i32> {
        self.get(index)?.as_int()
    }

    /// Argument `index` as a decimal.
    pub fn decimal(&self, index: usize) -> Option<Decimal> {
        self.get(index)?.as_decimal()
    }

    /// Argument `index` as an instant.
    pub fn timestamp(&self, index: usize) -> Option<Timestamp> {
        self.get(index)?.as_timestamp()
    }
}
