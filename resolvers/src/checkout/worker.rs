//! The worker: whatever was left undone, by a crash or by a system's silence, is done here.

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::checkout::Checkout;
use crate::checkout::hold::{Reserving, has_reservations};
use crate::checkout::ledger::{Epoch, LedgerError};
use crate::checkout::record::{Hold, OrderRecord, OrderState, Step, StepKind};
use crate::checkout::run::{Run, later};
use crate::checkout::settle;
use crate::checkout::work::{Standing, Work};

/// The most orders, and the most holds, of one round. All of a round are worked on at the same time.
const ROUND: usize = 16;

/// What one round of the worker has found to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    /// Orders in doubt or with steps left.
    pub orders: usize,
    /// Holds that ended and were given back, or were tried to.
    pub holds: usize,
}

impl Worked {
    /// Whether there may be more that is due now.
    pub fn is_full(&self) -> bool {
        self.orders == ROUND || self.holds == ROUND
    }
}

impl Checkout {
    /// Does what is due: gives ended holds back and goes on with orders. An order that somebody else has taken over, or
    /// that the ledger does not take the news of, is left for the next round.
    pub async fn work_once(&self, now: Timestamp) -> Result<Worked, LedgerError> {
        let run = Run::begin(now, self.parts.rules.deadline);
        let ledger = &self.parts.ledger;
        let holds = ledger.claim_ended(run.now(), run.lease(), ROUND).await?;
        let orders = ledger.claim_due(run.now(), run.lease(), ROUND).await?;
        let worked = Worked {
            orders: orders.len(),
            holds: holds.len(),
        };
        let give_back = join_all(holds.iter().map(|hold| self.give_ended_back(&run, hold)));
        let go_on = join_all(
            orders
                .into_iter()
                .map(|(record, epoch)| self.go_on(&run, record, epoch)),
        );
        let (_, gone_on) = tokio::join!(give_back, go_on);
        for failed in gone_on.into_iter().filter_map(Result::err) {
            tracing::warn!(error = %failed, "a checkout is left for the worker's next round");
        }
        Ok(worked)
    }

    /// Looks at one order at once, whatever is due: for a person who has been asked to. The order as it is then.
    pub async fn reconcile(
        &self,
        external_number: &str,
        now: Timestamp,
    ) -> Result<Option<OrderRecord>, LedgerError> {
        let run = Run::begin(now, self.parts.rules.deadline);
        let claimed = self
            .parts
            .ledger
            .claim_order(external_number, run.lease(), run.now());
        let Some((record, epoch)) = claimed.await? else {
            return Ok(None);
        };
        let mut work = Work {
            record,
            epoch,
            stock: Standing::Unknown,
        };
        if matches!(work.record.state, OrderState::Placed | OrderState::Rejected) {
            self.do_steps(&run, &mut work).await?;
        } else {
            work.stock = self.keep_reserved(&run, &work.record).await?;
            self.resolve(&run, &mut work).await?;
        }
        Ok(Some(work.record))
    }

    async fn go_on(&self, run: &Run, record: OrderRecord, epoch: Epoch) -> Result<(), LedgerError> {
        let mut work = Work {
            record,
            epoch,
            stock: Standing::Unknown,
        };
        match work.record.state {
            OrderState::Placed | OrderState::Rejected | OrderState::NeedsReview => {
                let unbound = |step: &Step| step.kind == StepKind::CommitReservation && !step.done;
                if work.record.steps.iter().any(unbound) {
                    // Binding it may fail for longer than it is held.
                    self.keep_reserved(run, &work.record).await?;
                }
                self.do_steps(run, &mut work).await
            }
            OrderState::Submitting | OrderState::Unknown => {
                // First: finding out may take all the time there is.
                work.stock = self.keep_reserved(run, &work.record).await?;
                self.resolve(run, &mut work).await
            }
        }
    }

    /// An order keeps its stock: what stock systems hold by time is held on.
    async fn keep_reserved(&self, run: &Run, record: &OrderRecord) -> Result<Standing, LedgerError> {
        let hold = self.parts.ledger.find_hold(&record.hold).await?;
        let Some(hold) = hold.filter(has_reservations) else {
            return Ok(Standing::Sure);
        };
        let rules = &self.parts.rules;
        let next = settle::next_look(rules, record.intended_at, run.now());
        let part = Run::begin(run.now(), rules.deadline / 3);
        let reserved = self.reserve(&hold, later(next, rules.hold), &part).await;
        let number = &record.draft.external_number;
        Ok(match reserved {
            Reserving::Held(_) => Standing::Sure,
            Reserving::Short(_) => {
                tracing::warn!(%number, "the stock of an order is gone");
                Standing::Gone
            }
            Reserving::Unknown(error, _) => {
                tracing::warn!(%number, %error, "the stock of an order could not be held on");
                Standing::Unknown
            }
        })
    }

    async fn give_ended_back(&self, run: &Run, hold: &Hold) {
        match self.give_back(hold, run).await {
            Ok(()) => {
                let skus: Vec<_> = hold.lines.iter().map(|line| line.sku.clone()).collect();
                self.parts.changes.stock_changed(&skus);
            }
            Err(error) => tracing::warn!(hold = &*hold.id, %error, "an ended hold is not given back yet"),
        }
    }
}
