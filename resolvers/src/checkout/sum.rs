//! What a cart comes to.
//!
//! Each line is unit price × quantity ÷ price quantity, rounded to the currency's minor unit, half away from zero, each of
//! its two sides for itself; the cart is the sum of its rounded lines, and the tax is what lies between the two sums. ERPs
//! that round the tax of the whole order may differ by some minor units.

use rust_decimal::{Decimal, RoundingStrategy};
use skuery_schema::ids::Currency;
use skuery_schema::price::{Money, Price, TaxedMoney};

use crate::commerce::taxes::minor_digits;

/// So much at a price.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PricedQuantity {
    pub(crate) quantity: Decimal,
    /// Per `price_quantity` units.
    pub(crate) net: Option<Decimal>,
    /// Per `price_quantity` units.
    pub(crate) gross: Option<Decimal>,
    pub(crate) price_quantity: Decimal,
    pub(crate) tax_rate: Option<Decimal>,
}

impl PricedQuantity {
    pub(crate) fn new(quantity: Decimal, price: &Price) -> Self {
        let amount = |money: Option<Money>| money.map(|money| money.amount);
        Self {
            quantity,
            net: amount(price.unit_price.net),
            gross: amount(price.unit_price.gross),
            price_quantity: price.price_quantity,
            tax_rate: price.unit_price.tax_rate,
        }
    }

    /// One side of the line, in minor units of the currency; `None` where it becomes too large.
    fn amount(&self, side: Decimal, currency: Currency) -> Option<Decimal> {
        let exact = side
            .checked_mul(self.quantity)?
            .checked_div(self.price_quantity)?;
        Some(exact.round_dp_with_strategy(minor_digits(currency), RoundingStrategy::MidpointAwayFromZero))
    }
}

/// The sum; `None` when there are no lines, or a line has no price. A side that one line lacks, the sum lacks.
pub(crate) fn sum(lines: &[Option<PricedQuantity>], currency: Currency) -> Option<TaxedMoney> {
    let lines: Vec<PricedQuantity> = lines.iter().copied().collect::<Option<_>>()?;
    let first = lines.first()?;
    let side = |of: fn(&PricedQuantity) -> Option<Decimal>| {
        lines.iter().try_fold(Decimal::ZERO, |sum, line| {
            sum.checked_add(line.amount(of(line)?, currency)?)
        })
    };
    let net = side(|line| line.net);
    let gross = side(|line| line.gross);
    if net.is_none() && gross.is_none() {
        return None;
    }
    let money = |amount| Money { amount, currency };
    let tax = net.zip(gross).and_then(|(net, gross)| gross.checked_sub(net));
    let is_one_rate = lines.iter().all(|line| line.tax_rate == first.tax_rate);
    Some(TaxedMoney {
        net: net.map(money),
        gross: gross.map(money),
        tax: tax.map(money),
        tax_rate: first.tax_rate.filter(|_| is_one_rate),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().expect("a number")
    }

    /// `quantity × net/gross per price quantity`, `-` for a side that is missing.
    fn line(quantity: &str, net: &str, gross: &str, per: &str) -> Option<PricedQuantity> {
        let side = |text: &str| (text != "-").then(|| number(text));
        Some(PricedQuantity {
            quantity: number(quantity),
            net: side(net),
            gross: side(gross),
            price_quantity: number(per),
            tax_rate: Some(number("25")),
        })
    }

    fn check(lines: &[Option<PricedQuantity>], currency: &str, expected: &str) {
        let amount = |money: Option<Money>| money.map_or("-".to_owned(), |money| money.amount.to_string());
        let sum = sum(lines, Currency::parse(currency).expect("a code"));
        let seen = sum.map_or("none".to_owned(), |sum| {
            format!("{} {} {}", amount(sum.net), amount(sum.gross), amount(sum.tax))
        });
        assert_eq!(seen, expected);
    }

    #[test]
    fn lines_are_rounded_half_away_from_zero_and_then_added() {
        check(&[line("3", "0.335", "-", "1")], "EUR", "1.01 - -");
        check(&[line("1", "0.005", "0.004", "1")], "EUR", "0.01 0.00 -0.01");
        check(
            &[line("1", "0.335", "0.419", "1"), line("1", "0.335", "0.419", "1")],
            "EUR",
            "0.68 0.84 0.16",
        );
        check(&[line("3", "33.5", "-", "1")], "JPY", "101 - -");
        check(&[line("1", "1.0005", "-", "1")], "KWD", "1.001 - -");
    }

    #[test]
    fn a_price_per_hundred_is_divided_by_a_hundred() {
        check(&[line("250", "12.40", "15.50", "100")], "EUR", "31.00 38.75 7.75");
        check(&[line("1", "10", "-", "3")], "EUR", "3.33 - -");
    }

    #[test]
    fn a_side_or_a_price_that_is_missing_is_never_made_up() {
        check(
            &[line("1", "1.00", "-", "1"), line("1", "-", "1.25", "1")],
            "EUR",
            "none",
        );
        check(
            &[line("1", "1.00", "1.25", "1"), line("1", "2.00", "-", "1")],
            "EUR",
            "3.00 - -",
        );
        check(&[line("1", "1.00", "1.25", "1"), None], "EUR", "none");
        check(&[], "EUR", "none");
        check(&[line("1", "1.00", "-", "0")], "EUR", "none");
    }

    #[test]
    fn what_is_too_large_to_count_has_no_sum() {
        let most = Decimal::MAX.to_string();
        check(&[line("2", &most, "1", "1")], "EUR", "- 2 -");
        check(
            &[line("1", &most, "-", "1"), line("1", &most, "-", "1")],
            "EUR",
            "none",
        );
    }

    #[test]
    fn a_rate_is_told_where_all_lines_have_the_same() {
        let reduced = line("1", "1", "1", "1").map(|line| PricedQuantity {
            tax_rate: Some(number("12")),
            ..line
        });
        let usual = line("1", "1", "1", "1");
        let rate =
            |lines: &[_]| sum(lines, Currency::parse("SEK").expect("a code")).and_then(|sum| sum.tax_rate);
        assert_eq!(rate(&[usual, usual]), Some(number("25")));
        assert_eq!(rate(&[usual, reduced]), None);
    }
}
