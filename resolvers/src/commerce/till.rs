//! Checkout as part of a gateway: the service itself, the board of what it holds, and how its calls went.

use std::sync::Arc;

use jiff::Timestamp;

use crate::checkout::desk::CheckoutDesk;
use crate::checkout::ledger::{Ledger, LedgerError};
use crate::checkout::{Checkout, CheckoutParts};
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
}

impl Till {
    pub(crate) fn new(plan: CheckoutPlan, loaders: &Arc<Loaders>) -> Self {
        let CheckoutPlan {
            ledger,
            systems,
            rules,
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

    /// Reads what all replicas hold, to subtract it from what is shown.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read; what was read last then holds on.
    pub async fn renew_leases(&self, now: Timestamp) -> Result<(), LedgerError> {
        self.board.renew(now).await
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
