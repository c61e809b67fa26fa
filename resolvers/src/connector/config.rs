//! The configuration of one system, as it stands in the gateway's file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::connector::mapping::{CheckoutSpec, Mapping};
pub use crate::door::limits::UpstreamConfig;
pub use crate::door::secret::{Secret, SecretRef};

/// One system.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemConfig {
    /// A preset's name, or `rest` or `jsonrpc` with a `mapping` of one's own.
    pub connector: String,
    /// What it is asked for; all that the connector serves when left out.
    #[serde(default)]
    pub roles: Option<Vec<Role>>,
    /// The system's address, `http` or `https`.
    pub url: String,
    /// Credentials, as the connector's kind of login needs them.
    #[serde(default)]
    pub auth: AuthConfig,
    /// The connector's own settings.
    #[serde(default)]
    pub settings: BTreeMap<String, Value>,
    /// How hard and how long it may be asked.
    #[serde(default)]
    pub upstream: UpstreamConfig,
    /// Our keys → its keys, where they differ by rule.
    #[serde(default)]
    pub identity: IdentityConfig,
    /// Our location code → its key; only these locations are asked for.
    #[serde(default)]
    pub locations: BTreeMap<String, Value>,
    /// Our price list code → its price list or lists; the same code where none is given.
    #[serde(default)]
    pub price_lists: BTreeMap<String, OneOrMany>,
    /// Our language → its locale; the same tag where none is given.
    #[serde(default)]
    pub languages: BTreeMap<String, String>,
    /// What this installation promises of the orders it takes, where that differs from the connector's word.
    #[serde(default)]
    pub checkout: CheckoutSpec,
    /// For `rest` and `jsonrpc`: how it is asked and what its answers mean.
    #[serde(default)]
    pub mapping: Option<MappingSource>,
}

/// What a system can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Products, variants, categories.
    Catalog,
    /// Prices.
    Prices,
    /// Stock.
    Stock,
    /// Customers and their credit.
    Customers,
    /// Orders.
    Orders,
    /// Payment authorisations.
    Payments,
}

impl Role {
    /// The name in configuration and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Prices => "prices",
            Self::Stock => "stock",
            Self::Customers => "customers",
            Self::Orders => "orders",
            Self::Payments => "payments",
        }
    }
}

/// Credentials. Which of them a connector needs is said in its README; others are refused.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// User name.
    pub login: Option<String>,
    /// Its password.
    pub password: Option<SecretRef>,
    /// OAuth client.
    pub client_id: Option<String>,
    /// Its secret.
    pub client_secret: Option<SecretRef>,
    /// A fixed token or key.
    pub token: Option<SecretRef>,
}

/// Rules from our keys to the system's.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityConfig {
    /// A template over `key`, our SKU, such as `{{ key | upper }}`.
    pub sku: Option<String>,
}

/// One text or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All of them.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// A mapping of one's own: in place, or a file of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingSource {
    /// A YAML file in the form of a preset's.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// The same form in place.
    #[serde(default, rename = "inline")]
    pub inline: Option<Box<Mapping>>,
}

/// What is wrong with a system's configuration: where, what was seen, what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    path: String,
    problem: String,
}

impl ConfigError {
    pub(crate) fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            problem: problem.into(),
        }
    }

    /// Puts the name of an outer section before the path.
    pub(crate) fn within(mut self, section: &str) -> Self {
        self.path = format!("{section}.{}", self.path);
        self
    }

    /// The key path, such as `systems.erp.settings.company`.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.problem)
    }
}

impl std::error::Error for ConfigError {}
