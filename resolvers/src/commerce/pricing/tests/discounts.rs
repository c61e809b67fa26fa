//! A customer's discount, and tax.

use super::*;

#[test]
fn a_customers_discount_is_taken_off_base_prices_and_the_channels_list() {
    let discounted = |kind, off_lists| {
        let rows = [of_kind(kind, "99.99")];
        let ask = Ask {
            discount: Some(("12.5", off_lists)),
            ..Ask::of(&rows)
        };
        struck(&ask.price())
    };
    assert_eq!(discounted(PriceKind::Base, false), "87.49125 99.99 12.5");
    assert_eq!(discounted(PriceKind::Base, true), "87.49125 99.99 12.5");
    assert_eq!(discounted(PriceKind::PriceList, true), "87.49125 99.99 12.5");
    assert_eq!(discounted(PriceKind::PriceList, false), "99.99 - -");
    for kind in [PriceKind::Group, PriceKind::Contract, PriceKind::Campaign] {
        assert_eq!(discounted(kind, true), "99.99 - -", "{kind:?}");
    }
}

#[test]
fn a_customers_discount_leaves_agreements_and_discounted_rows_alone() {
    let own = [of_kind(PriceKind::Base, "90.00")];
    let ask = Ask {
        own: &own,
        discount: Some(("5", true)),
        ..Ask::of(&[])
    };
    assert_eq!(struck(&ask.price()), "90.00 - -");
    let reduced = PriceRow {
        before_discount: Some(decimal("100.00")),
        discount_percent: Some(Decimal::TEN),
        ..of_kind(PriceKind::Base, "90.00")
    };
    let rows = [reduced];
    let ask = Ask {
        discount: Some(("5", true)),
        ..Ask::of(&rows)
    };
    assert_eq!(struck(&ask.price()), "90.00 100.00 10");
}

#[test]
fn the_discounted_price_is_the_one_that_is_compared() {
    let rows = [
        of_kind(PriceKind::Base, "100.00"),
        of_kind(PriceKind::Group, "95.00"),
    ];
    let with = |percent| {
        let ask = Ask {
            discount: Some((percent, false)),
            ..Ask::of(&rows)
        };
        struck(&ask.price())
    };
    assert_eq!(with("4"), "95.00 - -");
    assert_eq!(with("6"), "94 100.00 6");
    assert_eq!(with("100"), "0 100.00 100");
}

#[test]
fn tax_is_computed_wherever_an_amount_is_shown() {
    let campaign = PriceRow {
        kind: PriceKind::Campaign,
        ..per_100("8.04")
    };
    let rows = [per_100("10.00"), campaign];
    let price = Ask {
        rate: Some("25"),
        ..Ask::of(&rows)
    }
    .price();
    let gross = |money: TaxedMoney| money.gross.expect("computed").amount.to_string();
    assert_eq!(gross(price.unit_price), "10.05");
    assert_eq!(gross(price.list_price.expect("struck through")), "12.50");
    assert_eq!(gross(price.tiers[0].unit_price), "10.05");
    assert_eq!(price.unit_price.tax_rate, Some(Decimal::from(25)));
}

#[test]
fn rows_with_and_without_tax_are_compared_on_one_side_where_the_rate_is_known() {
    let with_tax = PriceRow {
        net: None,
        gross: Some(decimal("90.00")),
        ..row(1, "0")
    };
    let rows = [row(1, "80.00"), with_tax];
    let ask = Ask {
        rate: Some("25"),
        ..Ask::of(&rows)
    };
    assert_eq!(ask.net(), "72", "90.00 with tax is less than 80.00 without");
}
