//! The lowest and highest price of a product's variants.

use skuery_schema::ids::Currency;
use skuery_schema::price::PriceRange;

use crate::commerce::pricing::Chosen;
use crate::commerce::pricing::offer::{per, per_unit};
use crate::commerce::taxes::Taxes;

/// `None` without a price, and where the variants are sold by different units: a box is not compared with a piece. Both
/// ends are per as many units as the lowest price is.
pub(crate) fn range(prices: &[Chosen], taxes: Taxes, currency: Currency) -> Option<PriceRange> {
    let unit = &prices.first()?.price.unit.code;
    if prices.iter().any(|chosen| chosen.price.unit.code != *unit) {
        return None;
    }
    let compared = |chosen: &&Chosen| per_unit(chosen.amounts, chosen.price.price_quantity, taxes);
    let minimum = prices.iter().min_by_key(compared)?;
    let maximum = prices.iter().max_by_key(compared)?;
    let oldest = prices.iter().max_by_key(|chosen| chosen.price.freshness.age_ms)?;
    let price_quantity = minimum.price.price_quantity;
    let highest = per(maximum.amounts, maximum.price.price_quantity, price_quantity)?;
    Some(PriceRange {
        minimum: minimum.price.unit_price,
        maximum: taxes.money(highest, currency),
        price_quantity,
        tax_display: taxes.display,
        freshness: oldest.price.freshness.clone(),
    })
}
