//! Divides stock among the lines of a cart: from which location comes how much. A pure function of what was read and what
//! is taken.
//!
//! Lines are served in the cart's order and locations in the channel's. What one line takes, a later line of the same
//! article no longer finds.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use skuery_schema::checkout::HoldKind;
use skuery_schema::ids::{LocationCode, Sku};

use crate::checkout::ledger::Taken;
use crate::checkout::reader::PlaceReading;

/// What a line needs, and where it may come from.
#[derive(Clone, Copy)]
pub(crate) struct Need<'a> {
    pub(crate) sku: &'a Sku,
    /// Above zero, and a quantity that may be ordered.
    pub(crate) quantity: Decimal,
    /// Less than this is not ordered.
    pub(crate) minimum: Decimal,
    /// Less than asked is ordered in steps of this; above zero.
    pub(crate) step: Decimal,
    /// The smallest part that one location can give; above zero.
    pub(crate) grain: Decimal,
    pub(crate) accept_partial: bool,
    /// Whether the shopper accepts, and the channel allows, more than there is.
    pub(crate) backorder: bool,
    /// In order of preference.
    pub(crate) places: &'a [PlaceReading],
    /// The first day on which a delivery is still to come.
    pub(crate) today: Date,
}

/// What a line gets.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Allotment {
    /// The sum of the parts.
    pub(crate) confirmed: Decimal,
    pub(crate) parts: Vec<Part>,
    /// What there is and may be ordered, at most what is asked for, whether or not it is given.
    pub(crate) there: Decimal,
    /// There is less than asked, as far as is known, and a system that may have more is silent.
    pub(crate) blind: bool,
}

/// A part of a line from one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Part {
    /// The number of the place among the need's.
    pub(crate) place: usize,
    /// Above zero.
    pub(crate) quantity: Decimal,
    /// Whether it is not there yet.
    pub(crate) backorder: bool,
    /// From when on it is there; `None` is now, or unknown for a backorder.
    pub(crate) from: Option<Date>,
}

/// Quantities by article and place.
type Quantities = HashMap<(Sku, LocationCode), Decimal>;

/// Divides. `taken` counts against places whose stock the gateway holds; where a system holds it, its figure counts what
/// others hold by itself, and `own` is what this cart's earlier reservation takes there.
pub(crate) fn allocate(needs: &[Need<'_>], taken: &Taken, own: &Taken) -> Vec<Allotment> {
    let mut used = Quantities::new();
    needs
        .iter()
        .map(|need| {
            let allotment = allot(need, &free(need, taken, own, &used));
            for part in allotment.parts.iter().filter(|part| !part.backorder) {
                let code = need.places[part.place].location.code.clone();
                *used.entry((need.sku.clone(), code)).or_default() += part.quantity;
            }
            allotment
        })
        .collect()
}

/// What one place can give to the cart, after what is taken; never below zero, and nothing where nothing is known.
pub(crate) fn sellable(place: &PlaceReading, sku: &Sku, taken: &Taken, own: &Taken) -> Decimal {
    let Ok(Some(figure)) = &place.figure else {
        return Decimal::ZERO;
    };
    let key = (sku.clone(), place.location.code.clone());
    let of = |quantities: &Taken| quantities.get(&key).copied().unwrap_or_default();
    let left = match place.kind {
        HoldKind::System => figure.available.checked_add(of(own)),
        HoldKind::Gateway | HoldKind::None => figure.available.checked_sub(of(taken)),
    };
    left.unwrap_or_default().max(Decimal::ZERO)
}

/// What each place can give to the need, in its order.
fn free(need: &Need<'_>, taken: &Taken, own: &Taken, used: &Quantities) -> Vec<Decimal> {
    let left = |place: &PlaceReading| {
        let key = (need.sku.clone(), place.location.code.clone());
        let used = used.get(&key).copied().unwrap_or_default();
        let left = sellable(place, need.sku, taken, own) - used;
        // More than is asked for is of no use, and a bound keeps the sums below from growing out of a decimal.
        floor(left.clamp(Decimal::ZERO, need.quantity), need.grain)
    };
    need.places.iter().map(left).collect()
}

fn allot(need: &Need<'_>, free: &[Decimal]) -> Allotment {
    let total: Decimal = free.iter().sum();
    if total >= need.quantity {
        return given(need, free, need.quantity, need.quantity);
    }
    if need.places.iter().any(|place| place.figure.is_err()) {
        return Allotment {
            there: orderable(need, total),
            blind: true,
            ..Allotment::default()
        };
    }
    let there = orderable(need, total);
    if need.backorder && is_known(need, total) {
        let mut allotment = given(need, free, total, there);
        allotment.parts.push(backorder(need, need.quantity - total));
        allotment.confirmed = need.quantity;
        return allotment;
    }
    let confirmed = match need.accept_partial {
        true => there,
        false => Decimal::ZERO,
    };
    given(need, free, confirmed, there)
}

/// As queries judge whether more may be ordered than there is: where it is not known what there is, it may not.
fn is_known(need: &Need<'_>, total: Decimal) -> bool {
    let all_known = need
        .places
        .iter()
        .all(|place| matches!(place.figure, Ok(Some(_))));
    !need.places.is_empty() && (all_known || total > Decimal::ZERO)
}

/// The most of a quantity that may be ordered.
fn orderable(need: &Need<'_>, quantity: Decimal) -> Decimal {
    let stepped = floor(quantity, need.step);
    match stepped < need.minimum {
        true => Decimal::ZERO,
        false => stepped,
    }
}

fn given(need: &Need<'_>, free: &[Decimal], confirmed: Decimal, there: Decimal) -> Allotment {
    let mut left = confirmed;
    let mut parts = Vec::new();
    for (place, free) in free.iter().enumerate() {
        let quantity = left.min(*free);
        if quantity > Decimal::ZERO {
            left -= quantity;
            parts.push(Part {
                place,
                quantity,
                backorder: false,
                from: None,
            });
        }
    }
    Allotment {
        confirmed,
        parts,
        there: there.min(need.quantity),
        blind: false,
    }
}

/// The rest comes from where the next delivery is announced, or from the first place that is known.
fn backorder(need: &Need<'_>, quantity: Decimal) -> Part {
    let next = next_delivery(need.places, need.today);
    let known = || {
        need.places
            .iter()
            .position(|place| matches!(place.figure, Ok(Some(_))))
    };
    Part {
        place: next.map(|next| next.0).or_else(known).unwrap_or_default(),
        quantity,
        backorder: true,
        from: next.map(|next| next.1),
    }
}

/// The earliest announced delivery that is still to come: the place's number, the day, and how much where that is told.
pub(crate) fn next_delivery(places: &[PlaceReading], today: Date) -> Option<(usize, Date, Option<Decimal>)> {
    let announced = places.iter().enumerate().flat_map(|(number, place)| {
        let figure = place.figure.as_ref().ok().and_then(Option::as_ref);
        let incoming = figure.map_or(&[][..], |figure| &figure.incoming);
        incoming
            .iter()
            .map(move |(day, quantity)| (number, *day, *quantity))
    });
    announced
        .filter(|(_, day, _)| *day >= today)
        .min_by_key(|(_, day, _)| *day)
}

/// The greatest multiple of `step` that is not above.
pub(crate) fn floor(quantity: Decimal, step: Decimal) -> Decimal {
    match quantity.checked_rem(step) {
        Some(rest) => (quantity - rest).normalize(),
        // A step of zero is none.
        None => quantity,
    }
}
