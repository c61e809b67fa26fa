//! What does not add up about orders.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;
use skuery_resolvers::checkout::record::{OrderRecord, OrderState};

use crate::ledger::check::chain::{self, Told};
use crate::ledger::check::{AT_ONCE, Findings, chains, columns_differ, ids, is_long_ago, unreadable};
use crate::ledger::dialect::{Lock, Row, Session};
use crate::ledger::fault::Fault;
use crate::ledger::holds::places;
use crate::ledger::row::{OrderRow, attempt_of_order, nanos, payment_id, word};

pub(super) async fn check(
    session: &mut Session,
    now: Timestamp,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let mut after = String::new();
    loop {
        let sql = "SELECT body, revision, epoch, claimed_until, external_number, state, intended_at, settled_at, due_at, \
             attempt, hold, payment FROM orders WHERE external_number > $1 ORDER BY external_number LIMIT 200";
        let rows = session.fetch(sql, vec![after.into()], Lock::None).await?;
        let ids = ids(&rows, 4)?;
        let chains = chains(session, "order", &ids).await?;
        let beside = beside(session, &rows).await?;
        for (row, id) in rows.iter().zip(&ids) {
            let order = match OrderRow::read(row) {
                Ok(order) => order,
                Err(fault) => {
                    findings.add("order", id, unreadable(fault));
                    continue;
                }
            };
            let mut problems = chain::problems(chains.get(id), row, order.body(), may_follow);
            problems.extend(columns_differ(row, 4, columns(&order)));
            problems.extend(beside.problem(&order.record));
            problems.extend(open_end(&order.record, now));
            for problem in problems {
                findings.add("order", id, problem);
            }
        }
        match ids.last() {
            Some(last) if ids.len() == AT_ONCE => after = last.clone(),
            _ => return Ok(()),
        }
    }
}

/// A settled order stays as it ended, and keeps its number.
fn may_follow(before: &Told, after: &Told) -> bool {
    let is_settled = matches!(before.state.as_str(), "placed" | "rejected");
    let same_number = before.number.is_none() || before.number == after.number;
    !is_settled || (before.state == after.state && same_number)
}

fn columns(row: &OrderRow) -> Result<Vec<Option<String>>, Fault> {
    let record = &row.record;
    Ok(vec![
        Some(row.id().to_owned()),
        Some(word(&record.state)?),
        Some(nanos(record.intended_at).to_string()),
        record.settled_at.map(|at| nanos(at).to_string()),
        record.due.map(|at| nanos(at).to_string()),
        Some(attempt_of_order(record)),
        Some(record.hold.to_string()),
        record.payment.as_ref().map(payment_id),
    ])
}

/// What stands beside some orders: the states of their holds, and whether their keys have an answer.
struct Beside {
    holds: HashMap<String, String>,
    answered: HashMap<String, bool>,
}

async fn beside(session: &mut Session, rows: &[Row]) -> Result<Beside, Fault> {
    let mut beside = Beside {
        holds: HashMap::new(),
        answered: HashMap::new(),
    };
    let records = rows.iter().filter_map(|row| OrderRow::read(row).ok());
    let records: Vec<OrderRecord> = records.map(|row| row.record).collect();
    if records.is_empty() {
        return Ok(beside);
    }
    let sql = format!(
        "SELECT id, state FROM hold WHERE id IN ({})",
        places(records.len(), 0)
    );
    let values = records.iter().map(|record| record.hold.as_ref().into()).collect();
    for row in session.fetch(&sql, values, Lock::None).await? {
        beside
            .holds
            .insert(row.text(0)?.to_owned(), row.text(1)?.to_owned());
    }
    let sql = format!(
        "SELECT id, body FROM attempt WHERE id IN ({})",
        places(records.len(), 0)
    );
    let values = records
        .iter()
        .map(|record| attempt_of_order(record).into())
        .collect();
    for row in session.fetch(&sql, values, Lock::None).await? {
        beside
            .answered
            .insert(row.text(0)?.to_owned(), is_answered(row.text(1)?));
    }
    Ok(beside)
}

/// An attempt that cannot be read is a finding of its own.
fn is_answered(body: &str) -> bool {
    #[derive(Deserialize)]
    struct Attempt {
        answer: Option<String>,
    }
    serde_json::from_str::<Attempt>(body).map_or(true, |attempt| attempt.answer.is_some())
}

impl Beside {
    fn problem(&self, record: &OrderRecord) -> Option<String> {
        let expected = match record.state {
            OrderState::Rejected => "released",
            OrderState::Submitting | OrderState::Unknown | OrderState::Placed | OrderState::NeedsReview => {
                "ordered"
            }
        };
        match self.holds.get(record.hold.as_ref()) {
            None => return Some("its hold is not there".to_owned()),
            Some(state) if state != expected => return Some(format!("its hold is {state}")),
            Some(_) => {}
        }
        let is_unanswered =
            is_settled(record) && self.answered.get(&attempt_of_order(record)) == Some(&false);
        is_unanswered.then(|| "it is settled and its key has no answer".to_owned())
    }
}

fn is_settled(record: &OrderRecord) -> bool {
    matches!(record.state, OrderState::Placed | OrderState::Rejected)
}

fn open_end(record: &OrderRecord, now: Timestamp) -> Option<String> {
    let is_in_doubt = matches!(record.state, OrderState::Submitting | OrderState::Unknown);
    let is_undone = record.steps.iter().any(|step| !step.done);
    let problem = match record.due {
        Some(due) if is_long_ago(due, now) => "it is due and nobody has looked at it",
        None if is_in_doubt => "it is in doubt and nobody will look at it",
        None if is_settled(record) && is_undone => "steps are left that nobody will do",
        _ if is_settled(record) && record.settled_at.is_none() => "it is settled and nobody knows since when",
        _ => return None,
    };
    Some(problem.to_owned())
}
