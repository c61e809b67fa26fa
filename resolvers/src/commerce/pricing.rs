//! From the ERP's rows to the one price for a quantity.
//!
//! Where the ERP only has rows, the gateway chooses as Business Central documents for its best-price calculation: among
//! the rows that are valid on the day, in the currency and unit, with a minimum quantity not above the asked one, the
//! lowest price wins.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::{Decimal, RoundingStrategy};
use skuery_schema::catalog::UnitOfMeasure;
use skuery_schema::freshness::Freshness;
use skuery_schema::ids::{Currency, PriceListCode};
use skuery_schema::price::{Money, Price, PriceKind, PriceList, PriceTier, QuantityRule, TaxedMoney};

use crate::port::{PriceMode, PriceRow};

/// What a price is asked for.
pub(crate) struct Wish<'a> {
    pub(crate) quantity: Decimal,
    pub(crate) unit: Option<&'a Arc<str>>,
    pub(crate) currency: Currency,
    pub(crate) day: Date,
    pub(crate) time_zone: &'a TimeZone,
    pub(crate) price_list: Option<&'a PriceListCode>,
    pub(crate) mode: PriceMode,
}

/// The price for the wish; `None` when no row applies.
pub(crate) fn choose(rows: &[PriceRow], wish: &Wish<'_>, freshness: Freshness) -> Option<Price> {
    let valid: Vec<&PriceRow> = rows
        .iter()
        .filter(|row| row.currency == wish.currency && is_valid(row, wish.day))
        .collect();
    let unit = sales_unit(&valid, wish);
    let applicable: Vec<&PriceRow> = valid
        .into_iter()
        .filter(|row| row.unit.as_ref() == unit)
        .collect();
    let best = lowest(&applicable, wish.quantity, |_| true)?;
    let list_price = before(best, &applicable, wish.quantity);
    let tiers = match wish.mode {
        PriceMode::Rows => tiers(&applicable),
        PriceMode::Calculated => Vec::new(),
    };
    let minimum = applicable
        .iter()
        .map(|row| row.minimum_quantity)
        .min()
        .unwrap_or_default();
    Some(Price {
        unit_price: taxed(best),
        list_price,
        discount_percent: best.discount_percent.or_else(|| discount(best, list_price)),
        price_quantity: best.price_quantity,
        unit: unit_of_measure(unit),
        tiers,
        quantity_rule: QuantityRule {
            minimum: match wish.mode {
                PriceMode::Rows => minimum.max(Decimal::ONE),
                PriceMode::Calculated => Decimal::ONE,
            },
            maximum: None,
            increment: Decimal::ONE,
        },
        price_list: wish
            .price_list
            .filter(|_| best.kind != PriceKind::Base)
            .map(|code| {
                Arc::new(PriceList {
                    code: code.clone(),
                    name: None,
                    currency: wish.currency,
                })
            }),
        kind: best.kind,
        valid_from: best.valid_from.and_then(|day| start_of(day, wish.time_zone)),
        valid_until: best
            .valid_until
            .and_then(|day| start_of(day.tomorrow().ok()?, wish.time_zone)),
        freshness,
    })
}

fn start_of(day: Date, time_zone: &TimeZone) -> Option<Timestamp> {
    Some(day.to_zoned(time_zone.clone()).ok()?.timestamp())
}

/// The asked unit, or the unit of the first row where none is asked.
fn sales_unit<'a>(rows: &[&'a PriceRow], wish: &Wish<'a>) -> Option<&'a Arc<str>> {
    wish.unit.or_else(|| rows.first()?.unit.as_ref())
}

/// Units the ERP does not name are pieces: UN/ECE Recommendation 20 code C62, "one".
static PIECES: LazyLock<Arc<str>> = LazyLock::new(|| "C62".into());

fn unit_of_measure(unit: Option<&Arc<str>>) -> UnitOfMeasure {
    let code = unit.unwrap_or(&PIECES).clone();
    UnitOfMeasure {
        name: code.clone(),
        code,
        decimals: 0,
    }
}

fn is_valid(row: &PriceRow, day: Date) -> bool {
    row.valid_from.is_none_or(|from| from <= day) && row.valid_until.is_none_or(|until| day <= until)
}

/// What one unit costs, on the side the row states.
fn per_unit(row: &PriceRow) -> Decimal {
    let price = row.net.or(row.gross).unwrap_or(Decimal::MAX);
    if row.price_quantity == Decimal::ONE {
        return price;
    }
    price.checked_div(row.price_quantity).unwrap_or(price)
}

fn lowest<'a>(
    rows: &[&'a PriceRow],
    quantity: Decimal,
    which: impl Fn(&PriceRow) -> bool,
) -> Option<&'a PriceRow> {
    rows.iter()
        .copied()
        .filter(|row| row.minimum_quantity <= quantity && which(row))
        .min_by_key(|row| per_unit(row))
}

/// What to strike through: the price before the row's own discount, or without the campaign.
fn before(best: &PriceRow, rows: &[&PriceRow], quantity: Decimal) -> Option<TaxedMoney> {
    if let Some(amount) = best.before_discount {
        return Some(on_side_of(best, amount));
    }
    if best.kind != PriceKind::Campaign {
        return None;
    }
    let usual = lowest(rows, quantity, |row| row.kind != PriceKind::Campaign)?;
    (per_unit(usual) > per_unit(best)).then(|| taxed(usual))
}

fn discount(best: &PriceRow, list: Option<TaxedMoney>) -> Option<Decimal> {
    let list = list.and_then(|list| list.net.or(list.gross))?.amount;
    let price = best.net.or(best.gross)?;
    let percent = (Decimal::ONE - price.checked_div(list)?) * Decimal::ONE_HUNDRED;
    Some(
        percent
            .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
            .normalize(),
    )
}

/// One tier per minimum quantity, each with the best price from there on.
fn tiers(rows: &[&PriceRow]) -> Vec<PriceTier> {
    let mut minimums: Vec<Decimal> = rows
        .iter()
        .map(|row| row.minimum_quantity.max(Decimal::ONE))
        .collect();
    minimums.sort_unstable();
    minimums.dedup();
    minimums
        .into_iter()
        .filter_map(|minimum_quantity| {
            let best = lowest(rows, minimum_quantity, |_| true)?;
            Some(PriceTier {
                minimum_quantity,
                unit_price: taxed(best),
            })
        })
        .collect()
}

fn taxed(row: &PriceRow) -> TaxedMoney {
    let money = |amount| Money {
        amount,
        currency: row.currency,
    };
    let tax = row.gross.zip(row.net).map(|(gross, net)| money(gross - net));
    TaxedMoney {
        net: row.net.map(money),
        gross: row.gross.map(money),
        tax,
        tax_rate: None,
    }
}

fn on_side_of(row: &PriceRow, amount: Decimal) -> TaxedMoney {
    let money = Money {
        amount,
        currency: row.currency,
    };
    match row.net {
        Some(_) => TaxedMoney {
            net: Some(money),
            gross: None,
            tax: None,
            tax_rate: None,
        },
        None => TaxedMoney {
            net: None,
            gross: Some(money),
            tax: None,
            tax_rate: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use skuery_schema::freshness::FreshnessState;

    use super::*;

    fn row(minimum: i64, net: &str) -> PriceRow {
        PriceRow {
            minimum_quantity: Decimal::from(minimum),
            net: net.parse().ok(),
            gross: None,
            before_discount: None,
            discount_percent: None,
            currency: Currency::parse("EUR").expect("a code"),
            price_quantity: Decimal::ONE,
            unit: None,
            kind: PriceKind::PriceList,
            valid_from: None,
            valid_until: None,
        }
    }

    fn price(rows: &[PriceRow], quantity: i64, at: &str) -> Option<Price> {
        let list = PriceListCode::from("L");
        let at: Timestamp = at.parse().expect("an instant");
        let time_zone = TimeZone::get("Europe/Stockholm").unwrap_or(TimeZone::UTC);
        let wish = Wish {
            quantity: Decimal::from(quantity),
            unit: None,
            currency: Currency::parse("EUR").expect("a code"),
            day: at.to_zoned(time_zone.clone()).date(),
            time_zone: &time_zone,
            price_list: Some(&list),
            mode: PriceMode::Rows,
        };
        let freshness = Freshness {
            system: "erp".into(),
            fetched_at: at,
            age_ms: 0,
            state: FreshnessState::Live,
        };
        choose(rows, &wish, freshness)
    }

    fn net(price: Option<Price>) -> String {
        price
            .and_then(|price| price.unit_price.net)
            .map_or("none".to_owned(), |money| money.amount.to_string())
    }

    const NOON: &str = "2026-06-15T12:00:00Z";

    #[test]
    fn the_minimum_of_a_tier_is_inclusive() {
        let rows = [row(1, "11.00"), row(10, "9.90"), row(100, "7.70")];
        for (quantity, expected) in [
            (1, "11.00"),
            (9, "11.00"),
            (10, "9.90"),
            (99, "9.90"),
            (100, "7.70"),
        ] {
            assert_eq!(net(price(&rows, quantity, NOON)), expected, "for {quantity}");
        }
        assert_eq!(price(&rows, 1, NOON).expect("a price").tiers.len(), 3);
    }

    #[test]
    fn a_campaign_holds_from_its_first_to_its_last_day_and_shows_what_it_replaces() {
        let campaign = PriceRow {
            kind: PriceKind::Campaign,
            valid_from: Some(jiff::civil::date(2026, 6, 10)),
            valid_until: Some(jiff::civil::date(2026, 6, 15)),
            ..row(1, "8.00")
        };
        let rows = [row(1, "10.00"), campaign];
        let during = price(&rows, 1, NOON).expect("a price");
        assert_eq!(during.kind, PriceKind::Campaign);
        assert_eq!(
            during
                .discount_percent
                .map(|percent| percent.to_string())
                .as_deref(),
            Some("20")
        );
        assert_eq!(
            during
                .list_price
                .and_then(|list| list.net)
                .map(|net| net.amount.to_string())
                .as_deref(),
            Some("10.00")
        );
        assert_eq!(
            net(price(&rows, 1, "2026-06-15T21:59:59Z")),
            "8.00",
            "the last second of the last day"
        );
        assert_eq!(
            net(price(&rows, 1, "2026-06-15T22:00:00Z")),
            "10.00",
            "midnight in Stockholm"
        );
    }

    #[test]
    fn nothing_is_sold_below_the_least_quantity_or_in_another_currency() {
        assert!(price(&[row(10, "5.00")], 9, NOON).is_none());
        let foreign = PriceRow {
            currency: Currency::parse("SEK").expect("a code"),
            ..row(1, "5.00")
        };
        assert!(price(&[foreign], 1, NOON).is_none());
    }
}
