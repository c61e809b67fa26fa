//! A JSON object without double names, and the times in it.
//!
//! Of two members with one name, readers take the first, the last or both: such a token is refused (RFC 7515, section 4;
//! RFC 7519, section 4). serde's derived readers would also take an array for an object.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// JSON and nothing after it.
pub(super) fn parse(text: &[u8]) -> Option<&RawValue> {
    serde_json::from_slice(text).ok()
}

/// The members of an object, unread.
pub(super) struct Object<'t>(Vec<(String, &'t RawValue)>);

impl<'t> Object<'t> {
    /// `None` when it is no object, or one with double names.
    pub(super) fn read(value: &'t RawValue) -> Option<Self> {
        serde_json::from_str(value.get()).ok()
    }

    pub(super) fn get(&self, name: &str) -> Option<&'t RawValue> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut members: Vec<(String, &RawValue)> = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            members.push((name, value));
        }
        let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(A::Error::custom("a name stands twice"));
        }
        Ok(Object(members))
    }
}

/// A JSON number of seconds since 1970 (RFC 7519, NumericDate), rounded down; no text, and none beyond the calendar.
pub(super) fn seconds(number: &str) -> Option<Timestamp> {
    if number.starts_with('"') {
        return None;
    }
    let number = Decimal::from_str(number)
        .or_else(|_| Decimal::from_scientific(number))
        .ok()?;
    let seconds = number.floor().to_i64()?;
    Timestamp::from_second(seconds)
        .ok()
        .filter(|time| *time >= Timestamp::UNIX_EPOCH)
}
