//! Orders: written down before they are sent, and from then on by one owner at a time.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::checkout::book::{Book, OrderRow, after};
use crate::checkout::ledger::{Epoch, Intended, LedgerError, OrderFilter, Removed};
use crate::checkout::record::{AttemptKey, Buyer, HoldState, Operation, OrderRecord, OrderState};

impl Book {
    /// Writes an order down before it is sent.
    pub fn intend(&mut self, record: &OrderRecord, now: Timestamp) -> Result<Intended, LedgerError> {
        if let Some(number) = self.known_order(record) {
            return Ok(Intended::AlreadyOrdered(number));
        }
        let Some(row) = self.holds.get_mut(&record.hold) else {
            return Ok(Intended::HoldEnded);
        };
        if row.hold.state != HoldState::Held || row.hold.until <= now || row.hold.buyer != record.buyer {
            return Ok(Intended::HoldEnded);
        }
        if self.orders.values().any(|order| order.is_paid_like(record)) {
            return Ok(Intended::PaymentUsed);
        }
        let number = record.draft.external_number.clone();
        row.hold.state = HoldState::Ordered;
        row.order = Some(number.clone());
        let epoch = Epoch(1);
        let order = OrderRow {
            record: record.clone(),
            epoch,
            claimed_until: None,
        };
        self.orders.insert(number.clone(), order);
        self.hold_event(&record.hold, "ordered", now)?;
        self.write_event("order", &number, "intended", record, now)?;
        Ok(Intended::Written(epoch))
    }

    /// Writes what became of an order.
    pub fn record(
        &mut self,
        record: &OrderRecord,
        epoch: Epoch,
        event: &str,
        answer: Option<&str>,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let number = &record.draft.external_number;
        let Some(row) = self.orders.get_mut(number) else {
            return Err(LedgerError::Damaged(format!("order {number} is not there")));
        };
        if row.epoch != epoch {
            return Err(LedgerError::Fenced);
        }
        row.record = record.clone();
        row.claimed_until = None;
        self.write_event("order", number, event, record, now)?;
        self.follow(record, now)?;
        let Some(answer) = answer else { return Ok(()) };
        let key = AttemptKey {
            buyer: record.buyer.clone(),
            operation: Operation::Place,
            key: record.key.clone(),
        };
        self.answer_for_order(&key, answer, now)
    }

    /// Orders whose time has come, each under a new epoch.
    pub fn claim_due(&mut self, now: Timestamp, lease: Duration, limit: usize) -> Vec<(OrderRecord, Epoch)> {
        let due = self.orders.values_mut().filter(|row| {
            row.record.due.is_some_and(|due| due <= now)
                && row.claimed_until.is_none_or(|claimed| claimed <= now)
        });
        let mut due: Vec<&mut OrderRow> = due.collect();
        due.sort_by_key(|row| row.record.due);
        due.into_iter()
            .take(limit)
            .map(|row| row.claim(after(now, lease)))
            .collect()
    }

    /// One order whatever its `due`, under a new epoch.
    pub fn claim_order(
        &mut self,
        external_number: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Option<(OrderRecord, Epoch)> {
        let row = self.orders.get_mut(external_number)?;
        Some(row.claim(after(now, lease)))
    }

    /// An order by its external number.
    pub fn order(&self, external_number: &str) -> Option<OrderRecord> {
        self.orders.get(external_number).map(|row| row.record.clone())
    }

    /// Orders, newest first.
    pub fn orders(&self, filter: &OrderFilter) -> Vec<OrderRecord> {
        let mut orders: Vec<OrderRecord> = self
            .orders
            .values()
            .map(|row| &row.record)
            .filter(|order| filter.state.is_none_or(|state| order.state == state))
            .filter(|order| filter.since.is_none_or(|since| order.intended_at >= since))
            .cloned()
            .collect();
        orders.sort_by_key(|order| std::cmp::Reverse(order.intended_at));
        orders.truncate(filter.limit);
        orders
    }

    /// The order that was placed under a key.
    pub fn order_of_key(&self, buyer: &Buyer, key: &str) -> Option<OrderRecord> {
        let orders = self.orders.values().map(|row| &row.record);
        let mut of_key = orders.filter(|order| order.buyer == *buyer && *order.key == *key);
        of_key.next().cloned()
    }

    /// Removes keys, and holds that have ended, by age.
    pub fn remove_old(&mut self, before: Timestamp) -> Removed {
        let open: Vec<AttemptKey> = self
            .orders
            .values()
            .filter(|row| row.record.settled_at.is_none())
            .map(|row| AttemptKey {
                buyer: row.record.buyer.clone(),
                operation: Operation::Place,
                key: row.record.key.clone(),
            })
            .collect();
        let mut gone: Vec<Arc<str>> = Vec::new();
        let attempts = self.attempts.len();
        self.attempts.retain(|key, row| {
            let old = row.changed_at < before && row.leased_until < before && !open.contains(key);
            if old {
                gone.push(super::attempts::attempt_name(key));
            }
            !old
        });
        let removed_attempts = attempts - self.attempts.len();
        let holds = self.holds.len();
        self.holds.retain(|id, row| {
            let old = row.order.is_none() && row.ended_at.is_some_and(|ended| ended < before);
            if old {
                gone.push(id.clone());
            }
            !old
        });
        let removed_holds = holds - self.holds.len();
        let events = self.events.len();
        self.events
            .retain(|event| &*event.subject == "order" || !gone.contains(&event.key));
        Removed {
            attempts: removed_attempts as u64,
            holds: removed_holds as u64,
            events: (events - self.events.len()) as u64,
        }
    }

    /// The order that makes this one impossible: the same number, the same key, or on the same hold.
    fn known_order(&self, record: &OrderRecord) -> Option<Arc<str>> {
        let number = &record.draft.external_number;
        if self.orders.contains_key(number) {
            return Some(number.clone());
        }
        let of_key = self.order_of_key(&record.buyer, &record.key);
        let on_hold = || self.holds.get(&record.hold)?.order.clone();
        of_key.map(|order| order.draft.external_number).or_else(on_hold)
    }

    /// What an order's end means for its hold.
    fn follow(&mut self, record: &OrderRecord, now: Timestamp) -> Result<(), LedgerError> {
        let Some(row) = self.holds.get_mut(&record.hold) else {
            return Ok(());
        };
        match record.state {
            OrderState::Rejected if row.ended_at.is_none() => {
                self.end(&record.hold, HoldState::Released, now)
            }
            OrderState::Placed => {
                row.accepted_at = record.settled_at;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl OrderRow {
    fn claim(&mut self, until: Timestamp) -> (OrderRecord, Epoch) {
        self.epoch = Epoch(self.epoch.0 + 1);
        self.claimed_until = Some(until);
        (self.record.clone(), self.epoch)
    }

    fn is_paid_like(&self, other: &OrderRecord) -> bool {
        match (&self.record.payment, &other.payment) {
            (Some(own), Some(other)) => {
                own.system == other.system && own.authorization == other.authorization
            }
            _ => false,
        }
    }
}
