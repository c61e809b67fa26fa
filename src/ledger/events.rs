//! The list of events, read; and the removal of what is old.

use std::sync::Arc;

use jiff::Timestamp;
use skuery_resolvers::checkout::ledger::{Event, Removed};

use crate::ledger::dialect::{Lock, Row, Session};
use crate::ledger::fault::Fault;
use crate::ledger::holds::{places, time};
use crate::ledger::row::nanos;

/// So many rows of a kind are removed in one transaction, so that nobody waits long for it.
const AT_ONCE: usize = 200;

pub(super) async fn of_key(session: &mut Session, key: &str) -> Result<Vec<Event>, Fault> {
    let sql = "SELECT sequence, written_at, subject, subject_key, kind, body FROM event \
         WHERE subject_key = $1 ORDER BY sequence";
    let rows = session.fetch(sql, vec![key.into()], Lock::None).await?;
    rows.iter().map(event).collect()
}

fn event(row: &Row) -> Result<Event, Fault> {
    Ok(Event {
        sequence: row.integer(0)?,
        at: time(row.integer(1)?)?,
        subject: Arc::from(row.text(2)?),
        key: Arc::from(row.text(3)?),
        kind: Arc::from(row.text(4)?),
        body: serde_json::from_str(row.text(5)?)?,
    })
}

/// Removes some of what is old, and says whether there may be more. Holds that a system has still to give back stay, and
/// so do keys that somebody works on or whose order is not settled.
pub(super) async fn remove_some(session: &mut Session, before: Timestamp) -> Result<(Removed, bool), Fault> {
    let holds = "SELECT id FROM hold WHERE ended_at < $1 \
         AND (at_system = 0 OR given_back_at IS NOT NULL) \
         AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.hold = hold.id) ORDER BY id LIMIT $2";
    let attempts = "SELECT id FROM attempt WHERE changed_at < $1 AND lease_until < $1 \
         AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.attempt = attempt.id AND orders.settled_at IS NULL) ORDER BY id LIMIT $2";
    let holds = old(session, holds, before).await?;
    let attempts = old(session, attempts, before).await?;
    let mut removed = Removed::default();
    if !holds.is_empty() {
        removed.events += delete(session, "event WHERE subject = 'hold' AND subject_key", &holds).await?;
        removed.holds = delete(session, "hold WHERE id", &holds).await?;
    }
    if !attempts.is_empty() {
        removed.events += delete(
            session,
            "event WHERE subject = 'attempt' AND subject_key",
            &attempts,
        )
        .await?;
        removed.attempts = delete(session, "attempt WHERE id", &attempts).await?;
    }
    // An order that was accepted so long ago is part of every figure.
    let sql = "DELETE FROM lease WHERE accepted_at < $1";
    session.execute(sql, vec![nanos(before).into()]).await?;
    let sql = "INSERT INTO upkeep (name, at) VALUES ('removed_before', $1) \
         ON CONFLICT (name) DO UPDATE SET at = CASE WHEN upkeep.at > excluded.at THEN upkeep.at ELSE excluded.at END";
    session.execute(sql, vec![nanos(before).into()]).await?;
    Ok((removed, holds.len() == AT_ONCE || attempts.len() == AT_ONCE))
}

async fn old(session: &mut Session, sql: &str, before: Timestamp) -> Result<Vec<String>, Fault> {
    let values = vec![
        nanos(before).into(),
        i64::try_from(AT_ONCE).unwrap_or(i64::MAX).into(),
    ];
    let rows = session.fetch(sql, values, Lock::Skip).await?;
    rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
}

async fn delete(session: &mut Session, what: &str, keys: &[String]) -> Result<u64, Fault> {
    let sql = format!("DELETE FROM {what} IN ({})", places(keys.len(), 0));
    let values = keys.iter().map(|key| key.as_str().into()).collect();
    session.execute(&sql, values).await
}
