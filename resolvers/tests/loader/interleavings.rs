//! Random interleavings of askers, cancellations, failures and time, against everything the loader promises at once.
//!
//! The source cannot see a scope, so the group's name says it: any answer from a foreign scope, group or key shows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use skuery_resolvers::loader::{Loader, Outcome, Policy, Scoped, Want};
use skuery_schema::freshness::FreshnessState;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::loader::fake::*;

const SCOPES: [&str; 3] = ["", "A", "B"];
const GROUPS: [&str; 2] = ["g", "h"];
const KEYS: u32 = 4;

#[derive(Clone, Debug)]
enum Step {
    Ask {
        place: usize,
        keys: Vec<u32>,
        max_age: Option<u64>,
        patience: u64,
        peeks: bool,
    },
    Leave(usize),
    Pass(u64),
    Mood {
        takes: u64,
        then: Then,
        forgets: Vec<u32>,
        breaks: Vec<u32>,
        fresh_for: Option<u64>,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let keys = |most| prop::collection::vec(0..KEYS, 0..most);
    let max_age = prop_oneof![4 => Just(None), 2 => Just(Some(0)), 3 => (1u64..120).prop_map(Some)];
    let ask = (
        0..SCOPES.len() * GROUPS.len(),
        keys(5),
        max_age,
        1u64..150,
        any::<bool>(),
    )
        .prop_map(|(place, keys, max_age, patience, peeks)| Step::Ask {
            place,
            keys,
            max_age,
            patience,
            peeks,
        });
    let then = prop_oneof![6 => Just(Then::Answers), 2 => Just(Then::Fails), 1 => Just(Then::Panics), 1 => Just(Then::Hangs)];
    let fresh_for = prop_oneof![3 => Just(None), 1 => (0u64..60).prop_map(Some)];
    let mood = (0u64..60, then, keys(3), keys(3), fresh_for).prop_map(
        |(takes, then, forgets, breaks, fresh_for)| Step::Mood {
            takes,
            then,
            forgets,
            breaks,
            fresh_for,
        },
    );
    let step = prop_oneof![
        8 => ask,
        2 => (0usize..30).prop_map(Step::Leave),
        5 => (0u64..60).prop_map(Step::Pass),
        3 => mood,
    ];
    prop::collection::vec(step, 1..60)
}

fn hectic() -> Policy {
    Policy {
        fresh: ms(50),
        stale_while_revalidate: ms(40),
        stale_if_error: ms(70),
        negative: ms(30),
        jitter_percent: 30,
        call_timeout: ms(80),
        ..policy()
    }
}

fn place(index: usize) -> Scoped<String> {
    let (scope, group) = (SCOPES[index % SCOPES.len()], GROUPS[index / SCOPES.len()]);
    let told = format!("{scope}:{group}");
    match scope {
        "" => public(&told),
        list => listed(list, &told),
    }
}

/// The newest answer anybody has seen of a key.
type Seen = Arc<Mutex<HashMap<(Scoped<String>, u32), Instant>>>;

/// What an asker knew when it asked.
struct Asker {
    scoped: Scoped<String>,
    want: Want,
    asked: Instant,
    calls_before: usize,
    seen_before: HashMap<(Scoped<String>, u32), Instant>,
}

impl Asker {
    fn check(&self, key: u32, outcome: &Outcome<Answer>, seen: &Seen) {
        let Ok(Some(loaded)) = outcome else { return };
        let (now, policy, answer) = (Instant::now(), hectic(), &loaded.value);
        assert_eq!(
            (&answer.group, answer.key),
            (self.scoped.group(), key),
            "a foreign answer"
        );
        assert!(loaded.fetched <= answer.asked, "an age understated");
        let age = now - loaded.fetched;
        match loaded.state {
            FreshnessState::Live => {
                assert!(self.asked.saturating_duration_since(loaded.fetched) <= policy.call_timeout);
            }
            // Taken from the cache when it was asked for, it may have waited for other keys of the same question.
            FreshnessState::Cached => {
                let age = self.asked.saturating_duration_since(loaded.fetched);
                assert!(age < policy.fresh, "served as fresh at {age:?}");
            }
            FreshnessState::Stale => assert!(
                age < policy.fresh + policy.stale_if_error,
                "served stale at {age:?}"
            ),
        }
        if let Some(max_age) = self.want.max_age {
            assert!(
                loaded.fetched + max_age >= self.asked,
                "older than the asker accepts"
            );
            assert!(
                !max_age.is_zero() || answer.call >= self.calls_before,
                "zero joined an earlier call"
            );
        }
        let at = (self.scoped.clone(), key);
        if let Some(before) = self.seen_before.get(&at) {
            assert!(
                loaded.fetched >= *before,
                "older than what was seen before it was asked for"
            );
        }
        let mut seen = seen.lock().unwrap();
        let newest = seen.entry(at).or_insert(loaded.fetched);
        *newest = loaded.fetched.max(*newest);
    }
}

fn spawn_asker(
    loader: &Loader<Fake>,
    seen: &Seen,
    scoped: Scoped<String>,
    keys: Vec<u32>,
    want: Want,
    patience: Duration,
    peeks: bool,
) -> JoinHandle<()> {
    let (loader, seen) = (loader.clone(), seen.clone());
    tokio::spawn(async move {
        let asked = Instant::now();
        let asker = Asker {
            scoped,
            want,
            asked,
            calls_before: loader.source().count(),
            seen_before: seen.lock().unwrap().clone(),
        };
        let mut missing = Vec::new();
        for key in keys {
            match loader.peek(&asker.scoped, &key, want).filter(|_| peeks) {
                Some(outcome) => asker.check(key, &outcome, &seen),
                None => missing.push(key),
            }
        }
        let outcomes = loader.load(&asker.scoped, &missing, want, asked + patience).await;
        assert_eq!(outcomes.len(), missing.len());
        // tokio's timers are exact to a millisecond.
        assert!(
            asked.elapsed() <= patience + ms(1),
            "answered {:?} after {patience:?}",
            asked.elapsed()
        );
        for (key, outcome) in missing.iter().zip(&outcomes) {
            asker.check(*key, outcome, &seen);
        }
    })
}

async fn run(steps: Vec<Step>) {
    let loader = loader_of(3, hectic());
    let seen = Seen::default();
    let mut askers: Vec<JoinHandle<()>> = Vec::new();
    for step in steps {
        match step {
            Step::Ask {
                place: index,
                keys,
                max_age,
                patience,
                peeks,
            } => {
                let want = Want {
                    max_age: max_age.map(ms),
                };
                askers.push(spawn_asker(
                    &loader,
                    &seen,
                    place(index),
                    keys,
                    want,
                    ms(patience),
                    peeks,
                ));
                tokio::task::yield_now().await;
            }
            Step::Leave(index) => {
                if let Some(asker) = askers.get(index) {
                    asker.abort();
                }
            }
            Step::Pass(0) => settle().await,
            Step::Pass(millis) => tokio::time::sleep(ms(millis)).await,
            Step::Mood {
                takes,
                then,
                forgets,
                breaks,
                fresh_for,
            } => {
                let fresh_for = fresh_for.map(ms);
                *loader.source().mood() = Mood {
                    takes: ms(takes),
                    then,
                    forgets,
                    breaks,
                    fresh_for,
                    ..Mood::default()
                };
            }
        }
    }
    for asker in askers {
        match asker.await {
            Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
            _ => {}
        }
    }
    nothing_is_left_behind(&loader).await;
}

/// When all is over and forgotten, a question for all keys of a place is one set of calls that leaves at once: no flight,
/// no waiting key and no uncounted landing stands in its way.
async fn nothing_is_left_behind(loader: &Loader<Fake>) {
    pass(1_000).await;
    for call in loader.source().calls() {
        assert!(call.keys.len() <= 3, "more keys than a call may carry");
        let distinct: std::collections::HashSet<_> = call.keys.iter().collect();
        assert_eq!(distinct.len(), call.keys.len(), "a key twice in one call");
    }
    *loader.source().mood() = Mood::default();
    let keys: Vec<u32> = (0..KEYS).collect();
    for index in 0..SCOPES.len() * GROUPS.len() {
        let (before, begin) = (loader.source().count(), Instant::now());
        let outcomes = loader.load(&place(index), &keys, ANY, patient()).await;
        assert!(
            outcomes.iter().all(|outcome| matches!(outcome, Ok(Some(_)))),
            "{outcomes:?}"
        );
        assert_eq!(begin.elapsed(), Duration::ZERO, "it left at once");
        assert_eq!(loader.source().keys()[before..], [vec![0, 1, 2], vec![3]]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_interleaving_breaks_a_promise(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(steps));
    }
}
