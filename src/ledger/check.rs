//! What does not add up: rows that their events do not lead to, columns that differ from the row, holds and orders that
//! nobody will bring to an end. It reads everything, some rows at a time, as it is at one moment.

mod chain;
mod holds;
mod orders;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use skuery_resolvers::checkout::ledger::Finding;

use crate::ledger::attempts::end_of_lease;
use crate::ledger::check::chain::{Chain, Told};
use crate::ledger::dialect::{Lock, Row, Session};
use crate::ledger::fault::Fault;
use crate::ledger::holds::places;
use crate::ledger::row::{AttemptRow, attempt_id, nanos, word};

/// So many rows are read at once.
const AT_ONCE: usize = 200;
/// The most that is reported; whoever has so many knows enough.
const MOST: usize = 1000;
/// How long the worker may take to do what time has made due.
const PATIENCE: Duration = Duration::from_secs(3600);

pub(super) async fn check(session: &mut Session, now: Timestamp) -> Result<Vec<Finding>, Fault> {
    let mut findings = Findings(Vec::new());
    strays(session, &mut findings).await?;
    attempts(session, &mut findings).await?;
    holds::check(session, now, &mut findings).await?;
    orders::check(session, now, &mut findings).await?;
    Ok(findings.0)
}

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, subject: &'static str, key: &str, problem: impl Into<String>) {
        if self.0.len() < MOST {
            self.0.push(Finding {
                subject,
                key: Arc::from(key),
                problem: problem.into(),
            });
        }
    }
}

/// Events and leases of rows that are not there.
async fn strays(session: &mut Session, findings: &mut Findings) -> Result<(), Fault> {
    let tables = [
        ("attempt", "attempt", "id"),
        ("hold", "hold", "id"),
        ("order", "orders", "external_number"),
    ];
    for (subject, table, key) in tables {
        let sql = format!(
            "SELECT DISTINCT subject_key FROM event WHERE subject = '{subject}' AND NOT EXISTS \
             (SELECT 1 FROM {table} WHERE {table}.{key} = event.subject_key) ORDER BY subject_key LIMIT 1000"
        );
        for row in session.fetch(&sql, vec![], Lock::None).await? {
            findings.add(
                subject,
                row.text(0)?,
                "there are events of it, and it is not there",
            );
        }
    }
    let sql = "SELECT DISTINCT lease.hold FROM lease WHERE NOT EXISTS \
         (SELECT 1 FROM hold WHERE hold.id = lease.hold) ORDER BY lease.hold LIMIT 1000";
    for row in session.fetch(sql, vec![], Lock::None).await? {
        findings.add(
            "hold",
            row.text(0)?,
            "it keeps stock from others, and is not there",
        );
    }
    let sql =
        "SELECT subject, subject_key FROM event WHERE subject NOT IN ('attempt', 'hold', 'order') LIMIT 1000";
    for row in session.fetch(sql, vec![], Lock::None).await? {
        let problem = format!("an event of an unknown subject `{}`", row.text(0)?);
        findings.add("order", row.text(1)?, problem);
    }
    Ok(())
}

async fn attempts(session: &mut Session, findings: &mut Findings) -> Result<(), Fault> {
    let mut after = String::new();
    loop {
        let sql = "SELECT body, revision, epoch, id, state, lease_until FROM attempt \
             WHERE id > $1 ORDER BY id LIMIT 200";
        let rows = session.fetch(sql, vec![after.into()], Lock::None).await?;
        let ids = ids(&rows, 3)?;
        let chains = chains(session, "attempt", &ids).await?;
        for (row, id) in rows.iter().zip(&ids) {
            for problem in attempt_problems(row, chains.get(id.as_str())) {
                findings.add("attempt", id, problem);
            }
        }
        match ids.last() {
            Some(last) if ids.len() == AT_ONCE => after = last.clone(),
            _ => return Ok(()),
        }
    }
}

fn attempt_problems(row: &Row, chain: Option<&Chain>) -> Vec<String> {
    let attempt = match AttemptRow::read(row) {
        Ok(attempt) => attempt,
        Err(fault) => return vec![unreadable(fault)],
    };
    let expected = || {
        Ok(vec![
            Some(attempt_id(&attempt.key)),
            Some(word(&attempt.state)?),
            Some(nanos(attempt.lease_until).to_string()),
        ])
    };
    let mut problems = chain::problems(chain, row, attempt.body(), may_follow);
    problems.extend(columns_differ(row, 3, expected()));
    problems
}

fn may_follow(before: &Told, after: &Told) -> bool {
    match before.state.as_str() {
        "open" => true,
        "answered" => after.state == "answered" && after.answer == before.answer,
        _ => after.state != "abandoned",
    }
}

/// The events of some rows.
async fn chains(
    session: &mut Session,
    subject: &str,
    ids: &[String],
) -> Result<HashMap<String, Chain>, Fault> {
    let mut chains: HashMap<String, Chain> = HashMap::new();
    if ids.is_empty() {
        return Ok(chains);
    }
    let sql = format!(
        "SELECT subject_key, revision, body FROM event WHERE subject = $1 AND subject_key IN ({}) \
         ORDER BY subject_key, revision",
        places(ids.len(), 1)
    );
    let mut values = vec![subject.into()];
    values.extend(ids.iter().map(|id| id.as_str().into()));
    for row in session.fetch(&sql, values, Lock::None).await? {
        let chain = chains.entry(row.text(0)?.to_owned()).or_default();
        chain.add(row.integer(1)?, row.text(2)?);
    }
    Ok(chains)
}

fn ids(rows: &[Row], at: usize) -> Result<Vec<String>, Fault> {
    rows.iter().map(|row| row.text(at).map(str::to_owned)).collect()
}

/// Whether the columns from a position on are what the row's body says.
fn columns_differ(row: &Row, from: usize, expected: Result<Vec<Option<String>>, Fault>) -> Option<String> {
    let expected = match expected {
        Ok(expected) => expected,
        Err(fault) => return Some(unreadable(fault)),
    };
    let found: Vec<_> = (from..from + expected.len()).map(|at| row.shown(at)).collect();
    (found != expected).then(|| "its columns are not what its body says".to_owned())
}

fn unreadable(fault: Fault) -> String {
    match fault {
        Fault::Again(text) | Fault::Store(text) | Fault::Damaged(text) => {
            format!("it cannot be read: {text}")
        }
        Fault::Fenced => "it cannot be read".to_owned(),
    }
}

/// Whether the worker should have come long ago.
fn is_long_ago(moment: Timestamp, now: Timestamp) -> bool {
    end_of_lease(moment, PATIENCE) < now
}
