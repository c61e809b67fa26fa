//! The port of systems that keep orders: ERP, OMS, POS, marketplaces.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::Stream;
use jiff::Timestamp;
use jiff::civil::Date;
use skuery_schema::availability::Address;
use skuery_schema::ids::{CompanyNumber, CustomerNumber, LocationCode};
use skuery_schema::order::{FulfillmentLine, OrderLine, Tracking};
use skuery_schema::order_words::{DocumentKind, FulfillmentStatus, OrderChannel, OrderStatus, PaymentStatus};
use skuery_schema::price::TaxedMoney;

use crate::error::LookupError;
use crate::port::{Answer, Answers, Call, Port};

/// A role that keeps orders. Every call is about the orders of exactly one owner; a record of another owner is dropped by
/// the connector and counted, never handed up.
pub trait Orders: Port {
    /// Which of the questions below it answers.
    fn order_abilities(&self) -> OrderAbilities;

    /// Orders of one owner, newest first (`placed_at` falling; in any stable order where it is equal).
    fn orders<'a>(
        &'a self,
        call: Call,
        owner: &'a Owner,
        question: &'a OrderQuestion,
    ) -> Answer<'a, OrderPage>;

    /// The shipments of orders by order number, where they are not part of the order itself. An order without any is
    /// absent.
    fn fulfillments<'a>(
        &'a self,
        call: Call,
        owner: &'a Owner,
        keys: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<[FulfillmentRecord]>>;

    /// The documents of orders by order number, where they are not part of the order itself. An order without any is
    /// absent.
    fn documents<'a>(
        &'a self,
        call: Call,
        owner: &'a Owner,
        keys: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<[DocumentRecord]>>;

    /// The content of one document by the system's key of it.
    fn document<'a>(&'a self, call: Call, key: &'a DocumentKey) -> Answer<'a, DocumentBody>;
}

/// What a system with the role can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderAbilities {
    /// It lists a company's orders, not only one customer's.
    pub company: bool,
    /// It keeps finished orders in a second list (`OrderList::Past`).
    pub past: bool,
    /// It finds orders by the number another system knows them by.
    pub reference: bool,
    /// Shipments are asked for apart.
    pub fulfillments: bool,
    /// Documents are asked for apart.
    pub documents: bool,
    /// It hands out the content of documents.
    pub document: bool,
}

/// Whose orders.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// One customer's.
    Customer(CustomerNumber),
    /// All customers' of a company.
    Company(CompanyNumber),
}

/// Which of the lists a system keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderList {
    /// The system's only list, or the orders in progress.
    Orders,
    /// Finished orders, where the system keeps them apart.
    Past,
}

/// One question for orders.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderQuestion {
    /// Which list.
    pub list: OrderList,
    /// Which of its orders.
    pub which: Which,
}

/// Which orders of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Which {
    /// A stretch of the history, newest first.
    Placed {
        /// Placed at or after. A system that only tells days goes by the UTC day.
        since: Option<Timestamp>,
        /// Placed at or before.
        until: Option<Timestamp>,
        /// How many of these to skip.
        offset: usize,
        /// The most to return.
        limit: usize,
    },
    /// The order with this number.
    Number(Arc<str>),
    /// The orders another system knows by this number. Only with `OrderAbilities::reference`.
    Reference(Arc<str>),
}

/// Orders that answer a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrderPage {
    /// The orders, newest first.
    pub orders: Vec<Arc<OrderRecord>>,
    /// How many the system handed over, before any that are not the owner's were dropped: fewer than the limit means that
    /// no more follow.
    pub seen: usize,
}

/// One order as one system knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderRecord {
    /// The system's number.
    pub number: Arc<str>,
    /// Numbers other systems know it by. Never the customer's own reference.
    pub references: Vec<Arc<str>>,
    /// How it was placed, when the system tells.
    pub channel: Option<OrderChannel>,
    /// When it was placed; midnight UTC where the system only tells the day.
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
    /// Shipments; `None` where they are asked for apart or not known to this system.
    pub fulfillments: Option<Vec<FulfillmentRecord>>,
    /// Documents; `None` where they are asked for apart or not known to this system.
    pub documents: Option<Vec<DocumentRecord>>,
    /// Last change.
    pub updated_at: Option<Timestamp>,
}

/// One shipment as one system knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct FulfillmentRecord {
    /// The system's number.
    pub number: Arc<str>,
    /// How far it is.
    pub status: FulfillmentStatus,
    /// When it left.
    pub shipped_at: Option<Timestamp>,
    /// Where it left from.
    pub location: Option<LocationCode>,
    /// Its parcels.
    pub tracking: Vec<Tracking>,
    /// What is in it.
    pub lines: Vec<FulfillmentLine>,
}

/// One document as one system knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentRecord {
    /// What it is.
    pub kind: DocumentKind,
    /// The system's number.
    pub number: Arc<str>,
    /// When it was issued.
    pub issued_at: Option<Date>,
    /// What its content is fetched by; `None` where it cannot be fetched.
    pub key: Option<Arc<str>>,
}

/// What a document's content is fetched by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DocumentKey {
    /// What it is: systems keep kinds in different places.
    pub kind: DocumentKind,
    /// The system's key.
    pub key: Arc<str>,
}

/// A document on its way. The stream ends with an error where it exceeds the system's size limit or time.
pub struct DocumentBody {
    /// The media type in lower case, without parameters.
    pub content_type: Option<String>,
    /// The content, piece by piece.
    pub content: Pin<Box<dyn Stream<Item = Result<Vec<u8>, LookupError>> + Send>>,
}
