//! Holds that have ended: by time, and those that a stock system has still to give back.

use std::time::Duration;

use jiff::Timestamp;
use skuery_resolvers::checkout::record::{Hold, HoldState};

use crate::ledger::attempts::end_of_lease;
use crate::ledger::dialect::{Lock, Session};
use crate::ledger::fault::Fault;
use crate::ledger::holds;
use crate::ledger::row::{HoldRow, nanos};

/// So many holds are ended in one transaction, so that nobody waits long for it.
const AT_ONCE: usize = 200;

/// Ends some holds whose time is over; whether there may be more of them.
pub(super) async fn expire(session: &mut Session, now: Timestamp) -> Result<bool, Fault> {
    let sql = "SELECT body, revision FROM hold WHERE state IN ('reserving', 'held') AND until_at <= $1 \
         ORDER BY until_at, id LIMIT $2";
    let values = vec![
        nanos(now).into(),
        i64::try_from(AT_ONCE).unwrap_or(i64::MAX).into(),
    ];
    let rows = session.fetch(sql, values, Lock::Skip).await?;
    for row in &rows {
        let mut row = HoldRow::read(row)?;
        row.hold.state = HoldState::Expired;
        holds::update(session, &mut row, "expired", now).await?;
    }
    Ok(rows.len() == AT_ONCE)
}

/// Gives out ended holds that stock systems have still to give back, each to one caller at a time. Being given out is a
/// passing thing and no event.
pub(super) async fn claim(
    session: &mut Session,
    now: Timestamp,
    lease: Duration,
    limit: usize,
) -> Result<Vec<Hold>, Fault> {
    let sql = "SELECT body, revision FROM hold WHERE at_system = 1 AND given_back_at IS NULL \
         AND state IN ('released', 'expired', 'failed') AND (claimed_until IS NULL OR claimed_until <= $1) \
         ORDER BY ended_at, id LIMIT $2";
    let values = vec![nanos(now).into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
    let rows = session.fetch(sql, values, Lock::Skip).await?;
    let mut claimed = Vec::with_capacity(rows.len());
    for row in &rows {
        let hold = HoldRow::read(row)?.hold;
        let sql = "UPDATE hold SET claimed_until = $1 WHERE id = $2";
        let values = vec![nanos(end_of_lease(now, lease)).into(), hold.id.as_ref().into()];
        session.execute(sql, values).await?;
        claimed.push(hold);
    }
    Ok(claimed)
}
