//! Shipments and documents of orders, inside an order or asked for apart.

use skuery_schema::ids::Sku;
use skuery_schema::order::{FulfillmentLine, Tracking};
use skuery_schema::order_words::DocumentKind;

use crate::connector::machine::Machine;
use crate::connector::order_record::fulfillment_status;
use crate::connector::reader::Reader;
use crate::door::fault::Fault;
use crate::port::orders::{DocumentRecord, FulfillmentRecord};

/// The most shipments, and the most documents, of one order.
pub(crate) const MOST: usize = 500;
/// The most lines of one shipment.
const LINES: usize = 2_000;
/// The most parcels of one shipment.
const PARCELS: usize = 500;

/// The shipments inside an order; `None` where the mapping does not look for them there.
pub(crate) fn fulfillments(
    machine: &Machine,
    reader: &Reader<'_>,
) -> Result<Option<Vec<FulfillmentRecord>>, Fault> {
    reader.records("fulfillments", MOST, |reader| fulfillment(machine, reader))
}

/// The documents inside an order; `None` where the mapping does not look for them there.
pub(crate) fn documents(reader: &Reader<'_>) -> Result<Option<Vec<DocumentRecord>>, Fault> {
    reader.records("documents", MOST, document)
}

/// One shipment.
pub(crate) fn fulfillment(
    machine: &Machine,
    reader: &Reader<'_>,
) -> Result<Option<FulfillmentRecord>, Fault> {
    if reader.switch("skip")? == Some(true) {
        return Ok(None);
    }
    let location = reader.filled("location")?;
    Ok(Some(FulfillmentRecord {
        number: reader.needed("number")?,
        status: fulfillment_status(reader, "status")?,
        shipped_at: reader.moment("shipped_at")?,
        location: location.and_then(|key| machine.our_location(&key)),
        tracking: reader.records("tracking", PARCELS, parcel)?.unwrap_or_default(),
        lines: reader.records("lines", LINES, packed)?.unwrap_or_default(),
    }))
}

/// A parcel; one without a number cannot be followed and so is none.
fn parcel(reader: &Reader<'_>) -> Result<Option<Tracking>, Fault> {
    let Some(number) = reader.filled("number")? else {
        return Ok(None);
    };
    Ok(Some(Tracking {
        carrier: reader.filled("carrier")?,
        number,
        url: reader.link("url")?,
    }))
}

fn packed(reader: &Reader<'_>) -> Result<Option<FulfillmentLine>, Fault> {
    if reader.switch("skip")? == Some(true) {
        return Ok(None);
    }
    Ok(Some(FulfillmentLine {
        sku: Sku::new(reader.needed("sku")?),
        quantity: reader
            .decimal("quantity")?
            .ok_or_else(|| Fault::invalid_value("a record has no quantity"))?,
    }))
}

/// One document; one of a kind that the schema has no word for is left out.
pub(crate) fn document(reader: &Reader<'_>) -> Result<Option<DocumentRecord>, Fault> {
    if reader.switch("skip")? == Some(true) {
        return Ok(None);
    }
    let Some(kind) = DocumentKind::parse(&reader.needed("kind")?) else {
        return Ok(None);
    };
    Ok(Some(DocumentRecord {
        kind,
        number: reader.needed("number")?,
        issued_at: reader.date("issued_at")?,
        key: reader.filled("key")?,
    }))
}
