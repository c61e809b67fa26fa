//! Reads price and stock for a checkout from the systems themselves, all at once.
//!
//! It is made of ports; a loader, and with it a cache, cannot be given to it.

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_schema::availability::Location;
use skuery_schema::ids::{Sku, SystemName};
use skuery_schema::price::Price;

use crate::error::LookupError;
use crate::port::StockFigure;

/// What is to be read for one line.
#[derive(Clone, Debug)]
pub(crate) struct LineWish {
    pub(crate) sku: Sku,
    pub(crate) quantity: Decimal,
    pub(crate) unit: Option<Arc<str>>,
}

/// What the systems say, in the order of the wishes.
pub(crate) struct Reading {
    pub(crate) lines: Vec<LineReading>,
    /// Whether the customer's credit is blocked; `None` where no system knows credit, or the buyer is a guest.
    pub(crate) credit_blocked: Option<Result<bool, LookupError>>,
    /// When the questions left.
    pub(crate) read_at: Timestamp,
}

/// What the systems say of one line.
pub(crate) struct LineReading {
    /// Whether the catalogue has the article; `None` without a catalogue.
    pub(crate) known: Option<Result<bool, LookupError>>,
    /// How many decimals a quantity may have, where the catalogue tells.
    pub(crate) decimals: Option<u8>,
    /// The price of the wished quantity; `None` when this customer has none.
    pub(crate) price: Result<Option<Price>, LookupError>,
    /// The channel's locations in its order of preference, or the pick-up location alone.
    pub(crate) places: Vec<PlaceReading>,
}

/// What one location has of a line's article.
pub(crate) struct PlaceReading {
    pub(crate) location: Arc<Location>,
    /// The system that keeps it.
    pub(crate) system: SystemName,
    /// `None` when nothing can be known of it: never read as zero.
    pub(crate) figure: Result<Option<StockFigure>, LookupError>,
    /// When the call began.
    pub(crate) read_at: Timestamp,
}
