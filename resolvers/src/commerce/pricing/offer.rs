//! A row that may become the price, with the customer's discount taken off.

use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::price::PriceKind;
use smallvec::SmallVec;

use crate::commerce::pricing::{Discount, Rows, Wish, is_valid, unit_of};
use crate::commerce::taxes::{Amounts, Taxes};
use crate::port::PriceRow;

/// A row that is valid on the day, in the currency and the unit.
pub(crate) struct Offer<'a> {
    pub(crate) row: &'a PriceRow,
    /// Whether it is the customer's own agreement.
    pub(crate) own: bool,
    /// Per `row.price_quantity` units.
    pub(crate) now: Amounts,
    /// The same before its discount.
    pub(crate) before: Option<Amounts>,
    /// The discount, where the row or the customer states it.
    pub(crate) percent: Option<Decimal>,
    /// What one unit costs, to compare by.
    pub(crate) per_unit: Decimal,
}

/// Most articles have few rows; they need no room on the heap.
pub(crate) type Offers<'a> = SmallVec<[Offer<'a>; 4]>;

/// The customer's own come first, each kind in the system's order.
pub(crate) fn offers<'a>(rows: Rows<'a>, wish: &Wish<'_>, unit: &Arc<str>) -> Offers<'a> {
    let own = rows.own.iter().map(|row| (row, true));
    let shared = rows.shared.iter().map(|row| (row, false));
    own.chain(shared)
        .filter(|(row, _)| is_valid(row, wish) && unit_of(row) == unit)
        .map(|(row, own)| Offer::new(row, own, wish))
        .collect()
}

impl<'a> Offer<'a> {
    fn new(row: &'a PriceRow, own: bool, wish: &Wish<'_>) -> Self {
        let stated = Amounts {
            net: row.net,
            gross: row.gross,
        };
        let discounted = wish
            .discount
            .filter(|discount| !own && discount.covers(row))
            .and_then(|discount| Some((stated.map(|amount| discount.off(amount))?, discount.percent)));
        if let Some((now, percent)) = discounted {
            return Self {
                row,
                own,
                now,
                before: Some(stated),
                percent: Some(percent),
                per_unit: per_unit(now, row.price_quantity, wish.taxes),
            };
        }
        // On the side of the price.
        let before = row.before_discount.map(|amount| Amounts {
            net: row.net.map(|_| amount),
            gross: Some(amount).filter(|_| row.net.is_none()),
        });
        Self {
            row,
            own,
            now: stated,
            before,
            percent: row.discount_percent,
            per_unit: per_unit(stated, row.price_quantity, wish.taxes),
        }
    }
}

/// What one unit costs, to compare by.
pub(crate) fn per_unit(amounts: Amounts, price_quantity: Decimal, taxes: Taxes) -> Decimal {
    let price = taxes.comparable(amounts).unwrap_or(Decimal::MAX);
    if price_quantity == Decimal::ONE {
        return price;
    }
    price.checked_div(price_quantity).unwrap_or(price)
}

/// An amount per so many units, as one per so many others. `None` where it becomes too large.
pub(crate) fn per(amounts: Amounts, from: Decimal, to: Decimal) -> Option<Amounts> {
    if from == to {
        return Some(amounts);
    }
    amounts.map(|amount| Some(amount.checked_mul(to)?.checked_div(from)?.normalize()))
}

impl Discount {
    fn covers(&self, row: &PriceRow) -> bool {
        let states_its_own = row.before_discount.is_some() || row.discount_percent.is_some();
        !states_its_own
            && match row.kind {
                PriceKind::Base => true,
                PriceKind::PriceList => self.off_lists,
                PriceKind::Group | PriceKind::Contract | PriceKind::Campaign => false,
            }
    }

    /// Exactly: a hundredth of a percent adds digits, never rounds any away.
    fn off(&self, amount: Decimal) -> Option<Decimal> {
        let factor = Decimal::ONE_HUNDRED
            .checked_sub(self.percent)?
            .checked_div(Decimal::ONE_HUNDRED)?;
        Some(amount.checked_mul(factor)?.normalize())
    }
}
