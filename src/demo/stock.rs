//! Stock of the demo WMS: how many of an article lie where, and what is on its way.

use super::assortment::{Assortment, below};
use super::system::Counts;

/// A warehouse or store.
pub(super) struct Place {
    pub(super) id: i64,
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) city: &'static str,
    pub(super) country: &'static str,
}

const fn place(
    id: i64,
    code: &'static str,
    name: &'static str,
    city: &'static str,
    country: &'static str,
) -> Place {
    Place {
        id,
        code,
        name,
        city,
        country,
    }
}

/// All places; the first takes what the dial sets.
pub(super) static PLACES: [Place; 5] = [
    place(1, "WH-STO", "Stockholm", "Stockholm", "SE"),
    place(2, "WH-CPH", "Copenhagen", "København", "DK"),
    place(3, "WH-WAW", "Warsaw", "Warszawa", "PL"),
    place(4, "ST-MAL", "Store Malmö", "Malmö", "SE"),
    place(5, "ST-BER", "Store Berlin", "Berlin", "DE"),
];

/// How much of an article lies in one place.
pub(super) struct Level {
    pub(super) place: i64,
    pub(super) on_hand: i64,
    pub(super) booked: i64,
}

impl Level {
    /// What may still be sold; negative when more was sold than there is.
    pub(super) fn sellable(&self) -> i64 {
        self.on_hand - self.booked
    }
}

/// Levels of an article, or `None` when the WMS does not know it.
pub(super) fn levels(assortment: &Assortment, position: usize, set: &Counts) -> Option<Vec<Level>> {
    let sku = &assortment.skus[position];
    if let Some(count) = set.get(&sku.number) {
        return Some(all_in_first_place(count.quantity));
    }
    if sku.is_odd {
        return Some(usual(position, 25));
    }
    if position % 211 == 17 {
        return None;
    }
    Some(match position % 20 {
        3 | 14 => usual(position, 1),
        7 => last_ones(1 + i64::from(below(position, 41, 3))),
        11 => Vec::new(),
        18 if position % 40 == 18 => oversold(position),
        _ => usual(position, 20 + below(position, 42, 60)),
    })
}

/// Pieces on their way to the warehouses.
pub(super) fn incoming(position: usize) -> i64 {
    if matches!(position % 20, 3 | 9 | 18) {
        10 + 5 * i64::from(below(position, 43, 12))
    } else {
        0
    }
}

fn all_in_first_place(quantity: i64) -> Vec<Level> {
    let level = |(at, place): (usize, &Place)| Level {
        place: place.id,
        on_hand: if at == 0 { quantity } else { 0 },
        booked: 0,
    };
    PLACES.iter().enumerate().map(level).collect()
}

/// A spread over all places; `limit` 1 means that nothing is left anywhere.
fn usual(position: usize, limit: u32) -> Vec<Level> {
    let mut levels = Vec::new();
    for place in &PLACES {
        let is_store = place.id > 3;
        let most = if is_store { limit / 6 + 1 } else { limit };
        let purpose = 50 + place.id.unsigned_abs();
        let on_hand = i64::from(below(position, purpose, most));
        let booked = i64::from(below(position, purpose + 10, 4)).min(on_hand);
        levels.push(Level {
            place: place.id,
            on_hand,
            booked,
        });
    }
    // The odd numbers and the well stocked must never be empty by accident.
    if limit > 1 && levels[0].on_hand == 0 {
        levels[0].on_hand = 5;
    }
    levels
}

fn last_ones(quantity: i64) -> Vec<Level> {
    vec![
        Level {
            place: 1,
            on_hand: quantity,
            booked: 0,
        },
        Level {
            place: 4,
            on_hand: 0,
            booked: 0,
        },
    ]
}

fn oversold(position: usize) -> Vec<Level> {
    vec![
        Level {
            place: 1,
            on_hand: 0,
            booked: 1 + i64::from(below(position, 44, 3)),
        },
        Level {
            place: 2,
            on_hand: 0,
            booked: 0,
        },
    ]
}
