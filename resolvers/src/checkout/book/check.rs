//! What does not add up in the book.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::checkout::book::{Book, HoldRow, OrderRow, after};
use crate::checkout::ledger::Finding;
use crate::checkout::record::{AttemptKey, HoldState, Operation, OrderState};

/// How long the worker may take to do what time has made due.
const PATIENCE: Duration = Duration::from_secs(3600);

impl Book {
    /// Everything that does not add up.
    pub fn check(&self, now: Timestamp) -> Vec<Finding> {
        let mut last: HashMap<(&str, &str), &Value> = HashMap::new();
        for event in &self.events {
            last.insert((&*event.subject, &*event.key), &event.body);
        }
        let mut findings = Vec::new();
        for (id, row) in &self.holds {
            let told = last.get(&("hold", &**id)).copied();
            let problems = [told_otherwise(told, &row.hold), self.hold_problem(row, now)];
            findings.extend(of("hold", id, problems));
        }
        for (number, row) in &self.orders {
            let told = last.get(&("order", &**number)).copied();
            let problems = [told_otherwise(told, &row.record), self.order_problem(row, now)];
            findings.extend(of("order", number, problems));
        }
        findings
    }

    fn hold_problem(&self, row: &HoldRow, now: Timestamp) -> Option<String> {
        let long_ago = |moment: Timestamp| after(moment, PATIENCE) < now;
        match row.hold.state {
            HoldState::Reserving | HoldState::Held => {
                long_ago(row.hold.until).then(|| "its time is over and nobody has ended it".into())
            }
            HoldState::Ordered => {
                let order = row.order.as_ref().and_then(|number| self.orders.get(number));
                order.is_none().then(|| "no order stands on it".into())
            }
            HoldState::Released | HoldState::Expired | HoldState::Failed => {
                let reserved = row.hold.lines.iter().any(|line| line.kind == HOLDS_ELSEWHERE);
                let open = reserved && row.released_at.is_none();
                (open && row.ended_at.is_some_and(long_ago))
                    .then(|| "its stock system was not told that it has ended".into())
            }
        }
    }

    fn order_problem(&self, row: &OrderRow, now: Timestamp) -> Option<String> {
        let record = &row.record;
        let hold = self.holds.get(&record.hold).map(|row| row.hold.state);
        let expected = match record.state {
            OrderState::Rejected => HoldState::Released,
            _ => HoldState::Ordered,
        };
        match hold {
            None => return Some("its hold is not there".into()),
            Some(state) if state != expected => return Some(format!("its hold is {state:?}")),
            Some(_) => {}
        }
        let open = matches!(record.state, OrderState::Submitting | OrderState::Unknown);
        if open && record.due.is_none() {
            return Some("it is in doubt and nobody will look at it".into());
        }
        if record.due.is_some_and(|due| after(due, PATIENCE) < now) {
            return Some("it is due and nobody has looked at it".into());
        }
        if record.due.is_none() && record.steps.iter().any(|step| !step.done) {
            return Some("steps are left that nobody will do".into());
        }
        let key = AttemptKey {
            buyer: record.buyer.clone(),
            operation: Operation::Place,
            key: record.key.clone(),
        };
        let settled = matches!(record.state, OrderState::Placed | OrderState::Rejected);
        let unanswered = self.attempts.get(&key).is_some_and(|row| row.answer.is_none());
        (settled && unanswered).then(|| "it is settled and its key has no answer".into())
    }
}

/// The kind of line that a stock system keeps.
const HOLDS_ELSEWHERE: skuery_schema::checkout::HoldKind = skuery_schema::checkout::HoldKind::System;

fn told_otherwise(told: Option<&Value>, row: &impl serde::Serialize) -> Option<String> {
    let row = serde_json::to_value(row).ok();
    (row.as_ref() != told).then(|| "its events do not lead to what it is".into())
}

fn of<'a>(
    subject: &'static str,
    key: &'a Arc<str>,
    problems: [Option<String>; 2],
) -> impl Iterator<Item = Finding> + use<'a> {
    let problems = problems.into_iter().flatten();
    problems.map(move |problem| Finding {
        subject,
        key: key.clone(),
        problem,
    })
}
