//! Who a client says it is: in the headers of the upgrade, in the payload of `connection_init`, or in both alike.

use std::borrow::Cow;
use std::fmt;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

const ACT_AS: HeaderName = HeaderName::from_static("x-act-as");
const CHANNEL: HeaderName = HeaderName::from_static("x-channel");
static NAMES: [(HeaderName, &str); 3] = [
    (AUTHORIZATION, "Authorization"),
    (ACT_AS, "X-Act-As"),
    (CHANNEL, "X-Channel"),
];

/// What a client has given, as the headers of a POST would say it; each is there at most once. Not verified yet. It has
/// no `Debug`, because it holds a token.
#[derive(Clone, Default)]
pub(super) struct Credentials(HeaderMap);

impl Credentials {
    /// Reads the headers of an upgrade; the error says which is not acceptable.
    pub(super) fn of_headers(headers: &HeaderMap) -> Result<Self, String> {
        let mut credentials = Self::default();
        for (name, written) in &NAMES {
            for value in headers.get_all(name) {
                credentials.add(name, written, Some(value.clone()))?;
            }
        }
        Ok(credentials)
    }

    /// Adds those of a payload, as its keys or as the keys of `headers` in it; case does not matter. A key that is there
    /// twice counts twice.
    pub(super) fn and_payload(mut self, payload: &Pairs<'_>) -> Result<Self, String> {
        for (key, value) in &payload.0 {
            if key.eq_ignore_ascii_case("headers") {
                let inner: Option<Pairs<'_>> = serde_json::from_str(value.get())
                    .map_err(|_| "`headers` is not an object of names and texts".to_owned())?;
                for (key, value) in inner.iter().flat_map(|inner| &inner.0) {
                    self.add_pair(key, value)?;
                }
            } else {
                self.add_pair(key, value)?;
            }
        }
        Ok(self)
    }

    fn add_pair(&mut self, key: &str, value: &RawValue) -> Result<(), String> {
        let known = NAMES
            .iter()
            .find(|(_, written)| written.eq_ignore_ascii_case(key));
        let Some((name, written)) = known else {
            return Ok(());
        };
        let value: Option<Cow<'_, str>> = match serde_json::from_str(value.get()) {
            Ok(None) => return Ok(()),
            Ok(value) => value,
            Err(_) => None,
        };
        let value = value.and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
        self.add(name, written, value)
    }

    fn add(&mut self, name: &HeaderName, written: &str, value: Option<HeaderValue>) -> Result<(), String> {
        // The verifier judges the others itself.
        let value = value.filter(|value| *name != CHANNEL || value.to_str().is_ok());
        let value = value.ok_or_else(|| format!("{written} is not readable"))?;
        match self.0.get(name) {
            // Whichever was meant, the other would be ignored.
            Some(known) if *known != value => Err(format!("{written} is given twice with different values")),
            _ => {
                self.0.insert(name, value);
                Ok(())
            }
        }
    }

    /// As headers.
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.0
    }

    /// The channel of operations that name none.
    pub(super) fn channel(&self) -> Option<String> {
        let channel = self.0.get(CHANNEL)?.to_str().ok()?;
        Some(channel.to_owned())
    }
}

/// The pairs of a JSON object as they stand there, doubles too: a map would keep the last of them in silence.
#[derive(Default)]
pub(super) struct Pairs<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;

        impl<'de> Visitor<'de> for Reading {
            type Value = Pairs<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut pairs = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
                    pairs.push((key, value));
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Reading)
    }
}
