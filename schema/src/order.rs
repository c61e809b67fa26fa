//! Orders of all systems as clients see them. Lines are snapshots: they keep what was ordered when the product is gone.

use std::any::Any;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::availability::{Address, Location};
use crate::catalog::{ExternalId, ProductVariant, UnitOfMeasure};
use crate::ids::{Sku, SystemName};
use crate::listing::PageInfo;
use crate::lookup;
use crate::node_id::NodeId;
use crate::object;
use crate::order_words::{DocumentKind, FulfillmentStatus, OrderChannel, OrderStatus, PaymentStatus};
use crate::price::TaxedMoney;
use crate::table::Value;

/// A page of orders.
pub struct OrderConnection {
    /// The orders with their cursors, newest first.
    pub edges: Vec<OrderEdge>,
    /// Where the page stands.
    pub page_info: PageInfo,
    /// Every system asked.
    pub sources: Vec<OrderSource>,
}

/// One order of a page.
pub struct OrderEdge {
    /// Its place.
    pub cursor: Arc<str>,
    /// The order.
    pub node: Order,
}

/// A system that was asked for orders.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderSource {
    /// Configured name.
    pub system: SystemName,
    /// Whether its orders are in the list.
    pub answered: bool,
    /// What is missing, in safe words.
    pub error: Option<Arc<str>>,
}

/// One order, put together from all systems that know it.
#[derive(Clone)]
pub struct Order {
    /// The number in the system it stands for.
    pub number: Arc<str>,
    /// How it was placed.
    pub channel: OrderChannel,
    /// The system whose record it is in the first place.
    pub source_system: SystemName,
    /// Its number in every system that knows it.
    pub external_ids: Vec<ExternalId>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// How far it is.
    pub status: OrderStatus,
    /// Whether it is paid.
    pub payment_status: PaymentStatus,
    /// Whether it is delivered.
    pub fulfillment_status: FulfillmentStatus,
    /// The system's own word.
    pub source_status: Option<Arc<str>>,
    /// The customer's own reference.
    pub customer_reference: Option<Arc<str>>,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// Sum of the lines.
    pub subtotal: TaxedMoney,
    /// Cost of delivery.
    pub shipping: Option<TaxedMoney>,
    /// All in all.
    pub total: TaxedMoney,
    /// Where it goes.
    pub shipping_address: Option<Address>,
    /// Who pays.
    pub billing_address: Option<Address>,
    /// Last change.
    pub updated_at: Option<Timestamp>,
    /// The records it was put together from, for lookups on the order itself.
    pub origin: Arc<dyn Any + Send + Sync>,
}

/// One line as it was ordered.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderLine {
    /// Counted from 1 in the order, unless the system numbers them itself.
    pub number: i32,
    /// Stock keeping unit as ordered.
    pub sku: Sku,
    /// Name as ordered.
    pub name: Arc<str>,
    /// What `quantity` counts.
    pub unit: UnitOfMeasure,
    /// How many.
    pub quantity: Decimal,
    /// Of these shipped.
    pub quantity_shipped: Decimal,
    /// Of these cancelled.
    pub quantity_cancelled: Decimal,
    /// Of these sent back.
    pub quantity_returned: Decimal,
    /// Price of one unit.
    pub unit_price: TaxedMoney,
    /// Price of the line.
    pub total: TaxedMoney,
    /// When the rest is expected.
    pub expected_at: Option<Date>,
}

/// A shipment.
#[derive(Clone, Debug, PartialEq)]
pub struct Fulfillment {
    /// The system's number.
    pub number: Arc<str>,
    /// How far it is.
    pub status: FulfillmentStatus,
    /// When it left.
    pub shipped_at: Option<Timestamp>,
    /// Where it left from, when it is a configured location.
    pub location: Option<Arc<Location>>,
    /// Its parcels.
    pub tracking: Vec<Tracking>,
    /// What is in it.
    pub lines: Vec<FulfillmentLine>,
}

/// One article of a shipment.
#[derive(Clone, Debug, PartialEq)]
pub struct FulfillmentLine {
    /// Stock keeping unit.
    pub sku: Sku,
    /// How many.
    pub quantity: Decimal,
}

/// A parcel under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracking {
    /// Who carries it.
    pub carrier: Option<Arc<str>>,
    /// The carrier's number.
    pub number: Arc<str>,
    /// Where to follow it.
    pub url: Option<Arc<str>>,
}

/// A document of an order, to be fetched from the gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderDocument {
    /// What it is.
    pub kind: DocumentKind,
    /// The system's number.
    pub number: Arc<str>,
    /// When it was issued.
    pub issued_at: Option<Date>,
    /// A signed, short-lived link on the gateway.
    pub url: Arc<str>,
}

impl Order {
    /// The key of an order's global ID: the system, and the number there.
    pub fn key(system: &SystemName, number: &str) -> String {
        format!("{system}/{number}")
    }
}

object! {
    /// A page of orders, newest first.
    OrderConnection, "OrderConnection";
    /// The orders with their cursors.
    own edges: "[OrderEdge!]!" => |page, _| Value::List(&page.edges);
    /// The orders.
    own nodes: "[Order!]!" => |page, _| Value::Items(page.edges.iter().map(|edge| Value::Object(&edge.node)).collect());
    /// Where the page stands.
    own pageInfo: "PageInfo!" => |page, _| Value::Object(&page.page_info);
    /// Each system asked, and whether it answered: a missing one is never silent.
    own sources: "[OrderSource!]!" => |page, _| Value::List(&page.sources);
}

object! {
    /// One order of a page.
    OrderEdge, "OrderEdge";
    /// Its place, opaque; stands firm while new orders arrive, and only opens the same customer's list.
    own cursor: "String!" => |edge, _| Value::Str(&edge.cursor);
    /// The order.
    own node: "Order!" => |edge, _| Value::Object(&edge.node);
}

object! {
    /// A system that was asked for orders.
    OrderSource, "OrderSource";
    /// As configured.
    own system: "String!" => |source, _| Value::Str(source.system.as_str());
    /// Whether its orders are in the list.
    own answered: "Boolean!" => |source, _| Value::Boolean(source.answered);
    /// What is missing, and why.
    own error: "String" => |source, _| Value::text(source.error.as_ref());
}

object! {
    /// An order, of whichever channel. Where two systems know it, it is one order here.
    Order, "Order" implements "Node";
    /// Opaque global ID; stable.
    own id: "ID!" => |order, _| Value::Text(NodeId::encode("Order", &Order::key(&order.source_system, &order.number)));
    /// Order number, of the system it was placed in.
    own number: "String!" => |order, _| Value::Str(&order.number);
    /// How it was placed; offline orders stand beside the web's.
    own channel: "OrderChannel!" => |order, _| Value::Name(order.channel.name());
    /// The system whose record it is in the first place.
    own sourceSystem: "String!" => |order, _| Value::Str(order.source_system.as_str());
    /// Its number in every system that knows it.
    own externalIds: "[ExternalId!]!" => |order, _| Value::List(&order.external_ids);
    /// When it was placed. Midnight UTC where the system only tells the day.
    own placedAt: "DateTime!" => |order, _| Value::DateTime(order.placed_at);
    /// How far it is.
    own status: "OrderStatus!" => |order, _| Value::Name(order.status.name());
    /// Whether it is paid.
    own paymentStatus: "PaymentStatus!" => |order, _| Value::Name(order.payment_status.name());
    /// Whether it is delivered.
    own fulfillmentStatus: "FulfillmentStatus!" => |order, _| Value::Name(order.fulfillment_status.name());
    /// The system's own word.
    own sourceStatus: "String" => |order, _| Value::text(order.source_status.as_ref());
    /// The customer's own reference, such as a purchase order number.
    own customerReference: "String" => |order, _| Value::text(order.customer_reference.as_ref());
    /// What was ordered, as it was ordered.
    own lines: "[OrderLine!]!" => |order, _| Value::List(&order.lines);
    /// Sum of the lines, as the system says or added up. A side that the system does not tell is null.
    own subtotal: "TaxedMoney!" => |order, _| Value::Object(&order.subtotal);
    /// Cost of delivery.
    own shipping: "TaxedMoney" => |order, _| Value::object(order.shipping.as_ref());
    /// All in all.
    own total: "TaxedMoney!" => |order, _| Value::Object(&order.total);
    /// Where it goes.
    own shippingAddress: "Address" => |order, _| Value::object(order.shipping_address.as_ref());
    /// Who pays.
    own billingAddress: "Address" => |order, _| Value::object(order.billing_address.as_ref());
    /// Shipments. Empty with an error beside it where the system could not be asked for them.
    live fulfillments: "[Fulfillment!]!" => lookup::ORDER_FULFILLMENTS;
    /// Invoices, delivery notes, receipts. Empty with an error beside it where the system could not be asked for them.
    live documents: "[OrderDocument!]!" => lookup::ORDER_DOCUMENTS;
    /// Last change, where the system tells.
    own updatedAt: "DateTime" => |order, _| order.updated_at.map_or(Value::Null, Value::DateTime);
}

object! {
    /// One line as it was ordered.
    OrderLine, "OrderLine";
    /// Counted from 1 in the order, unless the system numbers them itself.
    own number: "Int!" => |line, _| Value::Int(line.number);
    /// Stock keeping unit, as ordered.
    own sku: "String!" => |line, _| Value::Str(line.sku.as_str());
    /// Name, as ordered.
    own name: "String!" => |line, _| Value::Str(&line.name);
    /// The variant as it is now; null once the product is gone.
    own variant: "ProductVariant" => |line, _| Value::Made(Box::new(ProductVariant {
        sku: line.sku.clone(),
        known: false,
        content: None,
    }));
    /// What `quantity` counts.
    own unit: "UnitOfMeasure!" => |line, _| Value::Object(&line.unit);
    /// How many were ordered.
    own quantity: "Decimal!" => |line, _| Value::Decimal(line.quantity);
    /// Of these shipped.
    own quantityShipped: "Decimal!" => |line, _| Value::Decimal(line.quantity_shipped);
    /// Of these cancelled.
    own quantityCancelled: "Decimal!" => |line, _| Value::Decimal(line.quantity_cancelled);
    /// Of these sent back.
    own quantityReturned: "Decimal!" => |line, _| Value::Decimal(line.quantity_returned);
    /// Price of one unit.
    own unitPrice: "TaxedMoney!" => |line, _| Value::Object(&line.unit_price);
    /// Price of the line.
    own total: "TaxedMoney!" => |line, _| Value::Object(&line.total);
    /// When the rest is expected.
    own expectedAt: "Date" => |line, _| line.expected_at.map_or(Value::Null, Value::Date);
}

object! {
    /// A shipment.
    Fulfillment, "Fulfillment";
    /// The system's number.
    own number: "String!" => |shipment, _| Value::Str(&shipment.number);
    /// How far it is.
    own status: "FulfillmentStatus!" => |shipment, _| Value::Name(shipment.status.name());
    /// When it left.
    own shippedAt: "DateTime" => |shipment, _| shipment.shipped_at.map_or(Value::Null, Value::DateTime);
    /// Where it left from; null unless it is a configured location.
    own location: "Location" => |shipment, _| Value::object(shipment.location.as_deref());
    /// Its parcels.
    own tracking: "[Tracking!]!" => |shipment, _| Value::List(&shipment.tracking);
    /// What is in it.
    own lines: "[FulfillmentLine!]!" => |shipment, _| Value::List(&shipment.lines);
}

object! {
    /// One article of a shipment.
    FulfillmentLine, "FulfillmentLine";
    /// Stock keeping unit.
    own sku: "String!" => |line, _| Value::Str(line.sku.as_str());
    /// How many.
    own quantity: "Decimal!" => |line, _| Value::Decimal(line.quantity);
}

object! {
    /// A parcel under way.
    Tracking, "Tracking";
    /// Who carries it.
    own carrier: "String" => |parcel, _| Value::text(parcel.carrier.as_ref());
    /// The carrier's number.
    own number: "String!" => |parcel, _| Value::Str(&parcel.number);
    /// Where to follow it.
    own url: "URL" => |parcel, _| Value::text(parcel.url.as_ref());
}

object! {
    /// A document of an order.
    OrderDocument, "OrderDocument";
    /// What it is.
    own kind: "DocumentKind!" => |document, _| Value::Name(document.kind.name());
    /// The system's number.
    own number: "String!" => |document, _| Value::Str(&document.number);
    /// When it was issued.
    own issuedAt: "Date" => |document, _| document.issued_at.map_or(Value::Null, Value::Date);
    /// A signed link on the gateway that works for a few minutes, for whoever holds it.
    own url: "URL!" => |document, _| Value::Str(&document.url);
}
