//! Documents that are large, deep, or larger than they look.

use std::fmt::Write as _;
use std::time::Duration;

use crate::run::{refused, run};

#[tokio::test]
async fn more_than_twenty_thousand_fields_are_too_complex() {
    let mut document = "{".to_owned();
    (0..20_001).for_each(|index| write!(document, " a{index}: __typename").unwrap());
    document.push('}');
    assert_eq!(refused(&document).await[0].code.as_str(), "QUERY_TOO_COMPLEX");
    assert!(refused("{ nothing }").await[0].message.contains("nothing"));
}

#[tokio::test]
async fn fields_count_once_per_type_they_are_planned_for() {
    let fields: String = (0..6_000).map(|index| format!(" a{index}: id")).collect();
    assert_eq!(
        refused(&format!("{{ nodes {{ {fields} name: __typename b {{ c }} }} }}"))
            .await
            .len(),
        1
    );
    let errors = refused(&format!("{{ nodes {{ {fields} }} other: nodes {{ {fields} }} }}")).await;
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
async fn a_deep_document_that_is_legal_is_answered() {
    let depth = 28;
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
