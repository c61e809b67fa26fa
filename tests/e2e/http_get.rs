//! Requests by GET: what stands in the URL, what may not be done so, and what a page of another site cannot do.

use reqwest::header::HeaderValue;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::shop::{Answer, Shop, limited, send};

const NAMED: &str = "query A($skus: [String!]!) { variants(skus: $skus) { sku } } query B { __typename }";

fn get(shop: &Shop, pairs: &[(&str, &str)]) -> RequestBuilder {
    shop.get_with(pairs)
}

async fn got(shop: &Shop, pairs: &[(&str, &str)]) -> Answer {
    send(get(shop, pairs)).await
}

#[tokio::test]
async fn a_request_may_stand_in_the_url() {
    let shop = Shop::start().await;
    let variables = json!({ "skus": ["MC-10008-WHT-M"] }).to_string();
    let answer = got(
        &shop,
        &[
            ("query", NAMED),
            ("operationName", "A"),
            ("variables", &variables),
            ("extensions", "{\"explain\":[\"cost\"]}"),
            ("unknown", "1"),
            ("unknown", "2"),
        ],
    )
    .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.data("variants.0.sku"), "MC-10008-WHT-M");
    assert!(answer.body["extensions"]["cost"]["calls"].is_u64());
    // What is empty is not there, and `null` is a name like others.
    let empty = [("operationName", ""), ("variables", ""), ("extensions", "")];
    let alone = [&[("query", "{ __typename }")][..], &empty].concat();
    assert_eq!(got(&shop, &alone).await.data("__typename"), "Query");
    for json in ["null", "{}"] {
        let given = [
            ("query", "{ __typename }"),
            ("variables", json),
            ("extensions", json),
        ];
        assert_eq!(got(&shop, &given).await.data("__typename"), "Query");
    }
    let called_null = [("query", "query null { __typename }"), ("operationName", "null")];
    assert_eq!(got(&shop, &called_null).await.data("__typename"), "Query");
    // A plus is a space in a URL's query.
    let written = shop
        .get("/graphql?query=query+Q%7B__typename%7D&operationName=Q")
        .header("x-apollo-operation-name", "Q");
    assert_eq!(send(written).await.data("__typename"), "Query");
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let shop = Shop::start().await;
    let query = ("query", "{ __typename }");
    for pairs in [
        &[][..],
        &[("query", "")],
        &[("variables", "{}")],
        &[query, query],
        &[query, ("variables", "[]")],
        &[query, ("variables", "1")],
        &[query, ("variables", "{")],
        &[query, ("variables", "{}"), ("variables", "{}")],
        &[query, ("extensions", "[]")],
        &[query, ("extensions", "a")],
    ] {
        let answer = got(&shop, pairs).await;
        assert_eq!(
            (answer.status, answer.refusal().0),
            (400, "BAD_USER_INPUT"),
            "{pairs:?}"
        );
        let older = get(&shop, pairs).header("accept", "application/json");
        assert_eq!(send(older).await.status, 400, "{pairs:?}");
    }
    assert_eq!(got(&shop, &[("query", "{")]).await.status, 400);
    assert_eq!(got(&shop, &[("query", "{ nope }")]).await.status, 422);
}

#[tokio::test]
async fn a_mutation_by_get_is_not_allowed() {
    let shop = Shop::start().await;
    let both = "query Q { __typename } mutation M { releaseCheckout(token: \"t\") { checkout { id } } }";
    let valid = "query Q { __typename } mutation M { __typename }";
    for accept in ["application/graphql-response+json", "application/json"] {
        let (client, request) = get(&shop, &[("query", valid), ("operationName", "M")]).build_split();
        let mut request = request.expect("a request");
        request
            .headers_mut()
            .insert("accept", HeaderValue::from_static(accept));
        let answer = send(RequestBuilder::from_parts(client, request)).await;
        assert_eq!(answer.status, 405, "{accept}");
        assert_eq!(answer.headers["allow"], "POST");
        assert_eq!(answer.refusal().0, "OPERATION_NOT_ALLOWED");
    }
    let query = got(&shop, &[("query", valid), ("operationName", "Q")]).await;
    assert_eq!(query.data("__typename"), "Query");
    assert_ne!(
        got(&shop, &[("query", both), ("operationName", "M")])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn head_is_a_get_without_its_body() {
    let shop = Shop::start().await;
    let (client, request) = get(&shop, &[("query", "{ __typename }")]).build_split();
    let mut request = request.expect("a request");
    *request.method_mut() = Method::HEAD;
    let response = client.execute(request).await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().await.expect("a body"), "");
}

#[tokio::test]
async fn the_url_is_bounded() {
    let shop = Shop::with(|yaml| limited(&yaml, "url_bytes: 300")).await;
    let padded = |length: usize| format!("/graphql?query=%7B__typename%7D&a={}", "a".repeat(length - 25));
    let send_padded = async |length: usize| {
        let request = shop.get(&padded(length)).header("apollo-require-preflight", "1");
        send(request).await
    };
    assert_eq!(send_padded(300).await.status, 200);
    let refused = send_padded(301).await;
    assert_eq!(refused.status, 414);
    refused.refusal();
    assert_eq!(send_padded(60_000).await.status, 414);
}

#[tokio::test]
async fn a_page_of_another_site_cannot_have_anything_done() {
    let shop = Shop::start().await;
    let query: [(&str, &str); 1] = [("query", "{ systems { name } }")];
    for (name, value) in [
        ("x-other", "1"),
        ("apollo-require-preflight", ""),
        ("x-apollo-operation-name", ""),
        ("content-type", "text/plain"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-type", "multipart/form-data; boundary=a"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
    ] {
        let answer = send(shop.get_bare(&query).header(name, value)).await;
        assert_eq!(answer.status, 400, "{name}: {value}");
        assert!(answer.refusal().1.contains("Apollo-Require-Preflight"), "{name}");
    }
    for (name, value) in [
        ("apollo-require-preflight", "1"),
        ("x-apollo-operation-name", "A"),
        ("content-type", "application/json"),
        ("sec-fetch-site", "same-origin"),
    ] {
        let answer = send(shop.get_bare(&query).header(name, value)).await;
        assert_eq!(answer.status, 200, "{name}: {value}");
    }
    // A form can send JSON as text; that it has a header that asks for leave makes it no JSON.
    let form = shop.post().header("content-type", "text/plain");
    let form = form
        .header("apollo-require-preflight", "1")
        .body("{\"query\":\"{ __typename }\"}");
    assert_eq!(send(form).await.status, 415);
}

#[tokio::test]
async fn headers_that_stand_twice_are_refused() {
    let shop = Shop::start().await;
    for name in [
        "x-channel",
        "x-skuery-explain",
        "apollographql-client-name",
        "authorization",
    ] {
        let twice = shop.post().header(name, "se").header(name, "se");
        let answer = send(twice.json(&json!({ "query": "{ __typename }" }))).await;
        assert!([400, 401].contains(&answer.status), "{name}: {}", answer.status);
        answer.refusal();
    }
    let types = shop.post().header("content-type", "application/json");
    let types = types.header("content-type", "text/plain");
    assert_eq!(send(types.body("{}")).await.status, 415);
    let body: Value = json!({ "query": "{ __typename }" });
    let accepts = shop.post().header("accept", "text/html");
    let accepts = accepts.header("accept", "application/json").json(&body);
    assert_eq!(send(accepts).await.status, 200, "one of several lines is enough");
}
