//! Documents that are named instead of sent: automatic persisted queries, and the trusted ones of a manifest.

use std::path::PathBuf;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::shop::{Answer, Shop, send};
use crate::socket_client::Socket;

const QUERY: &str = "query Named { __typename }";

fn digits(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn extensions(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

async fn ask_older(shop: &Shop, body: &Value) -> Answer {
    let client = crate::shop::builder().build().expect("a client");
    let request = client.post(format!("{}/graphql", shop.url));
    send(request.header("accept", "application/json").json(body)).await
}

#[tokio::test]
async fn a_document_that_was_sent_once_is_found_by_its_hash_on_every_transport() {
    let shop = Shop::start().await;
    let named = json!({ "extensions": extensions(&digits(QUERY)) });
    let unknown = shop.ask(named.clone()).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(
        unknown.refusal(),
        ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
    );
    let older = ask_older(&shop, &named).await;
    assert_eq!(
        (older.status, older.refusal().0),
        (200, "PERSISTED_QUERY_NOT_FOUND")
    );
    let mut socket = Socket::ready(&shop).await;
    socket.subscribe("1", named.clone()).await;
    let refused = socket.refusal("1").await;
    assert_eq!(refused[0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND");

    let both = json!({ "query": QUERY, "extensions": extensions(&digits(QUERY)) });
    assert_eq!(shop.ask(both).await.data("__typename"), "Query");
    assert_eq!(shop.ask(named.clone()).await.data("__typename"), "Query");
    let prefixed = json!({ "documentId": format!("sha256:{}", digits(QUERY)) });
    assert_eq!(shop.ask(prefixed).await.data("__typename"), "Query");
    let in_url = extensions(&digits(QUERY)).to_string();
    let request = shop.get_with(&[("extensions", &in_url)]);
    assert_eq!(send(request).await.data("__typename"), "Query");
    socket.subscribe("2", named).await;
    assert_eq!(socket.answer("2").await["data"]["__typename"], "Query");

    // What a socket has sent is found over HTTP.
    let other = "query Other { __typename }";
    let both = json!({ "query": other, "extensions": extensions(&digits(other)) });
    socket.subscribe("3", both).await;
    assert_eq!(socket.answer("3").await["data"]["__typename"], "Query");
    let named = json!({ "extensions": extensions(&digits(other)) });
    assert_eq!(shop.ask(named).await.data("__typename"), "Query");
}

#[tokio::test]
async fn only_valid_documents_with_their_own_hash_are_remembered() {
    let shop = Shop::start().await;
    let wrong = json!({ "query": QUERY, "extensions": extensions(&digits("{ a }")) });
    for answer in [shop.ask(wrong.clone()).await, ask_older(&shop, &wrong).await] {
        assert_eq!(
            (answer.status, answer.refusal().0),
            (400, "PERSISTED_QUERY_HASH_MISMATCH")
        );
    }
    let invalid = "{ nope }";
    let both = json!({ "query": invalid, "extensions": extensions(&digits(invalid)) });
    assert_eq!(shop.ask(both).await.refusal().0, "GRAPHQL_VALIDATION_FAILED");
    for text in [QUERY, "{ a }", invalid] {
        let named = json!({ "extensions": extensions(&digits(text)) });
        assert_eq!(
            shop.ask(named).await.refusal().0,
            "PERSISTED_QUERY_NOT_FOUND",
            "{text}"
        );
    }
    for malformed in [
        json!({ "version": 2, "sha256Hash": digits(QUERY) }),
        json!({ "version": "1", "sha256Hash": digits(QUERY) }),
        json!({ "version": 1 }),
        json!("a"),
    ] {
        let request = json!({ "query": QUERY, "extensions": { "persistedQuery": malformed } });
        let answer = shop.ask(request).await;
        assert_eq!(
            (answer.status, answer.refusal().0),
            (400, "BAD_USER_INPUT"),
            "{malformed}"
        );
    }
    // Other tools' ids beside a document are no concern of ours.
    for more in [
        json!({ "id": 7 }),
        json!({ "doc_id": null }),
        json!({ "documentId": "x" }),
    ] {
        let mut request = json!({ "query": QUERY });
        request
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        assert_eq!(shop.ask(request).await.data("__typename"), "Query");
    }
}

#[tokio::test]
async fn a_mutation_that_is_named_is_no_query() {
    let shop = Shop::start().await;
    let mutation = "mutation { __typename }";
    let hash = extensions(&digits(mutation));
    let both = json!({ "query": mutation, "extensions": hash });
    assert_eq!(shop.ask(both).await.data("__typename"), "Mutation");
    let answer = send(shop.get_with(&[("extensions", &hash.to_string())])).await;
    assert_eq!(answer.status, 405);
}

#[tokio::test]
async fn switched_off_clients_are_told_to_send_documents() {
    let shop = Shop::with(|yaml| format!("{yaml}\npersisted_documents: {{ apq: false }}\n")).await;
    let named = json!({ "extensions": extensions(&digits(QUERY)) });
    let refusal = ("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported");
    let answer = shop.ask(named.clone()).await;
    assert_eq!((answer.status, answer.refusal()), (422, refusal));
    let older = ask_older(&shop, &named).await;
    assert_eq!((older.status, older.refusal()), (200, refusal));
    assert_eq!(shop.query(QUERY).await.data("__typename"), "Query");
}

const MANIFEST: &str = r#"{
  "format": "apollo-persisted-query-manifest", "version": 1, "operations": [
    { "id": "typename", "name": "T", "type": "query", "body": "query T { __typename }" },
    { "id": "sku", "name": "S", "type": "query", "body": "query S($s: String!) { variant(sku: $s) { sku } }" },
    { "id": "change", "name": "M", "type": "mutation", "body": "mutation M { __typename }" },
    { "id": "own", "clientName": "web", "name": "W", "type": "query", "body": "query W { web: __typename }" }
  ]
}"#;

/// A gateway with a manifest, of which nothing else is answered if `only`.
async fn trusting(name: &str, only: bool) -> Shop {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
    std::fs::write(&file, MANIFEST).expect("the directory for tests takes a file");
    let file = file.to_str().expect("UTF-8").to_owned();
    Shop::with(|yaml| {
        format!(
            "{yaml}\npersisted_documents: {{ manifest: \"{file}\", only: {only} }}\n{}",
            crate::shop::LONG
        )
    })
    .await
}

#[tokio::test]
async fn trusted_documents_are_named_as_each_tool_does() {
    let shop = trusting("named_as_each_tool_does", true).await;
    for named in [
        json!({ "documentId": "typename" }),
        json!({ "id": "typename" }),
        json!({ "doc_id": "typename" }),
        json!({ "extensions": extensions("typename") }),
        json!({ "documentId": "typename", "query": "query T { __typename }" }),
        json!({ "documentId": "typename", "operationName": "T" }),
    ] {
        assert_eq!(
            shop.ask(named.clone()).await.data("__typename"),
            "Query",
            "{named}"
        );
    }
    let with_variables = json!({ "documentId": "sku", "variables": { "s": "MC-10008-WHT-M" } });
    assert_eq!(
        shop.ask(with_variables).await.data("variant.sku"),
        "MC-10008-WHT-M"
    );
    for name in ["documentId", "id", "doc_id"] {
        let answer = send(shop.get_with(&[(name, "typename")])).await;
        assert_eq!(answer.data("__typename"), "Query", "{name}");
    }
    let change = shop.get_with(&[("documentId", "change")]);
    assert_eq!(send(change).await.status, 405);
    let mut socket = Socket::ready(&shop).await;
    socket.subscribe("1", json!({ "id": "typename" })).await;
    assert_eq!(socket.answer("1").await["data"]["__typename"], "Query");
    let own = json!({ "documentId": "own" });
    assert_eq!(
        shop.ask(own.clone()).await.refusal().0,
        "PERSISTED_QUERY_NOT_FOUND"
    );
    let web = shop.post().header("apollographql-client-name", "web");
    let answer = send(web.json(&own)).await;
    assert_eq!(answer.data("web"), "Query");
    let vary = answer.headers["vary"].to_str().expect("ASCII");
    assert!(vary.contains("apollographql-client-name"), "{vary}");
}

#[tokio::test]
async fn where_only_they_are_answered_no_other_is_even_read() {
    let shop = trusting("no_other_is_even_read", true).await;
    for query in [
        "{ __typename }",
        "{ nope }",
        "{",
        "{ __schema { types { name } } }",
        "",
    ] {
        for answer in [
            shop.query(query).await,
            ask_older(&shop, &json!({ "query": query })).await,
        ] {
            let (code, message) = answer.refusal();
            assert_eq!(code, "OPERATION_NOT_ALLOWED", "{query}");
            assert!(message.contains("manifest"), "{message}");
        }
    }
    for named in [
        json!({ "documentId": "nope" }),
        json!({ "extensions": extensions(&digits(QUERY)), "query": QUERY }),
        json!({ "documentId": format!("sha256:{}", digits(QUERY)) }),
    ] {
        assert_eq!(
            shop.ask(named.clone()).await.refusal().0,
            "PERSISTED_QUERY_NOT_FOUND",
            "{named}"
        );
    }
    let other = json!({ "documentId": "typename", "query": "{ __typename }" });
    assert_eq!(shop.ask(other).await.refusal().0, "PERSISTED_QUERY_HASH_MISMATCH");
    let mut socket = Socket::ready(&shop).await;
    socket.subscribe("1", json!({ "query": QUERY })).await;
    assert_eq!(
        socket.refusal("1").await[0]["extensions"]["code"],
        "OPERATION_NOT_ALLOWED"
    );
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
}

#[tokio::test]
async fn beside_a_manifest_others_may_be_sent() {
    let shop = trusting("others_may_be_sent", false).await;
    assert_eq!(shop.query(QUERY).await.data("__typename"), "Query");
    assert_eq!(
        shop.ask(json!({ "id": "typename" })).await.data("__typename"),
        "Query"
    );
}
