//! Persisted documents and kept operations, as who runs a gateway sees them.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::json;

use crate::command::{Running, check, skuery};
use crate::shop::{Shop, client, send};

/// A configuration without systems that names a manifest with this text; and the manifest's path.
fn configured(name: &str, manifest: &str, more: &str) -> (String, String) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("{name}.json"));
    std::fs::write(&file, manifest).expect("the directory for tests takes a file");
    let file = file.to_str().expect("UTF-8").to_owned();
    let yaml = format!(
        "listen: 127.0.0.1:0\nsystems: {{}}\nchannels:\n  se: {{ languages: [sv], currency: SEK }}\npersisted_documents:\n  manifest: {file}\n{more}"
    );
    (yaml, file)
}

/// `check` of a configuration with this manifest, which stands as `MANIFEST` in what it says.
fn check_manifest(name: &str, manifest: &str, more: &str) -> (bool, String) {
    let (yaml, file) = configured(name, manifest, more);
    let (valid, said) = check(name, &yaml);
    (valid, said.replace(&file, "MANIFEST"))
}

const RELAY: &str = r#"{
  "3be4abb81fa595e25eb725b2c6a87508": "query Health { systems { name } }",
  "8f1ad7c1b0c1ac3cb0c2b54a6ba6a0f0": "query Shown($skus: [String!]!) { variants(skus: $skus) { sku name } }"
}"#;

const APOLLO: &str = r#"{
  "format": "apollo-persisted-query-manifest",
  "version": 1,
  "operations": [
    { "id": "1", "name": "Health", "type": "query", "body": "query Health { systems { name } }" },
    { "id": "2", "name": "Old", "type": "query", "body": "query Old {\n  stock\n}" },
    { "id": "3", "name": "New", "type": "query", "body": "query Newer { systems { name } }" },
    { "id": "4", "name": "Told", "type": "subscription", "body": "subscription Told { a }" }
  ]
}"#;

#[test]
fn check_prepares_persisted_documents() {
    let (valid, said) = check_manifest("persisted", RELAY, "");
    assert!(valid, "{said}");
    let (rest, kept) = said
        .split_once("persisted_documents: documents: ")
        .expect("it is told");
    assert!(rest.ends_with("ok      "), "{said}");
    assert!(kept.starts_with("2 operations of "), "{said}");
    assert!(kept.contains("KiB, 2 of them kept"), "{said}");
}

#[test]
fn every_document_that_cannot_be_served_is_told_with_file_line_and_operation() {
    let (valid, said) = check_manifest("outdated", APOLLO, "");
    assert!(!valid);
    for part in [
        "FAILED  persisted_documents: document: MANIFEST:6: operations[1] `Old`: Unknown field \"stock\" on type \"Query\"",
        "(at 2:3 of the document)",
        "MANIFEST:7: operations[2] `New`: the document holds no operation named `New`",
        "MANIFEST:8: operations[3] `Told`: Unknown field \"a\" on type \"Subscription\"",
        "skuery: 3 of the checks failed",
    ] {
        assert!(said.contains(part), "`{part}` is not in\n{said}");
    }
    assert!(!said.contains("operations[0]"), "{said}");
}

#[test]
fn serve_does_not_start_with_documents_that_cannot_be_served() {
    let (yaml, _) = configured("not_started", APOLLO, "");
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("not_started.yaml");
    std::fs::write(&file, yaml).expect("the directory for tests takes a file");
    let mut command = skuery(&["serve", "--config", file.to_str().expect("UTF-8")]);
    let output = command.stdout(Stdio::piped()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty(), "nobody is told that it is ready");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        said.contains("3 persisted documents that cannot be served:\n"),
        "{said}"
    );
    assert!(
        said.contains("not_started.json:6: operations[1] `Old`: "),
        "{said}"
    );
}

#[test]
fn a_file_that_is_no_manifest_is_told_with_line_and_key() {
    let (valid, said) = check_manifest(
        "no_manifest",
        "{\n  \"a\": \"{ systems { name } }\",\n  \"b\": 7\n}",
        "",
    );
    assert!(!valid);
    assert!(said.contains("MANIFEST:3: b: must be a text"), "{said}");
    let (yaml, file) = configured("missing", "{}", "");
    std::fs::remove_file(&file).expect("it is there");
    let (valid, said) = check("missing", &yaml);
    assert!(!valid);
    let line = said.replace(&file, "MANIFEST");
    assert!(
        line.contains("FILE:6: persisted_documents.manifest: MANIFEST cannot be read: "),
        "{said}"
    );
}

#[test]
fn a_manifest_that_is_too_large_to_be_kept_is_told() {
    let documents: Vec<String> = (0..400)
        .map(|number| format!("\"{number}\": \"query Q{number} {{ systems {{ name state }} }}\""))
        .collect();
    let manifest = format!("{{ {} }}", documents.join(",\n"));
    let (valid, said) = check_manifest("too_large", &manifest, "limits: { operations_mib: 1 }\n");
    assert!(!valid);
    assert!(said.contains("MANIFEST: 400 operations of "), "{said}");
    assert!(said.contains("raise limits.operations_mib"), "{said}");
}

#[tokio::test]
async fn the_first_request_for_a_persisted_document_finds_it_prepared() {
    let (yaml, _) = configured("warm", RELAY, "");
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("warm.yaml");
    std::fs::write(&file, yaml).expect("the directory for tests takes a file");
    let running = Running::start(&["serve", "--config", file.to_str().expect("UTF-8")], "info");
    let metrics = async || {
        let response = client().get(format!("{}/metrics", running.url)).send().await;
        response.expect("an answer").text().await.expect("text")
    };
    let before = metrics().await;
    assert!(
        before.contains("skuery_operations_total{outcome=\"prepared\"} 2\n"),
        "{before}"
    );
    assert!(
        before.contains("skuery_operations_total{outcome=\"hit\"} 0\n"),
        "{before}"
    );
    assert!(before.contains("skuery_operations_kept 2\n"), "{before}");
    let query = "query Health { systems { name } }";
    for body in [
        json!({ "query": query }),
        json!({ "query": query, "operationName": "Health" }),
    ] {
        let request = client().post(format!("{}/graphql", running.url)).json(&body);
        assert_eq!(send(request).await.body, json!({ "data": { "systems": [] } }));
    }
    let after = metrics().await;
    assert!(
        after.contains("skuery_operations_total{outcome=\"prepared\"} 2\n"),
        "{after}"
    );
    assert!(
        after.contains("skuery_operations_total{outcome=\"hit\"} 2\n"),
        "{after}"
    );
    running.signal("TERM");
    let (code, log) = running.end().await;
    assert_eq!(code, Some(0));
    assert!(log.contains("persisted documents: 2 operations of "), "{log}");
}

#[tokio::test]
async fn metrics_say_what_became_of_documents() {
    let shop = Shop::start().await;
    for query in [
        "{ systems { name } }",
        "{ systems { name } }",
        "{ nothing }",
        "{ nothing }",
    ] {
        shop.query(query).await;
    }
    let text = shop
        .get("/metrics")
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    for line in [
        "skuery_operations_total{outcome=\"hit\"} 1",
        "skuery_operations_total{outcome=\"shared\"} 0",
        "skuery_operations_total{outcome=\"prepared\"} 1",
        "skuery_operations_total{outcome=\"refused\"} 2",
        "skuery_operations_evicted_total 0",
        "skuery_operations_kept 1",
    ] {
        assert!(
            text.lines().any(|other| other == line),
            "`{line}` is not in\n{text}"
        );
    }
    let bytes = text
        .lines()
        .find_map(|line| line.strip_prefix("skuery_operations_kept_bytes "));
    let bytes: u64 = bytes.and_then(|bytes| bytes.parse().ok()).expect("a number");
    assert!((3_000..30_000).contains(&bytes), "{bytes}");
}
