//! `persisted_documents`: the manifest of the documents that clients will send.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Config, ConfigError};
use crate::persisted::Manifest;

/// Documents that are known before anybody sends them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersistedDocumentsConfig {
    /// The file that the clients' build writes: of Apollo, of Relay, or of GraphQL Code Generator.
    pub manifest: PathBuf,
}

/// Reads the manifest, if there is one. `file` and `text` are for messages.
///
/// # Errors
///
/// Where it cannot be read, with the line of the configuration that names it; where it is none, with its own.
pub fn persisted_documents(config: &Config, file: &str, text: &str) -> Result<Option<Manifest>, ConfigError> {
    let Some(PersistedDocumentsConfig { manifest }) = &config.persisted_documents else {
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
