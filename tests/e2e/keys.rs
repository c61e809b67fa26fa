//! Lists of keys keep their order, misses are null in their place, and a key's characters never change a question.

use serde_json::{Value, json};

use crate::shop::{Shop, column, limited};

const BY_SKU: &str = "query($skus: [String!]!) { variants(skus: $skus) { sku name
    price { unitPrice { gross { amount } } } availability { quantity } } }";

/// Each of them means something in some address, filter or text.
const ODD: [&str; 10] = [
    "MC-D'ARC-M",
    "MC-11991/A&B",
    "MC 11992 X",
    "MC-11993-100%",
    "MC-11994-ÖL",
    "MC-11995-Größe",
    "MC-11996+1",
    "MC-11997#2",
    "MC-11998,5",
    "MC-11999\"X",
];

#[tokio::test]
async fn a_list_of_keys_keeps_order_and_duplicates_with_null_for_misses() {
    let shop = Shop::start().await;
    let skus = [
        "MC-10009-BLK-40",
        "NO-SUCH",
        "MC-10008-WHT-M",
        "",
        "MC-10009-BLK-40",
        "mc-10008-wht-m",
    ];
    let answer = shop.query_with(BY_SKU, json!({ "skus": skus })).await;
    let expected = [
        "MC-10009-BLK-40",
        "null",
        "MC-10008-WHT-M",
        "null",
        "MC-10009-BLK-40",
        "null",
    ];
    assert_eq!(column(answer.data("variants"), "sku"), expected);
    assert!(answer.data("variants.1").is_null() && answer.data("variants.5").is_null());
    assert_eq!(answer.data("variants.0"), answer.data("variants.4"));
    assert_eq!(answer.waves(), 1);
    assert_eq!(shop.calls(), "pim 1, erp 1, wms 1");
}

#[tokio::test]
async fn unknown_skus_are_remembered_for_a_while() {
    let shop = Shop::start().await;
    for _ in 0..3 {
        let answer = shop
            .query(r#"{ variant(sku: "NO-SUCH") { sku name price { kind } } }"#)
            .await;
        assert!(answer.data("variant").is_null());
    }
    assert_eq!(shop.calls(), "pim 1, erp 1, wms 0");
}

#[tokio::test]
async fn odd_characters_in_skus_find_the_right_article_everywhere() {
    let shop = Shop::start().await;
    // Told apart by a stock of their own.
    let stock: serde_json::Map<String, Value> = ODD
        .iter()
        .zip(101..)
        .map(|(sku, quantity)| ((*sku).to_owned(), json!(quantity)))
        .collect();
    shop.turn("wms", json!({ "stock": stock }));
    let answer = shop.query_with(BY_SKU, json!({ "skus": ODD })).await;
    assert_eq!(column(answer.data("variants"), "sku"), ODD);
    for (index, quantity) in (101..).take(ODD.len()).enumerate() {
        let variant = answer.data(&format!("variants.{index}"));
        assert_eq!(
            variant["availability"]["quantity"],
            quantity.to_string(),
            "{}",
            ODD[index]
        );
    }
    assert_eq!(answer.waves(), 1);
    assert_eq!(shop.calls(), "pim 1, erp 1, wms 1");
    // Asked alone, each has the price it had among the others.
    for (index, sku) in ODD.iter().enumerate() {
        let query = r#"query($sku: String!) { variant(sku: $sku) { sku
            price(maxAge: 0) { unitPrice { gross { amount } } } product { variants { sku } } } }"#;
        let alone = shop.query_with(query, json!({ "sku": sku })).await;
        let together = answer.data(&format!("variants.{index}.price"));
        assert!(!together.is_null(), "{sku} has a price");
        assert_eq!(alone.data("variant.price"), together, "{sku}");
        assert_eq!(alone.data("variant.product.variants.0.sku"), *sku);
    }
}

#[tokio::test]
async fn keys_are_data_and_never_part_of_a_question() {
    let shop = Shop::start().await;
    let attempts = [
        "x' or assetNo ne 'x",
        "') or (priceListCode eq 'DEALER-SEK",
        "x&warehouseIds=5&articleNumbers=MC-10008-WHT-M",
        "\"]}],\"enabled\":[{\"operator\":\"=\",\"value\":true}]}",
        "{{ settings.tenant }}",
        "../../companies",
        "%27%20or%201%20eq%201",
        "MC-10008-WHT-M\u{2028}",
        "\u{202e}MC-10008",
    ];
    for sku in attempts {
        let answer = shop
            .query_with(BY_SKU, json!({ "skus": [sku, "MC-10008-WHT-M"] }))
            .await;
        assert!(answer.data("variants.0").is_null(), "{sku:?}");
        assert_eq!(
            answer.data("variants.1.price.unitPrice.gross.amount"),
            "1709",
            "{sku:?}"
        );
    }
}

#[tokio::test]
async fn more_keys_than_allowed_are_one_clear_error_and_ask_nobody() {
    let shop = Shop::with(|yaml| limited(&yaml, "keys: 3")).await;
    let four = json!(["a", "b", "c", "d"]);
    let answer = shop.query_with(BY_SKU, json!({ "skus": four })).await;
    let refusal = (
        "BAD_USER_INPUT",
        "limits.keys: at least 4, and at most 3 are allowed",
    );
    assert_eq!(answer.refusal(), refusal);
    for lists in [
        "nodes(ids: #) { id }",
        "products(filter: { categories: # }) { nodes { id } }",
        "products(first: 1) { nodes { attributes(codes: #) { code } } }",
    ] {
        let answer = shop
            .query(&format!("{{ {} }}", lists.replace('#', &four.to_string())))
            .await;
        assert_eq!(answer.refusal(), ("QUERY_TOO_COMPLEX", refusal.1), "{lists}");
    }
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
    let answer = shop.query_with(BY_SKU, json!({ "skus": [] })).await;
    assert_eq!(answer.data("variants"), &json!([]));
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn two_hundred_and_fifty_keys_are_split_by_each_systems_limit() {
    let shop = Shop::start().await;
    let page = shop
        .query("{ products(first: 100, sort: SKU) { nodes { variants { sku } } } }")
        .await;
    let skus: Vec<&str> = page
        .data("products.nodes")
        .as_array()
        .expect("products")
        .iter()
        .flat_map(|product| column(&product["variants"], "sku"))
        .take(250)
        .collect();
    assert!(skus.len() > 200);
    shop.calls();
    let answer = shop.query_with(BY_SKU, json!({ "skus": skus })).await;
    assert_eq!(column(answer.data("variants"), "sku"), skus);
    assert_eq!(answer.waves(), 1);
    // 100, 150 and 200 keys a call.
    assert_eq!(shop.calls(), "pim 3, erp 2, wms 2");
}
