//! A ledger that takes its time and fails, before it has done its work or after.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::checkout::book::BookLedger;
use crate::checkout::ledger::{
    Begun, Epoch, Event, Finding, HoldWish, Holding, Intended, Kept, Lease, Ledger, LedgerError, OrderFilter,
    Removed, Taken,
};
use crate::checkout::record::{AttemptKey, Buyer, HeldLine, Hold, HoldState, OrderRecord};
use crate::checkout::simulation::world::World;

/// The book that outlives the processes, as one of them reaches it.
pub(super) struct Store {
    pub(super) world: Arc<World>,
    pub(super) book: Arc<BookLedger>,
}

impl Store {
    fn slow<'a, T: Send + 'a>(&'a self, work: impl FnOnce() -> Kept<'a, T> + Send + 'a) -> Kept<'a, T> {
        let lost = |what: &str| LedgerError::Unavailable(what.into());
        Box::pin(async move {
            self.world.pause(8).await;
            if self.world.is_faulty() && self.world.percent(1) {
                // The whole process stands still, and others take over meanwhile.
                self.world.pause(16_000).await;
            }
            if self.world.is_faulty() && self.world.percent(2) {
                return Err(lost("not done"));
            }
            let kept = work().await;
            // The process may end here, with the work done and nobody told.
            self.world.pause(8).await;
            if self.world.is_faulty() && self.world.percent(1) {
                return Err(lost("done, and the answer lost"));
            }
            kept
        })
    }
}

macro_rules! slow {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        $(fn $name<'a>(&'a self, $($argument: $type),*) -> Kept<'a, $answer> {
            self.slow(move || self.book.$name($($argument),*))
        })*
    };
}

impl Ledger for Store {
    slow! {
        fn begin(key: &'a AttemptKey, body: &'a [u8; 32], lease: Duration, now: Timestamp) -> Begun;
        fn answer(key: &'a AttemptKey, epoch: Epoch, answer: &'a str, now: Timestamp) -> ();
        fn abandon(key: &'a AttemptKey, epoch: Epoch, now: Timestamp) -> ();
        fn hold(wish: &'a HoldWish<'a>, decide: &'a (dyn Fn(&Taken) -> Vec<HeldLine> + Send + Sync)) -> Holding;
        fn confirm_hold(id: &'a str, until: Timestamp, now: Timestamp) -> bool;
        fn extend_hold(id: &'a str, until: Timestamp, now: Timestamp) -> Option<Hold>;
        fn end_hold(id: &'a str, state: HoldState, now: Timestamp) -> Option<Hold>;
        fn find_hold(id: &'a str) -> Option<Hold>;
        fn leases(now: Timestamp) -> Vec<Lease>;
        fn claim_ended(now: Timestamp, lease: Duration, limit: usize) -> Vec<Hold>;
        fn note_released(id: &'a str, now: Timestamp) -> ();
        fn intend(record: &'a OrderRecord, now: Timestamp) -> Intended;
        fn record(record: &'a OrderRecord, epoch: Epoch, event: &'a str, answer: Option<&'a str>, now: Timestamp) -> ();
        fn claim_due(now: Timestamp, lease: Duration, limit: usize) -> Vec<(OrderRecord, Epoch)>;
        fn claim_order(external_number: &'a str, lease: Duration, now: Timestamp) -> Option<(OrderRecord, Epoch)>;
        fn order(external_number: &'a str) -> Option<OrderRecord>;
        fn orders(filter: &'a OrderFilter) -> Vec<OrderRecord>;
        fn order_of_key(buyer: &'a Buyer, key: &'a str) -> Option<OrderRecord>;
        fn events(key: &'a str) -> Vec<Event>;
        fn check(now: Timestamp) -> Vec<Finding>;
        fn remove_old(before: Timestamp) -> Removed;
    }
}
