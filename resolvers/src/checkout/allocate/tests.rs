//! Nothing is allocated twice, nothing that is not there, and nothing that is not asked for.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::date;
use proptest::prelude::*;
use skuery_schema::availability::{Location, LocationKind};
use skuery_schema::checkout::StockPromise;

use super::*;
use crate::error::{ErrorKind, LookupError};
use crate::port::StockFigure;

/// What is known of a place.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    There(Decimal),
    Unlisted,
    Silent,
}

fn n(number: i64) -> Decimal {
    number.into()
}

fn place(code: &str, kind: HoldKind, at: At) -> PlaceReading {
    let figure = |available| StockFigure {
        location: code.into(),
        available,
        on_hand: None,
        reserved: None,
        incoming: Vec::new(),
    };
    let silent = || LookupError::new(ErrorKind::Unavailable, &"wms".into(), "stock", "told to fail");
    PlaceReading {
        location: Arc::new(Location {
            code: code.into(),
            name: code.into(),
            kind: LocationKind::Warehouse,
            address: None,
        }),
        system: "wms".into(),
        figure: match at {
            At::There(available) => Ok(Some(figure(available))),
            At::Unlisted => Ok(None),
            At::Silent => Err(silent()),
        },
        read_at: jiff::Timestamp::UNIX_EPOCH,
        kind,
        promise: StockPromise::GatewayOnly,
        reflects_after: Duration::ZERO,
    }
}

fn gateway(code: &str, available: i64) -> PlaceReading {
    place(code, HoldKind::Gateway, At::There(n(available)))
}

fn need<'a>(sku: &'a Sku, quantity: i64, places: &'a [PlaceReading]) -> Need<'a> {
    Need {
        sku,
        quantity: n(quantity),
        minimum: Decimal::ONE,
        step: Decimal::ONE,
        grain: Decimal::ONE,
        accept_partial: false,
        backorder: false,
        places,
        today: date(2026, 6, 15),
    }
}

fn quantities(entries: &[(&str, &str, i64)]) -> Taken {
    let entries = entries.iter();
    entries
        .map(|(sku, code, quantity)| (((*sku).into(), (*code).into()), n(*quantity)))
        .collect()
}

/// `confirmed of there: place×quantity …`, a backorder with a `+`.
fn told(allotment: &Allotment) -> String {
    let parts = allotment.parts.iter().map(|part| {
        let more = if part.backorder { "+" } else { "" };
        format!(" {more}{}×{}", part.place, part.quantity)
    });
    let blind = if allotment.blind { " blind" } else { "" };
    let parts: String = parts.collect();
    format!("{} of {}:{parts}{blind}", allotment.confirmed, allotment.there)
}

fn check(need: Need<'_>, taken: &[(&str, &str, i64)], own: &[(&str, &str, i64)], expected: &str) {
    let allotments = allocate(&[need], &quantities(taken), &quantities(own));
    assert_eq!(told(&allotments[0]), expected);
}

#[test]
fn places_are_used_in_their_order() {
    let sku = Sku::from("A");
    let places = [gateway("1", 3), gateway("2", 0), gateway("3", 4)];
    check(need(&sku, 2, &places), &[], &[], "2 of 2: 0×2");
    check(need(&sku, 7, &places), &[], &[], "7 of 7: 0×3 2×4");
    check(need(&sku, 8, &places), &[], &[], "0 of 7:");
    check(need(&sku, 1, &[]), &[], &[], "0 of 0:");
}

#[test]
fn what_others_hold_counts_at_the_gateways_places_and_what_the_cart_reserved_is_its_own_at_a_systems() {
    let sku = Sku::from("A");
    let ours = [gateway("1", 5)];
    let theirs = [place("1", HoldKind::System, At::There(n(5)))];
    let taken: &[_] = &[("A", "1", 2), ("A", "2", 9), ("B", "1", 9)];
    check(need(&sku, 4, &ours), taken, &[], "0 of 3:");
    check(need(&sku, 5, &theirs), taken, &[], "5 of 5: 0×5");
    check(need(&sku, 7, &theirs), &[], &[("A", "1", 2)], "7 of 7: 0×7");
    check(need(&sku, 7, &ours), &[], &[("A", "1", 2)], "0 of 5:");
    check(need(&sku, 1, &[gateway("1", -3)]), &[], &[], "0 of 0:");
    check(need(&sku, 1, &ours), &[("A", "1", 9)], &[], "0 of 0:");
}

#[test]
fn less_is_given_in_steps_and_not_below_the_minimum() {
    let sku = Sku::from("A");
    let places = [gateway("1", 7)];
    let partial = |minimum, step| Need {
        minimum: n(minimum),
        step: n(step),
        accept_partial: true,
        ..need(&sku, 12, &places)
    };
    check(partial(1, 1), &[], &[], "7 of 7: 0×7");
    check(partial(1, 3), &[], &[], "6 of 6: 0×6");
    check(partial(7, 3), &[], &[], "0 of 0:");
    check(partial(8, 1), &[], &[], "0 of 0:");
}

#[test]
fn a_piece_is_not_put_together_from_halves_in_two_places() {
    let sku = Sku::from("A");
    let half = "2.5".parse().expect("a number");
    let places = [
        place("1", HoldKind::Gateway, At::There(half)),
        place("2", HoldKind::Gateway, At::There(half)),
    ];
    check(need(&sku, 5, &places), &[], &[], "0 of 4:");
    let metres = Need {
        grain: "0.1".parse().expect("a number"),
        ..need(&sku, 5, &places)
    };
    check(metres, &[], &[], "5 of 5: 0×2.5 1×2.5");
}

#[test]
fn a_silent_place_matters_only_where_the_others_do_not_suffice() {
    let sku = Sku::from("A");
    let places = [place("1", HoldKind::System, At::Silent), gateway("2", 5)];
    check(need(&sku, 5, &places), &[], &[], "5 of 5: 1×5");
    let anything = Need {
        accept_partial: true,
        backorder: true,
        ..need(&sku, 6, &places)
    };
    check(anything, &[], &[], "0 of 5: blind");
}

#[test]
fn the_rest_is_backordered_only_where_it_is_known_what_there_is() {
    let sku = Sku::from("A");
    fn backorder<'a>(sku: &'a Sku, places: &'a [PlaceReading]) -> Need<'a> {
        Need {
            backorder: true,
            ..need(sku, 5, places)
        }
    }
    let unlisted = place("1", HoldKind::Gateway, At::Unlisted);
    check(backorder(&sku, &[gateway("1", 2)]), &[], &[], "5 of 2: 0×2 +0×3");
    check(backorder(&sku, &[gateway("1", 0)]), &[], &[], "5 of 0: +0×5");
    check(
        backorder(&sku, &[unlisted.clone(), gateway("2", 2)]),
        &[],
        &[],
        "5 of 2: 1×2 +1×3",
    );
    check(
        backorder(&sku, &[unlisted.clone(), gateway("2", 0)]),
        &[],
        &[],
        "0 of 0:",
    );
    check(backorder(&sku, &[unlisted]), &[], &[], "0 of 0:");
    check(backorder(&sku, &[]), &[], &[], "0 of 0:");
}

#[test]
fn lines_of_one_article_share_what_there_is_and_a_line_that_gets_nothing_takes_nothing() {
    let (a, b) = (Sku::from("A"), Sku::from("B"));
    let places = [gateway("1", 5)];
    let all = |needs: &[Need<'_>]| {
        let allotments = allocate(needs, &Taken::new(), &Taken::new());
        allotments.iter().map(told).collect::<Vec<_>>()
    };
    let two = [need(&a, 3, &places), need(&a, 3, &places)];
    assert_eq!(all(&two), ["3 of 3: 0×3", "0 of 2:"]);
    let greedy = [need(&a, 9, &places), need(&a, 3, &places), need(&b, 5, &places)];
    assert_eq!(all(&greedy), ["0 of 5:", "3 of 3: 0×3", "5 of 5: 0×5"]);
}

// ---------------------------------------------------------------- properties

/// A line: article, quantity, minimum, step, whether partial or backorder is accepted.
type Line = (usize, i64, i64, i64, bool, bool);

fn any_at() -> impl Strategy<Value = At> {
    // In tenths, so that a place may have a part of a piece.
    prop_oneof![
        8 => (-30i64..200).prop_map(|tenths| At::There(Decimal::new(tenths, 1))),
        1 => Just(At::Unlisted),
        1 => Just(At::Silent),
    ]
}

fn any_line() -> impl Strategy<Value = Line> {
    (0usize..2, 1i64..8, 1i64..5, 1i64..4, any::<bool>(), any::<bool>()).prop_map(
        |(sku, times, minimum, step, partial, later)| {
            (
                sku,
                (times * step).max((minimum + step - 1) / step * step),
                minimum,
                step,
                partial,
                later,
            )
        },
    )
}

const SKUS: [&str; 2] = ["A", "B"];
const CODES: [&str; 3] = ["1", "2", "3"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_is_asked_no_place_gives_more_than_it_has(
        at in prop::collection::vec(any_at(), 6),
        held in prop::collection::vec(0i64..8, 6),
        by_system in prop::collection::vec(any::<bool>(), 3),
        lines in prop::collection::vec(any_line(), 1..6),
    ) {
        let skus = SKUS.map(Sku::from);
        let kind = |code: usize| if by_system[code] { HoldKind::System } else { HoldKind::Gateway };
        let places: Vec<Vec<PlaceReading>> = (0..2)
            .map(|sku| (0..3).map(|code| place(CODES[code], kind(code), at[sku * 3 + code])).collect())
            .collect();
        let mut taken = Taken::new();
        for (number, held) in held.iter().enumerate() {
            taken.insert((skus[number / 3].clone(), CODES[number % 3].into()), n(*held));
        }
        let needs: Vec<Need<'_>> = lines.iter().map(|(sku, quantity, minimum, step, partial, later)| Need {
            minimum: n(*minimum),
            step: n(*step),
            accept_partial: *partial,
            backorder: *later,
            ..need(&skus[*sku], *quantity, &places[*sku])
        }).collect();
        let allotments = allocate(&needs, &taken, &Taken::new());
        prop_assert_eq!(allotments.len(), needs.len());

        let mut given: HashMap<(usize, usize), Decimal> = HashMap::new();
        for ((line, need), allotment) in lines.iter().zip(&needs).zip(&allotments) {
            let sum: Decimal = allotment.parts.iter().map(|part| part.quantity).sum();
            prop_assert_eq!(sum, allotment.confirmed);
            prop_assert!(allotment.confirmed <= need.quantity);
            prop_assert!(allotment.there <= need.quantity);
            prop_assert!(allotment.parts.iter().all(|part| part.quantity > Decimal::ZERO));
            let is_partial = !allotment.confirmed.is_zero() && allotment.confirmed < need.quantity;
            if is_partial {
                prop_assert!(need.accept_partial);
                prop_assert!((allotment.confirmed % need.step).is_zero());
                prop_assert!(allotment.confirmed >= need.minimum);
            }
            let later = allotment.parts.iter().any(|part| part.backorder);
            prop_assert!(!later || (need.backorder && allotment.confirmed == need.quantity));
            prop_assert!(!allotment.blind || allotment.parts.is_empty());
            for part in allotment.parts.iter().filter(|part| !part.backorder) {
                *given.entry((line.0, part.place)).or_default() += part.quantity;
            }
        }
        for ((sku, code), given) in given {
            let At::There(available) = at[sku * 3 + code] else {
                return Err(TestCaseError::fail("something was given where nothing is known"));
            };
            let held = if by_system[code] { Decimal::ZERO } else { n(held[sku * 3 + code]) };
            prop_assert!(given <= available - held, "{given} of {available} with {held} held");
        }
    }
}
