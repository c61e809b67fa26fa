//! What the mutations are given, as read from their arguments.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use skuery_schema::availability::Address;
use skuery_schema::ids::Sku;

/// The longest key, or name of a cart or line, in characters.
const LONGEST_NAME: usize = 128;

/// What a key, or the name of a cart or line, is to be.
pub(crate) const A_NAME: &str = "1 to 128 characters, no control characters";

/// Whether a text can be a key, or the name of a cart or line. Control characters are refused because not every ledger
/// can keep them.
pub(crate) fn is_name(text: &str) -> bool {
    let is_short = text.chars().take(LONGEST_NAME + 1).count() <= LONGEST_NAME;
    !text.is_empty() && is_short && !text.chars().any(char::is_control)
}

/// `VerifyCheckoutInput`. Its JSON, without the key, is what the key is bound to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerifyInput {
    /// The caller's key.
    pub idempotency_key: Arc<str>,
    /// The cart.
    pub checkout_id: Arc<str>,
    /// Its lines.
    pub lines: Vec<LineInput>,
    /// Where it goes.
    pub ship_to: Option<Address>,
    /// Where it is picked up instead.
    pub pickup_location: Option<Arc<str>>,
    /// Whether stock is to be held.
    pub reserve: bool,
    /// For how long.
    pub hold_seconds: Option<i32>,
}

/// One line of a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineInput {
    /// The caller's.
    pub line_id: Arc<str>,
    /// Article.
    pub sku: Sku,
    /// In `unit`.
    pub quantity: Decimal,
    /// Unit of measure.
    pub unit: Option<Arc<str>>,
    /// What the shopper was shown.
    pub expected_unit_price: Option<ExpectedPrice>,
    /// More than there is may be ordered.
    pub accept_backorder: bool,
    /// Less than asked will do.
    pub accept_partial: bool,
}

/// A price that a shopper was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectedPrice {
    /// Without tax.
    pub net: Option<Decimal>,
    /// With tax.
    pub gross: Option<Decimal>,
    /// ISO 4217, as given.
    pub currency: Arc<str>,
}

/// `PlaceOrderInput`. Its JSON, without the key, is what the key is bound to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceInput {
    /// The caller's key.
    pub idempotency_key: Arc<str>,
    /// From `verifyCheckout`.
    pub token: Arc<str>,
    /// The customer's own reference.
    pub customer_reference: Option<Arc<str>>,
    /// Who pays.
    pub billing_address: Option<Address>,
    /// Where it goes; the verified one otherwise.
    pub shipping_address: Option<Address>,
    /// What stands behind it.
    pub payment: Option<PaymentInput>,
    /// A note.
    pub note: Option<Arc<str>>,
}

/// A payment as the caller names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaymentInput {
    /// The configured name of the provider's system.
    pub provider: Arc<str>,
    /// The provider's number of the authorisation.
    pub authorization: Arc<str>,
    /// The amount that the caller means.
    pub amount: Decimal,
    /// ISO 4217, as given.
    pub currency: Arc<str>,
}
