//! What a subscriber has not been told yet: the numbers of what it watches, each at most once.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// However slow its reader is, it holds each slot at most once: a reader that falls behind is told the latest state.
#[derive(Debug)]
pub(crate) struct Mailbox {
    posted: Mutex<Posted>,
    arrived: Notify,
}

#[derive(Debug)]
struct Posted {
    order: VecDeque<usize>,
    /// By slot: whether it is in `order`.
    waiting: Vec<bool>,
}

impl Mailbox {
    /// With everything to tell, in order.
    pub(crate) fn full(slots: usize) -> Self {
        Self {
            posted: Mutex::new(Posted {
                order: (0..slots).collect(),
                waiting: vec![true; slots],
            }),
            arrived: Notify::new(),
        }
    }

    /// Notes that there is something to tell of this slot.
    pub(crate) fn post(&self, slot: usize) {
        let mut posted = self.posted.lock().unwrap_or_else(PoisonError::into_inner);
        match posted.waiting.get_mut(slot) {
            Some(waiting) if !*waiting => *waiting = true,
            _ => return,
        }
        posted.order.push_back(slot);
        drop(posted);
        self.arrived.notify_one();
    }

    /// Waits for something to tell; what is posted again from now on is told again. For one reader.
    pub(crate) async fn take(&self) -> usize {
        loop {
            if let Some(slot) = self.next() {
                return slot;
            }
            self.arrived.notified().await;
        }
    }

    fn next(&self) -> Option<usize> {
        let mut posted = self.posted.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = posted.order.pop_front()?;
        posted.waiting[slot] = false;
        Some(slot)
    }
}
