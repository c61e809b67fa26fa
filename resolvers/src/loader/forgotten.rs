//! What is no longer true: keys and scopes whose answers of earlier calls are not served any more.
//!
//! Every call is born in a generation, and forgetting begins a new one: an answer is dead when its key or its scope was
//! forgotten in a later generation than its own. So an answer that is still under way dies as well, and nothing must be
//! searched for in the cache. Until somebody forgets, telling costs one comparison.
//!
//! Keys are noted in a table of fixed size by their hash. Two keys that share a slot are forgotten together, which costs a
//! call and is never wrong.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::loader::Scope;

const KEY_SLOTS: usize = 8_192;
const SCOPE_SLOTS: usize = 1_024;

/// The generation in which a call began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Born(u64);

pub(crate) struct Forgotten {
    generation: AtomicU64,
    keys: Slots,
    scopes: Slots,
    companies: AtomicU64,
    seeds: RandomState,
}

/// Generations by hash; made when the first thing is forgotten.
struct Slots(OnceLock<Box<[AtomicU64]>>);

impl Forgotten {
    pub(crate) fn new() -> Self {
        Self {
            generation: AtomicU64::new(0),
            keys: Slots(OnceLock::new()),
            scopes: Slots(OnceLock::new()),
            companies: AtomicU64::new(0),
            seeds: RandomState::new(),
        }
    }

    /// For a call that begins now, or later.
    pub(crate) fn born(&self) -> Born {
        Born(self.generation.load(Ordering::Acquire))
    }

    /// Whether an answer must not be served: what it tells of has changed since its call began.
    pub(crate) fn is_dead(&self, born: Born, scope: &Scope, key: &impl Hash) -> bool {
        if born == self.born() {
            return false;
        }
        let is_company = matches!(scope, Scope::Company(_));
        born.0 < self.keys.at(|| self.seeds.hash_one(key))
            || born.0 < self.scopes.at(|| self.seeds.hash_one(scope))
            || (is_company && born.0 < self.companies.load(Ordering::Acquire))
    }

    pub(crate) fn forget_keys<K: Hash>(&self, keys: &[K]) {
        let generation = self.begin_generation();
        for key in keys {
            self.keys.note(KEY_SLOTS, self.seeds.hash_one(key), generation);
        }
    }

    pub(crate) fn forget_scope(&self, scope: &Scope) {
        let generation = self.begin_generation();
        self.scopes
            .note(SCOPE_SLOTS, self.seeds.hash_one(scope), generation);
    }

    pub(crate) fn forget_companies(&self) {
        let generation = self.begin_generation();
        self.companies.fetch_max(generation, Ordering::AcqRel);
    }

    /// Calls that begin from now on are of the new generation; what is noted in it is what was before.
    fn begin_generation(&self) -> u64 {
        self.generation.fetch_add(1, Ordering::AcqRel) + 1
    }
}

impl Slots {
    fn at(&self, hash: impl FnOnce() -> u64) -> u64 {
        match self.0.get() {
            Some(slots) => slots[slot(hash(), slots.len())].load(Ordering::Acquire),
            None => 0,
        }
    }

    fn note(&self, size: usize, hash: u64, generation: u64) {
        let slots = self
            .0
            .get_or_init(|| (0..size).map(|_| AtomicU64::new(0)).collect());
        slots[slot(hash, slots.len())].fetch_max(generation, Ordering::AcqRel);
    }
}

fn slot(hash: u64, slots: usize) -> usize {
    usize::try_from(hash % slots as u64).unwrap_or(0)
}
