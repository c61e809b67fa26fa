//! The ports of the simulated systems.

use std::sync::{Arc, LazyLock};

use rust_decimal::Decimal;
use skuery_schema::ids::{Currency, CustomerNumber, LocationCode, Sku, SystemName};
use skuery_schema::price::PriceKind;

use crate::checkout::simulation::world::{ErpOrder, Reserving, State, Trip, World, shown_at};
use crate::error::{ErrorKind, LookupError};
use crate::port::customers::{CreditRecord, CustomerAbilities, CustomerRecord, Customers};
use crate::port::order_entry::{
    ExternalNumber, OrderDraft, OrderEntry, OrderPromise, PlacedOrder, Refusal, RefusalReason, Submission,
};
use crate::port::reservations::{Reservation, ReservationWish, Reservations, Reserved};
use crate::port::{
    Answer, Answers, Call, Port, PortLookup, PriceGroup, PriceMode, PriceRow, Prices, Stock, StockFigure,
    StockGroup,
};

pub(super) static ERP: LazyLock<SystemName> = LazyLock::new(|| "erp".into());
pub(super) static WMS: LazyLock<SystemName> = LazyLock::new(|| "wms".into());
pub(super) static DEPOT: LazyLock<SystemName> = LazyLock::new(|| "depot".into());

macro_rules! port {
    ($name:ident, $system:ident) => {
        impl Port for $name {
            fn system(&self) -> &SystemName {
                &$system
            }

            fn max_keys(&self, _: PortLookup) -> usize {
                100
            }
        }
    };
}

pub(super) fn euro() -> Currency {
    Currency::parse("EUR").unwrap()
}

// ---------------------------------------------------------------- order system

/// Prices, credit and orders.
pub(super) struct Erp(pub(super) Arc<World>);
port!(Erp, ERP);

impl Prices for Erp {
    fn price_mode(&self) -> PriceMode {
        PriceMode::Calculated
    }

    fn prices<'a>(
        &'a self,
        call: Call,
        _: &'a PriceGroup,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<[PriceRow]>> {
        let keys = keys.to_vec();
        Box::pin(self.0.wire(&ERP, call, Trip::Read, move |state, _| {
            let row = |price: Decimal| PriceRow {
                minimum_quantity: Decimal::ZERO,
                net: Some(price),
                gross: Some(price * Decimal::new(125, 2)),
                before_discount: None,
                discount_percent: None,
                currency: euro(),
                price_quantity: Decimal::ONE,
                unit: None,
                kind: PriceKind::Base,
                valid_from: None,
                valid_until: None,
            };
            let known = keys.iter().filter_map(|sku| Some((sku, state.prices.get(sku)?)));
            let rows = known.map(|(sku, price)| (sku.clone(), Ok([row(*price)].into())));
            rows.collect()
        }))
    }
}

impl Customers for Erp {
    fn customer_abilities(&self) -> CustomerAbilities {
        CustomerAbilities {
            customers: false,
            credit: true,
        }
    }

    fn customers<'a>(
        &'a self,
        _: Call,
        _: &'a [CustomerNumber],
    ) -> Answers<'a, CustomerNumber, Arc<CustomerRecord>> {
        Box::pin(async { Ok(Default::default()) })
    }

    fn credit<'a>(
        &'a self,
        call: Call,
        keys: &'a [CustomerNumber],
    ) -> Answers<'a, CustomerNumber, CreditRecord> {
        let keys = keys.to_vec();
        Box::pin(self.0.wire(&ERP, call, Trip::Read, move |state, _| {
            let record = CreditRecord {
                limit: Decimal::ONE_THOUSAND,
                used: Decimal::ZERO,
                currency: euro(),
                blocked: state.blocked,
            };
            keys.iter().map(|key| (key.clone(), Ok(record.clone()))).collect()
        }))
    }
}

impl OrderEntry for Erp {
    fn order_promise(&self) -> OrderPromise {
        OrderPromise {
            external_number: self.0.terms.external_number,
            rejects_oversell: self.0.terms.rejects_oversell,
            visibility_delay: self.0.terms.visibility_delay,
        }
    }

    fn place_order<'a>(&'a self, call: Call, draft: &'a OrderDraft) -> Answer<'a, Submission> {
        let (draft, world) = (draft.clone(), self.0.clone());
        let terms = world.terms;
        // Only a number that is unique makes a repeated request harmless.
        let trip = match terms.external_number {
            ExternalNumber::Unique => Trip::Order,
            ExternalNumber::Searchable | ExternalNumber::None => Trip::OrderOnce,
        };
        Box::pin(self.0.wire(&ERP, call, trip, move |state, now| {
            let number = &draft.external_number;
            let is_known = state
                .orders
                .iter()
                .any(|order| order.draft.external_number == *number);
            if is_known && terms.external_number == ExternalNumber::Unique {
                return Submission::Duplicate;
            }
            if let Some(refusal) = refusal(state, &draft, &world) {
                return Submission::Refused(refusal);
            }
            let faulty = world.is_faulty();
            let order = ErpOrder {
                number: format!("O{}", state.orders.len() + 1).into(),
                complete: !(faulty && state.chance.percent(10)),
                garbled: terms.garbles && state.chance.percent(5),
                accepted_at: now,
                visible_at: shown_at(now, terms.visibility_delay, &mut state.chance),
                draft: draft.clone(),
            };
            let placed = order.shown();
            state.orders.push(order);
            Submission::Accepted(placed)
        }))
    }

    fn placed_orders<'a>(&'a self, call: Call, external_number: &'a str) -> Answer<'a, Vec<PlacedOrder>> {
        if self.0.terms.external_number == ExternalNumber::None {
            let error = LookupError::new(ErrorKind::Unsupported, &ERP, "placed_orders", "no way to find it");
            return Box::pin(async { Err(error) });
        }
        let number: Arc<str> = external_number.into();
        Box::pin(self.0.wire(&ERP, call, Trip::Read, move |state, now| {
            let shown = state.orders.iter().filter(|order| order.visible_at <= now);
            let found = shown.filter(|order| order.draft.external_number == number);
            found.map(ErpOrder::shown).collect()
        }))
    }

    fn finish_order<'a>(
        &'a self,
        call: Call,
        draft: &'a OrderDraft,
        _: &'a PlacedOrder,
    ) -> Answer<'a, Submission> {
        let number = draft.external_number.clone();
        Box::pin(self.0.wire(&ERP, call, Trip::Write, move |state, _| {
            let mut orders = state.orders.iter_mut();
            let order = orders
                .find(|order| order.draft.external_number == number)
                .unwrap();
            order.complete = true;
            Submission::Accepted(order.shown())
        }))
    }
}

impl ErpOrder {
    fn shown(&self) -> PlacedOrder {
        let lines = self.draft.lines.iter().skip(usize::from(self.garbled));
        PlacedOrder {
            number: self.number.clone(),
            key: None,
            complete: self.complete,
            lines: Some(lines.map(|line| (line.sku.clone(), line.quantity)).collect()),
        }
    }
}

/// What the order system has against an order; once it has decided by whim, it stays with it.
fn refusal(state: &mut State, draft: &OrderDraft, world: &World) -> Option<Refusal> {
    let refused = |reason, message: &str| {
        Some(Refusal {
            reason,
            message: message.into(),
        })
    };
    if world.terms.rejects_oversell {
        for line in &draft.lines {
            let Some(location) = &line.location else { continue };
            let ordered = state.ordered(&line.sku, location, jiff::Timestamp::MAX);
            if state.stock(&line.sku, location) < ordered + line.quantity {
                return refused(RefusalReason::OutOfStock, "not enough of it");
            }
        }
    }
    let whim = state.chance.percent(if world.is_faulty() { 7 } else { 0 });
    let decided = state.refusals.entry(draft.external_number.clone());
    let decided = decided.or_insert_with(|| match whim {
        true => refused(RefusalReason::Other, "not like this"),
        false => None,
    });
    decided.clone()
}

// ---------------------------------------------------------------- stock

/// A warehouse that reserves.
pub(super) struct Warehouse {
    pub(super) world: Arc<World>,
    pub(super) locations: Vec<LocationCode>,
}
port!(Warehouse, WMS);

impl Stock for Warehouse {
    fn per_location(&self) -> bool {
        false
    }

    fn locations(&self) -> &[LocationCode] {
        &self.locations
    }

    fn stock<'a>(
        &'a self,
        call: Call,
        _: &'a StockGroup,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<[StockFigure]>> {
        let (keys, location) = (keys.to_vec(), self.locations[0].clone());
        Box::pin(self.world.wire(&WMS, call, Trip::Read, move |state, now| {
            let figure = |sku| figure(&location, state.free_in_warehouse(sku, &location, now));
            keys.iter()
                .map(|sku| (sku.clone(), Ok([figure(sku)].into())))
                .collect()
        }))
    }
}

fn figure(location: &LocationCode, available: Decimal) -> StockFigure {
    StockFigure {
        location: location.clone(),
        available,
        on_hand: None,
        reserved: None,
        incoming: Vec::new(),
    }
}

impl Reservations for Warehouse {
    fn reserve<'a>(&'a self, call: Call, wish: &'a ReservationWish) -> Answer<'a, Reserved> {
        let wish = wish.clone();
        Box::pin(self.world.wire(&WMS, call, Trip::Write, move |state, now| {
            let before = state.reservations.get(&wish.reference).cloned();
            if before.as_ref().is_some_and(|held| held.order.is_some()) {
                // What is bound to an order stays as it is.
                return Reserved::Held { until: wish.until };
            }
            state.reservations.remove(&wish.reference);
            let is_there = wish
                .lines
                .iter()
                .all(|line| state.free_in_warehouse(&line.sku, &line.location, now) >= line.quantity);
            if !is_there {
                if let Some(before) = before {
                    state.reservations.insert(wish.reference.clone(), before);
                }
                return Reserved::Short;
            }
            let held = Reserving {
                lines: wish.lines.clone(),
                until: wish.until,
                order: None,
            };
            state.reservations.insert(wish.reference.clone(), held);
            Reserved::Held { until: wish.until }
        }))
    }

    fn reservation<'a>(&'a self, call: Call, reference: &'a str) -> Answer<'a, Option<Reservation>> {
        let reference: Arc<str> = reference.into();
        Box::pin(self.world.wire(&WMS, call, Trip::Read, move |state, now| {
            let held = state
                .reservations
                .get(&reference)
                .filter(|held| held.is_live(now))?;
            Some(Reservation {
                lines: held.lines.clone(),
                until: held.order.is_none().then_some(held.until),
            })
        }))
    }

    fn release<'a>(&'a self, call: Call, reference: &'a str) -> Answer<'a, ()> {
        let reference: Arc<str> = reference.into();
        Box::pin(self.world.wire(&WMS, call, Trip::Write, move |state, _| {
            state.reservations.remove(&reference);
        }))
    }

    fn commit<'a>(&'a self, call: Call, reference: &'a str, order_number: &'a str) -> Answer<'a, ()> {
        let (reference, number): (Arc<str>, Arc<str>) = (reference.into(), order_number.into());
        Box::pin(self.world.wire(&WMS, call, Trip::Write, move |state, now| {
            match state.reservations.get_mut(&reference) {
                Some(held) if held.is_live(now) => held.order = Some(number.clone()),
                _ => state
                    .violations
                    .push(format!("{reference} of {number} was gone when it was bound")),
            }
        }))
    }
}

/// A stock system that does not reserve and learns of orders from the order system.
pub(super) struct Depot {
    pub(super) world: Arc<World>,
    pub(super) locations: Vec<LocationCode>,
}
port!(Depot, DEPOT);

impl Stock for Depot {
    fn per_location(&self) -> bool {
        false
    }

    fn locations(&self) -> &[LocationCode] {
        &self.locations
    }

    fn stock<'a>(
        &'a self,
        call: Call,
        _: &'a StockGroup,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<[StockFigure]>> {
        let (keys, location) = (keys.to_vec(), self.locations[0].clone());
        let delay = self.world.terms.depot_delay;
        Box::pin(self.world.wire(&DEPOT, call, Trip::Read, move |state, now| {
            let known = now - jiff::SignedDuration::try_from(delay).unwrap();
            let available = |sku| state.stock(sku, &location) - state.ordered(sku, &location, known);
            let figure = |sku| figure(&location, available(sku));
            keys.iter()
                .map(|sku| (sku.clone(), Ok([figure(sku)].into())))
                .collect()
        }))
    }
}
