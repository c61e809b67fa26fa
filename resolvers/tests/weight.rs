//! Whether prepared operations take the memory that the cache of them believes: its bound is by that belief.
//!
//! A binary without a harness: nothing else may allocate while it counts.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may end where something is not as it says, and tells what it saw"
)]

use std::alloc::System;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;

use serde_json::{Map, json};
use skuery_resolvers::engine::{Answer, Ask, Asked, Engine, Request, Ticket};
use skuery_resolvers::screen::Limits;
use skuery_schema::system::Commerce;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How many of one kind are prepared: enough that what the cache allocates now and then does not matter.
const COPIES: usize = 100;

/// In hundredths of what is believed. Too little allocated is safe, and too much of it would be a waste of room.
const ALLOCATED: std::ops::RangeInclusive<u64> = 85..=102;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut wrong = Vec::new();
    for (name, document) in documents() {
        let (believed, allocated) = runtime.block_on(measure(&document));
        let percent = allocated * 100 / believed;
        println!(
            "{name:40} {:8} characters, {believed:9} bytes believed, {percent:4} % of them allocated",
            document.len()
        );
        if !ALLOCATED.contains(&percent) {
            wrong.push(name);
        }
    }
    assert!(
        wrong.is_empty(),
        "not {ALLOCATED:?} % of what is believed: {wrong:?}"
    );
}

/// What one of these documents takes, as the cache believes and as the allocator has counted.
async fn measure(document: &str) -> (u64, u64) {
    let engine = Engine::new::<Commerce>(1 << 40).with_limits(Limits {
        aliases: 1_000,
        root_fields: 1_000,
        ..Limits::default()
    });
    // What is made once for all has been made then.
    prepare(&engine, &copy(document, COPIES)).await;
    let before = engine.kept().bytes;
    let copies: Vec<String> = (0..COPIES).map(|number| copy(document, number)).collect();
    let region = Region::new(ALLOCATOR);
    for copy in &copies {
        prepare(&engine, copy).await;
    }
    let stats = region.change();
    let allocated = stats.bytes_allocated - stats.bytes_deallocated;
    let believed = engine.kept().bytes - before;
    assert_eq!(engine.kept().operations, COPIES as u64 + 1);
    (believed / COPIES as u64, (allocated / COPIES) as u64)
}

fn copy(document: &str, number: usize) -> String {
    format!("# {number:03}\n{document}")
}

/// Prepares it, and plans it for every setting of `$a` and `$b`.
async fn prepare(engine: &Engine, document: &str) {
    let operation = engine.prepare(document, None).await.unwrap();
    if !document.contains("@include(if: $a)") {
        return;
    }
    for (a, b) in [(false, false), (false, true), (true, false), (true, true)] {
        let given = json!({ "a": a, "b": b });
        let given = given.as_object().unwrap();
        let variables = operation.coerce_variables(engine.types(), given).unwrap();
        let ready = engine.ready(&operation, &variables).expect("it has a plan");
        engine
            .execute(&operation, ready, &Map::new(), &mut Nothing)
            .await
            .unwrap();
    }
}

/// Answers null to everything.
struct Nothing;

impl Request for Nothing {
    fn ask(&mut self, _: Ask<'_>) -> Asked {
        Asked::Ready(Answer::Null)
    }

    fn wave(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }

    fn answer(&mut self, _: Ticket) -> Asked {
        unreachable!("nothing is asked later")
    }
}

fn documents() -> Vec<(String, String)> {
    let mut documents = vec![
        ("one field".to_owned(), "{ __typename }".to_owned()),
        ("many aliases".to_owned(), many(" a", "systems { name }")),
        ("many variables".to_owned(), variables()),
        ("long lists".to_owned(), lists()),
        ("fragments on an interface".to_owned(), fragments()),
        ("long texts".to_owned(), texts()),
        ("plans for switches".to_owned(), switches()),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in ["src/demo/examples", "src/front/examples"] {
        let mut files: Vec<_> = std::fs::read_dir(root.join(folder)).unwrap().collect();
        files.sort_by_key(|file| file.as_ref().unwrap().path());
        for file in files {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "graphql") {
                let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
                documents.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    documents
}

fn many(prefix: &str, field: &str) -> String {
    let fields: Vec<String> = (0..200)
        .map(|number| format!("{prefix}{number}: {field}"))
        .collect();
    format!("{{ {} }}", fields.join(" "))
}

fn variables() -> String {
    let defined: Vec<String> = (0..50)
        .map(|n| format!("$v{n}: [String!]! = [\"a\", \"b\"]"))
        .collect();
    let used: Vec<String> = (0..50)
        .map(|n| format!("f{n}: variants(skus: $v{n}) {{ sku }}"))
        .collect();
    format!("query ({}) {{ {} }}", defined.join(", "), used.join(" "))
}

fn lists() -> String {
    let skus: Vec<String> = (0..200).map(|number| format!("\"SKU-{number}\"")).collect();
    format!("{{ variants(skus: [{}]) {{ sku }} }}", skus.join(", "))
}

fn fragments() -> String {
    let fragments: Vec<String> = (0..20)
        .map(|number| format!("fragment F{number} on Node {{ ... on Product {{ p{number}: name }} ... on ProductVariant {{ v{number}: name }} }}"))
        .collect();
    let spread: Vec<String> = (0..20).map(|number| format!("...F{number}")).collect();
    format!(
        "{{ node(id: \"x\") {{ {} }} }} {}",
        spread.join(" "),
        fragments.join(" ")
    )
}

fn texts() -> String {
    let text = "x".repeat(4_000);
    format!("{{ a: variants(skus: [\"{text}\"]) {{ sku }} b: variants(skus: [\"{text}\"]) {{ sku }} }}")
}

fn switches() -> String {
    "query ($a: Boolean!, $b: Boolean!) { variants(skus: [\"1\"]) { sku name @include(if: $a) \
     product @skip(if: $b) { name id } price { unitPrice { net { amount currency } } } } }"
        .to_owned()
}
