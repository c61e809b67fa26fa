//! Order entry of the ERP: what it takes, what it refuses, and that new orders are in its lists.

use serde_json::{Value, json};

use super::dials::served;
use super::{Bench, answer, ok, refused};

const SKU: &str = "MC-D'ARC-M";

fn order(external: &str) -> Value {
    json!({
        "externalDocumentNumber": external,
        "customerNumber": "10010",
        "customerPurchaseOrderReference": "PO-77",
        "currencyCode": "SEK",
        "shipToName": "Söders MC AB",
        "shipToAddressLine1": "Nya gatan 1",
        "shipToCity": "Uppsala",
        "shipToCountry": "SE",
        "shipToPostCode": "753 20",
        "salesOrderLines": [
            {"lineType": "Item", "lineObjectNumber": SKU, "quantity": 2, "unitPrice": 100.25},
            {"lineType": "Comment", "description": "Ring the bell"},
            {"lineType": "Item", "lineObjectNumber": "MC 11992 X", "quantity": 1, "unitPrice": 50},
        ],
    })
}

async fn by_external(bench: &Bench, external: &str) -> Vec<Value> {
    let filter = format!("externalDocumentNumber eq '{external}'");
    let query = [("$filter", &*filter), ("$expand", "salesOrderLines")];
    let body = ok(bench.erp("salesOrders", &query)).await;
    body["value"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_new_order_is_in_the_customers_list_at_once() {
    let bench = Bench::start().await;
    let (status, created) = answer(bench.order(&order("SK-1"))).await;
    assert_eq!(status.as_u16(), 201, "{created}");
    assert!(created.get("salesOrderLines").is_none(), "only when expanded");
    let filter = "customerNumber eq '10010'";
    let query = [
        ("$filter", filter),
        ("$orderby", "number desc"),
        ("$top", "1"),
        ("$expand", "salesOrderLines"),
    ];
    let body = ok(bench.erp("salesOrders", &query)).await;
    let newest = &body["value"][0];
    for (name, value) in created.as_object().unwrap() {
        assert_eq!(&newest[name], value, "{name}");
    }
    assert_eq!(
        (&newest["externalDocumentNumber"], &newest["status"]),
        (&json!("SK-1"), &json!("Draft"))
    );
    assert_eq!(
        (&newest["customerPurchaseOrderReference"], &newest["shipToCity"]),
        (&json!("PO-77"), &json!("Uppsala"))
    );
    assert_eq!(newest["totalAmountExcludingTax"].to_string(), "250.50");
    assert_eq!(newest["totalAmountIncludingTax"].to_string(), "313.13");
    let lines = newest["salesOrderLines"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (&lines[0]["lineObjectNumber"], lines[0]["unitPrice"].to_string()),
        (&json!(SKU), "100.25".to_owned())
    );
    assert_eq!(by_external(&bench, "SK-1").await, std::slice::from_ref(newest));
}

#[tokio::test]
async fn consumers_pay_prices_with_tax() {
    let bench = Bench::start().await;
    let mut order = order("SK-2");
    order["customerNumber"] = json!("30010");
    answer(bench.order(&order)).await;
    let order = &by_external(&bench, "SK-2").await[0];
    assert_eq!(order["pricesIncludeTax"], true);
    assert_eq!(order["totalAmountIncludingTax"].to_string(), "250.50");
}

#[tokio::test]
async fn a_number_of_another_system_is_taken_twice_unless_told_otherwise() {
    let bench = Bench::start().await;
    for _ in 0..2 {
        answer(bench.order(&order("SK-3"))).await;
    }
    assert_eq!(by_external(&bench, "SK-3").await.len(), 2);
    bench.turn(
        "erp",
        json!({"uniqueExternal": true, "visibilityDelayMs": 60_000}),
    );
    answer(bench.order(&order("SK-4"))).await;
    // Also while the first is not to be seen yet.
    let body = refused(bench.order(&order("SK-4")), 400).await;
    assert_eq!(body["error"]["code"], "Internal_EntityWithSameKeyExists");
    assert_eq!(bench.demo.orders().as_array().unwrap().len(), 3);
    bench.turn("erp", json!({"visibilityDelayMs": 0}));
    assert_eq!(by_external(&bench, "SK-4").await.len(), 1);
}

#[tokio::test]
async fn an_order_stays_invisible_for_as_long_as_asked() {
    let bench = Bench::start().await;
    bench.turn("erp", json!({"visibilityDelayMs": 60_000}));
    let (status, _) = answer(bench.order(&order("SK-5"))).await;
    assert_eq!(status.as_u16(), 201);
    assert!(by_external(&bench, "SK-5").await.is_empty());
    // Past its lists it can be seen that it is there.
    let url = format!("{}/demo/systems/erp/orders", served(&bench).await);
    let orders = ok(bench.client.get(url)).await;
    assert_eq!(orders[0]["externalDocumentNumber"], "SK-5");
    assert_eq!(
        orders[0]["lines"][0],
        json!({"sku": SKU, "quantity": 2, "unitPrice": 100.25})
    );
    bench.turn("erp", json!({"visibilityDelayMs": 0}));
    assert_eq!(by_external(&bench, "SK-5").await.len(), 1);
}

#[tokio::test]
async fn the_warehouse_has_less_when_the_order_is_released_to_it() {
    let bench = Bench::start().await;
    bench.turn("wms", json!({"stock": {SKU: 9}}));
    bench.turn("erp", json!({"releaseAfterMs": 60_000}));
    answer(bench.order(&order("SK-6"))).await;
    assert_eq!(bench.sellable(SKU).await, 9);
    bench.turn("erp", json!({"releaseAfterMs": 0}));
    answer(bench.order(&order("SK-7"))).await;
    assert_eq!(bench.sellable(SKU).await, 7);
}

#[tokio::test]
async fn what_cannot_be_sold_is_refused_and_nothing_is_left_of_it() {
    let bench = Bench::start().await;
    let with = |path: &str, value: Value| {
        let mut order = order("SK-8");
        *order.pointer_mut(path).unwrap() = value;
        order
    };
    let invalid = "Internal_InvalidTableRelation";
    for (order, code) in [
        (
            with("/customerNumber", json!("10040")),
            "Application_DialogException",
        ),
        (with("/customerNumber", json!("99999")), invalid),
        (
            with("/salesOrderLines/0/lineObjectNumber", json!("NOPE")),
            invalid,
        ),
        (with("/salesOrderLines/0/quantity", json!(0)), "BadRequest"),
        (with("/salesOrderLines/0/quantity", json!(0.5)), "BadRequest"),
        (with("/salesOrderLines/0/unitPrice", json!(-1)), "BadRequest"),
        (
            with("/salesOrderLines/0/lineType", json!("Resource")),
            "BadRequest",
        ),
        (with("/currencyCode", json!("XXX")), "BadRequest"),
        (
            with("/salesOrderLines/0", json!({"locationCode": "STO"})),
            "BadRequest",
        ),
        (json!({"customerNo": "10010"}), "BadRequest"),
        (json!([]), "BadRequest"),
    ] {
        let body = refused(bench.order(&order), 400).await;
        assert_eq!(body["error"]["code"], code, "{order}");
    }
    assert_eq!(bench.demo.orders(), json!([]));
    let url = bench.erp("salesOrders", &[]).build().unwrap().url().clone();
    refused(bench.client.post(url).json(&order("SK-8")), 401).await;
    let items = bench.erp("items", &[]).build().unwrap().url().clone();
    refused(
        bench
            .client
            .post(items)
            .bearer_auth(&bench.erp_token)
            .json(&json!({})),
        404,
    )
    .await;
}
