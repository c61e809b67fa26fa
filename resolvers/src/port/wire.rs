//! What a call comes to at the door, told to who made the call.
//!
//! It is noted in the call's task and not in its `Call`: every connector hands that on, and none needs to know of this.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

tokio::task_local! {
    static WIRE: Cell<Wire>;
}

/// What a call came to at the door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wire {
    /// HTTP requests that were sent: pages count each, and none is sent for what a connector has at hand.
    pub requests: u32,
    /// How long they waited for a place among those in flight, in all.
    pub queued: Duration,
}

/// Runs a call and says what it came to.
pub(crate) async fn noted<T>(call: impl Future<Output = T>) -> (T, Wire) {
    let within = async {
        let result = call.await;
        (result, WIRE.with(Cell::get))
    };
    WIRE.scope(Cell::default(), within).await
}

/// Notes that a request waited for its place, and whether it got it.
pub(crate) fn note(queued: Duration, is_sent: bool) {
    let add = |wire: Wire| Wire {
        requests: wire.requests + u32::from(is_sent),
        queued: wire.queued + queued,
    };
    // Nobody may be listening: a checkout's call, or one of a start-up check.
    let _ = WIRE.try_with(|wire| wire.set(add(wire.get())));
}
