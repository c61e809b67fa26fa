//! Everything with an id is found by it, and nothing that is not an id finds anything.

use serde_json::json;

use crate::shop::Shop;

#[tokio::test]
async fn every_id_in_an_answer_leads_back_to_its_object() {
    let shop = Shop::start().await;
    let answer = shop
        .query(
            r#"{ variant(sku: "MC-10008-WHT-M") { id product { id name categories { id name } } }
                 location(code: "WH-STO") { id name } }"#,
        )
        .await;
    let ids: Vec<_> = [
        "variant.id",
        "variant.product.id",
        "variant.product.categories.0.id",
        "location.id",
    ]
    .iter()
    .map(|path| answer.data(path).clone())
    .collect();
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on ProductVariant { sku }
        ... on Product { name } ... on Category { code } ... on Location { code } } }";
    let nodes = shop.query_with(query, json!({ "ids": ids })).await;
    let expected = ["ProductVariant", "Product", "Category", "Location"];
    for (index, type_name) in expected.iter().enumerate() {
        assert_eq!(nodes.data(&format!("nodes.{index}.__typename")), type_name);
        assert_eq!(nodes.data(&format!("nodes.{index}.id")), &ids[index]);
    }
    assert_eq!(nodes.data("nodes.0.sku"), "MC-10008-WHT-M");
    assert_eq!(nodes.data("nodes.1.name"), "Hanseat Vega 1 jethjälm");
    assert_eq!(nodes.data("nodes.3.code"), "WH-STO");
    let one = shop
        .query_with(
            "query($id: ID!) { node(id: $id) { id } }",
            json!({ "id": ids[0] }),
        )
        .await;
    assert_eq!(one.data("node.id"), &ids[0]);
}

#[tokio::test]
async fn garbage_is_no_id_and_asks_nobody() {
    let shop = Shop::start().await;
    let garbage = [
        "",
        "x",
        "UHJvZHVjdDo=",
        "====",
        "UHJvZHVjdA",
        "\u{0}",
        "T3JkZXI6MQ",
        "ÄÖÜ",
        "Product:MC-10008",
        "gid://shop/Product/1",
    ];
    let answer = shop
        .query_with(
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            json!({ "ids": garbage }),
        )
        .await;
    let nodes = answer.data("nodes").as_array().expect("a list");
    assert!(nodes.len() == garbage.len() && nodes.iter().all(serde_json::Value::is_null));
    for id in garbage {
        let query = "query($id: ID!) { node(id: $id) { id } product(by: { id: $id }) { id } category(by: { id: $id }) { id } }";
        let answer = shop.query_with(query, json!({ "id": id })).await;
        assert_eq!(
            answer.data(""),
            &json!({ "node": null, "product": null, "category": null }),
            "{id:?}"
        );
    }
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn an_id_of_another_type_is_not_taken_for_one() {
    let shop = Shop::start().await;
    let variant = shop.query(r#"{ variant(sku: "MC-10008-WHT-M") { id } }"#).await;
    let query = "query($id: ID!) { product(by: { id: $id }) { id } category(by: { id: $id }) { id } }";
    let answer = shop
        .query_with(query, json!({ "id": variant.data("variant.id") }))
        .await;
    assert_eq!(answer.data(""), &json!({ "product": null, "category": null }));
}

#[tokio::test]
async fn a_well_formed_id_of_nothing_is_null() {
    let shop = Shop::start().await;
    // `Product:GONE`, `ProductVariant:GONE`, `Category:gone`, `Location:GONE`
    let ids = [
        "UHJvZHVjdDpHT05F",
        "UHJvZHVjdFZhcmlhbnQ6R09ORQ",
        "Q2F0ZWdvcnk6Z29uZQ",
        "TG9jYXRpb246R09ORQ",
    ];
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let answer = shop.query_with(query, json!({ "ids": ids })).await;
    assert_eq!(answer.data("nodes"), &json!([null, null, null, null]));
}

#[tokio::test]
async fn products_are_found_by_id_slug_or_sku_and_by_exactly_one_of_them() {
    let shop = Shop::start().await;
    let by = |by: &str| format!("{{ product(by: {{ {by} }}) {{ id slug }} }}");
    let sku = shop.query(&by(r#"sku: "MC-10008-WHT-M""#)).await;
    let slug = shop
        .query(&by(r#"slug: "hanseat-vega-1-open-face-helmet-10008""#))
        .await;
    let id = shop.query(&by(&format!("id: {}", sku.data("product.id")))).await;
    assert_eq!(sku.data("product"), slug.data("product"));
    assert_eq!(sku.data("product"), id.data("product"));
    assert!(
        shop.query(&by(r#"slug: "nothing""#))
            .await
            .data("product")
            .is_null()
    );
    assert!(
        shop.query(&by(r#"sku: "nothing""#))
            .await
            .data("product")
            .is_null()
    );
    shop.calls();
    for wrong in [r#"sku: "a", slug: "b""#, "", "sku: null"] {
        let answer = shop.query(&by(wrong)).await;
        assert_eq!(answer.status, 422, "{wrong}: {:#}", answer.body);
        assert!(answer.body.get("data").is_none());
    }
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn locations_are_listed_by_kind_without_asking_anybody() {
    let shop = Shop::start().await;
    let answer = shop
        .query("{ all: locations { code } stores: locations(kinds: [STORE]) { code name kind address { city country } } }")
        .await;
    assert_eq!(answer.data("all").as_array().map(Vec::len), Some(6));
    let malmo = json!({ "code": "ST-MAL", "name": "Malmö store", "kind": "STORE", "address": { "city": "Malmö", "country": "SE" } });
    let stores = answer.data("stores").as_array().expect("stores");
    assert_eq!(stores.len(), 2);
    assert!(stores.contains(&malmo));
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn categories_lead_down_to_their_products_and_up_to_the_root() {
    let shop = Shop::start().await;
    let answer = shop
        .query(
            r#"{ categories { code name } category(by: { code: "helmets" }) { name parent { code } path { code }
                 children { code } products(first: 3) { nodes { categories { code } } } } }"#,
        )
        .await;
    assert_eq!(answer.data("categories.0.code"), "master");
    assert_eq!(answer.data("category.name"), "Hjälmar");
    assert_eq!(answer.data("category.parent.code"), "riding_gear");
    assert_eq!(
        answer.data("category.path"),
        &json!([{ "code": "master" }, { "code": "riding_gear" }, { "code": "helmets" }])
    );
    let children = crate::shop::column(answer.data("category.children"), "code");
    let products = answer
        .data("category.products.nodes")
        .as_array()
        .expect("products");
    assert_eq!(products.len(), 3);
    for product in products {
        let codes = crate::shop::column(&product["categories"], "code");
        assert!(codes.iter().any(|code| children.contains(code)), "{codes:?}");
    }
}
