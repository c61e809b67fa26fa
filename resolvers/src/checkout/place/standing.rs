//! The stock that an order will stand on: what was held for it, or what is held now, and that it lasts.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_schema::checkout::HoldKind;
use skuery_schema::ids::SystemName;

use crate::checkout::Checkout;
use crate::checkout::agree::gone;
use crate::checkout::hold::{Cart, CartLine, Reserving, Trouble, by_system};
use crate::checkout::input::LineInput;
use crate::checkout::judge::{Verdict, judge};
use crate::checkout::place::{Placing, Troubles, hold_ended, used_up};
use crate::checkout::reader::{LineWish, ReadWish, Reading};
use crate::checkout::record::{Hold, HoldState};
use crate::checkout::run::{Run, later};
use crate::checkout::token::{AgreedLine, Claims};
use crate::checkout::trouble::{no_ledger, of_line, silent};
use crate::error::LookupError;
use crate::port::PortLookup;
use crate::port::payments::Authorization;
use crate::port::reservations::Reservation;

/// What the systems say before an order.
pub(super) struct Wave {
    pub(super) reading: Reading,
    pub(super) authorization: Option<Result<Option<Authorization>, LookupError>>,
    /// What stock systems hold for it.
    pub(super) reservations: Vec<(SystemName, Result<Option<Reservation>, LookupError>)>,
}

impl Checkout {
    /// The hold that was made for it; `None` when the token has none.
    pub(super) async fn held(
        &self,
        placing: &Placing<'_>,
        claims: &Claims,
        number: &str,
    ) -> Result<Option<Hold>, Troubles> {
        let ledger = &self.parts.ledger;
        let ordered = ledger.order(number).await.map_err(|_| vec![no_ledger()])?;
        if ordered.is_some() {
            return Err(vec![used_up()]);
        }
        let Some(id) = &claims.hold else { return Ok(None) };
        let hold = ledger.find_hold(id).await.map_err(|_| vec![no_ledger()])?;
        match hold {
            Some(hold) if hold.state == HoldState::Ordered => Err(vec![used_up()]),
            Some(hold) if hold.state == HoldState::Held && hold.until > placing.run.now() => Ok(Some(hold)),
            _ => Err(vec![hold_ended()]),
        }
    }

    /// Asks every system at the same time. What is left of the time is for handing over.
    pub(super) async fn wave(&self, placing: &Placing<'_>, claims: &Claims, hold: Option<&Hold>) -> Wave {
        let first = Run::begin(placing.run.now(), self.parts.rules.deadline / 2);
        let lines: Vec<LineWish> = claims
            .lines
            .iter()
            .map(|line| (&line_input(line)).into())
            .collect();
        let wish = ReadWish {
            lines: &lines,
            pickup: claims.pickup_location.as_ref(),
            elsewhere: false,
            credit: true,
            deadline: first.deadline(),
        };
        let keepers = hold.map(by_system).unwrap_or_default().into_keys();
        let reservations = keepers.zip(hold.into_iter().cycle());
        let reservations = reservations.map(|(system, hold)| async {
            let found = self.reservation(&first, &system, hold).await;
            (system, found)
        });
        let (reading, authorization, reservations) = tokio::join!(
            self.read(placing.context, wish),
            self.authorization(&first, placing.input.payment.as_ref()),
            join_all(reservations),
        );
        Wave {
            reading,
            authorization,
            reservations,
        }
    }

    async fn reservation(
        &self,
        run: &Run,
        system: &SystemName,
        hold: &Hold,
    ) -> Result<Option<Reservation>, LookupError> {
        let lookup = PortLookup::Reservation;
        let found = self
            .reservations(system, lookup)?
            .reservation(run.call(), &hold.id);
        run.ask(system, lookup, found).await
    }

    /// Holds the stock of a token that holds none: the order must stand on a hold, or others could sell the same.
    pub(super) async fn hold_now(
        &self,
        placing: &Placing<'_>,
        claims: &Claims,
        reading: Reading,
    ) -> Result<Hold, Troubles> {
        let inputs: Vec<LineInput> = claims.lines.iter().map(line_input).collect();
        let mut lines = Vec::new();
        for ((input, reading), agreed) in inputs.iter().zip(reading.lines).zip(&claims.lines) {
            let orderable = match judge(input, &reading) {
                Verdict::Orderable(orderable) => Some(orderable),
                Verdict::Refused(_) => return Err(vec![gone(agreed)]),
                Verdict::Silent(error) => return Err(vec![of_line(silent(error.system()), &agreed.line_id)]),
            };
            lines.push(CartLine {
                input,
                reading,
                orderable,
            });
        }
        let run = &placing.run;
        let mut cart = Cart {
            buyer: &placing.key.buyer,
            checkout_id: &claims.checkout_id,
            pickup: claims.pickup_location.as_ref(),
            reserve: true,
            until: later(run.abandoned_at(), self.parts.rules.hold),
            backorders: placing.context.channel.backorders,
            today: self.today(placing.context),
            lines,
        };
        let division = self
            .hold(placing.context, &mut cart, run)
            .await
            .map_err(|trouble| match trouble {
                Trouble::Ledger(_) => vec![no_ledger()],
                Trouble::System(error) => vec![silent(error.system())],
                Trouble::Overtaken => vec![hold_ended()],
            })?;
        if let Some(hold) = division.hold {
            return Ok(hold);
        }
        let allotted = claims.lines.iter().zip(&cart.lines).zip(&division.allotments);
        let blind = allotted.clone().find(|(_, allotment)| allotment.blind);
        if let Some(((agreed, line), _)) = blind {
            let silent_place = line
                .reading
                .places
                .iter()
                .find_map(|place| place.figure.as_ref().err());
            let error = silent_place.map_or_else(|| gone(agreed), |error| silent(error.system()));
            return Err(vec![of_line(error, &agreed.line_id)]);
        }
        let short = allotted.filter(|(_, allotment)| allotment.confirmed.is_zero());
        Err(short.map(|((agreed, _), _)| gone(agreed)).collect())
    }

    /// Ends a hold that no order came to stand on.
    pub(super) async fn end_unused(&self, hold: &Hold, run: &Run) {
        let ended = self
            .parts
            .ledger
            .end_hold(&hold.id, HoldState::Released, run.now());
        if matches!(ended.await, Ok(Some(_))) {
            // What fails here is done by the worker.
            let _ = self.give_back(hold, run).await;
            let skus: Vec<_> = hold.lines.iter().map(|line| line.sku.clone()).collect();
            self.parts.changes.stock_changed(&skus);
        }
    }

    /// Sees to it that stock systems hold what they are to hold until the order is over. The ledger's hold is moved first:
    /// otherwise the worker could give back what is being reserved.
    pub(super) async fn hold_on(
        &self,
        placing: &Placing<'_>,
        claims: &Claims,
        hold: &Hold,
        wave: &Wave,
    ) -> Result<(), Troubles> {
        let run = &placing.run;
        let needed = self.long_enough(run);
        let is_enough = |(system, found): &(SystemName, Result<Option<Reservation>, LookupError>)| {
            let found = found.as_ref().ok().and_then(Option::as_ref);
            found.is_some_and(|found| is_enough(found, hold, system, needed))
        };
        if wave.reservations.iter().all(is_enough) {
            return Ok(());
        }
        let until = later(run.abandoned_at(), self.parts.rules.hold).max(hold.until);
        let moved = self.parts.ledger.extend_hold(&hold.id, until, run.now()).await;
        if moved.map_err(|_| vec![no_ledger()])?.is_none() {
            return Err(vec![hold_ended()]);
        }
        match self.reserve(hold, until, run).await {
            Reserving::Held(_) => Ok(()),
            Reserving::Short(systems) => Err(lines_at(claims, hold, &systems)),
            Reserving::Unknown(error, _) => Err(vec![silent(error.system())]),
        }
    }

    /// Until when an order's stock must be held at least: a gateway that ends in the middle has half a hold's time to come
    /// back and go on.
    fn long_enough(&self, run: &Run) -> Timestamp {
        later(run.abandoned_at(), self.parts.rules.hold / 2)
    }
}

/// An agreed line as it would be asked for again.
fn line_input(line: &AgreedLine) -> LineInput {
    let is_backorder = line.allocations.iter().any(|place| place.kind == HoldKind::None);
    LineInput {
        line_id: line.line_id.clone(),
        sku: line.sku.clone(),
        quantity: line.quantity,
        unit: line.unit.clone(),
        expected_unit_price: None,
        accept_backorder: is_backorder,
        accept_partial: false,
    }
}

/// Whether a system holds all that it is to hold, for long enough.
fn is_enough(found: &Reservation, hold: &Hold, system: &SystemName, needed: Timestamp) -> bool {
    let lasts = found.until.is_none_or(|until| until >= needed);
    let wanted = by_system(hold).remove(system).unwrap_or_default();
    let has = |sku, location| -> Decimal {
        let lines = found.lines.iter();
        let lines = lines.filter(|line| line.sku == sku && line.location == location);
        lines.map(|line| line.quantity).sum()
    };
    lasts
        && wanted
            .into_iter()
            .all(|line| has(line.sku, line.location) >= line.quantity)
}

/// The lines whose stock systems do not hold any more.
fn lines_at(claims: &Claims, hold: &Hold, systems: &[SystemName]) -> Troubles {
    let is_there = |id: &Arc<str>| {
        let mut held = hold.lines.iter();
        held.any(|held| held.line_id == *id && systems.contains(&held.system))
    };
    let lines = claims.lines.iter().filter(|line| is_there(&line.line_id));
    lines.map(gone).collect()
}
