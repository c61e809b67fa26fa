//! `persisted_documents`: documents that clients may name instead of sending them.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Config, ConfigError};
use crate::persisted::{Documents, Manifest};

const MIB: u64 = 1_048_576;

/// Documents that can be named instead of sent.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PersistedDocumentsConfig {
    /// The file that the clients' build writes: of Apollo, of Relay, or of GraphQL Code Generator.
    pub manifest: Option<PathBuf>,
    /// Only documents of the manifest are answered.
    pub only: bool,
    /// Whether documents that a client has sent once can be named by their hash from then on (automatic persisted
    /// queries); `None` is yes, unless only those of the manifest are answered.
    pub apq: Option<bool>,
    /// The most memory for these, in MiB.
    pub apq_mib: u32,
}

impl Default for PersistedDocumentsConfig {
    fn default() -> Self {
        Self {
            manifest: None,
            only: false,
            apq: None,
            apq_mib: 16,
        }
    }
}

impl PersistedDocumentsConfig {
    /// Refuses what does not go together; the error is the key and what is wrong with it.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let refuse =
            |key: &str, problem: &str| Err((format!("persisted_documents.{key}"), problem.to_owned()));
        if self.only && self.manifest.is_none() {
            return refuse("only", "needs a `manifest` of the documents that are answered");
        }
        if self.only && self.apq == Some(true) {
            return refuse(
                "apq",
                "no other document is answered than those of the manifest (`only: true`)",
            );
        }
        if self.apq_mib == 0 {
            return refuse("apq_mib", "0 is not allowed, use 1 or more, or `apq: false`");
        }
        Ok(())
    }

    /// The documents that can be named, with those of the manifest.
    pub fn documents(&self, manifest: Option<&Manifest>) -> Documents {
        let remembered = self.apq.unwrap_or(true).then(|| u64::from(self.apq_mib) * MIB);
        Documents::new(manifest, self.only, remembered)
    }
}

/// Reads the manifest, if there is one. `file` and `text` are for messages.
///
/// # Errors
///
/// Where it cannot be read, with the line of the configuration that names it; where it is none, with its own.
pub fn persisted_documents(config: &Config, file: &str, text: &str) -> Result<Option<Manifest>, ConfigError> {
    let Some(manifest) = &config.persisted_documents.manifest else {
        return Ok(None);
    };
    let name = manifest.display().to_string();
    let read = std::fs::read_to_string(manifest).map_err(|error| {
        let problem = format!("{name} cannot be read: {error}");
        ConfigError::at(file, text, "persisted_documents.manifest", problem)
    })?;
    match Manifest::parse(&name, &read) {
        Ok(manifest) => Ok(Some(manifest)),
        Err(error) => Err(ConfigError::on_line(&name, Some(error.line), error.problem)),
    }
}
