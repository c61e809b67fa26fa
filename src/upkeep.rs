//! Checkout's upkeep: orders in doubt are settled, ended holds given back, what replicas hold is read, old keys are removed.
//!
//! Each kind has a loop of its own, which never begins a round before the last one has ended. A round that fails is
//! logged and counted, and the next one comes all the same.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rand::RngExt;
use skuery_resolvers::commerce::till::{Round, Till};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How often orders and holds are looked at, and what other replicas hold is read.
const EVERY_SECOND: Duration = Duration::from_secs(1);
/// How often what is old is removed.
const EVERY_HOUR: Duration = Duration::from_hours(1);
/// Rounds come up to this many percent earlier or later, so that replicas do not all come at once.
const JITTER_PERCENT: u32 = 20;

/// The loops of one gateway.
pub struct Upkeep {
    loops: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// When the next round is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// There may be more to do.
    AtOnce,
    Later,
}

impl Upkeep {
    /// Starts the loops, each with a round at once: what a crash has left is settled before anything else.
    pub fn start(till: Arc<Till>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut loops = JoinSet::new();
        loops.spawn(repeat(EVERY_SECOND, stopped.clone(), {
            let till = till.clone();
            move || counted(&till, |till| &till.rounds().orders, "orders in doubt", work)
        }));
        loops.spawn(repeat(EVERY_SECOND, stopped.clone(), {
            let till = till.clone();
            move || counted(&till, |till| &till.rounds().leases, "what is held", renew_leases)
        }));
        loops.spawn(repeat(EVERY_HOUR, stopped, move || {
            counted(
                &till,
                |till| &till.rounds().retention,
                "removing what is old",
                remove_old,
            )
        }));
        Self { loops, stop }
    }

    /// Ends the loops, rounds under way first. What a round cannot finish in time the next process does.
    pub async fn end(mut self, grace: Duration) {
        let _ = self.stop.send(true);
        let ended = async { while self.loops.join_next().await.is_some() {} };
        if timeout(grace, ended).await.is_err() {
            tracing::warn!("checkout's upkeep was still under way when the grace time ended");
        }
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn work(till: Arc<Till>) -> Result<Next, Failure> {
    let worked = till.work(Timestamp::now()).await?;
    Ok(match worked.is_full() {
        true => Next::AtOnce,
        false => Next::Later,
    })
}

async fn renew_leases(till: Arc<Till>) -> Result<Next, Failure> {
    till.renew_leases(Timestamp::now()).await?;
    Ok(Next::Later)
}

async fn remove_old(till: Arc<Till>) -> Result<Next, Failure> {
    let removed = till.remove_old(Timestamp::now()).await?;
    if removed.attempts + removed.holds > 0 {
        tracing::info!(
            keys = removed.attempts,
            holds = removed.holds,
            "removed what is old"
        );
    }
    Ok(Next::Later)
}

/// One round in a task of its own, so that a fault in it does not end the loop.
fn counted<F>(
    till: &Arc<Till>,
    counters: fn(&Till) -> &Round,
    what: &'static str,
    round: fn(Arc<Till>) -> F,
) -> impl Future<Output = Next> + use<F>
where
    F: Future<Output = Result<Next, Failure>> + Send + 'static,
{
    let till = till.clone();
    async move {
        let result = contained(round(till.clone())).await;
        counters(&till).count(&result);
        result.unwrap_or_else(|error| {
            tracing::warn!(%error, "checkout's upkeep failed: {what}");
            Next::Later
        })
    }
}

async fn contained<F>(round: F) -> Result<Next, Failure>
where
    F: Future<Output = Result<Next, Failure>> + Send + 'static,
{
    tokio::spawn(round)
        .await
        .unwrap_or_else(|broken| Err(broken.into()))
}

/// Rounds, one after the other, until it is told to stop; a round under way is finished.
async fn repeat<F>(period: Duration, mut stop: watch::Receiver<bool>, round: impl Fn() -> F)
where
    F: Future<Output = Next>,
{
    while !*stop.borrow_and_update() {
        let pause = match round().await {
            Next::AtOnce => Duration::ZERO,
            Next::Later => jittered(period),
        };
        tokio::select! {
            () = sleep(pause) => {}
            // An error means that whoever could say so has gone.
            _ = stop.changed() => return,
        }
    }
}

fn jittered(period: Duration) -> Duration {
    period * rand::rng().random_range(100 - JITTER_PERCENT..=100 + JITTER_PERCENT) / 100
}

#[cfg(test)]
mod tests;
