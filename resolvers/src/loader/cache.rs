//! Kept answers. quick_cache bounds them; fresh, stale and gone are decided here, on tokio's clock, which tests can pause.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, Equivalent, OptionsBuilder, Weighter};
use skuery_schema::freshness::FreshnessState;
use tokio::time::Instant;

use crate::loader::forgotten::{Born, Forgotten};
use crate::loader::{Loaded, Policy, Scoped, Source, Want};

/// What the cache holds for an entry beside the entry: its slot, its place in the hash table, the trace of one that was
/// pushed out, and the room that both have for more; as seen in how much a process grows.
const SLOT_BYTES: usize = 144;
/// The counts of the shared allocation that holds the entry, and the key's own text.
const KEY_BYTES: usize = 48;

/// The cache is divided, so that threads seldom meet, into a power of two of parts that each hold an equal share of the
/// bytes, at least as many as this. One answer may be nearly as large as a part.
const PART_BYTES: u64 = 4 << 20;
/// More parts would gain nothing.
const PARTS: u64 = 16;

/// How many keys may be written at once.
const TURNS: usize = 64;

type Place<S> = (Scoped<<S as Source>::Group>, <S as Source>::Key);

/// A kept answer, which is found by what it answers: scope, group and key.
struct Entry<S: Source> {
    scoped: Scoped<S::Group>,
    key: S::Key,
    loaded: Loaded<S::Value>,
    limits: Limits,
    born: Born,
    weight: u32,
}

/// The entry as its own key.
struct Kept<S: Source>(Arc<Entry<S>>);

impl<S: Source> Hash for Kept<S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.sought().hash(state);
    }
}

impl<S: Source> PartialEq for Kept<S> {
    fn eq(&self, other: &Self) -> bool {
        other.0.sought().equivalent(self)
    }
}

impl<S: Source> Eq for Kept<S> {}

/// What is looked up: borrowed, because a page looks up hundreds.
#[derive(Hash)]
struct Sought<'a, G, K> {
    scoped: &'a Scoped<G>,
    key: &'a K,
}

impl<S: Source> Entry<S> {
    fn sought(&self) -> Sought<'_, S::Group, S::Key> {
        let Self { scoped, key, .. } = self;
        Sought { scoped, key }
    }
}

impl<S: Source> Equivalent<Kept<S>> for Sought<'_, S::Group, S::Key> {
    fn equivalent(&self, Kept(entry): &Kept<S>) -> bool {
        *self.key == entry.key && *self.scoped == entry.scoped
    }
}

impl<G: Eq, K: Eq> Equivalent<(Scoped<G>, K)> for Sought<'_, G, K> {
    fn equivalent(&self, (scoped, key): &(Scoped<G>, K)) -> bool {
        self.key == key && self.scoped == scoped
    }
}

#[derive(Clone)]
struct ByWeight;

impl<S: Source> Weighter<Kept<S>, Arc<Entry<S>>> for ByWeight {
    fn weight(&self, _: &Kept<S>, entry: &Arc<Entry<S>>) -> u64 {
        u64::from(entry.weight)
    }
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
    answers: Cache<Kept<S>, Arc<Entry<S>>, ByWeight>,
    /// A region of its own: a scan over invented SKUs must not push real answers out.
    absent: Cache<Place<S>, (Instant, Born)>,
    forgotten: Arc<Forgotten>,
    /// Each lets one of its share of the keys be written at a time.
    turns: [Mutex<()>; TURNS],
    seeds: DefaultHashBuilder,
    negative: Duration,
}

impl<S: Source> Store<S> {
    /// What an entry takes beside its value. The bench `storefront --entries` holds it to what a process really grows.
    /// An entry that came in a call of its own shares its scope and group with nothing.
    const ENTRY_BYTES: usize =
        size_of::<Entry<S>>() + Scoped::<S::Group>::SHARED_BYTES + KEY_BYTES + SLOT_BYTES;

    pub(crate) fn new(source: &S, policy: &Policy, forgotten: Arc<Forgotten>) -> Self {
        let seeds = DefaultHashBuilder::default();
        let parts = match source.has_large_answers() {
            true => 1,
            false => 1 << (policy.max_bytes / PART_BYTES).clamp(1, PARTS).ilog2(),
        };
        let small = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let options = OptionsBuilder::new()
            .weight_capacity(policy.max_bytes)
            .estimated_items_capacity(small(policy.max_bytes) / Self::ENTRY_BYTES)
            .shards(small(parts))
            .build()
            .expect("both capacities are given");
        Self {
            answers: Cache::with_options(options, ByWeight, seeds.clone(), DefaultLifecycle::default()),
            absent: Cache::new(small(policy.max_negative)),
            forgotten,
            turns: std::array::from_fn(|_| Mutex::new(())),
            seeds,
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
            key: key.clone(),
            loaded: loaded.clone(),
            limits,
            born,
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
        });
        let sought = Sought { scoped, key };
        let _turn = self.turn(&sought);
        let absence = self.absent.peek(&sought).map(|(since, _)| since);
        if self.answered(&sought).max(absence) > Some(loaded.fetched) {
            return;
        }
        self.answers.insert(Kept(entry.clone()), entry);
        if absence.is_some() {
            self.absent.remove(&sought);
        }
    }

    /// The mirror image of `put`.
    pub(crate) fn put_absent(&self, scoped: &Scoped<S::Group>, key: &S::Key, fetched: Instant, born: Born) {
        if self.forgotten.is_dead(born, scoped.scope(), key) {
            return;
        }
        let sought = Sought { scoped, key };
        let _turn = self.turn(&sought);
        let absence = self.absent.peek(&sought).map(|(since, _)| since);
        let answered = self.answered(&sought);
        if answered.max(absence) > Some(fetched) {
            return;
        }
        self.absent.insert((scoped.clone(), key.clone()), (fetched, born));
        if answered.is_some() {
            self.answers.remove(&sought);
        }
    }

    /// Held from the look at what is kept until the write, so that two calls that land together do not both see the
    /// older state.
    fn turn(&self, sought: &Sought<'_, S::Group, S::Key>) -> MutexGuard<'_, ()> {
        let turns = TURNS as u64;
        let at = usize::try_from(self.seeds.hash_one(sought) % turns).unwrap_or(0);
        self.turns[at].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the kept answer was fetched.
    fn answered(&self, sought: &Sought<'_, S::Group, S::Key>) -> Option<Instant> {
        self.answers.peek(sought).map(|entry| entry.loaded.fetched)
    }

    fn entry(&self, scoped: &Scoped<S::Group>, key: &S::Key) -> Option<Arc<Entry<S>>> {
        let entry = self.answers.get(&Sought { scoped, key })?;
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
