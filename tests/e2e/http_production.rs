//! What strangers are not shown, and how the playground's page is guarded where it is.

use std::path::PathBuf;

use serde_json::json;

use crate::command::Running;
use crate::shop::{LONG, Shop, client, send};

/// The demo's configuration for production, with this instead of what it says of explanations.
async fn production(explain: &str) -> Shop {
    Shop::with(|yaml| {
        let (own, open) = ("production: false", "explain: { plan: anyone, trace: anyone }\n");
        assert!(yaml.contains(own) && yaml.contains(open));
        let yaml = yaml
            .replacen(own, "production: true", 1)
            .replacen(open, explain, 1);
        format!("{yaml}{LONG}")
    })
    .await
}

#[tokio::test]
async fn strangers_learn_the_schema_neither_by_asking_nor_by_guessing() {
    let shop = production("").await;
    for query in [
        "{ __schema { queryType { name } } }",
        "{ __type(name: \"Query\") { name } }",
        "{ systems { name } ...f } fragment f on Query { s: __schema { types { name } } }",
        "query($b: Boolean = true) { __schema @include(if: $b) { types { name } } }",
    ] {
        let answer = shop.query(query).await;
        assert_eq!(
            (answer.status, answer.refusal().0),
            (422, "OPERATION_NOT_ALLOWED"),
            "{query}"
        );
    }
    assert_eq!(shop.query("{ __typename }").await.data("__typename"), "Query");
    // A guess at what was meant would name what there is.
    for shop in [&shop, &Shop::start().await] {
        for query in ["{ variannt { sku } }", "{ variant(skuu: \"a\") { sku } }"] {
            let answer = shop.query(query).await;
            let told = answer.body.to_string();
            assert!(told.contains("GRAPHQL_VALIDATION_FAILED"), "{told}");
            assert!(!told.to_lowercase().contains("did you mean"), "{told}");
        }
    }
}

#[tokio::test]
async fn explanations_are_for_nobody_unless_configured() {
    let asked = |name: &str| json!({ "query": "{ __typename }", "extensions": { "explain": [name] } });
    let shop = production("").await;
    for name in ["plan", "trace"] {
        let staff = shop.demo.staff_token().expect("of the demo");
        let answer = send(shop.post().bearer_auth(staff).json(&asked(name))).await;
        assert_eq!(answer.status, 403, "{name}");
    }
    let shop = production("explain: { plan: anyone }\n").await;
    assert_eq!(shop.ask(asked("plan")).await.status, 200);
}

/// `serve` with this configuration beside one channel.
fn served(name: &str, more: &str) -> Running {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.yaml"));
    let yaml = format!(
        "listen: 127.0.0.1:0\nsystems: {{}}\nchannels:\n  se: {{ languages: [sv], currency: SEK }}\n{more}"
    );
    std::fs::write(&file, yaml).expect("the directory for tests takes a file");
    Running::start(&["serve", "--config", file.to_str().expect("UTF-8")], "warn")
}

#[tokio::test]
async fn a_file_is_for_production_unless_it_says_otherwise() {
    for (name, more, is_shown) in [
        ("by_default", "", false),
        ("for_production", "production: true\n", false),
        ("for_developers", "production: false\n", true),
    ] {
        let running = served(name, more);
        let page = client()
            .get(format!("{}/", running.url))
            .send()
            .await
            .expect("an answer");
        assert_eq!(page.status(), if is_shown { 200 } else { 404 }, "{name}");
        let schema = client().post(format!("{}/graphql", running.url));
        let schema = send(schema.json(&json!({ "query": "{ __schema { types { name } } }" }))).await;
        assert_eq!(schema.status, if is_shown { 200 } else { 422 }, "{name}");
        running.signal("TERM");
        assert_eq!(running.end().await.0, Some(0));
    }
}

#[tokio::test]
async fn the_playground_says_that_what_is_written_is_refused() {
    let manifest = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("told.json");
    std::fs::write(&manifest, "{}").expect("the directory for tests takes a file");
    let manifest = manifest.to_str().expect("UTF-8");
    let more =
        format!("production: false\npersisted_documents: {{ manifest: \"{manifest}\", only: true }}\n");
    let running = served("told", &more);
    let page = client()
        .get(format!("{}/", running.url))
        .send()
        .await
        .expect("an answer");
    let page = page.text().await.expect("text");
    assert!(page.contains("<p role=\"status\""));
    assert!(page.contains("Only documents of the manifest are answered here"));
    running.signal("TERM");
    assert_eq!(running.end().await.0, Some(0));
    let usual = Shop::start().await.get("/").send().await.expect("an answer");
    assert!(!usual.text().await.expect("text").contains("<p role=\"status\""));
}

#[tokio::test]
async fn the_playgrounds_page_is_guarded() {
    let shop = Shop::start().await;
    let response = shop.get("/").send().await.expect("an answer");
    let headers = response.headers().clone();
    let policy = headers["content-security-policy"].to_str().expect("ASCII");
    let part = |name: &str| {
        let mut parts = policy.split("; ").filter(|part| part.starts_with(name));
        parts
            .next()
            .unwrap_or_else(|| panic!("no {name} in {policy}"))
            .to_owned()
    };
    assert_eq!(part("default-src"), "default-src 'none'");
    assert!(part("script-src").starts_with("script-src 'sha256-"));
    assert_eq!(part("connect-src"), "connect-src 'self'");
    assert_eq!(part("frame-ancestors"), "frame-ancestors 'none'");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-cache"),
        ("vary", "accept-encoding"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    let page = response.text().await.expect("text");
    let own = policy
        .strip_suffix("; frame-ancestors 'none'")
        .expect("it ends so");
    assert!(
        page.contains(&format!("content=\"{own}\"")),
        "page and header say the same"
    );
}
