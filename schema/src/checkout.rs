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
use crate::macros::words;
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

words! {
    /// The whole in a word.
    CheckoutOutcome {
        /// Every line as asked, at the expected price.
        Confirmed = "CONFIRMED",
        /// Orderable, but something the shopper must see has changed.
        Changed = "CHANGED",
        /// Not orderable as asked.
        Rejected = "REJECTED",
        /// A system that must answer did not: nothing is held, no token.
        Unverified = "UNVERIFIED",
    }
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

words! {
    /// A line in a word.
    LineStatus {
        /// As asked.
        Ok = "OK",
        /// Less than asked.
        Partial = "PARTIAL",
        /// Beyond stock.
        Backorder = "BACKORDER",
        /// None to be had.
        OutOfStock = "OUT_OF_STOCK",
        /// Another price than expected.
        PriceChanged = "PRICE_CHANGED",
        /// Not for sale to this customer.
        NotPurchasable = "NOT_PURCHASABLE",
        /// Not in this quantity.
        QuantityRule = "QUANTITY_RULE",
        /// No such article.
        UnknownSku = "UNKNOWN_SKU",
        /// A system that must answer did not.
        Unverified = "UNVERIFIED",
    }
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

words! {
    /// Who holds stock.
    HoldKind {
        /// The stock system itself.
        System = "SYSTEM",
        /// The gateway's own lease.
        Gateway = "GATEWAY",
        /// Nobody.
        None = "NONE",
    }
}

words! {
    /// What the systems behind a location can promise. Declared by their connectors.
    StockPromise {
        /// The stock system reserves: nobody on any channel can buy what is held.
        AtomicReservation = "ATOMIC_RESERVATION",
        /// The order system refuses an order beyond stock: never oversold, but the order may be refused.
        OrderRefused = "ORDER_REFUSED",
        /// Neither: not oversold by this gateway; other channels may still buy it.
        GatewayOnly = "GATEWAY_ONLY",
    }
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

words! {
    /// How an alternative differs.
    AlternativeKind {
        /// Less.
        Reduced = "REDUCED",
        /// Later.
        Later = "LATER",
        /// From another location.
        OtherLocation = "OTHER_LOCATION",
        /// Another article.
        Substitute = "SUBSTITUTE",
    }
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

words! {
    /// How far an order is.
    PlacementState {
        /// The ERP has it.
        Placed = "PLACED",
        /// Safely written down; the ERP has not confirmed yet.
        Pending = "PENDING",
        /// The ERP refused it.
        Rejected = "REJECTED",
    }
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

words! {
    /// What to branch on.
    UserErrorCode {
        /// The input cannot be.
        InvalidInput = "INVALID_INPUT",
        /// No such article.
        UnknownSku = "UNKNOWN_SKU",
        /// Two lines with one ID.
        DuplicateLine = "DUPLICATE_LINE",
        /// The key was used with another body.
        IdempotencyConflict = "IDEMPOTENCY_CONFLICT",
        /// The same request is under way.
        InProgress = "IN_PROGRESS",
        /// Not a token of this gateway, or used up.
        TokenInvalid = "TOKEN_INVALID",
        /// Too old, or its hold has ended.
        TokenExpired = "TOKEN_EXPIRED",
        /// Another customer's or channel's.
        TokenMismatch = "TOKEN_MISMATCH",
        /// A price is another than agreed.
        PriceChanged = "PRICE_CHANGED",
        /// The stock is gone.
        OutOfStock = "OUT_OF_STOCK",
        /// Not in this quantity.
        QuantityRule = "QUANTITY_RULE",
        /// The customer's credit is blocked.
        CreditBlocked = "CREDIT_BLOCKED",
        /// The payment is not authorised.
        PaymentNotAuthorized = "PAYMENT_NOT_AUTHORIZED",
        /// The payment is of another amount or currency.
        PaymentAmountMismatch = "PAYMENT_AMOUNT_MISMATCH",
        /// A system that must answer did not; nothing was sent.
        SystemUnavailable = "SYSTEM_UNAVAILABLE",
        /// Sign in first.
        NotAuthenticated = "NOT_AUTHENTICATED",
        /// Not with these permissions.
        Forbidden = "FORBIDDEN",
        /// Too much at once.
        LimitExceeded = "LIMIT_EXCEEDED",
    }
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
