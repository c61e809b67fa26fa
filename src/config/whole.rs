//! A configuration file with everything that it comes to: at start, at a reload, and for `check`.

use std::path::Path;
use std::sync::Arc;

use skuery_resolvers::commerce::gateway::Parts;

use super::{
    CheckoutSetup, Config, ConfigError, Running, ServerSetup, build, checkout, identity, persisted_documents,
    server,
};
use crate::identity::Verifier;
use crate::persisted::Manifest;

/// Where secrets are found that the file names by `env`.
pub type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

/// A configuration file and what it comes to; nothing of it has begun to serve.
pub struct Whole {
    /// The file's name, for messages.
    pub file: String,
    /// Its text, for messages.
    pub text: String,
    /// What it says.
    pub config: Config,
    /// What a gateway is made of.
    pub parts: Parts,
    /// Who verifies tokens.
    pub identity: Option<Arc<Verifier>>,
    /// The checkout, whose ledger is not opened.
    pub checkout: Option<CheckoutSetup>,
    /// Documents that are known before anybody sends them.
    pub persisted: Option<Manifest>,
    /// How connections are served.
    pub server: ServerSetup,
}

impl Whole {
    /// Reads a file and all that it names.
    ///
    /// # Errors
    ///
    /// When anything of it cannot be used.
    pub fn read(path: &Path, env: &Environment) -> Result<Self, ConfigError> {
        Self::read_beside(path, env, &Running::default())
    }

    /// The same while another configuration is served: what it uses and this one comes to as well, this one uses, too.
    ///
    /// # Errors
    ///
    /// When anything of it cannot be used.
    pub fn read_beside(path: &Path, env: &Environment, running: &Running) -> Result<Self, ConfigError> {
        let (config, text) = Config::read(path)?;
        Self::made(config, path.display().to_string(), text, env, running)
    }

    /// The same of a text that has been read; `file` is for messages.
    ///
    /// # Errors
    ///
    /// When anything of it cannot be used.
    pub fn of(config: Config, file: String, text: String, env: &Environment) -> Result<Self, ConfigError> {
        Self::made(config, file, text, env, &Running::default())
    }

    fn made(
        config: Config,
        file: String,
        text: String,
        env: &Environment,
        running: &Running,
    ) -> Result<Self, ConfigError> {
        let mut parts = build(&config, &file, &text, &env)?;
        let systems = parts.systems.into_iter();
        // Before anything is made that asks them.
        parts.systems = systems.map(|system| running.or_new_system(system)).collect();
        let identity = identity(&config, &file, &text)?;
        let identity = identity.map(|verifier| running.or_new_verifier(verifier));
        let checkout = checkout(&config, &parts, &file, &text, &env)?;
        let persisted = persisted_documents(&config, &file, &text)?;
        let server = server(&config, &file, &text)?;
        Ok(Self {
            file,
            text,
            config,
            parts,
            identity,
            checkout,
            persisted,
            server,
        })
    }

    /// A problem of the value at a key path.
    pub(crate) fn refuse(&self, path: &str, problem: &str) -> ConfigError {
        ConfigError::at(&self.file, &self.text, path, problem)
    }
}
