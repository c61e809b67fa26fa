//! What is to be done about an order, as far as that can be told without asking anybody.
//!
//! An order is in doubt from the moment it is written down until the order system has said what became of it. Nothing
//! else ends the doubt: an error, whatever its kind, may be an order that arrived.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_schema::ids::{Sku, SystemName};

use crate::checkout::record::{OrderRecord, OrderState, Step, StepKind};
use crate::checkout::rules::{Capture, CheckoutRules};
use crate::checkout::run::later;
use crate::error::LookupError;
use crate::port::order_entry::{ExternalNumber, OrderDraft, OrderPromise, PlacedOrder, Refusal, Submission};

/// What follows from an answer of the order system.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Next {
    /// It has the order.
    Placed {
        /// As it has it.
        order: PlacedOrder,
        /// It has it more than once.
        twice: bool,
    },
    /// It has the order, and steps of it are missing.
    Finish(PlacedOrder),
    /// It has refused it for good.
    Rejected(Refusal),
    /// It has to be asked whether it has the order, at once.
    LookUp,
    /// The same draft is handed over again.
    SendAgain,
    /// Nobody knows yet.
    Wait(Timestamp),
    /// A person must look.
    Review(&'static str),
}

/// After the order was handed over.
pub(crate) fn after_sending(
    record: &OrderRecord,
    promise: OrderPromise,
    rules: &CheckoutRules,
    answer: &Result<Submission, LookupError>,
    now: Timestamp,
) -> Next {
    match answer {
        Ok(Submission::Accepted(order)) => accepted(&record.draft, order, false),
        // An earlier sending may still be on its way, and have taken the very stock that this one is refused for.
        Ok(Submission::Refused(_))
            if record.sent > 1 && promise.external_number == ExternalNumber::Unique =>
        {
            Next::Wait(quiet_at(record, promise, rules))
        }
        Ok(Submission::Refused(refusal)) => Next::Rejected(refusal.clone()),
        Ok(Submission::Duplicate) => Next::LookUp,
        Err(_) => Next::Wait(next_look(rules, record.intended_at, now)),
    }
}

/// After the order system was asked whether it has the order.
pub(crate) fn after_lookup(
    record: &OrderRecord,
    promise: OrderPromise,
    rules: &CheckoutRules,
    found: &Result<Vec<PlacedOrder>, LookupError>,
    now: Timestamp,
) -> Next {
    if let Ok([order, others @ ..]) = found.as_deref() {
        return accepted(&record.draft, order, !others.is_empty());
    }
    let waiting = Next::Wait(next_look(rules, record.intended_at, now));
    let in_vain = later(record.intended_at, rules.give_up) <= now;
    if record.state == OrderState::NeedsReview {
        return Next::Review("still not found");
    }
    match found {
        Err(error) if error.retryable() && !in_vain => waiting,
        Err(error) if !error.retryable() && promise.external_number != ExternalNumber::None && !in_vain => {
            waiting
        }
        Err(_) => Next::Review("nobody can say whether it was taken"),
        Ok(_) => absent(record, promise, rules, now, in_vain),
    }
}

/// The system has no such order, or does not show it yet.
fn absent(
    record: &OrderRecord,
    promise: OrderPromise,
    rules: &CheckoutRules,
    now: Timestamp,
    in_vain: bool,
) -> Next {
    let quiet_at = quiet_at(record, promise, rules);
    let is_quiet = quiet_at <= now;
    if let Some(refusal) = &record.refusal {
        return match is_quiet {
            true => Next::Rejected(refusal.clone()),
            false => Next::Wait(quiet_at),
        };
    }
    let next = next_look(rules, record.intended_at, now);
    match promise.external_number {
        ExternalNumber::None => Next::Review("its answer was lost, and it cannot be found"),
        _ if in_vain => Next::Review("it was never taken, and is too old to be sent again"),
        ExternalNumber::Unique => Next::SendAgain,
        // `absent` counts this answer already.
        ExternalNumber::Searchable if record.absent >= 2 && is_quiet => Next::SendAgain,
        ExternalNumber::Searchable if record.absent >= 2 => Next::Wait(quiet_at),
        ExternalNumber::Searchable => Next::Wait(next),
    }
}

/// From when on an order that was taken is certainly shown: it may be taken until its call's time is up, and stay
/// invisible for as long as the system says.
pub(crate) fn quiet_at(record: &OrderRecord, promise: OrderPromise, rules: &CheckoutRules) -> Timestamp {
    let sent_at = record.sent_at.unwrap_or(record.intended_at);
    later(sent_at, rules.deadline + promise.visibility_delay)
}

fn accepted(draft: &OrderDraft, order: &PlacedOrder, twice: bool) -> Next {
    if !order.complete {
        return Next::Finish(order.clone());
    }
    if !has_lines_of(draft, order) {
        return Next::Review("the order system has it with other lines");
    }
    Next::Placed {
        order: order.clone(),
        twice,
    }
}

/// Whether it has what was sent, as far as it tells. Lines may be split or joined.
fn has_lines_of(draft: &OrderDraft, order: &PlacedOrder) -> bool {
    let Some(lines) = &order.lines else { return true };
    let sent = draft.lines.iter().map(|line| (&line.sku, line.quantity));
    sums(sent) == sums(lines.iter().map(|(sku, quantity)| (sku, *quantity)))
}

fn sums<'a>(lines: impl Iterator<Item = (&'a Sku, Decimal)>) -> BTreeMap<&'a Sku, Decimal> {
    let mut sums = BTreeMap::new();
    for (sku, quantity) in lines {
        *sums.entry(sku).or_insert(Decimal::ZERO) += quantity;
    }
    sums
}

/// When something that is in doubt since a moment is looked at next: the waits follow each other, the last one repeats.
pub(crate) fn next_look(rules: &CheckoutRules, since: Timestamp, now: Timestamp) -> Timestamp {
    let mut wait = Duration::from_secs(1);
    let mut end = since;
    for step in &rules.retry {
        wait = *step;
        end = later(end, *step);
        if end > now {
            break;
        }
    }
    later(now, wait)
}

/// What is left to do in a state. Stock that systems hold is bound to the order while anybody may still want it.
pub(crate) fn steps(record: &OrderRecord, state: OrderState, rules: &CheckoutRules) -> Vec<Step> {
    let kinds = match state {
        OrderState::Placed => [
            Some(StepKind::CommitReservation),
            (rules.capture == Capture::OnPlacement).then_some(StepKind::Capture),
        ],
        OrderState::Rejected => [Some(StepKind::ReleaseReservation), Some(StepKind::Void)],
        OrderState::Submitting | OrderState::Unknown | OrderState::NeedsReview => {
            [Some(StepKind::CommitReservation), None]
        }
    };
    let [stock, payment] = kinds;
    let keepers = record.steps.iter().filter(|step| is_at_stock(step.kind));
    let stock = keepers.filter_map(|step| Some(step_at(stock?, &step.system)));
    let payment = payment.zip(record.payment.as_ref());
    let payment = payment.map(|(kind, payment)| step_at(kind, &payment.system));
    stock.chain(payment).collect()
}

/// A step that is not done.
pub(crate) fn step_at(kind: StepKind, system: &SystemName) -> Step {
    Step {
        kind,
        system: system.clone(),
        done: false,
        attempts: 0,
    }
}

/// Whether a step is to be done at a stock system.
pub(crate) fn is_at_stock(kind: StepKind) -> bool {
    matches!(kind, StepKind::CommitReservation | StepKind::ReleaseReservation)
}
