//! What is kept, for how long, and what is never kept.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use serde_json::{Map, json};
use skuery_schema::system::Commerce;
use tokio::sync::Notify;

use super::*;
use crate::engine::{Answer, Ask, Asked, Engine, Request, Ticket};
use crate::screen::Limits;

const MIB: u64 = 1024 * 1024;

/// One that lets large documents pass, so that it is the room that matters.
fn engine() -> Engine {
    Engine::new::<Commerce>(MIB).with_limits(Limits {
        aliases: 1_000,
        root_fields: 1_000,
        document_operations: 100,
        ..Limits::default()
    })
}

/// Documents of some 8 KiB when prepared, each another.
fn document(number: usize) -> String {
    format!(
        "query Q{number} {{ variants(skus: [\"{number}\"]) {{ sku name price {{ unitPrice {{ net {{ amount }} }} }} }} }}"
    )
}

async fn ask(engine: &Engine, document: &str) -> Arc<Operation> {
    let operation = engine.prepare(document, None).await.expect("a valid document");
    let kept = engine.kept().bytes;
    assert!(kept <= MIB, "{kept} bytes are kept");
    operation
}

#[tokio::test]
async fn a_document_is_prepared_once_and_found_from_then_on() {
    let engine = engine();
    let first = ask(&engine, &document(1)).await;
    let second = ask(&engine, &document(1)).await;
    assert!(Arc::ptr_eq(&first, &second));
    let other = ask(&engine, &document(1).replace('{', "{ ")).await;
    assert!(!Arc::ptr_eq(&first, &other), "another text is another document");
    let counts = engine.kept();
    assert_eq!((counts.hits, counts.prepared, counts.operations), (1, 2, 2));
}

#[tokio::test]
async fn an_only_operation_is_found_with_its_name_and_without() {
    let engine = engine();
    let first = ask(&engine, &document(1)).await;
    let named = engine
        .prepare(&document(1), Some("Q1"))
        .await
        .expect("it is there");
    assert!(Arc::ptr_eq(&first, &named));
    let errors = engine
        .prepare(&document(1), Some("Q2"))
        .await
        .map(drop)
        .expect_err("another name");
    assert!(errors[0].message.contains("`Q2`"));
    assert_eq!(engine.kept().operations, 1);
}

/// They all have the hash of their document, so that this is also what happens when two documents have the same.
#[tokio::test]
async fn operations_of_the_same_hash_are_told_apart() {
    let engine = engine();
    let document: String = (0..20).map(|number| document(number) + "\n").collect();
    let mut operations = Vec::new();
    for number in 0..20 {
        let name = format!("Q{number}");
        operations.push(engine.prepare(&document, Some(&name)).await.expect("it is there"));
    }
    for (number, operation) in operations.iter().enumerate() {
        let name = format!("Q{number}");
        let again = engine.prepare(&document, Some(&name)).await.expect("it is there");
        assert_eq!(again.name(), Some(&*name));
        assert!(Arc::ptr_eq(&again, operation));
    }
    assert_eq!(engine.kept().hits, 20);
    let errors = engine
        .prepare(&document, None)
        .await
        .map(drop)
        .expect_err("there are many");
    assert!(errors[0].message.contains("operationName"));
}

#[tokio::test]
async fn refused_documents_are_not_kept() {
    let engine = engine();
    for _ in 0..3 {
        assert!(engine.prepare("{ nothing }", None).await.is_err());
        assert!(engine.prepare("{", None).await.is_err());
    }
    let counts = engine.kept();
    assert_eq!((counts.refused, counts.operations, counts.hits), (6, 0, 0));
}

#[tokio::test]
async fn a_document_that_takes_much_of_the_room_is_prepared_each_time() {
    let engine = engine();
    let fields: String = (0..100)
        .map(|number| format!(" a{number}: systems {{ name }}"))
        .collect();
    let large = format!("{{ {fields} }}");
    let long = format!("# {}\n{{ systems {{ name }} }}", "x".repeat(70_000));
    for document in [large, long] {
        let first = ask(&engine, &document).await;
        assert!(first.weight() > MIB / LARGEST);
        let second = ask(&engine, &document).await;
        assert!(!Arc::ptr_eq(&first, &second));
    }
    assert_eq!(engine.kept().operations, 0);
}

#[tokio::test]
async fn documents_that_nobody_sends_again_push_nothing_out() {
    let engine = engine();
    let hot = 30;
    for _ in 0..2 {
        for number in 0..hot {
            ask(&engine, &document(number)).await;
        }
    }
    for number in 0..600 {
        ask(&engine, &document(1_000 + number)).await;
    }
    assert!(
        engine.kept().bytes > MIB / 3,
        "the flood was larger than the room"
    );
    let before = engine.kept().hits;
    for number in 0..hot {
        ask(&engine, &document(number)).await;
    }
    assert_eq!(engine.kept().hits - before, hot as u64, "all are still there");
    assert_eq!(engine.kept().evicted, 0);
}

/// Whoever sends each of his documents twice gets them kept; what others ask for meanwhile stays.
#[tokio::test]
async fn what_is_asked_for_stays_however_many_others_come_and_go() {
    let engine = engine();
    let hot = 30;
    for number in 0..hot {
        ask(&engine, &document(number)).await;
    }
    for number in 0..300 {
        for _ in 0..2 {
            ask(&engine, &document(1_000 + number)).await;
        }
        ask(&engine, &document(number % hot)).await;
    }
    let counts = engine.kept();
    assert!(counts.evicted > 100, "the room was filled: {counts:?}");
    for number in 0..hot {
        ask(&engine, &document(number)).await;
    }
    assert_eq!(
        engine.kept().hits - counts.hits,
        hot as u64,
        "all are still there"
    );
}

/// A large document among many small ones that were all asked for as often.
#[tokio::test]
async fn a_large_document_comes_in_among_many_small_ones() {
    let engine = engine();
    for number in 0..300 {
        for _ in 0..3 {
            ask(&engine, &format!("query Q{number} {{ systems {{ name }} }}")).await;
        }
    }
    let fields: String = (0..20)
        .map(|number| format!(" a{number}: systems {{ name }}"))
        .collect();
    let large = format!("{{ {fields} }}");
    ask(&engine, &large).await;
    let second = ask(&engine, &large).await;
    assert!(
        Arc::ptr_eq(&second, &ask(&engine, &large).await),
        "kept from its second request on"
    );
}

/// Answers null to everything.
struct Nothing;

impl Request for Nothing {
    fn ask(&mut self, _: Ask<'_>) -> Asked {
        Asked::Ready(Answer::Null)
    }

    fn wave(&mut self) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }

    fn answer(&mut self, _: Ticket) -> Asked {
        unreachable!("nothing is asked later")
    }
}

#[tokio::test]
async fn plans_that_are_made_later_count_and_are_bounded() {
    let engine = engine();
    let defined: String = (0..6).map(|number| format!(" $s{number}: Boolean!")).collect();
    let fields: String = (0..6)
        .map(|number| {
            format!(
                " a{number}: systems {{ name @include(if: $s{}) state }}",
                number % 6
            )
        })
        .collect();
    let document = format!("query({defined} ) {{ {fields} }}");
    let operation = ask(&engine, &document).await;
    let without_plans = engine.kept().bytes;
    for setting in 0..64 {
        let given: Map<String, serde_json::Value> = (0..6)
            .map(|number| (format!("s{number}"), json!(setting >> number & 1 == 1)))
            .collect();
        let variables = operation
            .coerce_variables(engine.types(), &given)
            .expect("they fit");
        let ready = engine.ready(&operation, &variables).expect("it has a plan");
        engine
            .execute(&operation, ready, &given, &mut Nothing)
            .await
            .expect("it runs");
        let counts = engine.kept();
        assert_eq!(counts.operations, 1);
        assert_eq!(counts.bytes, operation.weight() + ENTRY_BYTES);
    }
    assert!(engine.kept().bytes > without_plans * 2);
    assert!(operation.weight() <= MIB / LARGEST);
    assert!(
        operation.weight() > MIB / LARGEST * 9 / 10,
        "there were more than fit"
    );
}

#[tokio::test]
async fn a_warmed_document_is_kept_before_anybody_asks_for_it() {
    let engine = engine();
    for number in 0..300 {
        ask(&engine, &document(number)).await;
    }
    let document = "query A { systems { name } } query B { systems { state } }";
    let warmed = engine.warm(document, None).await.expect("both are valid");
    assert_eq!(warmed.len(), 2);
    assert!(
        warmed
            .iter()
            .all(|operation| operation.kept && operation.weight > 1_000)
    );
    let before = engine.kept();
    for name in ["A", "B"] {
        engine.prepare(document, Some(name)).await.expect("it is there");
    }
    let after = engine.kept();
    assert_eq!((after.hits - before.hits, after.prepared), (2, before.prepared));
}

// Requests at the same time

/// A document that waits while it is prepared until it is told to go on.
struct Slow {
    engine: Engine,
    kept: Kept,
    begun: AtomicUsize,
    go: Notify,
}

impl Slow {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            engine: engine(),
            kept: Kept::new(MIB),
            begun: AtomicUsize::new(0),
            go: Notify::new(),
        })
    }

    async fn ask(self: Arc<Self>, document: &'static str) -> Result<Arc<Operation>, Vec<RequestError>> {
        let prepare = async || {
            self.begun.fetch_add(1, Ordering::Relaxed);
            self.go.notified().await;
            self.engine.prepare_anew(document, None).await
        };
        self.kept.get(document, None, prepare).await
    }

    async fn settle() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn those_who_ask_at_the_same_time_wait_for_one_preparation() {
    let slow = Slow::new();
    let asks: Vec<_> = (0..20)
        .map(|_| tokio::spawn(slow.clone().ask("{ systems { name } }")))
        .collect();
    Slow::settle().await;
    slow.go.notify_one();
    let mut operations = Vec::new();
    for ask in asks {
        operations.push(ask.await.expect("no panic").expect("it is valid"));
    }
    assert!(
        operations
            .iter()
            .all(|operation| Arc::ptr_eq(operation, &operations[0]))
    );
    let counts = slow.kept.counts();
    assert_eq!(
        (counts.prepared, counts.shared, slow.begun.load(Ordering::Relaxed)),
        (1, 19, 1)
    );
    assert_eq!(slow.kept.flights.count(), 0);
}

#[tokio::test]
async fn a_refusal_reaches_all_who_wait_and_is_not_kept() {
    let slow = Slow::new();
    for round in 1..3 {
        let asks: Vec<_> = (0..5)
            .map(|_| tokio::spawn(slow.clone().ask("{ nothing }")))
            .collect();
        Slow::settle().await;
        slow.go.notify_one();
        for ask in asks {
            let errors = ask
                .await
                .expect("no panic")
                .map(drop)
                .expect_err("it is not valid");
            assert!(errors[0].message.contains("nothing"));
        }
        assert_eq!(slow.begun.load(Ordering::Relaxed), round);
    }
    let counts = slow.kept.counts();
    assert_eq!((counts.refused, counts.shared, counts.operations), (2, 8, 0));
    assert_eq!(slow.kept.flights.count(), 0);
}

#[tokio::test]
async fn where_the_first_goes_away_the_next_prepares_it() {
    let slow = Slow::new();
    let first = tokio::spawn(slow.clone().ask("{ systems { name } }"));
    Slow::settle().await;
    let second = tokio::spawn(slow.clone().ask("{ systems { name } }"));
    Slow::settle().await;
    assert_eq!(slow.begun.load(Ordering::Relaxed), 1);
    first.abort();
    assert!(first.await.is_err());
    Slow::settle().await;
    assert_eq!(slow.begun.load(Ordering::Relaxed), 2);
    slow.go.notify_one();
    assert!(second.await.expect("no panic").is_ok());
    assert_eq!(slow.kept.counts().prepared, 1);
    assert_eq!(slow.kept.flights.count(), 0);
}

#[tokio::test]
async fn requests_that_all_go_away_leave_nothing_behind() {
    let kept = Kept::new(MIB);
    let asked = kept.get("{ systems { name } }", None, pending::<Result<Operation, _>>);
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(1), asked)
            .await
            .is_err()
    );
    assert_eq!(kept.flights.count(), 0);
}
