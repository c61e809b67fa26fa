//! Mutations: one field after the other, each to its end.
//!
//! The schema of these tests has the query root for a mutation root too, so that whatever can be asked can be changed.

use std::sync::LazyLock;

use serde_json::{Map, Value as Json, json};
use skuery_resolvers::engine::{Answer, Engine, RequestError};
use skuery_schema::system::Tables;
use skuery_schema::table::{ObjectType, SchemaTypes};

use crate::run::{Answers, ENGINE, FINE, Ran, run_with};
use crate::tables::{Root, TYPES, lookup};
use crate::world::failure;

/// The test schema, with its query root for a mutation root too.
pub(crate) struct Changing;

impl Tables for Changing {
    const TYPES: &'static SchemaTypes = {
        static CHANGING: SchemaTypes = with_mutation(Root::TABLE);
        &CHANGING
    };
}

const fn with_mutation(root: &'static ObjectType) -> SchemaTypes {
    SchemaTypes {
        objects: TYPES.objects,
        mutation: Some(root),
        subscription: None,
        interfaces: TYPES.interfaces,
        unions: TYPES.unions,
        enums: TYPES.enums,
        inputs: TYPES.inputs,
        scalars: TYPES.scalars,
        directives: TYPES.directives,
    }
}

static CHANGES: LazyLock<Engine> = LazyLock::new(|| Engine::new::<Changing>(16));

async fn try_change(
    document: &str,
    name: Option<&str>,
    variables: Json,
    answers: Answers,
) -> Result<Ran, Vec<RequestError>> {
    let variables = variables.as_object().cloned().unwrap_or_default();
    run_with(&CHANGES, document, name, &variables, FINE, answers).await
}

async fn change(document: &str) -> Ran {
    try_change(document, None, Json::Null, |_| None).await.unwrap()
}

async fn refused(document: &str) -> RequestError {
    let mut errors = try_change(document, None, Json::Null, |_| None)
        .await
        .unwrap_err();
    errors.remove(0)
}

fn without_empty(ran: &Ran) -> Vec<Vec<skuery_schema::table::Lookup>> {
    ran.asked
        .iter()
        .filter(|wave| !wave.is_empty())
        .cloned()
        .collect()
}

#[tokio::test]
async fn a_field_and_all_that_is_selected_of_it_is_done_before_the_next_begins() {
    let document =
        "mutation { a: itemStrict { later { laterText } } textStrict b: itemStrict { laterText } }";
    let ran = change(document).await;
    let one_each = [
        lookup::ITEM,
        lookup::ITEM,
        lookup::TEXT,
        lookup::TEXT,
        lookup::ITEM,
        lookup::TEXT,
    ];
    assert_eq!(without_empty(&ran), one_each.map(|lookup| vec![lookup]));
    assert_eq!(ran.waves, 6);
    let query = document.replace("mutation", "query");
    let asked_at_once = change(&query).await;
    assert_eq!(asked_at_once.waves, 3, "a query's fields still leave together");
    assert_eq!(ran.data, asked_at_once.data);
}

#[tokio::test]
async fn fields_run_in_the_order_of_the_document_with_aliases_fragments_and_conditions() {
    let document = "
        mutation A { a: __typename }
        mutation B($no: Boolean = false, $sku: String!) {
            ...F @include(if: true)
            first: text(key: { id: 1 }) @skip(if: $no)
            never: items @include(if: $no) { id }
            ... on Root { t: __typename reference(sku: $sku) { id } }
        }
        fragment F on Root { strict { __typename } strict { id } }";
    let ran = try_change(document, Some("B"), json!({ "sku": "x" }), |_| None)
        .await
        .unwrap();
    let lookups: Vec<_> = ran
        .asked
        .concat()
        .into_iter()
        .filter(|lookup| *lookup != lookup::WHOLE_STRICT)
        .collect();
    assert_eq!(lookups, [lookup::STRICT, lookup::TEXT, lookup::REF]);
    let data: Map<String, Json> = serde_json::from_str(&ran.data).unwrap();
    let keys: Vec<&str> = data.keys().map(String::as_str).collect();
    assert_eq!(keys, ["strict", "first", "t", "reference"]);
    assert_eq!(data["t"], "Root");
}

#[tokio::test]
async fn a_name_alone_runs_nothing() {
    let ran = change("mutation { a: __typename b: __typename }").await;
    assert_eq!((ran.data.as_str(), ran.waves), (r#"{"a":"Root","b":"Root"}"#, 0));
}

#[tokio::test]
async fn a_failed_field_that_may_be_null_does_not_keep_the_next_from_being_done() {
    let ran = try_change(
        "mutation { text(key: { id: 1 }) itemStrict { __typename } }",
        None,
        Json::Null,
        |asked| (asked == lookup::TEXT).then(|| Answer::Error(failure())),
    );
    let ran = ran.await.unwrap();
    assert_eq!(ran.data, r#"{"text":null,"itemStrict":{"__typename":"Item"}}"#);
    assert_eq!(ran.paths(), ["text"]);
}

/// All data are null then: nobody would be told what became of a field after it.
#[tokio::test]
async fn after_a_failed_field_that_may_not_be_null_none_is_begun_and_each_says_so() {
    let fail: Answers = |asked| (asked == lookup::TEXT).then(|| Answer::Error(failure()));
    for (failed, at) in [
        ("b: textStrict", "b"),
        ("b: itemStrict { laterText }", "b.laterText"),
    ] {
        let document =
            format!("mutation {{ a: itemStrict {{ id }} {failed} c: item {{ id }} d: strict {{ id }} }}");
        let ran = try_change(&document, None, Json::Null, fail).await.unwrap();
        assert_eq!(ran.data, "null");
        assert_eq!(ran.paths(), [at, "c", "d"]);
        for error in &ran.errors[1..] {
            assert_eq!(error["extensions"]["code"], "OPERATION_NOT_ALLOWED");
            assert_eq!(error["message"], "not begun, because a field before it failed");
        }
        let begun = ran.asked.concat();
        assert!(!begun.contains(&lookup::STRICT), "{begun:?}");
        assert_eq!(
            begun.iter().filter(|lookup| **lookup == lookup::ITEM).count(),
            at.split('.').count()
        );
    }
}

#[tokio::test]
async fn what_does_not_fit_the_schema_is_refused_before_anything_is_done() {
    for document in [
        "mutation { nothing }",
        "mutation { text }",
        "mutation { text(key: { id: 1, number: 2 }) }",
        "mutation($v: Int) { reference(sku: $v) { id } }",
        "mutation { itemStrict { nothing } }",
        "mutation { __schema { queryType { name } } }",
    ] {
        assert_eq!(
            refused(document).await.code.as_str(),
            "GRAPHQL_VALIDATION_FAILED",
            "{document}"
        );
    }
    let errors = try_change(
        "mutation($v: String!) { reference(sku: $v) { id } }",
        None,
        Json::Null,
        |_| None,
    );
    assert_eq!(errors.await.unwrap_err()[0].code.as_str(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_mutation_holds_a_few_fields_only() {
    let fields = |count: usize| {
        (0..count)
            .map(|n| format!(" a{n}: textStrict"))
            .collect::<String>()
    };
    let ran = change(&format!("mutation {{ {} t: __typename }}", fields(10))).await;
    assert_eq!(ran.waves, 10);
    let refused = refused(&format!("mutation {{ {} }}", fields(11))).await;
    assert_eq!(refused.code.as_str(), "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn subscriptions_are_not_served() {
    let refused = refused("subscription { textStrict }").await;
    assert_eq!(refused.code.as_str(), "OPERATION_NOT_ALLOWED");
}

#[tokio::test]
async fn introspection_names_the_root_only_where_there_is_one() {
    let query = "{ __schema { mutationType { name } subscriptionType { name } } }";
    let root = change(query).await.data;
    assert_eq!(
        root,
        r#"{"__schema":{"mutationType":{"name":"Root"},"subscriptionType":null}}"#
    );
    let none = run_with(&ENGINE, query, None, &Map::new(), FINE, |_| None)
        .await
        .unwrap();
    assert_eq!(
        none.data,
        r#"{"__schema":{"mutationType":null,"subscriptionType":null}}"#
    );
}
