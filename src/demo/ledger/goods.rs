//! What is in an order of the book: articles, how many, and what they cost that day.

use crate::demo::assortment::{Assortment, below};
use crate::demo::customers::Customer;
use crate::demo::ledger::Line;
use crate::demo::prices;
use crate::demo::texts;

/// Quantities that dealers order.
const BY_THE_BOX: [i64; 10] = [1, 2, 3, 4, 5, 6, 10, 12, 20, 50];

/// A product that the examples ask for; customers like it.
const FAVOURITE: &str = "MC-10008-WHT-M";

/// Articles that are not in the PIM any more, with the consumer price in euro cents that they had. The last day on which
/// they were sold is in `LAST_OLD_DAY`.
const OLD: [(&str, &str, i64); 6] = [
    ("MC-8417-BLK-L", "Nordhelm Tornado 2 jethjälm", 14_990),
    ("MC-8533-RED-42", "Hanseat Rally 1 touringstövlar", 18_990),
    ("MC-8602-1L", "Mälar Metro 4 motorolja", 1_290),
    ("MC-8741-GRY", "Baltic Nomad 3 tankväska", 7_950),
    ("MC-8850-BLK-M", "Nordhelm Polar 5 vinterhandskar", 6_495),
    ("MC-8999", "Monteringssats universal", 1_990),
];

/// The last day on which old articles were sold.
const LAST_OLD_DAY: &str = "2026-02-28";

/// The lines of an order; `boxes` makes every quantity large enough to be shipped in parts.
pub(super) fn lines(
    assortment: &Assortment,
    customer: &Customer,
    seed: usize,
    day: &str,
    boxes: bool,
) -> Vec<Line> {
    let most = if customer.company.is_some() { 7 } else { 3 };
    let count = 1 + below(seed, 101, most) as usize;
    let mut lines: Vec<Line> = Vec::with_capacity(count);
    for at in 0..count {
        let quantity = quantity(customer, seed * 16 + at, boxes);
        let line = line(assortment, customer, (seed, at), day, quantity);
        if !lines.iter().any(|other| other.sku == line.sku) {
            lines.push(line);
        }
    }
    lines
}

fn quantity(customer: &Customer, seed: usize, boxes: bool) -> i64 {
    let quantity = match customer.company {
        Some(_) => BY_THE_BOX[below(seed, 103, 10) as usize],
        None => 1 + i64::from(below(seed, 103, 5) == 0),
    };
    if boxes { quantity.max(3) } else { quantity }
}

fn line(
    assortment: &Assortment,
    customer: &Customer,
    (seed, at): (usize, usize),
    day: &str,
    quantity: i64,
) -> Line {
    let tax = customer.tax_percent();
    let mixed = seed * 16 + at;
    if day <= LAST_OLD_DAY && below(mixed, 104, 9) == 0 {
        let (sku, name, cents) = OLD[below(mixed, 105, 6) as usize];
        return Line::new(sku, name, quantity, prices::price_of_old(cents, customer), tax);
    }
    let wanted = below(mixed, 102, u32::try_from(assortment.skus.len()).unwrap_or(1)) as usize;
    let favourite = (at == 0 && seed.is_multiple_of(4))
        .then(|| assortment.sku_position(FAVOURITE))
        .flatten();
    let from = favourite.unwrap_or(wanted);
    // Some articles have no price; the next one has.
    let priced = (from..assortment.skus.len()).chain(0..from).find_map(|position| {
        let price = prices::price_of(assortment, position, customer, quantity, day)?;
        Some((position, price))
    });
    match priced {
        Some((position, price)) => {
            let sku = &assortment.skus[position];
            Line::new(&sku.number, &name(assortment, position), quantity, price, tax)
        }
        // Not while the assortment has prices in both currencies; an old article is true all the same.
        None => Line::new(
            OLD[5].0,
            OLD[5].1,
            quantity,
            prices::price_of_old(OLD[5].2, customer),
            tax,
        ),
    }
}

/// The ERP's only name of an article, in the language of the wholesaler.
pub(crate) fn name(assortment: &Assortment, position: usize) -> String {
    let sku = &assortment.skus[position];
    let product = assortment.product_of(sku);
    texts::name(&product.title, product.kind, sku.product, 0).unwrap_or_else(|| product.title.clone())
}
