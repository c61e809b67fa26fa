//! The records of reservations, of orders handed over and of payments.

use crate::connector::record::{Record, Rule, Shape, required, rule};

/// `until`: the system's own end, where it tells it.
pub(super) const RESERVED: [Rule; 1] = [rule("until", Shape::Moment)];

pub(super) static RESERVATION: Record = Record {
    parts: &[&RESERVED],
    lists: &[("lines", &RESERVED_LINE)],
};

static RESERVED_LINE: Record = Record {
    parts: &[&[
        required("sku", Shape::Text),
        required("location", Shape::Text),
        required("quantity", Shape::Decimal),
    ]],
    lists: &[],
};

/// `complete`: whether nothing is missing of it; it is complete where the mapping does not say.
pub(super) const PLACED: [Rule; 3] = [
    required("number", Shape::Text),
    rule("key", Shape::Text),
    rule("complete", Shape::Bool),
];

pub(super) static FOUND: Record = Record {
    parts: &[&PLACED, &[rule("skip", Shape::Bool)]],
    lists: &[("lines", &FOUND_LINE)],
};

static FOUND_LINE: Record = Record {
    parts: &[&[
        required("sku", Shape::Text),
        required("quantity", Shape::Decimal),
        rule("skip", Shape::Bool),
    ]],
    lists: &[],
};

pub(super) const AUTHORIZATION: [Rule; 4] = [
    rule("id", Shape::Text),
    required("state", Shape::Text),
    required("amount", Shape::Amount),
    required("currency", Shape::Text),
];
