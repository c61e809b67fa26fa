//! `public_url` and `documents`: how documents are linked to, and their check.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use skuery_resolvers::commerce::documents::Documents;
use url::Url;

use super::Config;

/// Links to documents.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentsConfig {
    /// How long a link can be followed.
    pub link_secs: u32,
}

impl Default for DocumentsConfig {
    fn default() -> Self {
        Self { link_secs: 300 }
    }
}

/// Long enough to be followed, and short enough to be worth little in a log.
const LINK_SECS: std::ops::RangeInclusive<u32> = 10..=86_400;

/// The key, and what is wrong with it.
type Problem = (&'static str, String);

/// Checks how documents are linked to.
pub(super) fn documents(config: &Config) -> Result<Documents, Problem> {
    let link_secs = config.documents.link_secs;
    if !LINK_SECS.contains(&link_secs) {
        let problem = format!(
            "{link_secs} is not allowed, use {} to {}",
            LINK_SECS.start(),
            LINK_SECS.end()
        );
        return Err(("documents.link_secs", problem));
    }
    let public_url = match &config.public_url {
        Some(url) => public_url(url).ok_or_else(|| {
            let problem =
                "use an absolute address with http or https and no query, such as `https://api.example.com`";
            ("public_url", problem.to_owned())
        })?,
        None => at(&config.listen),
    };
    Ok(Documents {
        public_url,
        link: Duration::from_secs(link_secs.into()),
    })
}

/// The gateway's own address as long as no other is configured.
fn at(listen: impl std::fmt::Display) -> Arc<str> {
    format!("http://{listen}").into()
}

fn public_url(text: &str) -> Option<Arc<str>> {
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_plain = url.query().is_none() && url.fragment().is_none();
    let is_public = url.username().is_empty() && url.password().is_none();
    (is_web && is_plain && is_public).then(|| url.as_str().trim_end_matches('/').into())
}
