//! What is selected: order, merging, fragments, conditions.

use serde_json::json;

use skuery_resolvers::engine::Answer;

use crate::run::{Answers, ENGINE, FINE, refused, run, run_answered, run_given, run_with};
use crate::tables::{Item, Leaf, Ref, Strict, lookup};
use crate::world::Seed;

#[tokio::test]
async fn fields_stand_in_the_order_of_their_first_appearance() {
    let ran =
        run("{ b: itemStrict { rank id rank __typename k: id } a: textStrict b: itemStrict { color id } }")
            .await;
    assert_eq!(
        ran.body,
        "{\"data\":{\"b\":{\"rank\":-407,\"id\":\"88f7ed8f89d9a32e\",\"__typename\":\"Item\",\"k\":\"88f7ed8f89d9a32e\",\"color\":\"GREEN\"},\"a\":\"text 53\"}}"
    );
}

#[tokio::test]
async fn fields_merge_across_fragments_of_every_kind() {
    let apart = run(
        "{ itemStrict { ...A ... on Named { ... on Item { later { rank } } } ... on Any { ... on Item { later { color } } } ... { id } } } \
         fragment A on Item { later { id ...B } } fragment B on Node { id __typename }",
    )
    .await;
    let together = run("{ itemStrict { later { id __typename rank color } id } }").await;
    assert_eq!(apart.data, together.data);
    assert_eq!(apart.asked, together.asked, "a merged field is asked once");
}

#[tokio::test]
async fn lists_of_lists_merge_at_every_depth() {
    let answers: Answers = |asked| {
        let row = |hash| Answer::objects([Item::new(Seed { hash, failures: 0 }), Item::new(FINE)]);
        (asked == lookup::GRID).then(|| Answer::List([row(1), row(2), Answer::Null].into()))
    };
    let apart = run_answered(
        "{ grid { id } grid { rank matrix { id } } grid { matrix { rank } } }",
        answers,
    )
    .await;
    let together = run_answered("{ grid { id rank matrix { id rank } } }", answers).await;
    assert_eq!(apart.data, together.data);
    assert!(apart.data.matches("rank").count() > 4, "{}", apart.data);
}

#[tokio::test]
async fn fragments_apply_to_the_values_of_their_type_only() {
    let ran = run_answered(
        "{ nodes { __typename ... on Item { a: __typename } ... on Ref { b: __typename } ... on Strict { c: __typename } \
           ... on Named { d: __typename } ... on Any { e: __typename } } \
           anys { __typename ... on Node { n: __typename } ... on Leaf { l: __typename } } }",
        |asked| match asked {
            lookup::NODES => Some(Answer::List(
                [Answer::object(Item::new(FINE)), Answer::object(Ref::whole(FINE)), Answer::object(Strict::whole(FINE))].into(),
            )),
            lookup::ANYS => Some(Answer::List([Answer::object(Leaf(FINE)), Answer::object(Item::new(FINE))].into())),
            _ => None,
        },
    )
    .await;
    let entry = |name: &str, key: &str| {
        format!("{{\"__typename\":\"{name}\",\"{key}\":\"{name}\",\"d\":\"{name}\",\"e\":\"{name}\"}}")
    };
    assert_eq!(
        ran.data,
        format!(
            "{{\"nodes\":[{},{},{}],\"anys\":[{{\"__typename\":\"Leaf\",\"l\":\"Leaf\"}},\
             {{\"__typename\":\"Item\",\"n\":\"Item\"}}]}}",
            entry("Item", "a"),
            entry("Ref", "b"),
            entry("Strict", "c")
        )
    );
}

#[tokio::test]
async fn skip_and_include_decide_before_fields_merge() {
    let document = "query($yes: Boolean! = true, $no: Boolean!) { \
        itemStrict @skip(if: $yes) { color } \
        ... @include(if: $yes) { itemStrict { id @skip(if: $no) rank @include(if: $no) } } \
        ...F @include(if: $no) itemStrict @skip(if: false) @include(if: true) { flag } } \
        fragment F on Root { itemStrict { name } }";
    let off = run_given(document, json!({ "no": false })).await.unwrap();
    assert_eq!(
        off.data,
        "{\"itemStrict\":{\"id\":\"88f7ed8f89d9a32e\",\"flag\":true}}"
    );
    let on = run_given(document, json!({ "no": true })).await.unwrap();
    assert_eq!(
        on.data,
        "{\"itemStrict\":{\"rank\":-407,\"name\":\"name \\\"11\\\"\\nå\",\"flag\":true}}"
    );
    let other = run_given(document, json!({ "no": true, "yes": false }))
        .await
        .unwrap();
    assert!(
        other.data.starts_with("{\"itemStrict\":{\"color\":"),
        "{}",
        other.data
    );
}

#[tokio::test]
async fn a_selection_of_which_nothing_is_left_is_an_empty_object() {
    let ran = run("{ itemStrict { id @skip(if: true) } }").await;
    assert_eq!(ran.data, "{\"itemStrict\":{}}");
    assert_eq!(
        run("{ itemStrict @skip(if: true) { id } }").await.body,
        "{\"data\":{}}"
    );
}

#[tokio::test]
async fn switches_of_fragments_of_other_operations_are_not_asked_for() {
    let document = "query A { itemStrict { id } } query B($on: Boolean!) { ...F } \
        fragment F on Root { textStrict @include(if: $on) }";
    let engine = &ENGINE;
    let none = serde_json::Map::new();
    let ran = run_with(engine, document, Some("A"), &none, FINE, |_| None).await;
    assert!(ran.is_ok(), "{ran:?}");
}

#[tokio::test]
async fn different_fields_under_one_key_are_refused_even_where_they_meet_after_merging() {
    for document in [
        "{ itemStrict { x: id } itemStrict { x: rank } }",
        "{ itemStrict { later { x: id } } ... on Root { itemStrict { later { x: color } } } }",
        "{ itemStrict { later(first: 1) { id } } itemStrict { later(first: 2) { id } } }",
        "{ itemStrict { x: later { id } } itemStrict { x: reference { other { id } } } }",
    ] {
        let errors = refused(document).await;
        assert_eq!(errors[0].code.as_str(), "GRAPHQL_VALIDATION_FAILED", "{document}");
        assert_eq!(errors[0].locations.len(), 2, "{document}");
    }
}

#[tokio::test]
async fn what_may_be_skipped_is_compared_with_what_is_not() {
    for document in [
        "query($on: Boolean!) { itemStrict { x: id } ... @include(if: $on) { itemStrict { x: rank } } }",
        "{ itemStrict { x: id ... @skip(if: true) { x: rank } } }",
        "{ itemStrict { ... on Item { x: id } ... on Node { x: __typename } } }",
    ] {
        let errors = refused(document).await;
        assert_eq!(errors[0].code.as_str(), "GRAPHQL_VALIDATION_FAILED", "{document}");
    }
}

/// A client has one place for a key, whichever type the value has.
#[tokio::test]
async fn values_of_different_forms_do_not_share_a_key_even_on_types_apart() {
    for document in [
        "{ anys { ... on Item { x: rank } ... on Leaf { x: rank } } }",
        "{ anys { ... on Item { x: name } ... on Leaf { x: color } } }",
        "{ anys { ... on Item { x: leaves { label } } ... on Strict { x: leaf { label } } } }",
        "{ anys { ... on Item { x: leaf { label } } ... on Leaf { x: label } } }",
        "{ anys { ... on Item { x: leafStrict { y: label } } ... on Strict { x: leaf { y: rank } } } }",
    ] {
        let errors = refused(document).await;
        assert_eq!(errors[0].code.as_str(), "GRAPHQL_VALIDATION_FAILED", "{document}");
        assert_eq!(errors[0].locations.len(), 2, "{document}");
    }
    let legal =
        "{ anys { ... on Item { x: leafStrict { y: label } } ... on Strict { x: leaf { y: label } } } }";
    run(legal).await;
}

#[tokio::test]
async fn different_fields_of_types_apart_may_share_a_key() {
    run("{ anys { ... on Item { ... { x: rank } } ... on Ref { ... { x: rank } } } }").await;
    run("{ anys { ... on Item { ... { x: color } } ... on Leaf { ... { x: color } } } }").await;
    run("{ nodes { ... on Item { ... { x: leafStrict { label } } } ... on Strict { ... { x: leaf { label } } } } }").await;
}

#[tokio::test]
async fn the_name_of_a_type_takes_conditions_and_nothing_else() {
    let document = "query($on: Boolean!) { itemStrict { __typename @include(if: $on) } }";
    let ran = run_given(document, serde_json::json!({ "on": false }))
        .await
        .unwrap();
    assert_eq!(ran.data, "{\"itemStrict\":{}}");
    for document in [
        "{ itemStrict { __typename(a: 1) } }",
        "{ itemStrict { __typename { a } } }",
        "{ itemStrict { __typename @nothing } }",
        "{ itemStrict { __typename @skip } }",
        "{ itemStrict { __typename @include(if: $on) } }",
    ] {
        let errors = refused(document).await;
        assert_eq!(errors[0].code.as_str(), "GRAPHQL_VALIDATION_FAILED", "{document}");
    }
}
