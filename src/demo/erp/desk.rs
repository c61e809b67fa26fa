//! The orders that the demo ERP has taken since it started, and who is told of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::Refusal;
use crate::demo::assortment::Assortment;
use crate::demo::depot::Depot;
use crate::demo::ledger::{Ledger, Order};
use crate::demo::stock::PLACES;
use crate::demo::system::System;
use crate::demo::wms::{Part, Shelves};

/// The ERP's code of the depot.
pub(super) const DEPOT: &str = "DEP";

/// The ERP's codes of the WMS's places, in their order.
const CODES: [&str; 5] = ["STO", "CPH", "WAW", "MAL", "BER"];

/// The ERP's codes of all locations.
pub(super) fn codes() -> impl Iterator<Item = &'static str> {
    CODES.into_iter().chain([DEPOT])
}

/// Takes orders.
pub(in crate::demo) struct Desk {
    system: Arc<System>,
    assortment: Arc<Assortment>,
    shelves: Arc<Shelves>,
    depot: Arc<Depot>,
    /// So many orders are in the book already.
    before: usize,
    /// Held while an order is taken, never across an await.
    taken: Mutex<Vec<Arc<Taken>>>,
}

/// An order that was taken.
pub(in crate::demo) struct Taken {
    pub(in crate::demo) order: Order,
    pub(in crate::demo) at: Timestamp,
}

/// An order that is to be taken.
pub(super) struct Draft {
    /// Without number and position.
    pub(super) order: Order,
    pub(super) goods: Vec<Goods>,
}

/// Goods of one line: which, how many, and the code of the location they are to leave from.
pub(super) struct Goods {
    pub(super) position: usize,
    pub(super) quantity: i64,
    pub(super) location: Option<&'static str>,
}

impl Desk {
    pub(in crate::demo) fn new(
        system: Arc<System>,
        assortment: Arc<Assortment>,
        ledger: &Ledger,
        (shelves, depot): (Arc<Shelves>, Arc<Depot>),
    ) -> Self {
        Self {
            system,
            assortment,
            shelves,
            depot,
            before: ledger.orders.len(),
            taken: Mutex::default(),
        }
    }

    /// Takes an order, or says why not; then nothing has happened.
    pub(super) fn take(&self, mut draft: Draft) -> Result<Arc<Taken>, Refusal> {
        let rules = self.system.entry();
        let mut taken = self.lock();
        let external = &draft.order.external;
        let is_second = taken.iter().any(|taken| taken.order.external == *external);
        if rules.unique_external && !external.is_empty() && is_second {
            return Err(Refusal::duplicate(external));
        }
        let (from_depot, from_wms) = self.shared_out(&draft.goods);
        if let Err(position) = self.depot.sell(&from_depot, rules.rejects_oversell) {
            return Err(Refusal::short(&self.assortment.skus[position].number));
        }
        let place = self.before + taken.len();
        draft.order.place = place;
        draft.order.number = Order::number_at(place);
        let at = Timestamp::now();
        let known_from = later(at, rules.release_after_ms);
        self.shelves.order(&draft.order.number, from_wms, at, known_from);
        let order = Arc::new(Taken {
            order: draft.order,
            at,
        });
        taken.push(Arc::clone(&order));
        Ok(order)
    }

    /// What the lists show by now.
    pub(super) fn visible(&self) -> Vec<Arc<Taken>> {
        let delay = self.system.entry().visibility_delay_ms;
        let now = Timestamp::now();
        let mut taken = self.all();
        taken.retain(|taken| later(taken.at, delay) <= now);
        taken
    }

    pub(in crate::demo) fn all(&self) -> Vec<Arc<Taken>> {
        self.lock().clone()
    }

    /// What each warehouse is to send. A line without a location goes to the WMS if it keeps the article.
    fn shared_out(&self, goods: &[Goods]) -> (Vec<(usize, i64)>, Vec<Part>) {
        let (mut from_depot, mut from_wms) = (Vec::new(), Vec::new());
        for line in goods {
            let quantity = line.quantity;
            let place = match line.location {
                None if !self.shelves.knows(line.position) => None,
                None => Some(self.shelves.place_for(line.position, quantity)),
                Some(code) => CODES
                    .iter()
                    .position(|known| *known == code)
                    .map(|at| PLACES[at].id),
            };
            match place {
                None => from_depot.push((line.position, quantity)),
                Some(place) => from_wms.push(Part {
                    position: line.position,
                    place,
                    quantity,
                }),
            }
        }
        (from_depot, from_wms)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Taken>>> {
        // Only ever added to, so a panic elsewhere cannot leave it half done.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn later(moment: Timestamp, milliseconds: u64) -> Timestamp {
    let delay = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    moment.checked_add(delay).unwrap_or(Timestamp::MAX)
}
