//! Sales channels and locations, as configured: what a request gets when it does not say otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::ids::{ChannelName, Currency, Language, LocationCode, PriceListCode};
use skuery_schema::price::TaxDisplay;

use crate::commerce::stock_display::StockDisplay;

/// A sales channel.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name.
    pub name: ChannelName,
    /// The languages that may be asked for; the first is the default.
    pub languages: Vec<Language>,
    /// Where a text is taken from when the asked language has none, in order.
    pub fallback: Vec<Language>,
    /// The currencies that may be asked for, each with its default price list; `None` takes the ERP's base prices.
    pub price_lists: BTreeMap<Currency, Option<PriceListCode>>,
    /// The currency when none is asked for.
    pub currency: Currency,
    /// The countries that may be asked for, the first unless another is; empty allows all.
    pub countries: Vec<Arc<str>>,
    /// The locations that serve it, in order of preference.
    pub locations: Vec<LocationCode>,
    /// How stock is shown.
    pub stock_display: StockDisplay,
    /// From this quantity down, stock is called low.
    pub low_stock: Decimal,
    /// Whether more may be ordered than there is.
    pub backorders: bool,
    /// Who may use it.
    pub access: Access,
    /// How tax is shown.
    pub tax: Tax,
}

/// How a channel shows tax.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tax {
    /// Which side of its prices it shows.
    pub display: TaxDisplay,
    /// Percent by country of delivery, where the merchant states it. Without one nothing is computed.
    pub rates: BTreeMap<Arc<str>, Decimal>,
}

/// Who may use a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Anyone, without signing in.
    #[default]
    Anyone,
    /// Anyone who has signed in, and whose token names no channels or this one.
    SignedIn,
    /// Only who has a token that names this channel, and staff.
    Listed,
}
