//! Global object identification: an opaque, stable ID of a type and a key (Relay, "Global Object Identification").

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What an ID names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeId {
    /// The object type's GraphQL name.
    pub type_name: String,
    /// The type's own key: a SKU, a product code, a category code, a location code.
    pub key: String,
}

impl NodeId {
    /// The ID of `key` in `type_name`.
    pub fn encode(type_name: &str, key: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("{type_name}:{key}"))
    }

    /// Reads an ID; `None` for anything this gateway did not make.
    pub fn decode(id: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        let (type_name, key) = text.split_once(':')?;
        Some(Self {
            type_name: type_name.to_owned(),
            key: key.to_owned(),
        })
    }
}
