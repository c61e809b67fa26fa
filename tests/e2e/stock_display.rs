//! How a channel shows stock: nothing in an answer tells more than the channel allows.

use serde_json::{Value, json};

use crate::shop::Shop;

const STOCK: &str = r#"{ variant(sku: "MC-10008-WHT-M") { availability {
    status orderable quantity quantityDisplay exactness backorderAllowed
    levels { location { code } status available } } } }"#;

/// Stock in the first warehouse, as each channel tells it.
async fn shown(shop: &Shop, channel: &str, quantity: i64) -> Value {
    shop.turn("wms", json!({ "stock": { "MC-10008-WHT-M": quantity } }));
    let live = STOCK.replace("availability {", "availability(maxAge: 0) {");
    shop.query_in(channel, &live)
        .await
        .data("variant.availability")
        .clone()
}

fn line(shown: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let levels: Vec<String> = shown["levels"]
        .as_array()
        .expect("levels")
        .iter()
        .map(|level| {
            format!(
                "{} {}",
                text(&level["location"]["code"]),
                text(&level["available"])
            )
        })
        .collect();
    format!(
        "{} {} {} {} | {}",
        text(&shown["status"]),
        text(&shown["quantity"]),
        text(&shown["quantityDisplay"]),
        text(&shown["exactness"]),
        levels.join(", ")
    )
}

#[tokio::test]
async fn an_exact_channel_shows_the_figure() {
    let shop = Shop::start().await;
    let levels = |quantity| format!("WH-STO {quantity}, WH-CPH 0, ST-MAL 0");
    assert_eq!(
        line(&shown(&shop, "se", 40).await),
        format!("IN_STOCK 40 40 EXACT | {}", levels(40))
    );
    assert_eq!(
        line(&shown(&shop, "se", 2).await),
        format!("LOW_STOCK 2 2 EXACT | {}", levels(2))
    );
    assert_eq!(
        line(&shown(&shop, "se", 0).await),
        format!("OUT_OF_STOCK 0 0 EXACT | {}", levels(0))
    );
    assert_eq!(
        line(&shown(&shop, "se", -7).await),
        format!("OUT_OF_STOCK 0 0 EXACT | {}", levels(0))
    );
}

#[tokio::test]
async fn a_capped_channel_never_shows_more_than_its_cap() {
    let shop = Shop::start().await;
    let full = shown(&shop, "dk", 400).await;
    assert_eq!(line(&full), "IN_STOCK 20 20+ CAPPED | WH-CPH 0, WH-STO 20");
    assert!(!full.to_string().contains("400"));
    assert_eq!(
        line(&shown(&shop, "dk", 20).await),
        "IN_STOCK 20 20 CAPPED | WH-CPH 0, WH-STO 20"
    );
    assert_eq!(
        line(&shown(&shop, "dk", 3).await),
        "LOW_STOCK 3 3 CAPPED | WH-CPH 0, WH-STO 3"
    );
}

#[tokio::test]
async fn a_banded_channel_shows_its_own_words_and_no_figure() {
    let shop = Shop::with(|yaml| {
        yaml.replace(
            "locations: [WH-WAW]\n    stock_display:",
            "locations: [WH-STO]\n    stock_display:",
        )
    })
    .await;
    assert_eq!(
        line(&shown(&shop, "pl", 400).await),
        "IN_STOCK - Dostępny BANDED | WH-STO -"
    );
    assert_eq!(
        line(&shown(&shop, "pl", 2).await),
        "LOW_STOCK - Ostatnie sztuki BANDED | WH-STO -"
    );
    assert_eq!(
        line(&shown(&shop, "pl", 0).await),
        "OUT_OF_STOCK - Niedostępny BANDED | WH-STO -"
    );
    // English has no words of its own here and takes the usual ones.
    let english = STOCK.replacen('{', r#"query @inContext(language: "en") {"#, 1);
    let english = shop.query_in("pl", &english).await;
    assert_eq!(
        english.data("variant.availability.quantityDisplay"),
        "Out of stock"
    );
}

/// The demo's `se` channel with another display.
async fn displayed(display: &str) -> Shop {
    Shop::with(|yaml| {
        let changed = yaml.replacen(
            "stock_display: { kind: exact }",
            &format!("stock_display: {display}"),
            1,
        );
        assert_ne!(changed, yaml);
        changed
    })
    .await
}

#[tokio::test]
async fn a_channel_may_have_bands_of_its_own() {
    let shop = displayed(
        "{ kind: banded, unknown: { sv: Okänt }, bands: [
            { from: 50, words: { sv: Gott om, en: Plenty } },
            { from: 1, words: { sv: Finns, en: Some } },
            { from: 0, words: { en: None } }] }",
    )
    .await;
    let levels = "WH-STO -, WH-CPH -, ST-MAL -";
    for (quantity, expected) in [
        (50, "IN_STOCK - Gott om BANDED"),
        (49, "IN_STOCK - Finns BANDED"),
        (1, "LOW_STOCK - Finns BANDED"),
        // Swedish has no word here; the channel falls back to English.
        (0, "OUT_OF_STOCK - None BANDED"),
    ] {
        assert_eq!(
            line(&shown(&shop, "se", quantity).await),
            format!("{expected} | {levels}")
        );
    }
    let english = STOCK.replacen('{', r#"query @inContext(language: "en") {"#, 1);
    let english = shop.query_in("se", &english).await;
    assert_eq!(english.data("variant.availability.quantityDisplay"), "None");
}

#[tokio::test]
async fn a_channel_may_show_symbols() {
    let shop = displayed("{ kind: symbols, symbols: { low_stock: ◐ } }").await;
    let levels = "WH-STO -, WH-CPH -, ST-MAL -";
    for (quantity, expected) in [
        (400, "IN_STOCK - ●●● BANDED"),
        (2, "LOW_STOCK - ◐ BANDED"),
        (0, "OUT_OF_STOCK - ○ BANDED"),
    ] {
        let full = shown(&shop, "se", quantity).await;
        assert_eq!(line(&full), format!("{expected} | {levels}"));
        assert!(!full.to_string().contains("400"));
    }
}

#[tokio::test]
async fn a_channel_may_have_a_word_for_what_it_does_not_know() {
    // Two systems keep its locations; one does not answer, and the other has none.
    let broken = "
  broken:
    connector: ongoing
    url: http://127.0.0.1:1
    auth: { login: nobody, password: { env: GIVEN_NOTHING } }
    settings: { goods_owner_id: 1 }
    locations: { WH-CPH: 2 }

locations:
";
    let shop = Shop::with(|yaml| {
        let changed = yaml
            .replace("WH-CPH: 2, ", "")
            .replace("\nlocations:\n", broken)
            .replacen(
                "stock_display: { kind: exact }",
                "stock_display: { kind: banded, unknown: { sv: Fråga oss } }",
                1,
            );
        assert_ne!(changed, yaml);
        changed
    })
    .await;
    shop.turn("wms", json!({ "stock": { "MC-10008-WHT-M": 0 } }));
    let answer = shop.query_in("se", STOCK).await;
    let stock = answer.partial("variant.availability");
    assert_eq!(
        line(stock),
        "UNKNOWN - Fråga oss BANDED | WH-STO -, WH-CPH -, ST-MAL -"
    );
}

#[tokio::test]
async fn a_hidden_channel_shows_only_whether_it_can_be_ordered() {
    let shop = Shop::with(|yaml| yaml.replace("[WH-WAW, WH-CPH, ST-BER]", "[WH-STO]")).await;
    let plenty = shown(&shop, "de", 400).await;
    assert_eq!(line(&plenty), "IN_STOCK - - HIDDEN | WH-STO -");
    assert_eq!(plenty["orderable"], true);
    let none = shown(&shop, "de", 0).await;
    assert_eq!(line(&none), "OUT_OF_STOCK - - HIDDEN | WH-STO -");
    assert_eq!(none["orderable"], false);
}

#[tokio::test]
async fn a_channel_with_backorders_takes_orders_without_stock() {
    let shop = Shop::start().await;
    let none = shown(&shop, "dealer", 0).await;
    assert_eq!(none["status"], "BACKORDER");
    assert_eq!(
        (&none["orderable"], &none["backorderAllowed"]),
        (&json!(true), &json!(true))
    );
}

#[tokio::test]
async fn only_the_channels_own_locations_count() {
    let shop = Shop::start().await;
    assert_eq!(
        line(&shown(&shop, "pl", 400).await),
        "OUT_OF_STOCK - Niedostępny BANDED | WH-WAW -"
    );
    let some = r#"{ variant(sku: "MC-10008-WHT-M") { availability(locations: ["WH-CPH"]) { quantity levels { location { code } } } } }"#;
    let answer = shop.query(some).await;
    assert_eq!(answer.data("variant.availability.quantity"), "0");
    assert_eq!(
        answer.data("variant.availability.levels.0.location.code"),
        "WH-CPH"
    );
}

#[tokio::test]
async fn channels_share_what_the_warehouse_said() {
    let shop = Shop::start().await;
    shop.plenty(&["MC-10008-WHT-M"]);
    for channel in ["se", "dk", "dealer", "pl", "de"] {
        shop.query_in(channel, STOCK).await.data("variant.availability");
    }
    assert_eq!(shop.system("wms").keys(), 1, "stock is the same for everybody");
}
