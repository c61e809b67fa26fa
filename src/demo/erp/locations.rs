//! The locations of the demo ERP, so that the lines of an order can name theirs.

use super::desk;
use super::rows::{Cell, Content, Field, Row, Table, Type, field};
use crate::demo::assortment::mixed;
use crate::demo::ledger::Order;

/// Warehouses, stores and the depot.
pub(super) static LOCATIONS: Table = Table {
    name: "locations",
    fields: &FIELDS,
    keys: &["code"],
    part: None,
    content: Content::Book(rows),
};

/// The code of a location by its id, or by itself: one configured key then serves orders and shipments.
pub(super) fn code_of(id: &str) -> Option<&'static str> {
    let mut codes = desk::codes().enumerate();
    codes
        .find(|(at, code)| self::id(*at) == id || *code == id)
        .map(|(_, code)| code)
}

fn rows(_: &[&Order]) -> Vec<Row> {
    let row = |(at, code): (usize, &str)| Row {
        cells: vec![Cell::Text(id(at)), Cell::text(code), Cell::text(code)],
        parts: Vec::new(),
    };
    desk::codes().enumerate().map(row).collect()
}

fn id(at: usize) -> String {
    format!("{:08x}-10ca-4d0e-8a12-{:012x}", mixed(at, 143) >> 32, at + 1)
}

static FIELDS: [Field; 3] = [
    field("id", Type::Text),
    field("code", Type::Text),
    field("displayName", Type::Text),
];
