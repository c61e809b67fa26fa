//! Orders: written down before they are sent, claimed by one worker at a time, and never removed.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use skuery_resolvers::checkout::ledger::{Epoch, Intended, OrderFilter};
use skuery_resolvers::checkout::record::{AttemptKey, Buyer, HoldState, Operation, OrderRecord, OrderState};

use crate::ledger::attempts::{self, end_of_lease};
use crate::ledger::dialect::{Lock, Row, Session, Value};
use crate::ledger::fault::Fault;
use crate::ledger::holds;
use crate::ledger::row::{
    HoldRow, NewEvent, OrderRow, attempt_id, attempt_of_order, nanos, payment_id, tell, word,
};

pub(super) async fn intend(
    session: &mut Session,
    record: &OrderRecord,
    now: Timestamp,
) -> Result<Intended, Fault> {
    // One order may be on its way under the key, or on the hold; the first stands.
    if let Some(number) = standing(session, record).await? {
        return Ok(Intended::AlreadyOrdered(number));
    }
    let hold = holds::find(session, &record.hold, Lock::Wait).await?;
    let is_good = |row: &HoldRow| {
        let hold = &row.hold;
        hold.state == HoldState::Held && hold.until > now && hold.buyer == record.buyer
    };
    let Some(mut hold) = hold.filter(is_good) else {
        // Whoever had the row may have ordered on it while we waited.
        let standing = standing(session, record).await?;
        return Ok(standing.map_or(Intended::HoldEnded, Intended::AlreadyOrdered));
    };
    let row = OrderRow {
        record: record.clone(),
        epoch: 1,
        claimed_until: None,
        revision: 1,
    };
    if !insert(session, &row).await? {
        // A number, a key or a payment that two orders would share: the one that was first stands.
        let standing = standing(session, record).await?;
        return Ok(standing.map_or(Intended::PaymentUsed, Intended::AlreadyOrdered));
    }
    hold.hold.state = HoldState::Ordered;
    hold.order = Some(record.draft.external_number.clone());
    holds::update(session, &mut hold, "ordered", now).await?;
    event(session, &row, "intended", now).await?;
    Ok(Intended::Written(Epoch(row.epoch)))
}

/// The order with the same number, under the same key or on the same hold.
async fn standing(session: &mut Session, record: &OrderRecord) -> Result<Option<Arc<str>>, Fault> {
    let sql = "SELECT external_number FROM orders \
         WHERE external_number = $1 OR attempt = $2 OR hold = $3 \
         ORDER BY CASE WHEN external_number = $1 THEN 0 WHEN attempt = $2 THEN 1 ELSE 2 END LIMIT 1";
    let values = vec![
        record.draft.external_number.as_ref().into(),
        attempt_of_order(record).into(),
        record.hold.as_ref().into(),
    ];
    let rows = session.fetch(sql, values, Lock::None).await?;
    rows.first().map(|row| row.text(0).map(Arc::from)).transpose()
}

async fn insert(session: &mut Session, row: &OrderRow) -> Result<bool, Fault> {
    let record = &row.record;
    let sql = "INSERT INTO orders (external_number, revision, attempt, hold, state, epoch, intended_at, \
         settled_at, due_at, payment, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
    let values = vec![
        row.id().into(),
        row.revision.into(),
        attempt_of_order(record).into(),
        record.hold.as_ref().into(),
        word(&record.state)?.into(),
        row.epoch.into(),
        nanos(record.intended_at).into(),
        record.settled_at.map(nanos).into(),
        record.due.map(nanos).into(),
        Value::Text(record.payment.as_ref().map(payment_id)),
        row.body()?.into(),
    ];
    Ok(session.execute(sql, values).await? == 1)
}

pub(super) async fn record(
    session: &mut Session,
    record: &OrderRecord,
    epoch: Epoch,
    kind: &str,
    answer: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    let number = &record.draft.external_number;
    let found = find(session, number, Lock::Wait).await?;
    let found = found.ok_or_else(|| Fault::Damaged(format!("order {number} is not there")))?;
    if found.epoch != epoch.0 {
        return Err(Fault::Fenced);
    }
    let before = &found.record;
    if before.hold != record.hold
        || before.buyer != record.buyer
        || before.key != record.key
        || before.payment.as_ref().map(payment_id) != record.payment.as_ref().map(payment_id)
    {
        return Err(Fault::Damaged(format!(
            "order {number} cannot change buyer, key, hold or payment"
        )));
    }
    let mut row = OrderRow {
        record: record.clone(),
        // Its owner has said when it is to be looked at again.
        claimed_until: None,
        ..found
    };
    update(session, &mut row, kind, now).await?;
    match record.state {
        OrderState::Rejected => release(session, record, now).await?,
        OrderState::Placed => accept(session, record).await?,
        OrderState::Submitting | OrderState::Unknown | OrderState::NeedsReview => {}
    }
    let Some(answer) = answer else { return Ok(()) };
    let key = AttemptKey {
        buyer: record.buyer.clone(),
        operation: Operation::Place,
        key: record.key.clone(),
    };
    attempts::answer_of_order(session, &key, answer, now).await
}

async fn release(session: &mut Session, record: &OrderRecord, now: Timestamp) -> Result<(), Fault> {
    let Some(mut hold) = holds::find(session, &record.hold, Lock::Wait).await? else {
        return Ok(());
    };
    if hold.hold.state == HoldState::Ordered {
        hold.hold.state = HoldState::Released;
        holds::update(session, &mut hold, "released", now).await?;
    }
    Ok(())
}

async fn accept(session: &mut Session, record: &OrderRecord) -> Result<(), Fault> {
    let sql = "UPDATE lease SET accepted_at = $1 WHERE hold = $2";
    let values = vec![record.settled_at.map(nanos).into(), record.hold.as_ref().into()];
    session.execute(sql, values).await?;
    Ok(())
}

pub(super) async fn claim_due(
    session: &mut Session,
    now: Timestamp,
    lease: Duration,
    limit: usize,
) -> Result<Vec<(OrderRecord, Epoch)>, Fault> {
    let sql = "SELECT body, revision, epoch, claimed_until FROM orders WHERE due_at <= $1 \
         AND (claimed_until IS NULL OR claimed_until <= $1) ORDER BY due_at, external_number LIMIT $2";
    let values = vec![nanos(now).into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
    let rows = session.fetch(sql, values, Lock::Skip).await?;
    let mut claimed = Vec::with_capacity(rows.len());
    for row in &rows {
        claimed.push(claim(session, OrderRow::read(row)?, lease, now).await?);
    }
    Ok(claimed)
}

pub(super) async fn claim_order(
    session: &mut Session,
    number: &str,
    lease: Duration,
    now: Timestamp,
) -> Result<Option<(OrderRecord, Epoch)>, Fault> {
    match find(session, number, Lock::Wait).await? {
        Some(row) => claim(session, row, lease, now).await.map(Some),
        None => Ok(None),
    }
}

async fn claim(
    session: &mut Session,
    mut row: OrderRow,
    lease: Duration,
    now: Timestamp,
) -> Result<(OrderRecord, Epoch), Fault> {
    row.epoch += 1;
    row.claimed_until = Some(nanos(end_of_lease(now, lease)));
    update(session, &mut row, "claimed", now).await?;
    Ok((row.record, Epoch(row.epoch)))
}

async fn find(session: &mut Session, number: &str, lock: Lock) -> Result<Option<OrderRow>, Fault> {
    let sql = "SELECT body, revision, epoch, claimed_until FROM orders WHERE external_number = $1";
    let rows = session.fetch(sql, vec![number.into()], lock).await?;
    rows.first().map(OrderRow::read).transpose()
}

async fn update(session: &mut Session, row: &mut OrderRow, kind: &str, now: Timestamp) -> Result<(), Fault> {
    row.revision += 1;
    let record = &row.record;
    let sql = "UPDATE orders SET revision = $1, state = $2, epoch = $3, settled_at = $4, due_at = $5, \
         claimed_until = $6, body = $7 WHERE external_number = $8";
    let values = vec![
        row.revision.into(),
        word(&record.state)?.into(),
        row.epoch.into(),
        record.settled_at.map(nanos).into(),
        record.due.map(nanos).into(),
        row.claimed_until.into(),
        row.body()?.into(),
        row.id().into(),
    ];
    session.execute(sql, values).await?;
    event(session, row, kind, now).await
}

async fn event(session: &mut Session, row: &OrderRow, kind: &str, at: Timestamp) -> Result<(), Fault> {
    let event = NewEvent {
        subject: "order",
        key: row.id(),
        revision: row.revision,
        kind,
        body: row.body()?,
        at,
    };
    tell(session, event).await
}

pub(super) async fn order(session: &mut Session, number: &str) -> Result<Option<OrderRecord>, Fault> {
    Ok(find(session, number, Lock::None).await?.map(|row| row.record))
}

pub(super) async fn of_key(
    session: &mut Session,
    buyer: &Buyer,
    key: &str,
) -> Result<Option<OrderRecord>, Fault> {
    let key = AttemptKey {
        buyer: buyer.clone(),
        operation: Operation::Place,
        key: Arc::from(key),
    };
    let sql = "SELECT body FROM orders WHERE attempt = $1";
    let rows = session
        .fetch(sql, vec![attempt_id(&key).into()], Lock::None)
        .await?;
    rows.first().map(body).transpose()
}

/// Newest first.
pub(super) async fn list(session: &mut Session, filter: &OrderFilter) -> Result<Vec<OrderRecord>, Fault> {
    let sql = "SELECT body FROM orders WHERE ($1 = '' OR state = $1) AND intended_at >= $2 \
         ORDER BY intended_at DESC, external_number LIMIT $3";
    let state = filter.state.map(|state| word(&state)).transpose()?;
    let values: Vec<Value> = vec![
        state.unwrap_or_default().into(),
        filter.since.map_or(i64::MIN, nanos).into(),
        i64::try_from(filter.limit).unwrap_or(i64::MAX).into(),
    ];
    let rows = session.fetch(sql, values, Lock::None).await?;
    rows.iter().map(body).collect()
}

fn body(row: &Row) -> Result<OrderRecord, Fault> {
    Ok(serde_json::from_str(row.text(0)?)?)
}
