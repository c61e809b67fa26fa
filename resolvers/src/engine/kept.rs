//! Kept operations: parsed, validated and planned once, then found by their document.
//!
//! What is kept is bounded by what it weighs. Refused documents are not kept, nor is one that takes a large part of the
//! room by itself. Where half the room is taken, a document is kept from its second request on: whoever sends documents
//! that nobody sends again pushes nothing out. Beyond that the one goes that was not asked for the longest.
//!
//! Not TinyLFU, which moka has too: it weighs a newcomer's requests against those of all that would have to go together,
//! so that many small documents lock a large one out for good; and it counts by a sketch that moka sizes once, by the
//! number of entries when the cache is half full, which a few large documents keep too small for ever.

mod flights;
mod seen;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use moka::Equivalent;
use moka::notification::RemovalCause;
use moka::ops::compute::Op;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::engine::kept::flights::Flights;
use crate::engine::kept::seen::Seen;
use crate::engine::operation::{Operation, RequestError};

/// One operation takes at most this part of the room, with all its plans.
const LARGEST: u64 = 16;

/// What an entry takes beside its operation: the key, moka's own bookkeeping; estimated.
const ENTRY_BYTES: u64 = 1_536;

/// Prepared operations by document and name.
pub(crate) struct Kept {
    operations: Cache<DocumentKey, Arc<Operation>>,
    bytes: u64,
    seen: Seen,
    flights: Flights,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    hits: AtomicU64,
    shared: AtomicU64,
    prepared: AtomicU64,
    refused: AtomicU64,
    evicted: AtomicU64,
}

/// How documents were answered since the start, and what is kept of them now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptCounts {
    /// Found prepared.
    pub hits: u64,
    /// Waited for another request that was preparing the same.
    pub shared: u64,
    /// Prepared.
    pub prepared: u64,
    /// Found to be none that can be executed.
    pub refused: u64,
    /// Kept ones that have gone to make room.
    pub evicted: u64,
    /// Kept now.
    pub operations: u64,
    /// What those weigh, in bytes.
    pub bytes: u64,
}

impl Kept {
    /// Room for so many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let counters = Arc::new(Counters::default());
        let evicted = counters.clone();
        Self {
            operations: Cache::builder()
                .max_capacity(bytes)
                .weigher(|_: &DocumentKey, operation: &Arc<Operation>| weight(operation))
                .eviction_policy(EvictionPolicy::lru())
                .eviction_listener(move |_, _, cause| {
                    if cause == RemovalCause::Size {
                        evicted.evicted.fetch_add(1, Ordering::Relaxed);
                    }
                })
                .build(),
            bytes,
            seen: Seen::default(),
            flights: Flights::default(),
            counters,
        }
    }

    /// The most that one operation may weigh, in bytes.
    pub(crate) fn largest(&self) -> u64 {
        (self.bytes / LARGEST).saturating_sub(ENTRY_BYTES)
    }

    /// The operation of this document, prepared only where it is not kept; requests for one that is being prepared wait
    /// for it, and are refused with it. Where the first of them goes away, the next prepares it.
    pub(crate) async fn get<F, P>(
        &self,
        document: &str,
        name: Option<&str>,
        prepare: F,
    ) -> Result<Arc<Operation>, Vec<RequestError>>
    where
        F: FnOnce() -> P,
        P: Future<Output = Result<Operation, Vec<RequestError>>>,
    {
        if let Some(operation) = self.find(document, name) {
            self.counters.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(operation);
        }
        let hash = self.seen.hash(document, name);
        let known = self.seen.again(hash);
        let flight = self.flights.join(hash, document, name);
        let mut prepares = false;
        let prepared = flight.outcome(async {
            prepares = true;
            // It may have landed since it was looked for.
            if let Some(operation) = self.find(document, name) {
                self.counters.hits.fetch_add(1, Ordering::Relaxed);
                return Ok(operation);
            }
            let prepared = prepare().await.map(Arc::new);
            match &prepared {
                Ok(operation) => {
                    self.counters.prepared.fetch_add(1, Ordering::Relaxed);
                    self.keep(operation, known);
                }
                Err(_) => {
                    self.counters.refused.fetch_add(1, Ordering::Relaxed);
                }
            }
            prepared
        });
        let prepared = prepared.await;
        if !prepares {
            self.counters.shared.fetch_add(1, Ordering::Relaxed);
        }
        prepared
    }

    /// Keeps an operation where it may be; `known` tells one that was asked for before.
    pub(crate) fn keep(&self, operation: &Arc<Operation>, known: bool) {
        let weighs = u64::from(weight(operation));
        let crowded = self.operations.weighted_size() + weighs > self.bytes / 2;
        if operation.weight() > self.largest() || (crowded && !known) {
            return;
        }
        self.operations.insert(operation.key().clone(), operation.clone());
        // At once and not some inserts later, so that the bound holds; after the work of preparing it costs nothing.
        self.operations.run_pending_tasks();
    }

    /// Whether this very operation is kept.
    pub(crate) fn holds(&self, operation: &Arc<Operation>) -> bool {
        let kept = self.operations.get(operation.key());
        kept.is_some_and(|kept| Arc::ptr_eq(&kept, operation))
    }

    /// Weighs an operation anew that has got another plan.
    pub(crate) fn grown(&self, operation: &Operation) {
        let entry = self.operations.entry(operation.key().clone());
        entry.and_compute_with(|kept| match kept {
            Some(kept) if std::ptr::eq(&**kept.value(), operation) => Op::Put(kept.into_value()),
            _ => Op::Nop,
        });
        self.operations.run_pending_tasks();
    }

    pub(crate) fn counts(&self) -> KeptCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        KeptCounts {
            hits: read(&self.counters.hits),
            shared: read(&self.counters.shared),
            prepared: read(&self.counters.prepared),
            refused: read(&self.counters.refused),
            evicted: read(&self.counters.evicted),
            operations: self.operations.entry_count(),
            bytes: self.operations.weighted_size(),
        }
    }

    fn find(&self, document: &str, name: Option<&str>) -> Option<Arc<Operation>> {
        // None of this length is kept, and it need not be hashed to know that.
        if document.len() as u64 > self.largest() {
            return None;
        }
        self.operations.get(&Sought(document, name))
    }
}

fn weight(operation: &Arc<Operation>) -> u32 {
    u32::try_from(operation.weight() + ENTRY_BYTES).unwrap_or(u32::MAX)
}

/// A document, and the operation of it that is meant. The whole text is compared, so that nobody gets another's plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DocumentKey {
    pub(crate) document: Arc<str>,
    pub(crate) named: Named,
}

/// How an operation may be asked for within its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// It has no name, and is the only one.
    Not,
    /// It is the only one, so that its name may be left out.
    Only(Arc<str>),
    /// By its name alone, as there are others.
    Among(Arc<str>),
}

impl Named {
    /// The name, if it has one.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Not => None,
            Self::Only(name) | Self::Among(name) => Some(name),
        }
    }

    fn is_meant_by(&self, asked: Option<&str>) -> bool {
        match self {
            Self::Not => asked.is_none(),
            Self::Only(name) => asked.is_none_or(|asked| asked == &**name),
            Self::Among(name) => asked == Some(&**name),
        }
    }
}

/// The document alone: the same operation may be asked for with and without its name.
impl Hash for DocumentKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.document.hash(state);
    }
}

/// A document to look up, not copied for it.
struct Sought<'a>(&'a str, Option<&'a str>);

impl Hash for Sought<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Equivalent<DocumentKey> for Sought<'_> {
    fn equivalent(&self, key: &DocumentKey) -> bool {
        // The name first: it tells the operations of one document apart without reading the document again.
        key.named.is_meant_by(self.1) && *self.0 == *key.document
    }
}
