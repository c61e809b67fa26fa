//! Runs the engine over the test schema and writes down everything that was asked.

use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use skuery_resolvers::engine::{Answer, Ask, Asked, Engine, Request, RequestError, Ticket};
use skuery_schema::table::Lookup;

use crate::tables::Test;
use crate::world::{Seed, answer};

pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new::<Test>(16));

/// What lookups answer.
pub(crate) trait Data: Send {
    /// The answer to a question.
    fn answer(&mut self, ask: &Ask<'_>) -> Answer;

    /// A number below 8 that decides when a question is answered: 0 at once, 1 after a second question.
    fn when(&self, ask: &Ask<'_>) -> u64;
}

/// The resolvers of one request.
pub(crate) struct Requested<D> {
    data: D,
    pending: Vec<(Answer, u64)>,
    waiting: usize,
    /// The lookups of each wave; those of the first wave left with the arguments alone.
    pub(crate) waves: Vec<Vec<Lookup>>,
}

/// Data of the test schema.
struct Example {
    root: Seed,
    /// Answers of an example; the others are drawn.
    answers: Answers,
}

/// Answers that an example fixes.
pub(crate) type Answers = fn(Lookup) -> Option<Answer>;

impl Data for Example {
    fn answer(&mut self, ask: &Ask<'_>) -> Answer {
        (self.answers)(ask.lookup).unwrap_or_else(|| answer(ask.lookup, ask.parent, ask.args, self.root))
    }

    fn when(&self, _: &Ask<'_>) -> u64 {
        2
    }
}

impl<D: Data> Request for Requested<D> {
    fn ask(&mut self, ask: Ask<'_>) -> Asked {
        let answer = self.data.answer(&ask);
        let when = self.data.when(&ask);
        if when == 0 {
            return Asked::Ready(answer);
        }
        self.waves.last_mut().unwrap().push(ask.lookup);
        self.pending.push((answer, u64::from(when == 1)));
        self.waiting += 1;
        Asked::Later(Ticket(self.pending.len() - 1))
    }

    fn wave(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        assert!(self.waiting > 0, "a wave that nothing waits for");
        self.waiting = 0;
        self.waves.push(Vec::new());
        Box::pin(std::future::ready(()))
    }

    fn answer(&mut self, ticket: Ticket) -> Asked {
        let (answer, again) = &mut self.pending[ticket.0];
        if *again > 0 {
            *again -= 1;
            self.waiting += 1;
            return Asked::Later(ticket);
        }
        Asked::Ready(std::mem::replace(answer, Answer::Error(crate::world::failure())))
    }
}

/// What came of an operation.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) body: String,
    pub(crate) data: String,
    pub(crate) errors: Vec<Json>,
    pub(crate) waves: u32,
    /// The lookups of each wave, in the order in which they were asked.
    pub(crate) asked: Vec<Vec<Lookup>>,
}

impl Ran {
    /// Error paths in dotted form, in the order of the response.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.errors
            .iter()
            .map(|error| dotted(error["path"].as_array().unwrap()))
            .collect()
    }
}

pub(crate) fn dotted(path: &[Json]) -> String {
    let steps: Vec<String> = path
        .iter()
        .map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned))
        .collect();
    steps.join(".")
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(default)]
    errors: Vec<Json>,
}

/// Runs one operation of a document against any data.
pub(crate) async fn execute(
    engine: &Engine,
    document: &str,
    name: Option<&str>,
    variables: &Map<String, Json>,
    data: impl Data,
) -> Result<Ran, Vec<RequestError>> {
    let operation = engine.prepare(document, name).await?;
    let coerced = operation.coerce_variables(engine.types(), variables)?;
    let mut request = Requested {
        data,
        pending: Vec::new(),
        waiting: 0,
        waves: vec![Vec::new()],
    };
    let ready = engine.ready(&operation, &coerced)?;
    let response = engine.execute(&operation, ready, variables, &mut request).await?;
    let body = String::from_utf8(response.body).unwrap();
    let parsed: Body<'_> = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"));
    assert_eq!(parsed.errors.len(), response.errors.len());
    Ok(Ran {
        data: parsed.data.get().to_owned(),
        errors: parsed.errors,
        waves: response.waves,
        asked: request.waves,
        body,
    })
}

/// Runs one operation of a document over the test schema.
pub(crate) async fn run_with(
    engine: &Engine,
    document: &str,
    name: Option<&str>,
    variables: &Map<String, Json>,
    root: Seed,
    answers: Answers,
) -> Result<Ran, Vec<RequestError>> {
    execute(engine, document, name, variables, Example { root, answers }).await
}

/// Data in which nothing fails.
pub(crate) const FINE: Seed = Seed { hash: 7, failures: 0 };

/// Runs a document against data in which nothing fails.
pub(crate) async fn run(document: &str) -> Ran {
    run_with(&ENGINE, document, None, &Map::new(), FINE, |_| None)
        .await
        .unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// Runs a document with variables.
pub(crate) async fn run_given(document: &str, variables: Json) -> Result<Ran, Vec<RequestError>> {
    let Json::Object(variables) = variables else {
        panic!("variables are an object")
    };
    run_with(&ENGINE, document, None, &variables, FINE, |_| None).await
}

/// The refusal of a document.
pub(crate) async fn refused(document: &str) -> Vec<RequestError> {
    run_given(document, Json::Object(Map::new()))
        .await
        .expect_err("it was not refused")
}

/// Runs a document with fixed answers of some lookups.
pub(crate) async fn run_answered(document: &str, answers: Answers) -> Ran {
    run_with(&ENGINE, document, None, &Map::new(), FINE, answers)
        .await
        .unwrap()
}
