//! Where the answers of calls under way are waited for: one wait for all keys that boarded together.

use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;

use crate::loader::Outcome;

/// The places of keys that board together. They may leave in several calls: whoever waits is called when any of these ends,
/// and looks for the own answer.
struct Row<V> {
    /// `None` inside: the call ended without delivering, which only a panic in a source can cause.
    answers: Box<[OnceLock<Option<Outcome<V>>>]>,
    landed: Notify,
}

/// Gives places away.
pub(crate) struct Seats<V> {
    row: Option<Arc<Row<V>>>,
    most: usize,
    taken: usize,
}

impl<V> Seats<V> {
    /// For at most so many keys. Nothing is made before the first.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            row: None,
            most,
            taken: 0,
        }
    }

    /// A place for the next key, of which there are no more than was said.
    pub(crate) fn take(&mut self) -> Seat<V> {
        let most = self.most;
        let row = self.row.get_or_insert_with(|| {
            Arc::new(Row {
                answers: (0..most).map(|_| OnceLock::new()).collect(),
                landed: Notify::new(),
            })
        });
        self.taken += 1;
        Seat {
            row: row.clone(),
            at: self.taken - 1,
        }
    }
}

/// Where one key's answer will be. Dropping it disturbs nobody.
pub(crate) struct Seat<V> {
    row: Arc<Row<V>>,
    at: usize,
}

impl<V> Clone for Seat<V> {
    fn clone(&self) -> Self {
        Self {
            row: self.row.clone(),
            at: self.at,
        }
    }
}

impl<V> Seat<V> {
    fn answer(&self) -> &OnceLock<Option<Outcome<V>>> {
        &self.row.answers[self.at]
    }

    /// The first word counts. Nobody is called yet.
    pub(crate) fn settle(&self, outcome: Option<Outcome<V>>) {
        // A departure that delivered settles once more when it is dropped.
        let _ = self.answer().set(outcome);
    }

    /// Calls everybody who waits for one of these.
    pub(crate) fn call(seats: &[Self]) {
        let mut called: Option<&Arc<Row<V>>> = None;
        for seat in seats {
            if !called.is_some_and(|row| Arc::ptr_eq(row, &seat.row)) {
                seat.row.landed.notify_waiters();
                called = Some(&seat.row);
            }
        }
    }

    /// Whether it is the same place.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.row, &other.row) && self.at == other.at
    }
}

impl<V: Clone> Seat<V> {
    /// `None` when the call ended without delivering.
    pub(crate) async fn wait(&self) -> Option<Outcome<V>> {
        loop {
            // Made before the look, so that nothing that lands after it is missed.
            let landed = self.row.landed.notified();
            if let Some(answer) = self.answer().get() {
                return answer.clone();
            }
            landed.await;
        }
    }
}
