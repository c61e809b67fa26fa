//! The ledger in memory: the model that the stores are held to, and what tests run on. It forgets when the process ends.
//!
//! `Book` is plain data with one synchronous method per transaction, so that its rules can be read and tested without a
//! store; `BookLedger` puts it behind the ledger's trait.

mod attempts;
mod check;
mod holds;
mod orders;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::checkout::ledger::{
    Begun, Epoch, Event, Finding, HoldWish, Holding, Intended, Kept, Lease, Ledger, LedgerError, OrderFilter,
    Removed, Taken,
};
use crate::checkout::record::{AttemptKey, Buyer, HeldLine, Hold, HoldState, OrderRecord};

/// All rows and events. Cloning it is a copy of the store.
#[derive(Clone, Debug, Default)]
pub struct Book {
    attempts: HashMap<AttemptKey, AttemptRow>,
    holds: BTreeMap<Arc<str>, HoldRow>,
    orders: BTreeMap<Arc<str>, OrderRow>,
    events: Vec<Event>,
    sequence: i64,
}

#[derive(Clone, Debug)]
struct AttemptRow {
    /// `None` after an attempt that was abandoned: the key is free, its epochs go on.
    body: Option<[u8; 32]>,
    epoch: Epoch,
    leased_until: Timestamp,
    answer: Option<Arc<str>>,
    changed_at: Timestamp,
}

#[derive(Clone, Debug)]
struct HoldRow {
    hold: Hold,
    /// The order that stands on it.
    order: Option<Arc<str>>,
    /// When that order was accepted.
    accepted_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    claimed_until: Option<Timestamp>,
    released_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
struct OrderRow {
    record: OrderRecord,
    epoch: Epoch,
    claimed_until: Option<Timestamp>,
}

impl Book {
    /// Events of one hold or order, oldest first.
    pub fn events(&self, key: &str) -> Vec<Event> {
        let events = self.events.iter();
        events.filter(|event| &*event.key == key).cloned().collect()
    }

    fn write_event(
        &mut self,
        subject: &str,
        key: &str,
        kind: &str,
        row: &impl Serialize,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let body = serde_json::to_value(row).map_err(|error| LedgerError::Damaged(error.to_string()))?;
        self.sequence += 1;
        self.events.push(Event {
            sequence: self.sequence,
            at,
            subject: subject.into(),
            key: key.into(),
            kind: kind.into(),
            body,
        });
        Ok(())
    }
}

/// A moment later; the end of time where there is none.
fn after(moment: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait)
        .ok()
        .and_then(|wait| moment.checked_add(wait).ok())
        .unwrap_or(Timestamp::MAX)
}

/// The book behind the ledger's trait.
#[derive(Debug, Default)]
pub struct BookLedger(Mutex<Book>);

impl BookLedger {
    /// Goes on with what a book holds.
    pub fn new(book: Book) -> Self {
        Self(Mutex::new(book))
    }

    /// A copy of everything in it.
    pub fn snapshot(&self) -> Book {
        self.book().clone()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A panic of another task cannot leave a row half written in a way that the check would not find.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept<T: Send + 'static>(&self, work: impl FnOnce(&mut Book) -> Result<T, LedgerError>) -> Kept<'_, T> {
        let outcome = work(&mut self.book());
        Box::pin(ready(outcome))
    }
}

impl Ledger for BookLedger {
    fn begin<'a>(
        &'a self,
        key: &'a AttemptKey,
        body: &'a [u8; 32],
        lease: Duration,
        now: Timestamp,
    ) -> Kept<'a, Begun> {
        self.kept(|book| book.begin(key, body, lease, now))
    }

    fn answer<'a>(
        &'a self,
        key: &'a AttemptKey,
        epoch: Epoch,
        answer: &'a str,
        now: Timestamp,
    ) -> Kept<'a, ()> {
        self.kept(|book| book.answer(key, epoch, answer, now))
    }

    fn abandon<'a>(&'a self, key: &'a AttemptKey, epoch: Epoch, now: Timestamp) -> Kept<'a, ()> {
        self.kept(|book| book.abandon(key, epoch, now))
    }

    fn hold<'a>(
        &'a self,
        wish: &'a HoldWish<'a>,
        decide: &'a (dyn Fn(&Taken) -> Vec<HeldLine> + Send + Sync),
    ) -> Kept<'a, Holding> {
        self.kept(|book| book.hold(wish, decide))
    }

    fn confirm_hold<'a>(&'a self, id: &'a str, until: Timestamp, now: Timestamp) -> Kept<'a, bool> {
        self.kept(|book| book.confirm_hold(id, until, now))
    }

    fn extend_hold<'a>(&'a self, id: &'a str, until: Timestamp, now: Timestamp) -> Kept<'a, Option<Hold>> {
        self.kept(|book| book.extend_hold(id, until, now))
    }

    fn end_hold<'a>(&'a self, id: &'a str, state: HoldState, now: Timestamp) -> Kept<'a, Option<Hold>> {
        self.kept(|book| book.end_hold(id, state, now))
    }

    fn find_hold<'a>(&'a self, id: &'a str) -> Kept<'a, Option<Hold>> {
        self.kept(|book| Ok(book.find_hold(id)))
    }

    fn leases<'a>(&'a self, now: Timestamp) -> Kept<'a, Vec<Lease>> {
        self.kept(|book| Ok(book.leases(now)))
    }

    fn claim_ended<'a>(&'a self, now: Timestamp, lease: Duration, limit: usize) -> Kept<'a, Vec<Hold>> {
        self.kept(|book| book.claim_ended(now, lease, limit))
    }

    fn note_released<'a>(&'a self, id: &'a str, now: Timestamp) -> Kept<'a, ()> {
        self.kept(|book| book.note_released(id, now))
    }

    fn intend<'a>(&'a self, record: &'a OrderRecord, now: Timestamp) -> Kept<'a, Intended> {
        self.kept(|book| book.intend(record, now))
    }

    fn record<'a>(
        &'a self,
        record: &'a OrderRecord,
        epoch: Epoch,
        event: &'a str,
        answer: Option<&'a str>,
        now: Timestamp,
    ) -> Kept<'a, ()> {
        self.kept(|book| book.record(record, epoch, event, answer, now))
    }

    fn claim_due<'a>(
        &'a self,
        now: Timestamp,
        lease: Duration,
        limit: usize,
    ) -> Kept<'a, Vec<(OrderRecord, Epoch)>> {
        self.kept(|book| Ok(book.claim_due(now, lease, limit)))
    }

    fn claim_order<'a>(
        &'a self,
        external_number: &'a str,
        lease: Duration,
        now: Timestamp,
    ) -> Kept<'a, Option<(OrderRecord, Epoch)>> {
        self.kept(|book| Ok(book.claim_order(external_number, lease, now)))
    }

    fn order<'a>(&'a self, external_number: &'a str) -> Kept<'a, Option<OrderRecord>> {
        self.kept(|book| Ok(book.order(external_number)))
    }

    fn orders<'a>(&'a self, filter: &'a OrderFilter) -> Kept<'a, Vec<OrderRecord>> {
        self.kept(|book| Ok(book.orders(filter)))
    }

    fn order_of_key<'a>(&'a self, buyer: &'a Buyer, key: &'a str) -> Kept<'a, Option<OrderRecord>> {
        self.kept(|book| Ok(book.order_of_key(buyer, key)))
    }

    fn events<'a>(&'a self, key: &'a str) -> Kept<'a, Vec<Event>> {
        self.kept(|book| Ok(Book::events(book, key)))
    }

    fn check<'a>(&'a self, now: Timestamp) -> Kept<'a, Vec<Finding>> {
        self.kept(|book| Ok(book.check(now)))
    }

    fn remove_old<'a>(&'a self, before: Timestamp) -> Kept<'a, Removed> {
        self.kept(|book| Ok(book.remove_old(before)))
    }
}
