//! Whose answer it is: part of every key, by type.

use skuery_schema::ids::PriceListCode;

/// Whose answer a lookup gives. Two scopes never share a cache entry, a call in flight, or a batch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The same for everybody: catalogue, stock, the article's own price.
    Public,
    /// The same for everybody who buys by this price list.
    PriceList(PriceListCode),
}

/// A group with its scope. There is no way to make one without a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scoped<G> {
    scope: Scope,
    group: G,
}

impl<G> Scoped<G> {
    /// Binds a group to whose answer it is.
    pub fn new(scope: Scope, group: G) -> Self {
        Self { scope, group }
    }

    /// Whose answer it is.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Everything else that changes the answer, beside the key.
    pub fn group(&self) -> &G {
        &self.group
    }
}
