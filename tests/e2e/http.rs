//! GraphQL over HTTP: media types, statuses, and requests that are none.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::shop::{Answer, Shop, limited, send};

const BODY: &str = r#"{"query":"{ __typename }"}"#;

async fn post(
    shop: &Shop,
    accept: Option<&str>,
    content_type: Option<&str>,
    body: impl Into<reqwest::Body>,
) -> Answer {
    // A client of its own: the usual one always says what it accepts.
    let client = crate::shop::builder().build().expect("a client");
    let mut request = client.post(format!("{}/graphql", shop.url)).body(body);
    if let Some(accept) = accept {
        request = request.header("accept", accept);
    }
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    send(request).await
}

fn media(headers: &HeaderMap) -> &str {
    headers["content-type"].to_str().expect("ASCII")
}

const JSON: Option<&str> = Some("application/json");

#[tokio::test]
async fn the_answer_has_the_media_type_that_was_asked_for() {
    let shop = Shop::start().await;
    for (accept, expected) in [
        (None, "application/json; charset=utf-8"),
        (Some("*/*"), "application/json; charset=utf-8"),
        (Some("application/json"), "application/json; charset=utf-8"),
        (Some("application/*;q=0.5"), "application/json; charset=utf-8"),
        (
            Some("application/graphql-response+json"),
            "application/graphql-response+json; charset=utf-8",
        ),
        (
            Some("application/graphql-response+json; charset=utf-8, application/json;q=0.9"),
            "application/graphql-response+json; charset=utf-8",
        ),
        (
            Some("text/html, application/json"),
            "application/json; charset=utf-8",
        ),
    ] {
        let answer = post(&shop, accept, JSON, BODY).await;
        assert_eq!(
            (answer.status, media(&answer.headers)),
            (200, expected),
            "{accept:?}"
        );
        assert_eq!(answer.data("__typename"), "Query");
        assert_eq!(answer.headers["cache-control"], "private, no-store");
    }
    let refused = post(&shop, Some("text/html"), JSON, BODY).await;
    assert_eq!(refused.status, 406);
    refused.refusal();
}

#[tokio::test]
async fn only_json_is_taken() {
    let shop = Shop::start().await;
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/graphql"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonp"),
        Some("application/json; charset=iso-8859-1"),
        Some("text/plain, application/json"),
        Some(""),
    ] {
        let answer = post(&shop, None, content_type, BODY).await;
        assert_eq!(answer.status, 415, "{content_type:?}");
        answer.refusal();
    }
    for content_type in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json; charset=\"UTF-8\"",
        "Application/JSON",
    ] {
        assert_eq!(
            post(&shop, None, Some(content_type), BODY).await.status,
            200,
            "{content_type}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_no_request_is_a_bad_request() {
    let shop = Shop::start().await;
    for body in [
        "null",
        "1",
        "\"{ __typename }\"",
        "{}",
        "{\"qeury\":\"{ __typename }\"}",
        "{\"query\":\"{ __typename }\",\"query\":\"{ __typename }\"}",
        "{\"query\":\"{ __typename }\",\"variables\":{},\"variables\":{}}",
        "{\"query\":\"{ __typename }\",\"extensions\":[]}",
        "{\"query\":\"{ __typename }\",\"extensions\":\"{}\"}",
        "{\"query\":\"{ __typename }\",\"extensions\":0}",
        "{\"query\":1}",
        "{\"query\":null}",
        "{\"query\":\"{ __typename }\",\"variables\":[]}",
        "{\"query\":\"{ __typename }\",\"variables\":\"{}\"}",
        "{\"query\":\"{ __typename }\",\"operationName\":7}",
    ] {
        for (accept, status) in [
            (None, 400),
            (Some("application/json"), 400),
            (Some("application/graphql-response+json"), 400),
        ] {
            let answer = post(&shop, accept, JSON, body).await;
            assert_eq!(answer.status, status, "{body}");
            assert_eq!(
                media(&answer.headers),
                "application/graphql-response+json; charset=utf-8"
            );
            answer.refusal();
        }
    }
    for body in [
        "",
        "{",
        "[",
        "[1,",
        "nonsense",
        "{\"query\":",
        "{\"query\":\"{ __typename }\"} trailing",
        "{\"query\":\"\\ud800\"}",
        "\u{feff}{\"query\":\"{ __typename }\"}",
    ] {
        for accept in ["application/json", "application/graphql-response+json"] {
            let answer = post(&shop, Some(accept), JSON, body).await;
            assert_eq!(answer.status, 400, "{body}");
            answer.refusal();
        }
    }
    let invalid_utf8 = post(&shop, None, JSON, b"{\"query\":\"\xff\xfe\"}".to_vec()).await;
    assert_eq!(invalid_utf8.status, 400);
    let deep = format!(
        "{{\"query\":\"{{ __typename }}\",\"variables\":{{\"a\":{}}}}}",
        "[".repeat(100_000)
    );
    assert_eq!(post(&shop, None, JSON, deep).await.status, 400);
    let unknown_keys =
        r#"{"query":"{ __typename }","extensions":{"a":1},"variables":null,"operationName":null,"more":1}"#;
    assert_eq!(post(&shop, None, JSON, unknown_keys).await.status, 200);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let shop = Shop::with(|yaml| limited(&yaml, "body_bytes: 2000")).await;
    let padded = |bytes: usize| format!("{}{}", BODY, " ".repeat(bytes - BODY.len()));
    assert_eq!(post(&shop, None, JSON, padded(2000)).await.status, 200);
    let refused = post(&shop, None, JSON, padded(2001)).await;
    assert_eq!(refused.status, 413);
    refused.refusal();
}

/// As graphql-http's audit 86EE has it, whose document is not valid either.
#[tokio::test]
async fn a_variable_without_its_value_is_told_beside_what_is_wrong_with_the_document() {
    let shop = Shop::start().await;
    let query = "query Unused($id: ID!, $first: Int! = 1, $some: String) { nope }";
    for variables in [
        json!({ "id": null }),
        json!({}),
        json!({ "id": null, "first": 2 }),
    ] {
        let answer = shop.query_with(query, variables).await;
        assert_eq!(answer.status, 400);
        let errors = answer.body["errors"].as_array().expect("errors");
        let told = errors
            .iter()
            .filter(|error| error["extensions"]["code"] == "BAD_USER_INPUT");
        let told: Vec<&Value> = told.map(|error| &error["message"]).collect();
        assert_eq!(told, ["variable $id: a value of type ID! is required"]);
        let code = &errors[0]["extensions"]["code"];
        assert_eq!(code, "GRAPHQL_VALIDATION_FAILED");
    }
    let answer = shop.query_with(query, json!({ "id": "a" })).await;
    assert_eq!(answer.status, 422);
}

#[tokio::test]
async fn request_errors_have_no_data_and_the_status_fits_the_media_type() {
    let shop = Shop::start().await;
    let requests: [(Value, &str, u16); 9] = [
        (json!({ "query": "{" }), "GRAPHQL_PARSE_FAILED", 400),
        (json!({ "query": "" }), "GRAPHQL_PARSE_FAILED", 400),
        (json!({ "query": "{ nope }" }), "GRAPHQL_VALIDATION_FAILED", 422),
        (
            json!({ "query": "{ variant { sku } }" }),
            "GRAPHQL_VALIDATION_FAILED",
            422,
        ),
        (
            json!({ "query": "{ variant(sku: \"a\") }" }),
            "GRAPHQL_VALIDATION_FAILED",
            422,
        ),
        (
            json!({ "query": "query A { __typename } query B { __typename }" }),
            "BAD_USER_INPUT",
            400,
        ),
        (
            json!({ "query": "query A { __typename }", "operationName": "C" }),
            "BAD_USER_INPUT",
            400,
        ),
        (
            json!({ "query": "query($s: String!) { variant(sku: $s) { sku } }" }),
            "BAD_USER_INPUT",
            400,
        ),
        (
            json!({ "query": "query($s: String!) { variant(sku: $s) { sku } }", "variables": { "s": 1 } }),
            "BAD_USER_INPUT",
            400,
        ),
    ];
    for (request, code, status) in requests {
        let answer = shop.ask(request.clone()).await;
        assert_eq!(answer.status, status, "{request}");
        assert_eq!(answer.refusal().0, code, "{request}");
        let older = post(&shop, Some("application/json"), JSON, request.to_string()).await;
        assert_eq!(older.status, 200, "{request}");
        assert_eq!(older.refusal().0, code);
    }
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
    let chosen = shop
        .ask(json!({ "query": "query A { a: __typename } query B { b: __typename }", "operationName": "B" }))
        .await;
    assert_eq!(chosen.data(""), &json!({ "b": "Query" }));
}

#[tokio::test]
async fn a_variable_of_another_type_than_its_place_is_refused() {
    let shop = Shop::start().await;
    for (declared, refused) in [
        ("String!", false),
        ("String! = \"a\"", false),
        ("String = \"a\"", false),
        ("String", true),
        ("Int", true),
        ("Int = 1", true),
        ("ID!", true),
        ("[String!]!", true),
        ("[[[String]]]", true),
    ] {
        let query = format!(
            "query($s: {declared}) {{ variant(sku: $s) {{ ...f }} }} fragment f on ProductVariant {{ sku }}"
        );
        let answer = shop.query_with(&query, json!({})).await;
        let code = answer.body["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default();
        assert_eq!(
            code == "GRAPHQL_VALIDATION_FAILED",
            refused,
            "{declared}: {}",
            answer.body
        );
    }
    for (query, refused) in [
        ("query($s: String!) { variants(skus: [$s]) { sku } }", false),
        ("query($s: String) { variants(skus: [$s]) { sku } }", true),
        (
            "query($b: [String!]) { products(filter: { brands: $b }, first: 1) { nodes { id } } }",
            false,
        ),
        (
            "query($b: [String]) { products(filter: { brands: $b }, first: 1) { nodes { id } } }",
            true,
        ),
        (
            "query($b: Boolean) { variant(sku: \"a\") { sku @include(if: $b) } }",
            true,
        ),
        (
            "query($n: Int) { ...f } fragment f on Query { products(query: $n) { nodes { id } } }",
            true,
        ),
    ] {
        let answer = shop.query_with(query, json!({ "s": "NO", "b": null })).await;
        let code = answer.body["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default();
        assert_eq!(
            code == "GRAPHQL_VALIDATION_FAILED",
            refused,
            "{query}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn field_errors_are_a_good_answer() {
    let shop = Shop::start().await;
    let answer = shop
        .query("{ __typename products(first: 101) { nodes { id } } }")
        .await;
    assert_eq!(answer.status, 294, "data with errors");
    let older = json!({ "query": "{ products(first: 101) { nodes { id } } }" });
    let older = post(&shop, Some("application/json"), JSON, older.to_string()).await;
    assert_eq!(older.status, 200, "who knows only JSON knows no such status");
    assert_eq!(answer.partial("__typename"), "Query");
    let error = &answer.body["errors"][0];
    assert_eq!(error["path"], json!(["products"]));
    assert_eq!(error["locations"], json!([{ "line": 1, "column": 14 }]));
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    assert!(answer.body.as_object().expect("an object").contains_key("data"));
}

#[tokio::test]
async fn other_methods_and_paths_are_not_there() {
    let shop = Shop::start().await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE] {
        let client = crate::shop::client();
        let response = client
            .request(
                method.clone(),
                format!("{}/graphql?query=%7B__typename%7D", shop.url),
            )
            .send()
            .await;
        let response = response.expect("an answer");
        assert_eq!(response.status(), 405, "{method}");
        assert_eq!(response.headers()["allow"], "GET, HEAD, POST", "{method}");
    }
    for path in [
        "/graphql/",
        "/graphql/x.css",
        "/nothing",
        "/metrics/",
        "/health",
        "/demo/systems",
    ] {
        assert_eq!(
            shop.get(path).send().await.expect("an answer").status(),
            404,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_channel_header_must_be_readable() {
    let shop = Shop::start().await;
    let request = shop.post().header(
        "x-channel",
        reqwest::header::HeaderValue::from_bytes(b"\xff").expect("bytes"),
    );
    let answer = send(request.json(&json!({ "query": "{ __typename }" }))).await;
    assert_eq!(answer.status, 400);
    answer.refusal();
}

#[tokio::test]
async fn headers_that_name_a_customer_change_nothing() {
    let shop = Shop::start().await;
    let query = r#"{ variant(sku: "MC-10008-WHT-M") { price { unitPrice { gross { amount } } priceList { code } } } }"#;
    let usual = shop.query(query).await;
    for (name, value) in [
        ("x-customer-id", "GOLD"),
        ("x-price-list", "GOLD-EUR"),
        ("x-customer-number", "10001"),
        ("x-forwarded-host", "evil.example"),
        ("cookie", "session=1"),
    ] {
        let answer = send(shop.post().header(name, value).json(&json!({ "query": query }))).await;
        assert_eq!(answer.data(""), usual.data(""), "{name}");
    }
}
