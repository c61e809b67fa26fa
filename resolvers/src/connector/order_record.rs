//! Order records out of rows: whose an order is, its words, amounts and lines.

use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use skuery_schema::catalog::UnitOfMeasure;
use skuery_schema::ids::{Currency, Sku};
use skuery_schema::order::OrderLine;
use skuery_schema::order_words::{FulfillmentStatus, OrderChannel, OrderStatus, PaymentStatus};
use skuery_schema::price::{Money, TaxedMoney};

use crate::connector::address::addresses;
use crate::connector::content;
use crate::connector::customers::currency;
use crate::connector::machine::Machine;
use crate::connector::reader::Reader;
use crate::connector::shipments;
use crate::door::fault::Fault;
use crate::port::orders::{OrderRecord, Owner};

/// The most lines of one order.
const LINES: usize = 2_000;
/// The most numbers other systems know one order by.
const REFERENCES: usize = 100;
/// What a system counts that does not tell (UN/ECE Recommendation 20: one).
const PIECES: &str = "C62";

/// Whether a row names this owner. One that names nobody is nobody's.
pub(crate) fn is_of(reader: &Reader<'_>, owner: &Owner) -> Result<bool, Fault> {
    let (name, wanted) = match owner {
        Owner::Customer(number) => ("customer", number.as_str()),
        Owner::Company(number) => ("company", number.as_str()),
    };
    Ok(reader.filled(name)?.is_some_and(|named| *named == *wanted))
}

/// One order; `None` where the mapping says that the row is none.
pub(crate) fn order(machine: &Machine, reader: &Reader<'_>) -> Result<Option<OrderRecord>, Fault> {
    if reader.switch("skip")? == Some(true) {
        return Ok(None);
    }
    let missing = |name: &str| Fault::invalid_value(format!("a record has no {name}"));
    let currency = currency(reader)?.ok_or_else(|| missing("currency"))?;
    let shipping = taxed(reader, "shipping_net", "shipping_gross", currency)?;
    Ok(Some(OrderRecord {
        number: reader.needed("number")?,
        references: references(reader)?,
        channel: word(reader, "channel")?
            .map(|word| OrderChannel::parse(&word).unwrap_or(OrderChannel::Other)),
        placed_at: reader.moment("placed_at")?.ok_or_else(|| missing("placed_at"))?,
        status: word(reader, "status")?
            .and_then(|word| OrderStatus::parse(&word))
            .unwrap_or(OrderStatus::Unknown),
        payment_status: word(reader, "payment_status")?
            .and_then(|word| PaymentStatus::parse(&word))
            .unwrap_or(PaymentStatus::Unknown),
        fulfillment_status: fulfillment_status(reader, "fulfillment_status")?,
        source_status: reader.filled("source_status")?,
        customer_reference: reader.filled("customer_reference")?,
        lines: lines(reader, currency)?,
        subtotal: taxed(reader, "subtotal_net", "subtotal_gross", currency)?,
        shipping: (shipping.net.is_some() || shipping.gross.is_some()).then_some(shipping),
        total: taxed(reader, "total_net", "total_gross", currency)?,
        shipping_address: addresses(reader, "shipping_address")?.into_iter().next(),
        billing_address: addresses(reader, "billing_address")?.into_iter().next(),
        fulfillments: shipments::fulfillments(machine, reader)?,
        documents: shipments::documents(reader)?,
        updated_at: reader.moment("updated_at")?,
    }))
}

/// How far delivery is, by the schema's word; anything else is unknown.
pub(crate) fn fulfillment_status(reader: &Reader<'_>, name: &str) -> Result<FulfillmentStatus, Fault> {
    Ok(word(reader, name)?
        .and_then(|word| FulfillmentStatus::parse(&word))
        .unwrap_or(FulfillmentStatus::Unknown))
}

fn word(reader: &Reader<'_>, name: &str) -> Result<Option<Arc<str>>, Fault> {
    reader.filled(name)
}

fn references(reader: &Reader<'_>) -> Result<Vec<Arc<str>>, Fault> {
    let named = reader.list("references")?.unwrap_or_default();
    if named.len() > REFERENCES {
        return Err(Fault::invalid_answer(format!("more than {REFERENCES} of them")).at("references"));
    }
    let mut references: Vec<Arc<str>> = Vec::with_capacity(named.len());
    for reference in named {
        if !reference.is_empty() && !references.contains(&reference) {
            references.push(reference);
        }
    }
    Ok(references)
}

fn lines(reader: &Reader<'_>, currency: Currency) -> Result<Vec<OrderLine>, Fault> {
    let read = |reader: &Reader<'_>| line(reader, currency);
    let lines = reader.records("lines", LINES, read)?.unwrap_or_default();
    let counted = lines.into_iter().zip(1..);
    Ok(counted
        .map(|((number, line), count)| OrderLine {
            number: number.unwrap_or(count),
            ..line
        })
        .collect())
}

/// One line and its number, where the system numbers its lines.
fn line(reader: &Reader<'_>, currency: Currency) -> Result<Option<(Option<i32>, OrderLine)>, Fault> {
    if reader.switch("skip")? == Some(true) {
        return Ok(None);
    }
    let number = match reader.decimal("number")? {
        Some(number) if number.is_integer() => number.to_i32(),
        Some(_) => return Err(Fault::invalid_value("a line's number is not a whole number")),
        None => None,
    };
    let sku = reader.needed("sku")?;
    let name = reader.filled("name")?.unwrap_or_else(|| Arc::clone(&sku));
    let quantity = |name: &str| Ok::<_, Fault>(reader.decimal(name)?.unwrap_or_default().normalize());
    let line = OrderLine {
        number: 0,
        sku: Sku::new(sku),
        name,
        unit: content::unit(reader)?.unwrap_or_else(pieces),
        quantity: reader
            .decimal("quantity")?
            .ok_or_else(|| Fault::invalid_value("a record has no quantity"))?
            .normalize(),
        quantity_shipped: quantity("quantity_shipped")?,
        quantity_cancelled: quantity("quantity_cancelled")?,
        quantity_returned: quantity("quantity_returned")?,
        unit_price: taxed(reader, "unit_price_net", "unit_price_gross", currency)?,
        total: taxed(reader, "total_net", "total_gross", currency)?,
        expected_at: reader.date("expected_at")?,
    };
    Ok(Some((number, line)))
}

fn pieces() -> UnitOfMeasure {
    UnitOfMeasure {
        code: Arc::from(PIECES),
        name: Arc::from(PIECES),
        decimals: 0,
    }
}

/// An amount as far as the system gives it: nothing is worked out but the tax between the two sides.
fn taxed(reader: &Reader<'_>, net: &str, gross: &str, currency: Currency) -> Result<TaxedMoney, Fault> {
    let money = |amount: Option<Decimal>| amount.map(|amount| Money { amount, currency });
    let net = reader.decimal(net)?;
    let gross = reader.decimal(gross)?;
    Ok(TaxedMoney {
        net: money(net),
        gross: money(gross),
        tax: money(gross.zip(net).and_then(|(gross, net)| gross.checked_sub(net))),
        tax_rate: None,
    })
}
