//! The shopper's context: channel, language, currency, country – from the document, its variables, or a header.

use serde_json::json;

use crate::shop::Shop;

const NAME: &str = r#"{ product(by: { sku: "MC-10008-WHT-M" }) { name localeUsed } }"#;

#[tokio::test]
async fn the_channel_comes_from_the_directive_then_the_header_then_the_configuration() {
    let shop = Shop::start().await;
    let price = r#"variant(sku: "MC-10008-WHT-M") { price { unitPrice { gross { currency } } } }"#;
    let currency = "variant.price.unitPrice.gross.currency";
    let by_default = shop.query(&format!("{{ {price} }}")).await;
    assert_eq!(by_default.data(currency), "SEK");
    let by_header = shop.query_in("dk", &format!("{{ {price} }}")).await;
    assert_eq!(by_header.data(currency), "DKK");
    let by_argument = shop
        .query_in("dk", &format!(r#"query @inContext(channel: "pl") {{ {price} }}"#))
        .await;
    assert_eq!(by_argument.data(currency), "PLN");
    let query = format!("query($c: String, $m: String) @inContext(channel: $c, currency: $m) {{ {price} }}");
    let by_variable = shop.query_with(&query, json!({ "c": "se", "m": "EUR" })).await;
    assert_eq!(by_variable.data(currency), "EUR");
    let without = shop.query_with(&query, json!({})).await;
    assert_eq!(without.data(currency), "SEK");
}

#[tokio::test]
async fn languages_are_asked_for_and_fall_back_text_by_text() {
    let shop = Shop::start().await;
    let swedish = shop.query(NAME).await;
    assert_eq!(swedish.data("product.name"), "Hanseat Vega 1 jethjälm");
    assert_eq!(swedish.data("product.localeUsed"), "sv");
    let danish = shop.query_in("dk", NAME).await;
    assert_eq!(danish.data("product.name"), "Hanseat Vega 1 jethjelm");
    assert_eq!(danish.data("product.localeUsed"), "da");
    let english = shop
        .query(&format!(r#"query @inContext(language: "en") {NAME}"#))
        .await;
    assert_eq!(english.data("product.name"), "Hanseat Vega 1 open-face helmet");
    assert_eq!(english.data("product.localeUsed"), "en");
    assert_eq!(shop.calls(), "pim 6, erp 0, wms 0");
}

#[tokio::test]
async fn a_text_without_translation_says_which_language_it_is_in() {
    let shop = Shop::start().await;
    let mut untranslated = 0;
    for channel in ["dk", "pl", "de"] {
        let page = "{ products(first: 100) { nodes { id name localeUsed attributes { code localeUsed } } } }";
        let page = shop.query_in(channel, page).await;
        let own = match channel {
            "dk" => "da",
            other => other,
        };
        for product in page.data("products.nodes").as_array().expect("products") {
            assert!(!product["name"].as_str().unwrap_or_default().is_empty());
            let used = product["localeUsed"].as_str().expect("a language");
            assert!(used == own || used == "en", "{used} in {channel}");
            let attributes = product["attributes"].as_array().expect("attributes");
            let fallen_back = attributes
                .iter()
                .filter(|attribute| attribute["localeUsed"] == "en");
            untranslated += usize::from(used == "en") + fallen_back.count();
        }
    }
    assert!(untranslated > 0, "the assortment has untranslated texts");
}

#[tokio::test]
async fn languages_never_mix_in_the_cache() {
    let shop = Shop::start().await;
    for _ in 0..2 {
        for (channel, name) in [
            ("se", "Hanseat Vega 1 jethjälm"),
            ("dk", "Hanseat Vega 1 jethjelm"),
            ("dealer", "Hanseat Vega 1 open-face helmet"),
        ] {
            assert_eq!(shop.query_in(channel, NAME).await.data("product.name"), name);
        }
    }
    // Variant and product, once per language.
    assert_eq!(shop.calls(), "pim 6, erp 0, wms 0");
}

#[tokio::test]
async fn what_the_channel_does_not_have_is_one_request_error_and_asks_nobody() {
    let shop = Shop::start().await;
    for (context, message) in [
        (
            r#"channel: "nope""#,
            "unknown channel `nope`; allowed here: se, de, dealer, dk, outlet, pl",
        ),
        (r#"language: "da""#, "unknown language `da`; allowed here: sv, en"),
        (
            r#"currency: "USD""#,
            "unknown currency `USD`; allowed here: EUR, SEK",
        ),
        (
            r#"currency: "kronor""#,
            "unknown currency `kronor`; allowed here: EUR, SEK",
        ),
        (r#"country: "NO""#, "unknown country `NO`; allowed here: SE"),
        (
            r#"channel: "dk", currency: "SEK""#,
            "unknown currency `SEK`; allowed here: DKK",
        ),
    ] {
        let answer = shop.query(&format!("query @inContext({context}) {NAME}")).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.refusal(), ("BAD_USER_INPUT", message));
    }
    let by_header = shop.query_in("nope", NAME).await;
    assert_eq!(by_header.refusal().0, "BAD_USER_INPUT");
    let query = format!("query($c: String) @inContext(channel: $c) {NAME}");
    let by_variable = shop.query_with(&query, json!({ "c": "nope" })).await;
    assert_eq!(by_variable.refusal().0, "BAD_USER_INPUT");
    let unknown_argument = shop
        .query(&format!(r#"query @inContext(customer: "1") {NAME}"#))
        .await;
    assert_eq!(unknown_argument.refusal().0, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn a_country_the_channel_serves_is_welcome() {
    let shop = Shop::start().await;
    for country in ["DE", "AT"] {
        let query = format!(r#"query @inContext(channel: "de", country: "{country}") {{ __typename }}"#);
        assert_eq!(shop.query(&query).await.data("__typename"), "Query");
    }
    let anywhere = shop
        .query(r#"query @inContext(channel: "dealer", country: "NZ") { __typename }"#)
        .await;
    assert_eq!(anywhere.data("__typename"), "Query");
}
