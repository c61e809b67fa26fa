//! Errors of fields: where null goes, and what is said about it.

use std::sync::Arc;

use serde_json::Map;
use skuery_resolvers::engine::{Answer, Ask, Engine};
use skuery_schema::listing::{Facet, FacetValue, PageInfo, ProductConnection};
use skuery_schema::lookup::FACETS;
use skuery_schema::system::Commerce;

use crate::run::{Data, FINE, execute, run_answered};
use crate::tables::{Item, Ref, Strict, lookup};
use crate::world::failure;

fn item() -> Answer {
    Answer::object(Item::new(FINE))
}

fn list(items: impl IntoIterator<Item = Answer>) -> Answer {
    Answer::List(items.into_iter().collect())
}

#[tokio::test]
async fn a_failed_nullable_field_is_null_with_path_location_and_extensions() {
    let ran = run_answered("{\n  itemStrict { id }\n  other: item { id }\n}", |asked| {
        (asked == lookup::ITEM).then(|| Answer::Error(failure()))
    });
    let ran = ran.await;
    assert_eq!(ran.data, "null", "`itemStrict` is never null");
    let ran = run_answered("{\n  textStrict\n  other: item { id }\n}", |asked| {
        (asked == lookup::ITEM).then(|| Answer::Error(failure()))
    })
    .await;
    assert_eq!(
        ran.body,
        "{\"data\":{\"textStrict\":\"text 53\",\"other\":null},\"errors\":[{\"message\":\"it does not answer\",\
         \"locations\":[{\"line\":3,\"column\":3}],\"path\":[\"other\"],\
         \"extensions\":{\"code\":\"SYSTEM_UNAVAILABLE\",\"system\":\"erp\",\"retryable\":true}}]}"
    );
}

#[tokio::test]
async fn null_goes_to_the_nearest_nullable_position() {
    let ran = run_answered(
        "{ item { id later { laterText } x: rank } textStrict2: __typename }",
        |asked| (asked == lookup::TEXT).then(|| Answer::Error(failure())),
    )
    .await;
    assert_eq!(ran.paths(), ["item.later.laterText"]);
    assert!(ran.data.contains("\"later\":null,\"x\":"), "{}", ran.data);
    assert!(ran.data.ends_with("\"textStrict2\":\"Root\"}"), "{}", ran.data);
}

#[tokio::test]
async fn null_goes_to_data_when_nothing_on_the_way_is_nullable() {
    let ran = run_answered("{ item { id } itemStrict { laterText } }", |asked| {
        (asked == lookup::TEXT).then_some(Answer::Null)
    })
    .await;
    assert_eq!(ran.data, "null");
    assert_eq!(ran.paths(), ["itemStrict.laterText"]);
    assert_eq!(ran.errors[0]["extensions"]["code"], "INTERNAL");
}

#[tokio::test]
async fn errors_of_list_items_carry_their_index() {
    let nullable = run_answered("{ item { laterRefs { id } } }", |asked| {
        let whole = Answer::object(Ref::whole(FINE));
        (asked == lookup::REFS).then(|| list([whole.clone(), Answer::Error(failure()), Answer::Null, whole]))
    })
    .await;
    assert_eq!(nullable.paths(), ["item.laterRefs.1"]);
    let id = "{\"id\":\"7\"}";
    assert_eq!(
        nullable.data,
        format!("{{\"item\":{{\"laterRefs\":[{id},null,null,{id}]}}}}")
    );
    let non_null = run_answered("{ item { id laters { id } } }", |asked| {
        (asked == lookup::ITEMS).then(|| list([item(), Answer::Null, Answer::Error(failure())]))
    })
    .await;
    assert_eq!(non_null.paths(), ["item.laters.1", "item.laters.2"]);
    assert!(non_null.data.ends_with("\"laters\":null}}"), "{}", non_null.data);
}

#[tokio::test]
async fn a_failed_item_of_an_inner_list_spares_the_other_lists() {
    let ran = run_answered("{ grid { id } }", |asked| {
        (asked == lookup::GRID).then(|| list([list([item()]), list([item(), Answer::Null]), Answer::Null]))
    })
    .await;
    assert_eq!(ran.data, "{\"grid\":[[{\"id\":\"7\"}],null,null]}");
    assert_eq!(ran.paths(), ["grid.1.1"]);
}

#[tokio::test]
async fn a_reference_that_stands_keeps_what_it_knows() {
    let ran = run_answered(
        "{ refs(skus: []) { id name price { label } } }",
        |asked| match asked {
            lookup::REFS => Some(list([Answer::object(Ref::new(bare_seed()))])),
            lookup::WHOLE_REF => Some(Answer::Error(failure())),
            _ => None,
        },
    )
    .await;
    assert_eq!(ran.paths(), ["refs.0.name"]);
    assert!(
        ran.data.contains("\"name\":null,\"price\":{\"label\":\"label"),
        "{}",
        ran.data
    );
}

#[tokio::test]
async fn a_reference_that_does_not_stand_is_null_with_one_error() {
    let ran = run_answered(
        "{ a: strict { id name rank leaf { label } } }",
        |asked| match asked {
            lookup::STRICT => Some(Answer::object(Strict::new(bare_seed()))),
            lookup::WHOLE_STRICT => Some(Answer::Error(failure())),
            _ => None,
        },
    )
    .await;
    assert_eq!(ran.body.matches("message").count(), 1);
    assert_eq!(
        (ran.data.as_str(), ran.paths()),
        ("{\"a\":null}", vec!["a".to_owned()])
    );
    let missing = run_answered(
        "{ strict { name text items { id } } textStrict }",
        |asked| match asked {
            lookup::STRICT => Some(Answer::object(Strict::new(bare_seed()))),
            lookup::WHOLE_STRICT => Some(Answer::Null),
            _ => None,
        },
    )
    .await;
    assert_eq!(
        missing.body,
        "{\"data\":{\"strict\":null,\"textStrict\":\"text 53\"}}"
    );
}

/// A seed whose references are bare.
fn bare_seed() -> crate::world::Seed {
    (0..)
        .map(|hash| crate::world::Seed { hash, failures: 0 })
        .find(|seed| !skuery_schema::table::Object::is_whole(&Strict::new(*seed)))
        .unwrap()
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_an_error_and_disturbs_no_other() {
    let list_for_one = run_answered(
        "{ item { later { id } } nodes { id ... on Item { later { id } } } }",
        |asked| match asked {
            lookup::NODES => Some(list([item()])),
            _ => None,
        },
    )
    .await;
    assert!(list_for_one.errors.is_empty());
    let ran = run_answered(
        "{ items { laters { id } later { id reference { other { id } } } } }",
        |asked| match asked {
            lookup::ITEM => Some(list([item()])),
            lookup::ITEMS => Some(list([item()])),
            _ => None,
        },
    )
    .await;
    assert_eq!(ran.paths(), ["items.0.later"]);
    assert_eq!(ran.errors[0]["extensions"]["code"], "INTERNAL");
    assert_eq!(
        ran.data,
        "{\"items\":[{\"laters\":[{\"id\":\"7\"}],\"later\":null}]}"
    );
    let other_type = run_answered(
        "{ item { reference { name } } itemStrict { id } }",
        |asked| match asked {
            lookup::WHOLE_REF => Some(Answer::Object(Arc::new(Item::new(FINE)))),
            _ => None,
        },
    )
    .await;
    assert!(
        other_type
            .paths()
            .iter()
            .all(|path| path == "item.reference.name"),
        "{}",
        other_type.body
    );
}

#[tokio::test]
async fn a_flawed_answer_without_a_value_has_one_error() {
    let ran = run_answered("{ text(key: { id: 1 }) textStrict }", |asked| {
        (asked == lookup::TEXT).then(|| Answer::Flawed(Arc::new((Answer::Null, failure()))))
    })
    .await;
    assert_eq!(ran.data, "null");
    assert_eq!(ran.paths(), ["text", "textStrict"]);
    assert!(
        ran.errors
            .iter()
            .all(|error| error["message"] == "it does not answer"),
        "{:?}",
        ran.errors
    );
}

/// Facets whose values say nothing of what to add to a filter, which is `JSON!`.
struct Facets;

impl Data for Facets {
    fn answer(&mut self, ask: &Ask<'_>) -> Answer {
        if ask.lookup != FACETS {
            return Answer::object(ProductConnection {
                edges: Vec::new(),
                page_info: PageInfo {
                    has_next_page: false,
                    has_previous_page: false,
                    start_cursor: None,
                    end_cursor: None,
                },
                total_count: None,
                question: Arc::new(()),
            });
        }
        let value = FacetValue {
            value: "a".into(),
            label: "A".into(),
            count: 1,
            input: serde_json::Value::Null,
        };
        Answer::objects([Facet {
            code: "code".into(),
            label: "Label".into(),
            values: vec![value],
        }])
    }

    fn when(&self, _: &Ask<'_>) -> u64 {
        0
    }
}

#[tokio::test]
async fn null_as_any_json_is_null_where_it_must_not_be() {
    let engine = Engine::new::<Commerce>(0);
    let document = "{ products { facets { code values { input } } totalCount } }";
    let ran = execute(&engine, document, None, &Map::new(), Facets)
        .await
        .unwrap();
    assert_eq!(ran.data, "{\"products\":{\"facets\":null,\"totalCount\":null}}");
    assert_eq!(ran.paths(), ["products.facets.0.values.0.input"]);
}
