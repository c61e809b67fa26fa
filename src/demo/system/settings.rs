//! What the dials of a demo system say, and how a change of them is read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::demo::answers;
use crate::demo::assortment::Assortment;

/// Longest delay a dial accepts, so that a slip of the finger cannot hang a presentation.
const MAX_DELAY_MS: u64 = 60_000;
const MAX_QUANTITY: i64 = 1_000_000;
/// How long the ERP keeps an order before the warehouse hears of it: long enough for a reservation to be bound to it.
const RELEASE_AFTER_MS: u64 = 3_000;

/// Whose dials they are: some systems have a few more.
pub(super) enum Kind {
    Plain,
    /// It keeps stock of these SKUs.
    Stock(std::sync::Arc<Assortment>),
    /// It takes orders.
    Orders,
}

/// What the dials say.
#[derive(Clone, Default)]
pub(super) struct Settings {
    pub(super) latency_ms: u64,
    pub(super) failure_rate: Decimal,
    pub(super) down: bool,
    pub(super) lose_answers: u64,
    pub(super) fail_after_work: u64,
    pub(super) late_ms: u64,
    pub(super) stock: Counts,
    pub(super) entry: Entry,
}

/// Quantities set by a dial, by SKU.
pub(crate) type Counts = BTreeMap<String, Count>;

/// What was counted on the shelves: whatever had been ordered by then has left them.
#[derive(Clone, Copy)]
pub(crate) struct Count {
    pub(crate) quantity: i64,
    pub(crate) at: Timestamp,
}

/// How the ERP takes orders.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// How long a new order is missing from the lists.
    pub(crate) visibility_delay_ms: u64,
    /// How long the ERP keeps an order before the WMS hears of it.
    pub(crate) release_after_ms: u64,
    pub(crate) rejects_oversell: bool,
    pub(crate) unique_external: bool,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            visibility_delay_ms: 0,
            release_after_ms: RELEASE_AFTER_MS,
            rejects_oversell: false,
            unique_external: false,
        }
    }
}

impl Settings {
    /// As `GET /demo/systems` shows them.
    pub(super) fn shown(&self, kind: &Kind) -> Value {
        let mut shown = json!({
            "latencyMs": self.latency_ms,
            "failureRate": answers::number(self.failure_rate),
            "down": self.down,
            "loseAnswers": self.lose_answers,
            "failAfterWork": self.fail_after_work,
            "lateMs": self.late_ms,
        });
        match kind {
            Kind::Plain => {}
            Kind::Stock(_) => {
                let counts = self.stock.iter();
                let stock: Map<_, _> = counts
                    .map(|(sku, count)| (sku.clone(), json!(count.quantity)))
                    .collect();
                shown["stock"] = stock.into();
            }
            Kind::Orders => {
                shown["visibilityDelayMs"] = json!(self.entry.visibility_delay_ms);
                shown["releaseAfterMs"] = json!(self.entry.release_after_ms);
                shown["rejectOversell"] = json!(self.entry.rejects_oversell);
                shown["uniqueExternal"] = json!(self.entry.unique_external);
            }
        }
        shown
    }

    /// The settings after a change, or what is wrong with it.
    pub(super) fn changed(
        mut self,
        system: &str,
        kind: &Kind,
        change: &Map<String, Value>,
    ) -> Result<Self, String> {
        for (key, value) in change {
            match (key.as_str(), kind) {
                ("latencyMs", _) => self.latency_ms = delay(key, value)?,
                ("failureRate", _) => self.failure_rate = rate(value)?,
                ("down", _) => self.down = switch(key, value)?,
                ("loseAnswers", _) => self.lose_answers = count(key, value)?,
                ("failAfterWork", _) => self.fail_after_work = count(key, value)?,
                ("lateMs", _) => self.late_ms = delay(key, value)?,
                ("stock", Kind::Stock(assortment)) => self.stock.extend(counts(assortment, value)?),
                ("visibilityDelayMs", Kind::Orders) => self.entry.visibility_delay_ms = delay(key, value)?,
                ("releaseAfterMs", Kind::Orders) => self.entry.release_after_ms = delay(key, value)?,
                ("rejectOversell", Kind::Orders) => self.entry.rejects_oversell = switch(key, value)?,
                ("uniqueExternal", Kind::Orders) => self.entry.unique_external = switch(key, value)?,
                _ => return Err(format!("unknown setting \"{key}\" for {system}")),
            }
        }
        Ok(self)
    }
}

fn counts(assortment: &Assortment, value: &Value) -> Result<Counts, String> {
    let asked = value
        .as_object()
        .ok_or("stock must be an object of SKU and quantity")?;
    let at = Timestamp::now();
    let mut counts = Counts::new();
    for (sku, quantity) in asked {
        if assortment.sku_position(sku).is_none() {
            return Err(format!("unknown SKU \"{sku}\" in stock"));
        }
        let whole = quantity
            .as_i64()
            .filter(|quantity| quantity.abs() <= MAX_QUANTITY);
        let quantity =
            whole.ok_or_else(|| format!("stock of \"{sku}\" must be a whole number up to {MAX_QUANTITY}"))?;
        counts.insert(sku.clone(), Count { quantity, at });
    }
    Ok(counts)
}

fn delay(key: &str, value: &Value) -> Result<u64, String> {
    let delay = value.as_u64().filter(|delay| *delay <= MAX_DELAY_MS);
    delay.ok_or_else(|| format!("{key} must be a whole number from 0 to {MAX_DELAY_MS}"))
}

fn count(key: &str, value: &Value) -> Result<u64, String> {
    let count = value.as_u64();
    count.ok_or_else(|| format!("{key} must be a whole number, 0 or more"))
}

fn switch(key: &str, value: &Value) -> Result<bool, String> {
    value
        .as_bool()
        .ok_or_else(|| format!("{key} must be true or false"))
}

fn rate(value: &Value) -> Result<Decimal, String> {
    let rate = value.as_number().and_then(answers::decimal);
    let rate = rate.filter(|rate| (Decimal::ZERO..=Decimal::ONE).contains(rate));
    rate.ok_or_else(|| "failureRate must be a number from 0 to 1".to_owned())
}
