//! How long answers are kept and served.

use std::time::Duration;

/// The freshness policy of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Served from the cache without asking.
    pub fresh: Duration,
    /// After that: served at once while the system is asked again.
    pub stale_while_revalidate: Duration,
    /// After `fresh`: served when the system does not answer.
    pub stale_if_error: Duration,
    /// How long it is remembered that the system does not know a key.
    pub negative: Duration,
    /// Each entry's `fresh` is shortened by up to this many percent, so that entries do not all expire at once.
    pub jitter_percent: u32,
    /// The most bytes the cache holds.
    pub max_bytes: u64,
    /// The most unknown keys remembered.
    pub max_negative: u64,
    /// How long one call may take in all.
    pub call_timeout: Duration,
    /// How long keys wait for company while other calls of the source are under way.
    pub batch_window: Duration,
}

impl Policy {
    /// `fresh`, shortened by the key's share of the jitter. `seed` is any number that differs between keys.
    pub(crate) fn jittered(&self, fresh: Duration, seed: u64) -> Duration {
        let share = u32::try_from(seed % 1000).unwrap_or(0);
        fresh - fresh / 100_000 * (self.jitter_percent.min(100) * share)
    }

    /// How long past its time an answer is served while the system is asked again. It shrinks with the freshness: what is
    /// to be asked every time (`shortened` is zero) is never served stale merely to save time.
    pub(crate) fn while_revalidate(&self, shortened: Duration, usual: Duration) -> Duration {
        if shortened >= usual {
            return self.stale_while_revalidate;
        }
        let nanos = self
            .stale_while_revalidate
            .as_nanos()
            .saturating_mul(shortened.as_nanos())
            / usual.as_nanos();
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)).min(self.stale_while_revalidate)
    }
}
