//! Arguments and variables: what is coerced, what is refused, and when.

use serde_json::{Value as Json, json};

use crate::run::{ENGINE, FINE, refused, run, run_given, run_with};

/// What `echo` of an item was given.
async fn echoed(args: &str) -> String {
    let ran = run(&format!("{{ itemStrict {{ echo({args}) }} }}")).await;
    let data: Json = serde_json::from_str(&ran.data).unwrap();
    data["itemStrict"]["echo"]
        .as_str()
        .unwrap_or_else(|| panic!("{}", ran.body))
        .to_owned()
}

#[tokio::test]
async fn absent_null_and_default_are_three_things() {
    let ran = run("{ itemStrict { echo } }").await;
    assert!(
        ran.data.contains(
            "Args([Some(Int(3)), None, None, Some(Text(\\\"a \\\\\\\"b\\\\\\\"\\\")), Some(Text(\\\"RED\\\"))"
        ),
        "{}",
        ran.data
    );
    assert!(echoed("int: null").await.starts_with("Args([Some(Null), None"));
    assert!(
        echoed("ints: null")
            .await
            .starts_with("Args([Some(Int(3)), Some(Null)")
    );
}

#[tokio::test]
async fn a_variable_that_is_not_given_leaves_the_default_and_null_does_not() {
    let document = "query($a: Int, $b: Int = 5) { itemStrict { a: echo(int: $a) b: echo(int: $b) } }";
    let echo = |ran: crate::run::Ran| {
        let data: Json = serde_json::from_str(&ran.data).unwrap();
        ["a", "b"].map(|key| {
            data["itemStrict"][key]
                .as_str()
                .unwrap()
                .chars()
                .take(16)
                .collect::<String>()
        })
    };
    let absent = echo(run_given(document, json!({})).await.unwrap());
    assert_eq!(absent, ["Args([Some(Int(3", "Args([Some(Int(5"]);
    let null = echo(
        run_given(document, json!({ "a": null, "b": null }))
            .await
            .unwrap(),
    );
    assert_eq!(null, ["Args([Some(Null)", "Args([Some(Null)"]);
    let given = echo(
        run_given(document, json!({ "a": 1, "b": 2, "unknown": 3 }))
            .await
            .unwrap(),
    );
    assert_eq!(given, ["Args([Some(Int(1", "Args([Some(Int(2"]);
}

#[tokio::test]
async fn one_value_stands_for_a_list_of_it() {
    assert!(echoed("ints: 4").await.contains("Some(List([Int(4)]))"));
    assert!(echoed("rows: 4").await.contains("Some(List([List([Int(4)])]))"));
    let ran = run_given(
        "query($r: [[Int]]) { itemStrict { echo(rows: $r) } }",
        json!({ "r": [[1], null, 2] }),
    )
    .await;
    assert!(
        ran.unwrap()
            .data
            .contains("List([List([Int(1)]), Null, List([Int(2)])])")
    );
}

#[tokio::test]
async fn input_objects_take_their_defaults_and_leave_absent_fields_out() {
    let echo = echoed("filter: { need: true, inner: { need: false, first: 1 } }").await;
    assert!(
        echo.contains(
            "Object([(\"text\", Text(\"x\")), (\"first\", Int(7)), (\"inner\", Object([(\"text\", Text(\"x\")), \
             (\"first\", Int(1)), (\"need\", Boolean(false))])), (\"need\", Boolean(true))])"
        ),
        "{echo}"
    );
}

#[tokio::test]
async fn variables_of_the_wrong_form_are_request_errors_and_nothing_is_asked() {
    for (ty, value) in [
        ("Int", json!("1")),
        ("Int", json!(3_000_000_000_i64)),
        ("Int", json!(1.5)),
        ("Int!", json!(null)),
        ("[Int!]", json!([1, null])),
        ("String", json!(1)),
        ("Boolean", json!("true")),
        ("Color", json!("PINK")),
        ("Color", json!(1)),
        ("Decimal", json!("1e3")),
        ("Decimal", json!("many")),
        ("DateTime", json!("yesterday")),
        ("Date", json!("2026-11-22T10:00:00")),
        ("Date", json!("20261122")),
        ("Filter", json!({ "need": true, "more": 1 })),
        ("Filter", json!({})),
        ("Filter", json!({ "need": null })),
        ("Filter", json!({ "need": true, "first": null })),
        ("Filter", json!([{ "need": true }, 1])),
        ("Key", json!({})),
        ("Key", json!({ "id": "a", "number": 1 })),
        ("Key", json!({ "id": null })),
        ("Key", json!({ "id": "a", "number": null })),
    ] {
        let arg = match ty {
            "Int" | "Int!" => "int",
            "[Int!]" => "ints",
            "String" => "text",
            "Boolean" => "flag",
            "Color" => "colors",
            "Decimal" => "decimal",
            "DateTime" => "when",
            "Date" => "day",
            "Filter" => "filter",
            _ => "key",
        };
        let declared = if arg == "colors" { "[Color!]" } else { ty };
        let document = format!("query($v: {declared}) {{ itemStrict {{ echo({arg}: $v) }} }}");
        let errors = run_given(&document, json!({ "v": value }))
            .await
            .expect_err(&format!("{ty} {value}"));
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].code.as_str(), "BAD_USER_INPUT");
        assert!(errors[0].message.contains("$v"), "{}", errors[0].message);
        assert_eq!(errors[0].locations, [(1, 7)]);
    }
}

#[tokio::test]
async fn every_wrong_variable_is_named_and_a_required_one_must_be_given() {
    let document = "query($a: Int!, $b: Int, $c: [Color!]!) { itemStrict { echo(int: $a, ints: [$a], colors: $c) x: echo(int: $b) } }";
    let errors = run_given(document, json!({ "b": "x" })).await.unwrap_err();
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(messages.len(), 3, "{messages:?}");
    assert!(
        messages[0].contains("$a") && messages[1].contains("$b") && messages[2].contains("$c"),
        "{messages:?}"
    );
}

#[tokio::test]
async fn a_variable_that_fits_by_its_default_alone_fails_its_field_when_it_is_null() {
    let document = "query($n: Int = 1) { itemStrict { id } items(first: $n) { id } }";
    let ran = run_given(document, json!({ "n": null })).await.unwrap();
    assert_eq!(ran.data, "null", "`items` is never null");
    assert_eq!(ran.paths(), ["items"]);
    assert_eq!(ran.errors[0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_condition_that_is_null_is_a_request_error() {
    let document = "query($on: Boolean = true) { textStrict @include(if: $on) }";
    assert!(run_given(document, json!({})).await.is_ok());
    let errors = run_given(document, json!({ "on": null })).await.unwrap_err();
    assert_eq!(errors[0].code.as_str(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn exactly_one_field_of_a_one_of_object_is_given() {
    assert!(
        echoed("key: { number: 4 }")
            .await
            .contains("Object([(\"number\", Int(4))])")
    );
    assert!(!refused("{ text(key: { id: 1, number: 2 }) }").await.is_empty());
    // Which may be null only where that is not what it stands for when it is left out.
    let errors = refused("query($id: ID) { text(key: { id: $id }) }").await;
    assert_eq!(errors[0].code.as_str(), "GRAPHQL_VALIDATION_FAILED");
    let document = "query($id: ID = 1) { text(key: { id: $id }) }";
    assert!(run_given(document, json!({})).await.unwrap().errors.is_empty());
    let ran = run_given(document, json!({ "id": null })).await.unwrap();
    assert_eq!(ran.paths(), ["text"]);
    assert_eq!(ran.asked, [vec![]], "nothing is asked");
}

#[tokio::test]
async fn integers_that_do_not_fit_are_refused_in_literals_too() {
    let errors = refused("{ itemStrict { echo(int: 3000000000) } }").await;
    assert_eq!(errors[0].code.as_str(), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(errors[0].locations, [(1, 26)]);
}

#[tokio::test]
async fn literals_are_of_their_type_wherever_they_stand() {
    for document in [
        "query($on: Boolean!) { itemStrict { echo(int: 3000000000) @include(if: $on) } }",
        "{ itemStrict { echo(color: \"RED\") } }",
        "query($color: Color = \"RED\") { itemStrict { echo(color: $color) } }",
        "query($int: Int = 3000000000) { itemStrict { echo(int: $int) } }",
        "{ item(filter: { need: true, first: 3000000000 }) { id } }",
    ] {
        let errors = refused(document).await;
        assert_eq!(errors[0].code.as_str(), "GRAPHQL_VALIDATION_FAILED", "{document}");
    }
}

#[tokio::test]
async fn every_operation_of_a_document_is_valid_or_none_is_answered() {
    let other = "query A { textStrict } query B($id: Int) { item(id: $id) { id } }";
    let none = serde_json::Map::new();
    let ran = run_with(&ENGINE, other, Some("A"), &none, FINE, |_| None).await;
    assert_eq!(ran.unwrap_err()[0].code.as_str(), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn a_field_of_an_input_object_is_given_once() {
    let errors = refused("{ item(filter: { need: true, first: 1, need: false }) { id } }").await;
    assert_eq!(errors[0].code.as_str(), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(errors[0].locations, [(1, 40)]);
    for document in [
        "query($filter: Filter = { need: true, need: true }) { item(filter: $filter) { id } }",
        "{ item(filter: { need: true, inner: { need: true, need: true } }) { id } }",
    ] {
        assert!(!refused(document).await.is_empty(), "{document}");
    }
    for document in [
        "{ item(filter: { need: true, inner: { need: true } }) { id } }",
        "{ itemStrict { echo(filters: [{ need: true }, { need: true }]) } }",
        "{ itemStrict { echo(color: RED, colors: [RED]) need: id id need: id } }",
        "{ itemStrict { echo(text: \"{ need: 1, need: 1 }\") } } # { need: 1, need: 1 }",
    ] {
        run_given(document, json!({})).await.unwrap();
    }
}
