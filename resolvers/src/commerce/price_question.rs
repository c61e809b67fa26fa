//! What is asked of the system with the prices, and how its rows become the one price.
//!
//! Queries go through the loader and checkout goes past it; both ask and choose by what stands here, so that a price that
//! was shown and the price that is verified cannot differ by how they were found.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use skuery_schema::freshness::Freshness;
use skuery_schema::ids::Currency;
use skuery_schema::price::PriceChoice;

use crate::commerce::context::Context;
use crate::commerce::price_key::{Asked, PriceKey};
use crate::commerce::price_terms::PriceTerms;
use crate::commerce::pricing::{Chosen, Rows, Wish, choose};
use crate::loader::Scoped;
use crate::port::PriceMode;

/// The price of so much, on a day.
#[derive(Clone)]
pub(crate) struct PriceWish {
    pub(crate) quantity: Decimal,
    pub(crate) unit: Option<Arc<str>>,
    pub(crate) day: Date,
    /// Whether the day was asked for.
    pub(crate) other_day: bool,
    /// Whether the prices of other quantities are read.
    pub(crate) tiers: bool,
}

/// The one or two questions that a price takes.
pub(crate) struct PriceKeys {
    pub(crate) rows: Scoped<PriceKey>,
    /// The customer's own, where the system lists them beside those of the list.
    pub(crate) own: Option<Scoped<PriceKey>>,
}

/// By what a price is chosen among rows.
pub(crate) struct Chooser<'a> {
    pub(crate) context: &'a Context,
    pub(crate) terms: &'a PriceTerms,
    pub(crate) choice: PriceChoice,
    pub(crate) time_zone: &'a TimeZone,
}

impl PriceWish {
    /// Where the system lists rows, quantity and day choose among rows that are already there; where it calculates,
    /// they are part of the question.
    pub(crate) fn asked(&self, currency: Currency, mode: PriceMode) -> Asked {
        let is_calculated = mode == PriceMode::Calculated;
        Asked {
            currency,
            quantity: is_calculated.then(|| self.quantity.normalize()),
            unit: self.unit.clone().filter(|_| is_calculated),
            date: (is_calculated && self.other_day).then_some(self.day),
        }
    }
}

impl PriceKeys {
    /// Where the system calculates, one question says it all. Where it lists rows, the customer's own are a question apart,
    /// so that those of the list are shared.
    pub(crate) fn new(terms: &PriceTerms, mode: PriceMode, asked: Asked) -> Self {
        let list = terms.price_list.clone();
        let (rows, own) = match (mode, terms.customer.clone()) {
            (_, None) => (PriceKey::shared(list, asked), None),
            (PriceMode::Calculated, Some(customer)) => (PriceKey::of_customer(customer, list, asked), None),
            (PriceMode::Rows, Some(customer)) => (
                PriceKey::shared(list, asked.clone()),
                Some(PriceKey::of_customer(customer, None, asked)),
            ),
        };
        Self { rows, own }
    }
}

impl Chooser<'_> {
    /// The price for the wish; `None` when no row applies.
    pub(crate) fn choose(&self, rows: Rows<'_>, wish: &PriceWish, freshness: Freshness) -> Option<Chosen> {
        let wish = Wish {
            quantity: wish.quantity,
            unit: wish.unit.as_ref(),
            currency: self.context.currency,
            day: wish.day,
            time_zone: self.time_zone,
            price_list: self.terms.shown_list.as_ref(),
            choice: self.choice,
            discount: self.terms.discount,
            taxes: self.context.taxes,
            tiers: wish.tiers,
        };
        choose(rows, &wish, freshness)
    }
}
