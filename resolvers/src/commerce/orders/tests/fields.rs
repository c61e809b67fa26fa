//! Shipments and documents: from the order itself or by one call for a whole page, and what is shown when that fails.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::json;
use skuery_schema::order_words::{DocumentKind, FulfillmentStatus};

use crate::commerce::orders::rules::OrderRules;
use crate::commerce::orders::tests::fake::{Fake, ask, buyer, errors, gateway};
use crate::commerce::orders::tests::world::{record, time};
use crate::port::orders::{DocumentRecord, FulfillmentRecord, OrderRecord, Owner};

fn shipment(number: &str) -> FulfillmentRecord {
    FulfillmentRecord {
        number: number.into(),
        status: FulfillmentStatus::Delivered,
        shipped_at: None,
        location: Some("WH".into()),
        tracking: Vec::new(),
        lines: Vec::new(),
    }
}

fn document(number: &str, key: Option<&str>) -> DocumentRecord {
    DocumentRecord {
        kind: DocumentKind::Invoice,
        number: number.into(),
        issued_at: None,
        key: key.map(Into::into),
    }
}

/// Three orders of the web, whose first the ERP knows too. The web keeps shipments apart, the ERP has them in the order.
fn systems() -> Vec<Arc<Fake>> {
    let mine = Owner::Customer("C1".into());
    let mut oms = Fake::new("oms");
    oms.abilities.fulfillments = true;
    oms.abilities.documents = true;
    oms.abilities.document = true;
    for order in 1..=3 {
        let number = format!("W{order}");
        oms = oms.with(&mine, record(&number, time(10 - order), order, Vec::new()));
    }
    oms.fulfillments = [("W1".into(), Arc::from([shipment("S1")]))].into();
    oms.documents = [("W1".into(), Arc::from([document("I1", Some("k1"))]))].into();
    let mut of_erp = OrderRecord::clone(&record("E1", time(9), 1, vec!["W1".into()]));
    of_erp.fulfillments = Some(vec![shipment("S1-erp")]);
    of_erp.documents = Some(vec![
        document("I2", Some("k2")),
        document("I2", Some("k2")),
        document("no content", None),
    ]);
    let mut erp = Fake::new("erp").with(&mine, Arc::new(of_erp));
    erp.abilities.document = true;
    vec![Arc::new(oms), Arc::new(erp)]
}

fn rules() -> OrderRules {
    OrderRules {
        precedence: vec!["oms".into(), "erp".into()],
        ..OrderRules::default()
    }
}

const QUERY: &str =
    "{ orders { nodes { number fulfillments { number location { name } } documents { number } } } }";

#[tokio::test]
async fn a_page_asks_each_system_once_for_the_parts_of_all_its_orders() {
    let fakes = systems();
    let gateway = gateway(&fakes, rules(), 1_000);
    let answer = ask(&gateway, buyer("C1"), QUERY).await;
    let nodes = &answer["data"]["orders"]["nodes"];
    assert_eq!(
        nodes[0]["fulfillments"],
        json!([{"number": "S1", "location": {"name": "Warehouse"}}]),
        "of the first system that has any"
    );
    assert_eq!(
        nodes[0]["documents"],
        json!([{"number": "I1"}, {"number": "I2"}]),
        "of all systems, each once, and only what can be fetched"
    );
    assert_eq!(nodes[1]["fulfillments"], json!([]));
    assert_eq!(errors(&answer), Vec::<String>::new());
    let mut calls = fakes[0].calls();
    calls.sort();
    let own = |what: &str| format!("Customer(\"C1\") {what}");
    assert_eq!(
        calls,
        [
            own("documents [\"W1\", \"W2\", \"W3\"]"),
            own("fulfillments [\"W1\", \"W2\", \"W3\"]"),
            own("stretch")
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_missing_with_an_error_beside_what_is_known() {
    let fakes = systems();
    let gateway = gateway(&fakes, rules(), 1_000);
    fakes[0].parts_down.store(true, Ordering::Relaxed);
    let answer = ask(&gateway, buyer("C1"), QUERY).await;
    let nodes = &answer["data"]["orders"]["nodes"];
    assert_eq!(
        nodes[0]["fulfillments"][0]["number"], "S1-erp",
        "of the next system that has any"
    );
    assert_eq!(nodes[0]["documents"], json!([{"number": "I2"}]));
    assert_eq!(nodes[1]["fulfillments"], json!([]));
    let errors = errors(&answer);
    assert_eq!(errors.len(), 6, "each of three orders, twice: {errors:#?}");
    assert_eq!(
        errors[0],
        "[\"orders\",\"nodes\",0,\"fulfillments\"] SYSTEM_UNAVAILABLE: oms does not answer (order fulfillments)"
    );
}

#[tokio::test]
async fn an_order_found_by_its_copy_alone_says_what_is_missing() {
    let fakes = systems();
    let gateway = gateway(&fakes, rules(), 1_000);
    fakes[0].fall(true);
    let by = "{ order(by: { number: \"E1\" }) { number sourceSystem } }";
    let answer = ask(&gateway, buyer("C1"), by).await;
    assert_eq!(
        answer["data"]["order"],
        json!({"number": "E1", "sourceSystem": "erp"})
    );
    assert_eq!(
        errors(&answer),
        ["[\"order\"] SYSTEM_UNAVAILABLE: oms does not answer (orders)"]
    );
}
