//! Which row becomes the price, and what is shown of it.

mod discounts;
mod units;

use skuery_schema::freshness::FreshnessState;
use skuery_schema::price::TaxedMoney;

use super::*;
use crate::commerce::channel::Tax;

const NOON: &str = "2026-06-15T12:00:00Z";

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn row(minimum: i64, net: &str) -> PriceRow {
    PriceRow {
        minimum_quantity: Decimal::from(minimum),
        net: Some(decimal(net)),
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

fn of_kind(kind: PriceKind, net: &str) -> PriceRow {
    PriceRow { kind, ..row(1, net) }
}

fn per_100(net: &str) -> PriceRow {
    PriceRow {
        price_quantity: Decimal::ONE_HUNDRED,
        ..row(1, net)
    }
}

/// A question, changed where a test needs it.
struct Ask<'a> {
    own: &'a [PriceRow],
    rows: &'a [PriceRow],
    quantity: i64,
    unit: Option<&'a str>,
    at: &'a str,
    choice: PriceChoice,
    discount: Option<(&'a str, bool)>,
    rate: Option<&'a str>,
}

impl<'a> Ask<'a> {
    fn of(rows: &'a [PriceRow]) -> Self {
        Self {
            own: &[],
            rows,
            quantity: 1,
            unit: None,
            at: NOON,
            choice: PriceChoice::Lowest,
            discount: None,
            rate: None,
        }
    }

    fn chosen(&self) -> Option<Chosen> {
        let list = Arc::new(PriceList {
            code: "L".into(),
            name: None,
            currency: Currency::parse("EUR").expect("a code"),
        });
        let at: Timestamp = self.at.parse().expect("an instant");
        let time_zone = TimeZone::get("Europe/Stockholm").expect("a zone");
        let unit = self.unit.map(Arc::from);
        let wish = Wish {
            quantity: Decimal::from(self.quantity),
            unit: unit.as_ref(),
            currency: Currency::parse("EUR").expect("a code"),
            day: at.to_zoned(time_zone.clone()).date(),
            time_zone: &time_zone,
            price_list: Some(&list),
            choice: self.choice,
            discount: self.discount.map(|(percent, off_lists)| Discount {
                percent: decimal(percent),
                off_lists,
            }),
            taxes: self.taxes(),
            tiers: true,
        };
        let freshness = Freshness {
            system: "erp".into(),
            fetched_at: at,
            age_ms: 0,
            state: FreshnessState::Live,
        };
        let rows = Rows {
            own: self.own,
            shared: self.rows,
        };
        choose(rows, &wish, freshness)
    }

    fn taxes(&self) -> Taxes {
        let rates = self.rate.map(|rate| ("SE".into(), decimal(rate)));
        let tax = Tax {
            rates: rates.into_iter().collect(),
            ..Tax::default()
        };
        Taxes::new(&tax, Some("SE"))
    }

    fn price(&self) -> Price {
        Arc::unwrap_or_clone(self.chosen().expect("a price").price)
    }

    fn net(&self) -> String {
        let price = self.chosen().map(|chosen| chosen.price.unit_price);
        price.map_or("none".to_owned(), net)
    }
}

fn net(money: TaxedMoney) -> String {
    money.net.map_or("-".to_owned(), |money| money.amount.to_string())
}

/// Price, list price and discount in a line.
fn struck(price: &Price) -> String {
    let percent = price.discount_percent.map(|percent| percent.to_string());
    format!(
        "{} {} {}",
        net(price.unit_price),
        price.list_price.map_or("-".to_owned(), net),
        percent.as_deref().unwrap_or("-")
    )
}

fn tiers_of(price: &Price) -> Vec<String> {
    let line = |tier: &PriceTier| format!("{}: {}", tier.minimum_quantity, net(tier.unit_price));
    price.tiers.iter().map(line).collect()
}

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
        let ask = Ask {
            quantity,
            ..Ask::of(&rows)
        };
        assert_eq!(ask.net(), expected, "for {quantity}");
    }
    assert_eq!(
        tiers_of(&Ask::of(&rows).price()),
        ["1: 11.00", "10: 9.90", "100: 7.70"]
    );
}

#[test]
fn a_campaign_holds_from_its_first_to_its_last_day_and_shows_what_it_replaces() {
    let campaign = PriceRow {
        valid_from: Some(jiff::civil::date(2026, 6, 10)),
        valid_until: Some(jiff::civil::date(2026, 6, 15)),
        ..of_kind(PriceKind::Campaign, "8.00")
    };
    let rows = [row(1, "10.00"), campaign];
    let during = Ask::of(&rows).price();
    assert_eq!(during.kind, PriceKind::Campaign);
    assert_eq!(struck(&during), "8.00 10.00 20");
    let at = |at| Ask { at, ..Ask::of(&rows) }.net();
    assert_eq!(
        at("2026-06-15T21:59:59Z"),
        "8.00",
        "the last second of the last day"
    );
    assert_eq!(at("2026-06-15T22:00:00Z"), "10.00", "midnight in Stockholm");
}

#[test]
fn nothing_is_sold_below_the_least_quantity_or_in_another_currency() {
    let rows = [row(10, "5.00")];
    let nine = Ask {
        quantity: 9,
        ..Ask::of(&rows)
    };
    assert_eq!(nine.net(), "none");
    let foreign = PriceRow {
        currency: Currency::parse("SEK").expect("a code"),
        ..row(1, "5.00")
    };
    assert_eq!(Ask::of(&[foreign]).net(), "none");
}

#[test]
fn the_first_row_that_applies_wins_where_the_system_goes_by_order() {
    let own = [PriceRow {
        kind: PriceKind::Contract,
        ..row(10, "9.00")
    }];
    let rows = [row(1, "8.00"), row(1, "7.00"), row(5, "6.00")];
    let ask = |quantity, choice| Ask {
        own: &own,
        quantity,
        choice,
        ..Ask::of(&rows)
    };
    let first = |quantity| ask(quantity, PriceChoice::FirstMatch).net();
    assert_eq!(
        (first(1), first(5), first(10)),
        ("8.00".into(), "8.00".into(), "9.00".into())
    );
    let tiers = tiers_of(&ask(1, PriceChoice::FirstMatch).price());
    assert_eq!(tiers, ["1: 8.00", "5: 8.00", "10: 9.00"]);
    let tiers = tiers_of(&ask(1, PriceChoice::Lowest).price());
    assert_eq!(tiers, ["1: 7.00", "5: 6.00", "10: 6.00"]);
    assert_eq!(
        ask(1, PriceChoice::FirstMatch).price().choice,
        PriceChoice::FirstMatch
    );
}

#[test]
fn an_agreement_of_ones_own_is_of_no_price_list() {
    let own = [of_kind(PriceKind::Contract, "5.00")];
    let rows = [row(1, "8.00")];
    let price = Ask {
        own: &own,
        ..Ask::of(&rows)
    }
    .price();
    assert_eq!(
        (net(price.unit_price).as_str(), price.price_list.is_none()),
        ("5.00", true)
    );
    assert_eq!(
        Ask::of(&rows).price().price_list.expect("a list").code.as_str(),
        "L"
    );
    let same = [of_kind(PriceKind::Contract, "8.00")];
    let tied = Ask {
        own: &same,
        ..Ask::of(&rows)
    };
    assert_eq!(
        tied.price().kind,
        PriceKind::Contract,
        "the customer's own comes first"
    );
}
