//! What does not add up about holds and what they keep from others.

use std::collections::HashMap;

use jiff::Timestamp;
use skuery_resolvers::checkout::record::{HoldState, OrderRecord, OrderState};
use skuery_schema::checkout::HoldKind;

use crate::ledger::check::chain::{self, Chain, Told};
use crate::ledger::check::{AT_ONCE, Findings, chains, columns_differ, ids, is_long_ago, unreadable};
use crate::ledger::dialect::{Lock, Row, Session};
use crate::ledger::fault::Fault;
use crate::ledger::holds::places;
use crate::ledger::row::{HoldRow, buyer_id, cart_id, nanos, word};

/// A lease as its columns show it, from `position` on.
type Shown = Vec<Option<String>>;

/// What stands beside some holds.
struct Beside {
    chains: HashMap<String, Chain>,
    leases: HashMap<String, Vec<Shown>>,
    orders: HashMap<String, OrderRecord>,
    removed_before: i64,
}

pub(super) async fn check(
    session: &mut Session,
    now: Timestamp,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let sql = "SELECT at FROM upkeep WHERE name = 'removed_before'";
    let rows = session.fetch(sql, vec![], Lock::None).await?;
    let removed_before = rows.first().map_or(Ok(i64::MIN), |row| row.integer(0))?;
    let mut after = String::new();
    loop {
        let sql = "SELECT body, revision, id, state, created_at, until_at, at_system, given_back_at, buyer, cart, \
             ended_at FROM hold WHERE id > $1 ORDER BY id LIMIT 200";
        let rows = session.fetch(sql, vec![after.into()], Lock::None).await?;
        let ids = ids(&rows, 2)?;
        let beside = Beside {
            chains: chains(session, "hold", &ids).await?,
            leases: leases(session, &ids).await?,
            orders: orders(session, &ids).await?,
            removed_before,
        };
        for (row, id) in rows.iter().zip(&ids) {
            for problem in problems(row, id, &beside, now) {
                findings.add("hold", id, problem);
            }
        }
        match ids.last() {
            Some(last) if ids.len() == AT_ONCE => after = last.clone(),
            _ => return Ok(()),
        }
    }
}

async fn leases(session: &mut Session, ids: &[String]) -> Result<HashMap<String, Vec<Shown>>, Fault> {
    let mut leases: HashMap<String, Vec<Shown>> = HashMap::new();
    if ids.is_empty() {
        return Ok(leases);
    }
    let sql = format!(
        "SELECT hold, position, sku, location, quantity, until_at, accepted_at FROM lease WHERE hold IN ({}) \
         ORDER BY hold, position",
        places(ids.len(), 0)
    );
    let values = ids.iter().map(|id| id.as_str().into()).collect();
    for row in session.fetch(&sql, values, Lock::None).await? {
        let shown = (1..7).map(|at| row.shown(at)).collect();
        leases.entry(row.text(0)?.to_owned()).or_default().push(shown);
    }
    Ok(leases)
}

async fn orders(session: &mut Session, ids: &[String]) -> Result<HashMap<String, OrderRecord>, Fault> {
    let mut orders = HashMap::new();
    if ids.is_empty() {
        return Ok(orders);
    }
    let sql = format!(
        "SELECT hold, body FROM orders WHERE hold IN ({})",
        places(ids.len(), 0)
    );
    let values = ids.iter().map(|id| id.as_str().into()).collect();
    for row in session.fetch(&sql, values, Lock::None).await? {
        // An order that cannot be read is a finding of its own.
        if let Ok(record) = serde_json::from_str(row.text(1)?) {
            orders.insert(row.text(0)?.to_owned(), record);
        }
    }
    Ok(orders)
}

fn problems(row: &Row, id: &str, beside: &Beside, now: Timestamp) -> Vec<String> {
    let hold = match HoldRow::read(row) {
        Ok(hold) => hold,
        Err(fault) => return vec![unreadable(fault)],
    };
    let mut problems = chain::problems(beside.chains.get(id), row, hold.body(), may_follow);
    problems.extend(columns_differ(row, 2, columns(&hold)));
    let order = beside.orders.get(id);
    if !leases_match(&hold, order, beside.leases.get(id), beside.removed_before) {
        problems.push("what it keeps from others is not what it holds".to_owned());
    }
    problems.extend(open_end(&hold, order, now));
    problems
}

fn may_follow(before: &Told, after: &Told) -> bool {
    let (before, after) = (before.state.as_str(), after.state.as_str());
    match before {
        "reserving" => after != "ordered",
        "held" => after != "reserving",
        "ordered" => matches!(after, "ordered" | "released"),
        ended => after == ended,
    }
}

fn columns(row: &HoldRow) -> Result<Shown, Fault> {
    let hold = &row.hold;
    Ok(vec![
        Some(hold.id.to_string()),
        Some(word(&hold.state)?),
        Some(nanos(hold.created_at).to_string()),
        Some(nanos(hold.until).to_string()),
        Some(i64::from(row.is_at_system()).to_string()),
        row.given_back_at.map(|at| nanos(at).to_string()),
        Some(buyer_id(&hold.buyer)),
        Some(cart_id(&hold.buyer, &hold.checkout_id)),
        row.ended_at.map(|at| nanos(at).to_string()),
    ])
}

fn leases_match(
    row: &HoldRow,
    order: Option<&OrderRecord>,
    found: Option<&Vec<Shown>>,
    removed_before: i64,
) -> bool {
    let found = found.map_or(&[][..], Vec::as_slice);
    if row.has_ended() {
        return found.is_empty();
    }
    let placed = order.filter(|order| order.state == OrderState::Placed);
    let accepted = placed.and_then(|order| order.settled_at).map(nanos);
    if found.is_empty() && accepted.is_some_and(|accepted| accepted < removed_before) {
        return true;
    }
    let until = row.is_open().then(|| nanos(row.hold.until).to_string());
    let lines = (1..).zip(&row.hold.lines);
    let ours = lines.filter(|(_, line)| line.kind == HoldKind::Gateway);
    let expected = ours.map(|(position, line): (i64, _)| {
        vec![
            Some(position.to_string()),
            Some(line.sku.as_str().to_owned()),
            Some(line.location.as_str().to_owned()),
            Some(line.quantity.to_string()),
            until.clone(),
            accepted.map(|accepted| accepted.to_string()),
        ]
    });
    expected.eq(found.iter().cloned())
}

fn open_end(hold: &HoldRow, order: Option<&OrderRecord>, now: Timestamp) -> Option<String> {
    match hold.hold.state {
        HoldState::Reserving | HoldState::Held => {
            let is_over = is_long_ago(hold.hold.until, now);
            is_over.then(|| "its time is over and nobody has ended it".to_owned())
        }
        HoldState::Ordered => order.is_none().then(|| "no order stands on it".to_owned()),
        HoldState::Released | HoldState::Expired | HoldState::Failed => {
            let is_long = hold.ended_at.is_none_or(|ended| is_long_ago(ended, now));
            let is_open = hold.is_at_system() && hold.given_back_at.is_none();
            (is_open && is_long).then(|| "its stock system was not told that it has ended".to_owned())
        }
    }
}
