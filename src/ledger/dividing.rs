//! How stock is divided: who holds how much of it, and one more hold, in one transaction that keeps others out.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use skuery_resolvers::checkout::ledger::{HoldWish, Holding, StockPlace, Taken};
use skuery_resolvers::checkout::record::{HeldLine, Hold, HoldState};
use skuery_schema::checkout::HoldKind;
use skuery_schema::ids::{LocationCode, Sku};

use crate::ledger::dialect::{Lock, Session, Value};
use crate::ledger::fault::Fault;
use crate::ledger::holds::{self, places, quantity};
use crate::ledger::row::{HoldRow, cart_id, nanos};

/// The most values that one statement is given.
const AT_ONCE: usize = 200;

type Decide<'a> = &'a (dyn Fn(&Taken) -> Vec<HeldLine> + Send + Sync);

pub(super) async fn hold(
    session: &mut Session,
    wish: &HoldWish<'_>,
    decide: Decide<'_>,
) -> Result<Holding, Fault> {
    let cart = cart_id(wish.buyer, wish.checkout_id);
    session.keep_others_out(&turns(wish, &cart)).await?;
    let replaced = end_what_is_over(session, wish, &cart).await?;
    let taken = count(session, wish).await?;
    let lines = decide(&taken);
    check(wish, &lines)?;
    if lines.is_empty() {
        return Ok(Holding { hold: None, replaced });
    }
    let is_at_system = lines.iter().any(|line| line.kind == HoldKind::System);
    let hold = Hold {
        id: wish.id.clone(),
        buyer: wish.buyer.clone(),
        checkout_id: Arc::from(wish.checkout_id),
        lines,
        state: if is_at_system {
            HoldState::Reserving
        } else {
            HoldState::Held
        },
        created_at: wish.now,
        until: wish.until,
    };
    let row = HoldRow {
        hold,
        order: None,
        ended_at: None,
        given_back_at: None,
        revision: 1,
    };
    holds::insert(session, &row, wish.now).await?;
    Ok(Holding {
        hold: Some(row.hold),
        replaced,
    })
}

/// The numbers of all places and of the cart. Two that share a number wait for each other without need, no more.
fn turns(wish: &HoldWish<'_>, cart: &str) -> Vec<i64> {
    let mut turns = vec![turn(&["cart", cart])];
    for place in wish.places {
        turns.push(turn(&["place", place.sku.as_str(), place.location.as_str()]));
    }
    turns
}

fn turn(name: &[&str]) -> i64 {
    let mut digest = Sha256::new();
    for part in name {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    let digest = digest.finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}

/// Ends the cart's earlier hold, which is given back, and others' holds at these places whose time is over. What is not
/// counted must be ended for good: a replica whose clock is behind could lengthen it else.
async fn end_what_is_over(
    session: &mut Session,
    wish: &HoldWish<'_>,
    cart: &str,
) -> Result<Option<Hold>, Fault> {
    let sql = "SELECT id FROM hold WHERE cart = $1 AND state IN ('reserving', 'held')";
    let earlier = session.fetch(sql, vec![cart.into()], Lock::None).await?;
    let earlier = earlier.iter().map(|row| Ok(row.text(0)?.to_owned()));
    let earlier: BTreeSet<String> = earlier.collect::<Result<_, Fault>>()?;
    let mut all = earlier.clone();
    for skus in skus(wish.places).chunks(AT_ONCE) {
        let sql = format!(
            "SELECT DISTINCT hold FROM lease WHERE sku IN ({}) AND until_at <= $1",
            places(skus.len(), 1)
        );
        let mut values = vec![nanos(wish.now).into()];
        values.extend(skus.iter().map(|sku| Value::from(sku.as_str())));
        for row in session.fetch(&sql, values, Lock::None).await? {
            all.insert(row.text(0)?.to_owned());
        }
    }
    let mut replaced = None;
    // In rising order of their ids: two transactions that meet here never wait for each other.
    for id in all {
        let Some(mut row) = holds::find(session, &id, Lock::Wait)
            .await?
            .filter(HoldRow::is_open)
        else {
            continue;
        };
        if earlier.contains(&id) {
            let before = row.hold.clone();
            row.hold.state = HoldState::Released;
            holds::update(session, &mut row, "replaced", wish.now).await?;
            replaced = Some(Hold {
                state: HoldState::Released,
                ..before
            });
        } else if row.hold.until <= wish.now {
            row.hold.state = HoldState::Expired;
            holds::update(session, &mut row, "expired", wish.now).await?;
        }
    }
    Ok(replaced)
}

fn skus(places: &[StockPlace]) -> Vec<Sku> {
    let skus: BTreeSet<&Sku> = places.iter().map(|place| &place.sku).collect();
    skus.into_iter().cloned().collect()
}

/// What is taken at the wish's places, each of which is named.
async fn count(session: &mut Session, wish: &HoldWish<'_>) -> Result<Taken, Fault> {
    let mut contained_before = HashMap::new();
    let mut taken = Taken::new();
    for place in wish.places {
        let key = (place.sku.clone(), place.location.clone());
        contained_before.insert(key.clone(), nanos(contained_up_to(place)));
        taken.insert(key, Decimal::ZERO);
    }
    let oldest = contained_before.values().copied().min().unwrap_or(i64::MAX);
    for skus in skus(wish.places).chunks(AT_ONCE) {
        let sql = format!(
            "SELECT sku, location, quantity, accepted_at FROM lease WHERE sku IN ({}) \
             AND (accepted_at IS NULL OR accepted_at >= $1)",
            places(skus.len(), 1)
        );
        let mut values = vec![oldest.into()];
        values.extend(skus.iter().map(|sku| Value::from(sku.as_str())));
        for row in session.fetch(&sql, values, Lock::None).await? {
            let key = (Sku::new(row.text(0)?), LocationCode::new(row.text(1)?));
            let Some(contained_before) = contained_before.get(&key) else {
                continue;
            };
            let counts = row
                .integer_or_none(3)?
                .is_none_or(|accepted| accepted >= *contained_before);
            if let (true, Some(sum)) = (counts, taken.get_mut(&key)) {
                let more = sum.checked_add(quantity(row.text(2)?)?);
                *sum = more
                    .ok_or_else(|| Fault::Damaged(format!("the holds of {} are beyond counting", key.0)))?;
            }
        }
    }
    Ok(taken)
}

/// Orders that were accepted before this are part of the figure that was read.
fn contained_up_to(place: &StockPlace) -> Timestamp {
    place
        .read_at
        .checked_sub(place.reflects_after)
        .unwrap_or(Timestamp::MIN)
}

/// Only what others are kept out of may be divided.
fn check(wish: &HoldWish<'_>, lines: &[HeldLine]) -> Result<(), Fault> {
    for line in lines.iter().filter(|line| line.kind == HoldKind::Gateway) {
        let is_wished = wish
            .places
            .iter()
            .any(|place| place.sku == line.sku && place.location == line.location);
        if !is_wished {
            let problem = format!(
                "{} at {} was not among the places to divide",
                line.sku, line.location
            );
            return Err(Fault::Damaged(problem));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_name_cannot_run_into_each_other() {
        assert_ne!(turn(&["place", "a", "bc"]), turn(&["place", "ab", "c"]));
        assert_eq!(turn(&["place", "a", "b"]), turn(&["place", "a", "b"]));
    }
}
