//! How the mutations ended: counted for metrics, and before their answer goes out, what they hold is on the board.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use skuery_schema::checkout::{PlaceOrderPayload, ReleaseCheckoutPayload, UserError, VerifyCheckoutPayload};
use tokio::time::timeout;

use crate::checkout::desk::{CheckoutDesk, Context, Served};
use crate::checkout::input::{PlaceInput, VerifyInput};
use crate::commerce::leases::LeaseBoard;

/// How long an answer may wait for the board at most.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often each operation ended how.
#[derive(Debug, Default)]
pub struct Tally(Mutex<BTreeMap<(&'static str, &'static str), u64>>);

impl Tally {
    /// Operation, outcome and count. An outcome is the answer's own word, or the code of its first error.
    pub fn counts(&self) -> Vec<(&'static str, &'static str, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = counts.iter();
        counts
            .map(|((operation, outcome), count)| (*operation, *outcome, *count))
            .collect()
    }

    fn count(&self, operation: &'static str, outcome: &'static str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((operation, outcome)).or_default() += 1;
    }
}

/// A desk whose calls are counted.
pub(crate) struct Counted {
    pub(crate) desk: Arc<dyn CheckoutDesk>,
    pub(crate) board: Arc<LeaseBoard>,
    pub(crate) tally: Arc<Tally>,
}

impl Counted {
    /// Who asks for availability after this answer sees what it holds. When the ledger fails now, the answer stands all
    /// the same, and the board follows with the next reading.
    async fn done(&self, operation: &'static str, outcome: &'static str) {
        self.tally.count(operation, outcome);
        match timeout(PATIENCE, self.board.catch_up(Timestamp::now())).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "what is held cannot be read"),
            Err(_) => tracing::warn!("what is held cannot be read in time"),
        }
    }
}

impl CheckoutDesk for Counted {
    fn verify<'a>(&'a self, context: &'a Context, input: VerifyInput) -> Served<'a, VerifyCheckoutPayload> {
        Box::pin(async move {
            let payload = self.desk.verify(context, input).await;
            self.done("verify", verified(&payload)).await;
            payload
        })
    }

    fn extend<'a>(
        &'a self,
        context: &'a Context,
        token: &'a str,
        seconds: Option<i32>,
    ) -> Served<'a, VerifyCheckoutPayload> {
        Box::pin(async move {
            let payload = self.desk.extend(context, token, seconds).await;
            self.done("extend", verified(&payload)).await;
            payload
        })
    }

    fn release<'a>(&'a self, context: &'a Context, token: &'a str) -> Served<'a, ReleaseCheckoutPayload> {
        Box::pin(async move {
            let payload = self.desk.release(context, token).await;
            self.done("release", released(&payload)).await;
            payload
        })
    }

    fn place<'a>(&'a self, context: &'a Context, input: PlaceInput) -> Served<'a, PlaceOrderPayload> {
        Box::pin(async move {
            let payload = self.desk.place(context, input).await;
            self.done("place", placed(&payload)).await;
            payload
        })
    }
}

fn verified(payload: &VerifyCheckoutPayload) -> &'static str {
    match &payload.verification {
        Some(verification) => verification.outcome.name(),
        None => code(&payload.user_errors),
    }
}

fn released(payload: &ReleaseCheckoutPayload) -> &'static str {
    match (payload.released, payload.user_errors.is_empty()) {
        (true, _) => "RELEASED",
        (false, true) => "NOTHING_HELD",
        (false, false) => code(&payload.user_errors),
    }
}

fn placed(payload: &PlaceOrderPayload) -> &'static str {
    match &payload.placement {
        Some(placement) => placement.state.name(),
        None => code(&payload.user_errors),
    }
}

fn code(errors: &[UserError]) -> &'static str {
    errors.first().map_or("NONE", |error| error.code.name())
}
