//! Tryton's customers and orders against recorded exchanges: the kinds that a data set seldom has.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value as Json;
use skuery_schema::ids::CustomerNumber;
use skuery_schema::order_words::{FulfillmentStatus, OrderStatus, PaymentStatus};

use super::recordings::{play, tryton};
use crate::door::tests::call;
use crate::door::tests::server::Server;
use crate::port::orders::{OrderList, OrderQuestion, OrderRecord, Owner, Which};

/// What the preset sent last, as parameters.
fn sent(server: &Server) -> Json {
    let seen = server.seen();
    let body: Json = serde_json::from_str(&seen[seen.len() - 1].body).expect("JSON");
    body["params"].clone()
}

fn recorded(name: &str) -> Json {
    super::recording("tryton", name)["request"]["body"]["params"].clone()
}

#[tokio::test]
async fn a_customer_has_its_addresses_and_with_a_tax_number_its_company() {
    let server = play("tryton", &["login_ok", "customers"]).await;
    let customers = tryton(&server).customers.expect("customers");
    let keys = ["X-001", "C-004", "nope"].map(CustomerNumber::new);
    let found = customers.customers(call(5), &keys).await.expect("an answer");
    assert_eq!(sent(&server), recorded("customers"));
    assert_eq!(found.len(), 2, "an unknown one is absent");
    let builder = found[&keys[0]].as_ref().expect("a customer");
    let company = builder.content.company.as_ref().expect("a company");
    assert_eq!(company.vat_number.as_deref(), Some("SE123456789701"));
    assert_eq!(builder.content.email.as_deref(), Some("order@holm.example"));
    let places: Vec<String> = builder
        .content
        .addresses
        .iter()
        .map(|it| {
            let person = it.name.as_deref().unwrap_or("-");
            let company = it.company.as_deref().unwrap_or("-");
            format!("{person}, {company}, {}, {}", it.lines.join(" / "), it.country)
        })
        .collect();
    assert_eq!(
        places,
        [
            "-, Holm & Söner Bygg AB, Storgatan 1 / Box 12, SE",
            "Åsa Holm, Holm byggplats, Hamnvägen 7, SE"
        ]
    );
    let walk_in = found[&keys[1]].as_ref().expect("a customer");
    assert_eq!(walk_in.price_list, None);
    assert_eq!(walk_in.content.email, None);
    assert_eq!(walk_in.content.company, None);
}

fn question(list: OrderList, since: &str, until: &str) -> OrderQuestion {
    let moment = |text: &str| (!text.is_empty()).then(|| text.parse().expect("a moment"));
    OrderQuestion {
        list,
        which: Which::Placed {
            since: moment(since),
            until: moment(until),
            offset: 0,
            limit: 20,
        },
    }
}

/// The recorded orders by the customer's reference.
async fn orders(name: &str, question: &OrderQuestion) -> HashMap<String, Arc<OrderRecord>> {
    let server = play("tryton", &["login_ok", name]).await;
    let port = tryton(&server).orders.expect("orders");
    let owner = Owner::Customer(CustomerNumber::new("X-001"));
    let page = port.orders(call(5), &owner, question).await.expect("a page");
    assert_eq!(sent(&server), recorded(name), "what was recorded");
    assert_eq!(page.seen, page.orders.len());
    let by_reference =
        |order: &Arc<OrderRecord>| order.customer_reference.as_deref().expect("one").to_owned();
    page.orders
        .iter()
        .map(|order| (by_reference(order), order.clone()))
        .collect()
}

/// A line as text: what was ordered, shipped, cancelled, returned.
fn lines(order: &OrderRecord) -> Vec<String> {
    let lines = order.lines.iter();
    lines
        .map(|line| {
            format!(
                "{} {} {}: {} - {} - {} + {}",
                line.sku.as_str(),
                line.quantity.normalize(),
                line.unit.code,
                line.name,
                line.quantity_shipped.normalize(),
                line.quantity_cancelled.normalize(),
                line.quantity_returned.normalize()
            )
        })
        .collect()
}

fn shipments(order: &OrderRecord) -> Vec<String> {
    let shipments = order.fulfillments.iter().flatten();
    shipments
        .map(|shipment| {
            let lines = shipment.lines.iter();
            let lines: Vec<String> = lines
                .map(|line| format!("{} {}", line.sku.as_str(), line.quantity.normalize()))
                .collect();
            format!("{} {}", shipment.status.name(), lines.join(", "))
        })
        .collect()
}

#[tokio::test]
async fn rare_orders_are_read_as_they_are() {
    let june = question(OrderList::Orders, "2026-06-01T00:00:00Z", "2026-06-30T00:00:00Z");
    let found = orders("orders", &june).await;
    let states: Vec<(&str, OrderStatus, PaymentStatus, FulfillmentStatus)> =
        ["X-PARTS", "X-CARRIED", "X-PAID", "X-STUCK", "X-LET-GO", "X-BACK"]
            .map(|name| {
                (
                    name,
                    found[name].status,
                    found[name].payment_status,
                    found[name].fulfillment_status,
                )
            })
            .to_vec();
    let (processing, unpaid) = (OrderStatus::Processing, PaymentStatus::None);
    assert_eq!(
        states,
        [
            (
                "X-PARTS",
                processing,
                unpaid,
                FulfillmentStatus::PartiallyFulfilled
            ),
            ("X-CARRIED", processing, unpaid, FulfillmentStatus::Fulfilled),
            (
                "X-PAID",
                OrderStatus::Completed,
                PaymentStatus::Paid,
                FulfillmentStatus::Fulfilled
            ),
            ("X-STUCK", processing, unpaid, FulfillmentStatus::Unknown),
            ("X-LET-GO", processing, unpaid, FulfillmentStatus::Unfulfilled),
            ("X-BACK", processing, unpaid, FulfillmentStatus::Returned),
        ]
    );
    let parts = &found["X-PARTS"];
    assert_eq!(
        lines(parts)[..2],
        [
            "SKU-0049 10 u: Halden Pruning Saw 13 - 4 - 0 + 0",
            "SKU-0099 3 u: Halden Torque Wrench 25 - 3 - 0 + 0",
        ]
    );
    assert!(
        lines(parts)[2].ends_with(" 1.5 h: Fitting on site - 0 - 0 + 0"),
        "{:?}",
        lines(parts)
    );
    assert!(
        parts.lines[2].sku.as_str().starts_with('#'),
        "Tryton's id of the line"
    );
    assert_eq!(
        shipments(parts),
        ["FULFILLED SKU-0049 4, SKU-0099 3", "UNFULFILLED SKU-0049 6"]
    );
    let due = parts.lines.iter().map(|line| line.expected_at.is_some());
    assert_eq!(
        due.collect::<Vec<_>>(),
        [true, false, false],
        "only what is still to come"
    );
    let fulfillments = parts.fulfillments.as_deref().expect("shipments");
    assert!(fulfillments[0].shipped_at.is_some() && fulfillments[1].shipped_at.is_none());
    assert_eq!(
        fulfillments[0].location.as_ref().map(|it| it.as_str()),
        Some("NORTH")
    );
    assert_eq!(shipments(&found["X-CARRIED"]), ["FULFILLED SKU-0049 2"]);
    assert!(lines(&found["X-CARRIED"])[0].ends_with(" - 2 - 0 + 0"));
    assert_eq!(
        shipments(&found["X-STUCK"]),
        [""; 0],
        "a cancelled shipment is none"
    );
    assert!(lines(&found["X-STUCK"])[0].ends_with(" - 0 - 0 + 0"));
    assert!(lines(&found["X-LET-GO"])[0].ends_with(" - 0 - 5 + 0"));
    let back = &found["X-BACK"];
    assert_eq!(
        lines(back),
        ["SKU-0099 -2 u: Halden Torque Wrench 25 - 0 - 0 + 2"]
    );
    assert!(back.total.net.is_some_and(|net| net.amount.is_sign_negative()));
    let place = parts.shipping_address.as_ref().expect("an address");
    assert_eq!(
        (place.name.as_deref(), place.city.as_deref()),
        (Some("Åsa Holm"), Some("Lund"))
    );
    assert_eq!(
        parts.billing_address.as_ref().and_then(|it| it.city.as_deref()),
        Some("Stockholm")
    );
}

#[tokio::test]
async fn what_is_not_placed_yet_goes_by_the_time_it_was_made() {
    let found = orders("orders_undated", &question(OrderList::Past, "", "")).await;
    let quote = &found["X-QUOTE"];
    let draft = &found["X-DRAFT"];
    assert!(quote.placed_at > draft.placed_at);
    assert_eq!(draft.updated_at, Some(draft.placed_at), "never written since");
    assert!(draft.number.starts_with('#'), "{}", draft.number);
    assert!(quote.number.parse::<u32>().is_ok(), "{}", quote.number);
    assert_eq!(quote.source_status.as_deref(), Some("quotation"));
    assert_eq!(quote.status, OrderStatus::Received);
}
