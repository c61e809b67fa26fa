//! `extensions.trace`: what became of every lookup, wave by wave.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Number, Value, json};
use skuery_schema::ids::SystemName;
use tokio::time::Instant;

use crate::loader::trace::{CallRecord, LookupRecord, LookupTrace};

/// The trace of one request, shared by its questions. Cheap to clone.
#[derive(Clone)]
pub(crate) struct RequestTrace(Arc<Mutex<State>>);

struct State {
    began: Instant,
    /// The last one is open: what is asked now belongs to it.
    waves: Vec<Wave>,
}

#[derive(Default)]
struct Wave {
    /// In the order in which they were first asked.
    lookups: Vec<(SystemName, &'static str, Arc<LookupTrace>)>,
    /// `None` where nothing had to be waited for.
    waited: Option<Duration>,
}

impl RequestTrace {
    pub(crate) fn begin() -> Self {
        Self(Arc::new(Mutex::new(State {
            began: Instant::now(),
            waves: vec![Wave::default()],
        })))
    }

    /// A lookup of the open wave.
    pub(crate) fn lookup(&self, system: &SystemName, operation: &'static str) -> Arc<LookupTrace> {
        let trace = Arc::<LookupTrace>::default();
        if let Some(wave) = self.lock().waves.last_mut() {
            wave.lookups.push((system.clone(), operation, trace.clone()));
        }
        trace
    }

    /// The open wave has been waited for.
    pub(crate) fn end_wave(&self, waited: Duration) {
        let waves = &mut self.lock().waves;
        if let Some(wave) = waves.last_mut() {
            wave.waited = Some(waited);
        }
        waves.push(Wave::default());
    }

    /// `extensions.trace`, as far as it is known by now.
    pub(crate) fn written(&self) -> Value {
        let state = self.lock();
        let mut waves: Vec<Value> = Vec::new();
        for wave in &state.waves {
            let lookups = wave.lookups();
            if wave.waited.is_some() || !lookups.is_empty() {
                waves.push(json!({
                    "wave": waves.len() + 1,
                    "ms": millis(wave.waited.unwrap_or_default()),
                    "lookups": lookups,
                }));
            }
        }
        json!({ "ms": millis(state.began.elapsed()), "waves": waves })
    }

    /// A plain lock: held for a few additions, never across an await.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wave {
    /// Without those whose keys no system could know: nothing became of them.
    fn lookups(&self) -> Vec<Value> {
        let records = self.lookups.iter();
        let records = records.map(|(system, operation, trace)| (system, operation, trace.record()));
        let asked = records.filter(|(_, _, record)| record.keys() > 0);
        asked
            .map(|(system, operation, record)| lookup(system, operation, &record))
            .collect()
    }
}

fn lookup(system: &SystemName, operation: &str, record: &LookupRecord) -> Value {
    json!({
        "lookup": operation,
        "system": system.as_str(),
        "keys": record.keys(),
        "hit": record.hit,
        "absent": record.absent,
        "stale": record.stale,
        "shared": record.shared,
        "fetched": record.fetched,
        "batched": record.batched,
        "failed": record.failed,
        "ms": millis(record.waited),
        "calls": record.calls.iter().map(call).collect::<Vec<_>>(),
    })
}

fn call(call: &CallRecord) -> Value {
    let end = call.end.as_ref();
    json!({
        "keys": call.keys,
        "own": call.own,
        "outcome": end.map(|end| end.failed.map_or("ok", |kind| kind.as_str())),
        "ms": end.map(|end| millis(end.took)),
        "queuedMs": end.map(|end| millis(end.wire.queued)),
        "requests": end.map(|end| end.wire.requests),
    })
}

/// Milliseconds with three decimals.
fn millis(time: Duration) -> Option<Number> {
    let text = format!("{}.{:03}", time.as_millis(), time.subsec_micros() % 1_000);
    text.parse().ok()
}
