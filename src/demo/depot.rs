//! The demo depot: a shelf with a list of one's own making, that reserves nothing and hears of orders from the ERP.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use jiff::Timestamp;
use serde_json::json;

use super::answers::answer;
use super::assortment::{Assortment, below};
use super::query::Query;
use super::stock;
use super::system::{Counts, System};

/// What lies in the depot, less what the ERP has sold of it.
pub(super) struct Depot {
    system: Arc<System>,
    assortment: Arc<Assortment>,
    /// Held while something is decided, never across an await.
    sold: Mutex<Vec<Sold>>,
}

/// Pieces of an article in an order of the ERP.
struct Sold {
    at: Timestamp,
    position: usize,
    quantity: i64,
}

impl Depot {
    pub(super) fn new(system: Arc<System>, assortment: Arc<Assortment>) -> Self {
        Self {
            system,
            assortment,
            sold: Mutex::default(),
        }
    }

    /// Takes the pieces that an order is made of. What is not there is sold all the same, unless `only_what_is_there`:
    /// then nothing is taken, and the first article that is short is the answer.
    pub(super) fn sell(&self, parts: &[(usize, i64)], only_what_is_there: bool) -> Result<(), usize> {
        let counts = self.system.stock();
        let mut sold = self.lock();
        if only_what_is_there {
            let positions: BTreeSet<_> = parts.iter().map(|(position, _)| *position).collect();
            for position in positions {
                let wanted = parts.iter().filter(|part| part.0 == position);
                let wanted: i64 = wanted.map(|(_, quantity)| quantity).sum();
                if self.left(position, &counts, &sold) < wanted {
                    return Err(position);
                }
            }
        }
        let at = Timestamp::now();
        sold.extend(parts.iter().map(|(position, quantity)| Sold {
            at,
            position: *position,
            quantity: *quantity,
        }));
        Ok(())
    }

    /// What is left of an article, below zero when more was sold.
    fn left(&self, position: usize, counts: &Counts, sold: &[Sold]) -> i64 {
        let count = counts.get(&self.assortment.skus[position].number);
        let there = count.map_or_else(|| usual(&self.assortment, position), |count| count.quantity);
        // What was sold before somebody counted has left the shelf.
        let is_there =
            |sold: &&Sold| sold.position == position && count.is_none_or(|count| count.at < sold.at);
        let gone: i64 = sold.iter().filter(is_there).map(|sold| sold.quantity).sum();
        there - gone
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Sold>> {
        // Only ever added to, so a panic elsewhere cannot leave it half done.
        self.sold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What usually lies there: something of every article that the WMS does not keep, of the odd numbers, and of a fifth of
/// the others.
fn usual(assortment: &Assortment, position: usize) -> i64 {
    let is_kept = assortment.skus[position].is_odd
        || position % 5 == 1
        || stock::levels(assortment, position, &Counts::new()).is_none();
    if is_kept {
        2 + i64::from(below(position, 45, 30))
    } else {
        0
    }
}

/// The routes of the depot.
pub(super) fn router(depot: Arc<Depot>) -> Router {
    Router::new().route("/stock", get(stock_of)).with_state(depot)
}

/// `GET /stock?sku=…&sku=…`.
async fn stock_of(State(depot): State<Arc<Depot>>, RawQuery(query): RawQuery) -> Response {
    let query = Query::parse(&query.unwrap_or_default());
    let asked: BTreeSet<&str> = query.all("sku").collect();
    depot.system.count_keys(asked.len());
    let counts = depot.system.stock();
    let sold = depot.lock();
    let rows = asked.into_iter().filter_map(|sku| {
        let position = depot.assortment.sku_position(sku)?;
        let on_hand = depot.left(position, &counts, &sold);
        Some(json!({"sku": sku, "onHand": on_hand}))
    });
    answer(StatusCode::OK, rows.collect())
}
