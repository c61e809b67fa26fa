//! What ends an answer that would go on: the sender's token, and the server.

use std::future::pending;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// The instant of a time on the wall clock; `None` is beyond what the clock can count.
pub(super) fn ends(expires: Timestamp) -> Option<Instant> {
    let left = expires.duration_since(Timestamp::now());
    Instant::now().checked_add(left.try_into().unwrap_or_default())
}

pub(super) async fn until(limit: Option<Instant>) {
    match limit {
        Some(limit) => sleep_until(limit).await,
        None => pending().await,
    }
}

pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A server that is gone has stopped, too.
    let _ = stop.wait_for(|is_stopping| *is_stopping).await;
}
