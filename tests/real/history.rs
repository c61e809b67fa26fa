//! The order history of a real Tryton as a portal asks for it: by GraphQL, signed in, page by page.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use skuery_resolvers::commerce::gateway::{Gateway, GraphqlRequest};

use crate::customers::signed_in;
use crate::dataset::Dataset;
use crate::tryton::parts;

const HISTORY: &str = "query($after: String) {
    orders(first: 4, after: $after) {
        nodes {
            number customerReference placedAt status fulfillmentStatus
            lines { sku quantity quantityShipped variant { sku } }
            fulfillments { number lines { sku quantity } }
        }
        pageInfo { hasNextPage endCursor }
        sources { system answered error }
    }
}";
const ONE: &str = "query($number: String!) { order(by: { number: $number }) { number } }";

async fn ask(gateway: &Gateway, customer: &str, query: &str, variables: Value) -> Value {
    let request = GraphqlRequest {
        query: query.to_owned(),
        variables: variables.as_object().expect("variables").clone(),
        channel: Some("retail".to_owned()),
        identity: Some(signed_in(customer)),
        ..GraphqlRequest::default()
    };
    let response = gateway.execute(&request).await.expect("an answer");
    let mut answer: Value = serde_json::from_slice(&response.body).expect("JSON");
    assert_eq!(answer.get("errors"), None, "{answer:#}");
    answer["data"].take()
}

/// All orders of a customer, with the pages put together.
async fn history(gateway: &Gateway, customer: &str) -> Vec<Value> {
    let mut orders = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = ask(gateway, customer, HISTORY, json!({ "after": after })).await["orders"].take();
        for source in page["sources"].as_array().expect("a list") {
            assert_eq!(
                (&source["answered"], &source["error"]),
                (&json!(true), &Value::Null)
            );
        }
        orders.extend(page["nodes"].as_array().expect("a list").iter().cloned());
        if page["pageInfo"]["hasNextPage"] != true {
            return orders;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test]
async fn every_signed_in_customer_pages_through_exactly_its_own_orders() {
    let data = Dataset::read();
    let gateway = Gateway::new(parts("history.yaml"));
    let mut seen = 0;
    let mut foreign: Option<String> = None;
    for customer in &data.customers {
        let orders = history(&gateway, &customer.code).await;
        let found: BTreeSet<&str> = orders
            .iter()
            .filter_map(|order| order["customerReference"].as_str())
            .collect();
        let own = data.orders.iter().filter(|order| order.customer == customer.code);
        let expected: BTreeSet<&str> = own.map(|order| order.number.as_str()).collect();
        assert_eq!(found, expected, "{}", customer.code);
        assert_eq!(orders.len(), expected.len(), "{}: none twice", customer.code);
        let placed: Vec<&str> = orders
            .iter()
            .filter_map(|order| order["placedAt"].as_str())
            .collect();
        assert!(placed.is_sorted_by(|a, b| a >= b), "newest first");
        for order in &orders {
            let shipped = order["fulfillmentStatus"] == "FULFILLED";
            for line in order["lines"].as_array().expect("a list") {
                let all = if shipped { &line["quantity"] } else { &json!("0") };
                assert_eq!(line["quantityShipped"], *all, "{order:#}");
            }
            assert!(
                !shipped
                    || order["fulfillments"]
                        .as_array()
                        .is_some_and(|list| !list.is_empty())
            );
        }
        if let Some(number) = &foreign {
            let guessed = ask(&gateway, &customer.code, ONE, json!({ "number": number })).await;
            assert_eq!(guessed["order"], Value::Null);
        }
        foreign = orders
            .first()
            .and_then(|order| order["number"].as_str())
            .map(str::to_owned);
        seen += orders.len();
    }
    assert_eq!(seen, 36);
}
