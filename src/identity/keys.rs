//! Where the keys come from: a file, or the provider, whose keys are kept, renewed and outlived here.

mod provider;

use std::sync::Arc;

use jsonwebtoken::Algorithm;
use skuery_resolvers::door::UpstreamSnapshot;

use crate::identity::key_set::{Key, KeySet};
use crate::identity::keys::provider::Provider;
use crate::identity::refusal::{Reason, Refusal};

pub use provider::PROVIDER;

/// The keys that tokens are verified with.
#[derive(Debug)]
pub struct Keys(Source);

#[derive(Debug)]
enum Source {
    File(KeySet),
    Provider(Arc<Provider>),
}

impl Keys {
    /// The keys in a JWK set that was read from a file.
    ///
    /// # Errors
    ///
    /// When it is no JWK set, or has no usable key.
    pub fn from_file(text: &[u8]) -> Result<Self, String> {
        KeySet::parse(text).map(|set| Self(Source::File(set)))
    }

    /// The keys that a provider serves at this address. Nothing is fetched yet.
    ///
    /// # Errors
    ///
    /// When no HTTP client can be made for it.
    pub fn from_provider(address: url::Url) -> Result<Self, String> {
        let provider = Provider::new(address)?;
        Ok(Self(Source::Provider(Arc::new(provider))))
    }

    /// The key that a token names. One that is not known may be new: then the provider is asked again, but not often.
    pub(super) async fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<Key, Refusal> {
        let provider = match &self.0 {
            Source::File(set) => return Ok(set.find(kid, algorithm)?.clone()),
            Source::Provider(provider) => provider,
        };
        let mut set = provider.keys().await?;
        if let Some(kid) = kid
            && !set.knows(kid)
        {
            set = provider.newer_keys().await.ok_or(Reason::UnknownKey)?;
        }
        Ok(set.find(kid, algorithm)?.clone())
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Source::Provider(one), Source::Provider(other)) => one.address() == other.address(),
            _ => false,
        }
    }

    pub(super) fn provider(&self) -> Option<UpstreamSnapshot> {
        match &self.0 {
            Source::File(_) => None,
            Source::Provider(provider) => Some(provider.snapshot()),
        }
    }

    pub(super) async fn check(&self, algorithms: &[Algorithm]) -> Result<String, String> {
        let fetched;
        let (set, place) = match &self.0 {
            Source::File(set) => (set, "in the file"),
            Source::Provider(provider) => {
                fetched = provider.fetch_now().await?;
                (&*fetched, "at the provider")
            }
        };
        match set.count(algorithms) {
            (all, 0) => Err(format!(
                "none of the {all} keys {place} is for one of the `algorithms`"
            )),
            (all, usable) => Ok(format!(
                "{usable} of the {all} keys {place} are for the `algorithms`"
            )),
        }
    }
}
