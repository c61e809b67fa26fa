//! What the ERP has written down, whatever the gateway says.

use serde_json::Value;
use skuery::demo::Demo;

/// Pieces of an article in all orders that the ERP has taken.
pub(crate) fn units(demo: &Demo, sku: &str) -> u32 {
    let orders = demo.orders();
    let lines = orders.as_array().into_iter().flatten().flat_map(lines);
    lines.filter(|line| line["sku"] == sku).map(quantity).sum()
}

/// How many orders the ERP has under a number that the gateway gave.
pub(crate) fn orders(demo: &Demo, external: &str) -> usize {
    let orders = demo.orders();
    let all = orders.as_array().into_iter().flatten();
    all.filter(|order| order["externalDocumentNumber"] == external)
        .count()
}

/// Numbers under which the ERP has more than one order.
pub(crate) fn doubled(demo: &Demo) -> Vec<String> {
    let orders = demo.orders();
    let all = orders.as_array().into_iter().flatten();
    let mut numbers: Vec<&str> = all
        .filter_map(|order| order["externalDocumentNumber"].as_str())
        .collect();
    numbers.sort_unstable();
    let twice = numbers.windows(2).filter(|pair| pair[0] == pair[1]);
    twice.map(|pair| pair[0].to_owned()).collect()
}

fn lines(order: &Value) -> impl Iterator<Item = &Value> {
    order["lines"].as_array().into_iter().flatten()
}

fn quantity(line: &Value) -> u32 {
    let text = line["quantity"].to_string();
    let whole = text
        .trim_matches('"')
        .split('.')
        .next()
        .unwrap_or_default()
        .to_owned();
    whole.parse().unwrap_or_else(|_| panic!("pieces, not {text}"))
}
