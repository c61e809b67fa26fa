//! A system that is down or too slow takes nothing with it but its own fields.

use serde_json::json;

use crate::shop::{STALE, Shop, limited};

const VARIANT: &str = r#"{ variants(skus: ["MC-10008-WHT-M"]) { sku name
    price { unitPrice { gross { amount } } freshness { state system } }
    availability { quantity freshness { state system } } } }"#;
const LISTING: &str = "{ products(first: 3) { nodes { name variants { sku
    price { unitPrice { gross { amount } } } availability { status } } } } }";

#[tokio::test]
async fn with_the_erp_down_products_and_stock_still_come() {
    let shop = Shop::start().await;
    shop.set_down("erp", true);
    let answer = shop.query(VARIANT).await;
    assert_eq!(answer.status, 294);
    assert_eq!(answer.partial("variants.0.name"), "Hanseat Vega 1 jethjälm");
    assert_eq!(answer.partial("variants.0.availability.quantity"), "59");
    assert!(answer.partial("variants.0.price").is_null());
    assert_eq!(
        answer.errors(),
        ["variants.0.price SYSTEM_UNAVAILABLE erp retryable"]
    );
    let listing = shop.query(LISTING).await;
    let products = listing.partial("products.nodes").as_array().expect("products");
    for variant in products
        .iter()
        .flat_map(|product| product["variants"].as_array().expect("variants"))
    {
        assert!(variant["price"].is_null() && !variant["availability"].is_null());
    }
    assert_eq!(products.len(), 3);
    assert!(
        listing
            .errors()
            .iter()
            .all(|error| error.ends_with("price SYSTEM_UNAVAILABLE erp retryable"))
    );
}

#[tokio::test]
async fn with_the_wms_down_products_and_prices_still_come() {
    let shop = Shop::start().await;
    shop.set_down("wms", true);
    let answer = shop.query(VARIANT).await;
    assert_eq!(answer.partial("variants.0.price.unitPrice.gross.amount"), "1709");
    assert_eq!(answer.partial("variants.0.name"), "Hanseat Vega 1 jethjälm");
    assert!(answer.partial("variants.0.availability").is_null());
    assert_eq!(
        answer.errors(),
        ["variants.0.availability SYSTEM_UNAVAILABLE wms retryable"]
    );
}

#[tokio::test]
async fn with_the_pim_down_variants_still_give_prices_and_stock() {
    let shop = Shop::start().await;
    shop.set_down("pim", true);
    let answer = shop.query(VARIANT).await;
    assert_eq!(answer.partial("variants.0.sku"), "MC-10008-WHT-M");
    assert_eq!(answer.partial("variants.0.price.unitPrice.gross.amount"), "1709");
    assert_eq!(answer.partial("variants.0.availability.quantity"), "59");
    assert!(answer.partial("variants.0.name").is_null());
    assert_eq!(
        answer.errors(),
        ["variants.0.name SYSTEM_UNAVAILABLE pim retryable"]
    );
    assert_eq!(answer.waves(), 1);
    let listing = shop.query(LISTING).await;
    assert!(listing.partial("products").is_null());
    assert_eq!(listing.errors(), ["products SYSTEM_UNAVAILABLE pim retryable"]);
    let by_sku = shop
        .query(r#"{ variant(sku: "MC-10008-WHT-M") { sku price { kind } product { name } gtin } }"#)
        .await;
    assert!(!by_sku.partial("variant.price").is_null());
    let errors = by_sku.errors();
    assert_eq!(
        errors,
        [
            "variant.gtin SYSTEM_UNAVAILABLE pim retryable",
            "variant.product SYSTEM_UNAVAILABLE pim retryable"
        ]
    );
}

#[tokio::test]
async fn with_everything_down_the_gateway_still_answers() {
    let shop = Shop::start().await;
    for name in ["pim", "erp", "wms"] {
        shop.set_down(name, true);
    }
    let answer = shop.query(VARIANT).await;
    assert_eq!(answer.status, 294);
    assert_eq!(answer.errors().len(), 3, "{:?}", answer.errors());
    for path in ["/health/live", "/health/ready", "/metrics", "/"] {
        assert_eq!(
            shop.get(path).send().await.expect("an answer").status(),
            200,
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_kept_is_served_as_stale_while_its_system_is_down() {
    let shop = Shop::with(|yaml| format!("{yaml}{STALE}")).await;
    let fields = [("erp", "price"), ("wms", "availability")];
    let live = shop.query(VARIANT).await;
    for (name, field) in fields {
        assert_eq!(live.data(&format!("variants.0.{field}.freshness.state")), "LIVE");
        shop.set_down(name, true);
    }
    let stale = shop
        .query(&VARIANT.replace("state system", "state system ageMs"))
        .await;
    for (name, field) in fields {
        let freshness = stale.data(&format!("variants.0.{field}.freshness"));
        assert_eq!(
            (&freshness["state"], &freshness["system"]),
            (&json!("STALE"), &json!(name))
        );
        assert!(freshness["ageMs"].as_i64().is_some_and(|age| age >= 0));
    }
    assert_eq!(
        stale.data("variants.0.price.unitPrice"),
        live.data("variants.0.price.unitPrice")
    );
    assert_eq!(stale.data("variants.0.availability.quantity"), "59");
    // A caller who wants the system's own word gets none.
    let own = shop
        .query(&VARIANT.replace("price {", "price(maxAge: 0) {"))
        .await;
    assert!(own.partial("variants.0.price").is_null());
    assert_eq!(
        own.errors(),
        ["variants.0.price SYSTEM_UNAVAILABLE erp retryable"]
    );
    // Whatever was never seen is null with an error.
    let unseen = shop.query(&VARIANT.replace("WHT-M", "WHT-L")).await;
    assert_eq!(unseen.errors().len(), 2);
    for (name, _) in fields {
        shop.set_down(name, false);
    }
    let healed = shop.query(VARIANT).await;
    assert_eq!(healed.data("variants.0.price.freshness.state"), "LIVE");
    assert_eq!(healed.data("variants.0.availability.freshness.state"), "LIVE");
}

#[tokio::test]
async fn the_catalogue_outlives_the_pim() {
    let shop = Shop::with(|yaml| format!("{yaml}{STALE}")).await;
    let live = shop.query(LISTING).await;
    shop.set_down("pim", true);
    let stale = shop.query(LISTING).await;
    assert_eq!(live.data("products"), stale.data("products"));
}

#[tokio::test]
async fn a_system_slower_than_the_deadline_is_not_waited_for() {
    let cases = [
        ("pim", "variants.0.name"),
        ("erp", "variants.0.price"),
        ("wms", "variants.0.availability"),
    ];
    let checks = cases.map(|(name, path)| async move {
        let shop = Shop::with(|yaml| limited(&yaml, "deadline_ms: 3000")).await;
        shop.turn(name, json!({ "latencyMs": 60_000 }));
        let answer = shop.query(VARIANT).await;
        assert_eq!(
            answer.errors(),
            [format!("{path} SYSTEM_TIMEOUT {name} retryable")]
        );
        assert!(answer.partial(path).is_null());
        assert_eq!(answer.partial("variants.0.sku"), "MC-10008-WHT-M");
    });
    futures_util::future::join_all(checks).await;
}

#[tokio::test]
async fn a_failing_system_is_asked_again_by_the_next_request_only() {
    let shop = Shop::start().await;
    shop.turn("erp", json!({ "failureRate": 1 }));
    for _ in 0..3 {
        let answer = shop.query(VARIANT).await;
        assert_eq!(
            answer.errors(),
            ["variants.0.price SYSTEM_UNAVAILABLE erp retryable"]
        );
    }
    assert_eq!(shop.calls(), "pim 1, erp 3, wms 1");
    shop.turn("erp", json!({ "failureRate": 0 }));
    assert_eq!(
        shop.query(VARIANT)
            .await
            .data("variants.0.price.unitPrice.gross.amount"),
        "1709"
    );
}

#[tokio::test]
async fn a_session_that_died_is_renewed_once_for_everybody() {
    let shop = Shop::with(|yaml| format!("{yaml}{STALE}")).await;
    shop.query(VARIANT).await.data("variants.0.price");
    assert_eq!(shop.system("erp").token_calls(), 1);
    shop.calls();
    shop.system("erp").revoke_tokens();
    let together = futures_util::future::join_all((0..50).map(|_| shop.query(VARIANT))).await;
    for answer in &together {
        assert_eq!(answer.data("variants.0.price.unitPrice.gross.amount"), "1709");
    }
    assert_eq!(shop.system("erp").token_calls(), 1, "one login for fifty");
}

/// `name STATE` of every system.
async fn states(shop: &Shop) -> String {
    let answer = shop
        .query("{ systems { name connector roles state since } }")
        .await;
    let systems = answer.data("systems").as_array().expect("systems");
    let lines: Vec<String> = systems
        .iter()
        .map(|system| {
            format!(
                "{} {}",
                system["name"].as_str().expect("a name"),
                system["state"].as_str().expect("a state")
            )
        })
        .collect();
    lines.join(", ")
}

#[tokio::test]
async fn the_systems_field_tells_how_each_is_doing_without_asking_it() {
    let shop = Shop::with(|yaml| format!("{yaml}{STALE}")).await;
    assert_eq!(
        states(&shop).await,
        "depot UNKNOWN, erp UNKNOWN, marketplace UNKNOWN, payments UNKNOWN, pim UNKNOWN, pos UNKNOWN, wms UNKNOWN"
    );
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
    shop.query(VARIANT).await;
    assert_eq!(
        states(&shop).await,
        "depot UNKNOWN, erp UP, marketplace UNKNOWN, payments UNKNOWN, pim UP, pos UNKNOWN, wms UP"
    );
    shop.set_down("wms", true);
    shop.query(VARIANT).await;
    assert_eq!(
        states(&shop).await,
        "depot UNKNOWN, erp UP, marketplace UNKNOWN, payments UNKNOWN, pim UP, pos UNKNOWN, wms DEGRADED"
    );
    shop.query(VARIANT).await;
    shop.query(VARIANT).await;
    assert_eq!(
        states(&shop).await,
        "depot UNKNOWN, erp UP, marketplace UNKNOWN, payments UNKNOWN, pim UP, pos UNKNOWN, wms DOWN"
    );
    shop.set_down("wms", false);
    shop.query(VARIANT).await;
    assert_eq!(
        states(&shop).await,
        "depot UNKNOWN, erp UP, marketplace UNKNOWN, payments UNKNOWN, pim UP, pos UNKNOWN, wms DEGRADED"
    );
    let roles = shop.query("{ systems { name connector roles } }").await;
    assert_eq!(
        roles.data("systems.4"),
        &json!({ "name": "pim", "connector": "akeneo", "roles": ["CATALOG"] })
    );
}
