//! What a system was asked and how it went: plain counters, read as one snapshot for metrics and health.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use skuery_schema::ids::SystemName;
use tokio::time::Instant;

use crate::door::fault::Fault;
use crate::door::gate::Gate;
use crate::door::health::{Health, Watch};

/// Upper bounds of the duration buckets, in milliseconds; the last bucket has none.
pub const DURATION_BUCKETS_MS: [u64; 11] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/// All counters of one system at one moment.
#[derive(Clone, Debug)]
pub struct UpstreamSnapshot {
    /// The system.
    pub system: SystemName,
    /// Its state, by the latest calls.
    pub health: Health,
    /// Since when it is in that state.
    pub since: Timestamp,
    /// The configured bound of calls in flight.
    pub concurrency: usize,
    /// Calls in flight now.
    pub in_flight: usize,
    /// The most calls ever in flight at once.
    pub peak_in_flight: usize,
    /// Calls waiting for their turn now.
    pub queued: usize,
    /// Calls refused because they waited too long.
    pub queue_rejections: u64,
    /// Rows in answers for keys nobody asked for.
    pub foreign_rows: u64,
    /// By operation: a lookup's name, `login` or `table`.
    pub operations: BTreeMap<&'static str, OperationSnapshot>,
}

/// Counters of one operation. A call is finished (`ok`, one of `errors`) or `cancelled`.
#[derive(Clone, Debug, Default)]
pub struct OperationSnapshot {
    /// Calls begun.
    pub calls: u64,
    /// Keys asked.
    pub keys: u64,
    /// Calls that went well.
    pub ok: u64,
    /// Calls that failed, by kind.
    pub errors: BTreeMap<&'static str, u64>,
    /// Calls whose asker went away.
    pub cancelled: u64,
    /// Bytes received after decompression.
    pub bytes: u64,
    /// Time of all finished calls together, queueing included.
    pub duration_sum: Duration,
    /// How many finished calls took at most `DURATION_BUCKETS_MS[i]`, not cumulative; the last counts the rest.
    pub duration_buckets: [u64; DURATION_BUCKETS_MS.len() + 1],
}

pub(super) struct Meter(Arc<Mutex<State>>);

struct State {
    operations: BTreeMap<&'static str, OperationSnapshot>,
    foreign_rows: u64,
    watch: Watch,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            operations: BTreeMap::new(),
            foreign_rows: 0,
            watch: Watch::new(Timestamp::now()),
        })))
    }

    pub(super) fn start(&self, operation: &'static str, keys: usize) -> Record {
        let mut state = lock(&self.0);
        let counters = state.operations.entry(operation).or_default();
        counters.calls += 1;
        counters.keys += keys as u64;
        Record {
            state: Arc::clone(&self.0),
            operation,
            started: Instant::now(),
            bytes: 0,
            finished: false,
        }
    }

    pub(super) fn count_foreign_rows(&self, rows: u64) {
        lock(&self.0).foreign_rows += rows;
    }

    pub(super) fn snapshot(&self, system: &SystemName, gate: &Gate) -> UpstreamSnapshot {
        let state = lock(&self.0);
        let (health, since) = state.watch.state();
        UpstreamSnapshot {
            system: system.clone(),
            health,
            since,
            concurrency: gate.concurrency(),
            in_flight: gate.in_flight(),
            peak_in_flight: gate.peak_in_flight(),
            queued: gate.queued(),
            queue_rejections: gate.rejections(),
            foreign_rows: state.foreign_rows,
            operations: state.operations.clone(),
        }
    }
}

/// One call being counted; dropped unfinished, it counts as cancelled.
pub(super) struct Record {
    state: Arc<Mutex<State>>,
    operation: &'static str,
    started: Instant,
    bytes: u64,
    finished: bool,
}

impl Record {
    pub(super) fn bytes(&mut self, bytes: usize) {
        self.bytes = bytes as u64;
    }

    pub(super) fn finish(mut self, fault: Option<&Fault>) {
        self.finished = true;
        let kind = fault.map(Fault::kind);
        let took = self.started.elapsed();
        let mut state = lock(&self.state);
        state.watch.record(fault, Timestamp::now());
        let counters = state.operations.entry(self.operation).or_default();
        match kind {
            None => counters.ok += 1,
            Some(kind) => *counters.errors.entry(kind.as_str()).or_default() += 1,
        }
        counters.bytes += self.bytes;
        counters.duration_sum += took;
        counters.duration_buckets[bucket(took)] += 1;
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if !self.finished {
            let mut state = lock(&self.state);
            state.operations.entry(self.operation).or_default().cancelled += 1;
        }
    }
}

fn bucket(took: Duration) -> usize {
    let milliseconds = took.as_millis();
    DURATION_BUCKETS_MS
        .iter()
        .position(|bound| milliseconds <= u128::from(*bound))
        .unwrap_or(DURATION_BUCKETS_MS.len())
}

/// A plain lock: held for a few additions, never across an await. `ErrorKind` words are few, so labels stay few.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
