//! An order whose end a person decides, or hands back to the running gateway.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use skuery_resolvers::checkout::ledger::Ledger;
use skuery_resolvers::checkout::record::{Hold, OrderRecord, OrderState, Step, StepKind};
use skuery_resolvers::port::order_entry::{Refusal, RefusalReason};
use skuery_schema::checkout::{
    HoldKind, OrderPlacement, PlaceOrderPayload, PlacementState, UserError, UserErrorCode,
};
use skuery_schema::ids::SystemName;

use crate::cli::Failure;

/// What a person says of an order.
pub(super) enum Decision {
    /// The order system has it, under this number.
    Placed(String),
    /// The order system does not have it.
    Rejected,
    /// Nobody knows: look again.
    Open,
}

/// What a client is told of an order that a person has taken back.
const REFUSED: &str = "the order was not accepted";

impl Decision {
    pub(super) fn of(placed: Option<String>, rejected: bool) -> Self {
        match placed {
            Some(number) => Self::Placed(number),
            None if rejected => Self::Rejected,
            None => Self::Open,
        }
    }
}

/// Writes the decision down under a new epoch, so that whoever works on the order at the same time does not write over it.
pub(super) async fn reconcile(
    ledger: &dyn Ledger,
    number: &str,
    decision: Decision,
    now: Timestamp,
) -> Result<String, Failure> {
    let found = ledger.order(number).await?;
    let found = found.ok_or_else(|| format!("there is no order {number}"))?;
    refuse_settled(&found)?;
    let claimed = ledger.claim_order(number, Duration::ZERO, now).await?;
    let (mut record, epoch) = claimed.ok_or_else(|| format!("there is no order {number}"))?;
    let hold = ledger.find_hold(&record.hold).await?;
    // It may have been settled since it was looked at; then it is given back as it was.
    refuse_settled(&record)?;
    let (event, said) = match decision {
        Decision::Placed(erp) => {
            record.state = OrderState::Placed;
            record.number = Some(erp.as_str().into());
            record.steps = steps_of_placed(&record, hold.as_ref());
            settle(&mut record, now);
            ("reconciled_placed", format!("{number} is placed as {erp}"))
        }
        Decision::Rejected => {
            record.state = OrderState::Rejected;
            record.refusal = Some(Refusal {
                reason: RefusalReason::Other,
                message: REFUSED.into(),
            });
            record.steps = steps_of_rejected(&record, hold.as_ref());
            settle(&mut record, now);
            (
                "reconciled_rejected",
                format!("{number} is rejected; its stock is given back"),
            )
        }
        Decision::Open => {
            record.state = OrderState::Unknown;
            record.absent = 0;
            record.due = Some(now);
            (
                "reconciled_again",
                format!("{number} is looked for by the running gateway now"),
            )
        }
    };
    let answer = answer(&record)?;
    ledger
        .record(&record, epoch, event, answer.as_deref(), now)
        .await?;
    Ok(said)
}

fn refuse_settled(record: &OrderRecord) -> Result<(), Failure> {
    let number = record.number.as_deref().unwrap_or("no number");
    match record.state {
        OrderState::Placed => Err(format!("it is placed already, as {number}").into()),
        OrderState::Rejected => Err("it is rejected already".into()),
        OrderState::Submitting | OrderState::Unknown | OrderState::NeedsReview => Ok(()),
    }
}

/// The running gateway does the steps that are left.
fn settle(record: &mut OrderRecord, now: Timestamp) {
    record.settled_at = Some(now);
    record.due = record.steps.iter().any(|step| !step.done).then_some(now);
}

/// The steps that were meant at first, and a commit wherever a stock system holds part of it.
fn steps_of_placed(record: &OrderRecord, hold: Option<&Hold>) -> Vec<Step> {
    let meant = record
        .steps
        .iter()
        .filter(|step| matches!(step.kind, StepKind::CommitReservation | StepKind::Capture));
    let mut steps: Vec<Step> = meant.cloned().collect();
    for system in reserving(hold) {
        let is_commit = |step: &Step| step.kind == StepKind::CommitReservation && step.system == system;
        if !steps.iter().any(is_commit) {
            steps.insert(0, step(StepKind::CommitReservation, system));
        }
    }
    steps
}

/// What is held goes back, and the authorisation too.
fn steps_of_rejected(record: &OrderRecord, hold: Option<&Hold>) -> Vec<Step> {
    let systems = reserving(hold).into_iter();
    let mut steps: Vec<Step> = systems
        .map(|system| step(StepKind::ReleaseReservation, system))
        .collect();
    if let Some(payment) = &record.payment {
        steps.push(step(StepKind::Void, payment.system.clone()));
    }
    steps
}

/// The stock systems that hold part of it.
fn reserving(hold: Option<&Hold>) -> BTreeSet<SystemName> {
    let lines = hold.map_or(&[][..], |hold| &hold.lines).iter();
    let reserved = lines.filter(|line| line.kind == HoldKind::System);
    reserved.map(|line| line.system.clone()).collect()
}

fn step(kind: StepKind, system: SystemName) -> Step {
    Step {
        kind,
        system,
        done: false,
        attempts: 0,
    }
}

/// What the order's key answers from now on; nothing as long as its end is open.
fn answer(record: &OrderRecord) -> Result<Option<String>, serde_json::Error> {
    let (state, user_errors) = match record.state {
        OrderState::Placed => (PlacementState::Placed, Vec::new()),
        OrderState::Rejected => {
            let error = UserError {
                code: UserErrorCode::InvalidInput,
                message: REFUSED.into(),
                field: None,
                line_id: None,
            };
            (PlacementState::Rejected, vec![error])
        }
        OrderState::Submitting | OrderState::Unknown | OrderState::NeedsReview => return Ok(None),
    };
    let placement = OrderPlacement {
        state,
        idempotency_key: record.key.clone(),
        external_number: record.draft.external_number.clone(),
        order_number: record.number.clone(),
        submitted_at: record.sent_at,
    };
    let payload = PlaceOrderPayload {
        placement: Some(placement),
        user_errors,
    };
    serde_json::to_string(&payload).map(Some)
}
