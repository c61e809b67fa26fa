//! Every attack of the corpus, over every transport, while somebody else is served; and what must pass nevertheless.

use futures_util::future::join;
use serde_json::{Value, json};
use skuery::demo;
use skuery_resolvers::screen::{self, Limits};

use crate::corpus::{Attack, corpus};
use crate::shop::{Shop, limited, send};
use crate::socket_client::Socket;

/// The longest refusal, in bytes.
const SHORT: usize = 2_048;

#[track_caller]
fn assert_refused(attack: &Attack, answer: &Value, errors: &Value) {
    let Attack {
        name, code, limit, ..
    } = attack;
    let length = answer.to_string().len();
    assert!(length <= SHORT, "{name}: the refusal has {length} bytes");
    assert_eq!(answer.get("data"), None, "{name} was executed");
    let extensions = &errors[0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["limit"]),
        (&json!(code), &json!(limit)),
        "{name}: {answer}"
    );
    if let Some(limit) = limit {
        let (allowed, found) = (&extensions["allowed"], &extensions["found"]);
        assert!(allowed.as_u64() < found.as_u64(), "{name}: {answer}");
        let message = format!("limits.{limit}: at least {found}, and at most {allowed} are allowed");
        assert_eq!(errors[0]["message"], message, "{name}");
    }
}

/// Somebody else's question, which must be answered whatever goes on beside it.
async fn assert_serves(shop: &Shop) {
    let answer = shop.query(
        r#"{ variant(sku: "MC-10008-WHT-M") { sku price { currency: unitPrice { gross { currency } } } } }"#,
    );
    assert_eq!(answer.await.data("variant.sku"), "MC-10008-WHT-M");
}

#[tokio::test]
async fn every_attack_is_refused_over_http_while_others_are_served() {
    let shop = Shop::start().await;
    assert_serves(&shop).await;
    shop.calls();
    for attack in corpus() {
        let request = shop.post().header("content-type", "application/json");
        let (answer, ()) = join(send(request.body(attack.payload.clone())), assert_serves(&shop)).await;
        let status = match answer.body["errors"][0]["extensions"]["code"].as_str() {
            Some("GRAPHQL_PARSE_FAILED" | "BAD_USER_INPUT") => 400,
            _ => 422,
        };
        assert_eq!(answer.status, status, "{}", attack.name);
        assert_refused(&attack, &answer.body, &answer.body["errors"]);
    }
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0", "no system was asked");
}

#[tokio::test]
async fn every_attack_is_refused_on_a_socket_that_goes_on() {
    let shop = Shop::start().await;
    assert_serves(&shop).await;
    shop.calls();
    let mut socket = Socket::ready(&shop).await;
    for attack in corpus() {
        let message = format!(r#"{{"id":"1","type":"subscribe","payload":{}}}"#, attack.payload);
        socket.say_text(message).await;
        let (errors, ()) = join(socket.refusal("1"), assert_serves(&shop)).await;
        assert_refused(&attack, &errors, &errors);
    }
    socket.query("1", "{ __typename }").await;
    assert_eq!(socket.answer("1").await["data"]["__typename"], "Query");
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0", "no system was asked");
}

#[tokio::test]
async fn a_refusal_says_where_in_the_document() {
    let shop = Shop::start().await;
    let document = format!(
        "query (\n  $a: Int) {{\r\n  a(b: \"å\" c: {}1{}) }}",
        "[".repeat(20),
        "]".repeat(20)
    );
    let answer = shop.query(&document).await;
    let error = json!({
        "message": "limits.literal_nesting: at least 17, and at most 16 are allowed",
        "locations": [{ "line": 3, "column": 31 }],
        "extensions": { "code": "QUERY_TOO_COMPLEX", "limit": "literal_nesting", "allowed": 16, "found": 17 },
    });
    assert_eq!(answer.body, json!({ "errors": [error] }));
}

/// Lists of lists: each is bounded, and the fields around a refused one are answered.
#[tokio::test]
async fn pages_of_pages_are_bounded_each() {
    let shop = Shop::with(|yaml| limited(&yaml, "page_size: 3, deadline_ms: 60000")).await;
    let page = |first: i64, inner: i64| {
        format!(
            "{{ systems {{ name }} products(first: {first}) {{ nodes {{ categories {{ products(first: {inner}) {{ nodes {{ id }} }} }} }} }} }}"
        )
    };
    let answer = shop.query(&page(1_000, 1_000)).await;
    assert_eq!(answer.errors(), ["products BAD_USER_INPUT - final"]);
    assert_eq!(
        answer.body["errors"][0]["message"],
        "first: 1000 is not between 0 and 3 (limits.page_size)"
    );
    assert!(answer.partial("systems.0.name").is_string());
    let answer = shop.query("{ products { nodes { id } } }").await;
    let nodes = answer.data("products.nodes").as_array().map(Vec::len);
    assert_eq!(nodes, Some(3), "the usual page is no longer than the longest");
    let answer = shop.query(&page(1, 4)).await;
    assert!(
        answer
            .errors()
            .iter()
            .all(|error| error.ends_with("products BAD_USER_INPUT - final"))
    );
    assert_ne!(answer.errors().len(), 0);
}

/// What the specification does not name is ignored, whatever it is.
#[tokio::test]
async fn members_that_nobody_reads_may_be_anything() {
    let shop = Shop::start().await;
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    let payload =
        format!(r#"{{"query":"{{ __typename }}","extensions":{{"x":{deep}}},"x":{deep},"variables":null}}"#);
    let request = shop.post().header("content-type", "application/json");
    assert_eq!(
        send(request.body(payload.clone())).await.data("__typename"),
        "Query"
    );
    let mut socket = Socket::ready(&shop).await;
    socket
        .say_text(format!(r#"{{"id":"1","type":"subscribe","payload":{payload}}}"#))
        .await;
    assert_eq!(socket.answer("1").await["data"]["__typename"], "Query");
    for read in [
        r#""variables":[1]"#.to_owned(),
        r#""variables":"a""#.to_owned(),
        format!(r#""operationName":{deep}"#),
        format!(r#""extensions":{deep}"#),
        format!(r#""extensions":{{"explain":{deep}}}"#),
    ] {
        let payload = format!(r#"{{"query":"{{ __typename }}",{read}}}"#);
        let request = shop.post().header("content-type", "application/json");
        let answer = send(request.body(payload)).await;
        let name = &read[..read.len().min(30)];
        assert_eq!(
            (answer.status, answer.refusal().0),
            (400, "BAD_USER_INPUT"),
            "{name}"
        );
    }
}

/// What tools send to learn the schema, with everything that can be asked for.
const INTROSPECTION: &str = include_str!("introspection.graphql");

#[tokio::test]
async fn the_playground_stays_within_the_limits() {
    let shop = Shop::start().await;
    let schema = shop.query(INTROSPECTION).await;
    let types = schema.data("__schema.types").as_array().map(Vec::len);
    assert!(types.is_some_and(|types| types > 50), "{types:?}");
    let limits = Limits::default();
    for example in demo::EXAMPLES {
        assert_eq!(
            screen::document(example.query, &limits),
            Ok(()),
            "{}",
            example.name
        );
        assert_eq!(
            screen::variables(example.variables, &limits),
            Ok(()),
            "{}",
            example.name
        );
    }
}
