//! Holds: their rows and leases, and how they end.

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_resolvers::checkout::ledger::Lease;
use skuery_resolvers::checkout::record::{Hold, HoldState};
use skuery_schema::checkout::HoldKind;
use skuery_schema::ids::{LocationCode, Sku};

use crate::ledger::dialect::{Lock, Session, Value};
use crate::ledger::fault::Fault;
use crate::ledger::row::{HoldRow, NewEvent, buyer_id, cart_id, nanos, read_buyer, tell, word};

pub(super) async fn confirm(
    session: &mut Session,
    id: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, Fault> {
    let Some(mut row) = find(session, id, Lock::Wait).await? else {
        return Ok(false);
    };
    if row.hold.state != HoldState::Reserving || row.hold.until <= now {
        return Ok(false);
    }
    row.hold.state = HoldState::Held;
    row.hold.until = until;
    update(session, &mut row, "held", now).await?;
    Ok(true)
}

pub(super) async fn extend(
    session: &mut Session,
    id: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<Option<Hold>, Fault> {
    let Some(mut row) = find(session, id, Lock::Wait).await? else {
        return Ok(None);
    };
    if row.hold.state != HoldState::Held || row.hold.until <= now {
        return Ok(None);
    }
    row.hold.until = until;
    update(session, &mut row, "extended", now).await?;
    Ok(Some(row.hold))
}

pub(super) async fn end(
    session: &mut Session,
    id: &str,
    state: HoldState,
    now: Timestamp,
) -> Result<Option<Hold>, Fault> {
    let kind = match state {
        HoldState::Released => "released",
        HoldState::Expired => "expired",
        HoldState::Failed => "failed",
        HoldState::Reserving | HoldState::Held | HoldState::Ordered => {
            return Err(Fault::Damaged(format!("a hold cannot end as {state:?}")));
        }
    };
    let Some(mut row) = find(session, id, Lock::Wait).await?.filter(HoldRow::is_open) else {
        return Ok(None);
    };
    let before = row.hold.clone();
    row.hold.state = state;
    update(session, &mut row, kind, now).await?;
    Ok(Some(before))
}

/// The stock systems have given it back.
pub(super) async fn note_given_back(session: &mut Session, id: &str, now: Timestamp) -> Result<(), Fault> {
    let Some(mut row) = find(session, id, Lock::Wait).await? else {
        return Ok(());
    };
    if !row.has_ended() || row.given_back_at.is_some() {
        return Ok(());
    }
    row.given_back_at = Some(now);
    update(session, &mut row, "given_back", now).await
}

pub(super) async fn find(session: &mut Session, id: &str, lock: Lock) -> Result<Option<HoldRow>, Fault> {
    let sql = "SELECT body, revision FROM hold WHERE id = $1";
    let rows = session.fetch(sql, vec![id.into()], lock).await?;
    rows.first().map(HoldRow::read).transpose()
}

/// Writes a new hold with its leases.
pub(super) async fn insert(session: &mut Session, row: &HoldRow, now: Timestamp) -> Result<(), Fault> {
    let hold = &row.hold;
    let sql = "INSERT INTO hold (id, revision, buyer, cart, state, created_at, until_at, at_system, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    let values = vec![
        row.id().into(),
        row.revision.into(),
        buyer_id(&hold.buyer).into(),
        cart_id(&hold.buyer, &hold.checkout_id).into(),
        word(&hold.state)?.into(),
        nanos(hold.created_at).into(),
        nanos(hold.until).into(),
        i64::from(row.is_at_system()).into(),
        row.body()?.into(),
    ];
    if session.execute(sql, values).await? == 0 {
        return Err(Fault::Damaged(format!("there is a hold {} already", row.id())));
    }
    insert_leases(session, hold).await?;
    let kind = word(&hold.state)?;
    event(session, row, &kind, now).await
}

async fn insert_leases(session: &mut Session, hold: &Hold) -> Result<(), Fault> {
    let lines = (1_i64..).zip(&hold.lines);
    let ours: Vec<_> = lines.filter(|(_, line)| line.kind == HoldKind::Gateway).collect();
    for some in ours.chunks(100) {
        let mut values: Vec<Value> = Vec::with_capacity(some.len() * 6);
        for (position, line) in some {
            values.push(hold.id.as_ref().into());
            values.push((*position).into());
            values.push(line.sku.as_str().into());
            values.push(line.location.as_str().into());
            values.push(line.quantity.to_string().into());
            values.push(nanos(hold.until).into());
        }
        let rows: Vec<String> = (0..some.len())
            .map(|row| format!("({})", places(6, row * 6)))
            .collect();
        let sql = format!(
            "INSERT INTO lease (hold, position, sku, location, quantity, until_at) VALUES {}",
            rows.join(", ")
        );
        session.execute(&sql, values).await?;
    }
    Ok(())
}

/// `$4, $5, $6`: so many places for values after so many others.
pub(super) fn places(count: usize, after: usize) -> String {
    let places: Vec<String> = (after + 1..=after + count)
        .map(|number| format!("${number}"))
        .collect();
    places.join(", ")
}

/// Writes a changed hold, and what it means for its leases.
pub(super) async fn update(
    session: &mut Session,
    row: &mut HoldRow,
    kind: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    row.revision += 1;
    if row.has_ended() {
        row.ended_at.get_or_insert(now);
    }
    let sql = "UPDATE hold SET revision = $1, state = $2, until_at = $3, given_back_at = $4, ended_at = $5, \
         body = $6 WHERE id = $7";
    let values = vec![
        row.revision.into(),
        word(&row.hold.state)?.into(),
        nanos(row.hold.until).into(),
        row.given_back_at.map(nanos).into(),
        row.ended_at.map(nanos).into(),
        row.body()?.into(),
        row.id().into(),
    ];
    session.execute(sql, values).await?;
    match row.hold.state {
        HoldState::Reserving | HoldState::Held => {
            let sql = "UPDATE lease SET until_at = $1 WHERE hold = $2";
            let values = vec![nanos(row.hold.until).into(), row.id().into()];
            session.execute(sql, values).await?;
        }
        HoldState::Ordered => {
            let sql = "UPDATE lease SET until_at = NULL WHERE hold = $1";
            session.execute(sql, vec![row.id().into()]).await?;
        }
        HoldState::Released | HoldState::Expired | HoldState::Failed => {
            let sql = "DELETE FROM lease WHERE hold = $1";
            session.execute(sql, vec![row.id().into()]).await?;
        }
    }
    event(session, row, kind, now).await
}

async fn event(session: &mut Session, row: &HoldRow, kind: &str, at: Timestamp) -> Result<(), Fault> {
    let event = NewEvent {
        subject: "hold",
        key: row.id(),
        revision: row.revision,
        kind,
        body: row.body()?,
        at,
    };
    tell(session, event).await
}

/// Everything that counts now, except orders that were accepted before `accepted_since`.
pub(super) async fn leases(
    session: &mut Session,
    now: Timestamp,
    accepted_since: Timestamp,
) -> Result<Vec<Lease>, Fault> {
    let sql = "SELECT hold.buyer, lease.sku, lease.location, lease.quantity, lease.until_at, lease.accepted_at, \
         lease.hold, hold.created_at \
         FROM lease JOIN hold ON hold.id = lease.hold \
         WHERE (lease.until_at IS NULL OR lease.until_at > $1) \
         AND (lease.accepted_at IS NULL OR lease.accepted_at >= $2) \
         ORDER BY lease.sku, lease.location, lease.hold, lease.position";
    let values = vec![nanos(now).into(), nanos(accepted_since).into()];
    let rows = session.fetch(sql, values, Lock::None).await?;
    let leases = rows.iter().map(|row| {
        Ok(Lease {
            hold: Arc::from(row.text(6)?),
            since: time(row.integer(7)?)?,
            buyer: read_buyer(row.text(0)?)?,
            sku: Sku::new(row.text(1)?),
            location: LocationCode::new(row.text(2)?),
            quantity: quantity(row.text(3)?)?,
            until: row.integer_or_none(4)?.map(time).transpose()?,
            accepted_at: row.integer_or_none(5)?.map(time).transpose()?,
        })
    });
    leases.collect()
}

/// An exact quantity of a column.
pub(super) fn quantity(text: &str) -> Result<Decimal, Fault> {
    Decimal::from_str_exact(text).map_err(|error| Fault::Damaged(format!("the quantity `{text}`: {error}")))
}

/// A time of a column.
pub(super) fn time(nanos: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_nanosecond(i128::from(nanos)).map_err(|error| Fault::Damaged(error.to_string()))
}
