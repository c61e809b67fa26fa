//! Who a client says it is: in the headers of the upgrade, in the payload of `connection_init`, or in both alike.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

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

    /// Adds those of a payload, as its keys or as the keys of `headers` in it; case does not matter.
    pub(super) fn and_payload(mut self, payload: &Map<String, Value>) -> Result<Self, String> {
        let inner = payload.get("headers").and_then(Value::as_object);
        for (key, value) in payload.iter().chain(inner.into_iter().flatten()) {
            let known = NAMES
                .iter()
                .find(|(_, written)| written.eq_ignore_ascii_case(key));
            if let Some((name, written)) = known
                && !value.is_null()
            {
                let value = value
                    .as_str()
                    .and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
                self.add(name, written, value)?;
            }
        }
        Ok(self)
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
