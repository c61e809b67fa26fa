//! The gate: at most so many calls in flight, and a queue before it that is bounded by time. Checkout calls go first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::door::fault::Fault;
use crate::door::lanes::{Lanes, Place};
use crate::error::ErrorKind;
use crate::port::Priority;

pub(crate) struct Gate {
    lanes: Arc<Lanes>,
    concurrency: usize,
    queue_timeout: Duration,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    in_flight: AtomicUsize,
    peak_in_flight: AtomicUsize,
    queued: AtomicUsize,
    rejections: AtomicU64,
}

/// A place in flight; given back when dropped, also by a cancelled call.
pub(crate) struct Pass {
    counts: Arc<Counts>,
    _place: Place,
}

impl Gate {
    pub(crate) fn new(concurrency: usize, queue_timeout: Duration) -> Self {
        Self {
            lanes: Lanes::new(concurrency),
            concurrency,
            queue_timeout,
            counts: Arc::default(),
        }
    }

    /// Waits for a place as long as the queue allows: first come first served within a priority.
    pub(crate) async fn enter(&self, deadline: Instant, priority: Priority) -> Result<Pass, Fault> {
        self.enter_until(deadline.min(Instant::now() + self.queue_timeout), priority)
            .await
    }

    /// Waits for a place until the given moment.
    pub(crate) async fn enter_until(&self, until: Instant, priority: Priority) -> Result<Pass, Fault> {
        let queued = Queued::join(&self.counts);
        let place = timeout_at(until, self.lanes.place(priority)).await;
        drop(queued);
        let Ok(place) = place else {
            self.counts.rejections.fetch_add(1, Ordering::Relaxed);
            return Err(Fault::new(
                ErrorKind::Overloaded,
                "waited too long for one of the system's places",
            ));
        };
        let now = self.counts.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.counts.peak_in_flight.fetch_max(now, Ordering::Relaxed);
        Ok(Pass {
            counts: Arc::clone(&self.counts),
            _place: place,
        })
    }

    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.counts.in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn peak_in_flight(&self) -> usize {
        self.counts.peak_in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn queued(&self) -> usize {
        self.counts.queued.load(Ordering::Relaxed)
    }

    pub(crate) fn rejections(&self) -> u64 {
        self.counts.rejections.load(Ordering::Relaxed)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        // Counted before the place goes back, so that `in_flight` never exceeds the bound.
        self.counts.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts a waiter for as long as it waits, also when its future is dropped.
struct Queued(Arc<Counts>);

impl Queued {
    fn join(counts: &Arc<Counts>) -> Self {
        counts.queued.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(counts))
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, Ordering::Relaxed);
    }
}
