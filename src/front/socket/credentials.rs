//! Who a client says it is: in the headers of the upgrade, in the payload of `connection_init`, or in both alike.

use axum::http::HeaderMap;
use serde_json::{Map, Value};

/// What a client has given; not verified yet. It has no `Debug`, because it holds a token.
#[derive(Clone, Default)]
pub(in crate::front) struct Credentials {
    /// `Authorization`: `Bearer` and the token.
    pub(in crate::front) authorization: Option<String>,
    /// `X-Act-As`: the customer a member of staff acts for.
    pub(in crate::front) act_as: Option<String>,
    /// `X-Channel`: the channel of operations that name none.
    pub(in crate::front) channel: Option<String>,
}

impl Credentials {
    /// Reads the headers; the error says which is not readable.
    pub(super) fn of_headers(headers: &HeaderMap) -> Result<Self, String> {
        Self::default().and(|name| {
            let values = headers.get_all(name).iter();
            values
                .map(|value| {
                    let text = value
                        .to_str()
                        .map_err(|_| format!("{name}: only visible ASCII"))?;
                    Ok(text.to_owned())
                })
                .collect()
        })
    }

    /// Adds those of a payload, as its keys or as the keys of `headers` in it; case does not matter.
    pub(super) fn and_payload(self, payload: &Map<String, Value>) -> Result<Self, String> {
        let empty = Map::new();
        let headers = payload
            .get("headers")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        self.and(|name| {
            let named = payload
                .iter()
                .chain(headers)
                .filter(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null());
            named
                .map(|(_, value)| {
                    let text = value.as_str().ok_or_else(|| format!("{name} must be a text"))?;
                    Ok(text.to_owned())
                })
                .collect()
        })
    }

    fn and(mut self, given: impl Fn(&str) -> Result<Vec<String>, String>) -> Result<Self, String> {
        for (name, known) in [
            ("Authorization", &mut self.authorization),
            ("X-Act-As", &mut self.act_as),
            ("X-Channel", &mut self.channel),
        ] {
            for value in given(name)? {
                // Whichever was meant, the other would be ignored.
                if known.as_ref().is_some_and(|known| *known != value) {
                    return Err(format!("{name} is given twice with different values"));
                }
                *known = Some(value);
            }
        }
        Ok(self)
    }
}
