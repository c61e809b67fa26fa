//! The sales of the demo ERP: orders in progress, invoices of finished ones, and shipments.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::rows::{Cell, Content, Field, Row, Table, Type, field};
use crate::demo::answers::number;
use crate::demo::assortment::mixed;
use crate::demo::customers::Address;
use crate::demo::ledger::{Invoice, Line, Order, Progress, Route, Shipment, totals};
use crate::demo::prices::OPEN;

/// Orders that are not invoiced yet.
pub(super) static ORDERS: Table = Table {
    name: "salesOrders",
    fields: &ORDER_FIELDS,
    keys: &[
        "number",
        "customerNumber",
        "billToCustomerNumber",
        "externalDocumentNumber",
    ],
    part: Some(("salesOrderLines", false)),
    content: Content::Book(orders),
};

/// Invoices: where finished orders are found.
pub(super) static INVOICES: Table = Table {
    name: "salesInvoices",
    fields: &INVOICE_FIELDS,
    keys: &["orderNumber", "number", "customerNumber", "billToCustomerNumber"],
    part: Some(("salesInvoiceLines", false)),
    content: Content::Book(invoices),
};

/// Shipments of all orders, finished or not.
pub(super) static SHIPMENTS: Table = Table {
    name: "salesShipments",
    fields: &SHIPMENT_FIELDS,
    keys: &["orderNumber", "number", "customerNumber"],
    part: Some(("salesShipmentLines", false)),
    content: Content::Book(shipments),
};

fn orders(orders: &[&Order]) -> Vec<Row> {
    let open = orders.iter().filter(|order| order.is_in_progress());
    open.map(|order| self::order(order)).collect()
}

/// An order as it is listed.
pub(super) fn order(order: &Order) -> Row {
    let status = match order.progress {
        Progress::Draft => "Draft",
        Progress::InReview => "In Review",
        _ => "Open",
    };
    let requested = if order.route == Route::Edi {
        order.day().to_string()
    } else {
        OPEN.to_owned()
    };
    let mut cells = vec![
        Cell::Text(id(order.place, 0)),
        Cell::text(&*order.number),
        Cell::text(&*order.external),
        Cell::Text(order.day().to_string()),
        Cell::Text(requested),
        Cell::text(&*order.reference),
    ];
    cells.extend(parties(order));
    cells.extend(amounts(&order.lines));
    cells.extend([
        Cell::text(status),
        Cell::Boolean(order.progress == Progress::Shipped),
        Cell::text(salesperson(order.route)),
        changed(order),
    ]);
    let parts = order
        .lines
        .iter()
        .enumerate()
        .map(|(at, line)| order_line(order, at, line))
        .collect();
    Row { cells, parts }
}

fn invoices(orders: &[&Order]) -> Vec<Row> {
    let invoiced = orders
        .iter()
        .filter_map(|order| Some((order, order.invoice.as_ref()?)));
    invoiced
        .map(|(order, invoice)| self::invoice(order, invoice))
        .collect()
}

fn invoice(order: &Order, invoice: &Invoice) -> Row {
    let status = match (order.progress, invoice.is_paid) {
        (Progress::Cancelled, _) => "Canceled",
        (_, true) => "Paid",
        (_, false) => "Open",
    };
    let mut cells = vec![
        Cell::text(&*invoice.id),
        Cell::text(&*invoice.number),
        Cell::text(&*order.number),
        Cell::text(&*order.external),
        Cell::Text(invoice.day.to_string()),
        Cell::text(&*order.reference),
    ];
    cells.extend(parties(order));
    cells.extend(amounts(&order.lines));
    cells.extend([
        Cell::text(status),
        Cell::text(salesperson(order.route)),
        changed(order),
    ]);
    let parts = order
        .lines
        .iter()
        .enumerate()
        .map(|(at, line)| invoice_line(order, at, line))
        .collect();
    Row { cells, parts }
}

fn shipments(orders: &[&Order]) -> Vec<Row> {
    let all = orders
        .iter()
        .flat_map(|order| order.shipments.iter().map(move |shipment| (order, shipment)));
    all.enumerate()
        .map(|(at, (order, shipment))| self::shipment(at, order, shipment))
        .collect()
}

fn shipment(at: usize, order: &Order, shipment: &Shipment) -> Row {
    let (agent, parcel) = shipment
        .parcel
        .as_ref()
        .map_or(("", ""), |(agent, parcel)| (*agent, parcel));
    let cells = vec![
        Cell::Text(id(at, 1)),
        Cell::text(&*shipment.number),
        Cell::text(&*order.number),
        Cell::text(&*order.external),
        Cell::Text(shipment.day.to_string()),
        Cell::text(order.customer().number),
        Cell::text(order.customer().name),
        Cell::text(order.customer().bill_to().0),
        Cell::text(shipment.location),
        Cell::text(agent),
        Cell::text(parcel),
        Cell::Text(format!("{}T15:40:00Z", shipment.day)),
    ];
    let line = |(at, count): &(usize, i64)| {
        let line = &order.lines[*at];
        json!({
            "sequence": sequence(*at),
            "lineType": "Item",
            "lineObjectNumber": line.sku,
            "description": line.name,
            "unitOfMeasureCode": "PCS",
            "quantity": count,
        })
    };
    Row {
        cells,
        parts: shipment.lines.iter().map(line).collect(),
    }
}

/// Who ordered, who pays and where it goes, in the columns that orders and invoices share.
fn parties(order: &Order) -> Vec<Cell> {
    let customer = order.customer();
    let (bill_to, bill_to_name) = customer.bill_to();
    let mut cells = vec![
        Cell::text(customer.number),
        Cell::text(customer.name),
        Cell::text(bill_to),
        Cell::text(bill_to_name),
    ];
    let entered = order.entered.as_ref();
    match entered.and_then(|entered| entered.ship_to.as_ref()) {
        Some(parts) => cells.extend(parts.iter().map(|part| Cell::text(&**part))),
        None => cells.extend(address(customer.ship_to(order.lines.len()))),
    }
    cells.extend(address(&customer.address).into_iter().skip(1));
    cells.push(Cell::text(
        entered.map_or(customer.currency, |entered| entered.currency),
    ));
    cells
}

fn address(address: &Address) -> Vec<Cell> {
    let [first, second] = address.lines;
    let parts = [
        address.name,
        first,
        second,
        address.city,
        address.country,
        "",
        address.postal_code,
    ];
    parts.into_iter().map(Cell::text).collect()
}

fn amounts(lines: &[Line]) -> [Cell; 4] {
    let (net, gross) = totals(lines);
    let includes_tax = lines.first().is_some_and(|line| line.includes_tax);
    [
        Cell::Boolean(includes_tax),
        Cell::Number(net),
        Cell::Number(gross - net),
        Cell::Number(gross),
    ]
}

fn changed(order: &Order) -> Cell {
    Cell::Text(format!("{}T16:05:00Z", order.changed()))
}

/// Orders of the portal and of other systems have no salesperson; `SUPPORT` takes the phone.
fn salesperson(route: Route) -> &'static str {
    match route {
        Route::SalesRepresentative => "KARLSSON",
        Route::Phone => "SUPPORT",
        Route::Portal | Route::Edi | Route::Marketplace => "",
    }
}

fn order_line(order: &Order, at: usize, line: &Line) -> Value {
    let last = order.shipments.iter().map(|shipment| shipment.day).max();
    let mut shown = invoice_line(order, at, line);
    shown["shippedQuantity"] = json!(line.shipped);
    shown["invoicedQuantity"] = json!(0);
    // The day on which the rest is to leave; no day once all has left.
    let expected = if line.shipped == line.quantity {
        None
    } else {
        Some(last.unwrap_or(order.day()))
    };
    let expected = expected.and_then(|day| day.checked_add(jiff::Span::new().days(9)).ok());
    shown["shipmentDate"] = json!(expected.map_or_else(|| OPEN.to_owned(), |day| day.to_string()));
    shown
}

fn invoice_line(order: &Order, at: usize, line: &Line) -> Value {
    json!({
        "sequence": sequence(at),
        "lineType": "Item",
        "lineObjectNumber": line.sku,
        "description": line.name,
        "unitOfMeasureCode": "PCS",
        "quantity": line.quantity,
        "unitPrice": number(line.unit_price),
        "taxPercent": number(Decimal::from(order.customer().tax_percent())),
        "amountExcludingTax": number(line.net),
        "totalTaxAmount": number(line.gross - line.net),
        "amountIncludingTax": number(line.gross),
    })
}

/// Business Central numbers lines in steps, to leave room between them.
fn sequence(at: usize) -> usize {
    (at + 1) * 10_000
}

fn id(at: usize, kind: usize) -> String {
    format!(
        "{:08x}-5a1e-4{kind:03x}-8d0c-{:012x}",
        mixed(at, 142) >> 32,
        at + 1
    )
}

static ORDER_FIELDS: [Field; 32] = [
    field("id", Type::Text),
    field("number", Type::Text),
    field("externalDocumentNumber", Type::Text),
    field("orderDate", Type::Date),
    field("requestedDeliveryDate", Type::Date),
    field("customerPurchaseOrderReference", Type::Text),
    field("customerNumber", Type::Text),
    field("customerName", Type::Text),
    field("billToCustomerNumber", Type::Text),
    field("billToName", Type::Text),
    field("shipToName", Type::Text),
    field("shipToAddressLine1", Type::Text),
    field("shipToAddressLine2", Type::Text),
    field("shipToCity", Type::Text),
    field("shipToCountry", Type::Text),
    field("shipToState", Type::Text),
    field("shipToPostCode", Type::Text),
    field("billToAddressLine1", Type::Text),
    field("billToAddressLine2", Type::Text),
    field("billToCity", Type::Text),
    field("billToCountry", Type::Text),
    field("billToState", Type::Text),
    field("billToPostCode", Type::Text),
    field("currencyCode", Type::Text),
    field("pricesIncludeTax", Type::Boolean),
    field("totalAmountExcludingTax", Type::Number),
    field("totalTaxAmount", Type::Number),
    field("totalAmountIncludingTax", Type::Number),
    field("status", Type::Text),
    field("fullyShipped", Type::Boolean),
    field("salesperson", Type::Text),
    field("lastModifiedDateTime", Type::Date),
];

static INVOICE_FIELDS: [Field; 31] = [
    field("id", Type::Text),
    field("number", Type::Text),
    field("orderNumber", Type::Text),
    field("externalDocumentNumber", Type::Text),
    field("invoiceDate", Type::Date),
    field("customerPurchaseOrderReference", Type::Text),
    field("customerNumber", Type::Text),
    field("customerName", Type::Text),
    field("billToCustomerNumber", Type::Text),
    field("billToName", Type::Text),
    field("shipToName", Type::Text),
    field("shipToAddressLine1", Type::Text),
    field("shipToAddressLine2", Type::Text),
    field("shipToCity", Type::Text),
    field("shipToCountry", Type::Text),
    field("shipToState", Type::Text),
    field("shipToPostCode", Type::Text),
    field("billToAddressLine1", Type::Text),
    field("billToAddressLine2", Type::Text),
    field("billToCity", Type::Text),
    field("billToCountry", Type::Text),
    field("billToState", Type::Text),
    field("billToPostCode", Type::Text),
    field("currencyCode", Type::Text),
    field("pricesIncludeTax", Type::Boolean),
    field("totalAmountExcludingTax", Type::Number),
    field("totalTaxAmount", Type::Number),
    field("totalAmountIncludingTax", Type::Number),
    field("status", Type::Text),
    field("salesperson", Type::Text),
    field("lastModifiedDateTime", Type::Date),
];

static SHIPMENT_FIELDS: [Field; 12] = [
    field("id", Type::Text),
    field("number", Type::Text),
    field("orderNumber", Type::Text),
    field("externalDocumentNumber", Type::Text),
    field("postingDate", Type::Date),
    field("customerNumber", Type::Text),
    field("customerName", Type::Text),
    field("billToCustomerNumber", Type::Text),
    field("locationCode", Type::Text),
    field("shippingAgentCode", Type::Text),
    field("packageTrackingNumber", Type::Text),
    field("lastModifiedDateTime", Type::Date),
];
