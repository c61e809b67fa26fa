//! Which operation runs, what is refused before anything is asked, and introspection.

use serde_json::{Map, Value as Json, json};

use crate::run::{ENGINE, FINE, Ran, refused, run, run_given, run_with};

async fn named(document: &str, name: &str) -> Result<Ran, Vec<skuery_resolvers::engine::RequestError>> {
    run_with(&ENGINE, document, Some(name), &Map::new(), FINE, |_| None).await
}

#[tokio::test]
async fn the_named_operation_runs() {
    let document = "query A { a: textStrict } query B { b: textStrict }";
    assert_eq!(named(document, "A").await.unwrap().data, "{\"a\":\"text 53\"}");
    assert_eq!(named(document, "B").await.unwrap().data, "{\"b\":\"text 53\"}");
    assert_eq!(
        run("query Only { textStrict }").await.data,
        "{\"textStrict\":\"text 53\"}"
    );
}

#[tokio::test]
async fn an_operation_that_is_not_there_is_bad_input() {
    let document = "query A { textStrict } query B { textStrict }";
    for errors in [
        named(document, "C").await.unwrap_err(),
        named("{ textStrict }", "A").await.unwrap_err(),
        refused(document).await,
    ] {
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].code.as_str(), "BAD_USER_INPUT", "{errors:?}");
    }
}

#[tokio::test]
async fn mutations_and_subscriptions_are_not_allowed() {
    for document in [
        "mutation { textStrict }",
        "subscription { textStrict }",
        "query A { textStrict } mutation { a }",
    ] {
        let errors = match document.starts_with("query") {
            true => refused("mutation M { a }").await,
            false => refused(document).await,
        };
        assert_eq!(
            errors[0].code.as_str(),
            "OPERATION_NOT_ALLOWED",
            "{document}: {errors:?}"
        );
    }
    let errors = named("query A { textStrict } mutation B { textStrict }", "B")
        .await
        .unwrap_err();
    assert_eq!(errors[0].code.as_str(), "OPERATION_NOT_ALLOWED");
}

#[tokio::test]
async fn what_is_not_graphql_is_a_parse_error_with_its_place() {
    let errors = refused("{ item {").await;
    assert_eq!(errors[0].code.as_str(), "GRAPHQL_PARSE_FAILED");
    assert_eq!(errors[0].locations, [(1, 9)]);
}

#[tokio::test]
async fn what_does_not_fit_the_schema_is_a_validation_error_with_its_place() {
    for (document, at) in [
        ("{\n  nothing }", (2, 3)),
        ("{ itemStrict { nothing } }", (1, 16)),
        ("{ text }", (1, 3)),
        ("{ refs { id } }", (1, 3)),
        ("{ textStrict(a: 1) }", (1, 14)),
        ("{ itemStrict }", (1, 3)),
        ("{ textStrict { id } }", (1, 3)),
        ("{ itemStrict { echo(int: \"x\") } }", (1, 21)),
        ("{ itemStrict { ... on Leaf { label } } }", (1, 16)),
        ("{ ...F }", (1, 3)),
        ("query($v: Int) { textStrict }", (1, 7)),
        ("{ itemStrict { echo(int: $v) } }", (1, 21)),
        ("{ textStrict @nothing }", (1, 14)),
        (
            "{ itemStrict { ...F } } fragment F on Item { later { ...F } }",
            (1, 54),
        ),
    ] {
        let errors = refused(document).await;
        assert_eq!(
            errors[0].code.as_str(),
            "GRAPHQL_VALIDATION_FAILED",
            "{document}: {errors:?}"
        );
        assert!(
            errors.iter().any(|error| error.locations.contains(&at)),
            "{document}: {errors:?}"
        );
    }
}

#[tokio::test]
async fn introspection_answers_beside_data_and_inside_fragments() {
    let ran = run_given(
        "query($deep: Boolean! = true, $name: String! = \"Item\") { first: textStrict ...F \
           ... on Root { kind: __type(name: $name) { name ... @include(if: $deep) { kind } } } last: textStrict } \
         fragment F on Root { __schema { queryType { name } } __typename }",
        json!({}),
    )
    .await
    .unwrap();
    assert_eq!(
        ran.data,
        "{\"first\":\"text 53\",\"__schema\":{\"queryType\":{\"name\":\"Root\"}},\"__typename\":\"Root\",\
         \"kind\":{\"name\":\"Item\",\"kind\":\"OBJECT\"},\"last\":\"text 53\"}"
    );
}

#[tokio::test]
async fn only_the_selected_part_of_introspection_is_answered() {
    let ran = run(
        "{ ... @include(if: false) { t: __type(name: \"Leaf\") { kind } } ... { t: __type(name: \"Leaf\") { name } } \
           t: __type(name: \"Leaf\") @include(if: true) { possibleTypes { name } } none: __type(name: \"None\") { name } }",
    )
    .await;
    assert_eq!(
        ran.data,
        "{\"t\":{\"name\":\"Leaf\",\"possibleTypes\":null},\"none\":null}"
    );
    assert_eq!(ran.waves, 0);
}

#[tokio::test]
async fn introspection_shows_interfaces_unions_defaults_and_one_of() {
    let ran = run(
        "{ node: __type(name: \"Node\") { possibleTypes { name } } any: __type(name: \"Any\") { possibleTypes { name } } \
           item: __type(name: \"Item\") { interfaces { name } } key: __type(name: \"Key\") { isOneOf } \
           filter: __type(name: \"Filter\") { inputFields { name defaultValue } } }",
    )
    .await;
    let data: Json = serde_json::from_str(&ran.data).unwrap();
    assert_eq!(
        data["node"]["possibleTypes"],
        json!([{"name": "Item"}, {"name": "Ref"}, {"name": "Strict"}])
    );
    assert_eq!(data["any"]["possibleTypes"].as_array().unwrap().len(), 4);
    assert_eq!(data["item"]["interfaces"].as_array().unwrap().len(), 2);
    assert_eq!(data["key"]["isOneOf"], true);
    assert_eq!(
        data["filter"]["inputFields"][1],
        json!({"name": "text", "defaultValue": "\"x\""})
    );
}

#[tokio::test]
async fn a_directive_of_an_operation_is_read_with_its_variables() {
    let document = "query($c: String = \"web\") @inContext(channel: $c) { textStrict }";
    let operation = ENGINE.prepare(document, None).await.unwrap();
    let variables = operation.coerce_variables(ENGINE.types(), &Map::new()).unwrap();
    let table = ENGINE.types().directives[0].args;
    let args = operation
        .directive(ENGINE.types(), "inContext", table, &variables)
        .unwrap()
        .unwrap();
    assert_eq!(args.text(0).unwrap().as_ref(), "web");
    assert!(
        operation
            .directive(ENGINE.types(), "other", table, &variables)
            .unwrap()
            .is_none()
    );
}
