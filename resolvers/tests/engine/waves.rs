//! When lookups leave: everything known leaves together, and nothing is asked twice.

use skuery_resolvers::engine::Answer;
use skuery_schema::table::Object as _;

use crate::run::{Answers, run, run_answered};
use crate::tables::{Item, Ref, lookup};
use crate::world::Seed;

#[tokio::test]
async fn what_is_known_from_the_arguments_leaves_in_one_wave() {
    let ran =
        run("{ a: itemStrict { id } text(key: { id: 1 }) items { id } b: item(id: 2) { id } textStrict }")
            .await;
    assert_eq!(ran.waves, 1);
    let expected = [
        lookup::ITEM,
        lookup::TEXT,
        lookup::ITEMS,
        lookup::ITEM,
        lookup::TEXT,
    ];
    assert_eq!(ran.asked[0], expected);
}

#[tokio::test]
async fn what_depends_on_an_answer_leaves_in_the_next_wave_together() {
    let ran =
        run("{ a: itemStrict { later { later { id } } laterText } b: itemStrict { item { laterText } } }")
            .await;
    assert_eq!(ran.waves, 3);
    assert_eq!(ran.asked[0], [lookup::ITEM; 2]);
    // `item` makes its object, which is gone after the walk.
    assert_eq!(ran.asked[1], [lookup::TEXT, lookup::ITEM, lookup::TEXT]);
    assert_eq!(ran.asked[2], [lookup::ITEM]);
}

#[tokio::test]
async fn a_references_completion_leaves_beside_its_live_fields() {
    let ran = run_answered(
        "{ refs(skus: []) { name price { label } other { id } } }",
        |asked| {
            let bare = (0..).map(|hash| Ref::new(Seed { hash, failures: 0 }));
            let mut bare = bare.filter(|reference| !reference.is_whole());
            (asked == lookup::REFS).then(|| Answer::objects([bare.next().unwrap(), bare.next().unwrap()]))
        },
    )
    .await;
    let one_after_the_other = [lookup::WHOLE_REF, lookup::LEAF, lookup::REF].map(|lookup| [lookup; 2]);
    assert_eq!(ran.asked[1][..6], one_after_the_other.concat());
}

#[tokio::test]
async fn a_key_alone_needs_no_completion_and_no_wave() {
    let answers: Answers = |asked| {
        let mut all = (0..).map(|hash| Ref::new(Seed { hash, failures: 0 }));
        let known = all.find(|one| one.is_known() && !one.is_whole());
        (asked == lookup::REFS).then(|| Answer::objects(known))
    };
    let key = run_answered("{ refs(skus: []) { id __typename } }", answers).await;
    assert_eq!(key.asked.concat(), [lookup::REFS]);
    let more = run_answered("{ refs(skus: []) { id name } }", answers).await;
    assert_eq!(more.asked.concat(), [lookup::REFS, lookup::WHOLE_REF]);
}

#[tokio::test]
async fn every_item_of_a_list_is_asked_once_and_one_field_of_all_before_the_next() {
    let ran = run_answered(
        "{ items { id laterText later { id } ...F } } fragment F on Item { later { rank } laterText }",
        |asked| {
            let seed = |hash| Seed { hash, failures: 0 };
            (asked == lookup::ITEMS).then(|| Answer::objects((0..5).map(|hash| Item::new(seed(hash)))))
        },
    )
    .await;
    assert_eq!(ran.waves, 2);
    assert_eq!(ran.asked[1], [[lookup::TEXT; 5], [lookup::ITEM; 5]].concat());
}

#[tokio::test]
async fn an_operation_without_lookups_waits_for_nothing() {
    let ran = run("{ __typename __schema { queryType { name } } }").await;
    assert_eq!((ran.waves, ran.asked.concat().len()), (0, 0));
}
