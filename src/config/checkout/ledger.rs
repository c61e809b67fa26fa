//! `checkout.ledger`: an address whose password must not stand in the file.

use std::fmt;

use serde::Deserialize;
use skuery_resolvers::connector::config::SecretRef;
use url::Url;

use super::{Problem, problem};

/// Where the ledger is: in place, or where its address is found.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum LedgerConfig {
    /// `sqlite:PATH`, or `postgres://…` without a password.
    Address(String),
    /// `{ env: NAME }` or `{ file: PATH }`.
    Reference(SecretRef),
}

/// The address may hold a password in spite of the rule.
impl fmt::Debug for LedgerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LedgerConfig(…)")
    }
}

/// The address of a ledger. `Debug` does not show it, since it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct LedgerUrl(String);

impl LedgerUrl {
    /// The whole address, for who opens it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether other processes may use the same ledger.
    pub(super) fn is_shared(&self) -> bool {
        !self.0.starts_with(SQLITE)
    }
}

impl fmt::Debug for LedgerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LedgerUrl(…)")
    }
}

const SQLITE: &str = "sqlite:";
const POSTGRES: [&str; 2] = ["postgres://", "postgresql://"];
const FORMS: &str = "use `sqlite:PATH` or `postgres://USER@HOST/DATABASE`";

/// Finds the address; no message quotes it.
pub(super) fn url(config: &LedgerConfig, env: &dyn Fn(&str) -> Option<String>) -> Result<LedgerUrl, Problem> {
    let (address, in_file) = match config {
        LedgerConfig::Address(address) => (address.clone(), true),
        LedgerConfig::Reference(reference) => {
            let secret = reference.resolve(env);
            let secret = secret.map_err(|problem| ("ledger".to_owned(), problem))?;
            (secret.reveal().to_owned(), false)
        }
    };
    if let Some(path) = address.strip_prefix(SQLITE) {
        return match path.trim_start_matches('/').is_empty() || path.contains(":memory:") {
            true => problem(
                "ledger",
                "the ledger must outlive the process: name a file, such as `sqlite:ledger.db`",
            ),
            false => Ok(LedgerUrl(address)),
        };
    }
    if !POSTGRES.iter().any(|scheme| address.starts_with(scheme)) {
        return problem("ledger", format!("this is no address of a ledger, {FORMS}"));
    }
    let Ok(url) = Url::parse(&address) else {
        return problem("ledger", format!("the address cannot be read, {FORMS}"));
    };
    let names_password = url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password");
    if in_file && names_password {
        let instead =
            "a password must not stand in the file: write the address as `{ env: NAME }` or `{ file: PATH }`";
        return problem("ledger", instead);
    }
    Ok(LedgerUrl(address))
}
