//! One row for each thing that can be said of a line before stock is divided, and of the whole after it.

use skuery_schema::checkout::LineStatus::{
    NotPurchasable, Ok as Fine, OutOfStock, Partial, PriceChanged, QuantityRule as Rule, UnknownSku,
    Unverified,
};

use super::*;
use crate::checkout::allocate::Part;
use crate::checkout::tests::shop::{euro, line, number};
use crate::error::ErrorKind;
use skuery_schema::catalog::UnitOfMeasure;
use skuery_schema::freshness::{Freshness, FreshnessState};
use skuery_schema::price::{PriceChoice, PriceKind, TaxedMoney};

fn silent() -> LookupError {
    LookupError::new(ErrorKind::Unavailable, &"erp".into(), "prices", "told to fail")
}

fn price(rule: (&str, Option<&str>, &str)) -> Price {
    let money = |amount| Money {
        amount: number(amount),
        currency: euro(),
    };
    Price {
        unit_price: TaxedMoney {
            net: Some(money("10.00")),
            gross: None,
            tax: None,
            tax_rate: None,
        },
        list_price: None,
        discount_percent: None,
        price_quantity: Decimal::ONE,
        unit: UnitOfMeasure {
            code: "PCS".into(),
            name: "PCS".into(),
            decimals: 0,
        },
        tiers: Vec::new(),
        quantity_rule: QuantityRule {
            minimum: number(rule.0),
            maximum: rule.1.map(number),
            increment: number(rule.2),
        },
        price_list: None,
        kind: PriceKind::Base,
        choice: PriceChoice::System,
        tax_display: TaxDisplay::AsGiven,
        valid_from: None,
        valid_until: None,
        freshness: Freshness {
            system: "erp".into(),
            fetched_at: jiff::Timestamp::UNIX_EPOCH,
            age_ms: 0,
            state: FreshnessState::Live,
        },
    }
}

fn reading(
    known: Option<Result<bool, LookupError>>,
    price: Result<Option<Price>, LookupError>,
) -> LineReading {
    LineReading {
        known,
        decimals: None,
        sales_unit: None,
        price,
        places: Vec::new(),
        elsewhere: Vec::new(),
    }
}

fn word(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Refused(status) => format!("{status:?}"),
        Verdict::Silent(_) => "silent".into(),
        Verdict::Orderable(orderable) => {
            format!(
                "from {} by {}, grain {}",
                orderable.minimum, orderable.step, orderable.grain
            )
        }
    }
}

#[test]
fn a_silent_system_comes_before_a_refusal_that_it_could_lift() {
    let plain = || Ok(Some(price(("1", None, "1"))));
    for (known, price, expected) in [
        (Some(Ok(true)), plain(), "from 1 by 1, grain 1"),
        (None, plain(), "from 1 by 1, grain 1"),
        (Some(Ok(false)), plain(), "UnknownSku"),
        (Some(Ok(false)), Err(silent()), "UnknownSku"),
        (Some(Err(silent())), plain(), "silent"),
        (Some(Err(silent())), Ok(None), "silent"),
        (Some(Ok(true)), Err(silent()), "silent"),
        (Some(Ok(true)), Ok(None), "NotPurchasable"),
        (None, Ok(None), "UnknownSku"),
        (None, Err(silent()), "silent"),
    ] {
        let reading = reading(known, price);
        assert_eq!(
            word(&judge(&line("A", "2"), &reading)),
            expected,
            "{:?}",
            reading.known
        );
    }
}

#[test]
fn a_quantity_is_within_the_rule_of_its_price_and_the_decimals_of_its_unit() {
    for (quantity, rule, decimals, expected) in [
        ("4", ("4", Some("8"), "2"), None, "from 4 by 2, grain 1"),
        ("8", ("4", Some("8"), "2"), None, "from 4 by 2, grain 1"),
        ("3", ("4", None, "1"), None, "QuantityRule"),
        ("9", ("4", Some("8"), "1"), None, "QuantityRule"),
        ("5", ("4", None, "2"), None, "QuantityRule"),
        ("1.5", ("1", None, "1"), None, "QuantityRule"),
        ("1.5", ("1", None, "1"), Some(0), "QuantityRule"),
        ("1.5", ("1", None, "1"), Some(1), "from 1 by 0.1, grain 0.1"),
        ("1.50", ("1", None, "1"), Some(1), "from 1 by 0.1, grain 0.1"),
        ("1.55", ("1", None, "1"), Some(1), "QuantityRule"),
        ("1.5", ("1", None, "0.5"), None, "from 1 by 0.5, grain 0.1"),
        ("1.6", ("1", None, "0.5"), Some(1), "QuantityRule"),
        ("2", ("1", None, "0"), None, "from 1 by 0, grain 1"),
        (
            "1.2345",
            ("1", None, "1"),
            Some(255),
            "from 1 by 0.0000000000000000000000000001, grain 0.0000000000000000000000000001",
        ),
    ] {
        let reading = LineReading {
            decimals,
            ..reading(Some(Ok(true)), Ok(Some(price(rule))))
        };
        assert_eq!(
            word(&judge(&line("A", quantity), &reading)),
            expected,
            "{quantity} {rule:?} {decimals:?}"
        );
    }
}

#[test]
fn another_unit_than_stock_is_counted_in_is_refused() {
    let of = |asked: Option<&str>, usual: Option<&str>| {
        let line = LineInput {
            unit: asked.map(Into::into),
            ..line("A", "1")
        };
        let reading = LineReading {
            sales_unit: usual.map(Into::into),
            ..reading(Some(Ok(true)), Ok(Some(price(("1", None, "1")))))
        };
        matches!(judge(&line, &reading), Verdict::Orderable(_))
    };
    assert!(of(None, Some("PCS")) && of(Some("PCS"), Some("PCS")) && of(Some("BOX"), None));
    assert!(!of(Some("BOX"), Some("PCS")));
}

#[test]
fn what_a_line_got_says_the_rest() {
    let given = |confirmed: &str, backorder| Allotment {
        confirmed: number(confirmed),
        parts: vec![Part {
            place: 0,
            quantity: number(confirmed),
            backorder,
            from: None,
        }],
        ..Allotment::default()
    };
    let blind = Allotment {
        blind: true,
        ..Allotment::default()
    };
    for (allotment, changed, expected) in [
        (given("5", false), false, Fine),
        (given("5", false), true, PriceChanged),
        (given("5", true), false, LineStatus::Backorder),
        (given("5", true), true, PriceChanged),
        (given("3", false), false, Partial),
        (given("3", false), true, Partial),
        (Allotment::default(), false, OutOfStock),
        (Allotment::default(), true, OutOfStock),
        (blind, false, Unverified),
    ] {
        assert_eq!(
            status(number("5"), &allotment, changed),
            expected,
            "{allotment:?} {changed}"
        );
    }
}

#[test]
fn the_whole_is_as_good_as_its_worst_line() {
    use CheckoutOutcome::{Changed, Confirmed, Rejected, Unverified as Unsure};
    for (lines, expected) in [
        (&[Fine, LineStatus::Backorder][..], Confirmed),
        (&[Fine, Partial], Changed),
        (&[PriceChanged, Fine], Changed),
        (&[Fine, OutOfStock], Rejected),
        (&[Partial, NotPurchasable], Rejected),
        (&[Rule, PriceChanged], Rejected),
        (&[UnknownSku], Rejected),
        (&[Unverified, OutOfStock, Fine], Unsure),
        (&[], Rejected),
    ] {
        assert_eq!(outcome(lines.iter().copied()), expected, "{lines:?}");
    }
}
