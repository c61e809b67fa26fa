//! Whose answer it is: part of every key, by type.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, LazyLock};

use skuery_schema::ids::{CompanyNumber, CustomerNumber, PriceListCode};

static SEEDS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Whose answer a lookup gives. Two scopes never share a cache entry, a call in flight, or a batch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The same for everybody: catalogue, stock, the article's own price.
    Public,
    /// The same for everybody who buys by this price list.
    PriceList(PriceListCode),
    /// One customer's own.
    Customer(CustomerNumber),
    /// The same for everybody who may see the whole company.
    Company(CompanyNumber),
}

/// A group with its scope. There is no way to make one without a scope.
///
/// All answers that one call brought share it: what a page's keys are compared with lies in one place, and takes no room
/// beside every key.
#[derive(Debug)]
pub struct Scoped<G> {
    /// Of the scope and the group: taken once, for they stand in the keys of a whole page.
    hash: u64,
    shared: Arc<Shared<G>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Shared<G> {
    scope: Scope,
    group: G,
}

impl<G> Clone for Scoped<G> {
    fn clone(&self) -> Self {
        Self {
            hash: self.hash,
            shared: self.shared.clone(),
        }
    }
}

impl<G: Eq> PartialEq for Scoped<G> {
    fn eq(&self, other: &Self) -> bool {
        // The hash only spares a comparison; equal ones say nothing.
        self.hash == other.hash && self.shared == other.shared
    }
}

impl<G: Eq> Eq for Scoped<G> {}

impl<G> Hash for Scoped<G> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl<G: Hash> Scoped<G> {
    /// Binds a group to whose answer it is.
    pub fn new(scope: Scope, group: G) -> Self {
        let hash = SEEDS.hash_one((&scope, &group));
        let shared = Arc::new(Shared { scope, group });
        Self { hash, shared }
    }
}

impl<G> Scoped<G> {
    /// What the shared part takes, with its two counts.
    pub(crate) const SHARED_BYTES: usize = size_of::<Shared<G>>() + 2 * size_of::<usize>();

    /// Whose answer it is.
    pub fn scope(&self) -> &Scope {
        &self.shared.scope
    }

    /// Everything else that changes the answer, beside the key.
    pub fn group(&self) -> &G {
        &self.shared.group
    }
}
