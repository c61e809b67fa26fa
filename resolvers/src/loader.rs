//! The loader: batches, shares and caches the lookups of all requests, and decides freshness and scope.
//!
//! One loader stands before each source. A lookup is (scope, group, key): the scope says whose answer it is, the group is
//! everything else that changes it, and one call to a system carries exactly one scope and one group. What is missing
//! (absent key), what is wrong with one key, and what is wrong with a whole call are three different things here.

pub mod cache;
pub mod policy;
pub mod scope;
pub mod trace;

mod answer;
mod counters;
mod flight;
mod forgotten;
mod seat;
mod source;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use skuery_schema::freshness::FreshnessState;
use tokio::time::Instant;

pub use answer::{Loaded, Outcome, Want};
pub use counters::LoaderCounters;
pub use policy::Policy;
pub use scope::{Scope, Scoped};
pub use source::Source;

use crate::error::{ErrorKind, LookupError};
use crate::loader::cache::{Cached, Store};
use crate::loader::flight::{Departure, Flights, From, Waiter, Window};
use crate::loader::forgotten::Forgotten;
use crate::loader::seat::Seat;
use crate::loader::trace::{Answered, CallEnd, LookupTrace};
use crate::port::{ByKey, Call, wire};

/// The loader of one source.
pub struct Loader<S: Source>(Arc<Inner<S>>);

impl<S: Source> Clone for Loader<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

struct Inner<S: Source> {
    source: S,
    policy: Policy,
    store: Store<S>,
    flights: Flights<S>,
    forgotten: Arc<Forgotten>,
    counters: LoaderCounters,
}

impl<S: Source> Loader<S> {
    /// `policy` says how long answers are kept, and how long a call may take.
    pub fn new(source: S, policy: Policy) -> Self {
        let forgotten = Arc::new(Forgotten::new());
        let store = Store::new(&source, &policy, forgotten.clone());
        Self(Arc::new(Inner {
            source,
            policy,
            store,
            flights: Flights::new(forgotten.clone()),
            forgotten,
            counters: LoaderCounters::default(),
        }))
    }

    /// An earlier loader, with what it keeps and what is under way, where source and policy are the same; a new one
    /// otherwise.
    pub fn following(source: S, policy: Policy, earlier: Option<&Self>) -> Self {
        match earlier {
            Some(earlier) if *earlier.policy() == policy && earlier.source().is_same(&source) => {
                earlier.clone()
            }
            _ => Self::new(source, policy),
        }
    }

    /// The source behind it.
    pub fn source(&self) -> &S {
        &self.0.source
    }

    /// How long answers are kept.
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// How often it could answer by itself.
    pub fn counters(&self) -> &LoaderCounters {
        &self.0.counters
    }

    /// Forgets these keys, in all scopes and groups: what calls that began before now answer of them is neither served from
    /// the cache nor put there. Who waits for such a call already still gets its answer, with its age.
    pub fn forget(&self, keys: &[S::Key]) {
        self.0.forgotten.forget_keys(keys);
    }

    /// Forgets everything of one scope in the same way.
    pub fn forget_scope(&self, scope: &Scope) {
        self.0.forgotten.forget_scope(scope);
    }

    /// Forgets everything of every company in the same way, for who does not know which company is meant.
    pub fn forget_companies(&self) {
        self.0.forgotten.forget_companies();
    }

    /// An answer without waiting, if one is kept that the asker accepts.
    pub fn peek(&self, scoped: &Scoped<S::Group>, key: &S::Key, want: Want) -> Option<Outcome<S::Value>> {
        self.peek_traced(scoped, key, want, Instant::now(), None)
    }

    /// The same at a moment that the asker knows, for one that may want to be told what became of it.
    pub fn peek_traced(
        &self,
        scoped: &Scoped<S::Group>,
        key: &S::Key,
        want: Want,
        now: Instant,
        trace: Option<&Arc<LookupTrace>>,
    ) -> Option<Outcome<S::Value>> {
        let cached = self.0.store.read(scoped, key, want, now);
        // What cannot exist is never asked for, and so never kept: asking about it only now spares the others.
        if matches!(cached, Cached::No) && !self.0.source.can_exist(key) {
            return Some(Ok(None));
        }
        if let Cached::Revalidate(loaded) = cached {
            self.0.counters.stale.fetch_add(1, Ordering::Relaxed);
            let key = std::slice::from_ref(key);
            self.join(scoped, key, Want::default(), trace, Call::interactive);
            if let Some(trace) = trace {
                trace.answered(Answered::Stale);
            }
            return Some(Ok(Some(loaded)));
        }
        let outcome = self.current(cached);
        if let (Some(trace), Some(outcome)) = (trace, &outcome) {
            trace.answered(hit(outcome));
        }
        outcome
    }

    /// An answer within its time. An absence is one, too.
    fn current(&self, cached: Cached<S::Value>) -> Option<Outcome<S::Value>> {
        let outcome = match cached {
            Cached::Fresh(loaded) => Ok(Some(loaded)),
            Cached::Absent => Ok(None),
            Cached::Revalidate(_) | Cached::No => return None,
        };
        self.0.counters.hits.fetch_add(1, Ordering::Relaxed);
        Some(outcome)
    }

    /// Answers many keys of one scope and group, in their order. Keys under way elsewhere are waited for, those that landed
    /// since the asker's `peek` are taken from the cache, the others leave together; each asker waits until its own
    /// deadline and never takes the call down with it.
    pub async fn load(
        &self,
        scoped: &Scoped<S::Group>,
        keys: &[S::Key],
        want: Want,
        deadline: Instant,
    ) -> Vec<Outcome<S::Value>> {
        self.load_traced(scoped, keys, want, deadline, None).await
    }

    /// The same, for an asker that may want to be told what became of it.
    pub async fn load_traced(
        &self,
        scoped: &Scoped<S::Group>,
        keys: &[S::Key],
        want: Want,
        deadline: Instant,
        trace: Option<&Arc<LookupTrace>>,
    ) -> Vec<Outcome<S::Value>> {
        let (waiters, shared) = self.join(scoped, keys, want, trace, Call::interactive);
        self.0.counters.shared.fetch_add(shared, Ordering::Relaxed);
        let landed = self.land(waiters, deadline).await;
        let answer = |(key, (from, outcome)): (&S::Key, (From, Outcome<S::Value>))| {
            let has_failed = outcome.is_err();
            let outcome = self.or_stale(scoped, key, want, outcome);
            if let Some(trace) = trace {
                trace.answered(match (&outcome, from) {
                    (Err(_), _) => Answered::Failed,
                    (Ok(_), _) if has_failed => Answered::Stale,
                    (outcome, From::Kept) => hit(outcome),
                    (_, From::Shared) => Answered::Shared,
                    (_, From::Own) => Answered::Fetched,
                });
            }
            outcome
        };
        keys.iter().zip(landed).map(answer).collect()
    }

    /// The same for who does not hurry: calls that are made for it alone wait behind those of queries.
    pub(crate) async fn load_behind(
        &self,
        scoped: &Scoped<S::Group>,
        keys: &[S::Key],
        want: Want,
        deadline: Instant,
    ) -> Vec<Outcome<S::Value>> {
        let (waiters, _) = self.join(scoped, keys, want, None, Call::background);
        let landed = self.land(waiters, deadline).await;
        let answer = |(key, (_, outcome))| self.or_stale(scoped, key, want, outcome);
        keys.iter().zip(landed).map(answer).collect()
    }

    /// One after the other: all are under way already, and those that landed in time are taken however late it is.
    async fn land(
        &self,
        waiters: Vec<Waiter<S::Value>>,
        deadline: Instant,
    ) -> Vec<(From, Outcome<S::Value>)> {
        let mut landed = Vec::with_capacity(waiters.len());
        for waiter in waiters {
            landed.push(match waiter {
                Waiter::Kept(outcome) => (From::Kept, outcome),
                Waiter::Seated(seat, from) => (from, self.wait(&seat, deadline).await),
            });
        }
        landed
    }

    async fn wait(&self, seat: &Seat<S::Value>, deadline: Instant) -> Outcome<S::Value> {
        match tokio::time::timeout_at(deadline, seat.wait()).await {
            Ok(Some(outcome)) => outcome,
            Ok(None) => Err(self.error(ErrorKind::Unavailable, "the call ended without an answer")),
            Err(_) => Err(self.error(ErrorKind::Timeout, "the request's time is up")),
        }
    }

    fn error(&self, kind: ErrorKind, detail: &str) -> LookupError {
        LookupError::new(kind, self.0.source.system(), self.0.source.operation(), detail)
    }

    /// A failed answer is replaced by a kept one as long as the policy and the asker allow.
    fn or_stale(
        &self,
        scoped: &Scoped<S::Group>,
        key: &S::Key,
        want: Want,
        outcome: Outcome<S::Value>,
    ) -> Outcome<S::Value> {
        let Err(error) = outcome else { return outcome };
        if matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::Unsupported) {
            // The system did answer; an older value would hide what it said.
            return Err(error);
        }
        match self.0.store.stale(scoped, key, want) {
            Some(loaded) => {
                self.0.counters.stale.fetch_add(1, Ordering::Relaxed);
                Ok(Some(loaded))
            }
            None => Err(error),
        }
    }

    /// Finds calls under way, and sends calls for the rest. Also says how many keys were under way.
    fn join(
        &self,
        scoped: &Scoped<S::Group>,
        keys: &[S::Key],
        want: Want,
        trace: Option<&Arc<LookupTrace>>,
        call: fn(Instant) -> Call,
    ) -> (Vec<Waiter<S::Value>>, u64) {
        let inner = &self.0;
        let kept = |key: &S::Key| self.current(inner.store.read(scoped, key, want, Instant::now()));
        let boarded = inner
            .flights
            .board(scoped, keys, want, inner.source.max_keys(), trace, kept);
        for batch in boarded.leave_now {
            self.send(scoped.clone(), batch, call);
        }
        if let Some(window) = boarded.start_window {
            self.time_window(scoped.clone(), window);
        }
        (boarded.waiters, boarded.shared)
    }

    fn time_window(&self, scoped: Scoped<S::Group>, window: Window) {
        let loader = self.clone();
        tokio::spawn(async move {
            let inner = &loader.0;
            tokio::time::sleep(inner.policy.batch_window).await;
            for batch in inner
                .flights
                .close_window(&scoped, window, inner.source.max_keys())
            {
                // Whoever joined meanwhile may be waited for.
                loader.send(scoped.clone(), batch, Call::interactive);
            }
        });
    }

    /// One call in a task of its own, so that no asker's leaving can cancel it for the others. It ends by its deadline.
    fn send(&self, scoped: Scoped<S::Group>, departure: Departure<S>, call: fn(Instant) -> Call) {
        let loader = self.clone();
        self.0
            .counters
            .fetched
            .fetch_add(departure.keys.len() as u64, Ordering::Relaxed);
        let traced = departure.leaving();
        tokio::spawn(async move {
            // Frees the keys even if the source panics: then nobody is told, and all waiters hear that the call ended.
            let landing = loader.0.flights.landing(&scoped, &departure);
            let keys = &departure.keys;
            let started = Instant::now();
            let fetched_at = Timestamp::now();
            let deadline = started + loader.0.policy.call_timeout;
            let fetch = loader.0.source.fetch(call(deadline), scoped.group(), keys);
            let (answers, wire) = wire::noted(tokio::time::timeout_at(deadline, fetch)).await;
            let answers = match answers {
                Ok(answers) => answers,
                Err(_) => Err(loader.error(ErrorKind::Timeout, "the call's time is up")),
            };
            for call in traced {
                let failed = answers.as_ref().err().map(LookupError::kind);
                let took = started.elapsed();
                call.end(CallEnd { took, wire, failed });
            }
            let outcomes = loader.outcomes(&scoped, &departure, answers, started, fetched_at);
            landing.deliver(outcomes);
        });
    }

    /// By the departure's keys.
    fn outcomes(
        &self,
        scoped: &Scoped<S::Group>,
        departure: &Departure<S>,
        answers: Result<ByKey<S::Key, S::Value>, LookupError>,
        fetched: Instant,
        fetched_at: Timestamp,
    ) -> Vec<Outcome<S::Value>> {
        let Departure { keys, born, .. } = departure;
        let mut answers = match answers {
            Ok(answers) => answers,
            Err(error) => return vec![Err(error); keys.len()],
        };
        let Inner {
            store,
            source,
            policy,
            ..
        } = &*self.0;
        let outcome = |key| match answers.remove(key) {
            None => {
                store.put_absent(scoped, key, fetched, *born);
                Ok(None)
            }
            Some(Err(error)) => Err(error),
            Some(Ok(value)) => {
                let limits = store.limits(source, policy, scoped, key, &value);
                let loaded = Loaded {
                    value,
                    fetched,
                    fetched_at,
                    state: FreshnessState::Live,
                    fresh_until: limits.fresh_until(fetched),
                };
                store.put(source, limits, scoped, key, &loaded, *born);
                Ok(Some(loaded))
            }
        };
        keys.iter().map(outcome).collect()
    }
}

/// How an answer from the cache counts.
fn hit<V>(outcome: &Outcome<V>) -> Answered {
    match outcome {
        Ok(None) => Answered::Absent,
        _ => Answered::Hit,
    }
}
