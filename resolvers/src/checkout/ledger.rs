//! The ledger: the one place whose content must not be lost. Every method is one transaction, synced before it returns.
//!
//! Implementations keep an append-only list of events beside the current rows, written in the same transaction, so that
//! everything can be explained later and checked. Times come from the caller.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use skuery_schema::ids::{LocationCode, Sku};

use crate::checkout::record::{AttemptKey, Buyer, HeldLine, Hold, HoldState, OrderRecord, OrderState};

/// What a ledger answers.
pub type Kept<'a, T> = Pin<Box<dyn Future<Output = Result<T, LedgerError>> + Send + 'a>>;

/// Why the ledger did not do it. Nothing is changed then.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store does not answer, or is full. `0` is for the log.
    #[error("the checkout ledger is not available: {0}")]
    Unavailable(String),
    /// Somebody else has taken over what the caller was working on.
    #[error("another process has taken this over")]
    Fenced,
    /// The store holds something that cannot be.
    #[error("the checkout ledger is damaged: {0}")]
    Damaged(String),
}

/// Who works on an attempt or order: a later owner has a higher number, and an earlier one's writes are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch(pub i64);

/// How an attempt begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is the caller's to do, until its lease ends.
    Mine(Epoch),
    /// It was done; this is the answer that was given.
    Answered(Arc<str>),
    /// The key was used with another body.
    Conflict,
    /// It is under way.
    Busy,
}

/// A place whose stock is to be divided.
#[derive(Clone, Debug, PartialEq)]
pub struct StockPlace {
    /// Article.
    pub sku: Sku,
    /// Where.
    pub location: LocationCode,
    /// When the call began that read the figure this is compared with.
    pub read_at: Timestamp,
    /// How long after an order's acceptance a figure of this system may not yet contain it.
    pub reflects_after: Duration,
}

/// What others hold by the gateway's leases, and orders that the figure read cannot contain yet.
pub type Taken = HashMap<(Sku, LocationCode), Decimal>;

/// A hold that is wanted.
pub struct HoldWish<'a> {
    /// The new hold's id.
    pub id: Arc<str>,
    /// Whose.
    pub buyer: &'a Buyer,
    /// The cart: its earlier hold that is not `Ordered` is replaced and does not count as taken.
    pub checkout_id: &'a str,
    /// All places that may be allocated from.
    pub places: &'a [StockPlace],
    /// When it ends.
    pub until: Timestamp,
    /// Now.
    pub now: Timestamp,
}

/// A hold as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// The new hold; `Reserving` when one of its lines is of kind `System`, else `Held`. Without lines nothing is written.
    pub hold: Option<Hold>,
    /// The cart's earlier hold, now `Released`.
    pub replaced: Option<Hold>,
}

/// A lease that counts against availability.
#[derive(Clone, Debug, PartialEq)]
pub struct Lease {
    /// The hold it is a line of.
    pub hold: Arc<str>,
    /// Whose.
    pub buyer: Buyer,
    /// Article.
    pub sku: Sku,
    /// Where.
    pub location: LocationCode,
    /// How much.
    pub quantity: Decimal,
    /// When the hold was made: where there is less than was held, those who came first are served first.
    pub since: Timestamp,
    /// When it ends by itself; `None` when an order stands on it.
    pub until: Option<Timestamp>,
    /// When the order on it was accepted; figures read later than this and the system's delay contain it.
    pub accepted_at: Option<Timestamp>,
}

/// How writing down an order's intent went.
#[derive(Clone, Debug, PartialEq)]
pub enum Intended {
    /// It is written, the hold is `Ordered`, and the caller may send under this epoch.
    Written(Epoch),
    /// The hold has ended or is not there.
    HoldEnded,
    /// An order has this number or key, or stands on the hold, already: its external number.
    AlreadyOrdered(Arc<str>),
    /// Another order, whatever became of it, stands on the same authorisation of the same payment system.
    PaymentUsed,
}

/// One line of the append-only list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Rising.
    pub sequence: i64,
    /// When, by the writer's clock.
    pub at: Timestamp,
    /// `attempt`, `hold` or `order`.
    pub subject: Arc<str>,
    /// Its key: a hold's id, an order's external number.
    pub key: Arc<str>,
    /// What happened, such as `held`, `released`, `intended`, `sent`, `placed`.
    pub kind: Arc<str>,
    /// The row after it, as JSON.
    pub body: serde_json::Value,
}

/// Which orders to list.
#[derive(Clone, Debug, Default)]
pub struct OrderFilter {
    /// Only in this state.
    pub state: Option<OrderState>,
    /// Only written down at or after.
    pub since: Option<Timestamp>,
    /// The most.
    pub limit: usize,
}

/// Something that does not add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `hold`, `order` or `attempt`.
    pub subject: &'static str,
    /// Its key.
    pub key: Arc<str>,
    /// What is wrong, in words.
    pub problem: String,
}

/// What was removed by age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Keys with their answers.
    pub attempts: u64,
    /// Ended holds.
    pub holds: u64,
    /// Events of those.
    pub events: u64,
}

/// The transactional store of checkout.
pub trait Ledger: Send + Sync {
    // ------------------------------------------------------------ keys

    /// Begins an attempt, or says what became of it. One whose lease has ended without an answer may be begun again with
    /// the same body, under a higher epoch.
    fn begin<'a>(
        &'a self,
        key: &'a AttemptKey,
        body: &'a [u8; 32],
        lease: Duration,
        now: Timestamp,
    ) -> Kept<'a, Begun>;

    /// Keeps the attempt's answer for good. `Fenced` unless `epoch` is the attempt's last.
    fn answer<'a>(
        &'a self,
        key: &'a AttemptKey,
        epoch: Epoch,
        answer: &'a str,
        now: Timestamp,
    ) -> Kept<'a, ()>;

    /// Ends the attempt without an answer, because nothing was done: the key may be used again.
    fn abandon<'a>(&'a self, key: &'a AttemptKey, epoch: Epoch, now: Timestamp) -> Kept<'a, ()>;

    // ------------------------------------------------------------ holds

    /// Divides stock: tells `decide` what is taken at the wish's places, and writes down the lines it gives, all in one
    /// transaction that keeps others from those places. Holds there that it does not count because their time is over are
    /// ended by the same transaction: an owner whose clock is behind must not order on them afterwards. `decide` may be called again when the store asks for a retry.
    fn hold<'a>(
        &'a self,
        wish: &'a HoldWish<'a>,
        decide: &'a (dyn Fn(&Taken) -> Vec<HeldLine> + Send + Sync),
    ) -> Kept<'a, Holding>;

    /// `Reserving` becomes `Held`; `false` when it is not `Reserving` any more or has ended by time.
    fn confirm_hold<'a>(&'a self, id: &'a str, until: Timestamp, now: Timestamp) -> Kept<'a, bool>;

    /// Moves the end of a `Held` hold that has not ended; `None` otherwise.
    fn extend_hold<'a>(&'a self, id: &'a str, until: Timestamp, now: Timestamp) -> Kept<'a, Option<Hold>>;

    /// Ends a `Reserving` or `Held` hold as `Released`, `Expired` or `Failed`; the hold as it was, `None` when it was not
    /// one of these.
    fn end_hold<'a>(&'a self, id: &'a str, state: HoldState, now: Timestamp) -> Kept<'a, Option<Hold>>;

    /// A hold by id.
    fn find_hold<'a>(&'a self, id: &'a str) -> Kept<'a, Option<Hold>>;

    /// Everything of kind `Gateway` that counts against availability now.
    fn leases<'a>(&'a self, now: Timestamp) -> Kept<'a, Vec<Lease>>;

    /// Ends holds whose time is over, as `Expired`, and gives those out with lines of kind `System`, and `Released` and
    /// `Failed` ones with such lines whose release is not noted yet. Each is given to one caller at a time, for `lease`.
    fn claim_ended<'a>(&'a self, now: Timestamp, lease: Duration, limit: usize) -> Kept<'a, Vec<Hold>>;

    /// Notes that the stock systems have given an ended hold back.
    fn note_released<'a>(&'a self, id: &'a str, now: Timestamp) -> Kept<'a, ()>;

    // ------------------------------------------------------------ orders

    /// Writes an order down before it is sent; its state is `Submitting`, its hold becomes `Ordered`. The worker leaves it
    /// alone until `record.due`.
    fn intend<'a>(&'a self, record: &'a OrderRecord, now: Timestamp) -> Kept<'a, Intended>;

    /// Writes what became of an order: `record` replaces the row. `Fenced` unless `epoch` is the order's last. `event` is
    /// the word for the list of events. With `OrderState::Rejected` its hold is `Released` in the same transaction; with
    /// `Placed` the hold's lines count as accepted at `settled_at`. `answer`, where given, is kept as the answer of the
    /// order's key in the same transaction.
    fn record<'a>(
        &'a self,
        record: &'a OrderRecord,
        epoch: Epoch,
        event: &'a str,
        answer: Option<&'a str>,
        now: Timestamp,
    ) -> Kept<'a, ()>;

    /// Orders whose `due` has come, each under a new epoch; they are given to nobody else for `lease`.
    fn claim_due<'a>(
        &'a self,
        now: Timestamp,
        lease: Duration,
        limit: usize,
    ) -> Kept<'a, Vec<(OrderRecord, Epoch)>>;

    /// One order whatever its `due`, under a new epoch: reconciling by hand.
    fn claim_order<'a>(
        &'a self,
        external_number: &'a str,
        lease: Duration,
        now: Timestamp,
    ) -> Kept<'a, Option<(OrderRecord, Epoch)>>;

    /// An order by its external number.
    fn order<'a>(&'a self, external_number: &'a str) -> Kept<'a, Option<OrderRecord>>;

    /// Orders, newest first.
    fn orders<'a>(&'a self, filter: &'a OrderFilter) -> Kept<'a, Vec<OrderRecord>>;

    /// The order that was placed under a key.
    fn order_of_key<'a>(&'a self, buyer: &'a Buyer, key: &'a str) -> Kept<'a, Option<OrderRecord>>;

    // ------------------------------------------------------------ upkeep

    /// All events of a hold or order, oldest first.
    fn events<'a>(&'a self, key: &'a str) -> Kept<'a, Vec<Event>>;

    /// Everything that does not add up: rows that their events do not lead to, holds without end, orders without hold,
    /// settled orders with steps that nobody will do.
    fn check<'a>(&'a self, now: Timestamp) -> Kept<'a, Vec<Finding>>;

    /// Removes keys, and holds that have ended, from before `before`; orders and their events stay.
    fn remove_old<'a>(&'a self, before: Timestamp) -> Kept<'a, Removed>;
}
