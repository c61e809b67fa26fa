//! The records of customers and orders, with the lists inside them.

use crate::connector::record::{Record, Rule, Shape, required, rule};

const CUSTOMER_FIELDS: [Rule; 9] = [
    rule("name", Shape::Text),
    rule("email", Shape::Text),
    rule("company_number", Shape::Text),
    rule("company_name", Shape::Text),
    rule("vat_number", Shape::Text),
    rule("price_list", Shape::Text),
    rule("individual_prices", Shape::Bool),
    rule("discount_percent", Shape::Decimal),
    rule("currency", Shape::Text),
];

pub(super) static CUSTOMER: Record = Record {
    parts: &[&CUSTOMER_FIELDS],
    lists: &[("addresses", &CUSTOMER_ADDRESS)],
};

pub(super) const CREDIT: [Rule; 4] = [
    required("limit", Shape::Decimal),
    required("used", Shape::Decimal),
    required("currency", Shape::Text),
    rule("blocked", Shape::Bool),
];

const PLACE: [Rule; 6] = [
    rule("name", Shape::Text),
    rule("company", Shape::Text),
    rule("lines", Shape::List),
    rule("postal_code", Shape::Text),
    rule("city", Shape::Text),
    rule("region", Shape::Text),
];

static CUSTOMER_ADDRESS: Record = Record {
    parts: &[&PLACE, &[rule("country", Shape::Text)]],
    lists: &[],
};

static ADDRESS: Record = Record {
    parts: &[&PLACE, &[required("country", Shape::Text)]],
    lists: &[],
};

const ORDER_FIELDS: [Rule; 19] = [
    required("number", Shape::Text),
    rule("references", Shape::List),
    required("customer", Shape::Text),
    rule("company", Shape::Text),
    rule("channel", Shape::Text),
    required("placed_at", Shape::Moment),
    rule("status", Shape::Text),
    rule("payment_status", Shape::Text),
    rule("fulfillment_status", Shape::Text),
    rule("source_status", Shape::Text),
    rule("customer_reference", Shape::Text),
    required("currency", Shape::Text),
    rule("subtotal_net", Shape::Decimal),
    rule("subtotal_gross", Shape::Decimal),
    rule("shipping_net", Shape::Decimal),
    rule("shipping_gross", Shape::Decimal),
    rule("total_net", Shape::Decimal),
    rule("total_gross", Shape::Decimal),
    rule("updated_at", Shape::Moment),
];

const SKIP: [Rule; 1] = [rule("skip", Shape::Bool)];

pub(super) static ORDER: Record = Record {
    parts: &[&ORDER_FIELDS, &SKIP],
    lists: &[
        ("lines", &LINE),
        ("shipping_address", &ADDRESS),
        ("billing_address", &ADDRESS),
        ("fulfillments", &FULFILLMENT),
        ("documents", &DOCUMENT),
    ],
};

const LINE_FIELDS: [Rule; 15] = [
    rule("number", Shape::Decimal),
    required("sku", Shape::Text),
    required("name", Shape::Text),
    rule("unit", Shape::Text),
    rule("unit_name", Shape::Text),
    rule("unit_decimals", Shape::Decimal),
    required("quantity", Shape::Decimal),
    rule("quantity_shipped", Shape::Decimal),
    rule("quantity_cancelled", Shape::Decimal),
    rule("quantity_returned", Shape::Decimal),
    rule("unit_price_net", Shape::Decimal),
    rule("unit_price_gross", Shape::Decimal),
    rule("total_net", Shape::Decimal),
    rule("total_gross", Shape::Decimal),
    rule("expected_at", Shape::Date),
];

static LINE: Record = Record {
    parts: &[&LINE_FIELDS, &SKIP],
    lists: &[],
};

const FULFILLMENT_FIELDS: [Rule; 4] = [
    required("number", Shape::Text),
    rule("status", Shape::Text),
    rule("shipped_at", Shape::Moment),
    rule("location", Shape::Text),
];

static FULFILLMENT: Record = Record {
    parts: &[&FULFILLMENT_FIELDS, &SKIP],
    lists: FULFILLMENT_LISTS,
};

const FULFILLMENT_LISTS: &[(&str, &Record)] = &[("lines", &PACKED), ("tracking", &TRACKING)];

static PACKED: Record = Record {
    parts: &[
        &[required("sku", Shape::Text), required("quantity", Shape::Decimal)],
        &SKIP,
    ],
    lists: &[],
};

static TRACKING: Record = Record {
    parts: &[&[
        rule("carrier", Shape::Text),
        required("number", Shape::Text),
        rule("url", Shape::Link),
    ]],
    lists: &[],
};

const DOCUMENT_FIELDS: [Rule; 4] = [
    required("kind", Shape::Text),
    required("number", Shape::Text),
    rule("issued_at", Shape::Date),
    rule("key", Shape::Text),
];

static DOCUMENT: Record = Record {
    parts: &[&DOCUMENT_FIELDS, &SKIP],
    lists: &[],
};

/// Whose a record is that is asked for by an order's number: another owner's is dropped.
const OWNER: [Rule; 2] = [rule("customer", Shape::Text), rule("company", Shape::Text)];

pub(super) static FULFILLMENTS_OF: Record = Record {
    parts: &[&FULFILLMENT_FIELDS, &SKIP, &OWNER],
    lists: FULFILLMENT_LISTS,
};

pub(super) static DOCUMENTS_OF: Record = Record {
    parts: &[&DOCUMENT_FIELDS, &SKIP, &OWNER],
    lists: &[],
};
