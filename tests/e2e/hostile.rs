//! Documents made to hurt: refused quickly, with a short answer, and before any system is asked.

use serde_json::json;

use crate::shop::{LONG, Shop, limited};

/// The longest answer to a request that is refused.
const SHORT: usize = 10_000;

async fn assert_refused(shop: &Shop, name: &str, document: &str) {
    let answer = shop.ask(json!({ "query": document })).await;
    assert!(answer.body.get("data").is_none(), "{name} was executed");
    let length = answer.body.to_string().len();
    assert!(length <= SHORT, "{name}: the refusal has {length} bytes");
    let code = answer.body["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default();
    let known = [
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "QUERY_TOO_COMPLEX",
        "BAD_USER_INPUT",
    ];
    assert!(known.contains(&code), "{name}: {}", answer.body);
}

#[tokio::test]
async fn deep_nesting_of_any_kind_is_refused() {
    let shop = Shop::start().await;
    let nested = |open: &str, inside: &str, close: &str, depth: usize| {
        format!("{}{inside}{}", open.repeat(depth), close.repeat(depth))
    };
    for depth in [200, 1_600, 50_000] {
        let lists = format!("{{ variants(skus: {}) {{ sku }} }}", nested("[", "1", "]", depth));
        assert_refused(&shop, "lists", &lists).await;
        let objects = format!(
            "{{ products(filter: {}) {{ nodes {{ id }} }} }}",
            nested("{a:", "1", "}", depth)
        );
        assert_refused(&shop, "objects", &objects).await;
        assert_refused(
            &shop,
            "unclosed",
            &format!("{{ variants(skus: {}", "[".repeat(depth)),
        )
        .await;
        let default = format!(
            "query($a: [String] = {}) {{ __typename }}",
            nested("[", "1", "]", depth)
        );
        assert_refused(&shop, "a default", &default).await;
        assert_refused(&shop, "selections", &nested("{ a ", "", "}", depth)).await;
        assert_refused(
            &shop,
            "inline fragments",
            &nested("{ ... ", "{ __typename }", "}", depth),
        )
        .await;
    }
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn fragments_that_double_and_fragments_in_circles_are_refused() {
    let shop = Shop::start().await;
    for levels in [18, 30, 400] {
        let mut document = String::from("{ ...f0 }");
        for level in 0..levels {
            let next = level + 1;
            document += &format!(" fragment f{level} on Query {{ ...f{next} ...f{next} }}");
        }
        document += &format!(" fragment f{levels} on Query {{ __typename }}");
        assert_refused(&shop, "doubling", &document).await;
    }
    assert_refused(
        &shop,
        "a circle",
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
    )
    .await;
    assert_refused(&shop, "itself", "{ ...a } fragment a on Query { ...a }").await;
}

#[tokio::test]
async fn floods_are_answered_shortly() {
    let shop = Shop::start().await;
    let directives = format!("{{ variant(sku: \"a\") {} {{ sku }} }}", "@aa".repeat(20_000));
    assert_refused(&shop, "directives", &directives).await;
    let fields: String = (0..20_000).map(|index| format!(" nope{index}")).collect();
    assert_refused(&shop, "unknown fields", &format!("{{{fields} }}")).await;
    let arguments: String = (0..20_000).map(|index| format!(" a{index}: 1")).collect();
    assert_refused(
        &shop,
        "arguments",
        &format!("{{ variant({arguments}) {{ sku }} }}"),
    )
    .await;
    let aliases: String = (0..30_000)
        .map(|index| format!(" a{index}: __typename"))
        .collect();
    assert_refused(&shop, "aliases", &format!("{{{aliases} }}")).await;
    let name = "a".repeat(500_000);
    assert_refused(&shop, "a long name", &format!("{{ {name} }}")).await;
    assert_refused(
        &shop,
        "a long argument",
        &format!("{{ products(first: \"{name}\") {{ nodes {{ id }} }} }}"),
    )
    .await;
    assert_refused(
        &shop,
        "a long channel",
        &format!("query @inContext(channel: \"{name}\") {{ __typename }}"),
    )
    .await;
    assert_refused(&shop, "garbage", &"\u{0}{\"".repeat(100_000)).await;
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn the_gateway_serves_on_after_all_of_it() {
    let shop = Shop::start().await;
    assert_refused(
        &shop,
        "lists",
        &format!("{{ variants(skus: {}", "[".repeat(100_000)),
    )
    .await;
    assert_eq!(shop.query("{ __typename }").await.data("__typename"), "Query");
}

#[tokio::test]
async fn subscriptions_are_not_taken_for_queries() {
    let shop = Shop::start().await;
    let answer = shop
        .query(r#"subscription { availabilityChanged(skus: ["a"]) { sku } }"#)
        .await;
    assert_eq!(answer.refusal().0, "OPERATION_NOT_ALLOWED");
}

/// Mutations wait for each other: one document must not be able to keep a connection for hours.
#[tokio::test]
async fn a_mutation_of_many_fields_is_refused_before_the_first() {
    let shop = Shop::start().await;
    let fields: String = (0..11)
        .map(|n| format!("a{n}: releaseCheckout(token: \"t\") {{ released }} "))
        .collect();
    let answer = shop.query(&format!("mutation {{ {fields} }}")).await;
    assert_eq!(answer.refusal().0, "QUERY_TOO_COMPLEX");
}

/// Few words can ask for a page a hundred times over.
#[tokio::test]
async fn a_response_has_an_end() {
    let shop = Shop::with(|yaml| {
        let more = "root_fields: 500, aliases: 500, selections: 20000, tokens: 50000, deadline_ms: 60000";
        format!("{}{LONG}", limited(&yaml, more))
    })
    .await;
    let page = "products(first: 100) { nodes { name description descriptionHtml media { url } \
        attributes { code label value { __typename } } variants { sku name attributes { code label } } } }";
    let pages = |count: usize| (0..count).map(|n| format!("a{n}: {page} ")).collect::<String>();
    let one = shop
        .query(&format!("{{ {} }}", pages(1)))
        .await
        .body
        .to_string()
        .len();
    let enough = 16 * 1024 * 1024 / one + 1;
    assert!(enough < 500, "{one} bytes a page");
    let answer = shop.query(&format!("{{ {} }}", pages(enough))).await;
    let error = &answer.body["errors"][0];
    assert_eq!(error["extensions"]["code"], "QUERY_TOO_COMPLEX", "{error}");
    assert_eq!(answer.body.get("data"), None);
    let below = shop.query(&format!("{{ {} }}", pages(enough / 2))).await;
    assert_eq!(below.body.get("errors"), None);
}
