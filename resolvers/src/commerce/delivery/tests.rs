//! Days of delivery by hand: around the cut-off, weekends, holidays, the clocks' changes and the year's end.

use super::*;

/// A warehouse in Stockholm that works Monday to Friday.
fn warehouse() -> Delivery {
    let transit = |least, most| Transit { least, most };
    Delivery {
        time_zone: TimeZone::get("Europe/Stockholm").expect("a zone"),
        cut_off: jiff::civil::time(15, 0, 0, 0),
        working_days: vec![
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Wednesday,
            Weekday::Thursday,
            Weekday::Friday,
        ],
        holidays: ["2026-12-24", "2026-12-25", "2027-01-01"]
            .iter()
            .map(|day| day.parse().expect("a day"))
            .collect(),
        handling_days: 0,
        transit: BTreeMap::from([("SE".into(), transit(1, 2)), ("DE".into(), transit(2, 4))]),
        transit_elsewhere: Some(transit(3, 5)),
        transit_working_days: true,
    }
}

/// `earliest latest` of an order at an instant; `goods` is a day or `stock`.
fn estimate(delivery: &Delivery, now: &str, goods: &str, country: Option<&str>) -> String {
    let goods = match goods {
        "stock" => Goods::InStock,
        day => Goods::From(day.parse().expect("a day")),
    };
    let range = delivery.estimate(now.parse().expect("an instant"), goods, country);
    range.map_or("never".to_owned(), |range| {
        format!("{} {}", range.earliest, range.latest)
    })
}

#[track_caller]
fn check(delivery: &Delivery, cases: &[(&str, &str, &str, &str)]) {
    for (what, now, goods, expected) in cases {
        assert_eq!(estimate(delivery, now, goods, Some("SE")), *expected, "{what}");
    }
}

#[test]
fn from_stock_the_cut_off_and_the_working_days_decide() {
    check(
        &warehouse(),
        &[
            (
                "a minute before",
                "2026-06-02T12:59:00Z",
                "stock",
                "2026-06-03 2026-06-04",
            ),
            (
                "at the cut-off",
                "2026-06-02T13:00:00Z",
                "stock",
                "2026-06-04 2026-06-05",
            ),
            (
                "before midnight",
                "2026-06-02T21:59:59Z",
                "stock",
                "2026-06-04 2026-06-05",
            ),
            (
                "after midnight in Stockholm",
                "2026-06-02T22:00:00Z",
                "stock",
                "2026-06-04 2026-06-05",
            ),
            (
                "Friday noon",
                "2026-06-05T10:00:00Z",
                "stock",
                "2026-06-08 2026-06-09",
            ),
            (
                "Friday evening",
                "2026-06-05T18:00:00Z",
                "stock",
                "2026-06-09 2026-06-10",
            ),
            (
                "Saturday morning",
                "2026-06-06T06:00:00Z",
                "stock",
                "2026-06-09 2026-06-10",
            ),
            (
                "Sunday evening",
                "2026-06-07T20:00:00Z",
                "stock",
                "2026-06-09 2026-06-10",
            ),
        ],
    );
}

#[test]
fn holidays_are_no_working_days_for_leaving_nor_under_way() {
    check(
        &warehouse(),
        &[
            (
                "the day before Christmas Eve",
                "2026-12-23T10:00:00Z",
                "stock",
                "2026-12-28 2026-12-29",
            ),
            (
                "Christmas Eve",
                "2026-12-24T08:00:00Z",
                "stock",
                "2026-12-29 2026-12-30",
            ),
            (
                "New Year's Eve",
                "2026-12-31T10:00:00Z",
                "stock",
                "2027-01-04 2027-01-05",
            ),
            (
                "New Year's Eve, late",
                "2026-12-31T20:00:00Z",
                "stock",
                "2027-01-05 2027-01-06",
            ),
        ],
    );
}

#[test]
fn the_cut_off_follows_the_clocks_of_the_location() {
    check(
        &warehouse(),
        &[
            (
                "winter time, before",
                "2026-03-27T13:59:00Z",
                "stock",
                "2026-03-30 2026-03-31",
            ),
            (
                "winter time, after",
                "2026-03-27T14:00:00Z",
                "stock",
                "2026-03-31 2026-04-01",
            ),
            (
                "summer time, before",
                "2026-03-30T12:59:00Z",
                "stock",
                "2026-03-31 2026-04-01",
            ),
            (
                "summer time, after",
                "2026-03-30T13:00:00Z",
                "stock",
                "2026-04-01 2026-04-02",
            ),
        ],
    );
    // On 29 March 2026 the clocks go from 02:00 to 03:00: half past two never comes, and is over at three.
    let night = Delivery {
        cut_off: jiff::civil::time(2, 30, 0, 0),
        working_days: vec![Weekday::Sunday, Weekday::Monday],
        ..warehouse()
    };
    check(
        &night,
        &[
            (
                "before the gap",
                "2026-03-29T00:59:59Z",
                "stock",
                "2026-03-30 2026-04-05",
            ),
            (
                "after the gap",
                "2026-03-29T01:00:00Z",
                "stock",
                "2026-04-05 2026-04-06",
            ),
        ],
    );
    // On 25 October 2026 the hour from 02:00 to 03:00 comes twice.
    check(
        &night,
        &[
            (
                "the first time",
                "2026-10-25T00:29:59Z",
                "stock",
                "2026-10-26 2026-11-01",
            ),
            (
                "the first time, after",
                "2026-10-25T00:30:00Z",
                "stock",
                "2026-11-01 2026-11-02",
            ),
            (
                "after the second time",
                "2026-10-25T01:30:00Z",
                "stock",
                "2026-11-01 2026-11-02",
            ),
        ],
    );
}

#[test]
fn a_backorder_leaves_on_the_first_working_day_of_its_goods() {
    let now = "2026-06-02T18:00:00Z";
    check(
        &warehouse(),
        &[
            ("a working day", now, "2026-06-10", "2026-06-11 2026-06-12"),
            (
                "tomorrow, whatever the cut-off",
                now,
                "2026-06-03",
                "2026-06-04 2026-06-05",
            ),
            ("a Saturday", now, "2026-06-13", "2026-06-16 2026-06-17"),
            ("a holiday", now, "2026-12-25", "2026-12-29 2026-12-30"),
            (
                "today, after the cut-off",
                now,
                "2026-06-02",
                "2026-06-04 2026-06-05",
            ),
            ("the past", now, "2025-01-01", "2026-06-04 2026-06-05"),
        ],
    );
}

#[test]
fn handling_counts_working_days() {
    let slow = Delivery {
        handling_days: 2,
        ..warehouse()
    };
    check(
        &slow,
        &[
            (
                "within the week",
                "2026-06-01T08:00:00Z",
                "stock",
                "2026-06-04 2026-06-05",
            ),
            (
                "over a weekend",
                "2026-06-04T08:00:00Z",
                "stock",
                "2026-06-09 2026-06-10",
            ),
            (
                "of a backorder",
                "2026-06-04T08:00:00Z",
                "2026-06-13",
                "2026-06-18 2026-06-19",
            ),
        ],
    );
}

#[test]
fn transit_may_count_all_days() {
    let parcels = Delivery {
        transit_working_days: false,
        ..warehouse()
    };
    check(
        &parcels,
        &[
            (
                "Friday noon",
                "2026-06-05T10:00:00Z",
                "stock",
                "2026-06-06 2026-06-07",
            ),
            (
                "over Christmas",
                "2026-12-23T10:00:00Z",
                "stock",
                "2026-12-24 2026-12-25",
            ),
        ],
    );
}

#[test]
fn the_country_decides_how_long_it_is_under_way() {
    let mut delivery = warehouse();
    let at = |delivery: &Delivery, country| estimate(delivery, "2026-06-01T08:00:00Z", "stock", country);
    assert_eq!(at(&delivery, Some("DE")), "2026-06-03 2026-06-05");
    assert_eq!(at(&delivery, Some("FR")), "2026-06-04 2026-06-08");
    assert_eq!(at(&delivery, None), "2026-06-04 2026-06-08");
    delivery.transit_elsewhere = None;
    assert_eq!(at(&delivery, Some("SE")), "2026-06-02 2026-06-03");
    assert_eq!(at(&delivery, Some("FR")), "never");
    assert_eq!(at(&delivery, None), "never");
}

#[test]
fn the_end_of_the_calendar_is_no_panic() {
    let now = "2026-06-01T08:00:00Z";
    assert_eq!(estimate(&warehouse(), now, "9999-12-31", Some("SE")), "never");
}
