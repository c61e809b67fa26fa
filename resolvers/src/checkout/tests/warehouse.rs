//! A stock system in memory. It reserves all or nothing, and its figures count what is reserved.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use skuery_schema::ids::{LocationCode, Sku, SystemName};

use crate::checkout::tests::fakes::{Clock, Desk, at_desk, locked};
use crate::port::reservations::{Reservation, ReservationLine, ReservationWish, Reservations, Reserved};
use crate::port::{Answer, Answers, Call, Port, PortLookup, Stock, StockFigure, StockGroup};

/// A warehouse's system. It reserves all or nothing, and its figures count what is reserved.
pub(crate) struct Warehouse {
    pub(crate) desk: Desk,
    locations: Vec<LocationCode>,
    clock: Clock,
    shelves: Mutex<Shelves>,
}

type Place = (Sku, LocationCode);

#[derive(Default)]
struct Shelves {
    on_hand: BTreeMap<Place, Decimal>,
    incoming: HashMap<Place, Vec<(jiff::civil::Date, Option<Decimal>)>>,
    reserved: BTreeMap<Arc<str>, Reservation>,
    /// Says short whatever there is, so often.
    refuses: u32,
    /// Ends reservations after this long, whatever was asked for.
    longest: Option<SignedDuration>,
}

at_desk!(Warehouse);

impl Warehouse {
    pub(crate) fn new(system: &str, locations: &[&str], clock: Clock) -> Self {
        Self {
            desk: Desk::new(system),
            locations: locations.iter().map(|code| LocationCode::from(*code)).collect(),
            clock,
            shelves: Mutex::default(),
        }
    }

    pub(crate) fn put(&self, sku: &str, location: &str, quantity: i64) {
        let place = (sku.into(), location.into());
        locked(&self.shelves).on_hand.insert(place, quantity.into());
    }

    pub(crate) fn announce(&self, sku: &str, location: &str, day: &str, quantity: Option<i64>) {
        let day = day.parse().expect("a day");
        let mut shelves = locked(&self.shelves);
        let days = shelves.incoming.entry((sku.into(), location.into())).or_default();
        days.push((day, quantity.map(Decimal::from)));
    }

    pub(crate) fn refuse(&self, times: u32) {
        locked(&self.shelves).refuses = times;
    }

    pub(crate) fn end_after(&self, longest: SignedDuration) {
        locked(&self.shelves).longest = Some(longest);
    }

    /// What is reserved of an article now.
    pub(crate) fn reserved(&self, sku: &str) -> Decimal {
        let now = self.clock.now();
        let shelves = locked(&self.shelves);
        let live = shelves.reserved.values().filter(|held| is_live(held, now));
        let lines = live.flat_map(|held| &held.lines);
        lines
            .filter(|line| line.sku.as_str() == sku)
            .map(|line| line.quantity)
            .sum()
    }

    /// Under which references something is reserved now.
    pub(crate) fn references(&self) -> Vec<Arc<str>> {
        let now = self.clock.now();
        let shelves = locked(&self.shelves);
        let live = shelves.reserved.iter().filter(|(_, held)| is_live(held, now));
        live.map(|(reference, _)| reference.clone()).collect()
    }

    fn reserve_now(&self, wish: &ReservationWish) -> Reserved {
        let now = self.clock.now();
        let mut shelves = locked(&self.shelves);
        if shelves.refuses > 0 {
            shelves.refuses -= 1;
            return Reserved::Short;
        }
        let is_short = |line: &ReservationLine| {
            let place = (line.sku.clone(), line.location.clone());
            shelves.left(&place, Some(&wish.reference), now) < line.quantity
        };
        if wish.lines.iter().any(is_short) {
            return Reserved::Short;
        }
        let until = match shelves.longest {
            Some(longest) => wish.until.min(now + longest),
            None => wish.until,
        };
        let held = Reservation {
            lines: wish.lines.clone(),
            until: Some(until),
        };
        shelves.reserved.insert(wish.reference.clone(), held);
        Reserved::Held { until }
    }
}

fn is_live(held: &Reservation, now: Timestamp) -> bool {
    held.until.is_none_or(|until| until > now)
}

impl Shelves {
    fn left(&self, place: &Place, but: Option<&Arc<str>>, now: Timestamp) -> Decimal {
        let others = self.reserved.iter();
        let others = others.filter(|(reference, held)| Some(*reference) != but && is_live(held, now));
        let lines = others.flat_map(|(_, held)| &held.lines);
        let here = lines.filter(|line| line.sku == place.0 && line.location == place.1);
        let reserved: Decimal = here.map(|line| line.quantity).sum();
        self.on_hand.get(place).copied().unwrap_or_default() - reserved
    }
}

impl Stock for Warehouse {
    fn per_location(&self) -> bool {
        false
    }

    fn locations(&self) -> &[LocationCode] {
        &self.locations
    }

    fn stock<'a>(
        &'a self,
        _: Call,
        _: &'a StockGroup,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<[StockFigure]>> {
        Box::pin(self.desk.serve(PortLookup::Stock, || {
            let now = self.clock.now();
            let shelves = locked(&self.shelves);
            let figures = |sku: &Sku| -> Vec<StockFigure> {
                let places = shelves.on_hand.keys().filter(|place| place.0 == *sku);
                let figure = places.map(|place| StockFigure {
                    location: place.1.clone(),
                    available: shelves.left(place, None, now),
                    on_hand: None,
                    reserved: None,
                    incoming: shelves.incoming.get(place).cloned().unwrap_or_default(),
                });
                figure.collect()
            };
            let known = keys.iter().map(|sku| (sku.clone(), figures(sku)));
            let known = known.filter(|(_, figures)| !figures.is_empty());
            Ok(known.map(|(sku, figures)| (sku, Ok(figures.into()))).collect())
        }))
    }
}

impl Reservations for Warehouse {
    fn reserve<'a>(&'a self, _: Call, wish: &'a ReservationWish) -> Answer<'a, Reserved> {
        Box::pin(
            self.desk
                .serve(PortLookup::Reserve, || Ok(self.reserve_now(wish))),
        )
    }

    fn reservation<'a>(&'a self, _: Call, reference: &'a str) -> Answer<'a, Option<Reservation>> {
        Box::pin(self.desk.serve(PortLookup::Reservation, || {
            let now = self.clock.now();
            let held = locked(&self.shelves).reserved.get(reference).cloned();
            Ok(held.filter(|held| is_live(held, now)))
        }))
    }

    fn release<'a>(&'a self, _: Call, reference: &'a str) -> Answer<'a, ()> {
        Box::pin(self.desk.serve(PortLookup::ReleaseReservation, || {
            locked(&self.shelves).reserved.remove(reference);
            Ok(())
        }))
    }

    fn commit<'a>(&'a self, _: Call, reference: &'a str, _: &'a str) -> Answer<'a, ()> {
        Box::pin(self.desk.serve(PortLookup::CommitReservation, || {
            if let Some(held) = locked(&self.shelves).reserved.get_mut(reference) {
                held.until = None;
            }
            Ok(())
        }))
    }
}
