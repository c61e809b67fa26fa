//! What operators see: health, metrics, the playground.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::shop::Shop;
use crate::subscriber::{Subscriber, Way};

/// The value of one sample.
fn sample(metrics: &str, name: &str) -> f64 {
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is not in\n{metrics}"))
        .parse()
        .expect("a number")
}

async fn metrics(shop: &Shop) -> String {
    let response = shop.get("/metrics").send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    response.text().await.expect("text")
}

#[tokio::test]
async fn health_is_that_of_the_process() {
    let shop = Shop::start().await;
    let ready = r#"{"ready":true,"not_ready":[],"degraded":[]}"#;
    for (path, text) in [("/health/live", "live\n"), ("/health/ready", ready)] {
        let response = shop.get(path).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.text().await.expect("text"), text);
    }
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn counters_move_with_what_happens() {
    let shop = Shop::start().await;
    shop.plenty(&["MC-10008-WHT-M"]);
    let query = r#"{ variant(sku: "MC-10008-WHT-M") { name price { kind } availability { quantity } } }"#;
    shop.query(query).await;
    let once = metrics(&shop).await;
    for (system, operation) in [("pim", "variants"), ("erp", "prices"), ("wms", "stock")] {
        let of =
            |name: &str, more: &str| format!("{name}{{system=\"{system}\",operation=\"{operation}\"{more}}}");
        assert_eq!(sample(&once, &of("skuery_calls_total", ",outcome=\"ok\"")), 1.0);
        assert_eq!(sample(&once, &of("skuery_call_keys_total", "")), 1.0);
        assert!(sample(&once, &of("skuery_call_bytes_total", "")) > 100.0);
        assert_eq!(sample(&once, &of("skuery_call_duration_seconds_count", "")), 1.0);
        assert_eq!(
            sample(&once, &of("skuery_lookups_total", ",outcome=\"fetched\"")),
            1.0
        );
        assert_eq!(
            sample(&once, &of("skuery_lookups_total", ",outcome=\"hit\"")),
            0.0
        );
        assert_eq!(
            sample(&once, &format!("skuery_system_up{{system=\"{system}\"}}")),
            1.0
        );
    }
    shop.query(query).await;
    shop.set_down("erp", true);
    shop.query(&query.replace("price {", "price(maxAge: 0) {")).await;
    let later = metrics(&shop).await;
    let prices = |outcome: &str| {
        format!("skuery_lookups_total{{system=\"erp\",operation=\"prices\",outcome=\"{outcome}\"}}")
    };
    assert_eq!(sample(&later, &prices("hit")), 1.0);
    assert_eq!(sample(&later, &prices("fetched")), 2.0);
    let failed = "skuery_calls_total{system=\"erp\",operation=\"prices\",outcome=\"unavailable\"}";
    assert_eq!(sample(&later, failed), 1.0);
    assert_eq!(sample(&later, "skuery_system_up{system=\"erp\"}"), 0.0);
    assert_eq!(sample(&later, "skuery_system_in_flight{system=\"erp\"}"), 0.0);
    assert_eq!(
        sample(&later, "skuery_system_in_flight_limit{system=\"erp\"}"),
        4.0
    );
}

#[tokio::test]
async fn metrics_have_the_form_prometheus_reads() {
    let shop = Shop::start().await;
    shop.query("{ products(first: 1) { nodes { name } } }").await;
    let mut declared = std::collections::BTreeSet::new();
    for line in metrics(&shop).await.lines() {
        if let Some(head) = line.strip_prefix("# TYPE ") {
            let name = head.split(' ').next().expect("a name").to_owned();
            assert!(declared.insert(name), "declared twice: {line}");
        } else if !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').expect("a value");
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let name = series.split('{').next().expect("a name");
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| name.strip_suffix(end));
            assert!(
                declared.contains(name) || family.is_some_and(|family| declared.contains(family)),
                "{line}"
            );
        }
    }
}

#[tokio::test]
async fn the_system_never_has_more_calls_in_flight_than_allowed() {
    let shop = Shop::with(|yaml| {
        yaml.replace("upstream: { concurrency: 4,", "upstream: { concurrency: 2,") + crate::shop::LONG
    })
    .await;
    shop.turn("erp", serde_json::json!({ "latencyMs": 20 }));
    let query = r#"query($q: Decimal) { variants(skus: ["MC-10008-WHT-M"]) { price(quantity: $q, maxAge: 0) { kind } } }"#;
    let questions =
        (1..=30).map(|quantity| shop.query_with(query, serde_json::json!({ "q": quantity.to_string() })));
    for answer in futures_util::future::join_all(questions).await {
        assert_eq!(answer.data("variants.0.price.kind"), "PRICE_LIST");
    }
    assert!(shop.system("erp").peak_concurrency() <= 2);
}

#[tokio::test]
async fn the_playground_is_one_page_with_its_settings_in_it() {
    let shop = Shop::start().await;
    let plain = shop.get("/").send().await.expect("an answer");
    assert_eq!(plain.headers()["content-type"], "text/html; charset=utf-8");
    assert!(plain.headers().get("content-encoding").is_none());
    let plain = plain.text().await.expect("text");
    let packed = shop
        .get("/")
        .header("accept-encoding", "gzip, br")
        .send()
        .await
        .expect("an answer");
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert_eq!(packed.headers()["vary"], "accept-encoding");
    let packed = packed.bytes().await.expect("bytes");
    let mut unpacked = String::new();
    GzDecoder::new(packed.as_ref())
        .read_to_string(&mut unpacked)
        .expect("gzip");
    assert!(unpacked == plain, "both forms are the same page");
    assert!(
        !plain.contains("/*SKUERY_SETTINGS*/"),
        "the placeholder is replaced"
    );
    assert!(plain.contains(r#""title":"Skuery","demo":true"#));
    assert!(
        plain.contains("Variants by SKU, one wave"),
        "the demo's examples are in it"
    );
    let refused = shop
        .get("/")
        .header("accept-encoding", "gzip;q=0")
        .send()
        .await
        .expect("an answer");
    assert!(
        refused.headers().get("content-encoding").is_none(),
        "q=0 refuses gzip"
    );
}

#[tokio::test]
async fn every_example_of_the_playground_is_answered_without_errors() {
    let shop = Shop::selling().await;
    for example in skuery::demo::EXAMPLES {
        let variables = match example.variables {
            "" => serde_json::json!({}),
            text => serde_json::from_str(text).expect("variables are JSON"),
        };
        if example.query.contains("\nsubscription ") {
            let token = shop.demo.token("10010");
            let mut subscriber = Subscriber::open_as(&shop, Way::Sse, token.as_deref(), example.query).await;
            subscriber.data().await;
            continue;
        }
        // A dealer may use every channel that the examples name.
        let answer = shop.query_with_as("10010", example.query, variables).await;
        assert_eq!(answer.status, 200, "{}: {:#}", example.name, answer.body);
        assert_eq!(answer.errors(), Vec::<String>::new(), "{}", example.name);
    }
}
