//! What became of one question's keys, noted for an asker that wants to be told. It holds counts and times, no key and no
//! scope: keys of other requests, which shared a call, show as a number.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::ErrorKind;
use crate::port::wire::Wire;

/// Filled by a loader while it answers. A call may end after the asker has its answer, so it is shared.
#[derive(Debug, Default)]
pub struct LookupTrace(Mutex<LookupRecord>);

/// How a question's keys were answered, each counted once: by `hit`, `stale`, `shared`, `fetched` or `failed`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookupRecord {
    /// From the cache, within its time.
    pub hit: usize,
    /// Of the hits: the system lately did not know the key.
    pub absent: usize,
    /// From the cache past its time, while the system is asked again or because it failed.
    pub stale: usize,
    /// By a call that was under way, or about to leave, for somebody else.
    pub shared: usize,
    /// By a call made for it.
    pub fetched: usize,
    /// Not at all.
    pub failed: usize,
    /// Of the keys that calls were made for: left in one call with others, of this question or not.
    pub batched: usize,
    /// How long the asker waited.
    pub waited: Duration,
    /// The calls made for it.
    pub calls: Vec<CallRecord>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// The keys it carried.
    pub keys: usize,
    /// Those of this question among them.
    pub own: usize,
    /// `None` while it is under way: nobody waits for a refresh, nor longer than until a deadline.
    pub end: Option<CallEnd>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallEnd {
    /// How long it took, queueing included.
    pub took: Duration,
    /// What it came to at the door.
    pub wire: Wire,
    /// Why it failed as a whole.
    pub failed: Option<ErrorKind>,
}

/// How one key was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    Hit,
    Absent,
    Stale,
    Shared,
    Fetched,
    Failed,
}

impl LookupTrace {
    /// What is known by now.
    pub fn record(&self) -> LookupRecord {
        self.lock().clone()
    }

    pub(crate) fn answered(&self, how: Answered) {
        let record = &mut *self.lock();
        if how == Answered::Absent {
            record.absent += 1;
        }
        *match how {
            Answered::Hit | Answered::Absent => &mut record.hit,
            Answered::Stale => &mut record.stale,
            Answered::Shared => &mut record.shared,
            Answered::Fetched => &mut record.fetched,
            Answered::Failed => &mut record.failed,
        } += 1;
    }

    pub(crate) fn waited(&self, time: Duration) {
        self.lock().waited += time;
    }

    /// A call leaves with `own` of this question's keys among its `keys`.
    pub(crate) fn begin(self: &Arc<Self>, keys: usize, own: usize) -> TracedCall {
        let record = &mut *self.lock();
        if keys > 1 {
            record.batched += own;
        }
        record.calls.push(CallRecord { keys, own, end: None });
        TracedCall {
            trace: self.clone(),
            number: record.calls.len() - 1,
        }
    }

    /// A plain lock: held for a few additions, never across an await.
    fn lock(&self) -> MutexGuard<'_, LookupRecord> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LookupRecord {
    /// The keys that were asked.
    pub fn keys(&self) -> usize {
        self.hit + self.stale + self.shared + self.fetched + self.failed
    }
}

/// A call that is under way.
pub(crate) struct TracedCall {
    trace: Arc<LookupTrace>,
    number: usize,
}

impl TracedCall {
    pub(crate) fn end(self, end: CallEnd) {
        self.trace.lock().calls[self.number].end = Some(end);
    }
}
