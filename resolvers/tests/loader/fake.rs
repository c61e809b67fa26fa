//! A source that records its calls and is slow, failing, forgetful or panicking on request; and how tests ask it.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use skuery_resolvers::error::{ErrorKind, LookupError};
use skuery_resolvers::loader::{Loaded, Loader, Outcome, Policy, Scope, Scoped, Source, Want};
use skuery_resolvers::port::{self, ByKey, Call};
use skuery_schema::ids::{PriceListCode, SystemName};
use tokio::time::Instant;

/// An answer says what was asked, by which call, and when that call came.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) group: String,
    pub(crate) key: u32,
    pub(crate) call: usize,
    pub(crate) asked: Instant,
}

/// How the source answers calls that come from now on. Keys that are forgotten or broken are so in every answer.
#[derive(Clone, Debug)]
pub(crate) struct Mood {
    pub(crate) takes: Duration,
    pub(crate) then: Then,
    pub(crate) forgets: Vec<u32>,
    pub(crate) forgets_from: Option<u32>,
    pub(crate) breaks: Vec<u32>,
    pub(crate) fresh_for: Option<Duration>,
    pub(crate) good_for: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Then {
    Answers,
    Fails,
    Panics,
    Hangs,
}

impl Default for Mood {
    fn default() -> Self {
        Self {
            takes: ms(0),
            then: Then::Answers,
            forgets: Vec::new(),
            forgets_from: None,
            breaks: Vec::new(),
            fresh_for: None,
            good_for: Duration::MAX,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) group: String,
    pub(crate) keys: Vec<u32>,
    pub(crate) deadline: Instant,
}

/// Sees groups and keys, never a scope: like a real system, whose scope is a matter of what the group says.
pub(crate) struct Fake {
    system: SystemName,
    max_keys: usize,
    weight: usize,
    mood: Mutex<Mood>,
    calls: Mutex<Vec<Asked>>,
}

impl Fake {
    pub(crate) fn mood(&self) -> MutexGuard<'_, Mood> {
        self.mood.lock().unwrap()
    }

    /// From now on calls take this long.
    pub(crate) fn takes(&self, millis: u64) {
        self.mood().takes = ms(millis);
    }

    /// From now on calls end like this.
    pub(crate) fn then(&self, then: Then) {
        self.mood().then = then;
    }

    pub(crate) fn calls(&self) -> Vec<Asked> {
        self.calls.lock().unwrap().clone()
    }

    /// How many calls came.
    pub(crate) fn count(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    /// The keys of each call, in order.
    pub(crate) fn keys(&self) -> Vec<Vec<u32>> {
        self.calls().into_iter().map(|asked| asked.keys).collect()
    }

    fn error(&self, kind: ErrorKind) -> LookupError {
        LookupError::new(kind, &self.system, "tests", "on request")
    }

    fn note(&self, call: Call, group: &str, keys: &[u32]) -> usize {
        let mut calls = self.calls.lock().unwrap();
        calls.push(Asked {
            group: group.to_owned(),
            keys: keys.to_vec(),
            deadline: call.deadline,
        });
        calls.len() - 1
    }
}

impl Source for Fake {
    type Group = String;
    type Key = u32;
    type Value = Answer;

    fn system(&self) -> &SystemName {
        &self.system
    }

    fn operation(&self) -> &'static str {
        "tests"
    }

    fn max_keys(&self) -> usize {
        self.max_keys
    }

    fn fetch<'a>(
        &'a self,
        call: Call,
        group: &'a String,
        keys: &'a [u32],
    ) -> port::Answer<'a, ByKey<u32, Answer>> {
        let (number, asked, mood) = (self.note(call, group, keys), Instant::now(), self.mood().clone());
        Box::pin(async move {
            if !mood.takes.is_zero() {
                tokio::time::sleep(mood.takes).await;
            }
            match mood.then {
                Then::Answers => {}
                Then::Fails => return Err(self.error(ErrorKind::Unavailable)),
                // Without the panic hook, whose output would only be noise.
                Then::Panics => std::panic::resume_unwind(Box::new("on request")),
                Then::Hangs => std::future::pending().await,
            }
            // Answered back to front, which must not matter.
            let invented = |key: &u32| mood.forgets_from.is_some_and(|from| *key >= from);
            let known = keys
                .iter()
                .rev()
                .filter(|key| !mood.forgets.contains(key) && !invented(key));
            let answer = |key: &u32| match mood.breaks.contains(key) {
                true => Err(self.error(ErrorKind::InvalidValue)),
                false => Ok(Answer {
                    group: group.clone(),
                    key: *key,
                    call: number,
                    asked,
                }),
            };
            Ok(known.map(|key| (*key, answer(key))).collect())
        })
    }

    fn fresh_for(&self, _: &Answer, usual: Duration) -> Duration {
        self.mood().fresh_for.unwrap_or(usual)
    }

    fn good_for(&self, _: &Answer) -> Duration {
        self.mood().good_for
    }

    fn has_large_answers(&self) -> bool {
        self.weight > 1 << 20
    }

    fn weight(&self, _: &Answer) -> usize {
        self.weight
    }
}

/// Fresh for a minute, never stale, absences for ten seconds; calls may take five seconds, windows last five milliseconds.
pub(crate) fn policy() -> Policy {
    Policy {
        fresh: Duration::from_secs(60),
        stale_while_revalidate: Duration::ZERO,
        stale_if_error: Duration::ZERO,
        negative: Duration::from_secs(10),
        jitter_percent: 0,
        max_bytes: 1 << 24,
        max_negative: 10_000,
        call_timeout: Duration::from_secs(5),
        batch_window: ms(5),
    }
}

/// A loader before a fresh fake that takes `max_keys` a call.
pub(crate) fn loader_of(max_keys: usize, policy: Policy) -> Loader<Fake> {
    loader_weighing(0, max_keys, policy)
}

/// The same, whose answers weigh this much.
pub(crate) fn loader_weighing(weight: usize, max_keys: usize, policy: Policy) -> Loader<Fake> {
    let fake = Fake {
        system: SystemName::new("fake"),
        max_keys,
        weight,
        mood: Mutex::default(),
        calls: Mutex::default(),
    };
    Loader::new(fake, policy)
}

/// The public scope and the one group of tests that are not about either.
pub(crate) fn g() -> Scoped<String> {
    public("g")
}

pub(crate) fn public(group: &str) -> Scoped<String> {
    Scoped::new(Scope::Public, group.to_owned())
}

pub(crate) fn listed(list: &str, group: &str) -> Scoped<String> {
    Scoped::new(Scope::PriceList(PriceListCode::new(list)), group.to_owned())
}

/// Whatever the policy allows.
pub(crate) const ANY: Want = Want { max_age: None };
/// From the system itself.
pub(crate) const NOW: Want = Want {
    max_age: Some(Duration::ZERO),
};

pub(crate) fn within(millis: u64) -> Want {
    Want {
        max_age: Some(ms(millis)),
    }
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn patient() -> Instant {
    Instant::now() + Duration::from_secs(3600)
}

/// Asks as requests do: what is at hand, and the rest in one load. One line per key.
pub(crate) async fn ask(
    loader: &Loader<Fake>,
    scoped: &Scoped<String>,
    keys: &[u32],
    want: Want,
) -> Vec<String> {
    let peeked: Vec<_> = keys.iter().map(|key| loader.peek(scoped, key, want)).collect();
    let missing: Vec<u32> = keys
        .iter()
        .zip(&peeked)
        .filter(|(_, at)| at.is_none())
        .map(|(key, _)| *key)
        .collect();
    let mut loaded = loader.load(scoped, &missing, want, patient()).await.into_iter();
    peeked
        .into_iter()
        .map(|outcome| show(&outcome.unwrap_or_else(|| loaded.next().unwrap())))
        .collect()
}

/// Asks for one key of the usual group.
pub(crate) async fn ask_one(loader: &Loader<Fake>, key: u32, want: Want) -> String {
    ask(loader, &g(), &[key], want).await.remove(0)
}

/// Asks in a task of its own, and returns when the question has been put.
pub(crate) async fn start(
    loader: &Loader<Fake>,
    scoped: &Scoped<String>,
    keys: &[u32],
    want: Want,
) -> tokio::task::JoinHandle<Vec<String>> {
    let (loader, scoped, keys) = (loader.clone(), scoped.clone(), keys.to_vec());
    let asking = tokio::spawn(async move { ask(&loader, &scoped, &keys, want).await });
    settle().await;
    asking
}

/// Lets every task run until it waits; no time passes.
pub(crate) async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// Lets time pass, in steps, so that every timer on the way fires at its own moment.
pub(crate) async fn pass(millis: u64) {
    settle().await;
    tokio::time::sleep(ms(millis)).await;
    settle().await;
}

/// `g/1 #0 live 0ms`: group, key, number of the call, state and age.
pub(crate) fn show(outcome: &Outcome<Answer>) -> String {
    match outcome {
        Ok(Some(loaded)) => show_loaded(loaded),
        Ok(None) => "absent".to_owned(),
        Err(error) => error.kind().as_str().to_owned(),
    }
}

fn show_loaded(loaded: &Loaded<Answer>) -> String {
    let Answer {
        group,
        key,
        call,
        asked,
    } = &loaded.value;
    let seen = loaded.freshness(&SystemName::new("fake"), Instant::now());
    assert!(
        loaded.fetched <= *asked,
        "an age is counted from the call's start, or earlier"
    );
    let state = format!("{:?}", seen.state).to_lowercase();
    format!("{group}/{key} #{call} {state} {}ms", seen.age_ms)
}
