//! The ledger's tables, in numbered steps that are part of the binary and are taken when it is opened.

use jiff::Timestamp;

use crate::ledger::dialect::{Lock, Session};
use crate::ledger::fault::Fault;
use crate::ledger::row::nanos;
use crate::ledger::store::{OpenError, Store};

/// All steps; a step's number is its place, from 1. A step that was released is never changed.
const STEPS: [&str; 1] = [include_str!("migrations/0001_checkout.sql")];

/// Any number that nothing else in the database uses; replicas that start at once wait for each other here.
const TURN: i64 = 0x736b_7565_7279;

/// Brings the store up to this version's tables.
pub(super) async fn run(store: &Store) -> Result<(), OpenError> {
    let unusable = |fault| OpenError::Store(text(fault));
    let mut session = store.begin().await.map_err(unusable)?;
    let found = match version(&mut session).await {
        Ok(found) => found,
        Err(fault) => {
            session.roll_back().await;
            return Err(unusable(fault));
        }
    };
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if found > known {
        session.roll_back().await;
        return Err(OpenError::TooNew { found, known });
    }
    match take(&mut session, found).await {
        Ok(()) => session.commit().await.map_err(unusable),
        Err(fault) => {
            session.roll_back().await;
            Err(unusable(fault))
        }
    }
}

async fn version(session: &mut Session) -> Result<i64, Fault> {
    session.keep_others_out(&[TURN]).await?;
    let table = "CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY, taken_at BIGINT NOT NULL)";
    session.script(table).await?;
    let sql = "SELECT version FROM migration ORDER BY version DESC LIMIT 1";
    let rows = session.fetch(sql, vec![], Lock::None).await?;
    rows.first().map_or(Ok(0), |row| row.integer(0))
}

async fn take(session: &mut Session, found: i64) -> Result<(), Fault> {
    for (number, step) in (1_i64..).zip(STEPS) {
        if number > found {
            session.script(step).await?;
            let sql = "INSERT INTO migration (version, taken_at) VALUES ($1, $2)";
            let values = vec![number.into(), nanos(Timestamp::now()).into()];
            session.execute(sql, values).await?;
        }
    }
    Ok(())
}

fn text(fault: Fault) -> String {
    match fault {
        Fault::Again(text) | Fault::Store(text) | Fault::Damaged(text) => text,
        Fault::Fenced => "taken over".to_owned(),
    }
}
