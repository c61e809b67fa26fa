//! Kept answers. moka bounds them; fresh, stale and gone are decided here, on tokio's clock, which tests can pause.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use moka::sync::Cache;
use skuery_schema::freshness::FreshnessState;
use tokio::time::Instant;

use crate::loader::{Loaded, Policy, Scoped, Source, Want};

/// What an entry takes beside its value: keys, instants, moka's own bookkeeping; estimated.
const ENTRY_BYTES: usize = 256;

type CacheKey<S> = (Scoped<<S as Source>::Group>, <S as Source>::Key);

/// A kept answer. It names its scope and group once more, and is only served to those who ask for the same.
struct Entry<S: Source> {
    scoped: Scoped<S::Group>,
    loaded: Loaded<S::Value>,
    weight: u32,
}

impl<S: Source> Clone for Entry<S> {
    fn clone(&self) -> Self {
        Self {
            scoped: self.scoped.clone(),
            loaded: self.loaded.clone(),
            weight: self.weight,
        }
    }
}

/// What the cache says of a key.
pub(crate) enum Cached<V> {
    /// Within its time.
    Fresh(Loaded<V>),
    /// Past its time; may be served while the system is asked again.
    Revalidate(Loaded<V>),
    /// The system lately did not know it.
    Absent,
    /// Nothing that may be served without asking.
    No,
}

pub(crate) struct Store<S: Source> {
    answers: Cache<CacheKey<S>, Entry<S>>,
    /// A region of its own: a scan over invented SKUs must not push real answers out.
    absent: Cache<CacheKey<S>, Instant>,
    seeds: RandomState,
    negative: Duration,
}

impl<S: Source> Store<S> {
    pub(crate) fn new(policy: &Policy) -> Self {
        Self {
            answers: Cache::builder()
                .max_capacity(policy.max_bytes)
                .weigher(|_: &CacheKey<S>, entry: &Entry<S>| entry.weight)
                .build(),
            absent: Cache::new(policy.max_negative),
            seeds: RandomState::new(),
            negative: policy.negative,
        }
    }

    pub(crate) fn read(
        &self,
        source: &S,
        policy: &Policy,
        scoped: &Scoped<S::Group>,
        key: &S::Key,
        want: Want,
    ) -> Cached<S::Value> {
        let cache_key = (scoped.clone(), key.clone());
        if let Some(loaded) = self.entry(&cache_key) {
            let age = loaded.fetched.elapsed();
            let fresh = self.fresh(source, policy, &cache_key, &loaded);
            let limit = want.max_age.unwrap_or(Duration::MAX);
            if age < fresh && age <= limit && !limit.is_zero() {
                return Cached::Fresh(Loaded {
                    state: FreshnessState::Cached,
                    ..loaded
                });
            }
            if want.max_age.is_none() && age < fresh + policy.stale_while_revalidate {
                return Cached::Revalidate(Loaded {
                    state: FreshnessState::Stale,
                    ..loaded
                });
            }
            return Cached::No;
        }
        match self.absent.get(&cache_key) {
            Some(since) if want.max_age.is_none() && since.elapsed() < self.negative => Cached::Absent,
            _ => Cached::No,
        }
    }

    /// A kept answer to serve because the system failed.
    pub(crate) fn stale(
        &self,
        source: &S,
        policy: &Policy,
        scoped: &Scoped<S::Group>,
        key: &S::Key,
        want: Want,
    ) -> Option<Loaded<S::Value>> {
        let cache_key = (scoped.clone(), key.clone());
        let loaded = self.entry(&cache_key)?;
        let age = loaded.fetched.elapsed();
        let fresh = self.fresh(source, policy, &cache_key, &loaded);
        let accepted = want.max_age.is_none_or(|limit| age <= limit && !limit.is_zero());
        (accepted && age < fresh + policy.stale_if_error).then_some(Loaded {
            state: FreshnessState::Stale,
            ..loaded
        })
    }

    pub(crate) fn put(&self, source: &S, scoped: &Scoped<S::Group>, key: &S::Key, loaded: &Loaded<S::Value>) {
        let cache_key = (scoped.clone(), key.clone());
        self.absent.invalidate(&cache_key);
        // Calls may land out of order: an older answer never replaces a newer one.
        if self
            .entry(&cache_key)
            .is_some_and(|kept| kept.fetched > loaded.fetched)
        {
            return;
        }
        let weight = u32::try_from(source.weight(&loaded.value) + ENTRY_BYTES).unwrap_or(u32::MAX);
        self.answers.insert(
            cache_key,
            Entry {
                scoped: scoped.clone(),
                loaded: loaded.clone(),
                weight,
            },
        );
    }

    pub(crate) fn put_absent(&self, scoped: &Scoped<S::Group>, key: &S::Key, fetched: Instant) {
        let cache_key = (scoped.clone(), key.clone());
        self.answers.invalidate(&cache_key);
        self.absent.insert(cache_key, fetched);
    }

    fn entry(&self, cache_key: &CacheKey<S>) -> Option<Loaded<S::Value>> {
        let entry = self.answers.get(cache_key)?;
        if entry.scoped != cache_key.0 {
            tracing::error!("a kept answer names another scope than its key; it is not served");
            return None;
        }
        Some(entry.loaded)
    }

    fn fresh(
        &self,
        source: &S,
        policy: &Policy,
        cache_key: &CacheKey<S>,
        loaded: &Loaded<S::Value>,
    ) -> Duration {
        let seed = self.seeds.hash_one(cache_key);
        source.fresh_for(&loaded.value, policy.jittered(policy.fresh, seed))
    }
}
