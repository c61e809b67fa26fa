//! Business Central takes orders: on the right side of the tax, once, and found among orders and invoices.

use serde_json::{Value as Json, json};
use skuery_schema::availability::Address;

use super::checkout_guide::{draft, line};
use super::recordings::business_central;
use crate::door::tests::call;
use crate::door::tests::server::{Server, json as answer, reply};
use crate::port::order_entry::{OrderDraft, RefusalReason, Submission};

const PLACE: &str = "/v2.0/demo-tenant/Production/api/v2.0/companies(9b1f6c1e-5d0a-4f0e-8a65-2f6f7c1d0a11)";

/// A company whose customer page says this, and which answers an order with that.
async fn company(customers: Json, status: u16, order: Json) -> Server {
    Server::start(move |seen| {
        if seen.line.contains("token") {
            return answer(&json!({"access_token": "t", "expires_in": 3600}));
        }
        if seen.line.starts_with("POST") {
            return reply(status, "application/json", order.to_string().as_bytes());
        }
        match seen.line.contains("/customers?") {
            true => answer(&json!({"value": customers})),
            false => answer(&json!({"value": []})),
        }
    })
    .await
}

fn sent(server: &Server) -> Option<Json> {
    let seen = server.seen();
    let order = seen
        .iter()
        .find(|seen| seen.line == format!("POST {PLACE}/salesOrders"))?;
    assert_eq!(
        order.header("data-access-intent"),
        Some("ReadWrite"),
        "not the replica"
    );
    serde_json::from_str(&order.body).ok()
}

fn order() -> OrderDraft {
    let mut order = draft(
        "SEK",
        vec![
            line(1, "KX-1 'a\"", "2", "12.50"),
            line(2, "KX-2", "0.5", "7.1234"),
        ],
    );
    order.lines[0].gross_price = Some("15.625".parse().expect("a price"));
    order.lines[1].gross_price = Some("8.90".parse().expect("a price"));
    order.lines[1].unit = Some("BOX".into());
    order.lines[1].location = Some("STOCKHOLM".into());
    order
}

#[tokio::test]
async fn an_order_is_sent_with_its_lines_on_the_side_of_the_tax_that_the_customer_has() {
    for (side, prices) in [(false, ["12.50", "7.1234"]), (true, ["15.625", "8.90"])] {
        let customers = json!([{"number": "10031", "pricesIncludeTax": side}]);
        let created = json!({"id": "guid", "number": "S-1", "externalDocumentNumber": "SK-01"});
        let server = company(customers, 201, created).await;
        let port = business_central(&server).order_entry.expect("order entry");
        let mut order = order();
        order.note = Some(format!("Ring \"the\" bell\n{}", "x".repeat(120)).into());
        order.customer_reference = Some("R".repeat(40).into());
        order.shipping_address = Some(Address {
            name: Some("Åsa Holm".into()),
            company: Some("Holm AB".into()),
            lines: vec!["Storgatan 1".into(), "Box 2".into(), "Gate 3".into()],
            postal_code: Some("111 22".into()),
            city: Some("Lund".into()),
            region: None,
            country: "SE".into(),
        });
        let Ok(Submission::Accepted(placed)) = port.place_order(call(5), &order).await else {
            panic!("not accepted");
        };
        assert_eq!((&*placed.number, placed.key.as_deref()), ("S-1", Some("guid")));
        let sent = sent(&server).expect("an order");
        let lines = sent["salesOrderLines"].as_array().expect("lines");
        for (line, price) in lines.iter().zip(prices) {
            assert_eq!(line["unitPrice"].to_string(), price, "every digit");
            assert_eq!(line["lineType"], "Item");
        }
        assert_eq!(lines[0]["lineObjectNumber"], "KX-1 'a\"");
        assert_eq!(lines[0].get("locationId"), None);
        assert_eq!(
            (
                &lines[1]["quantity"].to_string()[..],
                &lines[1]["unitOfMeasureCode"],
                &lines[1]["locationId"]
            ),
            ("0.5", &json!("BOX"), &json!("STO"))
        );
        let comments: Vec<&str> = lines[2..]
            .iter()
            .filter_map(|line| line["description"].as_str())
            .collect();
        assert_eq!(comments.len(), 3, "{comments:?}");
        assert_eq!(comments[0], format!("Reference: {}", "R".repeat(40)));
        assert!(
            comments[1].starts_with("Ring \"the\" bell xxx") && comments.iter().all(|it| it.len() <= 100)
        );
        assert_eq!(sent["externalDocumentNumber"], "SK-01");
        assert_eq!(sent["orderDate"], "2026-11-22");
        assert_eq!(sent["currencyCode"], "", "the company's own is blank");
        assert_eq!(
            (&sent["shipToName"], &sent["shipToContact"]),
            (&json!("Holm AB"), &json!("Åsa Holm"))
        );
        assert_eq!(
            (&sent["shipToAddressLine1"], &sent["shipToAddressLine2"]),
            (&json!("Storgatan 1"), &json!("Box 2, Gate 3"))
        );
        assert_eq!(sent.get("pricesIncludeTax"), None, "it cannot be written");
    }
}

#[tokio::test]
async fn an_order_on_an_unknown_side_of_the_tax_is_refused_before_it_is_sent() {
    let known = json!([{"number": "10031", "pricesIncludeTax": true}]);
    let mut net_only = order();
    net_only.lines[0].gross_price = None;
    for (customers, order, reason) in [
        (json!([]), order(), RefusalReason::Other),
        (json!([{"number": "10031"}]), order(), RefusalReason::Other),
        (known, net_only, RefusalReason::Price),
    ] {
        let server = company(customers, 201, json!({"number": "S-1"})).await;
        let port = business_central(&server).order_entry.expect("order entry");
        let Ok(Submission::Refused(refusal)) = port.place_order(call(5), &order).await else {
            panic!("not refused");
        };
        assert_eq!(refusal.reason, reason, "{}", refusal.message);
        assert_eq!(sent(&server), None);
    }
}

#[tokio::test]
async fn an_error_of_the_application_is_a_refusal_and_one_of_the_server_is_not() {
    for (status, code, is_refused) in [
        (400, "Application_DialogException", true),
        (400, "BadRequest_NotFound", true),
        (404, "BadRequest_NotFound", true),
        (400, "Unknown", false),
        (409, "Request_EntityChanged", false),
        (500, "Application_DialogException", false),
        (503, "Application_Timeout", false),
    ] {
        let error = json!({"error": {"code": code, "message": "secret inside"}});
        let server = company(json!([{"pricesIncludeTax": false}]), status, error).await;
        let port = business_central(&server).order_entry.expect("order entry");
        match port.place_order(call(5), &order()).await {
            Ok(Submission::Refused(refusal)) => {
                assert!(is_refused, "{status} {code}");
                assert_eq!(&*refusal.message, "The order is refused.", "never its own words");
            }
            other => assert!(!is_refused && other.is_err(), "{status} {code}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_order_is_found_among_orders_and_invoices_once() {
    let orders = json!({"value": [
        {"number": "S-1", "id": "g1", "externalDocumentNumber": "SK'1", "salesOrderLines": [
            {"lineType": "Item", "lineObjectNumber": "KX-1", "quantity": 2},
            {"lineType": "Comment", "lineObjectNumber": "", "quantity": 0},
        ]},
        {"number": "S-2", "id": "g2", "externalDocumentNumber": "sk'1", "salesOrderLines": []},
    ]});
    let invoices = json!({"value": [
        {"orderNumber": "S-1", "externalDocumentNumber": "SK'1"},
        {"orderNumber": "S-0", "externalDocumentNumber": "SK'1"},
        {"orderNumber": "", "externalDocumentNumber": "SK'1"},
    ]});
    let server = Server::start(move |seen| {
        if seen.line.contains("token") {
            return answer(&json!({"access_token": "t", "expires_in": 3600}));
        }
        assert_eq!(seen.header("data-access-intent"), Some("ReadWrite"));
        assert!(
            seen.line
                .contains("%24filter=externalDocumentNumber%20eq%20%27SK%27%271%27"),
            "{}",
            seen.line
        );
        match seen.line.contains("/salesOrders?") {
            true => answer(&orders),
            false => answer(&invoices),
        }
    })
    .await;
    let system = business_central(&server);
    let found = system
        .order_entry
        .as_ref()
        .expect("order entry")
        .placed_orders(call(5), "SK'1")
        .await;
    let found = found.expect("an answer");
    let numbers: Vec<&str> = found.iter().map(|order| &*order.number).collect();
    assert_eq!(
        numbers,
        ["S-1", "S-0"],
        "a part that is invoiced is no second order; two orders are two"
    );
    assert_eq!(
        found[0].lines.as_ref().map(Vec::len),
        Some(1),
        "comments are no articles"
    );
    assert_eq!(
        system.upstream.snapshot().foreign_rows,
        1,
        "another case is another number"
    );
}

#[tokio::test]
async fn a_location_is_sent_by_its_id_where_the_configuration_knows_it() {
    let created = json!({"id": "guid", "number": "S-1"});
    let server = company(json!([{"pricesIncludeTax": false}]), 201, created).await;
    let system = super::build(&format!(
        "connector: business-central\nurl: {}\nauth: {{ client_id: c, client_secret: {{ env: A }} }}\n\
         settings: {{ tenant: demo-tenant, company: 9b1f6c1e-5d0a-4f0e-8a65-2f6f7c1d0a11, currency: SEK, token_url: /token, \
         location_ids: {{ STO: 5a1c }} }}\nlocations: {{ STOCKHOLM: STO }}\n",
        server.url
    ))
    .expect("a system");
    let end = system
        .order_entry
        .expect("order entry")
        .place_order(call(5), &order())
        .await;
    assert!(matches!(end, Ok(Submission::Accepted(_))), "{end:?}");
    let lines = sent(&server).expect("an order")["salesOrderLines"].clone();
    assert_eq!(
        (lines[0].get("locationId"), &lines[1]["locationId"]),
        (None, &json!("5a1c"))
    );
}
