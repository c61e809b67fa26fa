//! What lies on the shelves of the demo WMS and what of it is spoken for: by reservations that end by the clock, and by
//! orders of the ERP.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::quantity;
use crate::demo::assortment::Assortment;
use crate::demo::stock::{self, Level};
use crate::demo::system::{Counts, System};

/// So much of an article in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::demo) struct Part {
    /// The article's position in the assortment.
    pub(in crate::demo) position: usize,
    pub(in crate::demo) place: i64,
    pub(in crate::demo) quantity: i64,
}

/// The stock of the WMS.
pub(in crate::demo) struct Shelves {
    system: Arc<System>,
    assortment: Arc<Assortment>,
    /// Held while something is decided, never across an await.
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    reservations: BTreeMap<String, Reservation>,
    /// By the ERP's number.
    orders: BTreeMap<String, Ordered>,
}

/// What is set aside under a reference.
#[derive(Debug, Clone)]
pub(super) struct Reservation {
    pub(super) parts: Vec<Part>,
    pub(super) until: Timestamp,
    /// The order it is bound to and since when; it ends by time no more.
    pub(super) bound: Option<(String, Timestamp)>,
}

/// What the ERP has sold.
struct Ordered {
    parts: Vec<Part>,
    taken: Timestamp,
    /// The ERP tells the WMS of it then.
    known_from: Timestamp,
}

/// Why nothing is set aside.
#[derive(Debug)]
pub(super) enum Refused {
    /// What there is of each part that is asked too much of.
    Short(Vec<Part>),
    /// The reference is bound to this order.
    Bound(String),
}

/// Why a reservation is not bound.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unbound {
    Absent,
    /// It is bound to another order.
    Other,
}

impl Shelves {
    pub(in crate::demo) fn new(system: Arc<System>, assortment: Arc<Assortment>) -> Self {
        Self {
            system,
            assortment,
            book: Mutex::default(),
        }
    }

    /// Whether the WMS keeps the article.
    pub(in crate::demo) fn knows(&self, position: usize) -> bool {
        stock::levels(&self.assortment, position, &Counts::new()).is_some() || {
            let number = &self.assortment.skus[position].number;
            self.system.stock().contains_key(number)
        }
    }

    /// Levels of articles, less what is spoken for; `None` for what the WMS does not know.
    pub(super) fn levels(&self, positions: &[usize]) -> Vec<Option<Vec<Level>>> {
        let now = Timestamp::now();
        let counts = self.system.stock();
        let taken = self.lock(now).taken(&self.assortment, &counts, now);
        let levels = |position: &usize| self.left(*position, &counts, &taken);
        positions.iter().map(levels).collect()
    }

    /// The place an order is sent from that names none: the first that has enough, or the first of all.
    pub(in crate::demo) fn place_for(&self, position: usize, quantity: i64) -> i64 {
        let levels = self.levels(&[position]).pop().flatten().unwrap_or_default();
        let enough = levels.iter().find(|level| level.sellable() >= quantity);
        enough.map_or(stock::PLACES[0].id, |level| level.place)
    }

    /// Sets all parts aside until then, or none; what the reference held before is replaced.
    pub(super) fn reserve(
        &self,
        reference: &str,
        parts: Vec<Part>,
        until: Timestamp,
    ) -> Result<Reservation, Refused> {
        let now = Timestamp::now();
        let counts = self.system.stock();
        let mut book = self.lock(now);
        let before = book.reservations.remove(reference);
        if let Some((order, _)) = before.as_ref().and_then(|before| before.bound.clone()) {
            book.reservations
                .extend(before.map(|before| (reference.to_owned(), before)));
            return Err(Refused::Bound(order));
        }
        let taken = book.taken(&self.assortment, &counts, now);
        let mut short = Vec::new();
        for part in &parts {
            let levels = self.left(part.position, &counts, &taken).unwrap_or_default();
            let level = levels.iter().find(|level| level.place == part.place);
            let sellable = level.map_or(0, Level::sellable);
            if sellable < part.quantity {
                let quantity = sellable.max(0);
                short.push(Part { quantity, ..*part });
            }
        }
        if !short.is_empty() {
            book.reservations
                .extend(before.map(|before| (reference.to_owned(), before)));
            return Err(Refused::Short(short));
        }
        let reservation = Reservation {
            parts,
            until,
            bound: None,
        };
        book.reservations
            .insert(reference.to_owned(), reservation.clone());
        Ok(reservation)
    }

    pub(super) fn reservation(&self, reference: &str) -> Option<Reservation> {
        self.lock(Timestamp::now()).reservations.get(reference).cloned()
    }

    /// Gives everything back, unless an order stands on it.
    pub(super) fn release(&self, reference: &str) -> Result<(), String> {
        let mut book = self.lock(Timestamp::now());
        let bound = book
            .reservations
            .get(reference)
            .and_then(|held| held.bound.clone());
        if let Some((order, _)) = bound {
            return Err(order);
        }
        book.reservations.remove(reference);
        Ok(())
    }

    /// Binds a reservation to an order.
    pub(super) fn commit(&self, reference: &str, order: &str) -> Result<Reservation, Unbound> {
        let now = Timestamp::now();
        let mut book = self.lock(now);
        let held = book.reservations.get_mut(reference).ok_or(Unbound::Absent)?;
        match &held.bound {
            Some((other, _)) if other != order => return Err(Unbound::Other),
            Some(_) => {}
            None => held.bound = Some((order.to_owned(), now)),
        }
        Ok(held.clone())
    }

    /// An order of the ERP with what it takes from here, of which the WMS hears later.
    pub(in crate::demo) fn order(
        &self,
        number: &str,
        parts: Vec<Part>,
        taken: Timestamp,
        known_from: Timestamp,
    ) {
        let order = Ordered {
            parts,
            taken,
            known_from,
        };
        self.lock(taken).orders.insert(number.to_owned(), order);
    }

    /// All reservations that hold something or did until they were bound, by reference.
    pub(in crate::demo) fn shown(&self) -> Value {
        let book = self.lock(Timestamp::now());
        let all = book.reservations.iter();
        let shown = all.map(|(reference, held)| (reference.clone(), held.json(reference, &self.assortment)));
        Value::Object(shown.collect())
    }

    fn left(
        &self,
        position: usize,
        counts: &Counts,
        taken: &HashMap<(usize, i64), i64>,
    ) -> Option<Vec<Level>> {
        let mut levels = stock::levels(&self.assortment, position, counts)?;
        for place in &stock::PLACES {
            let Some(spoken_for) = taken.get(&(position, place.id)) else {
                continue;
            };
            match levels.iter_mut().find(|level| level.place == place.id) {
                Some(level) => level.booked += spoken_for,
                None => levels.push(Level {
                    place: place.id,
                    on_hand: 0,
                    booked: *spoken_for,
                }),
            }
        }
        Some(levels)
    }

    /// The book without what has ended.
    fn lock(&self, now: Timestamp) -> MutexGuard<'_, Book> {
        // Every change is a single insertion or removal, so a panic elsewhere cannot leave it half done.
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.reservations
            .retain(|_, held| held.bound.is_some() || held.until > now);
        book
    }
}

impl Part {
    /// As it is answered, with its quantity under a name.
    pub(super) fn json(&self, name: &str, assortment: &Assortment) -> Value {
        json!({
            "articleNumber": assortment.skus[self.position].number,
            "warehouseId": self.place,
            name: quantity(self.quantity),
        })
    }
}

impl Reservation {
    /// As it is answered.
    pub(super) fn json(&self, reference: &str, assortment: &Assortment) -> Value {
        let lines = self.parts.iter().map(|part| part.json("quantity", assortment));
        let order = self.bound.as_ref().map(|(order, _)| order);
        json!({
            "reference": reference,
            "expiresAt": order.is_none().then(|| self.until.to_string()),
            "orderNumber": order,
            "lines": lines.collect::<Vec<_>>(),
        })
    }
}

impl Book {
    /// What is spoken for, by article and place. A bound reservation counts until its order is known here, and neither
    /// counts once the shelves have been counted anew: what was ordered before has left them.
    fn taken(&self, assortment: &Assortment, counts: &Counts, now: Timestamp) -> HashMap<(usize, i64), i64> {
        let mut taken = HashMap::new();
        let mut add = |part: &Part, since: Option<Timestamp>| {
            let counted = counts.get(&assortment.skus[part.position].number);
            if since.is_none_or(|since| counted.is_none_or(|count| count.at < since)) {
                *taken.entry((part.position, part.place)).or_insert(0) += part.quantity;
            }
        };
        let is_known = |order: &Ordered| order.known_from <= now;
        for order in self.orders.values().filter(|order| is_known(order)) {
            order.parts.iter().for_each(|part| add(part, Some(order.taken)));
        }
        for held in self.reservations.values() {
            let order = held
                .bound
                .as_ref()
                .map(|(number, since)| (self.orders.get(number), *since));
            match order {
                None => held.parts.iter().for_each(|part| add(part, None)),
                Some((Some(order), _)) if is_known(order) => {}
                Some((order, since)) => {
                    let since = order.map_or(since, |order| order.taken);
                    held.parts.iter().for_each(|part| add(part, Some(since)));
                }
            }
        }
        taken
    }
}
