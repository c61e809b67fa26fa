//! Connections after the Relay specification: walking either way visits every product once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::shop::{Shop, column};

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $sort: ProductSort, $filter: ProductFilter) {
    products(first: $first, after: $after, last: $last, before: $before, sort: $sort, filter: $filter) {
        edges { cursor node { id } } nodes { id }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

/// The ids of all pages in the order of the walk.
async fn walk(shop: &Shop, forward: bool, size: usize, sort: &str, filter: Value) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    let mut cursor = Value::Null;
    for _ in 0..500 {
        let variables = match forward {
            true => json!({ "first": size, "after": cursor, "sort": sort, "filter": filter }),
            false => json!({ "last": size, "before": cursor, "sort": sort, "filter": filter }),
        };
        let answer = shop.query_with(PAGE, variables).await;
        let page = answer.data("products");
        let ids = column(&page["nodes"], "id");
        let edges = page["edges"].as_array().expect("edges");
        assert_eq!(edges.len(), ids.len());
        let info = &page["pageInfo"];
        assert_eq!(
            info["startCursor"],
            edges.first().map_or(Value::Null, |edge| edge["cursor"].clone())
        );
        assert_eq!(
            info["endCursor"],
            edges.last().map_or(Value::Null, |edge| edge["cursor"].clone())
        );
        let (mut ids, more): (Vec<String>, bool) = (
            ids.into_iter().map(str::to_owned).collect(),
            info[if forward { "hasNextPage" } else { "hasPreviousPage" }] == true,
        );
        if !forward {
            ids.reverse();
        }
        seen.extend(ids);
        cursor = info[if forward { "endCursor" } else { "startCursor" }].clone();
        if !more {
            return seen;
        }
    }
    panic!("the walk has no end");
}

fn assert_each_once(ids: &[String], expected: usize) {
    let different: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(different.len(), ids.len(), "a product was visited twice");
    assert_eq!(ids.len(), expected);
}

#[tokio::test]
async fn walking_forward_visits_every_product_once() {
    let shop = Shop::start().await;
    let all = walk(&shop, true, 100, "RELEVANCE", json!(null)).await;
    assert_each_once(&all, 2000);
    // Akeneo promises another page after every full one; the count, in the same answer, knows better.
    assert_eq!(shop.calls(), "pim 20, erp 0, wms 0");
    let odd_size = walk(&shop, true, 37, "RELEVANCE", json!({ "categories": ["helmets"] })).await;
    assert_each_once(&odd_size, 340);
}

#[tokio::test]
async fn walking_backward_visits_the_same_products_the_other_way() {
    let shop = Shop::start().await;
    let filter = json!({ "categories": ["helmets"] });
    let mut forward = walk(&shop, true, 50, "RELEVANCE", filter.clone()).await;
    let backward = walk(&shop, false, 33, "RELEVANCE", filter).await;
    forward.reverse();
    assert_eq!(forward, backward);
    assert_each_once(&backward, 340);
}

#[tokio::test]
async fn sorted_lists_are_walked_both_ways_too() {
    let shop = Shop::start().await;
    let filter = json!({ "brands": ["hanseat"] });
    for sort in ["NAME", "NEWEST", "SKU"] {
        let mut forward = walk(&shop, true, 7, sort, filter.clone()).await;
        let backward = walk(&shop, false, 11, sort, filter.clone()).await;
        forward.reverse();
        assert_eq!(forward, backward, "{sort}");
    }
}

#[tokio::test]
async fn a_page_in_the_middle_knows_both_neighbours() {
    let shop = Shop::start().await;
    let first = shop.query_with(PAGE, json!({ "first": 5 })).await;
    assert_eq!(first.data("products.pageInfo.hasPreviousPage"), false);
    assert_eq!(first.data("products.pageInfo.hasNextPage"), true);
    let cursor = first.data("products.pageInfo.endCursor");
    let second = shop
        .query_with(PAGE, json!({ "first": 5, "after": cursor }))
        .await;
    assert_eq!(second.data("products.pageInfo.hasPreviousPage"), true);
    let cursor = second.data("products.pageInfo.startCursor");
    let back = shop
        .query_with(PAGE, json!({ "last": 5, "before": cursor }))
        .await;
    assert_eq!(back.data("products.edges"), first.data("products.edges"));
    let nothing = shop.query_with(PAGE, json!({ "first": 0 })).await;
    assert_eq!(nothing.data("products.edges"), &json!([]));
}

#[tokio::test]
async fn pages_of_other_than_0_to_100_are_refused_before_anybody_is_asked() {
    let shop = Shop::start().await;
    for variables in [
        json!({ "first": 101 }),
        json!({ "first": -1 }),
        json!({ "last": 101 }),
        json!({ "last": -5 }),
        json!({ "first": 2_147_483_647 }),
    ] {
        let answer = shop.query_with(PAGE, variables.clone()).await;
        assert_eq!(
            answer.errors(),
            ["products BAD_USER_INPUT - final"],
            "{variables}"
        );
    }
    let answer = shop.query_with(PAGE, json!({ "first": 2_147_483_648_u64 })).await;
    assert_eq!(answer.status, 400);
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn a_cursor_works_in_its_own_list_only() {
    let shop = Shop::start().await;
    let answer = shop.query_with(PAGE, json!({ "first": 5 })).await;
    let cursor = answer
        .data("products.pageInfo.endCursor")
        .as_str()
        .expect("a cursor")
        .to_owned();
    shop.calls();
    for variables in [
        json!({ "first": 5, "after": cursor, "filter": { "brands": ["hanseat"] } }),
        json!({ "first": 5, "after": cursor, "sort": "NAME" }),
        json!({ "last": 5, "before": "" }),
        json!({ "first": 5, "after": "MTA=" }),
        json!({ "first": 5, "after": format!("{cursor}A") }),
        json!({ "first": 5, "after": cursor.to_lowercase() }),
        json!({ "first": 5, "after": "1" }),
    ] {
        let refused = shop.query_with(PAGE, variables.clone()).await;
        assert_eq!(
            refused.errors(),
            ["products BAD_USER_INPUT - final"],
            "{variables}"
        );
        assert!(refused.partial("products").is_null());
    }
    let other_language = PAGE.replacen(") {", r#") @inContext(language: "en") {"#, 1);
    let refused = shop
        .query_with(&other_language, json!({ "first": 5, "after": cursor }))
        .await;
    assert_eq!(refused.errors(), ["products BAD_USER_INPUT - final"]);
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
    // In its own list it works with another page size.
    let next = shop
        .query_with(PAGE, json!({ "first": 50, "after": cursor }))
        .await;
    assert_eq!(next.data("products.edges").as_array().map(Vec::len), Some(50));
}

#[tokio::test]
async fn without_a_size_a_page_is_of_usual_size() {
    let shop = Shop::start().await;
    let answer = shop
        .query("{ products { nodes { id } pageInfo { hasNextPage } } }")
        .await;
    assert_eq!(answer.data("products.nodes").as_array().map(Vec::len), Some(24));
    assert_eq!(answer.data("products.pageInfo.hasNextPage"), true);
}
