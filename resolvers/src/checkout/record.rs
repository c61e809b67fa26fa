//! What the ledger keeps of holds and orders.

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use skuery_schema::checkout::{HoldKind, StockPromise};
use skuery_schema::ids::{ChannelName, Currency, CustomerNumber, LocationCode, Sku, SystemName};

use crate::port::order_entry::{OrderDraft, Refusal};

/// Whose checkout it is. Keys, holds and tokens of one buyer mean nothing to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Buyer {
    /// The sales channel.
    pub channel: ChannelName,
    /// The customer; `None` for a guest.
    pub customer: Option<CustomerNumber>,
}

/// Which mutation a key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `verifyCheckout`.
    Verify,
    /// `placeOrder`.
    Place,
}

/// An idempotency key with all that makes it one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AttemptKey {
    /// Whose.
    pub buyer: Buyer,
    /// Of which mutation.
    pub operation: Operation,
    /// The caller's key.
    pub key: Arc<str>,
}

/// Stock that is held for one cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// Ours; also the reference that stock systems know it by.
    pub id: Arc<str>,
    /// Whose.
    pub buyer: Buyer,
    /// The cart.
    pub checkout_id: Arc<str>,
    /// Where what lies.
    pub lines: Vec<HeldLine>,
    /// How far it is.
    pub state: HoldState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself, as long as it is `Reserving` or `Held`.
    pub until: Timestamp,
}

/// So much of an article in one place, for one line of the cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldLine {
    /// The caller's.
    pub line_id: Arc<str>,
    /// Article.
    pub sku: Sku,
    /// Where.
    pub location: LocationCode,
    /// The system behind the location.
    pub system: SystemName,
    /// In the unit that stock is counted in.
    pub quantity: Decimal,
    /// Who holds it. `None` lines are allocated and held by nobody (a backorder).
    pub kind: HoldKind,
    /// What the systems promise.
    pub promise: StockPromise,
}

/// How far a hold is. `Reserving` and `Held` end by time; `Ordered` never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Written down; the stock systems are being asked.
    Reserving,
    /// Held.
    Held,
    /// An order stands on it.
    Ordered,
    /// Given back on request, or replaced by the cart's next hold.
    Released,
    /// Ended by time.
    Expired,
    /// A system refused it, or nobody knows; to be given back.
    Failed,
}

/// An order from the moment it is meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderRecord {
    /// Exactly what is sent; its `external_number` is the order's key.
    pub draft: OrderDraft,
    /// Whose.
    pub buyer: Buyer,
    /// The key under which it was placed.
    pub key: Arc<str>,
    /// The hold it stands on.
    pub hold: Arc<str>,
    /// The system that takes it.
    pub system: SystemName,
    /// How far it is.
    pub state: OrderState,
    /// The ERP's number.
    pub number: Option<Arc<str>>,
    /// Why it is refused.
    pub refusal: Option<Refusal>,
    /// The payment that stands behind it.
    pub payment: Option<PaymentRecord>,
    /// What is still to be done for it, each until it is done.
    pub steps: Vec<Step>,
    /// How often it was sent.
    pub sent: u32,
    /// How often in a row the system said that it has no such order, since it was last sent.
    pub absent: u32,
    /// When it was written down.
    pub intended_at: Timestamp,
    /// When it was last sent.
    pub sent_at: Option<Timestamp>,
    /// When its end became known.
    pub settled_at: Option<Timestamp>,
    /// When the worker looks at it again; `None` when nothing is left to do.
    pub due: Option<Timestamp>,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Written down, and sent at any moment.
    Submitting,
    /// Sent, and nobody knows how that ended.
    Unknown,
    /// The order system has it.
    Placed,
    /// The order system refused it, or it was never sent.
    Rejected,
    /// A person must look: it can neither be found nor safely sent again.
    NeedsReview,
}

/// A payment behind an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaymentRecord {
    /// The provider's system.
    pub system: SystemName,
    /// The provider's number of the authorisation.
    pub authorization: Arc<str>,
    /// What is to be taken.
    pub amount: Decimal,
    /// In which currency.
    pub currency: Currency,
}

/// Something to be done at a system after the order's end is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What.
    pub kind: StepKind,
    /// Where.
    pub system: SystemName,
    /// Whether it is done.
    pub done: bool,
    /// How often it was tried.
    pub attempts: u32,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Bind the reservation to the order.
    CommitReservation,
    /// Give the reservation back.
    ReleaseReservation,
    /// Take the money.
    Capture,
    /// Let the authorisation go.
    Void,
}
