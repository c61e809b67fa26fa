//! Every form of manifest, and what is said of files that are none.

use super::*;

fn parse(text: &str) -> Manifest {
    Manifest::parse("FILE", text).unwrap_or_else(|error| panic!("{error:?}"))
}

#[test]
fn apollos_manifest_is_read() {
    let manifest = parse(
        r#"{
  "format": "apollo-persisted-query-manifest",
  "version": 1,
  "operations": [
    { "id": "2f", "name": "Health", "type": "query", "body": "query Health {\n  systems { name }\n}" },
    {
      "id": "2f", "clientName": "app", "name": "Place", "type": "mutation", "body": "mutation Place { a }"
    }
  ]
}"#,
    );
    let [first, second] = &manifest.documents[..] else {
        panic!("two documents: {manifest:?}");
    };
    assert_eq!(
        (&*first.id, first.operation.as_deref(), first.line),
        ("2f", Some("Health"), 5)
    );
    assert_eq!(first.document, "query Health {\n  systems { name }\n}");
    assert_eq!((&*first.key, &first.client), ("operations[0]", &None));
    assert_eq!(
        (&*second.key, second.client.as_deref(), second.line),
        ("operations[1]", Some("app"), 6)
    );
}

#[test]
fn relays_and_code_generators_documents_are_read() {
    let manifest = parse(
        "{\n  \"3be4abb81fa595e25eb725b2c6a87508\": \"query A {\\n  a\\n}\\n\",\n  \"sha1-or-other\": \"query B { b }\"\n}\n",
    );
    let [first, second] = &manifest.documents[..] else {
        panic!("two documents: {manifest:?}");
    };
    assert_eq!((&*first.id, first.line), ("3be4abb81fa595e25eb725b2c6a87508", 2));
    assert_eq!(first.document, "query A {\n  a\n}\n");
    assert_eq!(
        (&second.operation, second.line, &*second.key),
        (&None, 3, "sha1-or-other")
    );
    assert_eq!(parse("{}").documents, []);
}

#[test]
fn what_is_wrong_is_told_with_line_and_key() {
    let apollo = |operations: &str| {
        format!("{{ \"format\": \"{APOLLO}\", \"version\": 1,\n\"operations\": [\n{operations}\n] }}")
    };
    let cases = [
        ("", 1, "EOF while parsing a value"),
        (
            "[1]",
            1,
            "invalid type: sequence, expected an object: a manifest of Apollo, or documents by id as Relay and GraphQL Code Generator write them",
        ),
        ("{\n\"a\": \"{ a }\",\n", 3, "EOF while parsing a value"),
        ("{\n\"a\": \"{ a }\"\n\"b\": 1}", 3, "expected `,` or `}`"),
        ("{\n\"a\": \"{ a }\",\n\"b\": 1}", 3, "b: must be a text"),
        (
            "{\n\"a\": \"{ a }\",\n\"a\": \"{ b }\"}",
            3,
            "a: the id `a` stands on line 2 already",
        ),
        ("{ \"\": \"{ a }\" }", 1, ": an empty id names nothing"),
        (
            "{\n\"format\": \"other\" }",
            2,
            "format: only `apollo-persisted-query-manifest` is known",
        ),
        ("{ \"format\": 7 }", 1, "format: must be a text"),
    ];
    for (text, line, problem) in cases {
        assert_refused(text, line, problem);
    }
    let head = format!("{{ \"format\": \"{APOLLO}\",\n");
    assert_refused(&format!("{head}\"operations\": [] }}"), 1, "version: is missing");
    assert_refused(&format!("{head}\"version\": 2 }}"), 2, "version: only 1 is known");
    assert_refused(&format!("{head}\"version\": 1 }}"), 1, "operations: is missing");
    let by_id = "\"version\": 1,\n\"operations\": { \"2f\": {} } }";
    assert_refused(&format!("{head}{by_id}"), 3, "operations: must be a list");

    let good = r#"{ "id": "a", "name": "A", "type": "query", "body": "query A { a }" }"#;
    let cases = [
        (
            r#""a""#,
            4,
            "operations[1]: must be an object with id, name, type and body",
        ),
        (r#"{ "name": "B" }"#, 4, "operations[1].type: is missing"),
        (
            r#"{ "id": "b", "name": "B", "type": "query" }"#,
            4,
            "operations[1].body: is missing",
        ),
        (
            r#"{ "id": "b", "name": null, "type": "query", "body": "" }"#,
            4,
            "operations[1].name: must be a text",
        ),
        (
            "{ \"id\": \"b\", \"name\": \"B\",\n\"type\": \"fragment\" }",
            5,
            "operations[1].type: `fragment` is unknown, use query, mutation or subscription",
        ),
        (good, 4, "operations[1]: the id `a` stands on line 3 already"),
    ];
    for (operation, line, problem) in cases {
        assert_refused(&apollo(&format!("{good},\n{operation}")), line, problem);
    }
}

#[track_caller]
fn assert_refused(text: &str, line: usize, problem: &str) {
    let error = Manifest::parse("FILE", text).expect_err(text);
    assert_eq!((error.line, &*error.problem), (line, problem), "{text}");
}
