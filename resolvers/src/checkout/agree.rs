//! Whether what was agreed still holds, by what the systems say now. Pure functions.

use skuery_schema::checkout::{HoldKind, UserError, UserErrorCode};
use skuery_schema::ids::{LocationCode, Sku};
use skuery_schema::price::{Money, Price};

use rust_decimal::Decimal;

use crate::checkout::ledger::Lease;
use crate::checkout::reader::{LineReading, PlaceReading, Reading};
use crate::checkout::record::Hold;
use crate::checkout::run::later;
use crate::checkout::token::{AgreedLine, Claims};
use crate::checkout::trouble::{of_line, silent, trouble};

/// What speaks against the prices and the buyer's credit; empty when nothing does.
pub(super) fn price_troubles(claims: &Claims, reading: &Reading) -> Vec<UserError> {
    let lines = claims.lines.iter().zip(&reading.lines);
    let mut troubles: Vec<UserError> = lines
        .filter_map(|(line, read)| price_trouble(line, read))
        .collect();
    match &reading.credit_blocked {
        Some(Err(error)) => troubles.push(silent(error.system())),
        Some(Ok(true)) => troubles.push(trouble(
            UserErrorCode::CreditBlocked,
            "no further orders are taken on account",
        )),
        Some(Ok(false)) | None => {}
    }
    troubles
}

/// What speaks against the stock of a hold; empty when nothing does. `leases` are those of this moment.
pub(super) fn stock_troubles(
    claims: &Claims,
    hold: &Hold,
    reading: &Reading,
    leases: &[Lease],
) -> Vec<UserError> {
    let lines = claims.lines.iter().zip(&reading.lines);
    lines
        .filter_map(|(line, read)| stock_trouble(line, read, hold, leases))
        .collect()
}

fn price_trouble(line: &AgreedLine, read: &LineReading) -> Option<UserError> {
    let price = match &read.price {
        Ok(price) => price,
        Err(error) => return Some(of_line(silent(error.system()), &line.line_id)),
    };
    let message = match price {
        Some(price) if is_agreed(line, price) => return None,
        Some(_) => format!("the price of {} is another than agreed; verify again", line.sku),
        None => format!("{} has no price any more; verify again", line.sku),
    };
    Some(of_line(
        trouble(UserErrorCode::PriceChanged, &message),
        &line.line_id,
    ))
}

fn is_agreed(line: &AgreedLine, price: &Price) -> bool {
    let amount = |money: Option<Money>| money.map(|money| money.amount);
    amount(price.unit_price.net) == line.net
        && amount(price.unit_price.gross) == line.gross
        && price.price_quantity == line.price_quantity
}

/// What the gateway holds by itself must still be there: other channels do not know of it. What systems hold is not looked
/// at here.
fn stock_trouble(line: &AgreedLine, read: &LineReading, hold: &Hold, leases: &[Lease]) -> Option<UserError> {
    let of_line_here = hold.lines.iter().filter(|held| held.line_id == line.line_id);
    for held in of_line_here.filter(|held| held.kind == HoldKind::Gateway) {
        let place = read
            .places
            .iter()
            .find(|place| place.location.code == held.location);
        let Some(place) = place else {
            // The channel is no longer served from there.
            return Some(gone(line));
        };
        let figure = match &place.figure {
            Ok(figure) => figure,
            Err(error) => return Some(of_line(silent(error.system()), &line.line_id)),
        };
        let there = figure.as_ref().map(|figure| figure.available).unwrap_or_default();
        let others = before_us(&line.sku, place, hold, leases);
        if there - others < ours(&line.sku, &held.location, hold) {
            return Some(gone(line));
        }
    }
    None
}

/// What comes before this hold at a place: orders that the figure does not contain yet, and earlier holds. Later holds do
/// not: if another channel has sold of what was held, the last are to go without, and not all.
fn before_us(sku: &Sku, place: &PlaceReading, hold: &Hold, leases: &[Lease]) -> Decimal {
    let contained = |lease: &Lease| {
        let accepted = lease.accepted_at.map(|at| later(at, place.reflects_after));
        accepted.is_some_and(|from| place.read_at > from)
    };
    let is_before = |lease: &&Lease| match lease.until {
        None => !contained(lease),
        Some(_) => (lease.since, &lease.hold) < (hold.created_at, &hold.id),
    };
    let here = leases
        .iter()
        .filter(|lease| lease.hold != hold.id && lease.sku == *sku && lease.location == place.location.code);
    here.filter(is_before).map(|lease| lease.quantity).sum()
}

fn ours(sku: &Sku, location: &LocationCode, hold: &Hold) -> Decimal {
    let lines = hold.lines.iter().filter(|held| held.kind == HoldKind::Gateway);
    let here = lines.filter(|held| held.sku == *sku && held.location == *location);
    here.map(|held| held.quantity).sum()
}

/// The stock of a line is gone.
pub(super) fn gone(line: &AgreedLine) -> UserError {
    let message = format!("{} is no longer there in this quantity; verify again", line.sku);
    of_line(trouble(UserErrorCode::OutOfStock, &message), &line.line_id)
}
