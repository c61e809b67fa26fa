//! Places handed out by priority, and within one in the order of asking. A place that is given back goes straight to the
//! next waiter, so nobody who comes later can take it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::port::Priority;

/// A fixed number of places.
pub(super) struct Lanes(Mutex<State>);

struct State {
    /// Above zero only when nobody waits.
    free: usize,
    /// By priority and then by turn: the first entry is the next.
    waiting: BTreeMap<Turn, oneshot::Sender<Place>>,
    turns: u64,
}

type Turn = (Priority, u64);

/// One place; dropped, it goes to the next.
pub(super) struct Place(Option<Arc<Lanes>>);

impl Lanes {
    pub(super) fn new(places: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            free: places,
            waiting: BTreeMap::new(),
            turns: 0,
        })))
    }

    /// Waits for a place. A future that is dropped leaves the queue.
    pub(super) async fn place(self: &Arc<Self>, priority: Priority) -> Place {
        let (turn, receiver) = {
            let mut state = self.lock();
            if state.free > 0 {
                state.free -= 1;
                return Place(Some(Arc::clone(self)));
            }
            state.turns += 1;
            let turn = (priority, state.turns);
            let (sender, receiver) = oneshot::channel();
            state.waiting.insert(turn, sender);
            (turn, receiver)
        };
        let _leaving = Leaving { lanes: self, turn };
        match receiver.await {
            Ok(place) => place,
            // A waiter's other half is only taken out of the queue to be sent a place.
            Err(_) => std::future::pending().await,
        }
    }

    fn hand_on(self: Arc<Self>) {
        let mut lanes = self;
        loop {
            let next = {
                let mut state = lanes.lock();
                let Some((_, next)) = state.waiting.pop_first() else {
                    state.free += 1;
                    return;
                };
                next
            };
            // Outside the lock: a waiter who goes away at this moment drops the place, which takes the lock.
            match next.send(Place(Some(lanes))) {
                Ok(()) => return,
                Err(mut unwanted) => match unwanted.0.take() {
                    Some(back) => lanes = back,
                    None => return,
                },
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(lanes) = self.0.take() {
            lanes.hand_on();
        }
    }
}

/// Takes a waiter out of the queue that no longer waits.
struct Leaving<'a> {
    lanes: &'a Lanes,
    turn: Turn,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.lanes.lock().waiting.remove(&self.turn);
    }
}
