//! A document of arbitrary text: prepared, then planned and run for some settings of its variables.

use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;

use serde_json::{Map, Value as Json, json};
use skuery_resolvers::engine::{Answer, Ask, Asked, Engine, Operation, Request, RequestError, Ticket};
use skuery_schema::system::Commerce;
use tokio::runtime::{Builder, Runtime};

/// Small, so that documents come and go.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new::<Commerce>(1 << 20));
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_current_thread()
        .build()
        .expect("a runtime without drivers")
});

/// Prepares and runs it. The first line may be a comment with variables as JSON, `# {"some": true}`.
pub fn run(data: &[u8]) {
    let Ok(document) = std::str::from_utf8(data) else {
        return;
    };
    RUNTIME.block_on(async {
        let prepared = ENGINE.prepare(document, None).await;
        let again = ENGINE.prepare(document, None).await;
        match (prepared, again) {
            (Ok(first), Ok(second)) => {
                assert_eq!((first.name(), first.weight()), (second.name(), second.weight()));
                plan(&first, document).await;
            }
            (Err(first), Err(second)) => told(&first, &second),
            _ => panic!("prepared once, and refused once"),
        }
        assert!(ENGINE.kept().bytes <= 1 << 20, "more is kept than may be");
    });
}

/// A refusal says why, and is the same each time.
fn told(first: &[RequestError], second: &[RequestError]) {
    assert!(!first.is_empty());
    assert!(first.iter().all(|error| !error.message.is_empty()));
    assert_eq!(first.len(), second.len());
}

async fn plan(operation: &Operation, document: &str) {
    let given = document.lines().next().and_then(|line| line.strip_prefix('#'));
    let given = given.and_then(|line| serde_json::from_str::<Map<String, Json>>(line).ok());
    for given in [
        given.unwrap_or_default(),
        switches(document, true),
        switches(document, false),
    ] {
        let Ok(variables) = operation.coerce_variables(ENGINE.types(), &given) else {
            continue;
        };
        let Ok(ready) = ENGINE.ready(operation, &variables) else {
            continue;
        };
        let ran = ENGINE.execute(operation, ready, &given, &mut Nulls).await;
        if let Ok(response) = ran {
            let body: Json = serde_json::from_slice(&response.body).expect("a response is JSON");
            assert!(body.get("data").is_some(), "a response has data");
        }
    }
}

/// Every second name that stands behind a `$`, switched on or off, and the others the other way.
fn switches(document: &str, on: bool) -> Map<String, Json> {
    let names = document.split('$').skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        Some(rest[..end].to_owned())
    });
    let numbered = names.take(64).enumerate();
    numbered
        .map(|(number, name)| (name, json!((number % 2 == 0) == on)))
        .collect()
}

/// Answers null to everything.
struct Nulls;

impl Request for Nulls {
    fn ask(&mut self, _: Ask<'_>) -> Asked {
        Asked::Ready(Answer::Null)
    }

    fn wave(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }

    fn answer(&mut self, _: Ticket) -> Asked {
        Asked::Ready(Answer::Null)
    }
}
