//! The customers of the demo ERP, as a custom API page beside the price lists shows them.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::rows::{Cell, Content, Field, Row, Table, Type, field};
use crate::demo::assortment::mixed;
use crate::demo::customers::{self, Address, Customer};
use crate::demo::ledger::Order;

/// Customers with price group, credit and addresses.
pub(super) static CUSTOMERS: Table = Table {
    name: "customers",
    fields: &FIELDS,
    keys: &["number"],
    part: Some(("shipToAddresses", true)),
    content: Content::Book(rows),
};

fn rows(_: &[&Order]) -> Vec<Row> {
    customers::CUSTOMERS.iter().enumerate().map(row).collect()
}

fn row((at, customer): (usize, &Customer)) -> Row {
    let text = |text: &str| Cell::text(text);
    let (bill_to, bill_to_name) = customer.company.unwrap_or_default();
    let is_home_currency = customer.currency == "SEK";
    let cells = vec![
        Cell::Text(format!(
            "{:08x}-0c05-4d0e-8a11-{:012x}",
            mixed(at, 140) >> 32,
            at + 1
        )),
        text(customer.number),
        text(customer.name),
        text(customer.email),
        text(customer.vat_number),
        // Business Central leaves the company's own currency blank.
        text(if is_home_currency { "" } else { customer.currency }),
        text(customer.price_group),
        Cell::Boolean(customer.has_own_prices),
        Cell::Number(Decimal::from(customer.discount_percent)),
        text(bill_to),
        text(bill_to_name),
        Cell::Number(Decimal::from(customer.credit_limit)),
        Cell::Number(Decimal::new(customer.balance, 2)),
        text(if customer.blocked == " " {
            "_x0020_"
        } else {
            customer.blocked
        }),
        text(customer.address.lines[0]),
        text(customer.address.lines[1]),
        text(customer.address.postal_code),
        text(customer.address.city),
        text(""),
        text(customer.address.country),
        Cell::Boolean(customer.company.is_none()),
    ];
    let parts = customer.deliveries.iter().map(delivery).collect();
    Row { cells, parts }
}

fn delivery(address: &Address) -> Value {
    json!({
        "name": address.name,
        "addressLine1": address.lines[0],
        "addressLine2": address.lines[1],
        "postalCode": address.postal_code,
        "city": address.city,
        "state": "",
        "country": address.country,
    })
}

static FIELDS: [Field; 21] = [
    field("id", Type::Text),
    field("number", Type::Text),
    field("displayName", Type::Text),
    field("email", Type::Text),
    field("taxRegistrationNumber", Type::Text),
    field("currencyCode", Type::Text),
    field("priceGroup", Type::Text),
    field("hasOwnPrices", Type::Boolean),
    field("discountPercent", Type::Number),
    field("billToNumber", Type::Text),
    field("billToName", Type::Text),
    field("creditLimit", Type::Number),
    field("balance", Type::Number),
    field("blocked", Type::Text),
    field("addressLine1", Type::Text),
    field("addressLine2", Type::Text),
    field("postalCode", Type::Text),
    field("city", Type::Text),
    field("state", Type::Text),
    field("country", Type::Text),
    field("pricesIncludeTax", Type::Boolean),
];
