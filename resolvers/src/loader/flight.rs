//! Calls under way: equal keys share one, and keys that wait for company leave together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

use crate::loader::{Outcome, Scoped, Source, Want};

type Seat<V> = watch::Receiver<Option<Outcome<V>>>;

/// Waits for one key's answer. Dropping it disturbs nobody.
pub(crate) struct Waiter<V>(Seat<V>);

impl<V: Clone> Waiter<V> {
    /// `None` when the call ended without delivering, which only a panic in a source can cause.
    pub(crate) async fn answer(mut self) -> Option<Outcome<V>> {
        let landed = self.0.wait_for(Option::is_some).await.ok()?;
        landed.clone()
    }
}

/// What boarding came to.
pub(crate) struct Boarded<S: Source> {
    /// One per key, in order.
    pub(crate) waiters: Vec<Waiter<S::Value>>,
    /// Calls to send at once, each within the source's limit.
    pub(crate) leave_now: Vec<Departure<S>>,
    /// Whether keys were left waiting and a window must be timed for them.
    pub(crate) start_window: bool,
    /// How many keys were already under way.
    pub(crate) shared: u64,
}

type Sender<S> = Arc<watch::Sender<Option<Outcome<<S as Source>::Value>>>>;

/// The keys of one call, with those to be told.
pub(crate) struct Departure<S: Source> {
    /// What the call asks for.
    pub(crate) keys: Vec<S::Key>,
    senders: Vec<Sender<S>>,
}

struct Flight<S: Source> {
    /// When its keys were taken: its answer is at least as new as this.
    boarded: Instant,
    sender: Sender<S>,
    departed: bool,
}

struct State<S: Source> {
    flights: HashMap<(Scoped<S::Group>, S::Key), Flight<S>>,
    waiting: HashMap<Scoped<S::Group>, Vec<S::Key>>,
    calls: usize,
}

/// All calls under way of one source. The lock is only held to look up and note, never across an await.
pub(crate) struct Flights<S: Source>(Mutex<State<S>>);

impl<S: Source> Flights<S> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State {
            flights: HashMap::new(),
            waiting: HashMap::new(),
            calls: 0,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds a flight for every key. While no call of the source is under way, keys leave at once; otherwise they wait a
    /// short window for others of the same scope and group, and leave early when a call is full.
    pub(crate) fn board(
        &self,
        scoped: &Scoped<S::Group>,
        keys: &[S::Key],
        want: Want,
        max_keys: usize,
    ) -> Boarded<S> {
        let now = Instant::now();
        let mut state = self.lock();
        let mut boarded = Boarded {
            waiters: Vec::with_capacity(keys.len()),
            leave_now: Vec::new(),
            start_window: false,
            shared: 0,
        };
        let mut new = Vec::new();
        for key in keys {
            let at = (scoped.clone(), key.clone());
            if let Some(flight) = state.flights.get(&at).filter(|flight| flight.serves(now, want)) {
                boarded.waiters.push(Waiter(flight.sender.subscribe()));
                boarded.shared += 1;
                continue;
            }
            let (sender, receiver) = watch::channel(None);
            boarded.waiters.push(Waiter(receiver));
            state.flights.insert(
                at,
                Flight {
                    boarded: now,
                    sender: Arc::new(sender),
                    departed: false,
                },
            );
            new.push(key.clone());
        }
        if new.is_empty() {
            return boarded;
        }
        if state.calls == 0 {
            boarded.leave_now = state.depart(scoped, new, max_keys);
            return boarded;
        }
        let waiting = state.waiting.entry(scoped.clone()).or_default();
        boarded.start_window = waiting.is_empty();
        waiting.extend(new);
        if waiting.len() >= max_keys {
            let keys = std::mem::take(waiting);
            let full = keys.len() / max_keys * max_keys;
            let rest = keys[full..].to_vec();
            let leaving = keys[..full].to_vec();
            boarded.leave_now = state.depart(scoped, leaving, max_keys);
            match rest.is_empty() {
                true => drop(state.waiting.remove(scoped)),
                false => drop(state.waiting.insert(scoped.clone(), rest)),
            }
        }
        boarded
    }

    /// Ends a window: whoever still waits leaves.
    pub(crate) fn close_window(&self, scoped: &Scoped<S::Group>, max_keys: usize) -> Vec<Departure<S>> {
        let mut state = self.lock();
        match state.waiting.remove(scoped) {
            Some(keys) => state.depart(scoped, keys, max_keys),
            None => Vec::new(),
        }
    }

    /// Watches over a departed call: when the returned value is delivered or dropped, the call is over.
    pub(crate) fn landing<'a>(
        &'a self,
        scoped: &'a Scoped<S::Group>,
        departure: &'a Departure<S>,
    ) -> Landing<'a, S> {
        Landing {
            flights: self,
            scoped,
            departure,
        }
    }
}

impl<S: Source> Flight<S> {
    /// A flight that left before the asker's oldest acceptable moment may bring too old an answer.
    fn serves(&self, now: Instant, want: Want) -> bool {
        !self.departed
            || want
                .max_age
                .is_none_or(|max_age| now.duration_since(self.boarded) <= max_age && !max_age.is_zero())
    }
}

impl<S: Source> State<S> {
    fn depart(&mut self, scoped: &Scoped<S::Group>, keys: Vec<S::Key>, max_keys: usize) -> Vec<Departure<S>> {
        let mut departures = Vec::new();
        for keys in keys.chunks(max_keys.max(1)) {
            let mut departure = Departure {
                keys: Vec::with_capacity(keys.len()),
                senders: Vec::with_capacity(keys.len()),
            };
            for key in keys {
                // A flight that has not departed is never replaced, so it is there.
                if let Some(flight) = self.flights.get_mut(&(scoped.clone(), key.clone())) {
                    flight.departed = true;
                    departure.keys.push(key.clone());
                    departure.senders.push(flight.sender.clone());
                }
            }
            departures.push(departure);
        }
        self.calls += departures.len();
        departures
    }
}

/// A call's end: every key's waiters hear of it, whatever happened.
pub(crate) struct Landing<'a, S: Source> {
    flights: &'a Flights<S>,
    scoped: &'a Scoped<S::Group>,
    departure: &'a Departure<S>,
}

impl<S: Source> Landing<'_, S> {
    pub(crate) fn deliver(self, mut outcomes: HashMap<S::Key, Outcome<S::Value>>) {
        for (key, sender) in self.departure.keys.iter().zip(&self.departure.senders) {
            if let Some(outcome) = outcomes.remove(key) {
                sender.send_replace(Some(outcome));
            }
        }
    }
}

impl<S: Source> Drop for Landing<'_, S> {
    fn drop(&mut self) {
        let mut state = self.flights.lock();
        state.calls = state.calls.saturating_sub(1);
        for (key, sender) in self.departure.keys.iter().zip(&self.departure.senders) {
            let at = (self.scoped.clone(), key.clone());
            // A newer flight for the same key may have taken the place.
            if state
                .flights
                .get(&at)
                .is_some_and(|flight| Arc::ptr_eq(&flight.sender, sender))
            {
                state.flights.remove(&at);
            }
        }
    }
}
