//! The parameters of a request address, in order and with repetitions.

use url::form_urlencoded;

/// Decoded parameters.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the part after the question mark, or a form body.
    pub(super) fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// The last value under a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// Every value under a name.
    pub(super) fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every name, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The parameters as text, with some replaced or, where `None`, left out.
    pub(super) fn with(&self, replaced: &[(&str, Option<&str>)]) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.0 {
            if !replaced.iter().any(|(key, _)| key == name) {
                text.append_pair(name, value);
            }
        }
        for (name, value) in replaced {
            if let Some(value) = value {
                text.append_pair(name, value);
            }
        }
        text.finish()
    }
}
