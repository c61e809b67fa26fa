//! From the ERP's rows to the one price for a quantity.
//!
//! Where the ERP only has rows, the gateway chooses among those that are valid on the day, in the currency and unit, with
//! a minimum quantity not above the asked one: the lowest, as Business Central documents for its best-price calculation,
//! or the first, where the mapping says that the system goes by order.

mod offer;
mod range;

#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::{Decimal, RoundingStrategy};
use skuery_schema::catalog::UnitOfMeasure;
use skuery_schema::freshness::Freshness;
use skuery_schema::ids::Currency;
use skuery_schema::price::{Price, PriceChoice, PriceKind, PriceList, PriceTier, QuantityRule};

use crate::commerce::pricing::offer::{Offer, offers, per};
use crate::commerce::taxes::{Amounts, Taxes};
use crate::port::PriceRow;

pub(crate) use range::range;

/// What a price is asked for.
pub(crate) struct Wish<'a> {
    pub(crate) quantity: Decimal,
    pub(crate) unit: Option<&'a Arc<str>>,
    pub(crate) currency: Currency,
    pub(crate) day: Date,
    pub(crate) time_zone: &'a TimeZone,
    /// The list by which is bought, as clients see it.
    pub(crate) price_list: Option<&'a Arc<PriceList>>,
    pub(crate) choice: PriceChoice,
    pub(crate) discount: Option<Discount>,
    pub(crate) taxes: Taxes,
    /// Whether the prices of other quantities are read.
    pub(crate) tiers: bool,
}

/// What the ERP says of one article.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    /// The customer's own agreements.
    pub(crate) own: &'a [PriceRow],
    /// Those of the price list, or the article's own.
    pub(crate) shared: &'a [PriceRow],
}

/// A customer's discount. It is taken off the articles' own prices, and off the channel's price list where the customer has
/// none of its own; never off an agreement, a group's price or a campaign, nor off a row that states a discount itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Discount {
    /// Above 0, at most 100.
    pub(crate) percent: Decimal,
    /// Whether the shared rows are the channel's list and not one the customer has been given.
    pub(crate) off_lists: bool,
}

/// A price, with its amount before anything was computed.
pub(crate) struct Chosen {
    pub(crate) price: Arc<Price>,
    amounts: Amounts,
}

/// The price for the wish; `None` when no row applies.
pub(crate) fn choose(rows: Rows<'_>, wish: &Wish<'_>, freshness: Freshness) -> Option<Chosen> {
    let unit = sales_unit(rows, wish);
    let offers = offers(rows, wish, unit);
    let best = pick(&offers, wish.quantity, wish, |_| true)?;
    let before = before(best, &offers, wish);
    let is_calculated = wish.choice == PriceChoice::System;
    let minimum = offers.iter().map(|offer| offer.row.minimum_quantity).min();
    let minimum = minimum.filter(|_| !is_calculated).unwrap_or_default();
    let own_discount = best.percent.or_else(|| discount(best, before, wish.taxes));
    let price = Price {
        unit_price: wish.taxes.money(best.now, wish.currency),
        list_price: before.map(|before| wish.taxes.money(before, wish.currency)),
        discount_percent: own_discount,
        price_quantity: best.row.price_quantity,
        unit: UnitOfMeasure {
            code: unit.clone(),
            name: unit.clone(),
            decimals: 0,
        },
        tiers: match wish.tiers && !is_calculated {
            false => Vec::new(),
            true => tiers(&offers, best.row.price_quantity, wish),
        },
        quantity_rule: QuantityRule {
            minimum: minimum.max(Decimal::ONE),
            maximum: None,
            increment: Decimal::ONE,
        },
        price_list: price_list(best, wish),
        kind: best.row.kind,
        choice: wish.choice,
        tax_display: wish.taxes.display,
        valid_from: best.row.valid_from.and_then(|day| start_of(day, wish.time_zone)),
        valid_until: best
            .row
            .valid_until
            .and_then(|day| start_of(day.tomorrow().ok()?, wish.time_zone)),
        freshness,
    };
    Some(Chosen {
        price: Arc::new(price),
        amounts: best.now,
    })
}

fn price_list(best: &Offer<'_>, wish: &Wish<'_>) -> Option<Arc<PriceList>> {
    let list = wish.price_list?;
    let is_of_list = !best.own && best.row.kind != PriceKind::Base;
    is_of_list.then(|| list.clone())
}

fn start_of(day: Date, time_zone: &TimeZone) -> Option<Timestamp> {
    Some(day.to_zoned(time_zone.clone()).ok()?.timestamp())
}

/// Units the ERP does not name are pieces: UN/ECE Recommendation 20 code C62, "one".
static PIECES: LazyLock<Arc<str>> = LazyLock::new(|| "C62".into());

fn unit_of(row: &PriceRow) -> &Arc<str> {
    row.unit.as_ref().unwrap_or(&PIECES)
}

/// The asked unit, or that of the first row where none is asked. The list's rows say by which unit the article is usually
/// sold; a customer's agreement on another one does not change what a number without a unit means.
fn sales_unit<'a>(rows: Rows<'a>, wish: &Wish<'a>) -> &'a Arc<str> {
    let first = || rows.shared.iter().chain(rows.own).find(|row| is_valid(row, wish));
    wish.unit.or_else(|| first().map(unit_of)).unwrap_or(&PIECES)
}

fn is_valid(row: &PriceRow, wish: &Wish<'_>) -> bool {
    row.currency == wish.currency
        && row.valid_from.is_none_or(|from| from <= wish.day)
        && row.valid_until.is_none_or(|until| wish.day <= until)
}

/// The offer that holds for a quantity: the lowest, or the first.
fn pick<'a, 'r>(
    offers: &'a [Offer<'r>],
    quantity: Decimal,
    wish: &Wish<'_>,
    which: impl Fn(&Offer<'r>) -> bool,
) -> Option<&'a Offer<'r>> {
    let mut applicable = offers
        .iter()
        .filter(|offer| offer.row.minimum_quantity <= quantity && which(offer));
    match wish.choice {
        PriceChoice::FirstMatch => applicable.next(),
        PriceChoice::Lowest | PriceChoice::System => applicable.min_by_key(|offer| offer.per_unit),
    }
}

/// What to strike through, per as many units as the price: the price before its discount, or without the campaign.
fn before(best: &Offer<'_>, offers: &[Offer<'_>], wish: &Wish<'_>) -> Option<Amounts> {
    if let Some(list) = best.before {
        let differs = side_by_side(best.now, list, wish.taxes).is_none_or(|(price, list)| price != list);
        return Some(list).filter(|_| differs);
    }
    if best.row.kind != PriceKind::Campaign {
        return None;
    }
    let usual = pick(offers, wish.quantity, wish, |offer| {
        offer.row.kind != PriceKind::Campaign
    })?;
    if usual.per_unit <= best.per_unit {
        return None;
    }
    let usual = per(usual.now, usual.row.price_quantity, best.row.price_quantity)?;
    side_by_side(best.now, usual, wish.taxes).map(|_| usual)
}

/// Both on one side, where there is one that both have.
fn side_by_side(price: Amounts, list: Amounts, taxes: Taxes) -> Option<(Decimal, Decimal)> {
    let both = |side: fn(Amounts) -> Option<Decimal>| side(price).zip(side(list));
    both(|amounts| amounts.net)
        .or_else(|| both(|amounts| amounts.gross))
        .or_else(|| taxes.net(price).zip(taxes.net(list)))
}

fn discount(best: &Offer<'_>, before: Option<Amounts>, taxes: Taxes) -> Option<Decimal> {
    let (price, list) = side_by_side(best.now, before?, taxes)?;
    let percent = (Decimal::ONE - price.checked_div(list)?) * Decimal::ONE_HUNDRED;
    Some(
        percent
            .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
            .normalize(),
    )
}

/// One tier per minimum quantity, each with the price that holds from there on, per as many units as the price itself.
fn tiers(offers: &[Offer<'_>], price_quantity: Decimal, wish: &Wish<'_>) -> Vec<PriceTier> {
    let minimum = |offer: &Offer<'_>| offer.row.minimum_quantity.max(Decimal::ONE);
    let mut by_minimum: Vec<(Decimal, usize)> = offers.iter().map(minimum).zip(0..).collect();
    by_minimum.sort_by_key(|(minimum, _)| *minimum);
    // What `pick` would find for the minimum, going on from the tier before.
    let beats = |one: usize, other: usize| match wish.choice {
        PriceChoice::FirstMatch => one < other,
        PriceChoice::Lowest | PriceChoice::System => {
            (offers[one].per_unit, one) < (offers[other].per_unit, other)
        }
    };
    let mut best = None;
    let mut tiers = Vec::with_capacity(by_minimum.len());
    for from_here in by_minimum.chunk_by(|(one, _), (other, _)| one == other) {
        for (_, offer) in from_here {
            best = best.filter(|best| !beats(*offer, *best)).or(Some(*offer));
        }
        let Some(best) = best.map(|best| &offers[best]) else {
            continue;
        };
        if let Some(amounts) = per(best.now, best.row.price_quantity, price_quantity) {
            tiers.push(PriceTier {
                minimum_quantity: from_here[0].0,
                unit_price: wish.taxes.money(amounts, wish.currency),
            });
        }
    }
    tiers
}
