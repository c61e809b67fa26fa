//! Writes the book: who ordered when and how far it is, then numbers in the order of time.

use jiff::civil::{Date, DateTime, date, time};
use rust_decimal::Decimal;

use super::goods;
use super::shipping::{later, parcel, ship};
use super::{Invoice, LAST_DAY, Ledger, MarketplaceOrder, Order, Progress, Receipt, Route};
use crate::demo::assortment::{Assortment, below, mixed};
use crate::demo::customers::{CUSTOMERS, Customer};

/// The days that the book covers.
const DAYS: usize = 730;
/// Invoices are paid within this time, but for the ones of customers who do not pay.
const DAYS_TO_PAY: i64 = 30;
/// Since when the blocked customer orders no more, in days before the end of the book.
const BLOCKED_FOR: usize = 200;
const MALMO: i64 = 1;
const BERLIN: i64 = 2;

/// All of it.
pub(super) fn ledger(assortment: &Assortment) -> Ledger {
    let marketplace = marketplace(assortment);
    let mut orders: Vec<Order> = marketplace.iter().filter_map(taken_over).collect();
    for (at, customer) in CUSTOMERS.iter().enumerate() {
        for back in 0..customer.habits.orders {
            orders.push(order(assortment, at, back));
        }
    }
    orders.sort_by_key(|order| (order.placed, order.customer));
    number(&mut orders);
    Ledger {
        orders,
        marketplace,
        receipts: receipts(assortment),
    }
}

/// What everything about one purchase of a customer is mixed from.
fn seed(customer: usize, purpose: usize, back: usize) -> usize {
    (customer * 8 + purpose) * 256 + back
}

/// The moment of a purchase, counted back from the end of the book; the latest are never far from it.
fn moment(seed: usize, back: usize, count: usize) -> DateTime {
    let stride = DAYS / count.max(1);
    let spread = if back == 0 { 3 } else { stride.max(1) };
    let days = back * stride + below(seed, 120, u32::try_from(spread).unwrap_or(1)) as usize;
    let day = days_before(LAST_DAY, days.min(DAYS));
    let part = |purpose, limit| i8::try_from(below(seed, purpose, limit)).unwrap_or(0);
    day.to_datetime(time(7 + part(121, 11), part(122, 60), part(123, 60), 0))
}

fn days_before(day: Date, days: usize) -> Date {
    let span = jiff::Span::new().days(i64::try_from(days).unwrap_or(0));
    day.checked_sub(span).unwrap_or(date(2024, 11, 20))
}

fn order(assortment: &Assortment, at: usize, back: usize) -> Order {
    let customer = &CUSTOMERS[at];
    let seed = seed(at, 0, back);
    // Every sixth order is placed on the day of the one before it.
    let shared = if back % 6 == 4 { back + 1 } else { back };
    let mut placed = moment(self::seed(at, 0, shared), shared, customer.habits.orders);
    if back != shared {
        placed = placed.date().to_datetime(time(18, 30, 0, 0));
    }
    if customer.blocked != " " {
        placed = days_before(placed.date(), BLOCKED_FOR).to_datetime(placed.time());
    }
    let progress = progress(customer, at, back, seed);
    let day = placed.date().to_string();
    let lines = goods::lines(
        assortment,
        customer,
        seed,
        &day,
        progress == Progress::PartlyShipped,
    );
    let route = match (customer.company, below(seed, 124, 8)) {
        (Some(_), 0 | 1) => Route::SalesRepresentative,
        (_, 2) | (None, _) => Route::Phone,
        (_, 3 | 4) => Route::Edi,
        _ => Route::Portal,
    };
    let reference = match below(seed, 125, 3) {
        0 => String::new(),
        _ => format!("PO-{}-{:04}", placed.year(), below(seed, 126, 10_000)),
    };
    finish(Draft {
        at,
        back,
        seed,
        placed,
        route,
        progress,
        reference,
        external: String::new(),
        lines,
    })
}

fn progress(customer: &Customer, at: usize, back: usize, seed: usize) -> Progress {
    if customer.blocked != " " {
        return Progress::Finished;
    }
    let offset = if customer.company.is_some() { at % 2 } else { 2 };
    match back + offset {
        0 => Progress::Draft,
        1 => Progress::Open,
        2 | 5 => Progress::PartlyShipped,
        3 => Progress::InReview,
        4 => Progress::Shipped,
        _ if below(seed, 127, 11) == 0 => Progress::Cancelled,
        _ => Progress::Finished,
    }
}

/// An order before its goods have left and its invoice is written.
struct Draft {
    at: usize,
    back: usize,
    seed: usize,
    placed: DateTime,
    route: Route,
    progress: Progress,
    reference: String,
    external: String,
    lines: Vec<super::Line>,
}

fn finish(draft: Draft) -> Order {
    let Draft {
        at,
        back,
        seed,
        placed,
        route,
        progress,
        reference,
        external,
        mut lines,
    } = draft;
    let customer = &CUSTOMERS[at];
    let mut shipments = ship(
        &mut lines,
        progress,
        customer.address.country,
        seed,
        placed.date(),
    );
    // What came by the marketplace is waited for, and leaves on the day it is taken over.
    let is_waited_for = route == Route::Marketplace;
    for shipment in shipments.iter_mut().filter(|_| is_waited_for) {
        shipment.day = placed.date();
    }
    let next_day = later(placed.date(), i64::from(!is_waited_for));
    let last = shipments.last().map_or(next_day, |shipment| shipment.day);
    let is_unpaid = customer.blocked != " " && back < 5;
    let invoice = matches!(progress, Progress::Finished | Progress::Cancelled).then(|| Invoice {
        id: String::new(),
        number: String::new(),
        day: last,
        is_paid: !is_unpaid && last < days_before(LAST_DAY, usize::try_from(DAYS_TO_PAY).unwrap_or(0)),
    });
    Order {
        place: 0,
        number: String::new(),
        customer: at,
        placed,
        route,
        progress,
        reference,
        external,
        lines,
        shipments,
        invoice,
        entered: None,
    }
}

/// Gives orders, shipments and invoices their numbers, each in the order of time.
fn number(orders: &mut [Order]) {
    for (at, order) in orders.iter_mut().enumerate() {
        order.place = at;
        order.number = Order::number_at(at);
    }
    let mut shipments: Vec<_> = orders.iter_mut().flat_map(|order| &mut order.shipments).collect();
    shipments.sort_by_key(|shipment| shipment.day);
    for (at, shipment) in shipments.into_iter().enumerate() {
        shipment.number = format!("SH-{}", 204_001 + at);
    }
    let mut invoices: Vec<_> = orders
        .iter_mut()
        .filter_map(|order| order.invoice.as_mut())
        .collect();
    invoices.sort_by_key(|invoice| invoice.day);
    for (at, invoice) in invoices.into_iter().enumerate() {
        invoice.number = format!("INV-{}", 103_001 + at);
        invoice.id = format!("{:08x}-1e5a-4c0d-9b2f-{:012x}", mixed(at, 130) >> 32, at + 1);
    }
}

// The marketplace.

fn marketplace(assortment: &Assortment) -> Vec<MarketplaceOrder> {
    let mut orders = Vec::new();
    for (at, customer) in CUSTOMERS.iter().enumerate() {
        for back in 0..customer.habits.marketplace {
            orders.push(sold(assortment, at, back));
        }
    }
    orders.sort_by_key(|order| (order.placed, order.customer));
    for (number, order) in orders.iter_mut().enumerate() {
        order.purchase = format!("MKT-{}-{}", order.placed.year(), 10_001 + number);
        order.number = format!("{}-A", order.purchase);
    }
    orders
}

fn sold(assortment: &Assortment, at: usize, back: usize) -> MarketplaceOrder {
    let customer = &CUSTOMERS[at];
    let seed = seed(at, 1, back);
    let mut placed = moment(seed, back, customer.habits.marketplace);
    let is_new = at == 0 && back == 0;
    if is_new {
        placed = LAST_DAY.to_datetime(time(15, 12, 40, 0));
    }
    let state = match back {
        0 if is_new => "WAITING_ACCEPTANCE",
        0 => "SHIPPING",
        1 => "SHIPPED",
        2 if at == 0 => "REFUSED",
        3 => "CANCELED",
        4.. => "CLOSED",
        _ => "RECEIVED",
    };
    let mut lines = goods::lines(assortment, customer, seed, &placed.date().to_string(), false);
    let has_left = matches!(state, "SHIPPED" | "RECEIVED" | "CLOSED");
    for line in &mut lines {
        line.shipped = if has_left { line.quantity } else { 0 };
    }
    MarketplaceOrder {
        number: String::new(),
        purchase: String::new(),
        customer: at,
        placed,
        state,
        lines,
        shipping: if customer.currency == "EUR" {
            Decimal::new(495, 2)
        } else {
            Decimal::new(4900, 2)
        },
        parcel: has_left.then(|| parcel(customer.address.country, seed)).flatten(),
    }
}

/// The same order in the ERP, on the same day or up to two days later; `None` while or because it was not taken over.
fn taken_over(sold: &MarketplaceOrder) -> Option<Order> {
    let seed = seed(sold.customer, 2, usize::from(sold.placed.minute().unsigned_abs()));
    let progress = match sold.state {
        "SHIPPING" => Progress::Open,
        "SHIPPED" => Progress::Shipped,
        "RECEIVED" | "CLOSED" => Progress::Finished,
        "CANCELED" => Progress::Cancelled,
        _ => return None,
    };
    let day = later(sold.placed.date(), i64::from(below(seed, 128, 3)));
    let mut lines = sold.lines.clone();
    for line in &mut lines {
        line.shipped = 0;
    }
    Some(finish(Draft {
        at: sold.customer,
        back: usize::MAX,
        seed,
        placed: day.to_datetime(sold.placed.time()),
        route: Route::Marketplace,
        progress,
        reference: String::new(),
        external: sold.number.clone(),
        lines,
    }))
}

// The stores.

fn receipts(assortment: &Assortment) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for (at, customer) in CUSTOMERS.iter().enumerate() {
        for back in 0..customer.habits.receipts {
            receipts.push(receipt(assortment, at, back));
        }
    }
    receipts.sort_by_key(|receipt| (receipt.placed, receipt.customer));
    for (at, receipt) in receipts.iter_mut().enumerate() {
        let till = if receipt.store == MALMO { "MAL-1" } else { "BER-2" };
        receipt.id = 40_001 + at;
        receipt.number = format!("{till}-{:06}", 7_211 + 13 * at);
        if let Some((_, number)) = &mut receipt.returned {
            *number = format!("{till}-{:06}", 7_211 + 13 * at + 9);
        }
    }
    receipts
}

fn receipt(assortment: &Assortment, at: usize, back: usize) -> Receipt {
    let customer = &CUSTOMERS[at];
    let seed = seed(at, 3, back);
    let placed = moment(seed, back, customer.habits.receipts);
    let mut lines = goods::lines(assortment, customer, seed, &placed.date().to_string(), false);
    for line in &mut lines {
        line.shipped = line.quantity;
    }
    // Of every third purchase something is brought back within two weeks: all of it, or one piece.
    let is_returned = back % 3 == 1;
    let is_whole = back % 2 == 1;
    for (at, line) in lines.iter_mut().enumerate().filter(|_| is_returned) {
        line.returned = match (is_whole, at) {
            (true, _) => line.quantity,
            (false, 0) => 1,
            (false, _) => 0,
        };
    }
    let days = 2 + i64::from(below(seed, 129, 12));
    let returned = is_returned.then(|| {
        let day = later(placed.date(), days);
        (day.to_datetime(time(16, 20, 0, 0)), String::new())
    });
    Receipt {
        id: 0,
        number: String::new(),
        customer: at,
        placed,
        store: if customer.address.country == "DE" {
            BERLIN
        } else {
            MALMO
        },
        lines,
        returned,
    }
}
