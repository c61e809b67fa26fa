//! Secrets: a type that never prints, and the references to them that a configuration file may hold.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// A password, token or key. Neither `Debug` nor any error shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes the secret; the file it came from must not be the configuration.
    pub fn new(secret: impl Into<Arc<str>>) -> Self {
        Self(secret.into())
    }

    /// A secret that nobody knows, for a process that was given none.
    pub fn random() -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
                .into(),
        )
    }

    /// Whether it has fewer characters than this, and so could be found by trying.
    pub fn is_shorter_than(&self, characters: usize) -> bool {
        self.0.chars().count() < characters
    }

    /// The secret itself, for who must send it or compute with it; never for a message.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a secret is found.
#[derive(Clone, Debug)]
pub enum SecretRef {
    /// `{ env: NAME }`
    Env(String),
    /// `{ file: PATH }`; one newline at the end is not part of the secret.
    File(PathBuf),
    /// Given in code, as the demo does. No file can say this.
    Given(Secret),
    /// A literal in the file. The value is dropped while reading, so that no later message can show it.
    Literal,
}

impl SecretRef {
    /// Finds the secret. Errors name the reference, never a value.
    pub fn resolve(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<Secret, String> {
        match self {
            Self::Env(name) => match env(name) {
                Some(value) if !value.is_empty() => Ok(Secret::new(value)),
                Some(_) => Err(format!("environment variable `{name}` is empty")),
                None => Err(format!("environment variable `{name}` is not set")),
            },
            Self::File(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("file `{}`: {error}", path.display()))?;
                let text = text.strip_suffix('\n').unwrap_or(&text);
                let text = text.strip_suffix('\r').unwrap_or(text);
                if text.is_empty() {
                    return Err(format!("file `{}` is empty", path.display()));
                }
                Ok(Secret::new(text))
            }
            Self::Given(secret) => Ok(secret.clone()),
            Self::Literal => Err(
                "a secret must not stand in the file: write `{ env: NAME }` or `{ file: PATH }`".to_owned(),
            ),
        }
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretRefVisitor)
    }
}

struct SecretRefVisitor;

impl<'de> Visitor<'de> for SecretRefVisitor {
    type Value = SecretRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`{ env: NAME }` or `{ file: PATH }`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretRef, A::Error> {
        let Some(key) = map.next_key::<String>()? else {
            return Err(A::Error::custom("expected `env` or `file`"));
        };
        let found = match key.as_str() {
            "env" => SecretRef::Env(map.next_value()?),
            "file" => SecretRef::File(map.next_value::<String>()?.into()),
            _ => return Err(A::Error::custom("expected `env` or `file`")),
        };
        if map.next_key::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom("expected only one of `env` and `file`"));
        }
        Ok(found)
    }

    // A literal of any type is remembered as "was a literal" only; serde's own message would print it.
    fn visit_str<E>(self, _: &str) -> Result<SecretRef, E> {
        Ok(SecretRef::Literal)
    }

    fn visit_i64<E>(self, _: i64) -> Result<SecretRef, E> {
        Ok(SecretRef::Literal)
    }

    fn visit_u64<E>(self, _: u64) -> Result<SecretRef, E> {
        Ok(SecretRef::Literal)
    }

    fn visit_f64<E>(self, _: f64) -> Result<SecretRef, E> {
        Ok(SecretRef::Literal)
    }

    fn visit_bool<E>(self, _: bool) -> Result<SecretRef, E> {
        Ok(SecretRef::Literal)
    }

    fn visit_unit<E>(self) -> Result<SecretRef, E> {
        Ok(SecretRef::Literal)
    }
}
