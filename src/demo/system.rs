//! One demo system as the dials see it: counters, settings, and how it fails.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::assortment::Assortment;
use super::tokens::TokenBook;

/// Longest delay a dial accepts, so that a slip of the finger cannot hang a presentation.
const MAX_LATENCY_MS: u64 = 60_000;
const MAX_QUANTITY: i64 = 1_000_000;

/// Counters and dials of one demo system.
pub struct System {
    name: &'static str,
    /// What a failing call is answered with, in the style of the system.
    failure: Value,
    /// Where the system keeps stock, the assortment whose SKUs the dial accepts.
    stocked: Option<Arc<Assortment>>,
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

/// What the dials say.
#[derive(Clone, Default)]
struct Settings {
    latency_ms: u64,
    failure_rate: Decimal,
    down: bool,
    stock: BTreeMap<String, i64>,
}

impl System {
    pub(super) fn pim() -> Self {
        Self::new(
            "pim",
            json!({"code": 500, "message": "Internal Server Error"}),
            None,
        )
    }

    pub(super) fn erp() -> Self {
        let error = json!({"code": "Internal_ServerError", "message": "An unexpected error occurred."});
        Self::new("erp", json!({ "error": error }), None)
    }

    pub(super) fn wms(assortment: Arc<Assortment>) -> Self {
        Self::new(
            "wms",
            json!({"message": "An error has occurred."}),
            Some(assortment),
        )
    }

    pub(super) fn pos() -> Self {
        let error = json!({"statuscode": 500, "errortext": "Internal server error"});
        Self::new("pos", error, None)
    }

    pub(super) fn marketplace() -> Self {
        let error = json!({"status": 500, "message": "Internal Server Error"});
        Self::new("marketplace", error, None)
    }

    fn new(name: &'static str, failure: Value, stocked: Option<Arc<Assortment>>) -> Self {
        Self {
            name,
            failure,
            stocked,
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

    /// `pim`, `erp`, `wms`, `pos` or `marketplace`.
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
        let settings = self.settings();
        let mut shown = json!({
            "latencyMs": settings.latency_ms,
            "failureRate": super::answers::number(settings.failure_rate),
            "down": settings.down,
        });
        if self.stocked.is_some() {
            shown["stock"] = json!(settings.stock);
        }
        json!({
            "name": self.name,
            "calls": self.calls(),
            "keys": self.keys(),
            "tokenCalls": self.token_calls(),
            "peakConcurrency": self.peak_concurrency(),
            "settings": shown,
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
        let settings = self.changed(guard.clone(), change)?;
        self.is_cut.store(settings.down, Ordering::SeqCst);
        *guard = settings;
        Ok(())
    }

    fn changed(&self, mut settings: Settings, change: &Map<String, Value>) -> Result<Settings, String> {
        for (key, value) in change {
            match key.as_str() {
                "latencyMs" => settings.latency_ms = latency(value)?,
                "failureRate" => settings.failure_rate = rate(value)?,
                "down" => settings.down = value.as_bool().ok_or("down must be true or false")?,
                "stock" if self.stocked.is_some() => settings.stock.extend(self.quantities(value)?),
                _ => return Err(format!("unknown setting \"{key}\" for {}", self.name)),
            }
        }
        Ok(settings)
    }

    fn quantities(&self, value: &Value) -> Result<BTreeMap<String, i64>, String> {
        let asked = value
            .as_object()
            .ok_or("stock must be an object of SKU and quantity")?;
        let mut quantities = BTreeMap::new();
        for (sku, quantity) in asked {
            let is_known = self
                .stocked
                .as_ref()
                .is_some_and(|assortment| assortment.sku_position(sku).is_some());
            if !is_known {
                return Err(format!("unknown SKU \"{sku}\" in stock"));
            }
            let whole = quantity
                .as_i64()
                .filter(|quantity| quantity.abs() <= MAX_QUANTITY);
            let whole = whole
                .ok_or_else(|| format!("stock of \"{sku}\" must be a whole number up to {MAX_QUANTITY}"))?;
            quantities.insert(sku.clone(), whole);
        }
        Ok(quantities)
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
    pub(super) fn stock(&self) -> BTreeMap<String, i64> {
        self.lock().stock.clone()
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

    fn settings(&self) -> Settings {
        self.lock().clone()
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

fn latency(value: &Value) -> Result<u64, String> {
    let latency = value.as_u64().filter(|latency| *latency <= MAX_LATENCY_MS);
    latency.ok_or_else(|| format!("latencyMs must be a whole number from 0 to {MAX_LATENCY_MS}"))
}

fn rate(value: &Value) -> Result<Decimal, String> {
    let rate = value.as_number().and_then(super::answers::decimal);
    let rate = rate.filter(|rate| (Decimal::ZERO..=Decimal::ONE).contains(rate));
    rate.ok_or_else(|| "failureRate must be a number from 0 to 1".to_owned())
}
