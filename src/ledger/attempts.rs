//! Keys of mutations: who works on one, and what was answered.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use skuery_resolvers::checkout::ledger::{Begun, Epoch};
use skuery_resolvers::checkout::record::AttemptKey;

use crate::ledger::dialect::{Lock, Session};
use crate::ledger::fault::Fault;
use crate::ledger::row::{AttemptRow, AttemptState, NewEvent, attempt_id, nanos, tell, word};

pub(super) async fn begin(
    session: &mut Session,
    key: &AttemptKey,
    body: &[u8; 32],
    lease: Duration,
    now: Timestamp,
) -> Result<Begun, Fault> {
    let body = hexadecimal(body);
    let lease_until = end_of_lease(now, lease);
    let Some(found) = find(session, key).await? else {
        let row = AttemptRow {
            key: key.clone(),
            body: Some(body),
            state: AttemptState::Open,
            lease_until,
            answer: None,
            epoch: 1,
            revision: 1,
        };
        return insert(session, &row, now).await;
    };
    if found.body.as_ref().is_some_and(|known| *known != body) {
        return Ok(Begun::Conflict);
    }
    if let Some(answer) = found.answer {
        return Ok(Begun::Answered(answer));
    }
    if found.state == AttemptState::Open && found.lease_until > now {
        return Ok(Begun::Busy);
    }
    let row = AttemptRow {
        body: Some(body),
        state: AttemptState::Open,
        lease_until,
        epoch: found.epoch + 1,
        ..found
    };
    let epoch = Epoch(row.epoch);
    update(session, row, "begun_again", now).await?;
    Ok(Begun::Mine(epoch))
}

pub(super) async fn answer(
    session: &mut Session,
    key: &AttemptKey,
    epoch: Epoch,
    answer: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let row = find_open(session, key, epoch).await?;
    keep_answer(session, row, answer, now).await
}

/// The attempt, as long as it is this owner's.
async fn find_open(session: &mut Session, key: &AttemptKey, epoch: Epoch) -> Result<AttemptRow, Fault> {
    let found = find(session, key).await?;
    found
        .filter(|row| row.epoch == epoch.0 && row.state == AttemptState::Open)
        .ok_or(Fault::Fenced)
}

/// Keeps what became of an order as the answer of its key, whoever works on that. The first answer stays.
pub(super) async fn answer_of_order(
    session: &mut Session,
    key: &AttemptKey,
    answer: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    match find(session, key).await? {
        Some(found) if found.answer.is_some() => Ok(()),
        Some(found) => keep_answer(session, found, answer, now).await,
        // The key was removed by age; its order still answers for it.
        None => Ok(()),
    }
}

async fn keep_answer(
    session: &mut Session,
    row: AttemptRow,
    answer: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let row = AttemptRow {
        state: AttemptState::Answered,
        answer: Some(Arc::from(answer)),
        ..row
    };
    update(session, row, "answered", now).await
}

pub(super) async fn abandon(
    session: &mut Session,
    key: &AttemptKey,
    epoch: Epoch,
    now: Timestamp,
) -> Result<(), Fault> {
    let row = AttemptRow {
        state: AttemptState::Abandoned,
        body: None,
        lease_until: now,
        ..find_open(session, key, epoch).await?
    };
    update(session, row, "abandoned", now).await
}

/// When a lease that begins now ends.
pub(super) fn end_of_lease(now: Timestamp, lease: Duration) -> Timestamp {
    now.checked_add(lease).unwrap_or(Timestamp::MAX)
}

async fn find(session: &mut Session, key: &AttemptKey) -> Result<Option<AttemptRow>, Fault> {
    let sql = "SELECT body, revision, epoch FROM attempt WHERE id = $1";
    let rows = session
        .fetch(sql, vec![attempt_id(key).into()], Lock::Wait)
        .await?;
    rows.first().map(AttemptRow::read).transpose()
}

async fn insert(session: &mut Session, row: &AttemptRow, now: Timestamp) -> Result<Begun, Fault> {
    let sql = "INSERT INTO attempt (id, revision, state, epoch, lease_until, changed_at, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let values = vec![
        attempt_id(&row.key).into(),
        row.revision.into(),
        word(&row.state)?.into(),
        row.epoch.into(),
        nanos(row.lease_until).into(),
        nanos(now).into(),
        row.body()?.into(),
    ];
    if session.execute(sql, values).await? == 0 {
        return Err(Fault::Again("the key was begun at the same time".to_owned()));
    }
    event(session, row, "begun", now).await?;
    Ok(Begun::Mine(Epoch(row.epoch)))
}

async fn update(session: &mut Session, row: AttemptRow, kind: &str, now: Timestamp) -> Result<(), Fault> {
    let row = AttemptRow {
        revision: row.revision + 1,
        ..row
    };
    let sql = "UPDATE attempt SET revision = $1, state = $2, epoch = $3, lease_until = $4, changed_at = $5, \
         body = $6 WHERE id = $7";
    let values = vec![
        row.revision.into(),
        word(&row.state)?.into(),
        row.epoch.into(),
        nanos(row.lease_until).into(),
        nanos(now).into(),
        row.body()?.into(),
        attempt_id(&row.key).into(),
    ];
    session.execute(sql, values).await?;
    event(session, &row, kind, now).await
}

async fn event(session: &mut Session, row: &AttemptRow, kind: &str, at: Timestamp) -> Result<(), Fault> {
    let event = NewEvent {
        subject: "attempt",
        key: &attempt_id(&row.key),
        revision: row.revision,
        kind,
        body: row.body()?,
        at,
    };
    tell(session, event).await
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
