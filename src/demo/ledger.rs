//! What the customers have bought in two years, the same on every start: the book that ERP, POS and marketplace read.
//!
//! It ends on a fixed day, not today, so that a test and a presentation see the same orders for ever.

mod build;
mod goods;
mod shipping;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use rust_decimal::{Decimal, RoundingStrategy};

use super::customers::{CUSTOMERS, Customer};

pub(super) use self::goods::name;

/// The last day in the book.
pub(super) const LAST_DAY: Date = date(2026, 11, 20);

/// Everything bought.
pub(super) struct Ledger {
    /// Orders of the ERP, oldest first.
    pub(super) orders: Vec<Order>,
    /// Orders of the marketplace, oldest first. The ERP has most of them too, a day or two later.
    pub(super) marketplace: Vec<MarketplaceOrder>,
    /// Receipts of the stores, oldest first.
    pub(super) receipts: Vec<Receipt>,
}

/// An order in the ERP.
pub(super) struct Order {
    /// Position among all orders, from which its number and id are made.
    pub(super) place: usize,
    pub(super) number: String,
    pub(super) customer: usize,
    pub(super) placed: DateTime,
    pub(super) route: Route,
    pub(super) progress: Progress,
    /// The customer's own reference; empty for none.
    pub(super) reference: String,
    /// The number another system knows the order by; empty for none.
    pub(super) external: String,
    pub(super) lines: Vec<Line>,
    pub(super) shipments: Vec<Shipment>,
    pub(super) invoice: Option<Invoice>,
    /// What was said when it was entered; `None` for the orders of the book.
    pub(super) entered: Option<Entered>,
}

/// What somebody who enters an order says, instead of what the customer's card says.
pub(super) struct Entered {
    pub(super) currency: &'static str,
    /// Name, two lines, city, country, region and postal code.
    pub(super) ship_to: Option<[String; 7]>,
}

/// How an order reached the ERP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Portal,
    Edi,
    Phone,
    SalesRepresentative,
    Marketplace,
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Draft,
    InReview,
    Open,
    PartlyShipped,
    /// All has left; the invoice has not been written yet.
    Shipped,
    /// Invoiced: it is an order no more, only an invoice.
    Finished,
    /// Its invoice was cancelled.
    Cancelled,
}

/// What was bought, as it was called and cost then.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) sku: String,
    pub(super) name: String,
    pub(super) quantity: i64,
    pub(super) unit_price: Decimal,
    /// Whether the unit price includes tax.
    pub(super) includes_tax: bool,
    pub(super) net: Decimal,
    pub(super) gross: Decimal,
    pub(super) shipped: i64,
    pub(super) returned: i64,
}

/// What left a warehouse together.
pub(super) struct Shipment {
    pub(super) number: String,
    pub(super) day: Date,
    /// The ERP's code of the warehouse.
    pub(super) location: &'static str,
    /// The ERP's code of the carrier and the parcel's number there; `None` for goods that were collected.
    pub(super) parcel: Option<(&'static str, String)>,
    /// Position of the order's line, and how many.
    pub(super) lines: Vec<(usize, i64)>,
}

/// The invoice of a finished or cancelled order.
pub(super) struct Invoice {
    pub(super) id: String,
    pub(super) number: String,
    pub(super) day: Date,
    pub(super) is_paid: bool,
}

/// An order on the marketplace.
pub(super) struct MarketplaceOrder {
    /// One order of a purchase, such as `MKT-2026-10004-A`.
    pub(super) number: String,
    /// The purchase, such as `MKT-2026-10004`.
    pub(super) purchase: String,
    pub(super) customer: usize,
    pub(super) placed: DateTime,
    pub(super) state: &'static str,
    pub(super) lines: Vec<Line>,
    /// What the buyer pays for delivery, with tax.
    pub(super) shipping: Decimal,
    /// Carrier, number and address to follow the parcel.
    pub(super) parcel: Option<(&'static str, String)>,
}

/// A purchase in a store.
pub(super) struct Receipt {
    pub(super) id: usize,
    pub(super) number: String,
    pub(super) customer: usize,
    pub(super) placed: DateTime,
    /// The POS's number of the store.
    pub(super) store: i64,
    pub(super) lines: Vec<Line>,
    /// When goods were brought back, and the receipt of that.
    pub(super) returned: Option<(DateTime, String)>,
}

impl Ledger {
    /// Writes the one book there is.
    pub(super) fn build(assortment: &super::assortment::Assortment) -> Self {
        build::ledger(assortment)
    }
}

impl Order {
    /// The number of the order at a position.
    pub(super) fn number_at(place: usize) -> String {
        format!("SO-{}", 101_001 + place)
    }

    pub(super) fn customer(&self) -> &'static Customer {
        &CUSTOMERS[self.customer]
    }

    /// The ERP only keeps the day.
    pub(super) fn day(&self) -> Date {
        self.placed.date()
    }

    /// Whether it is still among the ERP's orders.
    pub(super) fn is_in_progress(&self) -> bool {
        self.invoice.is_none()
    }

    /// The day of the last thing that happened to it.
    pub(super) fn changed(&self) -> Date {
        let shipped = self.shipments.iter().map(|shipment| shipment.day);
        let invoiced = self.invoice.iter().map(|invoice| invoice.day);
        shipped.chain(invoiced).max().unwrap_or(self.day())
    }
}

impl Line {
    /// A line whose totals follow from its price; cents are rounded once a line.
    pub(super) fn new(
        sku: &str,
        name: &str,
        quantity: i64,
        price: (Decimal, bool),
        tax_percent: i64,
    ) -> Self {
        let (unit_price, includes_tax) = price;
        let stated = cents(unit_price * Decimal::from(quantity));
        let factor = Decimal::new(100 + tax_percent, 2);
        let (net, gross) = if includes_tax {
            (cents(stated / factor), stated)
        } else {
            (stated, cents(stated * factor))
        };
        Self {
            sku: sku.to_owned(),
            name: name.to_owned(),
            quantity,
            unit_price,
            includes_tax,
            net,
            gross,
            shipped: 0,
            returned: 0,
        }
    }

    /// Price of one unit without and with tax, as exact as the stated one allows.
    pub(super) fn unit_prices(&self, tax_percent: i64) -> (Decimal, Decimal) {
        let factor = Decimal::new(100 + tax_percent, 2);
        if self.includes_tax {
            let net = (self.unit_price / factor)
                .round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero)
                .normalize();
            (net, self.unit_price)
        } else {
            (self.unit_price, (self.unit_price * factor).normalize())
        }
    }
}

/// Sums of the lines without and with tax.
pub(super) fn totals(lines: &[Line]) -> (Decimal, Decimal) {
    let net = lines.iter().map(|line| line.net).sum();
    (net, lines.iter().map(|line| line.gross).sum())
}

/// The book's moments are in UTC.
pub(super) fn utc(moment: DateTime) -> Timestamp {
    // Any moment of these years is one in UTC.
    TimeZone::UTC
        .to_timestamp(moment)
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

fn cents(amount: Decimal) -> Decimal {
    let mut rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(2);
    rounded
}
