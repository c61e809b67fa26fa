//! What a loader counts of itself.

use std::sync::atomic::AtomicU64;

/// How often the loader could answer by itself.
#[derive(Debug, Default)]
pub struct LoaderCounters {
    /// Answered from the cache within its time.
    pub hits: AtomicU64,
    /// Answered past its time.
    pub stale: AtomicU64,
    /// Waited for a call that was already under way.
    pub shared: AtomicU64,
    /// Asked of the system.
    pub fetched: AtomicU64,
}
