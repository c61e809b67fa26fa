//! The dials: latency, failures, death, stock, and what is counted.

use serde_json::{Value, json};

use super::{Bench, ok, refused};

const STOCK: &str = "/api/v1/articles/inventoryPerWarehouse";

/// Serves the demo's own routes as the gateway would.
pub(super) async fn served(bench: &Bench) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let routes = bench.demo.routes();
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    url
}

async fn dials(bench: &Bench) -> String {
    format!("{}/demo/systems", served(bench).await)
}

fn turn(bench: &Bench, name: &str, change: Value) {
    bench.turn(name, change);
}

#[tokio::test]
async fn shows_the_systems_and_counts() {
    let bench = Bench::start().await;
    let url = dials(&bench).await;
    ok(bench.wms(STOCK, &[("goodsOwnerId", "7"), ("articleNumbers", "MC-D'ARC-M")])).await;
    let body = ok(bench.client.get(&url)).await;
    let names: Vec<_> = body
        .as_array()
        .unwrap()
        .iter()
        .map(|system| &system["name"])
        .collect();
    assert_eq!(
        names,
        ["pim", "erp", "wms", "depot", "pos", "marketplace", "payments"]
    );
    assert_eq!(
        (&body[2]["calls"], &body[2]["keys"], &body[2]["peakConcurrency"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(body[0]["tokenCalls"], 1);
    assert_eq!(
        body[1]["settings"],
        json!({
            "latencyMs": 0, "failureRate": 0, "down": false, "loseAnswers": 0, "failAfterWork": 0, "lateMs": 0,
            "visibilityDelayMs": 0, "releaseAfterMs": 3000, "rejectOversell": false, "uniqueExternal": false,
        })
    );
    bench.demo.system("wms").unwrap().reset_counters();
    assert_eq!(ok(bench.client.get(&url)).await[2]["calls"], 0);
}

#[tokio::test]
async fn refuses_bad_settings_and_changes_nothing() {
    let bench = Bench::start().await;
    let url = dials(&bench).await;
    for change in [
        json!({"latencyMs": 5, "speed": 1}),
        json!({"latencyMs": -1}),
        json!({"latencyMs": "fast"}),
        json!({"failureRate": 1.01}),
        json!({"failureRate": -0.1}),
        json!({"down": 1}),
        json!({"loseAnswers": -1}),
        json!({"failAfterWork": true}),
        json!({"lateMs": 60_001}),
        json!({"rejectOversell": true}),
        json!({"latencyMs": 5, "stock": {"NOPE": 1}}),
        json!({"stock": {"MC-D'ARC-M": 1.5}}),
        json!([]),
    ] {
        let body = refused(bench.client.post(format!("{url}/wms")).json(&change), 400).await;
        assert!(body["error"].is_string(), "{change}");
    }
    refused(bench.client.post(format!("{url}/wms")).body("{"), 400).await;
    refused(
        bench
            .client
            .post(format!("{url}/pim"))
            .json(&json!({"stock": {}})),
        400,
    )
    .await;
    refused(bench.client.post(format!("{url}/crm")).json(&json!({})), 404).await;
    let settings = &ok(bench.client.get(&url)).await[2]["settings"];
    assert_eq!(
        *settings,
        json!({
            "latencyMs": 0, "failureRate": 0, "down": false, "loseAnswers": 0, "failAfterWork": 0, "lateMs": 0,
            "stock": {},
        })
    );
}

#[tokio::test]
async fn sets_stock_while_running() {
    let bench = Bench::start().await;
    let url = dials(&bench).await;
    let change = json!({"stock": {"MC-11991/A&B": 3}});
    let state = ok(bench.client.post(format!("{url}/wms")).json(&change)).await;
    assert_eq!(state["settings"]["stock"], json!({"MC-11991/A&B": 3}));
    let body = ok(bench.wms(
        STOCK,
        &[("goodsOwnerId", "7"), ("articleNumbers", "MC-11991/A&B")],
    ))
    .await;
    let levels = body[0]["inventoryPerWarehouse"].as_array().unwrap();
    let sellable: Vec<_> = levels
        .iter()
        .map(|level| level["sellableNumberOfItems"].as_f64().unwrap())
        .collect();
    assert_eq!(sellable, [3.0, 0.0, 0.0, 0.0, 0.0]);
}

#[tokio::test]
async fn fails_evenly_at_the_rate_asked_for() {
    let bench = Bench::start().await;
    turn(&bench, "erp", json!({"failureRate": 0.25}));
    let mut failures = Vec::new();
    for _ in 0..12 {
        let response = bench.erp("items", &[("$top", "1")]).send().await.unwrap();
        failures.push(response.status().as_u16() == 500);
    }
    assert_eq!(
        failures.iter().filter(|failed| **failed).count(),
        3,
        "{failures:?}"
    );
    assert_eq!(bench.demo.system("erp").unwrap().calls(), 12);
    turn(&bench, "erp", json!({"failureRate": 1}));
    let body = refused(bench.erp("items", &[]), 500).await;
    assert_eq!(body["error"]["code"], "Internal_ServerError");
    ok(super::erp_login(
        &bench.client,
        &bench.demo,
        super::logins::ERP_CLIENT_SECRET,
    ))
    .await;
}

#[tokio::test]
async fn cuts_new_and_kept_connections_while_down() {
    let bench = Bench::start().await;
    let query = [("goodsOwnerId", "7"), ("maxArticlesToGet", "1")];
    ok(bench.wms(STOCK, &query)).await;
    turn(&bench, "wms", json!({"down": true}));
    assert!(bench.wms(STOCK, &query).send().await.is_err());
    let fresh = super::client();
    assert!(
        fresh
            .get(format!("{}/api/v1/warehouses", bench.demo.wms_url()))
            .send()
            .await
            .is_err()
    );
    assert_eq!(bench.demo.system("wms").unwrap().calls(), 1);
    turn(&bench, "wms", json!({"down": false}));
    ok(bench.wms(STOCK, &query)).await;
}

#[tokio::test]
async fn waits_as_long_as_asked_and_knows_its_peak() {
    let bench = Bench::start().await;
    turn(&bench, "wms", json!({"latencyMs": 60}));
    let query = [("goodsOwnerId", "7"), ("maxArticlesToGet", "1")];
    let begin = tokio::time::Instant::now();
    let calls = tokio::join!(
        ok(bench.wms(STOCK, &query)),
        ok(bench.wms(STOCK, &query)),
        ok(bench.wms(STOCK, &query))
    );
    assert!(begin.elapsed().as_millis() >= 60 && calls.0.is_array());
    assert_eq!(bench.demo.system("wms").unwrap().peak_concurrency(), 3);
}

#[tokio::test]
async fn ends_with_the_demo() {
    let bench = Bench::start().await;
    let url = format!("{}/api/v1/warehouses", bench.demo.wms_url());
    drop(bench.demo);
    assert!(bench.client.get(url).send().await.is_err());
}
