//! The `identity` section: whose tokens are accepted, how they are verified, and which of their claims mean what.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use serde::Deserialize;
use skuery_resolvers::connector::config::OneOrMany;
use url::{Host, Url};

use super::{Config, ConfigError};
use crate::identity::{ClaimPath, ClaimPaths, Keys, PROVIDER, Rules, Verifier, Words};

/// What may stand under `algorithms`.
const ALGORITHMS: &str = "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA";
const MAX_LEEWAY_SECS: u32 = 300;
/// A request's head is not longer than 64 KiB altogether.
const TOKEN_BYTES: std::ops::RangeInclusive<usize> = 256..=32_768;

/// An OpenID Connect provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityConfig {
    /// The `iss` of its tokens, to the letter.
    pub issuer: String,
    /// The `aud` of tokens for this gateway: this, or one of these.
    pub audience: OneOrMany,
    /// Where its public keys are. Either this or `jwks_file`.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// A file with its public keys (a JWK set), read at start.
    #[serde(default)]
    pub jwks_file: Option<PathBuf>,
    /// How its tokens may be signed.
    pub algorithms: Vec<String>,
    /// How far its clock may be from ours.
    #[serde(default = "defaults::leeway_secs")]
    pub leeway_secs: u32,
    /// The longest token.
    #[serde(default = "defaults::max_token_bytes")]
    pub max_token_bytes: usize,
    /// Where the claims are.
    #[serde(default)]
    pub claims: ClaimsConfig,
    /// The token's words for our permissions.
    #[serde(default)]
    pub permissions: PermissionsConfig,
}

/// Dotted paths into the claims.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimsConfig {
    /// The ERP's customer number.
    pub customer: Option<String>,
    /// The number of the company that the customer buys for.
    pub company: Option<String>,
    /// The customer's price list.
    pub price_list: Option<String>,
    /// The channels it may use; the first is the default.
    pub channels: Option<String>,
    /// The words for permissions.
    pub permissions: Option<String>,
}

/// The token's words for our permissions.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PermissionsConfig {
    /// Sees all orders of its company.
    pub approver: Vec<String>,
    /// Works for the merchant.
    pub staff: Vec<String>,
}

mod defaults {
    pub(super) fn leeway_secs() -> u32 {
        30
    }

    pub(super) fn max_token_bytes() -> usize {
        8_192
    }
}

/// Builds the verifier, if there is an `identity` section. `file` and `text` are for messages.
///
/// # Errors
///
/// When the section does not make sense, or its file of keys cannot be used.
pub fn identity(config: &Config, file: &str, text: &str) -> Result<Option<Arc<Verifier>>, ConfigError> {
    let Some(section) = &config.identity else {
        return Ok(None);
    };
    let refuse = |(key, problem): Problem| ConfigError::at(file, text, &format!("identity.{key}"), problem);
    if config.systems.keys().any(|name| name.as_str() == PROVIDER) {
        let problem = "this name is the identity provider's, use another";
        return Err(ConfigError::at(
            file,
            text,
            &format!("systems.{PROVIDER}"),
            problem,
        ));
    }
    let rules = rules(section).map_err(refuse)?;
    let keys = keys(section).map_err(refuse)?;
    Ok(Some(Arc::new(Verifier::new(rules, keys))))
}

type Problem = (&'static str, String);

fn problem<T>(key: &'static str, problem: impl Into<String>) -> Result<T, Problem> {
    Err((key, problem.into()))
}

fn rules(config: &IdentityConfig) -> Result<Rules, Problem> {
    if config.issuer.is_empty() {
        return problem(
            "issuer",
            "it is needed: the `iss` of the provider's tokens, to the letter",
        );
    }
    let audience = config.audience.as_slice();
    if audience.is_empty() || audience.iter().any(String::is_empty) {
        return problem(
            "audience",
            "at least one is needed, and none may be empty: without it tokens for others would be accepted",
        );
    }
    if config.leeway_secs > MAX_LEEWAY_SECS {
        let seen = config.leeway_secs;
        return problem(
            "leeway_secs",
            format!("{seen} is not allowed, use 0 to {MAX_LEEWAY_SECS}"),
        );
    }
    if !TOKEN_BYTES.contains(&config.max_token_bytes) {
        let (seen, least, most) = (config.max_token_bytes, TOKEN_BYTES.start(), TOKEN_BYTES.end());
        return problem(
            "max_token_bytes",
            format!("{seen} is not allowed, use {least} to {most}"),
        );
    }
    let words = &config.permissions;
    if config.claims.permissions.is_none() && !(words.approver.is_empty() && words.staff.is_empty()) {
        return problem(
            "permissions",
            "`claims.permissions` must say where the words stand",
        );
    }
    if [&words.approver, &words.staff]
        .into_iter()
        .flatten()
        .any(String::is_empty)
    {
        return problem("permissions", "an empty word is not allowed");
    }
    Ok(Rules {
        issuer: config.issuer.clone(),
        audience: config.audience.as_slice().to_vec(),
        algorithms: algorithms(&config.algorithms)?,
        leeway: SignedDuration::from_secs(config.leeway_secs.into()),
        max_token_bytes: config.max_token_bytes,
        claims: claims(&config.claims)?,
        words: Words {
            approver: words.approver.clone(),
            staff: words.staff.clone(),
        },
    })
}

fn algorithms(names: &[String]) -> Result<Vec<Algorithm>, Problem> {
    if names.is_empty() {
        return problem("algorithms", format!("at least one is needed of {ALGORITHMS}"));
    }
    let mut algorithms = Vec::with_capacity(names.len());
    for name in names {
        match name.parse::<Algorithm>() {
            Ok(algorithm) if algorithm.family() != AlgorithmFamily::Hmac => algorithms.push(algorithm),
            Ok(_) => {
                let why = "whoever can verify with a shared secret can make tokens as well";
                return problem(
                    "algorithms",
                    format!("`{name}` is not allowed: {why}; use {ALGORITHMS}"),
                );
            }
            Err(_) => return problem("algorithms", format!("`{name}` is not allowed, use {ALGORITHMS}")),
        }
    }
    Ok(algorithms)
}

fn claims(config: &ClaimsConfig) -> Result<ClaimPaths, Problem> {
    let path = |key, path: &Option<String>| match path.as_deref().map(ClaimPath::parse) {
        None => Ok(None),
        Some(Some(path)) => Ok(Some(path)),
        Some(None) => problem(
            key,
            "a path such as `customer_number` or `company.number` is needed",
        ),
    };
    Ok(ClaimPaths {
        customer: path("claims.customer", &config.customer)?,
        company: path("claims.company", &config.company)?,
        price_list: path("claims.price_list", &config.price_list)?,
        channels: path("claims.channels", &config.channels)?,
        permissions: path("claims.permissions", &config.permissions)?,
    })
}

fn keys(config: &IdentityConfig) -> Result<Keys, Problem> {
    match (&config.jwks_url, &config.jwks_file) {
        (Some(url), None) => {
            let address = address(url)?;
            Keys::from_provider(address).map_err(|problem| ("jwks_url", problem))
        }
        (None, Some(path)) => {
            let refuse = |problem: String| ("jwks_file", format!("`{}`: {problem}", path.display()));
            let text = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
            Keys::from_file(&text).map_err(refuse)
        }
        (Some(_), Some(_)) => problem("jwks_file", "only one of `jwks_url` and `jwks_file` is allowed"),
        (None, None) => problem("jwks_url", "either `jwks_url` or `jwks_file` is needed"),
    }
}

/// Whoever can change the keys on their way can be anyone, so they come over TLS, or from this machine.
fn address(text: &str) -> Result<Url, Problem> {
    let refuse = |why: &str| problem("jwks_url", why);
    let Ok(mut url) = Url::parse(text) else {
        return refuse("not an address, use `https://host/path`");
    };
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback) {
        return refuse("only `https` is allowed, and `http` to this machine itself");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("credentials must not stand in the address");
    }
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
mod tests;
