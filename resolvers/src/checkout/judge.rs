//! Judges the lines of a cart by what the systems say. Pure functions.
//!
//! Before stock is divided, a line is either refused for good, not to be judged because a system is silent, or orderable
//! at a price. After that, what it got says the rest.
//!
//! Stock is counted in the unit an article is sold in. No system tells how many of those another unit holds, so a line in
//! another unit is refused (`QUANTITY_RULE`) rather than a box counted as a piece. Nor does any system name substitutes:
//! `SUBSTITUTE` is never among the alternatives.

#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use skuery_schema::checkout::{CheckoutOutcome, LineStatus};
use skuery_schema::ids::Currency;
use skuery_schema::price::{Money, Price, QuantityRule, TaxDisplay};

use crate::checkout::allocate::Allotment;
use crate::checkout::input::{ExpectedPrice, LineInput};
use crate::checkout::reader::LineReading;
use crate::error::LookupError;

/// What can be said of a line before stock is divided.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// Not to be had, for a reason that holds whatever is in stock.
    Refused(LineStatus),
    /// A system that must answer did not.
    Silent(LookupError),
    /// Orderable at the price, as far as there is stock.
    Orderable(Orderable),
}

/// How a line may be ordered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Orderable {
    /// Less than this is not ordered.
    pub(crate) minimum: Decimal,
    /// Less than asked is ordered in steps of this.
    pub(crate) step: Decimal,
    /// The smallest part that one location can give.
    pub(crate) grain: Decimal,
}

/// Judges one line.
pub(crate) fn judge(line: &LineInput, reading: &LineReading) -> Verdict {
    if let Some(Err(error)) = &reading.known {
        return Verdict::Silent(error.clone());
    }
    if let Some(Ok(false)) = &reading.known {
        return Verdict::Refused(LineStatus::UnknownSku);
    }
    let price = match &reading.price {
        Err(error) => return Verdict::Silent(error.clone()),
        Ok(price) => price.as_ref(),
    };
    let Some(price) = price else {
        return without_price(reading);
    };
    match quantity_rule(line, reading, price.quantity_rule) {
        Some(orderable) => Verdict::Orderable(orderable),
        None => Verdict::Refused(LineStatus::QuantityRule),
    }
}

/// Without a catalogue, an article that neither prices nor stock know is none.
fn without_price(reading: &LineReading) -> Verdict {
    let mut figures = reading.places.iter().map(|place| &place.figure);
    let is_known = reading.known.is_some() || figures.clone().any(|figure| matches!(figure, Ok(Some(_))));
    if is_known {
        return Verdict::Refused(LineStatus::NotPurchasable);
    }
    match figures.find_map(|figure| figure.as_ref().err()) {
        Some(error) => Verdict::Silent(error.clone()),
        None => Verdict::Refused(LineStatus::UnknownSku),
    }
}

/// How the line may be ordered; `None` when not in this quantity or unit.
fn quantity_rule(line: &LineInput, reading: &LineReading, rule: QuantityRule) -> Option<Orderable> {
    let is_other_unit = line
        .unit
        .as_ref()
        .zip(reading.sales_unit.as_ref())
        .is_some_and(|(asked, usual)| asked != usual);
    let quantity = line.quantity.normalize();
    let decimals = reading.decimals.map(u32::from);
    let too_fine = decimals.is_some_and(|decimals| quantity.scale() > decimals);
    let step = step(rule.increment, decimals);
    let off_step = quantity.checked_rem(step).is_some_and(|rest| !rest.is_zero());
    let out_of_bounds = quantity < rule.minimum || rule.maximum.is_some_and(|maximum| quantity > maximum);
    if is_other_unit || too_fine || off_step || out_of_bounds {
        return None;
    }
    Some(Orderable {
        minimum: rule.minimum,
        step,
        grain: tenths(decimals.unwrap_or(quantity.scale())),
    })
}

/// An increment of one is what is said where nobody states one; a unit that has decimals is then ordered by its smallest.
fn step(increment: Decimal, decimals: Option<u32>) -> Decimal {
    match decimals {
        Some(decimals) if increment == Decimal::ONE => tenths(decimals),
        _ => increment,
    }
}

/// One of the so-manieth decimal.
fn tenths(decimals: u32) -> Decimal {
    Decimal::new(1, decimals.min(Decimal::MAX_SCALE))
}

/// Whether a price is another than the shopper was shown: on a side that was given, or in the currency. A side that was
/// given and is not there any more is another price, too.
pub(crate) fn is_changed(expected: Option<&ExpectedPrice>, price: &Price) -> bool {
    let Some(expected) = expected else { return false };
    let is = |money: Option<Money>| money.map(|money| money.amount);
    let differs = |shown: Option<Decimal>, money| shown.is_some() && shown != is(money);
    let currency = [price.unit_price.net, price.unit_price.gross]
        .into_iter()
        .flatten();
    currency
        .clone()
        .any(|money| money.currency.as_str() != &*expected.currency)
        || differs(expected.net, price.unit_price.net)
        || differs(expected.gross, price.unit_price.gross)
}

/// What the shopper was shown, on the side that the channel shows where both were given.
pub(crate) fn expected_money(expected: &ExpectedPrice, display: TaxDisplay) -> Option<Money> {
    let (first, second) = match display {
        TaxDisplay::Gross => (expected.gross, expected.net),
        TaxDisplay::Net | TaxDisplay::AsGiven => (expected.net, expected.gross),
    };
    Some(Money {
        amount: first.or(second)?,
        currency: Currency::parse(&expected.currency)?,
    })
}

/// A line in a word, after stock was divided.
pub(crate) fn status(requested: Decimal, allotment: &Allotment, changed: bool) -> LineStatus {
    if allotment.blind {
        return LineStatus::Unverified;
    }
    if allotment.confirmed.is_zero() {
        return LineStatus::OutOfStock;
    }
    if allotment.confirmed < requested {
        return LineStatus::Partial;
    }
    // The shopper has accepted that it comes later, and not that it costs something else.
    if changed {
        return LineStatus::PriceChanged;
    }
    match allotment.parts.iter().any(|part| part.backorder) {
        true => LineStatus::Backorder,
        false => LineStatus::Ok,
    }
}

/// The whole in a word: the worst of its lines.
pub(crate) fn outcome(lines: impl Iterator<Item = LineStatus>) -> CheckoutOutcome {
    let severity = |outcome| match outcome {
        CheckoutOutcome::Confirmed => 0,
        CheckoutOutcome::Changed => 1,
        CheckoutOutcome::Rejected => 2,
        CheckoutOutcome::Unverified => 3,
    };
    lines
        .map(|status| match status {
            LineStatus::Ok | LineStatus::Backorder => CheckoutOutcome::Confirmed,
            LineStatus::Partial | LineStatus::PriceChanged => CheckoutOutcome::Changed,
            LineStatus::OutOfStock
            | LineStatus::NotPurchasable
            | LineStatus::QuantityRule
            | LineStatus::UnknownSku => CheckoutOutcome::Rejected,
            LineStatus::Unverified => CheckoutOutcome::Unverified,
        })
        .max_by_key(|outcome| severity(*outcome))
        // A cart has lines; one without could not be ordered.
        .unwrap_or(CheckoutOutcome::Rejected)
}
