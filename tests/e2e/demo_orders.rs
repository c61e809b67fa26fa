//! Orders of the demo's ERP, marketplace and stores, as its customers see them through the gateway.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::shop::Shop;

const ORDER: &str = "number channel sourceSystem externalIds { system value } placedAt";

/// All orders of a customer, a page at a time.
async fn orders(shop: &Shop, customer: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let query = format!(
            "{{ orders(first: 20 {after}) {{ nodes {{ {ORDER} }} sources {{ answered }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let answer = shop.query_as(customer, &query).await;
        let page = answer.data("orders");
        all.extend(page["nodes"].as_array().expect("a list").iter().cloned());
        let sources = page["sources"].as_array().expect("a list");
        assert!(sources.len() == 3 && sources.iter().all(|source| source["answered"] == true));
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = format!("after: {}", page["pageInfo"]["endCursor"]);
    }
}

#[tokio::test]
async fn orders_of_all_systems_are_one_list_in_which_each_stands_once() {
    let shop = Shop::start().await;
    let all = orders(&shop, "10010").await;
    assert!(all.is_sorted_by(|a, b| a["placedAt"].as_str() >= b["placedAt"].as_str()));
    let mut counts = BTreeMap::new();
    let mut numbers = BTreeSet::new();
    for order in &all {
        let known = order["externalIds"].as_array().expect("a list");
        for id in known {
            assert!(numbers.insert(id.to_string()), "{id} stands twice");
        }
        let system = order["sourceSystem"].as_str().expect("a system");
        *counts.entry((system, known.len())).or_insert(0) += 1;
    }
    // Two of the six orders on the marketplace were not taken over by the ERP: the newest, and a refused one.
    let expected = [
        (("erp", 1), 48),
        (("marketplace", 1), 2),
        (("marketplace", 2), 4),
        (("pos", 1), 3),
    ];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn an_approver_sees_the_orders_of_the_whole_company_and_the_buyer_only_their_own() {
    let shop = Shop::start().await;
    let (buyer, approver) = (orders(&shop, "10031").await, orders(&shop, "10032").await);
    assert_eq!((buyer.len(), approver.len()), (24 + 4, 24 + 4 + 18 + 2));
    assert!(buyer.iter().all(|order| approver.contains(order)));
    assert!(orders(&shop, "20030").await.is_empty());
}

#[tokio::test]
async fn an_order_is_shipped_in_parts_from_two_warehouses_and_nobody_elses() {
    let shop = Shop::start().await;
    let query = r#"{ order(by: { number: "SO-101249" }) { fulfillmentStatus fulfillments { location { code } tracking { url } } } }"#;
    let answer = shop.query_as("10010", query).await;
    assert_eq!(answer.data("order.fulfillmentStatus"), "PARTIALLY_FULFILLED");
    assert_eq!(answer.data("order.fulfillments.0.location.code"), "WH-STO");
    assert_eq!(answer.data("order.fulfillments.1.location.code"), "WH-CPH");
    let url = answer.data("order.fulfillments.1.tracking.0.url").as_str();
    assert!(
        url.is_some_and(|url| url.starts_with("https://track.example/00373500")),
        "{url:?}"
    );
    assert!(shop.query_as("10020", query).await.data("order").is_null());
}

/// .NET's default date is one, and a till counts from 1970.
#[tokio::test]
async fn a_date_before_all_systems_is_no_reason_to_refuse() {
    let shop = Shop::start().await;
    for (filter, any) in [("placedFrom", true), ("placedTo", false)] {
        let query = format!(
            "{{ orders(first: 1, filter: {{ {filter}: \"0001-01-01T00:00:00Z\" }}) {{ nodes {{ number }} sources {{ answered }} }} }}"
        );
        let answer = shop.query_as("10010", &query).await;
        let page = answer.data("orders");
        let sources = page["sources"].as_array().expect("a list");
        assert!(
            sources.iter().all(|source| source["answered"] == true),
            "{page:#}"
        );
        assert_eq!(
            page["nodes"].as_array().is_some_and(|nodes| !nodes.is_empty()),
            any
        );
    }
}

/// What a list shows hangs neither on the lists beside it nor on what is kept.
#[tokio::test]
async fn lists_beside_each_other_are_each_complete() {
    let bounded = |yaml: String| {
        assert!(yaml.contains("limits: {"));
        yaml.replace("limits: {", "limits: { scan_orders: 150,")
    };
    let shop = Shop::with(bounded).await;
    let list = |name: usize| {
        format!("a{name}: orders(first: 60) {{ nodes {{ number }} sources {{ answered error }} }} ")
    };
    let lists = |count: usize| format!("{{ {} }}", (0..count).map(list).collect::<String>());
    let alone = shop.query_as("10010", &lists(1)).await;
    let alone = alone.data("a0");
    assert!(
        alone["nodes"].as_array().is_some_and(|nodes| nodes.len() > 50),
        "{alone:#}"
    );
    let cold = Shop::with(bounded).await;
    let answer = cold.query_as("10010", &lists(10)).await;
    for number in 0..10 {
        assert_eq!(answer.data(&format!("a{number}")), alone);
    }
    let many = shop.query_as("10010", &lists(11)).await;
    assert_eq!(many.body["data"]["a10"], Value::Null);
    assert_eq!(many.body["errors"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
}
