//! What shoppers and staff see of some figures.

use std::collections::BTreeMap;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use skuery_schema::availability::LocationKind;
use skuery_schema::freshness::FreshnessState;
use skuery_schema::ids::Currency;

use super::*;
use crate::commerce::channel::{Access, Tax};
use crate::commerce::delivery::Transit;
use crate::commerce::stock_display::Words;

fn channel(stock_display: StockDisplay) -> Channel {
    let currency = Currency::parse("EUR").expect("a code");
    Channel {
        name: "web".into(),
        languages: vec!["en".into()],
        fallback: Vec::new(),
        price_lists: BTreeMap::from([(currency, None)]),
        currency,
        countries: Vec::new(),
        locations: vec!["A".into(), "B".into()],
        stock_display,
        low_stock: Decimal::from(5),
        backorders: false,
        access: Access::Anyone,
        tax: Tax::default(),
    }
}

fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn known(code: &str, available: Option<&str>) -> Known<'static> {
    let location = LocationCode::from(code);
    Known {
        figure: available.map(|available| {
            Cow::Owned(StockFigure {
                location: location.clone(),
                available: available.parse().expect("a number"),
                on_hand: Some(Decimal::from(90)),
                reserved: Some(Decimal::from(80)),
                incoming: vec![
                    (jiff::civil::date(2026, 1, 1), None),
                    (jiff::civil::date(2026, 7, 1), Some(Decimal::from(70))),
                ],
            })
        }),
        held: Decimal::ZERO,
        location: leaked(Arc::new(Location {
            code: location,
            name: code.into(),
            kind: LocationKind::Warehouse,
            address: None,
        })),
        freshness: leaked(Freshness {
            system: "wms".into(),
            fetched_at: Timestamp::UNIX_EPOCH,
            age_ms: 0,
            state: FreshnessState::Live,
        }),
        delivery: None,
    }
}

/// Monday 1 June 2026, eight o'clock.
fn view<'a>(channel: &'a Channel, language: &'a Language) -> View<'a> {
    View {
        channel,
        staff: false,
        levels: true,
        words: Some(language),
        country: None,
        now: "2026-06-01T08:00:00Z".parse().expect("an instant"),
        today: jiff::civil::date(2026, 6, 1),
    }
}

#[test]
fn what_is_held_for_others_is_not_available_and_staff_is_told() {
    let channel = channel(StockDisplay::Exact);
    let language = "en".into();
    let at = |available, held: i64, staff| {
        let known = Known {
            held: held.into(),
            ..known("A", Some(available))
        };
        let view = View {
            staff,
            ..view(&channel, &language)
        };
        let shown = assemble(&[known], &view).expect("a level");
        let number = |number: Option<Decimal>| number.map_or("-".to_owned(), |number| number.to_string());
        let level = &shown.levels[0];
        let status = format!("{:?}", shown.status);
        [
            number(shown.quantity),
            number(level.available),
            number(level.held),
            status,
        ]
        .join(" ")
    };
    assert_eq!(at("7", 2, false), "5 5 - LowStock");
    assert_eq!(at("7", 7, true), "0 0 7 OutOfStock");
    assert_eq!(at("7", 9, false), "0 0 - OutOfStock", "held is never owed");
    assert_eq!(at("7.5", 0, true), "7.5 7.5 0 InStock");
}

fn show(display: StockDisplay, figures: &[Option<&str>]) -> String {
    let known: Vec<_> = figures
        .iter()
        .zip(["A", "B"])
        .map(|(figure, code)| known(code, *figure))
        .collect();
    let shown = assemble(&known, &view(&channel(display), &"en".into())).expect("levels");
    let quantity = shown
        .quantity
        .map_or("-".to_owned(), |quantity| quantity.to_string());
    format!(
        "{:?} {quantity} {}",
        shown.status,
        shown.quantity_display.as_deref().unwrap_or("-")
    )
}

#[test]
fn a_missing_figure_is_unknown_and_never_zero() {
    assert_eq!(show(StockDisplay::Exact, &[Some("0"), None]), "Unknown - -");
    assert_eq!(show(StockDisplay::Exact, &[Some("3"), None]), "LowStock - -");
    assert_eq!(
        show(StockDisplay::Exact, &[Some("0"), Some("0")]),
        "OutOfStock 0 0"
    );
}

#[test]
fn a_location_that_is_not_listed_is_unknown_unless_the_mapping_says_none() {
    let code = LocationCode::from("A");
    assert_eq!(figure_at(&[], &code, false), None);
    let none = figure_at(&[], &code, true).map(|figure| figure.available);
    assert_eq!(none, Some(Decimal::ZERO));
}

#[test]
fn oversold_stock_shows_as_none_and_takes_nothing_from_elsewhere() {
    assert_eq!(
        show(StockDisplay::Exact, &[Some("-4"), Some("7.50")]),
        "InStock 7.5 7.5"
    );
}

#[test]
fn a_cap_hides_what_is_above_it() {
    let capped = StockDisplay::Capped {
        cap: Decimal::from(20),
    };
    assert_eq!(show(capped.clone(), &[Some("400"), Some("1")]), "InStock 20 20+");
    assert_eq!(show(capped, &[Some("20"), Some("0")]), "InStock 20 20");
}

fn banded() -> StockDisplay {
    StockDisplay::Banded {
        words: BTreeMap::new(),
        unknown: Words::from([("en".into(), "Ask us".into())]),
    }
}

#[test]
fn bands_and_hidden_show_no_figure() {
    assert_eq!(show(banded(), &[Some("2"), Some("1")]), "LowStock - Few left");
    assert_eq!(show(banded(), &[Some("0"), None]), "Unknown - Ask us");
    assert_eq!(show(StockDisplay::Hidden, &[Some("9"), Some("1")]), "InStock - -");
}

#[test]
fn deliveries_of_the_past_are_left_out() {
    let channel = channel(StockDisplay::Exact);
    let shown = assemble(&[known("A", Some("0"))], &view(&channel, &"en".into()));
    let next = shown.and_then(|shown| shown.next_restock).expect("a delivery");
    assert_eq!(next.date, jiff::civil::date(2026, 7, 1));
}

#[test]
fn only_staff_sees_every_figure_whatever_the_channel_shows() {
    let capped = StockDisplay::Capped {
        cap: Decimal::from(20),
    };
    for display in [capped, banded(), StockDisplay::Hidden, StockDisplay::Exact] {
        let is_exact = display == StockDisplay::Exact;
        let channel = channel(display);
        let language = "en".into();
        for staff in [true, false] {
            let view = View {
                staff,
                ..view(&channel, &language)
            };
            let shown = assemble(&[known("A", Some("60"))], &view).expect("levels");
            let level = &shown.levels[0];
            let sixty = Some(Decimal::from(60));
            let seventy = Some(Decimal::from(70));
            let sees = staff || is_exact;
            assert_eq!(shown.quantity == sixty, sees, "{channel:?}");
            assert_eq!(shown.quantity_display.as_deref() == Some("60"), sees);
            assert_eq!(level.available == sixty, sees);
            assert_eq!(level.incoming[0].quantity == seventy, sees);
            assert_eq!(level.on_hand, staff.then_some(Decimal::from(90)));
            assert_eq!(level.reserved, staff.then_some(Decimal::from(80)));
        }
    }
}

/// Leaves every day, and is so many days under way.
fn delivery(days: u16) -> Delivery {
    Delivery {
        time_zone: TimeZone::UTC,
        cut_off: jiff::civil::time(12, 0, 0, 0),
        working_days: Weekday::Monday.cycle_forward().take(7).collect(),
        holidays: std::collections::BTreeSet::new(),
        handling_days: 0,
        transit: BTreeMap::from([(
            "SE".into(),
            Transit {
                least: days,
                most: days,
            },
        )]),
        transit_elsewhere: None,
        transit_working_days: true,
    }
}

/// The first day of delivery from A and B, which take `days`, as a day of the month.
fn first_day(figures: [Option<&str>; 2], days: [Option<u16>; 2], backorders: bool) -> String {
    let channel = Channel {
        backorders,
        ..channel(StockDisplay::Hidden)
    };
    let deliveries = days.map(|days| days.map(delivery));
    let places = ["A", "B"].iter().zip(figures).zip(&deliveries);
    let known: Vec<_> = places
        .map(|((code, figure), delivery)| Known {
            delivery: delivery.as_ref(),
            ..known(code, figure)
        })
        .collect();
    let language = "en".into();
    let view = View {
        country: Some("SE"),
        ..view(&channel, &language)
    };
    let shown = assemble(&known, &view).expect("levels");
    shown.estimated_delivery.map_or("-".to_owned(), |range| {
        range.earliest.strftime("%-d.%-m.").to_string()
    })
}

#[test]
fn the_location_that_delivers_first_is_told() {
    let both = [Some(5), Some(2)];
    assert_eq!(first_day([Some("1"), Some("1")], both, false), "3.6.");
    assert_eq!(first_day([Some("1"), Some("0")], both, false), "6.6.");
    assert_eq!(first_day([Some("1"), None], both, false), "6.6.");
    assert_eq!(first_day([Some("1"), Some("1")], [Some(5), None], false), "6.6.");
}

#[test]
fn a_backorder_counts_from_the_next_delivery() {
    let both = [Some(5), Some(2)];
    assert_eq!(first_day([Some("0"), Some("0")], both, true), "3.7.");
    assert_eq!(first_day([Some("0"), Some("0")], [Some(5), None], true), "6.7.");
}

#[test]
fn no_day_is_told_where_none_is_known() {
    let both = [Some(5), Some(2)];
    assert_eq!(first_day([Some("0"), Some("0")], both, false), "-");
    assert_eq!(first_day([Some("0"), None], both, true), "-");
    assert_eq!(first_day([Some("1"), Some("1")], [None, None], true), "-");
}
