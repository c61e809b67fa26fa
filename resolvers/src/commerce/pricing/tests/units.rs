//! Units of measure and prices per hundred, in tiers, in what is struck through and in ranges.

use super::*;

fn per_unit(unit: &str, net: &str) -> PriceRow {
    PriceRow {
        unit: Some(unit.into()),
        ..row(1, net)
    }
}

#[test]
fn a_box_is_not_compared_with_a_piece() {
    let rows = [
        per_unit("BOX", "50.00"),
        per_unit("PCS", "6.00"),
        per_unit("PCS", "5.50"),
    ];
    let by = |unit| Ask {
        unit,
        ..Ask::of(&rows)
    };
    assert_eq!(by(Some("PCS")).net(), "5.50");
    assert_eq!(by(Some("BOX")).net(), "50.00");
    assert_eq!(tiers_of(&by(Some("BOX")).price()), ["1: 50.00"]);
    assert_eq!(by(Some("PALLET")).net(), "none");
    let usual = by(None).price();
    assert_eq!(
        (net(usual.unit_price).as_str(), &*usual.unit.code),
        ("50.00", "BOX")
    );
}

#[test]
fn an_agreement_on_another_unit_does_not_change_what_a_number_means() {
    let own = [per_unit("BOX", "40.00")];
    let rows = [per_unit("PCS", "6.00")];
    let by = |unit| Ask {
        own: &own,
        unit,
        ..Ask::of(&rows)
    };
    assert_eq!(by(None).net(), "6.00");
    assert_eq!(by(Some("BOX")).net(), "40.00");
    let only_own = Ask {
        own: &own,
        ..Ask::of(&[])
    };
    assert_eq!(only_own.net(), "40.00");
}

#[test]
fn a_unit_that_is_shown_can_be_asked_for() {
    let rows = [row(1, "6.00")];
    let shown = Ask::of(&rows).price().unit.code;
    assert_eq!(&*shown, "C62", "pieces, where the ERP names no unit");
    let asked = Ask {
        unit: Some(&shown),
        ..Ask::of(&rows)
    };
    assert_eq!(asked.net(), "6.00");
}

#[test]
fn prices_per_hundred_are_compared_per_unit_and_shown_on_one_scale() {
    let hundred = PriceRow {
        minimum_quantity: Decimal::ONE_HUNDRED,
        ..per_100("12.40")
    };
    let rows = [row(1, "0.20"), hundred, row(1000, "0.10")];
    let at = |quantity| {
        Ask {
            quantity,
            ..Ask::of(&rows)
        }
        .price()
    };
    let single = at(1);
    assert_eq!(single.price_quantity, Decimal::ONE);
    assert_eq!(tiers_of(&single), ["1: 0.20", "100: 0.124", "1000: 0.10"]);
    let many = at(100);
    assert_eq!(many.price_quantity, Decimal::ONE_HUNDRED);
    assert_eq!(net(many.unit_price), "12.40");
    assert_eq!(tiers_of(&many), ["1: 20", "100: 12.40", "1000: 10"]);
}

#[test]
fn what_is_struck_through_is_for_as_many_units_as_the_price() {
    let campaign = PriceRow {
        kind: PriceKind::Campaign,
        ..per_100("15.00")
    };
    let rows = [row(1, "0.20"), campaign];
    assert_eq!(struck(&Ask::of(&rows).price()), "15.00 20 25");
}

fn range_of(prices: &[&[PriceRow]], rate: Option<&str>) -> String {
    let ask = |rows| Ask {
        rate,
        ..Ask::of(rows)
    };
    let chosen: Vec<Chosen> = prices.iter().filter_map(|rows| ask(rows).chosen()).collect();
    let currency = Currency::parse("EUR").expect("a code");
    let Some(range) = range(&chosen, ask(&[]).taxes(), currency) else {
        return "none".to_owned();
    };
    let side = |money: TaxedMoney| match money.gross {
        Some(gross) => format!("{} ({})", net(money), gross.amount),
        None => net(money),
    };
    let (minimum, maximum) = (side(range.minimum), side(range.maximum));
    format!("{minimum} to {maximum} per {}", range.price_quantity)
}

#[test]
fn both_ends_of_a_range_are_on_one_scale() {
    let (dear, cheap) = ([row(1, "0.105")], [per_100("9.00")]);
    assert_eq!(range_of(&[&dear, &cheap], None), "9.00 to 10.5 per 100");
    assert_eq!(
        range_of(&[&dear, &cheap], Some("25")),
        "9.00 (11.25) to 10.5 (13.13) per 100",
        "rounded after scaling, once"
    );
    let dearer = [per_100("20.00")];
    assert_eq!(range_of(&[&dear, &dearer], None), "0.105 to 0.2 per 1");
}

#[test]
fn there_is_no_range_over_several_units_or_without_prices() {
    let (boxes, pieces) = ([per_unit("BOX", "50.00")], [per_unit("PCS", "6.00")]);
    assert_eq!(range_of(&[&boxes, &pieces], None), "none");
    assert_eq!(range_of(&[&boxes, &[]], None), "50.00 to 50.00 per 1");
    assert_eq!(range_of(&[&[]], None), "none");
}
