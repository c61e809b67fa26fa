//! Kept answers. moka bounds them; fresh, stale and gone are decided here, on tokio's clock, which tests can pause.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::Equivalent;
use moka::sync::Cache;
use skuery_schema::freshness::FreshnessState;
use tokio::time::Instant;

use crate::loader::forgotten::{Born, Forgotten};
use crate::loader::{Loaded, Policy, Scoped, Source, Want};

/// What moka holds for an entry beside key and value: the entry's head, its places in the hash table and the queue, its
/// share of the frequency sketch. A heap profiler saw 208 bytes; the rest is what the allocator rounds up, as seen in how
/// much a process grows.
const MOKA_BYTES: usize = 264;
/// The heads of the shared allocations that hold key and entry, and the key's own text.
const KEY_BYTES: usize = 72;

/// How many keys may be written at once.
const TURNS: usize = 64;

type CacheKey<S> = (Scoped<<S as Source>::Group>, <S as Source>::Key);

/// A cache key to look up: borrowed, because a page looks up hundreds.
#[derive(Hash)]
struct Sought<'a, G, K> {
    scoped: &'a Scoped<G>,
    key: &'a K,
}

impl<G: Eq, K: Eq> Equivalent<(Scoped<G>, K)> for Sought<'_, G, K> {
    fn equivalent(&self, (scoped, key): &(Scoped<G>, K)) -> bool {
        self.key == key && self.scoped == scoped
    }
}

/// A kept answer. It names its scope and group once more, and is only served to those who ask for the same.
struct Entry<S: Source> {
    scoped: Scoped<S::Group>,
    loaded: Loaded<S::Value>,
    limits: Limits,
    born: Born,
    weight: u32,
}

/// Up to which age an answer is served. Settled once, when it lands: asked again later, a source that counts towards an
/// end would count the time that passed twice.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    fresh: Duration,
    while_revalidate: Duration,
    if_error: Duration,
}

impl Limits {
    /// Until when an answer fetched then is fresh.
    pub(crate) fn fresh_until(&self, fetched: Instant) -> Instant {
        fetched.checked_add(self.fresh).unwrap_or(fetched)
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
    answers: Cache<CacheKey<S>, Arc<Entry<S>>>,
    /// A region of its own: a scan over invented SKUs must not push real answers out.
    absent: Cache<CacheKey<S>, (Instant, Born)>,
    forgotten: Arc<Forgotten>,
    /// Each lets one of its share of the keys be written at a time.
    turns: [Mutex<()>; TURNS],
    seeds: RandomState,
    negative: Duration,
}

impl<S: Source> Store<S> {
    /// What an entry takes beside its value. The bench `storefront --entries` holds it to what a process really grows.
    /// An entry that came in a call of its own shares its scope and group with nothing but its key.
    const ENTRY_BYTES: usize = size_of::<CacheKey<S>>()
        + size_of::<Entry<S>>()
        + Scoped::<S::Group>::SHARED_BYTES
        + KEY_BYTES
        + MOKA_BYTES;

    pub(crate) fn new(policy: &Policy, forgotten: Arc<Forgotten>) -> Self {
        Self {
            answers: Cache::builder()
                .max_capacity(policy.max_bytes)
                .weigher(|_: &CacheKey<S>, entry: &Arc<Entry<S>>| entry.weight)
                .build(),
            absent: Cache::new(policy.max_negative),
            forgotten,
            turns: std::array::from_fn(|_| Mutex::new(())),
            seeds: RandomState::new(),
            negative: policy.negative,
        }
    }

    pub(crate) fn read(
        &self,
        scoped: &Scoped<S::Group>,
        key: &S::Key,
        want: Want,
        now: Instant,
    ) -> Cached<S::Value> {
        if let Some(entry) = self.entry(scoped, key) {
            let Entry { loaded, limits, .. } = &*entry;
            let age = now.saturating_duration_since(loaded.fetched);
            if age < limits.fresh && want.accepts(age) {
                return Cached::Fresh(Loaded {
                    state: FreshnessState::Cached,
                    ..loaded.clone()
                });
            }
            if want.max_age.is_none() && age < limits.while_revalidate {
                return Cached::Revalidate(Loaded {
                    state: FreshnessState::Stale,
                    ..loaded.clone()
                });
            }
            return Cached::No;
        }
        let sought = Sought { scoped, key };
        let Some((since, born)) = self.absent.get(&sought) else {
            return Cached::No;
        };
        let age = now.saturating_duration_since(since);
        let holds = age < self.negative && want.accepts(age);
        match holds && !self.forgotten.is_dead(born, scoped.scope(), key) {
            true => Cached::Absent,
            false => Cached::No,
        }
    }

    /// A kept answer to serve because the system failed.
    pub(crate) fn stale(
        &self,
        scoped: &Scoped<S::Group>,
        key: &S::Key,
        want: Want,
    ) -> Option<Loaded<S::Value>> {
        let entry = self.entry(scoped, key)?;
        let Entry { loaded, limits, .. } = &*entry;
        let age = loaded.fetched.elapsed();
        if age >= limits.if_error || !want.accepts(age) {
            return None;
        }
        // Another call may have brought it meanwhile: then it is within its time.
        let state = match age < limits.fresh {
            true => FreshnessState::Cached,
            false => FreshnessState::Stale,
        };
        Some(Loaded {
            state,
            ..loaded.clone()
        })
    }

    /// Calls may land out of order, and at once on several threads: an older answer never replaces a newer one, be they
    /// answers or absences.
    pub(crate) fn put(
        &self,
        source: &S,
        limits: Limits,
        scoped: &Scoped<S::Group>,
        key: &S::Key,
        loaded: &Loaded<S::Value>,
        born: Born,
    ) {
        if self.forgotten.is_dead(born, scoped.scope(), key) {
            return;
        }
        let weight = source.weight(&loaded.value).saturating_add(Self::ENTRY_BYTES);
        let entry = Arc::new(Entry {
            scoped: scoped.clone(),
            loaded: loaded.clone(),
            limits,
            born,
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
        });
        let sought = Sought { scoped, key };
        let _turn = self.turn(&sought);
        if self.has_newer(&sought, loaded.fetched) {
            return;
        }
        self.answers.insert((scoped.clone(), key.clone()), entry);
        self.absent.invalidate(&sought);
    }

    /// The mirror image of `put`.
    pub(crate) fn put_absent(&self, scoped: &Scoped<S::Group>, key: &S::Key, fetched: Instant, born: Born) {
        if self.forgotten.is_dead(born, scoped.scope(), key) {
            return;
        }
        let sought = Sought { scoped, key };
        let _turn = self.turn(&sought);
        if self.has_newer(&sought, fetched) {
            return;
        }
        self.absent.insert((scoped.clone(), key.clone()), (fetched, born));
        self.answers.invalidate(&sought);
    }

    /// Held from the look at what is kept until the write, so that two calls that land together do not both see the
    /// older state.
    fn turn(&self, sought: &Sought<'_, S::Group, S::Key>) -> MutexGuard<'_, ()> {
        let turns = TURNS as u64;
        let at = usize::try_from(self.seeds.hash_one(sought) % turns).unwrap_or(0);
        self.turns[at].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether something newer than this is kept.
    fn has_newer(&self, sought: &Sought<'_, S::Group, S::Key>, fetched: Instant) -> bool {
        let answer = self.answers.get(sought).map(|entry| entry.loaded.fetched);
        let absence = self.absent.get(sought).map(|(since, _)| since);
        answer.max(absence).is_some_and(|kept| kept > fetched)
    }

    fn entry(&self, scoped: &Scoped<S::Group>, key: &S::Key) -> Option<Arc<Entry<S>>> {
        let entry = self.answers.get(&Sought { scoped, key })?;
        if entry.scoped != *scoped {
            tracing::error!("a kept answer names another scope than its key; it is not served");
            return None;
        }
        // It stays until the next answer takes its place, or the cache needs the room.
        (!self.forgotten.is_dead(entry.born, scoped.scope(), key)).then_some(entry)
    }

    pub(crate) fn limits(
        &self,
        source: &S,
        policy: &Policy,
        scoped: &Scoped<S::Group>,
        key: &S::Key,
        value: &S::Value,
    ) -> Limits {
        let usual = policy.jittered(policy.fresh, self.seeds.hash_one(Sought { scoped, key }));
        let end = source.good_for(value);
        let shortened = source.fresh_for(value, usual).min(usual);
        let fresh = shortened.min(end);
        let revalidate = policy.while_revalidate(shortened, usual);
        Limits {
            fresh,
            while_revalidate: fresh.saturating_add(revalidate).min(end),
            if_error: fresh.saturating_add(policy.stale_if_error).min(end),
        }
    }
}
