//! Reservations at the stock systems that keep them: made, moved and given back under the hold's id.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_schema::checkout::HoldKind;
use skuery_schema::ids::{LocationCode, Sku, SystemName};

use crate::checkout::Checkout;
use crate::checkout::record::Hold;
use crate::checkout::run::Run;
use crate::error::{ErrorKind, LookupError};
use crate::port::PortLookup;
use crate::port::reservations::{ReservationLine, ReservationWish, Reservations, Reserved};

/// How reserving at all systems of a hold went.
#[derive(Debug)]
pub(crate) enum Reserving {
    /// All hold it, until the earliest of their ends.
    Held(Timestamp),
    /// These do not have enough. Every system has answered.
    Short(Vec<SystemName>),
    /// One has not answered, and may hold it or not; these do hold it.
    Unknown(LookupError, Vec<SystemName>),
}

/// Whether a stock system may hold something under its id.
pub(crate) fn has_reservations(hold: &Hold) -> bool {
    hold.lines.iter().any(|line| line.kind == HoldKind::System)
}

/// What a system is asked to hold.
pub(crate) fn held_skus(hold: &Hold, system: &SystemName) -> HashSet<Sku> {
    let lines = hold.lines.iter();
    let reserved = lines.filter(|line| line.kind == HoldKind::System && line.system == *system);
    reserved.map(|line| line.sku.clone()).collect()
}

impl Checkout {
    /// Asks every system of the hold to reserve its lines until then. What a system holds under the id is replaced, so
    /// asking again only moves the end.
    pub(crate) async fn reserve(&self, hold: &Hold, until: Timestamp, run: &Run) -> Reserving {
        let asked = by_system(hold).into_iter().map(|(system, lines)| async move {
            let answer = self.reserve_at(&system, hold, lines, until, run).await;
            (system, answer)
        });
        let mut end = until;
        let (mut held, mut short, mut lost) = (Vec::new(), Vec::new(), None);
        for (system, answer) in join_all(asked).await {
            match answer {
                Ok(Reserved::Held { until }) => {
                    end = end.min(until);
                    held.push(system);
                }
                Ok(Reserved::Short) => short.push(system),
                Err(error) => lost = Some(error),
            }
        }
        match lost {
            Some(error) => Reserving::Unknown(error, held),
            None if short.is_empty() => Reserving::Held(end),
            None => Reserving::Short(short),
        }
    }

    async fn reserve_at(
        &self,
        system: &SystemName,
        hold: &Hold,
        lines: Vec<ReservationLine>,
        until: Timestamp,
        run: &Run,
    ) -> Result<Reserved, LookupError> {
        let port = self.reservations(system, PortLookup::Reserve)?;
        let wish = ReservationWish {
            reference: hold.id.clone(),
            lines,
            until,
        };
        run.ask(system, PortLookup::Reserve, port.reserve(run.call(), &wish))
            .await
    }

    /// Gives everything back that systems hold under the id of a hold that has ended, and notes that. What fails is tried
    /// again by the worker.
    pub(crate) async fn give_back(&self, hold: &Hold, run: &Run) -> Result<(), LookupError> {
        let systems: Vec<SystemName> = by_system(hold).into_keys().collect();
        let released = join_all(systems.iter().map(|system| self.release_one(hold, system, run))).await;
        released.into_iter().collect::<Result<(), _>>()?;
        // Unnoted, it is given back once more, which changes nothing.
        let _ = self.parts.ledger.note_released(&hold.id, run.now()).await;
        Ok(())
    }

    /// Gives back at some systems, without a note that all is given back.
    pub(super) async fn release_at(&self, hold: &Hold, systems: &[SystemName], run: &Run) {
        join_all(systems.iter().map(|system| self.release_one(hold, system, run))).await;
    }

    async fn release_one(&self, hold: &Hold, system: &SystemName, run: &Run) -> Result<(), LookupError> {
        let lookup = PortLookup::ReleaseReservation;
        let port = self.reservations(system, lookup)?;
        run.ask(system, lookup, port.release(run.call(), &hold.id)).await
    }

    /// The port of a system that sets stock aside.
    pub(crate) fn reservations(
        &self,
        system: &SystemName,
        lookup: PortLookup,
    ) -> Result<&Arc<dyn Reservations>, LookupError> {
        let systems = &self.parts.systems.stock;
        let found = systems.iter().find(|stock| stock.port.system() == system);
        found
            .and_then(|stock| stock.reservations.as_ref())
            .ok_or_else(|| {
                LookupError::new(
                    ErrorKind::Unsupported,
                    system,
                    lookup.as_str(),
                    "this system does not reserve any more",
                )
            })
    }
}

/// One entry per article and location, in an order that does not change from one asking to the next.
pub(crate) fn by_system(hold: &Hold) -> BTreeMap<SystemName, Vec<ReservationLine>> {
    let mut systems: BTreeMap<SystemName, BTreeMap<(Sku, LocationCode), Decimal>> = BTreeMap::new();
    for line in hold.lines.iter().filter(|line| line.kind == HoldKind::System) {
        let of_system = systems.entry(line.system.clone()).or_default();
        *of_system
            .entry((line.sku.clone(), line.location.clone()))
            .or_default() += line.quantity;
    }
    let lines = |quantities: BTreeMap<(Sku, LocationCode), Decimal>| {
        quantities
            .into_iter()
            .map(|((sku, location), quantity)| ReservationLine {
                sku,
                location,
                quantity,
            })
    };
    systems
        .into_iter()
        .map(|(system, quantities)| (system, lines(quantities).collect()))
        .collect()
}
