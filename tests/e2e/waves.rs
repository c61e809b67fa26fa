//! How often systems are asked: by wave, never by product.

use crate::shop::Shop;

const LISTING: &str = "{ products(first: 50) { nodes { name variants { sku
    price { unitPrice { gross { amount } } } availability { status quantity } } } } }";

const VARIANTS: &str = r#"{ variants(skus: ["MC-10008-WHT-M", "MC-10008-WHT-L", "MC-10009-BLK-40"]) {
    sku name price { unitPrice { gross { amount currency } } } availability { quantity } } }"#;

fn skus(listing: &serde_json::Value) -> usize {
    let products = listing["products"]["nodes"].as_array().expect("products");
    products
        .iter()
        .map(|product| product["variants"].as_array().map_or(0, Vec::len))
        .sum()
}

#[tokio::test]
async fn variants_by_sku_reach_all_three_systems_in_one_wave() {
    let shop = Shop::start().await;
    let answer = shop.query(VARIANTS).await;
    assert_eq!(answer.data("variants.0.price.unitPrice.gross.amount"), "1709");
    assert_eq!(answer.data("variants.0.availability.quantity"), "59");
    assert_eq!(answer.data("variants.0.name"), "Hanseat Vega 1 jethjälm");
    assert_eq!(answer.waves(), 1);
    assert_eq!(shop.calls(), "pim 1, erp 1, wms 1");
}

#[tokio::test]
async fn fifty_products_with_price_and_stock_are_two_waves_and_one_call_per_system() {
    let shop = Shop::start().await;
    let answer = shop.query(LISTING).await;
    assert_eq!(answer.data("products.nodes").as_array().map(Vec::len), Some(50));
    let asked = skus(answer.data(""));
    assert!(asked > 100, "more keys than products: {asked}");
    assert_eq!(answer.waves(), 2);
    for name in ["erp", "wms"] {
        assert_eq!(
            shop.system(name).keys(),
            asked as u64,
            "{name} is asked for each SKU once"
        );
    }
    assert_eq!(shop.calls(), "pim 1, erp 1, wms 1");
}

#[tokio::test]
async fn a_hundred_products_take_as_many_calls_as_the_batch_limits_demand() {
    let shop = Shop::start().await;
    let listing = LISTING.replace("first: 50", "first: 100");
    let answer = shop.query(&listing).await;
    let asked = skus(answer.data(""));
    assert_eq!(answer.waves(), 2);
    // Business Central takes 150 keys a call, Ongoing 200, and neither an address of more than 8 000 bytes.
    assert!(
        (201..=300).contains(&asked),
        "{asked} keys need two calls of each"
    );
    assert_eq!(shop.calls(), "pim 1, erp 2, wms 2");
}

#[tokio::test]
async fn the_same_page_again_asks_nobody_but_for_the_last_pieces_in_stock() {
    let shop = Shop::start().await;
    let first = shop.query(LISTING).await;
    shop.calls();
    let again = shop.query(LISTING).await;
    assert_eq!(first.data(""), again.data(""));
    // Up to three pieces are asked for every time: somebody else may just have bought them.
    let asked = shop.system("wms").keys();
    assert!((1..20).contains(&asked), "{asked} scarce articles among all");
    assert_eq!(again.waves(), 1);
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 1");
}

#[tokio::test]
async fn a_warm_question_asks_nobody() {
    let shop = Shop::start().await;
    shop.plenty(&["MC-10008-WHT-M", "MC-10008-WHT-L", "MC-10009-BLK-40"]);
    let first = shop.query(VARIANTS).await;
    shop.calls();
    let again = shop.query(VARIANTS).await;
    assert_eq!(first.data(""), again.data(""));
    assert_eq!(again.waves(), 0);
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn the_last_pieces_are_asked_for_every_time() {
    let shop = Shop::start().await;
    shop.turn(
        "wms",
        serde_json::json!({ "stock": { "MC-10008-WHT-M": 3, "MC-10008-WHT-L": 0 } }),
    );
    let scarce = r#"{ variant(sku: "MC-10008-WHT-M") { availability { quantity status } } }"#;
    let sold_out = r#"{ variant(sku: "MC-10008-WHT-L") { availability { quantity status } } }"#;
    for _ in 0..3 {
        let answer = shop.query(scarce).await;
        assert_eq!(answer.data("variant.availability.status"), "LOW_STOCK");
    }
    assert_eq!(shop.calls(), "pim 1, erp 0, wms 3");
    for _ in 0..3 {
        let answer = shop.query(sold_out).await;
        assert_eq!(answer.data("variant.availability.status"), "OUT_OF_STOCK");
    }
    assert_eq!(shop.calls(), "pim 1, erp 0, wms 1");
}

#[tokio::test]
async fn max_age_zero_goes_to_the_system_and_leaves_a_fresher_answer_behind() {
    let shop = Shop::start().await;
    let cached = r#"{ variant(sku: "MC-10008-WHT-M") { availability { quantity freshness { state } } } }"#;
    let live = r#"{ variant(sku: "MC-10008-WHT-M") {
        price(maxAge: 0) { freshness { state system } } availability(maxAge: 0) { quantity freshness { state } } } }"#;
    assert_eq!(
        shop.query(cached).await.data("variant.availability.quantity"),
        "59"
    );
    shop.turn("wms", serde_json::json!({ "stock": { "MC-10008-WHT-M": 77 } }));
    shop.calls();
    let kept = shop.query(cached).await;
    assert_eq!(kept.data("variant.availability.quantity"), "59");
    assert_eq!(kept.data("variant.availability.freshness.state"), "CACHED");
    for _ in 0..2 {
        let asked = shop.query(live).await;
        assert_eq!(asked.data("variant.availability.quantity"), "77");
        assert_eq!(asked.data("variant.availability.freshness.state"), "LIVE");
        assert_eq!(asked.data("variant.price.freshness.system"), "erp");
    }
    assert_eq!(shop.calls(), "pim 0, erp 2, wms 2");
    assert_eq!(
        shop.query(cached).await.data("variant.availability.quantity"),
        "77"
    );
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn an_answer_older_than_max_age_is_asked_for_again() {
    let shop = Shop::start().await;
    let query = r#"{ variant(sku: "MC-10008-WHT-M") { price(maxAge: 500) { freshness { state } } } }"#;
    assert_eq!(
        shop.query(query).await.data("variant.price.freshness.state"),
        "LIVE"
    );
    assert_eq!(
        shop.query(query).await.data("variant.price.freshness.state"),
        "CACHED"
    );
    assert_eq!(shop.calls(), "pim 1, erp 1, wms 0");
    let refused = shop.query(&query.replace("500", "-1")).await;
    assert_eq!(refused.errors(), ["variant.price BAD_USER_INPUT - final"]);
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn the_same_sku_under_many_names_is_asked_for_once() {
    let shop = Shop::start().await;
    let answer = shop
        .query(
            r#"{
        a: variant(sku: "MC-10008-WHT-M") { one: price { unitPrice { gross { amount } } } ten: price(quantity: "10") { unitPrice { gross { amount } } } }
        b: variants(skus: ["MC-10008-WHT-M", "MC-10008-WHT-M"]) { name price { unitPrice { gross { amount } } } availability { quantity } }
        c: product(by: { sku: "MC-10008-WHT-M" }) { variants { sku } }
    }"#,
        )
        .await;
    assert_eq!(answer.data("a.one"), answer.data("b.1.price"));
    assert_eq!(shop.system("erp").keys(), 1);
    assert_eq!(shop.system("wms").keys(), 1);
    // The variant; then its product and that product's variants at the same time.
    assert_eq!(answer.waves(), 2);
    assert_eq!(shop.calls(), "pim 3, erp 1, wms 1");
}

#[tokio::test]
async fn fields_nobody_selects_cost_nothing() {
    let shop = Shop::start().await;
    let answer = shop
        .query("{ products(first: 5) { nodes { name } } locations { code } __typename }")
        .await;
    assert_eq!(answer.data("products.nodes").as_array().map(Vec::len), Some(5));
    assert_eq!(shop.calls(), "pim 1, erp 0, wms 0");
    let answer = shop
        .query_with(
            r#"query($live: Boolean!) { variant(sku: "MC-10008-WHT-M") { sku price @include(if: $live) { kind } } }"#,
            serde_json::json!({ "live": false }),
        )
        .await;
    assert_eq!(
        answer.data("variant"),
        &serde_json::json!({ "sku": "MC-10008-WHT-M" })
    );
    assert_eq!(shop.calls(), "pim 1, erp 0, wms 0");
}
