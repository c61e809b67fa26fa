//! What could be ordered instead of a line that cannot be had as asked.

use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::availability::Location;
use skuery_schema::checkout::{Alternative, AlternativeKind, LineStatus};

use crate::checkout::allocate::{Allotment, Need, floor, next_delivery, sellable};
use crate::checkout::ledger::Taken;
use crate::checkout::reader::PlaceReading;

/// Less, later, or elsewhere; nothing where the line can be had as asked.
pub(crate) fn alternatives(
    status: LineStatus,
    need: &Need<'_>,
    allotment: &Allotment,
    elsewhere: &[PlaceReading],
    taken: &Taken,
) -> Vec<Alternative> {
    if !matches!(status, LineStatus::OutOfStock | LineStatus::Partial) {
        return Vec::new();
    }
    let mut all = Vec::new();
    if status == LineStatus::OutOfStock && allotment.there > Decimal::ZERO {
        all.push(alternative(AlternativeKind::Reduced, allotment.there, None));
    }
    if let Some((place, day, announced)) = next_delivery(need.places, need.today) {
        let quantity = announced.map_or(need.quantity, |quantity| quantity.min(need.quantity));
        if quantity > Decimal::ZERO {
            all.push(Alternative {
                date: Some(day),
                ..alternative(
                    AlternativeKind::Later,
                    quantity,
                    Some(&need.places[place].location),
                )
            });
        }
    }
    let nothing = Taken::new();
    for place in elsewhere {
        let there = sellable(place, need.sku, taken, &nothing).min(need.quantity);
        let there = floor(there, need.step);
        if there >= need.minimum && there > Decimal::ZERO {
            all.push(alternative(
                AlternativeKind::OtherLocation,
                there,
                Some(&place.location),
            ));
        }
    }
    all
}

fn alternative(kind: AlternativeKind, quantity: Decimal, location: Option<&Arc<Location>>) -> Alternative {
    Alternative {
        kind,
        quantity,
        date: None,
        location: location.cloned(),
        sku: None,
    }
}
