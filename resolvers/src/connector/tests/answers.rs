//! Odd answers: matched by key only, wrong values fail their own key, wrong answers fail the call.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use skuery_schema::ids::Sku;

use super::{build, group};
use crate::connector::System;
use crate::door::tests::call;
use crate::door::tests::server::{Server, Step, json as answer, reply};
use crate::port::StockGroup;

fn system(url: &str) -> System {
    build(&format!(
        r#"
connector: rest
url: {url}
identity: {{ sku: "{{{{ key | upper }}}}" }}
locations: {{ NORTH: 1, SOUTH: 2 }}
upstream: {{ queue_timeout_ms: 60000 }}
mapping:
  inline:
    summary: an ERP
    protocol: rest
    failures: [{{ path: status, is: failed }}]
    statuses: {{ 409: overloaded, 410: absent }}
    lookups:
      prices:
        mode: calculated
        keys: {{ max: 100, url_bytes: 400 }}
        request:
          path: /prices
          query: [[sku, {{ each: "{{{{ keys }}}}" }}], [page, "{{{{ paging.page }}}}"]]
        answer:
          items: rows
          key: {{ path: sku }}
          paging: {{ next: next, max_pages: 3 }}
          fields:
            price: {{ path: price }}
            currency: {{ value: "{{{{ currency }}}}" }}
      stock:
        keys: {{ max: 10, one_by_one: true }}
        request: {{ path: "/stock/{{{{ key }}}}" }}
        answer:
          key: {{ path: sku }}
          rows: places
          fields:
            location: {{ jq: ".id | tonumber" }}
            available: {{ path: free }}
"#
    ))
    .expect("a system")
}

type Found = BTreeMap<String, Result<String, &'static str>>;

async fn ask(server: &Server, skus: &[&str]) -> Result<Found, &'static str> {
    let keys: Vec<Sku> = skus.iter().map(|sku| Sku::new(*sku)).collect();
    let system = system(&server.url);
    let prices = system.prices.expect("prices");
    let found = prices
        .prices(call(5), &group(None, "EUR", Some(1)), &keys)
        .await
        .map_err(|error| error.kind().as_str())?;
    let read = found.into_iter().map(|(sku, rows)| {
        let price = rows
            .map(|rows| rows[0].net.map_or_else(String::new, |net| net.to_string()))
            .map_err(|error| error.kind().as_str());
        (sku.to_string(), price)
    });
    Ok(read.collect())
}

/// Asks for A, B and C; the server answers with this text.
async fn check(body: &'static str) -> Result<Found, &'static str> {
    let server = Server::start(move |_| reply(200, "application/json; charset=utf-8", body.as_bytes())).await;
    ask(&server, &["A", "B", "C"]).await
}

fn found(pairs: &[(&str, Result<&str, &'static str>)]) -> Result<Found, &'static str> {
    Ok(pairs
        .iter()
        .map(|(sku, price)| ((*sku).to_owned(), price.map(str::to_owned)))
        .collect())
}

#[tokio::test]
async fn answers_are_matched_by_key_whatever_their_order() {
    let body = r#"{"rows": [{"sku": "C", "price": 3.10}, {"sku": "A", "price": 1.0}], "more": 1}"#;
    assert_eq!(check(body).await, found(&[("A", Ok("1.0")), ("C", Ok("3.10"))]));
}

#[tokio::test]
async fn rows_nobody_asked_for_are_dropped_and_counted() {
    let body = r#"{"rows": [{"sku": "X", "price": 9}, {"price": 8}, {"sku": "A", "price": 1}]}"#;
    let server = Server::start(move |_| reply(200, "application/json", body.as_bytes())).await;
    let system = system(&server.url);
    let keys = [Sku::new("A")];
    let prices = system.prices.expect("prices");
    let rows = prices.prices(call(5), &group(None, "EUR", Some(1)), &keys).await;
    assert_eq!(rows.expect("an answer").len(), 1);
    assert_eq!(system.upstream.snapshot().foreign_rows, 2);
}

#[tokio::test]
async fn equal_duplicates_are_one_and_different_ones_fail_their_key() {
    let body = r#"{"rows": [{"sku": "A", "price": 1}, {"sku": "A", "price": 1},
        {"sku": "B", "price": 1}, {"sku": "B", "price": 2}, {"sku": "C", "price": 3}]}"#;
    assert_eq!(
        check(body).await,
        found(&[("A", Ok("1")), ("B", Err("invalid_answer")), ("C", Ok("3"))])
    );
}

#[tokio::test]
async fn illegal_numbers_fail_their_own_key_only() {
    for odd in [
        "NaN",
        "Infinity",
        "-Infinity",
        "-1",
        "1e308",
        "\"1.000,5\"",
        "\"12\"",
        "true",
        "{}",
    ] {
        let body = format!(r#"{{"rows": [{{"sku": "A", "price": {odd}}}, {{"sku": "B", "price": 2}}]}}"#);
        let server = Server::start(move |_| reply(200, "application/json", body.as_bytes())).await;
        assert_eq!(
            ask(&server, &["A", "B"]).await,
            found(&[("A", Err("invalid_value")), ("B", Ok("2"))]),
            "{odd}"
        );
    }
}

#[tokio::test]
async fn no_price_is_absent_and_zero_is_a_price() {
    let body = r#"{"rows": [{"sku": "A", "price": null}, {"sku": "B"}, {"sku": "C", "price": 0.00}]}"#;
    assert_eq!(check(body).await, found(&[("C", Ok("0.00"))]));
}

#[tokio::test]
async fn what_is_no_answer_fails_the_call() {
    let deep: &'static str = Box::leak(format!("{}1{}", "[".repeat(1_000), "]".repeat(1_000)).into());
    for body in [
        "<html>log in</html>",
        "",
        "\u{feff}{\"rows\": []}",
        "{\"rows\": [{\"sku\": \"A\"",
        "{\"rows\": {}}",
        "{\"message\": \"hello\"}",
        "[]",
        deep,
    ] {
        assert_eq!(check(body).await, Err("invalid_answer"), "{body:.40}");
    }
    let server = Server::start(|_| reply(200, "text/html", b"{\"rows\": []}")).await;
    assert_eq!(ask(&server, &["A"]).await, Err("invalid_answer"));
}

#[tokio::test]
async fn failures_and_statuses_mean_what_the_mapping_says() {
    assert_eq!(
        check(r#"{"status": "failed", "rows": []}"#).await,
        Err("rejected")
    );
    assert_eq!(check(r#"{"status": "fine", "rows": []}"#).await, found(&[]));
    let server = Server::start(|_| reply(409, "text/plain", b"")).await;
    assert_eq!(ask(&server, &["A"]).await, Err("overloaded"));
    let server = Server::start(|_| reply(410, "text/plain", b"")).await;
    assert_eq!(ask(&server, &["A"]).await, found(&[]));
}

#[tokio::test]
async fn our_keys_become_theirs_and_answers_come_back_under_ours() {
    let server = Server::start(|seen| {
        assert!(seen.line.contains("sku=A&sku=A"), "{}", seen.line);
        answer(&json!({"rows": [{"sku": "A", "price": 1}]}))
    })
    .await;
    assert_eq!(
        ask(&server, &["a", "A"]).await,
        found(&[("A", Ok("1")), ("a", Ok("1"))])
    );
}

fn rows_of(line: &str) -> Vec<Json> {
    line.split(['?', '&'])
        .filter_map(|pair| pair.strip_prefix("sku="))
        .map(|sku| json!({"sku": sku, "price": 1}))
        .collect()
}

#[tokio::test]
async fn a_url_that_would_be_too_long_is_split() {
    let server = Server::start(|seen| answer(&json!({"rows": rows_of(&seen.line)}))).await;
    let skus: Vec<String> = (0..100).map(|number| format!("SKU-{number:04}")).collect();
    let skus: Vec<&str> = skus.iter().map(String::as_str).collect();
    assert_eq!(ask(&server, &skus).await.expect("an answer").len(), 100);
    let seen = server.seen();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|seen| seen.line.len() < 400));
}

#[tokio::test]
async fn one_part_that_fails_fails_its_keys_only() {
    let server = Server::start(|seen| match seen.line.contains("SKU-0000") {
        true => vec![Step::Reset],
        false => answer(&json!({"rows": rows_of(&seen.line)})),
    })
    .await;
    let skus: Vec<String> = (0..100).map(|number| format!("SKU-{number:04}")).collect();
    let skus: Vec<&str> = skus.iter().map(String::as_str).collect();
    let found = ask(&server, &skus).await.expect("an answer");
    assert_eq!(found["SKU-0000"], Err("unavailable"));
    assert_eq!(found["SKU-0099"], Ok("1".to_owned()));
}

#[tokio::test]
async fn pages_are_followed_within_bounds_and_never_elsewhere() {
    let server = Server::start(|seen| match seen.line.contains("page2") {
        true => answer(&json!({"rows": [{"sku": "B", "price": 2}], "next": null})),
        false => answer(&json!({"rows": [{"sku": "A", "price": 1}], "next": "/page2"})),
    })
    .await;
    let both = found(&[("A", Ok("1")), ("B", Ok("2"))]);
    assert_eq!(ask(&server, &["A", "B"]).await, both);

    let endless = Server::start(|_| answer(&json!({"rows": [], "next": "/again"}))).await;
    assert_eq!(ask(&endless, &["A"]).await, Err("invalid_answer"));
    assert_eq!(endless.seen().len(), 3);

    let away = Server::start(|_| answer(&json!({"rows": [], "next": "http://169.254.169.254/"}))).await;
    assert_eq!(ask(&away, &["A"]).await, Err("rejected"));
}

#[tokio::test]
async fn stock_is_read_by_location_and_contradictions_fail() {
    let server = Server::start(|seen| match seen.line.as_str() {
        "GET /stock/A" => answer(&json!({"sku": "A", "places": [
            {"id": 1, "free": -2.5}, {"id": 2, "free": 7}, {"id": 9, "free": 1}]})),
        "GET /stock/B" => answer(&json!({"sku": "B", "places": [
            {"id": 1, "free": 1}, {"id": 1, "free": 2}]})),
        "GET /stock/C" => answer(&json!({"sku": "C", "places": []})),
        "GET /stock/D" => answer(&json!({"sku": "D", "places": [{"id": 1, "free": null}]})),
        _ => reply(410, "text/plain", b""),
    })
    .await;
    let stock = system(&server.url).stock.expect("stock");
    let keys = ["A", "B", "C", "D", "E"].map(Sku::new);
    let found = stock
        .stock(call(5), &StockGroup { location: None }, &keys)
        .await
        .expect("an answer");
    let shown: BTreeMap<&str, String> = found
        .iter()
        .map(|(sku, figures)| {
            let shown = match figures {
                Ok(figures) => figures
                    .iter()
                    .map(|figure| format!("{} {}", figure.location, figure.available))
                    .collect::<Vec<_>>()
                    .join(", "),
                Err(error) => error.kind().as_str().to_owned(),
            };
            (sku.as_str(), shown)
        })
        .collect();
    let expected = [
        ("A", "NORTH -2.5, SOUTH 7"),
        ("B", "invalid_answer"),
        ("C", ""),
        ("D", "invalid_value"),
    ];
    assert_eq!(shown, expected.map(|(sku, shown)| (sku, shown.to_owned())).into());
}

#[tokio::test]
async fn a_value_that_cannot_be_had_names_its_field() {
    for (row, place) in [
        (json!({"id": "first", "free": 1}), "location"),
        (json!({"id": 1.5, "free": 1}), "location"),
        (json!({"id": 1, "free": 1e40}), "available"),
    ] {
        let server = Server::start(move |_| answer(&json!({"sku": "A", "places": [row]}))).await;
        let stock = system(&server.url).stock.expect("stock");
        let skus = [Sku::new("A")];
        let found = stock.stock(call(5), &StockGroup { location: None }, &skus).await;
        let found = found.expect("an answer").remove(&skus[0]).expect("A");
        let error = found.expect_err("no figure");
        assert!(error.detail().starts_with(place), "{place}: {}", error.detail());
    }
}

#[tokio::test]
async fn nothing_asked_is_nothing_sent() {
    let server = Server::start(|_| reply(500, "text/plain", b"")).await;
    assert_eq!(ask(&server, &[]).await, found(&[]));
    assert!(server.seen().is_empty());
}
