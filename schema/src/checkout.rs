//! Checkout as clients see it: what is verified, what is held, and what became of the order.
//!
//! The payloads are kept in the ledger as JSON, so that the same key repeated gives the same answer.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::availability::Location;
use crate::ids::Sku;
use crate::price::{Money, Price, TaxedMoney};

/// The answer to `verifyCheckout` and `extendCheckout`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct VerifyCheckoutPayload {
    /// `None` when nothing could be verified because of an error.
    pub verification: Option<CheckoutVerification>,
    /// What the caller must mend.
    pub user_errors: Vec<UserError>,
}

/// What the systems say of a cart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckoutVerification {
    /// The cart.
    pub checkout_id: Arc<str>,
    /// The whole in a word.
    pub outcome: CheckoutOutcome,
    /// Signed; `None` unless it can be ordered.
    pub token: Option<Arc<str>>,
    /// When token and hold end.
    pub expires_at: Option<Timestamp>,
    /// When the systems were asked.
    pub verified_at: Timestamp,
    /// In the order of the input.
    pub lines: Vec<VerifiedLine>,
    /// Sum of the confirmed lines; `None` when a price is missing.
    pub subtotal: Option<TaxedMoney>,
    /// All in all.
    pub total: Option<TaxedMoney>,
    /// What the shopper should know.
    pub warnings: Vec<Warning>,
}

/// The whole in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CheckoutOutcome {
    /// Every line as asked, at the expected price.
    Confirmed,
    /// Orderable, but something the shopper must see has changed.
    Changed,
    /// Not orderable as asked.
    Rejected,
    /// A system that must answer did not: nothing is held, no token.
    Unverified,
}

/// One line as verified.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VerifiedLine {
    /// The caller's.
    pub line_id: Arc<str>,
    /// Article.
    pub sku: Sku,
    /// The line in a word.
    pub status: LineStatus,
    /// As asked.
    pub requested: Decimal,
    /// What can be ordered now.
    pub confirmed: Decimal,
    /// The price read just now.
    pub price: Option<Price>,
    /// What the shopper was shown.
    pub expected_unit_price: Option<Money>,
    /// From where, and who holds it.
    pub allocations: Vec<Allocation>,
    /// What could be ordered instead.
    pub alternatives: Vec<Alternative>,
}

/// A line in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LineStatus {
    /// As asked.
    Ok,
    /// Less than asked.
    Partial,
    /// Beyond stock.
    Backorder,
    /// None to be had.
    OutOfStock,
    /// Another price than expected.
    PriceChanged,
    /// Not for sale to this customer.
    NotPurchasable,
    /// Not in this quantity.
    QuantityRule,
    /// No such article.
    UnknownSku,
    /// A system that must answer did not.
    Unverified,
}

/// A part of a line from one location.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Allocation {
    /// From where.
    pub location: Arc<Location>,
    /// How much.
    pub quantity: Decimal,
    /// From when on; `None` is now.
    pub available_from: Option<Date>,
    /// Who holds it.
    pub hold_kind: HoldKind,
    /// What that is worth.
    pub promise: StockPromise,
}

/// Who holds stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HoldKind {
    /// The stock system itself.
    System,
    /// The gateway's own lease.
    Gateway,
    /// Nobody.
    None,
}

/// What the systems behind a location can promise. Declared by their connectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StockPromise {
    /// The stock system reserves: nobody on any channel can buy what is held.
    AtomicReservation,
    /// The order system refuses an order beyond stock: never oversold, but the order may be refused.
    OrderRefused,
    /// Neither: not oversold by this gateway; other channels may still buy it.
    GatewayOnly,
}

/// What could be ordered instead.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alternative {
    /// How it differs.
    pub kind: AlternativeKind,
    /// How much.
    pub quantity: Decimal,
    /// From when on.
    pub date: Option<Date>,
    /// From where.
    pub location: Option<Arc<Location>>,
    /// Another article.
    pub sku: Option<Sku>,
}

/// How an alternative differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlternativeKind {
    /// Less.
    Reduced,
    /// Later.
    Later,
    /// From another location.
    OtherLocation,
    /// Another article.
    Substitute,
}

/// The answer to `releaseCheckout`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ReleaseCheckoutPayload {
    /// Whether something was held and no longer is.
    pub released: bool,
    /// What the caller must mend.
    pub user_errors: Vec<UserError>,
}

/// The answer to `placeOrder`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PlaceOrderPayload {
    /// `None` when nothing was sent because of an error.
    pub placement: Option<OrderPlacement>,
    /// What the caller must mend, or why the order was refused.
    pub user_errors: Vec<UserError>,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderPlacement {
    /// How far it is.
    pub state: PlacementState,
    /// The caller's.
    pub idempotency_key: Arc<str>,
    /// The number under which the gateway handed it over, known before the ERP's.
    pub external_number: Arc<str>,
    /// The ERP's, once it has answered.
    pub order_number: Option<Arc<str>>,
    /// When it was first sent.
    pub submitted_at: Option<Timestamp>,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PlacementState {
    /// The ERP has it.
    Placed,
    /// Safely written down; the ERP has not confirmed yet.
    Pending,
    /// The ERP refused it.
    Rejected,
}

/// Something the caller must mend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserError {
    /// What to branch on.
    pub code: UserErrorCode,
    /// In words.
    pub message: Arc<str>,
    /// Where in the input, such as `["input", "lines", "0", "quantity"]`.
    pub field: Option<Vec<Arc<str>>>,
    /// Which line.
    pub line_id: Option<Arc<str>>,
}

/// What to branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserErrorCode {
    /// The input cannot be.
    InvalidInput,
    /// No such article.
    UnknownSku,
    /// Two lines with one ID.
    DuplicateLine,
    /// The key was used with another body.
    IdempotencyConflict,
    /// The same request is under way.
    InProgress,
    /// Not a token of this gateway, or used up.
    TokenInvalid,
    /// Too old, or its hold has ended.
    TokenExpired,
    /// Another customer's or channel's.
    TokenMismatch,
    /// A price is another than agreed.
    PriceChanged,
    /// The stock is gone.
    OutOfStock,
    /// Not in this quantity.
    QuantityRule,
    /// The customer's credit is blocked.
    CreditBlocked,
    /// The payment is not authorised.
    PaymentNotAuthorized,
    /// The payment is of another amount or currency.
    PaymentAmountMismatch,
    /// A system that must answer did not; nothing was sent.
    SystemUnavailable,
    /// Sign in first.
    NotAuthenticated,
    /// Not with these permissions.
    Forbidden,
    /// Too much at once.
    LimitExceeded,
}

/// Something the shopper should know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// Stable word.
    pub code: Arc<str>,
    /// In words.
    pub message: Arc<str>,
    /// Which line.
    pub line_id: Option<Arc<str>>,
}
