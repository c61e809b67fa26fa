//! What happens on one connection, and whether it takes too long: the time-outs of a connection are all here.
//!
//! hyper's only time-out is one for a request's head, which runs while a connection is idle as well, and hyper would wait
//! for ever for a client that takes nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::greeting::Protocol;
use super::limits::Limits;
use crate::front::process::End;

/// What happens on one connection. The lock is held for a few instructions, never across an await.
pub(super) struct Activity(Mutex<State>);

struct State {
    protocol: Protocol,
    /// Requests whose answers have not been handed over whole.
    running: usize,
    /// Since when there is no request; on HTTP/1 also when the last piece of an answer was taken.
    quiet: Instant,
    /// Since when a request's head is awaited or received. Frames of HTTP/2 tell nothing of that.
    head: Option<Instant>,
    /// Since when the client takes nothing.
    blocked: Option<Instant>,
    /// Answers of which nobody has come for the next piece since.
    given: HashMap<u64, Instant>,
    last: u64,
    finished: u64,
    broken_off: u64,
    /// Since when it is to end with what is in progress.
    ending: Option<Instant>,
}

/// What a look at a connection shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// All is well; the next look is due then.
    Well(Instant),
    /// Nothing has been asked for long: it is to end with what may still come.
    Idle,
    /// It is to end at once.
    Over(End),
}

impl Activity {
    pub(super) fn new(protocol: Protocol) -> Arc<Self> {
        let now = Instant::now();
        Arc::new(Self(Mutex::new(State {
            protocol,
            running: 0,
            quiet: now,
            head: (protocol == Protocol::Http1).then_some(now),
            blocked: None,
            given: HashMap::new(),
            last: 0,
            finished: 0,
            broken_off: 0,
            ending: None,
        })))
    }

    /// The client has said something.
    pub(super) fn heard(&self) {
        let mut state = self.state();
        if state.protocol == Protocol::Http1 && state.running == 0 && state.head.is_none() {
            state.head = Some(Instant::now());
        }
    }

    /// The client has taken something.
    pub(super) fn taken(&self) {
        let mut state = self.state();
        state.blocked = None;
        if state.protocol == Protocol::Http1 && state.running == 0 {
            // The rest of an answer, before which no further request is read.
            let now = Instant::now();
            state.quiet = now;
            state.head = state.head.map(|_| now);
        }
    }

    /// Nothing waits for the client.
    pub(super) fn flushed(&self) {
        self.state().blocked = None;
    }

    /// The client takes nothing at the moment.
    pub(super) fn blocked(&self) {
        self.state().blocked.get_or_insert_with(Instant::now);
    }

    /// A request has come; it runs as long as what is returned is kept.
    pub(super) fn begin(self: &Arc<Self>) -> Running {
        let mut state = self.state();
        state.running += 1;
        state.head = None;
        state.last += 1;
        Running {
            activity: self.clone(),
            number: state.last,
            is_finished: false,
        }
    }

    /// It is to end with what is in progress. Says whether that must be done to it: a request whose head is under way is
    /// answered with the word that the connection ends, and would be lost otherwise.
    pub(super) fn end(&self) -> bool {
        let mut state = self.state();
        state.ending.get_or_insert_with(Instant::now);
        state.head.is_none()
    }

    /// Whether the client breaks off so many requests that it can only mean harm.
    pub(super) fn is_abused(&self, limits: &Limits) -> bool {
        let state = self.state();
        state.protocol == Protocol::Http2 && state.broken_off > state.finished + limits.http2.broken_off
    }

    /// Whether anything takes too long.
    pub(super) fn look(&self, limits: &Limits) -> Look {
        let now = Instant::now();
        let state = self.state();
        let stalled = state.blocked.iter().chain(state.given.values()).min();
        let stalled = stalled.map(|since| (*since + limits.write, Look::Over(End::WriteTimeout)));
        let quiet = (state.running == 0).then(|| match (state.head, state.ending) {
            (Some(head), _) => (head + limits.header, Look::Over(End::HeaderTimeout)),
            (None, Some(ending)) => (ending.max(state.quiet) + limits.write, Look::Over(End::Idle)),
            (None, None) => (state.quiet + limits.idle, Look::Idle),
        });
        let mut next = now + limits.shortest();
        for (due, look) in [stalled, quiet].into_iter().flatten() {
            if due <= now {
                return look;
            }
            next = next.min(due);
        }
        Look::Well(next)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request, until its answer is handed over or it is broken off.
pub(super) struct Running {
    activity: Arc<Activity>,
    number: u64,
    is_finished: bool,
}

impl Running {
    /// A piece of the answer was handed over: somebody has to come for the next.
    pub(super) fn given(&self) {
        self.activity.state().given.insert(self.number, Instant::now());
    }

    /// Somebody has come for the next piece.
    pub(super) fn asked(&self) {
        self.activity.state().given.remove(&self.number);
    }

    /// There is no further piece.
    pub(super) fn finish(&mut self) {
        self.is_finished = true;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.activity.state();
        state.given.remove(&self.number);
        state.running -= 1;
        state.quiet = Instant::now();
        match self.is_finished {
            true => state.finished += 1,
            false => state.broken_off += 1,
        }
    }
}

#[cfg(test)]
mod tests;
