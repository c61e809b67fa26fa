//! Orders of a real Tryton, at the port: each customer's are complete, and nobody else's are among them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;
use skuery_resolvers::port::orders::{
    FulfillmentRecord, OrderList, OrderPage, OrderQuestion, OrderRecord, Orders, Owner, Which,
};
use skuery_schema::ids::{CompanyNumber, CustomerNumber};
use skuery_schema::order_words::{FulfillmentStatus, OrderStatus, PaymentStatus};

use crate::customers::call;
use crate::dataset::{Dataset, Order};
use crate::tryton::parts;

/// Small, so that most customers have more than one page.
const PAGE: usize = 3;

fn orders(name: &str) -> Arc<dyn Orders> {
    let systems = parts(name).systems;
    let found = systems.into_iter().find_map(|system| system.orders);
    found.expect("orders")
}

fn customer(number: &str) -> Owner {
    Owner::Customer(CustomerNumber::new(number))
}

async fn ask(port: &dyn Orders, owner: &Owner, list: OrderList, which: Which) -> OrderPage {
    let question = OrderQuestion { list, which };
    port.orders(call(), owner, &question).await.expect("a page")
}

/// All orders of a stretch of one list, page by page.
async fn stretch(
    port: &dyn Orders,
    owner: &Owner,
    list: OrderList,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Vec<Arc<OrderRecord>> {
    let mut all: Vec<Arc<OrderRecord>> = Vec::new();
    let mut offset = 0;
    loop {
        let which = Which::Placed {
            since,
            until,
            offset,
            limit: PAGE,
        };
        let page = ask(port, owner, list, which).await;
        assert_eq!(page.seen, page.orders.len(), "nothing that is another owner's");
        all.extend(page.orders);
        offset += PAGE;
        if page.seen < PAGE {
            assert!(all.is_sorted_by(|a, b| a.placed_at >= b.placed_at));
            return all;
        }
    }
}

/// Both lists: with a date, and not placed yet.
async fn all(port: &dyn Orders, owner: &Owner) -> Vec<Arc<OrderRecord>> {
    let mut all = stretch(port, owner, OrderList::Orders, None, None).await;
    all.extend(stretch(port, owner, OrderList::Past, None, None).await);
    all
}

fn reference(order: &OrderRecord) -> &str {
    order.customer_reference.as_deref().expect("a reference")
}

/// Quantities by SKU.
type Quantities = BTreeMap<String, Decimal>;

fn ordered(order: &Order) -> Quantities {
    let lines = order.lines.iter();
    lines
        .map(|line| (line.sku.clone(), Decimal::from(line.quantity)))
        .collect()
}

fn shipped(shipment: &FulfillmentRecord) -> Quantities {
    let lines = shipment.lines.iter();
    lines
        .map(|line| (line.sku.as_str().to_owned(), line.quantity))
        .collect()
}

/// The three words of a state. Tryton goes on from confirmed to processing by itself.
fn words(state: &str) -> (OrderStatus, PaymentStatus, FulfillmentStatus, &'static str) {
    let unpaid = PaymentStatus::None;
    let (nothing, everything) = (FulfillmentStatus::Unfulfilled, FulfillmentStatus::Fulfilled);
    match state {
        "draft" => (OrderStatus::Received, unpaid, nothing, "draft"),
        "quotation" => (OrderStatus::Received, unpaid, nothing, "quotation"),
        "confirmed" | "processing" => (OrderStatus::Processing, unpaid, nothing, "processing"),
        "shipped" => (OrderStatus::Processing, unpaid, everything, "processing"),
        "cancelled" => (OrderStatus::Cancelled, unpaid, nothing, "cancelled"),
        other => panic!("no words for {other}"),
    }
}

fn check(data: &Dataset, expected: &Order, found: &OrderRecord, ids: &Value) {
    let place = &expected.number;
    let midnight: Timestamp = format!("{}T00:00:00Z", expected.date).parse().expect("a day");
    assert_eq!(found.placed_at, midnight, "{place}");
    let (status, payment, fulfillment, source) = words(&expected.state);
    assert_eq!(found.status, status, "{place}");
    assert_eq!(found.payment_status, payment, "{place}");
    assert_eq!(found.fulfillment_status, fulfillment, "{place}");
    assert_eq!(found.source_status.as_deref(), Some(source), "{place}");
    match expected.state.as_str() {
        "draft" | "cancelled" => assert_eq!(*found.number, format!("#{}", ids[place]["id"]), "{place}"),
        _ => assert!(found.number.parse::<u32>().is_ok(), "{place}: {}", found.number),
    }
    assert!(found.references.is_empty(), "{place}");
    check_lines(data, expected, found);
    check_shipments(expected, found);
    let customer = data.customers.iter().find(|it| it.code == expected.customer);
    let country = &customer.expect("a customer").country;
    for address in [&found.shipping_address, &found.billing_address] {
        assert_eq!(
            &*address.as_ref().expect("an address").country,
            country,
            "{place}"
        );
    }
}

fn check_lines(data: &Dataset, expected: &Order, found: &OrderRecord) {
    let place = &expected.number;
    assert_eq!(found.lines.len(), expected.lines.len(), "{place}");
    let mut total = Decimal::ZERO;
    for (line, wanted) in found.lines.iter().zip(&expected.lines) {
        let quantity = Decimal::from(wanted.quantity);
        let all_if = |state: &str| {
            if expected.state == state {
                quantity
            } else {
                Decimal::ZERO
            }
        };
        let amount = data.expected_amount(expected, wanted);
        assert_eq!(line.sku.as_str(), wanted.sku, "{place}");
        assert_eq!(line.quantity, quantity, "{place}");
        assert_eq!(line.quantity_shipped, all_if("shipped"), "{place}");
        assert_eq!(line.quantity_cancelled, all_if("cancelled"), "{place}");
        assert_eq!(line.quantity_returned, Decimal::ZERO, "{place}");
        let net = line.total.net.expect("a net amount");
        assert_eq!(
            (net.amount, &*net.currency.to_string()),
            (amount, "EUR"),
            "{place}"
        );
        total += amount;
    }
    for sum in [&found.subtotal, &found.total] {
        assert_eq!(sum.net.expect("a net sum").amount, total, "{place}");
        assert_eq!(
            sum.gross.expect("a gross sum").amount,
            total,
            "{place}: no taxes here"
        );
    }
}

fn check_shipments(expected: &Order, found: &OrderRecord) {
    let place = &expected.number;
    let shipments = found.fulfillments.as_deref().expect("told with the order");
    let (count, status) = match expected.state.as_str() {
        "confirmed" | "processing" => (1, FulfillmentStatus::Unfulfilled),
        "shipped" => (1, FulfillmentStatus::Fulfilled),
        _ => (0, FulfillmentStatus::Unknown),
    };
    assert_eq!(shipments.len(), count, "{place}");
    for shipment in shipments {
        assert_eq!(shipment.status, status, "{place}");
        assert_eq!(shipped(shipment), ordered(expected), "{place}");
        assert_eq!(
            shipment.shipped_at.is_some(),
            expected.state == "shipped",
            "{place}"
        );
        let location = shipment.location.as_ref().expect("a location");
        assert_eq!(location.as_str(), expected.warehouse, "{place}");
    }
}

#[tokio::test]
async fn every_customer_has_exactly_its_own_orders_complete() {
    let data = Dataset::read();
    let port = orders("orders.yaml");
    let keys = std::env::var("SKUERY_TRYTON_KEYS").expect("SKUERY_TRYTON_KEYS: scripts/test sets it");
    let keys: Value = serde_json::from_str(&std::fs::read_to_string(keys).expect("the keys")).expect("JSON");
    let mut numbers = BTreeSet::new();
    for owner in &data.customers {
        let found = all(&*port, &customer(&owner.code)).await;
        let expected: BTreeMap<&str, &Order> = data
            .orders
            .iter()
            .filter(|order| order.customer == owner.code)
            .map(|order| (order.number.as_str(), order))
            .collect();
        let references: BTreeSet<&str> = found.iter().map(|order| reference(order)).collect();
        assert_eq!(found.len(), expected.len(), "{}", owner.code);
        assert_eq!(
            references,
            expected.keys().copied().collect(),
            "exactly those of {}",
            owner.code
        );
        for order in &found {
            check(&data, expected[reference(order)], order, &keys["orders"]);
            assert!(numbers.insert(order.number.clone()), "{} twice", order.number);
        }
    }
    assert_eq!(numbers.len(), 36);
}

#[tokio::test]
async fn an_order_is_found_by_its_number_by_its_owner_only() {
    let port = orders("order-numbers.yaml");
    let (owner, stranger) = (customer("C-001"), customer("C-002"));
    let known = all(&*port, &owner).await;
    assert_eq!(known.len(), 5);
    for order in known {
        let which = Which::Number(order.number.clone());
        let found = ask(&*port, &owner, OrderList::Orders, which.clone()).await;
        assert_eq!(found.orders, [order], "by its number");
        for list in [OrderList::Orders, OrderList::Past] {
            let found = ask(&*port, &stranger, list, which.clone()).await;
            assert_eq!(found, OrderPage::default(), "not even handed over by Tryton");
        }
    }
    for odd in ["nope", "#", "#0", "#99999999999", "%", "ORD-0007"] {
        let found = ask(&*port, &owner, OrderList::Orders, Which::Number(odd.into())).await;
        assert_eq!(found, OrderPage::default(), "{odd}");
    }
}

#[tokio::test]
async fn a_stretch_has_its_first_and_its_last_day() {
    let port = orders("order-stretches.yaml");
    let owner = customer("C-001");
    let moment = |text: &str| Some(text.parse::<Timestamp>().expect("a moment"));
    let found = stretch(
        &*port,
        &owner,
        OrderList::Orders,
        moment("2026-03-15T18:00:00Z"),
        moment("2026-05-02T00:00:00Z"),
    )
    .await;
    let found: Vec<&str> = found.iter().map(|order| reference(order)).collect();
    assert_eq!(found, ["ORD-0028", "ORD-0021", "ORD-0014"]);
}

#[tokio::test]
async fn what_is_not_placed_yet_and_what_a_company_pays_for_are_found() {
    let port = orders("order-owners.yaml");
    let undated = stretch(&*port, &customer("X-001"), OrderList::Past, None, None).await;
    let references: Vec<&str> = undated.iter().map(|order| reference(order)).collect();
    assert_eq!(references, ["X-QUOTE", "X-DRAFT"], "newest first");
    let newest = undated[0].placed_at;
    let until = stretch(
        &*port,
        &customer("X-001"),
        OrderList::Past,
        None,
        Some(undated[1].placed_at),
    )
    .await;
    assert_eq!(until, undated[1..], "to the microsecond");
    let since = stretch(&*port, &customer("X-001"), OrderList::Past, Some(newest), None).await;
    assert_eq!(since, undated[..1], "to the microsecond");

    let branch = all(&*port, &customer("X-002")).await;
    let branch: Vec<&str> = branch.iter().map(|order| reference(order)).collect();
    assert_eq!(branch, ["X-BRANCH"], "its own order");
    let owner = |number: &str| Owner::Company(CompanyNumber::new(number));
    let company = all(&*port, &owner("X-001")).await;
    assert!(company.iter().any(|order| reference(order) == "X-BRANCH"));
    assert_eq!(
        company.len(),
        all(&*port, &customer("X-001")).await.len() + 1,
        "its own and the branch's"
    );
    assert!(
        all(&*port, &owner("X-002")).await.is_empty(),
        "somebody else pays for the branch"
    );
}
