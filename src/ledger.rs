//! The checkout ledger over SQLite or PostgreSQL: rows that are queried, and beside them every change as an event, in the
//! same transaction. See `docs/LEDGER.md`.

mod dialect;
mod fault;
mod migrations;
mod row;
mod store;

mod attempts;
mod check;
mod dividing;
mod ended;
mod events;
mod holds;
mod orders;

use std::sync::Arc;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use skuery_resolvers::checkout::ledger::{
    Begun, Epoch, Event, Finding, HoldWish, Holding, Intended, Kept, Lease, Ledger, OrderFilter, Removed,
    Taken,
};
use skuery_resolvers::checkout::record::{AttemptKey, Buyer, HeldLine, Hold, HoldState, OrderRecord};

pub use crate::ledger::store::OpenError;

use crate::ledger::dialect::Lock;
use crate::ledger::store::{Absent, Store, Tries};

/// Opens the ledger at `sqlite:PATH` or `postgres://…`, and brings its tables up to date.
pub async fn open(address: &str) -> Result<Arc<dyn Ledger>, OpenError> {
    open_store(Store::open(address, Absent::IsMade).await?).await
}

/// Opens a ledger that must be there: who looks into one has mistyped its path otherwise.
pub async fn open_existing(address: &str) -> Result<Arc<dyn Ledger>, OpenError> {
    open_store(Store::open(address, Absent::IsRefused).await?).await
}

/// The key under which the events of an order's own key are kept.
pub fn key_of_order(order: &OrderRecord) -> String {
    row::attempt_of_order(order)
}

async fn open_store(store: Store) -> Result<Arc<dyn Ledger>, OpenError> {
    migrations::run(&store).await?;
    Ok(Arc::new(StoredLedger { store }))
}

struct StoredLedger {
    store: Store,
}

/// Accepted orders are among the leases for so long; a figure that is shown is never older, nor its system slower.
const ACCEPTED_LATELY_HOURS: i64 = 24;

/// The work in a transaction that is committed, and synced, when the work succeeds. No function can take the work instead:
/// what it borrows would have to live forever.
macro_rules! write {
    ($ledger:ident, $session:ident => $work:expr) => {
        Box::pin(async move {
            let mut tries = Tries::default();
            loop {
                let mut session = $ledger.store.begin().await?;
                let $session = &mut session;
                let done = $work.await;
                if let Some(end) = tries.end(session, done).await {
                    return end;
                }
            }
        })
    };
}

/// The work on the store as it is at one moment.
macro_rules! look {
    ($ledger:ident, $session:ident => $work:expr) => {
        Box::pin(async move {
            let mut session = $ledger.store.look().await?;
            let $session = &mut session;
            let found = $work.await;
            session.roll_back().await;
            Ok(found?)
        })
    };
}

impl Ledger for StoredLedger {
    fn begin<'a>(
        &'a self,
        key: &'a AttemptKey,
        body: &'a [u8; 32],
        lease: Duration,
        now: Timestamp,
    ) -> Kept<'a, Begun> {
        write!(self, session => attempts::begin(session, key, body, lease, now))
    }

    fn answer<'a>(
        &'a self,
        key: &'a AttemptKey,
        epoch: Epoch,
        answer: &'a str,
        now: Timestamp,
    ) -> Kept<'a, ()> {
        write!(self, session => attempts::answer(session, key, epoch, answer, now))
    }

    fn abandon<'a>(&'a self, key: &'a AttemptKey, epoch: Epoch, now: Timestamp) -> Kept<'a, ()> {
        write!(self, session => attempts::abandon(session, key, epoch, now))
    }

    fn hold<'a>(
        &'a self,
        wish: &'a HoldWish<'a>,
        decide: &'a (dyn Fn(&Taken) -> Vec<HeldLine> + Send + Sync),
    ) -> Kept<'a, Holding> {
        write!(self, session => dividing::hold(session, wish, decide))
    }

    fn confirm_hold<'a>(&'a self, id: &'a str, until: Timestamp, now: Timestamp) -> Kept<'a, bool> {
        write!(self, session => holds::confirm(session, id, until, now))
    }

    fn extend_hold<'a>(&'a self, id: &'a str, until: Timestamp, now: Timestamp) -> Kept<'a, Option<Hold>> {
        write!(self, session => holds::extend(session, id, until, now))
    }

    fn end_hold<'a>(&'a self, id: &'a str, state: HoldState, now: Timestamp) -> Kept<'a, Option<Hold>> {
        write!(self, session => holds::end(session, id, state, now))
    }

    fn find_hold<'a>(&'a self, id: &'a str) -> Kept<'a, Option<Hold>> {
        look!(self, session => async { Ok::<_, fault::Fault>(holds::find(session, id, Lock::None).await?.map(|row| row.hold)) })
    }

    fn leases<'a>(&'a self, now: Timestamp) -> Kept<'a, Vec<Lease>> {
        let since = now
            .checked_sub(ACCEPTED_LATELY_HOURS.hours())
            .unwrap_or(Timestamp::MIN);
        look!(self, session => holds::leases(session, now, since))
    }

    fn claim_ended<'a>(&'a self, now: Timestamp, lease: Duration, limit: usize) -> Kept<'a, Vec<Hold>> {
        Box::pin(async move {
            while self.expire(now).await? {}
            self.claim(now, lease, limit).await
        })
    }

    fn note_released<'a>(&'a self, id: &'a str, now: Timestamp) -> Kept<'a, ()> {
        write!(self, session => holds::note_given_back(session, id, now))
    }

    fn intend<'a>(&'a self, record: &'a OrderRecord, now: Timestamp) -> Kept<'a, Intended> {
        write!(self, session => orders::intend(session, record, now))
    }

    fn record<'a>(
        &'a self,
        record: &'a OrderRecord,
        epoch: Epoch,
        event: &'a str,
        answer: Option<&'a str>,
        now: Timestamp,
    ) -> Kept<'a, ()> {
        write!(self, session => orders::record(session, record, epoch, event, answer, now))
    }

    fn claim_due<'a>(
        &'a self,
        now: Timestamp,
        lease: Duration,
        limit: usize,
    ) -> Kept<'a, Vec<(OrderRecord, Epoch)>> {
        write!(self, session => orders::claim_due(session, now, lease, limit))
    }

    fn claim_order<'a>(
        &'a self,
        external_number: &'a str,
        lease: Duration,
        now: Timestamp,
    ) -> Kept<'a, Option<(OrderRecord, Epoch)>> {
        write!(self, session => orders::claim_order(session, external_number, lease, now))
    }

    fn order<'a>(&'a self, external_number: &'a str) -> Kept<'a, Option<OrderRecord>> {
        look!(self, session => orders::order(session, external_number))
    }

    fn orders<'a>(&'a self, filter: &'a OrderFilter) -> Kept<'a, Vec<OrderRecord>> {
        look!(self, session => orders::list(session, filter))
    }

    fn order_of_key<'a>(&'a self, buyer: &'a Buyer, key: &'a str) -> Kept<'a, Option<OrderRecord>> {
        look!(self, session => orders::of_key(session, buyer, key))
    }

    fn events<'a>(&'a self, key: &'a str) -> Kept<'a, Vec<Event>> {
        look!(self, session => events::of_key(session, key))
    }

    fn check<'a>(&'a self, now: Timestamp) -> Kept<'a, Vec<Finding>> {
        look!(self, session => check::check(session, now))
    }

    fn remove_old<'a>(&'a self, before: Timestamp) -> Kept<'a, Removed> {
        Box::pin(async move {
            let mut all = Removed::default();
            loop {
                let (removed, is_more) = self.remove_some(before).await?;
                all.attempts += removed.attempts;
                all.holds += removed.holds;
                all.events += removed.events;
                if !is_more {
                    return Ok(all);
                }
            }
        })
    }
}

impl StoredLedger {
    fn expire(&self, now: Timestamp) -> Kept<'_, bool> {
        write!(self, session => ended::expire(session, now))
    }

    fn claim(&self, now: Timestamp, lease: Duration, limit: usize) -> Kept<'_, Vec<Hold>> {
        write!(self, session => ended::claim(session, now, lease, limit))
    }

    fn remove_some(&self, before: Timestamp) -> Kept<'_, (Removed, bool)> {
        write!(self, session => events::remove_some(session, before))
    }
}
