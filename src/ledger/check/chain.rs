//! The events of one row, one after the other: whether they are all there, follow each other, and lead to the row.

use std::sync::Arc;

use serde::Deserialize;

use crate::ledger::check::unreadable;
use crate::ledger::dialect::Row;
use crate::ledger::fault::Fault;

/// What of an event's body is compared with the next.
#[derive(Clone, Deserialize)]
pub(super) struct Told {
    pub(super) state: String,
    pub(super) answer: Option<Arc<str>>,
    pub(super) number: Option<Arc<str>>,
}

/// The events of one row, oldest first.
#[derive(Default)]
pub(super) struct Chain {
    revisions: Vec<i64>,
    told: Vec<Option<Told>>,
    last: String,
}

impl Chain {
    pub(super) fn add(&mut self, revision: i64, body: &str) {
        self.revisions.push(revision);
        self.told.push(serde_json::from_str(body).ok());
        body.clone_into(&mut self.last);
    }
}

/// What is wrong with a row's events. The row begins with its body and revision; `body` is what it must be by its content.
pub(super) fn problems(
    chain: Option<&Chain>,
    row: &Row,
    body: Result<String, Fault>,
    may_follow: fn(&Told, &Told) -> bool,
) -> Vec<String> {
    let Some(chain) = chain else {
        return vec!["it has no events".to_owned()];
    };
    let (kept, revision, body) = match (row.text(0), row.integer(1), body) {
        (Ok(kept), Ok(revision), Ok(body)) => (kept, revision, body),
        (Err(fault), _, _) | (_, Err(fault), _) | (_, _, Err(fault)) => return vec![unreadable(fault)],
    };
    let mut problems = Vec::new();
    if !chain.revisions.iter().copied().eq(1..=revision) {
        problems.push("some of its events are missing".to_owned());
    }
    if chain.last != kept || body != kept {
        problems.push("its events do not lead to what it is".to_owned());
    }
    for pair in chain.told.windows(2) {
        match pair {
            [Some(before), Some(after)] if may_follow(before, after) => {}
            [Some(before), Some(after)] => {
                problems.push(format!("it was {} after it was {}", after.state, before.state));
            }
            _ => problems.push("an event cannot be read".to_owned()),
        }
    }
    problems
}
