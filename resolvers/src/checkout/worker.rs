//! The worker: whatever was left undone, by a crash or by a system's silence, is done here.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::checkout::Checkout;
use crate::checkout::ledger::{Epoch, LedgerError};
use crate::checkout::record::{Hold, OrderRecord, OrderState};
use crate::checkout::run::{Run, later};
use crate::checkout::settle::is_at_stock;
use crate::checkout::work::Work;
use crate::error::LookupError;
use crate::port::PortLookup;
use crate::port::reservations::{ReservationWish, Reserved};

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
        let give_back = join_all(holds.iter().map(|hold| self.give_back(&run, hold)));
        let go_on = join_all(
            orders
                .into_iter()
                .map(|(record, epoch)| self.go_on(&run, record, epoch)),
        );
        let (given_back, gone_on) = tokio::join!(give_back, go_on);
        for failed in given_back.into_iter().chain(gone_on).filter_map(Result::err) {
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
        let mut work = Work { record, epoch };
        if matches!(work.record.state, OrderState::Placed | OrderState::Rejected) {
            self.do_steps(&run, &mut work).await?;
        } else {
            self.resolve(&run, &mut work).await?;
        }
        Ok(Some(work.record))
    }

    async fn go_on(&self, run: &Run, record: OrderRecord, epoch: Epoch) -> Result<(), LedgerError> {
        let mut work = Work { record, epoch };
        match work.record.state {
            OrderState::Placed | OrderState::Rejected | OrderState::NeedsReview => {
                self.do_steps(run, &mut work).await
            }
            OrderState::Submitting | OrderState::Unknown => {
                self.resolve(run, &mut work).await?;
                if work.record.state == OrderState::Unknown {
                    self.keep_reserved(run, &work.record).await?;
                }
                Ok(())
            }
        }
    }

    /// An order in doubt keeps its stock: what stock systems hold by time is held on.
    async fn keep_reserved(&self, run: &Run, record: &OrderRecord) -> Result<(), LedgerError> {
        let keepers = record.steps.iter().filter(|step| is_at_stock(step.kind));
        let keepers: Vec<_> = keepers.map(|step| &step.system).collect();
        if keepers.is_empty() {
            return Ok(());
        }
        let Some(hold) = self.parts.ledger.find_hold(&record.hold).await? else {
            return Ok(());
        };
        let rest = record.due.map_or(Duration::ZERO, |due| {
            Duration::try_from(due.duration_since(run.now())).unwrap_or_default()
        });
        let until = later(run.now(), self.parts.rules.hold + rest);
        for system in keepers {
            let kept = self.reserve_again(run, &hold, system, until).await;
            if !matches!(kept, Ok(true)) {
                let number = &record.draft.external_number;
                tracing::warn!(%number, %system, "the stock of an order in doubt could not be held on");
            }
        }
        Ok(())
    }

    /// Moves the end of a reservation; whether there was enough to hold it until then.
    pub(super) async fn reserve_again(
        &self,
        run: &Run,
        hold: &Hold,
        system: &skuery_schema::ids::SystemName,
        until: Timestamp,
    ) -> Result<bool, LookupError> {
        let keeper = self.keeper(system)?;
        let wish = ReservationWish {
            reference: hold.id.clone(),
            lines: hold.reserved_at(system),
            until,
        };
        let reserved = run
            .ask(system, PortLookup::Reserve, keeper.reserve(run.call(), &wish))
            .await;
        Ok(matches!(reserved?, Reserved::Held { .. }))
    }

    async fn give_back(&self, run: &Run, hold: &Hold) -> Result<(), LedgerError> {
        for system in hold.keepers() {
            let Ok(keeper) = self.keeper(&system) else {
                return Ok(());
            };
            let release = keeper.release(run.call(), &hold.id);
            let released = run.ask(&system, PortLookup::ReleaseReservation, release).await;
            if let Err(error) = released {
                tracing::warn!(hold = &*hold.id, %error, "an ended hold is not given back yet");
                return Ok(());
            }
        }
        self.parts.ledger.note_released(&hold.id, run.now()).await?;
        let skus: Vec<_> = hold.lines.iter().map(|line| line.sku.clone()).collect();
        self.parts.changes.stock_changed(&skus);
        Ok(())
    }
}
