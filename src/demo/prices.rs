//! Price lines of the demo ERP: retail lists, dealer lists with tiers, and campaigns with fixed dates.

use rust_decimal::Decimal;

use super::assortment::{Assortment, Sku, below};
use super::customers::{CUSTOMERS, Customer};

/// The date Business Central writes for "no date".
pub(super) const OPEN: &str = "0001-01-01";

/// One row of a price list.
pub(super) struct PriceLine {
    pub(super) list: String,
    pub(super) source: Source,
    pub(super) minimum: i64,
    pub(super) starting: &'static str,
    pub(super) ending: &'static str,
    pub(super) currency: &'static str,
    pub(super) price: Decimal,
    pub(super) includes_vat: bool,
    pub(super) discount_percent: i64,
}

/// For whom a line is meant.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Everybody,
    PriceGroup(&'static str),
    Campaign(&'static str),
    Customer(&'static str),
}

/// Currency, units per hundred euro, VAT in percent, and the step to which consumer prices are rounded, in minor units.
const MARKETS: [(&str, i64, i64, i64); 4] = [
    ("SEK", 1140, 25, 1000),
    ("DKK", 746, 25, 500),
    ("PLN", 428, 23, 500),
    ("EUR", 100, 19, 10),
];

/// Minimum quantities of a dealer list and the part of the first price in percent.
const TIERS: [(i64, i64); 3] = [(1, 100), (10, 96), (50, 91)];

/// Campaign, first day, last day, part of the consumer price in percent.
const CAMPAIGNS: [(&str, &str, &str, i64); 3] = [
    ("SEASON-26", "2026-01-01", "2027-12-31", 80),
    ("AUTUMN-25", "2025-09-01", "2025-11-30", 70),
    ("SPRING-29", "2029-03-01", "2029-05-31", 75),
];

/// All lines of one SKU; none when it has no price.
pub(super) fn lines(assortment: &Assortment, position: usize) -> Vec<PriceLine> {
    let sku = &assortment.skus[position];
    let has_no_price = !sku.is_odd && position % 97 == 13;
    if has_no_price {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for market in &MARKETS {
        // Poland gets some articles later than the others.
        if market.0 == "PLN" && !sku.is_odd && position % 19 == 6 {
            continue;
        }
        lines.push(retail(assortment, sku, market));
    }
    append_dealer(&mut lines, assortment, position, &MARKETS[0]);
    append_dealer(&mut lines, assortment, position, &MARKETS[3]);
    if sku.is_odd || position % 5 != 4 {
        append_gold(&mut lines, assortment, sku);
    }
    append_campaigns(&mut lines, assortment, position);
    append_contracts(&mut lines, assortment, position);
    lines
}

/// What a customer pays for one unit on a day, and whether that includes tax: the lowest of the rows that apply.
pub(super) fn price_of(
    assortment: &Assortment,
    position: usize,
    customer: &Customer,
    quantity: i64,
    day: &str,
) -> Option<(Decimal, bool)> {
    let lines = lines(assortment, position);
    let applies = |line: &&PriceLine| {
        let is_valid =
            (line.starting == OPEN || line.starting <= day) && (line.ending == OPEN || day <= line.ending);
        is_valid && line.currency == customer.currency && line.minimum <= quantity && is_for(line, customer)
    };
    // A customer's discount is taken off the usual prices, never off a campaign or an agreement.
    let effective = |line: &PriceLine| {
        let own = if matches!(line.source, Source::Everybody) {
            customer.discount_percent
        } else {
            0
        };
        let kept = Decimal::new(100 - line.discount_percent, 2) * Decimal::new(100 - own, 2);
        ((line.price * kept).normalize(), line.includes_vat)
    };
    lines.iter().filter(applies).map(effective).min()
}

/// A price for an article that is not in the assortment any more, from its consumer price in euro cents.
pub(super) fn price_of_old(cents: i64, customer: &Customer) -> (Decimal, bool) {
    let is_euro = customer.currency == "EUR";
    let market = &MARKETS[if is_euro { 3 } else { 0 }];
    let minor = rounded(cents, market);
    match price_list(customer) {
        None => {
            let kept = Decimal::new(100 - customer.discount_percent, 2);
            ((Decimal::new(minor, 2) * kept).normalize(), true)
        }
        Some(_) => (Decimal::new(net_of(minor, market), 2).normalize(), false),
    }
}

/// The price list a customer buys by, if it is not the channel's.
fn price_list(customer: &Customer) -> Option<&'static str> {
    let group = Some(customer.price_group).filter(|group| !group.is_empty());
    customer.token_price_list.or(group)
}

fn is_for(line: &PriceLine, customer: &Customer) -> bool {
    match (line.source, price_list(customer)) {
        (Source::Customer(number), _) => number == customer.number,
        (Source::PriceGroup(group), Some("GOLD")) => matches!(group, "GOLD" | "DEALER"),
        (Source::PriceGroup(group), list) => Some(group) == list,
        (Source::Everybody | Source::Campaign(_), list) => list.is_none(),
    }
}

/// Consumer price in Swedish kronor, the home currency of the wholesaler.
pub(super) fn home_price(assortment: &Assortment, sku: &Sku) -> Decimal {
    Decimal::new(retail_minor(assortment, sku, &MARKETS[0]), 2).normalize()
}

fn retail(assortment: &Assortment, sku: &Sku, market: &(&'static str, i64, i64, i64)) -> PriceLine {
    line(
        &format!("RETAIL-{}", market.0),
        Source::Everybody,
        market.0,
        Decimal::new(retail_minor(assortment, sku, market), 2),
        true,
    )
}

fn append_dealer(
    lines: &mut Vec<PriceLine>,
    assortment: &Assortment,
    position: usize,
    market: &(&'static str, i64, i64, i64),
) {
    let net = dealer_minor(assortment, &assortment.skus[position], market);
    for (minimum, percent) in TIERS {
        let price = Decimal::new(net * percent / 100, 2);
        let list = format!("DEALER-{}", market.0);
        let mut tier = line(&list, Source::PriceGroup("DEALER"), market.0, price, false);
        tier.minimum = minimum;
        tier.discount_percent = if market.0 == "SEK" && position % 23 == 4 {
            5
        } else {
            0
        };
        lines.push(tier);
    }
}

/// The best dealers pay in euro with four decimals, which a float would not survive.
fn append_gold(lines: &mut Vec<PriceLine>, assortment: &Assortment, sku: &Sku) {
    let net = dealer_minor(assortment, sku, &MARKETS[3]);
    for (minimum, per_mille) in [(1, 943), (10, 917)] {
        let price = Decimal::new(net * per_mille / 10, 4);
        let mut tier = line("GOLD-EUR", Source::PriceGroup("GOLD"), "EUR", price, false);
        tier.minimum = minimum;
        lines.push(tier);
    }
}

fn append_campaigns(lines: &mut Vec<PriceLine>, assortment: &Assortment, position: usize) {
    let sku = &assortment.skus[position];
    for (campaign, starting, ending, percent) in CAMPAIGNS {
        let takes_part = below(sku.product, 31 + percent.unsigned_abs(), 11) == 0;
        if !takes_part {
            continue;
        }
        for market in [&MARKETS[0], &MARKETS[3]] {
            let price = Decimal::new(retail_minor(assortment, sku, market) * percent / 100, 2);
            let list = format!("CAMP-{campaign}-{}", market.0);
            let mut reduced = line(&list, Source::Campaign(campaign), market.0, price, true);
            (reduced.starting, reduced.ending) = (starting, ending);
            lines.push(reduced);
        }
    }
}

/// What was agreed with the one customer who has agreements: about every seventh product, cheaper still by the box.
fn append_contracts(lines: &mut Vec<PriceLine>, assortment: &Assortment, position: usize) {
    let sku = &assortment.skus[position];
    if sku.is_odd || sku.product % 7 != 1 {
        return;
    }
    let net = dealer_minor(assortment, sku, &MARKETS[0]);
    for customer in CUSTOMERS.iter().filter(|customer| customer.has_own_prices) {
        for (minimum, percent) in [(1, 85), (20, 79)] {
            let price = Decimal::new(net * percent / 100, 2);
            let list = format!("CUST-{}", customer.number);
            let mut agreed = line(&list, Source::Customer(customer.number), "SEK", price, false);
            agreed.minimum = minimum;
            lines.push(agreed);
        }
    }
}

fn line(list: &str, source: Source, currency: &'static str, price: Decimal, includes_vat: bool) -> PriceLine {
    PriceLine {
        list: list.to_owned(),
        source,
        minimum: 1,
        starting: OPEN,
        ending: OPEN,
        currency,
        price: price.normalize(),
        includes_vat,
        discount_percent: 0,
    }
}

fn retail_minor(assortment: &Assortment, sku: &Sku, market: &(&str, i64, i64, i64)) -> i64 {
    let bottle_factor = if sku.number.ends_with('L') && assortment.product_of(sku).kind.family == "fluids" {
        2
    } else {
        0
    };
    let percent = 100 + sku.step * (3 + 40 * bottle_factor);
    rounded(assortment.product_of(sku).price_cents * percent / 100, market)
}

/// Rounded up to the next step and one unit less, so that prices look like prices.
fn rounded(cents: i64, (_, rate, _, step): &(&str, i64, i64, i64)) -> i64 {
    let exact = cents * rate / 100;
    let smallest = if *step >= 500 { 100 } else { 1 };
    (exact + step - 1) / step * step - smallest
}

fn dealer_minor(assortment: &Assortment, sku: &Sku, market: &(&str, i64, i64, i64)) -> i64 {
    net_of(retail_minor(assortment, sku, market), market)
}

/// The dealer's price before tiers.
fn net_of(retail: i64, market: &(&str, i64, i64, i64)) -> i64 {
    retail * 72 / (100 + market.2)
}
