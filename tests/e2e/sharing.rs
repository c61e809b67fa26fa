//! Equal questions are asked once; different price lists never meet.

use futures_util::future::join_all;
use serde_json::Value;

use crate::shop::Shop;

const QUESTION: &str = r#"{ variant(sku: "MC-10008-WHT-M") { name
    price { unitPrice { gross { amount } net { amount } } } availability { quantity } } }"#;

#[tokio::test]
async fn a_thousand_equal_requests_on_a_cold_cache_are_one_call_per_system() {
    let shop = Shop::start().await;
    shop.plenty(&["MC-10008-WHT-M"]);
    let answers = join_all((0..1000).map(|_| shop.query(QUESTION))).await;
    for answer in &answers {
        assert_eq!(answer.data("variant.price.unitPrice.gross.amount"), "1709");
        assert_eq!(answer.data("variant.availability.quantity"), "500");
    }
    for name in ["pim", "erp", "wms"] {
        assert_eq!(shop.system(name).keys(), 1, "one key asked of {name}");
    }
    assert_eq!(shop.system("erp").token_calls(), 1, "one login");
    assert_eq!(shop.calls(), "pim 1, erp 1, wms 1");
}

#[tokio::test]
async fn equal_requests_share_a_call_that_is_still_under_way() {
    let shop = Shop::start().await;
    for name in ["pim", "erp", "wms"] {
        shop.turn(name, serde_json::json!({ "latencyMs": 300 }));
    }
    let answers = join_all((0..200).map(|_| shop.query(QUESTION))).await;
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(shop.calls(), "pim 1, erp 1, wms 1");
}

#[tokio::test]
async fn different_skus_of_many_requests_are_asked_together_and_answered_by_key() {
    let shop = Shop::start().await;
    let page = shop
        .query("{ products(first: 60) { nodes { variants { sku } } } }")
        .await;
    let skus: Vec<String> = page
        .data("products.nodes")
        .as_array()
        .expect("products")
        .iter()
        .flat_map(|product| product["variants"].as_array().cloned().unwrap_or_default())
        .map(|variant| variant["sku"].as_str().expect("a SKU").to_owned())
        .take(120)
        .collect();
    shop.turn("erp", serde_json::json!({ "latencyMs": 100 }));
    shop.calls();
    let query =
        "query($sku: String!) { variant(sku: $sku) { sku price { unitPrice { gross { amount } } } } }";
    let ask = |sku: &String| shop.query_with(query, serde_json::json!({ "sku": sku }));
    let together = join_all(skus.iter().map(ask)).await;
    assert_eq!(shop.system("erp").keys(), 120);
    let calls = shop.system("erp").calls();
    assert!(calls <= 12, "120 requests are a few calls, not {calls}");
    shop.calls();
    // One after the other, each of them past the cache, says the same.
    let live = query.replace("price {", "price(maxAge: 0) {");
    for (sku, answer) in skus.iter().zip(&together).step_by(10) {
        let alone = shop.query_with(&live, serde_json::json!({ "sku": sku })).await;
        assert_eq!(alone.data("variant"), answer.data("variant"));
        assert_eq!(answer.data("variant.sku"), sku.as_str());
    }
}

fn unit_price(answer: &Value) -> String {
    let price = &answer["unitPrice"];
    let side = if price["net"].is_null() { "gross" } else { "net" };
    format!(
        "{} {} {side}",
        price[side]["amount"].as_str().unwrap_or("none"),
        price[side]["currency"].as_str().unwrap_or("none")
    )
}

const PRICE: &str =
    "price { unitPrice { net { amount currency } gross { amount currency } } priceList { code } }";

#[tokio::test]
async fn two_price_lists_never_share_an_entry_or_a_call() {
    let shop = Shop::start().await;
    let query = |context: &str| {
        format!(r#"query @inContext({context}) {{ variant(sku: "MC-10008-WHT-M") {{ {PRICE} }} }}"#)
    };
    // What each list says when it is asked alone, of a gateway of its own.
    let contexts = [
        r#"channel: "se""#,
        r#"channel: "dealer", currency: "SEK""#,
        r#"channel: "dealer", currency: "EUR""#,
        r#"channel: "de""#,
        r#"channel: "dk""#,
    ];
    let mut truth = Vec::new();
    for context in contexts {
        let alone = Shop::start().await;
        truth.push(alone.query(&query(context)).await.data("variant.price").clone());
    }
    let seen: std::collections::BTreeSet<String> = truth.iter().map(unit_price).collect();
    assert_eq!(seen.len(), contexts.len(), "the lists differ: {seen:?}");
    let questions = (0..500).map(|index| {
        let context = index % contexts.len();
        let shop = &shop;
        async move { (context, shop.query(&query(contexts[context])).await) }
    });
    for (context, answer) in join_all(questions).await {
        assert_eq!(
            answer.data("variant.price"),
            &truth[context],
            "{}",
            contexts[context]
        );
    }
    assert_eq!(shop.system("erp").keys(), 5, "one key per list");
    // The catalogue is asked once per language.
    assert_eq!(shop.calls(), "pim 4, erp 5, wms 0");
}

#[tokio::test]
async fn the_same_price_list_in_two_channels_is_asked_once() {
    let shop = Shop::start().await;
    let german =
        format!(r#"query @inContext(channel: "de") {{ variant(sku: "MC-10008-WHT-M") {{ {PRICE} }} }}"#);
    let swedish = german.replace(r#"channel: "de""#, r#"channel: "se", currency: "EUR""#);
    let first = shop.query(&german).await;
    let second = shop.query(&swedish).await;
    assert_eq!(first.data("variant.price"), second.data("variant.price"));
    assert_eq!(first.data("variant.price.priceList.code"), "RETAIL-EUR");
    assert_eq!(shop.system("erp").keys(), 1);
    shop.calls();
}

#[tokio::test]
async fn a_failing_price_list_is_never_replaced_by_another() {
    let shop = Shop::start().await;
    let retail = shop.query(QUESTION).await;
    assert_eq!(retail.data("variant.price.unitPrice.gross.amount"), "1709");
    shop.set_down("erp", true);
    let dealer = shop
        .query(&format!(
            r#"query @inContext(channel: "dealer", currency: "SEK") {{ variant(sku: "MC-10008-WHT-M") {{ {PRICE} }} }}"#
        ))
        .await;
    assert!(dealer.partial("variant.price").is_null());
    assert_eq!(
        dealer.errors(),
        ["variant.price SYSTEM_UNAVAILABLE erp retryable"]
    );
}

#[tokio::test]
async fn tiers_and_quantities_come_from_the_list_of_the_channel() {
    let shop = Shop::start().await;
    let answer = shop
        .query_in(
            "dealer",
            r#"query @inContext(currency: "SEK") { variant(sku: "MC-10008-WHT-M") {
            one: price { unitPrice { net { amount } gross { amount } } tiers { minimumQuantity unitPrice { net { amount } } } kind priceList { code } }
            nine: price(quantity: "9") { unitPrice { net { amount } } }
            ten: price(quantity: "10") { unitPrice { net { amount } } }
            fifty: price(quantity: "50") { unitPrice { net { amount } } }
            nothing: price(quantity: "0") { kind } } }"#,
        )
        .await;
    let price = |name: &str| {
        answer
            .partial(&format!("variant.{name}.unitPrice.net.amount"))
            .clone()
    };
    assert_eq!(price("one"), price("nine"), "the tier begins at ten");
    assert_eq!(price("ten"), "945");
    assert_ne!(price("ten"), price("fifty"));
    let tiers = answer.partial("variant.one.tiers").as_array().expect("tiers");
    let minimums: Vec<&str> = tiers
        .iter()
        .filter_map(|tier| tier["minimumQuantity"].as_str())
        .collect();
    assert_eq!(minimums, ["1", "10", "50"]);
    assert_eq!(tiers[2]["unitPrice"]["net"]["amount"], price("fifty"));
    assert!(
        answer.partial("variant.one.unitPrice.gross").is_null(),
        "never invented"
    );
    assert_eq!(answer.partial("variant.one.priceList.code"), "DEALER-SEK");
    assert_eq!(answer.errors(), ["variant.nothing BAD_USER_INPUT - final"]);
    assert_eq!(shop.calls(), "pim 1, erp 1, wms 0");
}
