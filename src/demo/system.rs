//! One demo system as the dials see it: counters, settings, and how it fails.

mod settings;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rust_decimal::Decimal;
use serde_json::{Value, json};

pub(super) use self::settings::{Counts, Entry};
use self::settings::{Kind, Settings};
use super::assortment::Assortment;
use super::tokens::TokenBook;

/// Counters and dials of one demo system.
pub struct System {
    name: &'static str,
    /// What a failing call is answered with, in the style of the system.
    failure: Value,
    kind: Kind,
    pub(super) tokens: TokenBook,
    calls: AtomicU64,
    keys: AtomicU64,
    token_calls: AtomicU64,
    attempts: AtomicU64,
    in_flight: AtomicU64,
    peak: AtomicU64,
    is_cut: Arc<AtomicBool>,
    /// Held only for copies, never across an await.
    settings: Mutex<Settings>,
}

/// How the answer of a call that writes reaches the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    AsItIs,
    /// The work is done, and the answer is an error.
    Failed,
    /// The work is done, and the connection is cut.
    Lost,
}

impl System {
    pub(super) fn pim() -> Self {
        Self::new(
            "pim",
            json!({"code": 500, "message": "Internal Server Error"}),
            Kind::Plain,
        )
    }

    pub(super) fn erp() -> Self {
        let error = json!({"code": "Internal_ServerError", "message": "An unexpected error occurred."});
        Self::new("erp", json!({ "error": error }), Kind::Orders)
    }

    pub(super) fn wms(assortment: Arc<Assortment>) -> Self {
        Self::new(
            "wms",
            json!({"message": "An error has occurred."}),
            Kind::Stock(assortment),
        )
    }

    pub(super) fn depot(assortment: Arc<Assortment>) -> Self {
        Self::new(
            "depot",
            json!({"error": "internal error"}),
            Kind::Stock(assortment),
        )
    }

    pub(super) fn payments() -> Self {
        let error = json!({"type": "api_error", "message": "An unknown error occurred."});
        Self::new("payments", json!({ "error": error }), Kind::Plain)
    }

    pub(super) fn pos() -> Self {
        let error = json!({"statuscode": 500, "errortext": "Internal server error"});
        Self::new("pos", error, Kind::Plain)
    }

    pub(super) fn marketplace() -> Self {
        let error = json!({"status": 500, "message": "Internal Server Error"});
        Self::new("marketplace", error, Kind::Plain)
    }

    fn new(name: &'static str, failure: Value, kind: Kind) -> Self {
        Self {
            name,
            failure,
            kind,
            tokens: TokenBook::new(name),
            calls: AtomicU64::new(0),
            keys: AtomicU64::new(0),
            token_calls: AtomicU64::new(0),
            attempts: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
            peak: AtomicU64::new(0),
            is_cut: Arc::new(AtomicBool::new(false)),
            settings: Mutex::new(Settings::default()),
        }
    }

    /// `pim`, `erp`, `wms`, `depot`, `pos`, `marketplace` or `payments`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// API calls answered, whatever the answer; tokens and pictures are not among them.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// Keys asked for in those calls: SKUs, product codes, web addresses and the like.
    pub fn keys(&self) -> u64 {
        self.keys.load(Ordering::SeqCst)
    }

    /// Calls for a token.
    pub fn token_calls(&self) -> u64 {
        self.token_calls.load(Ordering::SeqCst)
    }

    /// The most API calls that were under way at the same time.
    pub fn peak_concurrency(&self) -> u64 {
        self.peak.load(Ordering::SeqCst)
    }

    /// Sets all counters to zero.
    pub fn reset_counters(&self) {
        for counter in [
            &self.calls,
            &self.keys,
            &self.token_calls,
            &self.attempts,
            &self.peak,
        ] {
            counter.store(0, Ordering::SeqCst);
        }
    }

    /// Makes every token issued so far invalid, as if it had expired.
    pub fn revoke_tokens(&self) {
        self.tokens.revoke();
    }

    /// Counters and settings as `GET /demo/systems` answers them.
    pub fn state(&self) -> Value {
        json!({
            "name": self.name,
            "calls": self.calls(),
            "keys": self.keys(),
            "tokenCalls": self.token_calls(),
            "peakConcurrency": self.peak_concurrency(),
            "settings": self.lock().shown(&self.kind),
        })
    }

    /// Turns dials as `POST /demo/systems/{name}` does; a refused change changes nothing.
    ///
    /// # Errors
    ///
    /// When a key is unknown or a value out of range; the text says which.
    pub fn turn(&self, change: &Value) -> Result<(), String> {
        let change = change.as_object().ok_or("the body must be a JSON object")?;
        let mut guard = self.lock();
        let settings = guard.clone().changed(self.name, &self.kind, change)?;
        self.is_cut.store(settings.down, Ordering::SeqCst);
        *guard = settings;
        Ok(())
    }

    // What the servers need.

    pub(super) fn failure(&self) -> &Value {
        &self.failure
    }

    pub(super) fn is_down(&self) -> bool {
        self.is_cut.load(Ordering::SeqCst)
    }

    /// The switch every connection looks at.
    pub(super) fn cut_switch(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_cut)
    }

    pub(super) fn cut_connections(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
    }

    pub(super) fn latency_ms(&self) -> u64 {
        self.lock().latency_ms
    }

    /// Quantities set by the dial.
    pub(super) fn stock(&self) -> Counts {
        self.lock().stock.clone()
    }

    /// How orders are taken.
    pub(super) fn entry(&self) -> Entry {
        self.lock().entry
    }

    /// How long the answer of a call that writes is kept back.
    pub(super) fn late_ms(&self) -> u64 {
        self.lock().late_ms
    }

    /// How the answer of the call that has just written ends; answers are lost before others fail.
    pub(super) fn next_end(&self) -> End {
        let mut settings = self.lock();
        if let Some(left) = settings.lose_answers.checked_sub(1) {
            settings.lose_answers = left;
            return End::Lost;
        }
        match settings.fail_after_work.checked_sub(1) {
            None => End::AsItIs,
            Some(left) => {
                settings.fail_after_work = left;
                End::Failed
            }
        }
    }

    /// Whether the next API call shall fail: evenly spread, the same in every run.
    pub(super) fn next_call_fails(&self) -> bool {
        let rate = self.lock().failure_rate;
        let attempt = Decimal::from(self.attempts.fetch_add(1, Ordering::SeqCst));
        ((attempt + Decimal::ONE) * rate).floor() > (attempt * rate).floor()
    }

    pub(super) fn count_keys(&self, keys: usize) {
        self.keys.fetch_add(keys as u64, Ordering::SeqCst);
    }

    pub(super) fn count_call(&self) {
        self.calls.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn count_token_call(&self) {
        self.token_calls.fetch_add(1, Ordering::SeqCst);
    }

    /// Marks one API call as under way until the answer is dropped.
    pub(super) fn enter(&self) -> UnderWay<'_> {
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.peak.fetch_max(now, Ordering::SeqCst);
        UnderWay(&self.in_flight)
    }

    fn lock(&self) -> MutexGuard<'_, Settings> {
        // Settings are replaced as a whole, so a panic elsewhere cannot leave them half changed.
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for System {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("System")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A call under way; also ends when the client goes away.
pub(super) struct UnderWay<'a>(&'a AtomicU64);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
