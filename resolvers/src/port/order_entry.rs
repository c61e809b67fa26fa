//! The port of the system that takes orders.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use skuery_schema::availability::Address;
use skuery_schema::ids::{Currency, CustomerNumber, LocationCode, Sku};

use crate::port::{Answer, Call, Port};

/// The system orders are handed to.
pub trait OrderEntry: Port {
    /// What it can promise, as its connector declares.
    fn order_promise(&self) -> OrderPromise;

    /// Hands one order over. An `Err` means that nobody knows whether it arrived, unless its kind says that it cannot have
    /// (see `Submission`).
    fn place_order<'a>(&'a self, call: Call, draft: &'a OrderDraft) -> Answer<'a, Submission>;

    /// The order with this external number, `None` where there is none. It answers all of them, so that a double order shows.
    fn placed_orders<'a>(&'a self, call: Call, external_number: &'a str) -> Answer<'a, Vec<PlacedOrder>>;

    /// Finishes an order that was begun and whose last steps are missing (`PlacedOrder::complete` is false).
    fn finish_order<'a>(
        &'a self,
        call: Call,
        draft: &'a OrderDraft,
        placed: &'a PlacedOrder,
    ) -> Answer<'a, Submission>;
}

/// What an order system promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderPromise {
    /// How an order is found again by the number we gave it.
    pub external_number: ExternalNumber,
    /// It refuses an order for which there is not enough stock.
    pub rejects_oversell: bool,
    /// How long a new order may stay invisible to `placed_orders`.
    pub visibility_delay: Duration,
}

/// What the order system does with the number we give an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExternalNumber {
    /// It refuses a second order with the same one: sending again is safe.
    Unique,
    /// It finds orders by it, and takes a second one.
    Searchable,
    /// Neither: an order whose answer is lost needs a person.
    None,
}

/// An order as it is handed over. Kept in the ledger before it is sent, and sent again as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderDraft {
    /// Ours, and the same for the whole life of the order.
    pub external_number: Arc<str>,
    /// Who buys.
    pub customer: CustomerNumber,
    /// The sales channel's name.
    pub channel: Arc<str>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The customer's own reference.
    pub customer_reference: Option<Arc<str>>,
    /// A note.
    pub note: Option<Arc<str>>,
    /// Where it goes.
    pub shipping_address: Option<Address>,
    /// Who pays.
    pub billing_address: Option<Address>,
    /// Where it is picked up instead.
    pub pickup_location: Option<LocationCode>,
    /// When the buyer placed it.
    pub placed_at: Timestamp,
    /// The lines.
    pub lines: Vec<DraftLine>,
    /// The provider's number of the payment, where there is one.
    pub payment: Option<Arc<str>>,
    /// The reference under which stock is reserved, where a system holds it.
    pub reservation: Option<Arc<str>>,
}

/// One line at the agreed price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftLine {
    /// From 1.
    pub number: u32,
    /// Article.
    pub sku: Sku,
    /// In `unit`.
    pub quantity: Decimal,
    /// Unit of measure; `None` for the system's own sales unit.
    pub unit: Option<Arc<str>>,
    /// Without tax, per one unit.
    pub net_price: Option<Decimal>,
    /// With tax, per one unit.
    pub gross_price: Option<Decimal>,
    /// From where it is delivered, where that is decided.
    pub location: Option<LocationCode>,
}

/// How handing over went. `place_order` gives `Err` for everything else, which is an unknown end, except for errors that
/// `certainly_not_sent` says so of.
#[derive(Clone, Debug, PartialEq)]
pub enum Submission {
    /// It is there.
    Accepted(PlacedOrder),
    /// It is refused for good; nothing is there.
    Refused(Refusal),
    /// The system has an order with this number already: look it up.
    Duplicate,
}

/// Why an order is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// What to branch on.
    pub reason: RefusalReason,
    /// In words that a client may see; never the system's own text unless the mapping says it is safe.
    pub message: Arc<str>,
}

/// Why an order is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// Not enough stock.
    OutOfStock,
    /// The customer's credit.
    Credit,
    /// A price is not accepted.
    Price,
    /// Anything else.
    Other,
}

/// An order that the system has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlacedOrder {
    /// Its number, as customers see it.
    pub number: Arc<str>,
    /// The system's key of it, where that is another one.
    pub key: Option<Arc<str>>,
    /// Whether nothing is missing of it. An order that takes several steps is found incomplete when a step was lost.
    pub complete: bool,
    /// Its lines' SKUs and quantities, where the lookup gives them, to compare with what was sent.
    pub lines: Option<Vec<(Sku, Decimal)>>,
}
