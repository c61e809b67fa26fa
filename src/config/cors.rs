//! The section `cors`: which pages of other sites may ask.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use serde::Deserialize;
use url::Url;

use crate::front::{Cors, Origins};

/// Which pages of other sites may ask.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorsConfig {
    /// Origins as browsers write them, such as `https://shop.example`; `"*"` alone is any.
    pub origins: Vec<String>,
    /// Whether browsers send cookies and certificates of clients.
    #[serde(default)]
    pub credentials: bool,
    /// Request headers that pages may set beside those that the gateway reads.
    #[serde(default)]
    pub headers: Vec<String>,
    /// How long browsers may remember that a request is welcome.
    #[serde(default = "max_age_secs")]
    pub max_age_secs: u32,
}

fn max_age_secs() -> u32 {
    600
}

/// Browsers remember it no longer.
const LONGEST_MAX_AGE_SECS: u32 = 86_400;

/// The section's rules; the error is the key and what is wrong with it.
pub(super) fn cors(config: &CorsConfig) -> Result<Cors, (&'static str, String)> {
    if config.max_age_secs > LONGEST_MAX_AGE_SECS {
        let problem = format!(
            "{} is not allowed, use 0 to {LONGEST_MAX_AGE_SECS}",
            config.max_age_secs
        );
        return Err(("cors.max_age_secs", problem));
    }
    let refuse_header = |name: &String| {
        let problem = format!("`{name}` is no name of a header; each is written out");
        ("cors.headers", problem)
    };
    let header = |name: &String| match name.parse::<HeaderName>() {
        Ok(header) if header != "*" => Ok(header),
        _ => Err(refuse_header(name)),
    };
    Ok(Cors {
        origins: origins(config).map_err(|problem| ("cors.origins", problem))?,
        credentials: config.credentials,
        headers: config.headers.iter().map(header).collect::<Result<_, _>>()?,
        max_age: Duration::from_secs(config.max_age_secs.into()),
    })
}

fn origins(config: &CorsConfig) -> Result<Origins, String> {
    if config.origins.is_empty() {
        return Err("name at least one origin, or leave the section out".to_owned());
    }
    if config.origins.iter().any(|origin| origin == "*") {
        return match (config.origins.len(), config.credentials) {
            (1, false) => Ok(Origins::Any),
            (1, true) => Err("`*` is not allowed with `credentials: true`: name the origins".to_owned()),
            _ => Err("`*` is any origin, and stands alone".to_owned()),
        };
    }
    let origins = config.origins.iter().map(|given| origin(given));
    origins.collect::<Result<_, _>>().map(Origins::Only)
}

fn origin(given: &str) -> Result<HeaderValue, String> {
    let refuse = |instead: &str| {
        Err(format!(
            "`{given}` is not an origin as browsers write it, use {instead}"
        ))
    };
    let usual = "`https://` and the host, such as `https://shop.example`";
    let Ok(url) = Url::parse(given) else {
        return refuse(usual);
    };
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return refuse(usual);
    }
    if given.contains('*') {
        return refuse("each origin written out");
    }
    let written = url.origin().ascii_serialization();
    match HeaderValue::from_str(&written) {
        Ok(value) if written == given => Ok(value),
        _ => refuse(&format!("`{written}`")),
    }
}
