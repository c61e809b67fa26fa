//! Start-up checks find what would otherwise fail silently.

use serde_json::json;

use super::build;
use crate::connector::CheckResult;
use crate::door::tests::call;
use crate::door::tests::server::{Server, json as answer, reply};

/// Checks an Ongoing with one article in warehouse 1 and none in warehouse 2; `locations` is configured.
async fn check(locations: &str) -> Vec<CheckResult> {
    let server = Server::start(|seen| match seen.header("authorization") {
        Some("Basic dTp2YWx1ZSBvZiBB") => answer(&json!([{
            "articleNumber": "A",
            "inventoryPerWarehouse": [
                {"warehouseId": 1, "sellableNumberOfItems": 4.0, "numberOfItems": 4.0},
                {"warehouseId": 2, "sellableNumberOfItems": 0.0, "numberOfItems": 0.0},
            ],
        }])),
        _ => reply(401, "application/json", b"{}"),
    })
    .await;
    let system = build(&format!(
        r#"
connector: ongoing
url: {}
auth: {{ login: u, password: {{ env: A }} }}
settings: {{ goods_owner_id: 7 }}
locations: {locations}
"#,
        server.url
    ))
    .expect("a system");
    system.check(call(5)).await
}

#[tokio::test]
async fn a_wrong_location_is_found_and_a_quiet_one_is_told() {
    let results = check("{ NORTH: 1 }").await;
    let names: Vec<&str> = results.iter().map(|result| result.name.as_str()).collect();
    assert_eq!(names, ["login", "stock"]);
    assert!(results.iter().all(|result| result.outcome.is_ok()), "{results:?}");

    let outcome = &check("{ NORTH: 1, SOUTH: 2 }").await[1].outcome;
    assert!(
        outcome.as_ref().is_ok_and(|words| words.contains("SOUTH")),
        "{outcome:?}"
    );

    let outcome = &check("{ NORTH: 1, WEST: 3 }").await[1].outcome;
    assert!(
        outcome
            .as_ref()
            .is_err_and(|words| words.contains("WEST") && !words.contains("NORTH")),
        "a location that no answer lists: {outcome:?}"
    );

    let outcome = &check("{ NORTH: 99 }").await[1].outcome;
    assert!(
        outcome.as_ref().is_err_and(|words| words.contains("NORTH")),
        "{outcome:?}"
    );

    let outcome = &check("{}").await[1].outcome;
    assert!(
        outcome
            .as_ref()
            .is_err_and(|words| words.contains("no locations")),
        "{outcome:?}"
    );
}

/// Checks a till that answers every question with these rows.
async fn till(rows: serde_json::Value, status: u16) -> Vec<CheckResult> {
    let server = Server::start(move |_| {
        let body = json!({"sales": rows}).to_string();
        reply(status, "application/json", body.as_bytes())
    })
    .await;
    let query = "- [start, '{{ paging.offset }}']";
    super::order_lists::till(&server.url, "max: 10", query, "")
        .check(call(5))
        .await
}

#[tokio::test]
async fn orders_are_asked_for_nobody_and_must_be_none() {
    let results = till(json!([]), 200).await;
    let names: Vec<&str> = results.iter().map(|result| result.name.as_str()).collect();
    assert_eq!(names, ["login", "orders"]);
    assert_eq!(results[1].outcome, Ok("orders answer".to_owned()));

    let outcome = &till(json!([{"who": "anna"}]), 200).await[1].outcome;
    assert!(
        outcome
            .as_ref()
            .is_err_and(|words| words.contains("is the request about `customer`?")),
        "{outcome:?}"
    );
    assert!(till(json!([]), 500).await[1].outcome.is_err());
}

#[tokio::test]
async fn a_refused_login_ends_the_check() {
    let server = Server::start(|_| reply(401, "text/html", b"<html>no</html>")).await;
    let system = build(&format!(
        "{{connector: tryton, url: \"{}\", auth: {{login: a, password: {{env: B}}}}, settings: {{database: d}}}}",
        server.url
    ))
    .expect("a system");
    let results = system.check(call(5)).await;
    assert_eq!(results.len(), 1);
    assert!(results[0].outcome.is_err());
    assert_eq!(server.seen().len(), 1);
}
