//! Working on one order until nothing more can be done for it now: hand it over, ask what became of it, finish it.
//!
//! Placing and the worker do the same here. Every change is in the ledger before anything follows from it, under the epoch
//! that this process was given: whoever was overtaken is refused and stops.

use skuery_schema::ids::SystemName;

use crate::checkout::Checkout;
use crate::checkout::fault;
use crate::checkout::ledger::{Epoch, LedgerError};
use crate::checkout::outcome::payload;
use crate::checkout::record::{OrderRecord, OrderState, StepKind};
use crate::checkout::run::{Run, later};
use crate::checkout::settle::{self, Next};
use crate::error::LookupError;
use crate::port::PortLookup;
use crate::port::order_entry::{PlacedOrder, Refusal, RefusalReason, Submission};

/// How many answers of the order system one piece of work follows: looked up, sent again, refused as a duplicate, found.
const ANSWERS: usize = 5;

/// An order that this process works on, as the ledger has it.
pub(super) struct Work {
    pub(super) record: OrderRecord,
    pub(super) epoch: Epoch,
    pub(super) stock: Standing,
}

/// Whether stock systems still hold what an order stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// They do, or hold nothing of it.
    Sure,
    /// One does not, and has no more of it.
    Gone,
    /// One does not say.
    Unknown,
}

impl Checkout {
    /// Hands over an order that is written down as sent.
    pub(super) async fn submit(&self, run: &Run, work: &mut Work) -> Result<(), LedgerError> {
        let next = self.send(run, work).await;
        self.follow(run, work, next).await
    }

    /// Finds out what became of an order in doubt.
    pub(super) async fn resolve(&self, run: &Run, work: &mut Work) -> Result<(), LedgerError> {
        let next = self.look_up(run, work).await;
        self.follow(run, work, next).await
    }

    /// Does what each answer asks for, until one leaves nothing to be done at once.
    async fn follow(&self, run: &Run, work: &mut Work, first: Next) -> Result<(), LedgerError> {
        let mut next = first;
        let mut sent_again = false;
        for _ in 0..ANSWERS {
            next = match next {
                Next::Placed { order, twice } => return self.placed(run, work, &order, twice).await,
                Next::Rejected(refusal) => {
                    let mut record = work.record.clone();
                    record.refusal = Some(refusal);
                    return self
                        .settled(run, work, record, OrderState::Rejected, "rejected")
                        .await;
                }
                Next::Review(why) => return self.review(run, work, why).await,
                Next::Wait(due) => return self.wait(work, due, run).await,
                Next::Finish(order) => self.finish(run, work, &order).await,
                Next::LookUp => self.look_up(run, work).await,
                Next::SendAgain if sent_again || work.stock == Standing::Unknown => break,
                Next::SendAgain if work.stock == Standing::Gone => self.without_stock(run, work),
                Next::SendAgain => {
                    sent_again = true;
                    self.note_sending(run, work).await?;
                    self.send(run, work).await
                }
            };
        }
        let due = settle::next_look(&self.parts.rules, work.record.intended_at, run.now());
        self.wait(work, due, run).await
    }

    async fn send(&self, run: &Run, work: &mut Work) -> Next {
        let orders = &self.parts.systems.orders;
        // Writing it down took so long that others may have taken over, and that nothing is sure of the stock any more.
        if run.is_over() {
            return Next::Wait(settle::next_look(
                &self.parts.rules,
                work.record.intended_at,
                run.now(),
            ));
        }
        fault::point("before_send");
        let answer = orders.place_order(run.call(), &work.record.draft);
        let answer = run.ask(orders.system(), PortLookup::PlaceOrder, answer).await;
        fault::point("after_send");
        let (promise, rules) = (orders.order_promise(), &self.parts.rules);
        let next = settle::after_sending(&work.record, promise, rules, &answer, run.now());
        if let (Ok(Submission::Refused(refusal)), Next::Wait(_)) = (&answer, &next) {
            // Not the end yet, but the reason if it turns out that no earlier sending has arrived.
            work.record.refusal = Some(refusal.clone());
        }
        next
    }

    /// It must not be sent again; it ends as soon as it is certain that no earlier sending has arrived.
    fn without_stock(&self, run: &Run, work: &mut Work) -> Next {
        let refusal = Refusal {
            reason: RefusalReason::OutOfStock,
            message: "the stock was gone before the order could be placed".into(),
        };
        work.record.refusal = Some(refusal.clone());
        let promise = self.parts.systems.orders.order_promise();
        let quiet_at = settle::quiet_at(&work.record, promise, &self.parts.rules);
        // The order system was asked during this run: what was quiet when it began was quiet then.
        match quiet_at <= run.began() {
            true => Next::Rejected(refusal),
            false => Next::Wait(quiet_at.max(run.now())),
        }
    }

    /// Writes down that it is sent once more, before it is.
    async fn note_sending(&self, run: &Run, work: &mut Work) -> Result<(), LedgerError> {
        let mut record = work.record.clone();
        record.state = OrderState::Unknown;
        record.sent += 1;
        record.sent_at = Some(run.now());
        record.absent = 0;
        record.due = Some(run.abandoned_at());
        self.save(run, work, record, "sent").await
    }

    async fn look_up(&self, run: &Run, work: &mut Work) -> Next {
        let orders = &self.parts.systems.orders;
        // An absence says something of the moment when it was asked for, not of the one when it is heard.
        let asked_at = run.now();
        let number = work.record.draft.external_number.clone();
        let found = orders.placed_orders(run.call(), &number);
        let found = run.ask(orders.system(), PortLookup::PlacedOrders, found).await;
        if matches!(&found, Ok(orders) if orders.is_empty()) {
            work.record.absent += 1;
        }
        let (promise, rules) = (orders.order_promise(), &self.parts.rules);
        settle::after_lookup(&work.record, promise, rules, &found, asked_at)
    }

    async fn finish(&self, run: &Run, work: &Work, order: &PlacedOrder) -> Next {
        let orders = &self.parts.systems.orders;
        let answer = orders.finish_order(run.call(), &work.record.draft, order);
        let answer = run.ask(orders.system(), PortLookup::FinishOrder, answer).await;
        let rules = &self.parts.rules;
        let next = settle::after_sending(&work.record, orders.order_promise(), rules, &answer, run.now());
        let in_vain = later(work.record.intended_at, rules.give_up) <= run.now();
        match next {
            Next::Placed { .. } | Next::Review(_) => next,
            // It is there: whatever refuses its last steps does not undo it.
            Next::Rejected(_) => Next::Review("the order system has begun it and refuses to finish it"),
            _ if in_vain => Next::Review("the order system has begun it and does not finish it"),
            _ => Next::Wait(settle::next_look(rules, work.record.intended_at, run.now())),
        }
    }

    async fn placed(
        &self,
        run: &Run,
        work: &mut Work,
        order: &PlacedOrder,
        twice: bool,
    ) -> Result<(), LedgerError> {
        if twice {
            let number = &work.record.draft.external_number;
            tracing::error!(%number, "the order system has an order more than once");
            let record = work.record.clone();
            self.save(run, work, record, "duplicate").await?;
        }
        let mut record = work.record.clone();
        record.number = Some(order.number.clone());
        record.refusal = None;
        self.settled(run, work, record, OrderState::Placed, "placed")
            .await
    }

    /// Writes the order's end down together with its key's answer, and does what follows from it.
    async fn settled(
        &self,
        run: &Run,
        work: &mut Work,
        mut record: OrderRecord,
        state: OrderState,
        event: &str,
    ) -> Result<(), LedgerError> {
        record.state = state;
        record.settled_at = Some(run.now());
        record.steps = settle::steps(&record, state, &self.parts.rules);
        record.due = (!record.steps.is_empty()).then(|| run.abandoned_at());
        let answer = serde_json::to_string(&payload(&record))
            .map_err(|error| LedgerError::Damaged(error.to_string()))?;
        let epoch = work.epoch;
        let kept = self
            .parts
            .ledger
            .record(&record, epoch, event, Some(&answer), run.now());
        kept.await?;
        work.record = record;
        fault::point("after_record");
        let skus: Vec<_> = work
            .record
            .draft
            .lines
            .iter()
            .map(|line| line.sku.clone())
            .collect();
        self.parts.changes.stock_changed(&skus);
        self.parts.changes.orders_changed(&work.record.buyer);
        self.do_steps(run, work).await
    }

    async fn review(&self, run: &Run, work: &mut Work, why: &str) -> Result<(), LedgerError> {
        let number = &work.record.draft.external_number;
        tracing::error!(%number, why, "an order needs a person");
        let mut record = work.record.clone();
        let is_new = record.state != OrderState::NeedsReview;
        record.state = OrderState::NeedsReview;
        if is_new {
            record.steps = settle::steps(&record, OrderState::NeedsReview, &self.parts.rules);
        }
        let open = record.steps.iter().any(|step| !step.done);
        record.due = open.then(|| run.abandoned_at());
        self.save(run, work, record, "needs_review").await?;
        self.do_steps(run, work).await
    }

    async fn wait(&self, work: &mut Work, due: jiff::Timestamp, run: &Run) -> Result<(), LedgerError> {
        let mut record = work.record.clone();
        record.state = OrderState::Unknown;
        record.due = Some(due);
        self.save(run, work, record, "unknown").await
    }

    /// Does the steps that are left, and says when the rest is tried again.
    pub(super) async fn do_steps(&self, run: &Run, work: &mut Work) -> Result<(), LedgerError> {
        if work.record.steps.iter().all(|step| step.done) && work.record.due.is_none() {
            return Ok(());
        }
        let mut record = work.record.clone();
        for position in 0..record.steps.len() {
            let (kind, system) = (record.steps[position].kind, record.steps[position].system.clone());
            if record.steps[position].done {
                continue;
            }
            let done = self.do_step(run, &record, kind, &system).await;
            if let Err(error) = &done {
                let number = &record.draft.external_number;
                tracing::warn!(%number, step = ?kind, %error, "a step after an order is not done");
            }
            record.steps[position].done = done.is_ok();
            record.steps[position].attempts += 1;
        }
        let rules = &self.parts.rules;
        let since = record.settled_at.unwrap_or(record.intended_at);
        let open = record.steps.iter().any(|step| !step.done);
        // The list of what does not add up names the steps that are given up.
        let again = open && later(since, rules.give_up) > run.now();
        record.due = again.then(|| settle::next_look(rules, since, run.now()));
        self.save(run, work, record, "steps").await
    }

    async fn do_step(
        &self,
        run: &Run,
        record: &OrderRecord,
        kind: StepKind,
        system: &SystemName,
    ) -> Result<(), LookupError> {
        if matches!(kind, StepKind::Capture | StepKind::Void) {
            self.pay(run, record, kind).await?;
            fault::point("after_capture");
            return Ok(());
        }
        let reference = &*record.hold;
        if kind == StepKind::ReleaseReservation {
            let lookup = PortLookup::ReleaseReservation;
            let release = self.reservations(system, lookup)?.release(run.call(), reference);
            return run.ask(system, lookup, release).await;
        }
        // A person may have to look, and the stock must be there until then: our number binds it as well.
        let number = record.number.as_ref().unwrap_or(&record.draft.external_number);
        let lookup = PortLookup::CommitReservation;
        let commit = self
            .reservations(system, lookup)?
            .commit(run.call(), reference, number);
        run.ask(system, lookup, commit).await?;
        fault::point("after_commit_reservation");
        Ok(())
    }

    async fn save(
        &self,
        run: &Run,
        work: &mut Work,
        record: OrderRecord,
        event: &str,
    ) -> Result<(), LedgerError> {
        let kept = self
            .parts
            .ledger
            .record(&record, work.epoch, event, None, run.now());
        kept.await?;
        work.record = record;
        Ok(())
    }
}
