//! A system that can do what a test says it can.

use std::sync::Arc;
use std::time::Duration;

use skuery_resolvers::port::order_entry::{
    ExternalNumber, OrderDraft, OrderEntry, OrderPromise, PlacedOrder, Submission,
};
use skuery_resolvers::port::payments::{Authorization, Money, Payments};
use skuery_resolvers::port::reservations::{Reservation, ReservationWish, Reservations, Reserved};
use skuery_resolvers::port::{Answer, Call, Port, PortLookup};
use skuery_schema::ids::SystemName;

/// It is never asked.
pub(super) struct Able {
    name: SystemName,
    external_number: ExternalNumber,
    rejects_oversell: bool,
}

impl Port for Able {
    fn system(&self) -> &SystemName {
        &self.name
    }

    fn max_keys(&self, _: PortLookup) -> usize {
        1
    }
}

impl OrderEntry for Able {
    fn order_promise(&self) -> OrderPromise {
        OrderPromise {
            external_number: self.external_number,
            rejects_oversell: self.rejects_oversell,
            visibility_delay: Duration::ZERO,
        }
    }

    fn place_order<'a>(&'a self, _: Call, _: &'a OrderDraft) -> Answer<'a, Submission> {
        unreachable!("a configuration asks no system")
    }

    fn placed_orders<'a>(&'a self, _: Call, _: &'a str) -> Answer<'a, Vec<PlacedOrder>> {
        unreachable!("a configuration asks no system")
    }

    fn finish_order<'a>(&'a self, _: Call, _: &'a OrderDraft, _: &'a PlacedOrder) -> Answer<'a, Submission> {
        unreachable!("a configuration asks no system")
    }
}

impl Reservations for Able {
    fn reserve<'a>(&'a self, _: Call, _: &'a ReservationWish) -> Answer<'a, Reserved> {
        unreachable!("a configuration asks no system")
    }

    fn reservation<'a>(&'a self, _: Call, _: &'a str) -> Answer<'a, Option<Reservation>> {
        unreachable!("a configuration asks no system")
    }

    fn release<'a>(&'a self, _: Call, _: &'a str) -> Answer<'a, ()> {
        unreachable!("a configuration asks no system")
    }

    fn commit<'a>(&'a self, _: Call, _: &'a str, _: &'a str) -> Answer<'a, ()> {
        unreachable!("a configuration asks no system")
    }
}

impl Payments for Able {
    fn authorization<'a>(&'a self, _: Call, _: &'a str) -> Answer<'a, Option<Authorization>> {
        unreachable!("a configuration asks no system")
    }

    fn capture<'a>(&'a self, _: Call, _: &'a str, _: Money, _: &'a str) -> Answer<'a, Authorization> {
        unreachable!("a configuration asks no system")
    }

    fn void<'a>(&'a self, _: Call, _: &'a str, _: &'a str) -> Answer<'a, Authorization> {
        unreachable!("a configuration asks no system")
    }
}

pub(super) fn able(name: &str, external_number: ExternalNumber, rejects_oversell: bool) -> Arc<Able> {
    Arc::new(Able {
        name: SystemName::from(name),
        external_number,
        rejects_oversell,
    })
}
