//! Random documents on random data: the engine and async-graphql's executor answer the same.
//!
//! Compared are the bytes of `data`, so also the order of fields, the set of error paths with the messages of what was
//! made to fail, and the set of questions that were asked. Locations and the engine's own messages are not: the reference
//! has its own words, and reports a merged field once per place.
//!
//! It runs over the whole commerce schema, and over the test schema for what the former has not. `PROPTEST_CASES` says how
//! many documents, `PROPTEST_RNG_SEED` which; with `--nocapture` each run prints what it has covered.

#[path = "differential/coverage.rs"]
mod coverage;
#[path = "differential/data.rs"]
mod data;
#[path = "differential/documents.rs"]
mod documents;
#[path = "differential/literals.rs"]
mod literals;
#[path = "differential/mistakes.rs"]
mod mistakes;
#[path = "differential/notation.rs"]
mod notation;
#[path = "differential/reference.rs"]
mod reference;
#[path = "differential/reference_input.rs"]
mod reference_input;
#[path = "differential/reference_schema.rs"]
mod reference_schema;
#[path = "differential/required.rs"]
mod required;
#[path = "differential/resolve.rs"]
mod resolve;
#[path = "differential/selections.rs"]
mod selections;
#[path = "differential/settle.rs"]
mod settle;
#[path = "differential/world.rs"]
mod world;
#[path = "differential/wrong_items.rs"]
mod wrong_items;
#[path = "differential/wrong_values.rs"]
mod wrong_values;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestError, TestRunner};
use serde_json::{Map, Value as Json};
use skuery_resolvers::engine::{Answer, Ask};
use skuery_schema::input::Args;
use tokio::runtime::{Builder, Runtime};

use self::coverage::Coverage;
use self::data::{Place, Question, answer, question};
use self::documents::{Generated, Goal, generate, generate_wrong, generate_wrong_variable};
use self::mistakes::Mistake;
use self::reference::injected;
use self::settle::{Path, path_of_error};
use self::world::{COMMERCE, SMALL, World};
use crate::run::{Data, execute};
use crate::world::Seed;

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().build().unwrap();
}

/// What a document and its data are drawn from.
#[derive(Clone, Debug)]
struct Case {
    tape: Vec<u16>,
    hash: u64,
    failures: u8,
    gaps: u8,
}

fn case() -> impl Strategy<Value = Case> {
    let failures = prop_oneof![3 => Just(0_u8), 2 => 1_u8..8, 1 => 8_u8..40];
    let gaps = prop_oneof![2 => Just(0_u8), 1 => 1_u8..60];
    (vec(any::<u16>(), 0..400), any::<u64>(), failures, gaps).prop_map(|(tape, hash, failures, gaps)| Case {
        tape,
        hash,
        failures,
        gaps,
    })
}

/// Random answers, and a record of what was asked.
struct Random {
    root: Place,
    asked: Arc<Mutex<Vec<Question>>>,
}

impl Data for Random {
    fn answer(&mut self, ask: &Ask<'_>) -> Answer {
        let question = question(ask.lookup, ask.parent, ask.args, self.root);
        self.asked.lock().unwrap().push(question);
        answer(ask.lookup, ask.parent, ask.args, self.root)
    }

    fn when(&self, ask: &Ask<'_>) -> u64 {
        let asked = question(ask.lookup, ask.parent, ask.args, self.root);
        self.root.at(("when", asked)).seed.below(8)
    }
}

/// What the engine reads from the directives of the tables on an operation.
async fn context(
    world: &World,
    document: &str,
    name: Option<&str>,
    variables: &Map<String, Json>,
) -> Vec<Option<Args>> {
    let operation = world.engine.prepare(document, name).await.unwrap();
    let coerced = operation.coerce_variables(world.types, variables).unwrap();
    let tables = world.types.directives.iter();
    tables
        .map(|table| {
            operation
                .directive(world.types, table.name, table.args, &coerced)
                .unwrap()
        })
        .collect()
}

/// Compares one document; the error says how the answers differ.
fn check(
    world: &'static World,
    case: &Case,
    goal: Option<Goal>,
    coverage: &mut Coverage,
) -> Result<(), String> {
    let generated = generate(world, &case.tape, goal);
    let root = Place {
        types: world.types,
        seed: Seed {
            hash: case.hash,
            failures: case.failures,
        },
        gaps: case.gaps,
        favourite: goal.map(|(ty, _)| ty),
    };
    let (document, name, variables) = (
        &generated.document,
        generated.name.as_deref(),
        &generated.variables,
    );
    let differ = |what: &str, left: &dyn std::fmt::Debug, right: &dyn std::fmt::Debug| {
        format!(
            "{what}\n   engine: {left:?}\nreference: {right:?}\n{document}\noperation: {name:?}, variables: {}\n\
             hash {}, failures {}, gaps {}",
            Json::Object(variables.clone()),
            case.hash,
            case.failures,
            case.gaps
        )
    };
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let asked = Arc::default();
            let data = Random {
                root,
                asked: Arc::clone(&asked),
            };
            let ran = match execute(&world.engine, document, name, variables, data).await {
                Err(errors) if errors[0].code.as_str() == "QUERY_TOO_COMPLEX" => {
                    coverage.meet("refused by a limit", errors[0].message.clone());
                    return Ok(());
                }
                ran => ran,
            };
            let reference = reference::run(world, document, name, variables, root).await;
            let (ran, reference) = match (ran, reference) {
                (Ok(ran), Some(reference)) => (ran, reference),
                (Err(errors), _) => return Err(differ("a valid request is refused", &errors, &"")),
                (Ok(ran), None) => return Err(differ("variables are not refused", &ran.body, &"")),
            };
            let context = context(world, document, name, variables).await;
            if context != reference.context {
                return Err(differ(
                    "directives of the operation differ",
                    &context,
                    &reference.context,
                ));
            }
            if ran.data != reference.data {
                return Err(differ("data differ", &ran.data, &reference.data));
            }
            let errors: BTreeMap<Path, Option<String>> = ran
                .errors
                .iter()
                .map(|error| {
                    let message = error["message"].as_str().unwrap();
                    (path_of_error(error), injected(message))
                })
                .collect();
            if errors.len() != ran.errors.len() {
                return Err(differ("an error is reported twice", &ran.body, &""));
            }
            if errors != reference.errors {
                return Err(differ("errors differ", &errors, &reference.errors));
            }
            let asked: BTreeSet<Question> = asked.lock().unwrap().drain(..).collect();
            let needed: BTreeSet<Question> = reference.questions.iter().cloned().collect();
            let stopped = ran.body.contains("not begun");
            // The plan completes an object for a field before it is known that the field's arguments are wrong.
            let misused = errors.values().any(Option::is_none);
            let more_is_fine = reference.some_gone || misused;
            if !(stopped || needed.is_subset(&asked)) || !(more_is_fine || asked.is_subset(&needed)) {
                return Err(differ("questions differ", &asked, &needed));
            }
            coverage.answered(world, &generated, &ran, &reference);
            Ok(())
        })
    })
}

/// How many documents for each subject, of `cases` in all, unless `PROPTEST_CASES` says otherwise (256, its own default,
/// does not), and the seed of all choices.
fn plan(cases: u32, subjects: usize) -> (u32, u64) {
    let config = ProptestConfig::default();
    let cases = if config.cases == 256 { cases } else { config.cases };
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => rand::random(),
    };
    (cases.div_ceil(subjects as u32), seed)
}

/// Runs `cases` documents for each subject. The error is that of the smallest case found.
fn run<S: Copy + std::fmt::Debug>(
    cases: u32,
    seed: u64,
    subjects: &[S],
    mut check: impl FnMut(S, &Case) -> Result<(), String>,
) {
    let config = ProptestConfig {
        cases,
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let check = RefCell::new(&mut check);
    let (passed, failed) = (Cell::new(0), Cell::new(false));
    for (number, subject) in subjects.iter().enumerate() {
        let mut config = config.clone();
        config.rng_seed = RngSeed::Fixed(seed.wrapping_add(number as u64));
        let outcome = TestRunner::new(config).run(&case(), |case| {
            let outcome = (check.borrow_mut())(*subject, &case);
            failed.set(failed.get() || outcome.is_err());
            passed.set(passed.get() + u32::from(!failed.get()));
            outcome.map_err(TestCaseError::fail)
        });
        let reason = match outcome {
            Ok(()) => continue,
            Err(TestError::Fail(reason, _)) => reason.to_string(),
            Err(error) => error.to_string(),
        };
        panic!(
            "PROPTEST_RNG_SEED={seed}, {subject:?}, after {} documents: {reason}",
            passed.get()
        );
    }
}

/// As many documents lead to each field of the schema, one in ten leads nowhere; a few more lead to what has not been
/// reached by then.
fn answers_like_the_reference(world: &'static World, cases: u32) {
    let mut coverage = Coverage::default();
    let mut goals: Vec<usize> = (0..world.fields.len()).collect();
    let (mut each, seed) = plan(cases, goals.len());
    for round in 0..4 {
        run(each, seed.wrapping_add(round << 32), &goals, |goal, case| {
            let goal = (case.hash % 10 > 0).then(|| world.fields[goal]);
            check(world, case, goal, &mut coverage)
        });
        goals = coverage.unmet_fields(world);
        each = 50;
    }
    match coverage.report(world) {
        Ok(report) => println!("PROPTEST_RNG_SEED={seed} {report}"),
        Err(report) => panic!("PROPTEST_RNG_SEED={seed} {report}"),
    }
}

#[test]
fn the_commerce_schema_is_answered_like_async_graphql() {
    answers_like_the_reference(&COMMERCE, 4_800);
}

#[test]
fn the_test_schema_is_answered_like_async_graphql() {
    answers_like_the_reference(&SMALL, 2_400);
}

/// Whether the engine refuses a document before anything is asked.
fn refuses(world: &'static World, generated: &Generated) -> bool {
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let prepared = world
                .engine
                .prepare(&generated.document, generated.name.as_deref())
                .await;
            let Ok(operation) = prepared else { return true };
            operation
                .coerce_variables(world.types, &generated.variables)
                .is_err()
        })
    })
}

fn refused(
    worlds: &[&'static World; 2],
    case: &Case,
    wrong: impl Fn(&'static World) -> Option<Generated>,
) -> Result<bool, String> {
    let world = worlds[usize::from(case.gaps % 4 == 1)];
    match wrong(world) {
        None => Ok(false),
        Some(generated) if refuses(world, &generated) => Ok(true),
        Some(generated) => Err(format!(
            "is not refused\n{}\noperation: {:?}, variables: {}",
            generated.document,
            generated.name,
            Json::Object(generated.variables)
        )),
    }
}

#[test]
fn a_document_with_one_mistake_is_refused() {
    let mut made = BTreeMap::new();
    let (each, seed) = plan(3_600, Mistake::ALL.len());
    run(each, seed, &Mistake::ALL, |mistake, case| {
        let after = case.hash as usize % 8;
        let wrong = |world| generate_wrong(world, &case.tape, mistake, after);
        let refused = refused(&[&COMMERCE, &SMALL], case, wrong)?;
        *made.entry(mistake).or_insert(0) += usize::from(refused);
        Ok(())
    });
    println!("PROPTEST_RNG_SEED={seed} refused: {made:?}");
    assert!(
        made.values().all(|times| *times > 0),
        "a mistake is never made: {made:?}"
    );
}

#[test]
fn a_variable_of_another_type_is_refused() {
    let mut made = BTreeMap::new();
    let (each, seed) = plan(1_200, 1);
    run(each, seed, &[()], |(), case| {
        let wrong = |world| generate_wrong_variable(world, &case.tape, case.hash as usize);
        let what = Cell::new(None);
        let refused = refused(&[&COMMERCE, &SMALL], case, |world| {
            let (generated, spoilt) = wrong(world)?;
            what.set(Some(spoilt));
            Some(generated)
        })?;
        if let Some(what) = what.take().filter(|_| refused) {
            *made.entry(what).or_insert(0) += 1;
        }
        Ok(())
    });
    println!("PROPTEST_RNG_SEED={seed} refused: {made:?}");
    assert!(made.len() > 40, "few wrong values are tried: {made:?}");
}
