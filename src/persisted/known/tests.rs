//! Which document a request means.

use super::*;

const APOLLO: &str = r#"{
  "format": "apollo-persisted-query-manifest", "version": 1, "operations": [
    { "id": "a", "name": "A", "type": "query", "body": "query A { a }" },
    { "id": "b", "clientName": "web", "name": "B", "type": "query", "body": "query B { web }" },
    { "id": "b", "clientName": "app", "name": "B", "type": "query", "body": "query B { app }" },
    { "id": "c", "name": "C", "type": "query", "body": "query C { c }" },
    { "id": "c", "clientName": "web", "name": "C", "type": "query", "body": "query C { web }" }
  ]
}"#;

fn documents(only: bool, automatic: Option<u64>) -> Documents {
    let manifest = Manifest::parse("m.json", APOLLO).expect("a manifest");
    Documents::new(Some(&manifest), only, automatic)
}

fn id(id: &str) -> Option<Name> {
    Some(Name::Id(id.to_owned()))
}

fn hash(digits: &str) -> Option<Name> {
    Some(Name::Sha256(digits.to_owned()))
}

fn digits(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The document, or the code of the refusal.
fn find(known: Known<'_>, said: Option<&str>, name: Option<Name>) -> String {
    match known.find(said.map(str::to_owned), name) {
        Ok(found) => found.document,
        Err(error) => error.code.as_str().to_owned(),
    }
}

fn remember(documents: &Documents, text: &str) {
    let found = documents
        .known_to(None)
        .find(Some(text.to_owned()), hash(&digits(text)));
    let found = found.expect("its own hash");
    documents.remember(&GraphqlRequest {
        query: found.document,
        sha256: found.sha256,
        ..GraphqlRequest::default()
    });
}

#[test]
fn trusted_documents_are_found_by_id_and_client() {
    let documents = documents(true, None);
    let (anybody, web) = (documents.known_to(None), documents.known_to(Some("web")));
    let other = documents.known_to(Some("other"));
    for (known, name, expected) in [
        (anybody, id("a"), "query A { a }"),
        (web, id("a"), "query A { a }"),
        (anybody, hash("a"), "query A { a }"),
        (anybody, id("sha256:a"), "query A { a }"),
        (web, id("b"), "query B { web }"),
        (anybody, id("b"), "PERSISTED_QUERY_NOT_FOUND"),
        (other, id("b"), "PERSISTED_QUERY_NOT_FOUND"),
        (web, id("c"), "query C { web }"),
        (other, id("c"), "query C { c }"),
        (anybody, id("d"), "PERSISTED_QUERY_NOT_FOUND"),
        (anybody, None, "OPERATION_NOT_ALLOWED"),
    ] {
        assert_eq!(find(known, None, name.clone()), expected, "{name:?}");
    }
    assert_eq!(find(anybody, Some("query A { a }"), id("a")), "query A { a }");
    let found = anybody.find(None, id("a")).expect("it is there");
    assert_eq!(found.operation.as_deref(), Some("A"));
    assert!(documents.has_clients());
}

#[test]
fn where_only_the_manifest_counts_nothing_else_is_answered_or_remembered() {
    let documents = documents(true, Some(1_000_000));
    let anybody = documents.known_to(None);
    let text = "{ b }";
    for (name, expected) in [
        (None, "OPERATION_NOT_ALLOWED"),
        (hash(&digits(text)), "PERSISTED_QUERY_NOT_FOUND"),
        (
            id(&format!("sha256:{}", digits(text))),
            "PERSISTED_QUERY_NOT_FOUND",
        ),
        (id("a"), "PERSISTED_QUERY_HASH_MISMATCH"),
    ] {
        assert_eq!(find(anybody, Some(text), name.clone()), expected, "{name:?}");
    }
}

#[test]
fn what_was_said_once_is_found_by_its_hash() {
    let documents = documents(false, Some(1_000_000));
    let anybody = documents.known_to(None);
    let text = "{ later }";
    let own = digits(text);
    let prefixed = format!("sha256:{own}");
    assert_eq!(find(anybody, None, hash(&own)), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(find(anybody, Some(text), hash(&own)), text);
    assert_eq!(
        find(anybody, None, hash(&own)),
        "PERSISTED_QUERY_NOT_FOUND",
        "it may be no valid one"
    );
    remember(&documents, text);
    for name in [hash(&own), hash(&own.to_uppercase()), id(&prefixed)] {
        assert_eq!(find(anybody, None, name.clone()), text, "{name:?}");
    }
    for wrong in [
        digits("{ other }"),
        String::new(),
        own[1..].to_owned(),
        "ä".repeat(32),
    ] {
        let refusal = find(anybody, Some(text), hash(&wrong));
        assert_eq!(refusal, "PERSISTED_QUERY_HASH_MISMATCH", "{wrong}");
        let refusal = find(anybody, None, hash(&wrong));
        assert_eq!(refusal, "PERSISTED_QUERY_NOT_FOUND", "{wrong}");
    }
    assert_eq!(
        find(anybody, Some(text), id("unknown")),
        text,
        "the text says it all"
    );
    assert_eq!(find(anybody, None, id("unknown")), "PERSISTED_QUERY_NOT_FOUND");
}

#[test]
fn where_nothing_is_remembered_clients_are_told_so() {
    let documents = documents(false, None);
    let anybody = documents.known_to(None);
    let text = "{ a }";
    let own = digits(text);
    for said in [None, Some(text)] {
        assert_eq!(find(anybody, said, hash(&own)), "PERSISTED_QUERY_NOT_SUPPORTED");
    }
    assert_eq!(
        find(anybody, None, id("a")),
        "query A { a }",
        "the manifest's are there"
    );
    assert_eq!(find(anybody, Some(text), None), text);
}

#[test]
fn what_is_remembered_is_bounded_by_its_length() {
    let room = 100_000;
    let documents = documents(false, Some(room));
    for number in 0..500 {
        remember(&documents, &format!("{{ a{number}{} }}", " ".repeat(1_000)));
    }
    let kept = documents.automatic.as_ref().expect("it is on");
    kept.run_pending_tasks();
    assert!(kept.weighted_size() <= room, "{}", kept.weighted_size());
    assert!(kept.entry_count() > 20);
    let huge = "x".repeat(usize::try_from(room).expect("small"));
    remember(&documents, &huge);
    kept.run_pending_tasks();
    assert_eq!(
        find(documents.known_to(None), None, hash(&digits(&huge))),
        "PERSISTED_QUERY_NOT_FOUND"
    );
}
