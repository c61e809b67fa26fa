//! Tryton takes orders in several steps: what is sent stays data, a lost step is found and finished, nothing is refused
//! once something is there.

use std::sync::Mutex;

use serde_json::{Value as Json, json};
use skuery_schema::availability::Address;

use super::checkout_guide::{draft, line};
use super::recordings::tryton;
use crate::door::tests::call;
use crate::door::tests::server::{Server, Step, json as answer, reply};
use crate::port::order_entry::{OrderDraft, PlacedOrder, RefusalReason, Submission};

/// A Tryton whose answers are these by method, in place of the usual ones; `null` cuts the connection.
async fn server(own: Vec<(&'static str, Json)>) -> Server {
    let own = Mutex::new(own);
    Server::start(move |seen| {
        let body: Json = serde_json::from_str(&seen.body).expect("JSON");
        let method = body["method"].as_str().expect("a method").to_owned();
        let mut own = own.lock().expect("a lock");
        let place = own.iter().position(|(name, _)| method.ends_with(name));
        let result = match place.map(|place| own.remove(place).1) {
            Some(Json::Null) => return vec![Step::Reset],
            Some(whole) if whole.get("error").is_some() => return answer(&whole),
            Some(result) => result,
            None => usual(&method),
        };
        answer(&json!({"id": 1, "result": result}))
    })
    .await
}

fn usual(method: &str) -> Json {
    match method {
        "common.db.login" => json!([4, "token", null]),
        "model.currency.currency.search_read" => json!([{"id": 1, "code": "EUR"}]),
        "model.stock.location.search_read" => json!([{"id": 9, "code": "WH-NORTH"}]),
        "model.product.product.search_read" => json!([
            {"id": 5, "code": "a'\"b", "sale_uom": 1, "account_category.": {"id": 1, "customer_taxes_used": [3]}},
        ]),
        "model.party.party.search_read" => {
            json!([{"id": 2, "customer_tax_rule": null, "customer_payment_term": 6,
            "sale_invoice_method": null, "addresses.": [{"id": 20, "invoice": 0, "delivery": 0}, {"id": 21, "invoice": 1, "delivery": 0}]}])
        }
        "model.country.country.search_read" => json!([{"id": 46, "code": "SE"}]),
        "model.party.address.search_read" => json!([]),
        "model.party.address.create" => json!([30]),
        "model.sale.sale.create" => json!([77]),
        "model.sale.sale.search_read" => json!([{"id": 77, "number": "12", "state": "processing"}]),
        _ => Json::Null,
    }
}

fn calls(server: &Server) -> Vec<(String, Json)> {
    let seen = server.seen();
    let bodies = seen
        .iter()
        .map(|seen| serde_json::from_str::<Json>(&seen.body).expect("JSON"));
    let calls = bodies.map(|body| {
        (
            body["method"].as_str().expect("a method").to_owned(),
            body["params"].clone(),
        )
    });
    calls
        .filter(|(method, _)| method.starts_with("model.sale.sale.") || method.contains("address.create"))
        .collect()
}

fn names(server: &Server) -> Vec<String> {
    calls(server)
        .into_iter()
        .map(|(method, _)| method.rsplit('.').next().unwrap_or_default().to_owned())
        .collect()
}

fn order() -> OrderDraft {
    let mut order = draft("EUR", vec![line(1, "a'\"b", "2.5", "12.3450")]);
    order.lines[0].location = Some("NORTH".into());
    order
}

#[tokio::test]
async fn a_sale_is_made_quoted_confirmed_and_processed_as_agreed() {
    let server = server(Vec::new()).await;
    let port = tryton(&server).order_entry.expect("order entry");
    let mut order = order();
    order.external_number = "SK-'\"}]".into();
    order.note = Some("\"]}, {{ settings }} \u{202e}\n".into());
    order.customer_reference = Some("PO 7".into());
    let Ok(Submission::Accepted(placed)) = port.place_order(call(5), &order).await else {
        panic!("not accepted");
    };
    assert_eq!(
        (&*placed.number, placed.key.as_deref(), placed.complete),
        ("12", Some("77"), true)
    );
    assert_eq!(
        names(&server),
        ["create", "quote", "confirm", "process", "search_read"]
    );
    let calls = calls(&server);
    assert_eq!(
        calls[0].1[0][0],
        json!({"company": 1, "party": 2, "reference": "SK-'\"}]", "description": "PO 7",
            "comment": "\"]}, {{ settings }} \u{202e}\n", "currency": 1, "warehouse": 9, "payment_term": 6,
            "sale_date": {"__class__": "date", "year": 2026, "month": 11, "day": 22},
            "shipment_address": 20, "invoice_address": 21,
            "lines": [["create", [{"type": "line", "product": 5, "quantity": 2.5, "unit": 1,
                "unit_price": {"__class__": "Decimal", "decimal": "12.3450"}, "taxes": [["add", [3]]]}]]]})
    );
    assert_eq!(calls[1].1, json!([[77], {"company": 1}]));
}

#[tokio::test]
async fn an_address_that_the_party_lacks_is_made_and_one_it_has_is_used() {
    let address = Address {
        name: Some("Åsa".into()),
        lines: vec!["Storgatan 1".into(), "Box 2".into()],
        postal_code: Some("111".into()),
        city: Some("Lund".into()),
        country: "SE".into(),
        ..Address::default()
    };
    let mut order = order();
    order.shipping_address = Some(address);
    let server_without = server(Vec::new()).await;
    let port = tryton(&server_without).order_entry.expect("order entry");
    port.place_order(call(5), &order).await.expect("accepted");
    let calls_without = calls(&server_without);
    assert_eq!(
        calls_without[0].1[0][0],
        json!({"party": 2, "delivery": true, "country": 46, "attn": "Åsa", "party_name": null,
            "street": "Storgatan 1\nBox 2", "postal_code": "111", "city": "Lund"})
    );
    assert_eq!(
        (
            &calls_without[1].1[0][0]["shipment_address"],
            &calls_without[1].1[0][0]["invoice_address"]
        ),
        (&json!(30), &json!(21))
    );

    let server_with = server(vec![("party.address.search_read", json!([{"id": 25}]))]).await;
    let port = tryton(&server_with).order_entry.expect("order entry");
    port.place_order(call(5), &order).await.expect("accepted");
    assert_eq!(calls(&server_with)[0].1[0][0]["shipment_address"], json!(25));
}

#[tokio::test]
async fn what_tryton_cannot_take_is_refused_before_anything_is_made() {
    let taxed = json!([{"id": 2, "customer_tax_rule": 8, "addresses.": []}]);
    let two = |mut order: OrderDraft| {
        order.lines.push(line(2, "a'\"b", "1", "1"));
        order.lines[1].location = Some("SOUTH".into());
        order
    };
    let gross = |mut order: OrderDraft| {
        order.lines[0].gross_price = order.lines[0].net_price.take();
        order
    };
    for (own, order, reason) in [
        (
            vec![("product.product.search_read", json!([]))],
            order(),
            RefusalReason::Other,
        ),
        (
            vec![("party.party.search_read", json!([]))],
            order(),
            RefusalReason::Other,
        ),
        (
            vec![("party.party.search_read", taxed)],
            order(),
            RefusalReason::Other,
        ),
        (vec![], two(order()), RefusalReason::Other),
        (vec![], gross(order()), RefusalReason::Price),
    ] {
        let mut own = own;
        own.push(("sale.sale.search_read", json!([])));
        let server = server(own).await;
        let port = tryton(&server).order_entry.expect("order entry");
        let end = port.place_order(call(5), &order).await;
        let Ok(Submission::Refused(refusal)) = end else {
            panic!("{end:?}");
        };
        assert_eq!(refusal.reason, reason, "{}", refusal.message);
        assert_eq!(names(&server), ["search_read"], "only looked for");
    }
}

#[tokio::test]
async fn tryton_refuses_the_making_and_afterwards_nothing_is_a_refusal() {
    let error =
        json!({"id": 1, "error": ["UserError", ["The value of the field is not allowed.", "", null]]});
    let refusing = server(vec![
        ("sale.create", error.clone()),
        ("sale.sale.search_read", json!([])),
    ])
    .await;
    let port = tryton(&refusing).order_entry.expect("order entry");
    let end = port.place_order(call(5), &order()).await;
    assert!(matches!(end, Ok(Submission::Refused(_))), "{end:?}");
    assert_eq!(names(&refusing), ["create", "search_read"]);

    let broken = json!({"id": 1, "error": ["'nope'", ""]});
    for (step, said) in [
        ("sale.create", broken),
        ("sale.create", Json::Null),
        ("quote", error.clone()),
        ("confirm", error),
        ("process", Json::Null),
    ] {
        let server = server(vec![(step, said)]).await;
        let port = tryton(&server).order_entry.expect("order entry");
        assert!(
            port.place_order(call(5), &order()).await.is_err(),
            "{step}: nobody knows"
        );
        let names = names(&server);
        assert_eq!(
            names.iter().filter(|name| *name == "create").count(),
            1,
            "made once"
        );
        assert!(
            !names.contains(&"search_read".to_owned()),
            "nothing after the step that failed"
        );
    }
}

#[tokio::test]
async fn an_order_that_stopped_on_the_way_goes_on_from_there() {
    let sale = |state: &str| {
        json!([{"id": 77, "number": null, "state": state, "reference": "SK-01",
        "line_lines.": [{"id": 1, "quantity": 2.5, "product.": {"id": 5, "code": "a'\"b"}}]}])
    };
    for (state, expected) in [
        ("draft", &["quote", "confirm", "process"][..]),
        ("quotation", &["confirm", "process"]),
        ("confirmed", &["process"]),
        ("processing", &["process"]),
        ("cancelled", &[]),
    ] {
        let own = vec![
            ("sale.sale.search_read", sale(state)),
            ("sale.sale.search_read", sale(state)),
        ];
        let server = server(own).await;
        let port = tryton(&server).order_entry.expect("order entry");
        let found = port.placed_orders(call(5), "SK-01").await.expect("an answer");
        let complete = matches!(state, "processing" | "cancelled");
        let placed = PlacedOrder {
            number: "#77".into(),
            key: Some("77".into()),
            complete,
            lines: Some(vec![("a'\"b".into(), "2.5".parse().expect("a number"))]),
        };
        assert_eq!(found, [placed], "{state}");
        let end = port.finish_order(call(5), &order(), &found[0]).await;
        assert!(matches!(end, Ok(Submission::Accepted(_))), "{state}: {end:?}");
        let names = names(&server);
        assert_eq!(names[2..names.len() - 1], *expected, "{state}");
    }
}

#[tokio::test]
async fn a_session_that_ended_is_renewed_and_the_step_is_sent_again_since_nothing_was_done() {
    let ended = Mutex::new(true);
    let server = Server::start(move |seen| {
        let body: Json = serde_json::from_str(&seen.body).expect("JSON");
        let method = body["method"].as_str().expect("a method");
        if method == "model.sale.sale.create" && std::mem::take(&mut *ended.lock().expect("a lock")) {
            return reply(401, "text/html", b"");
        }
        answer(&json!({"id": 1, "result": usual(method)}))
    })
    .await;
    let port = tryton(&server).order_entry.expect("order entry");
    let end = port.place_order(call(5), &order()).await;
    assert!(matches!(end, Ok(Submission::Accepted(_))), "{end:?}");
    let creates = names(&server).iter().filter(|name| *name == "create").count();
    assert_eq!(creates, 2, "the refused one and the one that counts");
}
