//! Keys: one attempt at a time, one answer for good.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::checkout::book::{AttemptRow, Book, after};
use crate::checkout::ledger::{Begun, Epoch, LedgerError};
use crate::checkout::record::{AttemptKey, Operation};

impl Book {
    /// Begins an attempt, or says what became of it.
    pub fn begin(
        &mut self,
        key: &AttemptKey,
        body: &[u8; 32],
        lease: Duration,
        now: Timestamp,
    ) -> Result<Begun, LedgerError> {
        let mut epoch = Epoch(1);
        if let Some(row) = self.attempts.get(key) {
            if row.body.is_some_and(|known| known != *body) {
                return Ok(Begun::Conflict);
            }
            if let Some(answer) = &row.answer {
                return Ok(Begun::Answered(answer.clone()));
            }
            if row.body.is_some() && row.leased_until > now {
                return Ok(Begun::Busy);
            }
            epoch = Epoch(row.epoch.0 + 1);
        }
        let row = AttemptRow {
            body: Some(*body),
            epoch,
            leased_until: after(now, lease),
            answer: None,
            changed_at: now,
        };
        self.attempts.insert(key.clone(), row);
        self.attempt_event(key, "begun", now)?;
        Ok(Begun::Mine(epoch))
    }

    /// Keeps the attempt's answer for good.
    pub fn answer(
        &mut self,
        key: &AttemptKey,
        epoch: Epoch,
        answer: &str,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let row = self.attempt_under(key, epoch)?;
        row.answer = Some(answer.into());
        row.changed_at = now;
        self.attempt_event(key, "answered", now)
    }

    /// Ends the attempt without an answer. The row stays: a number given twice would let an earlier owner write.
    pub fn abandon(&mut self, key: &AttemptKey, epoch: Epoch, now: Timestamp) -> Result<(), LedgerError> {
        let row = self.attempt_under(key, epoch)?;
        row.body = None;
        row.leased_until = now;
        row.changed_at = now;
        self.attempt_event(key, "abandoned", now)
    }

    /// Keeps the answer of an order's key, whoever began the attempt last: the order decides, and there is one.
    pub(super) fn answer_for_order(
        &mut self,
        key: &AttemptKey,
        answer: &str,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        // Removed by age, or never begun by this ledger's rules: nothing asks for it any more.
        let Some(row) = self.attempts.get_mut(key) else {
            return Ok(());
        };
        if row.answer.is_some() {
            return Ok(());
        }
        row.answer = Some(answer.into());
        row.changed_at = now;
        self.attempt_event(key, "answered", now)
    }

    fn attempt_under(&mut self, key: &AttemptKey, epoch: Epoch) -> Result<&mut AttemptRow, LedgerError> {
        match self.attempts.get_mut(key) {
            Some(row) if row.epoch == epoch && row.answer.is_none() && row.body.is_some() => Ok(row),
            _ => Err(LedgerError::Fenced),
        }
    }

    fn attempt_event(&mut self, key: &AttemptKey, kind: &str, now: Timestamp) -> Result<(), LedgerError> {
        let epoch = self.attempts.get(key).map(|row| row.epoch);
        self.write_event(
            "attempt",
            &attempt_name(key),
            kind,
            &json!({"key": key, "epoch": epoch}),
            now,
        )
    }
}

/// An attempt's key as one text. JSON, because a key or a customer's number may hold any separator.
pub(super) fn attempt_name(key: &AttemptKey) -> Arc<str> {
    let customer = key.buyer.customer.as_ref().map(|customer| customer.as_str());
    let operation = match key.operation {
        Operation::Verify => "verify",
        Operation::Place => "place",
    };
    let name = json!([operation, key.buyer.channel.as_str(), customer, &*key.key]);
    name.to_string().into()
}
