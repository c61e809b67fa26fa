//! Orders placed in a real Tryton, at the port: there once with the agreed prices, found by their number, finished when a
//! step was lost, and off the stock.

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use skuery_resolvers::connector::System;
use skuery_resolvers::connector::config::SystemConfig;
use skuery_resolvers::port::order_entry::{
    DraftLine, ExternalNumber, OrderDraft, OrderEntry, RefusalReason, Submission,
};
use skuery_resolvers::port::orders::{OrderList, OrderQuestion, Orders, Owner, Which};
use skuery_resolvers::port::{Stock, StockGroup};
use skuery_schema::availability::Address;
use skuery_schema::ids::{Currency, CustomerNumber, LocationCode, Sku};
use skuery_schema::order_words::OrderStatus;
use tokio::sync::OnceCell;

use crate::customers::call;
use crate::direct::{rpc, session};

struct Tryton {
    entry: Arc<dyn OrderEntry>,
    orders: Arc<dyn Orders>,
    stock: Arc<dyn Stock>,
}

/// A customer and a warehouse of these tests' own: others compare what the seeded ones have while these run.
struct Own {
    customer: String,
    warehouse: String,
    session: String,
    /// Makes external numbers of this run.
    run: String,
}

async fn own() -> &'static Own {
    static OWN: OnceCell<Own> = OnceCell::const_new();
    OWN.get_or_init(|| async {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let session = session().await;
        let run = Timestamp::now().as_millisecond().to_string();
        let (customer, warehouse) = (format!("T-{run}"), format!("WH-{run}"));
        let make = |model: &str, values: Value| {
            let (method, session) = (format!("model.{model}.create"), session.clone());
            async move { rpc(Some(&session), &method, json!([[values], {"company": 1}])).await[0].clone() }
        };
        let germany = json!([["create", [{"country": 1}]]]);
        make(
            "party.party",
            json!({"name": "Own", "code": customer, "addresses": germany}),
        )
        .await;
        let mut places = Vec::new();
        for name in ["in", "out", "storage"] {
            places.push(make("stock.location", json!({"name": name, "type": "storage"})).await);
        }
        let whole = json!({"name": "Own", "code": warehouse, "type": "warehouse",
            "input_location": places[0], "output_location": places[1], "storage_location": places[2]});
        make("stock.location", whole).await;
        Own {
            customer,
            warehouse,
            session,
            run,
        }
    })
    .await
}

async fn tryton() -> Tryton {
    let url = std::env::var("SKUERY_TRYTON_URL").expect("SKUERY_TRYTON_URL: scripts/test sets it");
    let config = json!({
        "connector": "tryton",
        "url": url.trim_end_matches('/').trim_end_matches("/tryton"),
        "auth": {"login": "gateway", "password": {"env": "TRYTON_PASSWORD"}},
        "settings": {"database": "tryton"},
        "locations": {"OWN": own().await.warehouse},
        "upstream": {"attempt_timeout_ms": 20_000},
    });
    let config: SystemConfig = serde_json::from_value(config).expect("a configuration");
    let env = |_: &str| Some("gateway-real-1".to_owned());
    let system = System::build("erp".into(), &config, &env).expect("a system");
    Tryton {
        entry: system.order_entry.expect("order entry"),
        orders: system.orders.expect("orders"),
        stock: system.stock.expect("stock"),
    }
}

fn number(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn draft(own: &Own, external: &str, lines: &[(&str, &str, &str)]) -> OrderDraft {
    let line = |(place, (sku, quantity, price)): (usize, &(&str, &str, &str))| DraftLine {
        number: u32::try_from(place).expect("few") + 1,
        sku: Sku::new(*sku),
        quantity: number(quantity),
        unit: None,
        net_price: Some(number(price)),
        gross_price: None,
        location: Some(LocationCode::new("OWN")),
    };
    OrderDraft {
        external_number: format!("SK-{}-{external}", own.run).into(),
        customer: CustomerNumber::new(own.customer.as_str()),
        channel: "gold".into(),
        currency: Currency::parse("EUR").expect("a currency"),
        customer_reference: Some("PO 4711".into()),
        note: Some("Ring \"twice\"".into()),
        shipping_address: None,
        billing_address: None,
        pickup_location: None,
        placed_at: Timestamp::now(),
        lines: lines.iter().enumerate().map(line).collect(),
        payment: None,
        reservation: None,
    }
}

async fn available(stock: &dyn Stock, sku: &str) -> Decimal {
    let group = StockGroup {
        location: Some(LocationCode::new("OWN")),
    };
    let skus = [Sku::new(sku)];
    let found = stock.stock(call(), &group, &skus).await.expect("an answer");
    found[&skus[0]].as_ref().expect("figures")[0].available
}

#[tokio::test]
async fn an_order_is_there_once_as_agreed_and_off_the_stock() {
    let (own, tryton) = (own().await, tryton().await);
    let promise = tryton.entry.order_promise();
    assert_eq!(promise.external_number, ExternalNumber::Searchable);
    assert!(!promise.rejects_oversell);
    let before = available(&*tryton.stock, "SKU-0002").await;
    let mut order = draft(
        own,
        "1",
        &[("SKU-0002", "3", "12.3456"), ("SKU-0003", "1", "0.0700")],
    );
    order.shipping_address = Some(Address {
        name: Some("Åsa Holm".into()),
        lines: vec!["Storgatan 1".into(), "Box 2".into()],
        postal_code: Some("111 22".into()),
        city: Some("Lund".into()),
        country: "SE".into(),
        ..Address::default()
    });
    assert!(
        tryton
            .entry
            .placed_orders(call(), &order.external_number)
            .await
            .expect("an answer")
            .is_empty()
    );
    let end = tryton.entry.place_order(call(), &order).await.expect("an end");
    let Submission::Accepted(placed) = end else {
        panic!("{end:?}");
    };
    assert!(placed.complete, "{placed:?}");
    assert!(
        placed.number.parse::<u32>().is_ok(),
        "Tryton's own number: {}",
        placed.number
    );
    assert_eq!(
        available(&*tryton.stock, "SKU-0002").await,
        before - Decimal::from(3)
    );

    let found = tryton
        .entry
        .placed_orders(call(), &order.external_number)
        .await
        .expect("an answer");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0].number, &found[0].key, found[0].complete),
        (&placed.number, &placed.key, true)
    );
    let lines = found[0].lines.as_ref().expect("lines");
    assert_eq!(
        *lines,
        [(Sku::new("SKU-0002"), 3.into()), (Sku::new("SKU-0003"), 1.into())]
    );
    let known = &*order.external_number;
    for other in [
        &known[..5],
        &format!("{known} "),
        &known.to_lowercase(),
        &known.replace('-', "_"),
        "%",
    ] {
        let found = tryton
            .entry
            .placed_orders(call(), other)
            .await
            .expect("an answer");
        assert!(found.is_empty(), "{other}: {found:?}");
    }

    let owner = Owner::Customer(order.customer.clone());
    let question = OrderQuestion {
        list: OrderList::Orders,
        which: Which::Number(placed.number.clone()),
    };
    let page = tryton
        .orders
        .orders(call(), &owner, &question)
        .await
        .expect("a page");
    let shown = &page.orders[0];
    assert_eq!(shown.status, OrderStatus::Processing);
    assert_eq!(shown.customer_reference.as_deref(), Some(known));
    let prices = shown
        .lines
        .iter()
        .map(|line| line.unit_price.net.map(|net| net.amount));
    assert_eq!(
        prices.collect::<Vec<_>>(),
        [Some(number("12.3456")), Some(number("0.0700"))]
    );
    let place = shown.shipping_address.as_ref().expect("an address");
    assert_eq!(
        (place.name.as_deref(), place.city.as_deref(), &*place.country),
        (Some("Åsa Holm"), Some("Lund"), "SE")
    );
    assert_eq!(place.lines.join("/"), "Storgatan 1/Box 2");
}

#[tokio::test]
async fn an_order_that_is_sent_twice_is_there_twice_and_both_are_found() {
    let (own, tryton) = (own().await, tryton().await);
    let order = draft(own, "2", &[("SKU-0004", "1", "5")]);
    for _ in 0..2 {
        let end = tryton.entry.place_order(call(), &order).await.expect("an end");
        assert!(matches!(end, Submission::Accepted(_)), "{end:?}");
    }
    let found = tryton
        .entry
        .placed_orders(call(), &order.external_number)
        .await
        .expect("an answer");
    assert_eq!(found.len(), 2);
    assert_ne!(found[0].number, found[1].number);
}

#[tokio::test]
async fn an_order_whose_later_steps_were_lost_is_found_incomplete_and_finished() {
    let (own, tryton) = (own().await, tryton().await);
    let session = own.session.clone();
    let find = |model: &str, code: &str| {
        let (method, session, code) = (
            format!("model.{model}.search_read"),
            session.clone(),
            code.to_owned(),
        );
        async move {
            let params = json!([[["code", "=", code]], 0, null, null, ["code"], {"company": 1}]);
            rpc(Some(&session), &method, params).await[0]["id"].clone()
        }
    };
    let party = find("party.party", &own.customer).await;
    let product = find("product.product", "SKU-0005").await;
    let warehouse = find("stock.location", &own.warehouse).await;
    let addresses = json!([[["party", "=", party]], 0, 1, null, ["party"], {"company": 1}]);
    let address = rpc(Some(&session), "model.party.address.search_read", addresses).await[0]["id"].clone();
    for (place, steps) in [&[][..], &["quote"]].into_iter().enumerate() {
        let external = format!("SK-{}-lost-{place}", own.run);
        let sale = json!({"company": 1, "party": party, "reference": external, "warehouse": warehouse,
            "invoice_address": address, "shipment_address": address,
            "lines": [["create", [{"type": "line", "product": product, "quantity": 2, "unit": 1,
                "unit_price": {"__class__": "Decimal", "decimal": "9.9000"}}]]]});
        let made = rpc(
            Some(&session),
            "model.sale.sale.create",
            json!([[sale], {"company": 1}]),
        )
        .await;
        for step in steps {
            rpc(
                Some(&session),
                &format!("model.sale.sale.{step}"),
                json!([made, {"company": 1}]),
            )
            .await;
        }
        let before = available(&*tryton.stock, "SKU-0005").await;
        let found = tryton
            .entry
            .placed_orders(call(), &external)
            .await
            .expect("an answer");
        assert_eq!(found.len(), 1);
        assert!(!found[0].complete, "{steps:?}: {:?}", found[0]);
        let order = draft(own, &format!("lost-{place}"), &[("SKU-0005", "2", "9.9000")]);
        for _ in 0..2 {
            // Asked again, since its own answer may be lost too.
            let end = tryton
                .entry
                .finish_order(call(), &order, &found[0])
                .await
                .expect("an end");
            let Submission::Accepted(placed) = end else {
                panic!("{end:?}");
            };
            assert!(placed.complete);
        }
        let found = tryton
            .entry
            .placed_orders(call(), &external)
            .await
            .expect("an answer");
        assert_eq!((found.len(), found[0].complete), (1, true));
        let now = available(&*tryton.stock, "SKU-0005").await;
        assert_eq!(now, before - Decimal::from(2), "promised once");
    }
}

#[tokio::test]
async fn what_tryton_cannot_take_is_refused_and_leaves_nothing() {
    let (own, tryton) = (own().await, tryton().await);
    let good = || draft(own, "no", &[("SKU-0006", "1", "5")]);
    let mut unknown = good();
    unknown.lines[0].sku = Sku::new("nope' or 1=1");
    let mut stranger = good();
    stranger.customer = CustomerNumber::new("C-999");
    let mut fine = good();
    fine.lines[0].net_price = Some(number("1.23456"));
    let mut unit = good();
    unit.lines[0].unit = Some("bushel".into());
    let mut abroad = good();
    abroad.shipping_address = Some(Address {
        city: Some("Nowhere".into()),
        country: "ZZ".into(),
        ..Address::default()
    });
    let mut untaxed = good();
    untaxed.lines[0].gross_price = untaxed.lines[0].net_price.take();
    for (order, reason) in [
        (unknown, RefusalReason::Other),
        (stranger, RefusalReason::Other),
        (fine, RefusalReason::Other),
        (unit, RefusalReason::Other),
        (abroad, RefusalReason::Other),
        (untaxed, RefusalReason::Price),
    ] {
        let end = tryton.entry.place_order(call(), &order).await.expect("an end");
        let Submission::Refused(refusal) = end else {
            panic!("{order:?}: {end:?}");
        };
        assert_eq!(refusal.reason, reason, "{}", refusal.message);
        let found = tryton
            .entry
            .placed_orders(call(), &order.external_number)
            .await
            .expect("an answer");
        assert!(found.is_empty(), "{found:?}");
    }
    // Tryton has no opinion on stock: more than there is is taken too.
    let end = tryton
        .entry
        .place_order(call(), &draft(own, "over", &[("SKU-0013", "50", "5")]))
        .await;
    assert!(matches!(end, Ok(Submission::Accepted(_))), "{end:?}");
}
