//! The signed token between verifying and placing.

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use skuery_schema::availability::Address;
use skuery_schema::ids::{Currency, LocationCode, Sku, SystemName};

use crate::checkout::record::Buyer;
use skuery_schema::checkout::{HoldKind, StockPromise};

/// What a token binds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// Whose checkout.
    pub(crate) buyer: Buyer,
    /// The cart.
    pub(crate) checkout_id: Arc<str>,
    /// The hold; `None` when none was wanted.
    pub(crate) hold: Option<Arc<str>>,
    pub(crate) currency: Currency,
    pub(crate) ship_to: Option<Address>,
    pub(crate) pickup_location: Option<LocationCode>,
    pub(crate) lines: Vec<AgreedLine>,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// A line as it was agreed: what is confirmed, at the price that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AgreedLine {
    pub(crate) line_id: Arc<str>,
    pub(crate) sku: Sku,
    /// In `unit`; above zero.
    pub(crate) quantity: Decimal,
    /// As asked for.
    pub(crate) unit: Option<Arc<str>>,
    /// Per `price_quantity` units.
    pub(crate) net: Option<Decimal>,
    pub(crate) gross: Option<Decimal>,
    pub(crate) price_quantity: Decimal,
    pub(crate) allocations: Vec<AgreedPlace>,
}

/// From where a part of a line is to come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AgreedPlace {
    pub(crate) location: LocationCode,
    pub(crate) system: SystemName,
    pub(crate) quantity: Decimal,
    pub(crate) kind: HoldKind,
    pub(crate) promise: StockPromise,
}
