//! Checkout as part of a gateway: the service itself, the board of what it holds, and how its calls went.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::checkout::desk::CheckoutDesk;
use crate::checkout::ledger::{Ledger, LedgerError, Removed};
use crate::checkout::{Checkout, CheckoutParts, Worked};
use crate::commerce::changes::Forgetting;
use crate::commerce::gateway::CheckoutPlan;
use crate::commerce::leases::{LeaseBoard, Reader};
use crate::commerce::sources::Loaders;
use crate::commerce::tally::{Counted, Tally};

/// Checkout of one gateway.
pub struct Till {
    checkout: Arc<Checkout>,
    ledger: Arc<dyn Ledger>,
    board: Arc<LeaseBoard>,
    tally: Arc<Tally>,
    retention: Duration,
    rounds: Rounds,
}

/// How often upkeep went well, and how often it did not.
#[derive(Debug, Default)]
pub struct Rounds {
    /// Of the worker, which settles orders and gives holds back.
    pub orders: Round,
    /// Of reading what all replicas hold.
    pub leases: Round,
    /// Of removing what is old.
    pub retention: Round,
}

/// How often one kind of upkeep went well, and how often it did not.
#[derive(Debug, Default)]
pub struct Round {
    /// Rounds that came to their end.
    pub ok: AtomicU64,
    /// Rounds that the ledger, or a fault of ours, broke off.
    pub errors: AtomicU64,
    /// Whether the last round was one of these.
    is_failing: AtomicBool,
}

impl Round {
    /// Counts a round by its result.
    pub fn count<T, E>(&self, result: &Result<T, E>) {
        let counter = match result {
            Ok(_) => &self.ok,
            Err(_) => &self.errors,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        self.is_failing.store(result.is_err(), Ordering::Relaxed);
    }
}

impl Till {
    pub(crate) fn new(plan: CheckoutPlan, loaders: &Arc<Loaders>) -> Self {
        let CheckoutPlan {
            ledger,
            systems,
            rules,
            retention,
        } = plan;
        let board = Arc::new(LeaseBoard::new(reader(ledger.clone()), &systems.stock));
        let changes = Arc::new(Forgetting {
            loaders: loaders.clone(),
            board: board.clone(),
            guest_customer: rules.guest_customer.clone(),
        });
        let checkout = Checkout::new(CheckoutParts {
            ledger: ledger.clone(),
            systems,
            rules,
            changes,
        });
        Self {
            checkout: Arc::new(checkout),
            ledger,
            board,
            tally: Arc::default(),
            retention,
            rounds: Rounds::default(),
        }
    }

    /// The service.
    pub fn checkout(&self) -> &Arc<Checkout> {
        &self.checkout
    }

    /// Its store.
    pub fn ledger(&self) -> &Arc<dyn Ledger> {
        &self.ledger
    }

    /// How often each operation ended how.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How upkeep went.
    pub fn rounds(&self) -> &Rounds {
        &self.rounds
    }

    /// Whether the ledger could be read when that was last tried.
    pub fn reaches_ledger(&self) -> bool {
        !self.rounds.leases.is_failing.load(Ordering::Relaxed)
    }

    /// Settles orders that are in doubt, does what is left to do for others, and gives ended holds back.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be used.
    pub async fn work(&self, now: Timestamp) -> Result<Worked, LedgerError> {
        self.checkout.work_once(now).await
    }

    /// Reads what all replicas hold, to subtract it from what is shown.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read; what was read last then holds on.
    pub async fn renew_leases(&self, now: Timestamp) -> Result<(), LedgerError> {
        self.board.renew(now).await
    }

    /// Removes keys with their answers, and ended holds, that are older than they are kept.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be used.
    pub async fn remove_old(&self, now: Timestamp) -> Result<Removed, LedgerError> {
        let kept = SignedDuration::try_from(self.retention).unwrap_or(SignedDuration::MAX);
        let before = now.checked_sub(kept).unwrap_or(Timestamp::MIN);
        self.ledger.remove_old(before).await
    }

    /// How many leases of carts and of orders were read last.
    pub fn lease_counts(&self, now: Timestamp) -> (usize, usize) {
        self.board.leases().count(now)
    }

    /// The service as the mutations see it.
    pub(crate) fn desk(&self) -> Arc<dyn CheckoutDesk> {
        Arc::new(Counted {
            desk: self.checkout.clone(),
            board: self.board.clone(),
            tally: self.tally.clone(),
        })
    }

    pub(crate) fn board(&self) -> &LeaseBoard {
        &self.board
    }
}

fn reader(ledger: Arc<dyn Ledger>) -> Reader {
    Box::new(move |now| {
        let ledger = ledger.clone();
        Box::pin(async move { ledger.leases(now).await })
    })
}
