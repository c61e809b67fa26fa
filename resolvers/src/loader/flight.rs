//! Calls under way: equal keys share one, and keys that wait for company leave together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::{HashMap, HashMapExt};
use tokio::time::Instant;

use crate::loader::forgotten::{Born, Forgotten};
use crate::loader::seat::{Seat, Seats};
use crate::loader::trace::{LookupTrace, TracedCall};
use crate::loader::{Outcome, Scoped, Source, Want};

/// What becomes of one key. Dropping it disturbs nobody.
pub(crate) enum Waiter<V> {
    /// Its answer had just landed.
    Kept(Outcome<V>),
    /// Its call is under way.
    Seated(Seat<V>, From),
}

/// Where an awaited answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// It had just landed.
    Kept,
    /// Of a call that somebody else had asked for.
    Shared,
    /// Of a call of its own.
    Own,
}

/// What boarding came to.
pub(crate) struct Boarded<S: Source> {
    /// One per key, in order.
    pub(crate) waiters: Vec<Waiter<S::Value>>,
    /// Calls to send at once, each within the source's limit.
    pub(crate) leave_now: Vec<Departure<S>>,
    /// The window that must be timed for the keys left waiting, unless that is done already.
    pub(crate) start_window: Option<Window>,
    /// How many keys were already under way.
    pub(crate) shared: u64,
}

/// The keys of one call, with those to be told.
pub(crate) struct Departure<S: Source> {
    /// What the call asks for.
    pub(crate) keys: Vec<S::Key>,
    /// What is forgotten from now on, this call does not know yet.
    pub(crate) born: Born,
    seats: Vec<Seat<S::Value>>,
    /// Who wants to be told of it, with how many of the keys.
    traces: Vec<(Arc<LookupTrace>, usize)>,
}

impl<S: Source> Departure<S> {
    /// One of the keys is of a question that is traced.
    fn count(&mut self, trace: Arc<LookupTrace>) {
        match self
            .traces
            .iter_mut()
            .find(|(known, _)| Arc::ptr_eq(known, &trace))
        {
            Some((_, own)) => *own += 1,
            None => self.traces.push((trace, 1)),
        }
    }

    /// Tells that the call leaves; whoever is returned hears how it ended.
    pub(crate) fn leaving(&self) -> Vec<TracedCall> {
        let begin = |(trace, own): &(Arc<LookupTrace>, usize)| trace.begin(self.keys.len(), *own);
        self.traces.iter().map(begin).collect()
    }
}

struct Flight<S: Source> {
    /// When its keys were taken: its answer is at least as new as this.
    boarded: Instant,
    seat: Seat<S::Value>,
    /// Set when it departs.
    departed: Option<Born>,
    /// Who wants to be told of the call.
    trace: Option<Arc<LookupTrace>>,
}

/// Names one window, so that the end of an earlier one does not cut short a later one of the same scope and group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window(u64);

struct Waiting<S: Source> {
    window: Window,
    keys: Vec<S::Key>,
}

type Place<S> = (Scoped<<S as Source>::Group>, <S as Source>::Key);

struct State<S: Source> {
    flights: HashMap<Place<S>, Flight<S>>,
    waiting: HashMap<Scoped<S::Group>, Waiting<S>>,
    windows: u64,
    calls: usize,
}

/// All calls under way of one source. The lock is only held to look up and note, never across an await.
pub(crate) struct Flights<S: Source> {
    state: Mutex<State<S>>,
    forgotten: Arc<Forgotten>,
}

impl<S: Source> Flights<S> {
    pub(crate) fn new(forgotten: Arc<Forgotten>) -> Self {
        Self {
            state: Mutex::new(State {
                flights: HashMap::new(),
                waiting: HashMap::new(),
                windows: 0,
                calls: 0,
            }),
            forgotten,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds a flight for every key. While no call of the source is under way, keys leave at once; otherwise they wait a
    /// short window for others of the same scope and group, and leave early when a call is full.
    ///
    /// `kept` is asked for keys without a flight: one that landed just now has left its answer there.
    pub(crate) fn board(
        &self,
        scoped: &Scoped<S::Group>,
        keys: &[S::Key],
        want: Want,
        max_keys: usize,
        trace: Option<&Arc<LookupTrace>>,
        kept: impl Fn(&S::Key) -> Option<Outcome<S::Value>>,
    ) -> Boarded<S> {
        let now = Instant::now();
        let mut state = self.lock();
        let mut boarded = Boarded {
            waiters: Vec::with_capacity(keys.len()),
            leave_now: Vec::new(),
            start_window: None,
            shared: 0,
        };
        let mut new = Vec::new();
        let mut seats = Seats::new(keys.len());
        for key in keys {
            let at = (scoped.clone(), key.clone());
            let is_current = |born| !self.forgotten.is_dead(born, scoped.scope(), key);
            let flight = state.flights.get(&at);
            if let Some(flight) = flight.filter(|flight| flight.serves(now, want, is_current)) {
                boarded
                    .waiters
                    .push(Waiter::Seated(flight.seat.clone(), From::Shared));
                boarded.shared += 1;
                continue;
            }
            if let Some(outcome) = kept(key) {
                boarded.waiters.push(Waiter::Kept(outcome));
                continue;
            }
            let seat = seats.take();
            boarded.waiters.push(Waiter::Seated(seat.clone(), From::Own));
            let flight = Flight {
                boarded: now,
                seat,
                departed: None,
                trace: trace.cloned(),
            };
            state.flights.insert(at, flight);
            new.push(key.clone());
        }
        if !new.is_empty() {
            (boarded.leave_now, boarded.start_window) =
                state.queue(scoped, new, max_keys.max(1), &self.forgotten);
        }
        boarded
    }

    /// Ends a window: whoever still waits leaves.
    pub(crate) fn close_window(
        &self,
        scoped: &Scoped<S::Group>,
        window: Window,
        max_keys: usize,
    ) -> Vec<Departure<S>> {
        let mut state = self.lock();
        if state
            .waiting
            .get(scoped)
            .is_none_or(|waiting| waiting.window != window)
        {
            return Vec::new();
        }
        let keys = state.take_waiting(scoped);
        state.depart(scoped, keys, max_keys, self.forgotten.born())
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
    /// A flight that left before the asker's oldest acceptable moment, or before its key was forgotten, may bring too old
    /// an answer.
    fn serves(&self, now: Instant, want: Want, is_current: impl FnOnce(Born) -> bool) -> bool {
        let Some(born) = self.departed else { return true };
        let in_time = want
            .max_age
            .is_none_or(|max_age| now.duration_since(self.boarded) <= max_age && !max_age.is_zero());
        in_time && is_current(born)
    }
}

impl<S: Source> State<S> {
    /// Decides which keys leave now, and whether a new window begins for those that wait.
    fn queue(
        &mut self,
        scoped: &Scoped<S::Group>,
        new: Vec<S::Key>,
        max_keys: usize,
        forgotten: &Forgotten,
    ) -> (Vec<Departure<S>>, Option<Window>) {
        let born = forgotten.born();
        if self.calls == 0 {
            let mut keys = self.take_waiting(scoped);
            keys.extend(new);
            return (self.depart(scoped, keys, max_keys, born), None);
        }
        let earlier = self.waiting.remove(scoped);
        let is_timed = earlier.is_some();
        let mut waiting = earlier.unwrap_or_else(|| {
            self.windows += 1;
            Waiting {
                window: Window(self.windows),
                keys: Vec::new(),
            }
        });
        waiting.keys.extend(new);
        let rest = waiting.keys.split_off(waiting.keys.len() / max_keys * max_keys);
        let leaving = self.depart(scoped, std::mem::replace(&mut waiting.keys, rest), max_keys, born);
        if waiting.keys.is_empty() {
            return (leaving, None);
        }
        let window = waiting.window;
        self.waiting.insert(scoped.clone(), waiting);
        (leaving, (!is_timed).then_some(window))
    }

    fn take_waiting(&mut self, scoped: &Scoped<S::Group>) -> Vec<S::Key> {
        self.waiting
            .remove(scoped)
            .map(|waiting| waiting.keys)
            .unwrap_or_default()
    }

    fn depart(
        &mut self,
        scoped: &Scoped<S::Group>,
        keys: Vec<S::Key>,
        max_keys: usize,
        born: Born,
    ) -> Vec<Departure<S>> {
        let mut departures = Vec::new();
        for keys in keys.chunks(max_keys.max(1)) {
            let mut departure = Departure {
                keys: Vec::with_capacity(keys.len()),
                born,
                seats: Vec::with_capacity(keys.len()),
                traces: Vec::new(),
            };
            for key in keys {
                // A flight that has not departed is never replaced, so it is there.
                if let Some(flight) = self.flights.get_mut(&(scoped.clone(), key.clone())) {
                    flight.departed = Some(born);
                    departure.keys.push(key.clone());
                    departure.seats.push(flight.seat.clone());
                    if let Some(trace) = flight.trace.take() {
                        departure.count(trace);
                    }
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
    /// `outcomes` are those of the departure's keys, in their order.
    pub(crate) fn deliver(self, outcomes: Vec<Outcome<S::Value>>) {
        for (seat, outcome) in self.departure.seats.iter().zip(outcomes) {
            seat.settle(Some(outcome));
        }
        // Those who wait are called when this ends: the flights are gone then, and the answers are in the cache.
    }
}

impl<S: Source> Drop for Landing<'_, S> {
    fn drop(&mut self) {
        let mut state = self.flights.lock();
        state.calls = state.calls.saturating_sub(1);
        for (key, seat) in self.departure.keys.iter().zip(&self.departure.seats) {
            let at = (self.scoped.clone(), key.clone());
            // A newer flight for the same key may have taken the place.
            if state.flights.get(&at).is_some_and(|flight| flight.seat.is(seat)) {
                state.flights.remove(&at);
            }
        }
    }
}

impl<S: Source> Drop for Departure<S> {
    /// A call that ends without an answer, or is never made, is told to those who wait, too.
    fn drop(&mut self) {
        for seat in &self.seats {
            seat.settle(None);
        }
        Seat::call(&self.seats);
    }
}
