//! Customers, orders and invoices of Business Central against recorded exchanges.

use skuery_schema::ids::{Currency, CustomerNumber, LocationCode, PriceListCode, Sku};
use skuery_schema::order_words::{DocumentKind, FulfillmentStatus, OrderChannel, OrderStatus, PaymentStatus};
use skuery_schema::price::{PriceKind, TaxedMoney};

use std::sync::Arc;

use futures_util::StreamExt;

use super::recordings::{business_central, play};
use super::{group, moment};
use crate::door::tests::call;
use crate::door::tests::server::{Server, json as answer, reply};
use crate::port::PriceGroup;
use crate::port::orders::{DocumentKey, OrderAbilities, OrderList, OrderQuestion, Owner, Which};

const CUSTOMER: &str = "10031";

fn mona() -> Owner {
    Owner::Customer(CUSTOMER.into())
}

fn nordic_riders() -> Owner {
    Owner::Company("10030".into())
}

fn sides(money: &TaxedMoney) -> String {
    let side = |money: Option<skuery_schema::price::Money>| {
        money.map_or_else(|| "-".to_owned(), |money| money.amount.to_string())
    };
    format!("{} {} {}", side(money.net), side(money.gross), side(money.tax))
}

#[tokio::test]
async fn business_central_customers_have_company_list_and_credit() {
    let server = play("business-central", &["customers"]).await;
    let customers = business_central(&server).customers.expect("customers");
    let keys = [CustomerNumber::new(CUSTOMER)];
    let found = customers.customers(call(5), &keys).await.expect("an answer");
    let record = found[&keys[0]].as_ref().expect("a customer");
    assert_eq!(record.price_list, Some(PriceListCode::new("DEALER")));
    assert_eq!(
        record.currency,
        Currency::parse("SEK"),
        "blank is the company's own"
    );
    assert_eq!(record.individual_prices, Some(false));
    assert_eq!(record.discount_percent, None);
    let company = record.content.company.as_ref().expect("a company");
    assert_eq!(
        (company.number.as_str(), &*company.name),
        ("10030", "Nordic Riders AB")
    );
    let address = &record.content.addresses[0];
    assert_eq!(address.company.as_deref(), Some("Nordic Riders AB, Malmö"));
    assert_eq!((&*address.lines[0], address.lines.len()), ("Lundavägen 60", 1));
    assert_eq!(&*address.country, "SE");

    let credit = customers.credit(call(5), &keys).await.expect("an answer");
    let credit = credit[&keys[0]].as_ref().expect("credit");
    assert_eq!(
        (credit.limit, credit.used.normalize()),
        (150_000.into(), 27_500.into())
    );
    assert!(!credit.blocked);
}

#[tokio::test]
async fn business_central_orders_of_a_stretch_are_read_line_by_line() {
    let server = play("business-central", &["sales_orders_page"]).await;
    let orders = business_central(&server).orders.expect("orders");
    let all = OrderAbilities {
        company: true,
        past: true,
        reference: true,
        fulfillments: true,
        documents: true,
        document: true,
    };
    assert_eq!(orders.order_abilities(), all);
    let question = OrderQuestion {
        list: OrderList::Orders,
        which: Which::Placed {
            since: Some(moment("2026-01-01T09:30:00Z")),
            until: Some(moment("2026-11-30T09:30:00Z")),
            offset: 1,
            limit: 3,
        },
    };
    let page = orders
        .orders(call(5), &mona(), &question)
        .await
        .expect("an answer");
    let told: Vec<String> = page
        .orders
        .iter()
        .map(|order| {
            format!(
                "{} {} {} {} {}",
                order.number,
                order.placed_at,
                order.status.name(),
                order.fulfillment_status.name(),
                order.channel.map_or("-", OrderChannel::name),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "SO-101253 2026-09-29T00:00:00Z CONFIRMED UNFULFILLED SALES_REP",
            "SO-101248 2026-09-03T00:00:00Z CONFIRMED PARTIALLY_FULFILLED OTHER",
            "SO-101236 2026-08-04T00:00:00Z ON_HOLD UNFULFILLED OTHER",
        ]
    );
    assert_eq!(page.seen, 3);
    let order = &page.orders[1];
    assert_eq!(sides(&order.total), "38702.6 48378.26 9675.66");
    assert_eq!(sides(&order.subtotal), "- - -");
    assert_eq!(order.customer_reference.as_deref(), Some("PO-2026-9848"));
    assert!(order.references.is_empty());
    assert_eq!(order.source_status.as_deref(), Some("Open"));
    assert_eq!(order.updated_at, Some(moment("2026-09-09T16:05:00Z")));
    assert!(order.fulfillments.is_none() && order.documents.is_none());
    let line = &order.lines[0];
    assert_eq!((line.number, line.sku.as_str()), (10_000, "MC-11464-GRY-L"));
    assert_eq!((line.quantity, line.quantity_shipped), (10.into(), 6.into()));
    assert_eq!(
        sides(&line.unit_price),
        "541.34 - -",
        "the order says: without tax"
    );
    assert_eq!(sides(&line.total), "5413.4 6766.75 1353.35");
    assert_eq!(
        line.expected_at.map(|day| day.to_string()).as_deref(),
        Some("2026-09-18")
    );
    let address = order.shipping_address.as_ref().expect("an address");
    assert_eq!(address.city.as_deref(), Some("Malmö"));
}

#[tokio::test]
async fn business_central_orders_of_a_company_are_found_by_reference() {
    let server = play("business-central", &["sales_orders_reference"]).await;
    let orders = business_central(&server).orders.expect("orders");
    let question = OrderQuestion {
        list: OrderList::Orders,
        which: Which::Reference("MKT-2026-10018-A".into()),
    };
    let page = orders
        .orders(call(5), &nordic_riders(), &question)
        .await
        .expect("an answer");
    assert_eq!(&*page.orders[0].number, "SO-101273");
    assert_eq!(&*page.orders[0].references[0], "MKT-2026-10018-A");
}

#[tokio::test]
async fn business_central_invoices_are_the_finished_orders() {
    let server = play("business-central", &["sales_invoices_number"]).await;
    let orders = business_central(&server).orders.expect("orders");
    let question = OrderQuestion {
        list: OrderList::Past,
        which: Which::Number("SO-101204".into()),
    };
    let page = orders
        .orders(call(5), &mona(), &question)
        .await
        .expect("an answer");
    let order = &page.orders[0];
    assert_eq!(
        &*order.number, "SO-101204",
        "the order's number, not the invoice's"
    );
    assert_eq!(order.status, OrderStatus::Completed);
    assert_eq!(order.payment_status, PaymentStatus::Paid);
    assert_eq!(order.fulfillment_status, FulfillmentStatus::Fulfilled);
    assert_eq!(order.lines[0].quantity_shipped, order.lines[0].quantity);
    assert_eq!(order.lines[0].expected_at, None);
}

#[tokio::test]
async fn business_central_shipments_and_invoices_belong_to_their_orders() {
    let names = ["sales_shipments", "sales_invoices_of_orders"];
    let server = play("business-central", &names).await;
    let orders = business_central(&server).orders.expect("orders");
    let keys: [Arc<str>; 3] = ["SO-101009".into(), "SO-101204".into(), "nope".into()];
    let found = orders
        .fulfillments(call(5), &mona(), &keys)
        .await
        .expect("an answer");
    assert_eq!(found.len(), 2);
    let shipments = found[&keys[0]].as_ref().expect("shipments");
    assert_eq!(shipments.len(), 2);
    assert_eq!(&*shipments[0].number, "SH-204011");
    assert_eq!(shipments[0].shipped_at, Some(moment("2024-12-02T00:00:00Z")));
    assert_eq!(shipments[0].location, Some(LocationCode::new("STOCKHOLM")));
    assert_eq!(&*shipments[0].tracking[0].number, "SESTO0445857994");
    assert_eq!(
        shipments[0].tracking[0].url.as_deref(),
        Some("https://track.example/SESTO0445857994")
    );
    assert!(
        shipments[1].tracking.is_empty(),
        "without a number there is no parcel"
    );
    assert_eq!(shipments[1].location, None, "a location that is not configured");
    assert_eq!(shipments[1].lines[0].quantity, 3.into());

    let keys: [Arc<str>; 2] = ["SO-101204".into(), "SO-101248".into()];
    let found = orders
        .documents(call(5), &nordic_riders(), &keys)
        .await
        .expect("an answer");
    assert_eq!(found.len(), 1, "an order without documents is absent");
    let document = &found[&keys[0]].as_ref().expect("documents")[0];
    assert_eq!(
        (document.kind, &*document.number),
        (DocumentKind::Invoice, "INV-103190")
    );
    assert_eq!(
        document.key.as_deref(),
        Some("27970fb3-1e5a-4c0d-9b2f-0000000000be")
    );
    let stranger = Owner::Customer("10010".into());
    let found = orders
        .documents(call(5), &stranger, &keys)
        .await
        .expect("an answer");
    assert!(found.is_empty(), "another customer's invoice is nobody else's");
}

#[tokio::test]
async fn business_central_documents_are_fetched_by_their_own_key() {
    let server = Server::start(|seen| match seen.line.as_str() {
        line if line.contains("token") => answer(&serde_json::json!({"access_token": "t", "expires_in": 60})),
        line if line.ends_with("/salesInvoices(b%27%29%2F..)/pdfDocument/pdfDocumentContent") => {
            reply(200, "application/pdf", b"%PDF-1.7")
        }
        _ => reply(404, "text/plain", b""),
    })
    .await;
    let orders = business_central(&server).orders.expect("orders");
    let key = DocumentKey {
        kind: DocumentKind::Invoice,
        key: "b')/..".into(),
    };
    let mut body = orders.document(call(5), &key).await.expect("a document");
    assert_eq!(body.content_type.as_deref(), Some("application/pdf"));
    let piece = body.content.next().await.expect("a piece").expect("content");
    assert_eq!(piece, b"%PDF-1.7");
    assert!(body.content.next().await.is_none());
    let seen = server.seen();
    assert_eq!(seen[1].header("accept"), Some("*/*"));
}

#[tokio::test]
async fn business_central_rows_of_a_customer_are_of_whatever_list() {
    let server = play("business-central", &["price_list_lines_of_a_customer"]).await;
    let prices = business_central(&server).prices.expect("prices");
    assert!(prices.per_customer());
    let group = PriceGroup {
        customer: Some("10020".into()),
        ..group(Some("DEALER"), "SEK", None)
    };
    let skus = ["MC-10001-BLK-XS", "nope"].map(Sku::new);
    let rows = prices.prices(call(5), &group, &skus).await.expect("an answer");
    let rows = rows[&skus[0]].as_ref().expect("rows");
    let tiers: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {:?} {:?}", row.minimum_quantity, row.net, row.kind))
        .collect();
    assert_eq!(tiers, ["1 Some(1110.89) Contract", "20 Some(1032.48) Contract"]);
    assert_eq!(rows[0].kind, PriceKind::Contract);
}
