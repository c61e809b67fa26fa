//! Who may keep an answer, for how long, and who has it already.

use reqwest::RequestBuilder;
use serde_json::json;

use crate::shop::{Answer, Shop, send};

const VARIANT: &str =
    r#"{ variant(sku: "MC-10008-WHT-M") { name price { unitPrice { gross { amount } } } } }"#;
const STOCK: &str = r#"{ variant(sku: "MC-10008-WHT-M") { availability { quantity } } }"#;

/// Freshness that tells which class of data decided.
const TIMES: &str = "
cache:
  catalog: { fresh_secs: 6000 }
  prices: { fresh_secs: 600 }
  stock: { fresh_secs: 60 }
";

async fn shop() -> Shop {
    Shop::with(|yaml| format!("{yaml}{TIMES}")).await
}

fn get(shop: &Shop, query: &str) -> RequestBuilder {
    shop.get_with(&[("query", query)])
}

fn control(answer: &Answer) -> &str {
    answer.headers["cache-control"].to_str().expect("ASCII")
}

/// The seconds, of an answer that anybody may keep for some time.
#[track_caller]
fn max_age(answer: &Answer) -> u64 {
    let control = control(answer);
    let seconds = control.strip_prefix("public, max-age=");
    seconds
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or_else(|| panic!("{control}"))
}

#[tokio::test]
async fn the_least_fresh_value_decides_for_how_long() {
    let shop = shop().await;
    shop.plenty(&["MC-10008-WHT-M"]);
    // Up to a tenth is taken off, so that entries do not expire together.
    for (query, longest) in [
        (r#"{ variant(sku: "MC-10008-WHT-M") { name } }"#.to_owned(), 6_000),
        (VARIANT.to_owned(), 600),
        (STOCK.to_owned(), 60),
        (
            r#"{ variant(sku: "MC-10008-WHT-M") { name availability { quantity } price { unitPrice { gross { amount } } } } }"#.to_owned(),
            60,
        ),
    ] {
        for turn in ["fetched", "kept"] {
            let answer = send(get(&shop, &query)).await;
            assert_eq!(answer.status, 200, "{query}: {:#}", answer.body);
            let age = max_age(&answer);
            assert!(age <= longest && age > longest * 8 / 10, "{query}, {turn}: {age}");
        }
    }
}

#[tokio::test]
async fn stock_that_is_asked_every_time_is_not_used_without_asking() {
    let shop = shop().await;
    shop.turn("wms", json!({ "stock": { "MC-10008-WHT-M": 1 } }));
    assert_eq!(control(&send(get(&shop, STOCK)).await), "public, no-cache");
    shop.plenty(&["MC-10008-WHT-M"]);
    let live = r#"{ variant(sku: "MC-10008-WHT-M") { availability(maxAge: 0) { quantity } } }"#;
    let answer = send(get(&shop, live)).await;
    assert_eq!(control(&answer), "public, no-cache", "{:#}", answer.body);
    let bounded = live.replace("maxAge: 0", "maxAge: 20");
    let age = max_age(&send(get(&shop, &bounded)).await);
    assert!(age <= 20, "{age}");
}

#[tokio::test]
async fn what_nothing_says_the_time_of_is_asked_again() {
    let shop = shop().await;
    for query in [
        "{ __typename }",
        "{ __schema { queryType { name } } }",
        r#"{ variant(sku: "NOPE") { name } }"#,
    ] {
        assert_eq!(
            control(&send(get(&shop, query)).await),
            "public, no-cache",
            "{query}"
        );
    }
}

#[tokio::test]
async fn what_is_somebodys_own_is_kept_by_nobody() {
    let shop = shop().await;
    let token = shop.demo.token("10010").expect("a customer of the demo");
    for query in [VARIANT, "{ __typename }"] {
        let own = send(get(&shop, query).bearer_auth(token.clone())).await;
        assert_eq!(own.status, 200);
        assert_eq!(control(&own), "private, no-store", "{query}");
        let vary = own.headers["vary"].to_str().expect("ASCII");
        assert!(
            vary.contains("authorization") && vary.contains("x-channel"),
            "{vary}"
        );
    }
    for query in ["{ viewer { number } }", "{ systems { state } }"] {
        let answer = send(get(&shop, query)).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        assert_eq!(control(&answer), "private, no-store", "{query}");
    }
    let posted = shop.query(VARIANT).await;
    assert_eq!(control(&posted), "private, no-store");
    assert!(!posted.headers.contains_key("etag"));
}

#[tokio::test]
async fn errors_and_stale_values_are_kept_by_nobody() {
    let shop = Shop::with(|yaml| format!("{yaml}{}", crate::shop::STALE)).await;
    assert_eq!(
        control(&send(get(&shop, VARIANT)).await),
        "public, no-cache",
        "fresh for no time"
    );
    shop.set_down("erp", true);
    let stale = send(get(&shop, VARIANT)).await;
    assert_eq!((stale.status, control(&stale)), (200, "private, no-store"));
    shop.set_down("wms", true);
    let failed = send(get(&shop, STOCK)).await;
    assert_eq!((failed.status, control(&failed)), (294, "private, no-store"));
    assert!(!failed.headers.contains_key("etag"));
    for query in ["{ nope }", "{", "mutation { __typename }"] {
        assert_eq!(
            control(&send(get(&shop, query)).await),
            "private, no-store",
            "{query}"
        );
    }
}

#[tokio::test]
async fn who_has_it_already_is_not_sent_it_again() {
    let shop = shop().await;
    let query = "{ products(first: 40) { nodes { id name } } }";
    let first = send(get(&shop, query)).await;
    let tag = first.headers["etag"].to_str().expect("ASCII").to_owned();
    let again = send(get(&shop, query)).await;
    assert_eq!(again.headers["etag"], tag.as_str());
    for known in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"a\", {tag}"),
        "*".to_owned(),
    ] {
        let response = get(&shop, query).header("if-none-match", &known).send().await;
        let response = response.expect("an answer");
        assert_eq!(response.status(), 304, "{known}");
        assert_eq!(response.headers()["etag"], tag.as_str());
        for name in ["cache-control", "vary"] {
            let equals = match name {
                "vary" => response.headers()[name] == first.headers[name],
                _ => response.headers().contains_key(name),
            };
            assert!(equals, "{name}");
        }
        assert_eq!(response.bytes().await.expect("a body").len(), 0);
    }
    let coded = get(&shop, query).header("accept-encoding", "gzip").send().await;
    let coded = coded.expect("an answer").headers()["etag"].clone();
    assert_ne!(coded, tag.as_str(), "other bytes have another tag");
    let response = get(&shop, query)
        .header("accept-encoding", "gzip")
        .header("if-none-match", coded)
        .send()
        .await;
    assert_eq!(response.expect("an answer").status(), 304);
    for other in ["\"a\"", "", "a"] {
        let response = get(&shop, query).header("if-none-match", other).send().await;
        assert_eq!(response.expect("an answer").status(), 200, "{other}");
    }
    let posted = shop.post().header("if-none-match", "*");
    assert_eq!(send(posted.json(&json!({ "query": query }))).await.status, 200);
}
