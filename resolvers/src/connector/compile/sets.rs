//! What belongs together: half of a set could do something that nobody can undo or find again.

use std::collections::HashMap;

use crate::connector::act::{Act, Meaning};
use crate::connector::config::ConfigError;
use crate::connector::mapping::Mapping;
use crate::port::PortLookup;
use crate::port::order_entry::ExternalNumber;

const RESERVATIONS: [PortLookup; 4] = [
    PortLookup::Reserve,
    PortLookup::Reservation,
    PortLookup::ReleaseReservation,
    PortLookup::CommitReservation,
];
const PAYMENTS: [PortLookup; 3] = [PortLookup::Authorization, PortLookup::Capture, PortLookup::Void];
const ORDERS: [PortLookup; 3] = [
    PortLookup::PlaceOrder,
    PortLookup::PlacedOrders,
    PortLookup::FinishOrder,
];

/// Checks what the mapping declares, whether or not it is served with these settings.
pub(super) fn check(mapping: &Mapping, acts: &HashMap<PortLookup, Act>) -> Result<(), ConfigError> {
    let declares = |lookup: PortLookup| mapping.lookups.contains_key(lookup.as_str());
    for set in [&RESERVATIONS[..], &PAYMENTS[..]] {
        let Some(declared) = set.iter().find(|lookup| declares(**lookup)) else {
            continue;
        };
        if let Some(missing) = set.iter().find(|lookup| !declares(**lookup)) {
            return Err(missing_beside(*missing, *declared));
        }
    }
    if declares(PortLookup::Reserve) && !declares(PortLookup::Stock) {
        return Err(missing_beside(PortLookup::Stock, PortLookup::Reserve));
    }
    orders(mapping, acts)
}

fn orders(mapping: &Mapping, acts: &HashMap<PortLookup, Act>) -> Result<(), ConfigError> {
    let declares = |lookup: PortLookup| mapping.lookups.contains_key(lookup.as_str());
    let Some(declared) = ORDERS.into_iter().find(|lookup| declares(*lookup)) else {
        return Ok(());
    };
    if !declares(PortLookup::PlaceOrder) {
        return Err(missing_beside(PortLookup::PlaceOrder, declared));
    }
    let found_by = mapping.checkout.external_number.ok_or_else(|| {
        let problem = "missing: `place_order` needs it, use unique, searchable or none";
        ConfigError::new("checkout.external_number", problem)
    })?;
    match (found_by, declares(PortLookup::PlacedOrders)) {
        (ExternalNumber::None, true) => {
            let problem = "`none` contradicts `placed_orders`, use unique or searchable";
            return Err(ConfigError::new("checkout.external_number", problem));
        }
        (ExternalNumber::None, false) | (_, true) => {}
        (_, false) => return Err(missing_beside(PortLookup::PlacedOrders, PortLookup::PlaceOrder)),
    }
    let Some(act) = acts.get(&PortLookup::PlaceOrder) else {
        return Ok(());
    };
    let beside = |problem: &str| Err(ConfigError::new("lookups.place_order", problem));
    if found_by != ExternalNumber::None && !act.uses("external_number") {
        return beside(
            "request: does not make use of `external_number`, so the order could not be found again",
        );
    }
    let tells_twice = act
        .signs
        .iter()
        .any(|sign| matches!(sign.meaning, Meaning::Duplicate));
    if found_by == ExternalNumber::Unique && !tells_twice {
        return beside("duplicate: missing, `external_number: unique` needs the sign of a second order");
    }
    let writing = act.steps.iter().filter(|step| step.writes).count();
    match (writing > 1, declares(PortLookup::FinishOrder)) {
        (true, false) => Err(missing_beside(PortLookup::FinishOrder, PortLookup::PlaceOrder)),
        (false, true) => beside("`finish_order` is declared, but one request leaves nothing to finish"),
        _ => Ok(()),
    }
}

/// Of a set that lacks a setting for one, none is served.
pub(super) fn keep_whole(acts: &mut HashMap<PortLookup, Act>) {
    for set in [&RESERVATIONS[..], &PAYMENTS[..]] {
        if !set.iter().all(|lookup| acts.contains_key(lookup)) {
            acts.retain(|lookup, _| !set.contains(lookup));
        }
    }
    if !acts.contains_key(&PortLookup::PlaceOrder) {
        acts.retain(|lookup, _| !ORDERS.contains(lookup));
    }
}

fn missing_beside(missing: PortLookup, declared: PortLookup) -> ConfigError {
    ConfigError::new(
        format!("lookups.{}", missing.as_str()),
        format!("missing, `{}` needs it", declared.as_str()),
    )
}
