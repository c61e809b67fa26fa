//! Documents that are large, deep, or larger than they look.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Map;
use skuery_resolvers::engine::Engine;
use skuery_resolvers::screen::Limits;

use crate::run::{FINE, refused, run, run_with};
use crate::tables::Test;

#[tokio::test]
async fn an_engine_has_limits_of_its_own() {
    let document = "{ itemStrict { id a: id b: id } }";
    let limits = Limits {
        aliases: 1,
        ..Limits::default()
    };
    let engine = Engine::new::<Test>(1).with_limits(limits);
    let errors = engine.prepare(document, None).await.err().expect("a refusal");
    assert_eq!(errors[0].excess.map(|excess| excess.limit), Some("aliases"));
    assert_eq!(errors[0].locations, [(1, 25)]);
    assert!(run(document).await.data.contains("\"a\""));
    assert!(refused("{ nothing }").await[0].message.contains("nothing"));
}

#[tokio::test]
async fn fields_count_once_per_type_they_are_planned_for() {
    let limits = Limits {
        document_bytes: usize::MAX,
        tokens: usize::MAX,
        aliases: usize::MAX,
        selections: usize::MAX,
        ..Limits::default()
    };
    let engine = Engine::new::<Test>(1).with_limits(limits);
    let fields: String = (0..6_000).map(|index| format!(" a{index}: id")).collect();
    let document = format!("{{ nodes {{ {fields} }} other: nodes {{ {fields} }} }}");
    let ran = run_with(&engine, &document, None, &Map::new(), FINE, |_| None).await;
    let errors = ran.expect_err("it was not refused");
    assert_eq!(errors[0].code.as_str(), "QUERY_TOO_COMPLEX");
    assert_eq!(errors[0].locations.len(), 1, "planning says where");
}

#[tokio::test]
async fn fragments_that_double_are_counted_without_being_expanded() {
    let mut document = "{ itemStrict { ...F0 ...F0 } }".to_owned();
    for index in 0..25 {
        write!(
            document,
            " fragment F{index} on Item {{ item {{ ...F{0} ...F{0} }} }}",
            index + 1
        )
        .unwrap();
    }
    document.push_str(" fragment F25 on Item { id }");
    let errors = tokio::time::timeout(Duration::from_secs(20), refused(&document))
        .await
        .unwrap();
    assert_eq!(errors[0].code.as_str(), "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn a_document_as_deep_as_is_allowed_is_answered() {
    let depth = 18;
    let document = format!(
        "{{ itemStrict {{ {} id {} }} }}",
        "item { later {".repeat(depth / 2),
        "} }".repeat(depth / 2)
    );
    let ran = run(&document).await;
    assert_eq!(ran.waves as usize, 1 + depth / 2);
    assert!(ran.data.contains("\"id\""));
}

#[tokio::test]
async fn a_document_that_is_too_deep_is_refused() {
    let document = format!(
        "{{ itemStrict {{ {} id {} }} }}",
        "item {".repeat(40),
        "}".repeat(40)
    );
    assert!(!refused(&document).await.is_empty());
    let fragments: String = (0..2_000)
        .map(|index| format!(" fragment F{index} on Item {{ ...F{} }}", index + 1))
        .collect();
    let document = format!("{{ itemStrict {{ ...F0 }} }} {fragments} fragment F2000 on Item {{ id }}");
    assert!(!refused(&document).await.is_empty());
}
