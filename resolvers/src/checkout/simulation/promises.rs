//! What must be true once everything has come to rest.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_schema::checkout::PlacementState;
use skuery_schema::ids::{LocationCode, Sku};

use crate::checkout::book::Book;
use crate::checkout::ledger::OrderFilter;
use crate::checkout::record::{OrderRecord, OrderState};
use crate::checkout::simulation::buyer::{Sale, Told};
use crate::checkout::simulation::world::{ErpOrder, State, Terms};
use crate::port::order_entry::ExternalNumber;
use crate::port::payments::AuthorizationState;

/// All that is wrong.
pub(super) fn broken(
    terms: Terms,
    book: &Book,
    state: &State,
    sales: &[Sale],
    now: Timestamp,
) -> Vec<String> {
    let all = OrderFilter {
        limit: usize::MAX,
        ..OrderFilter::default()
    };
    let orders = book.orders(&all);
    let mut broken = state.violations.clone();
    let findings = book.check(now).into_iter();
    broken.extend(findings.map(|found| format!("check: {found:?}")));
    for order in &orders {
        broken.extend(order_trouble(terms, order, state));
    }
    for order in &state.orders {
        let number = &order.draft.external_number;
        match orders.iter().find(|known| known.draft.external_number == *number) {
            Some(known) if known.state != OrderState::Rejected => {}
            known => broken.push(format!(
                "the ERP has {number}, which is {:?}",
                known.map(|known| known.state)
            )),
        }
    }
    broken.extend(oversold(state));
    broken.extend(reservations_left(&orders, state, now));
    for sale in sales {
        broken.extend(told_wrong(sale, &orders, state));
    }
    broken
}

fn order_trouble(terms: Terms, order: &OrderRecord, state: &State) -> Vec<String> {
    let number = &order.draft.external_number;
    let is_it = |erp: &&ErpOrder| erp.draft.external_number == *number;
    let at_erp: Vec<&ErpOrder> = state.orders.iter().filter(is_it).collect();
    let mut troubles = Vec::new();
    let mut trouble = |text: String| troubles.push(format!("{number}: {text}"));
    if at_erp.len() > 1 {
        trouble(format!("{} orders in the ERP", at_erp.len()));
    }
    match (order.state, at_erp.first()) {
        (OrderState::Placed, Some(erp)) => {
            let same = order.number.as_ref() == Some(&erp.number) && erp.draft == order.draft;
            if !same || !erp.complete {
                trouble("placed otherwise than in the ERP".into());
            }
        }
        (OrderState::Placed, None) => trouble("placed, and the ERP does not have it".into()),
        (OrderState::Rejected, Some(_)) => trouble("rejected, and the ERP has it".into()),
        (OrderState::Rejected, None) => {}
        (OrderState::NeedsReview, erp) => {
            let lost = terms.external_number == ExternalNumber::None;
            if !lost && !erp.is_some_and(|erp| erp.garbled) {
                trouble("needs a person for no reason".into());
            }
        }
        (OrderState::Submitting | OrderState::Unknown, _) => trouble(format!("is {:?}", order.state)),
    }
    if order.due.is_some() || order.steps.iter().any(|step| !step.done) {
        trouble("something is left to do".into());
    }
    if let Some(payment) = &order.payment {
        let wanted = match order.state {
            OrderState::Placed if terms.captures => AuthorizationState::Captured,
            OrderState::Rejected => AuthorizationState::Voided,
            _ => AuthorizationState::Authorized,
        };
        let is = state
            .payments
            .get(&payment.authorization)
            .map(|payment| payment.state);
        if is != Some(wanted) {
            trouble(format!("its payment is {is:?} and not {wanted:?}"));
        }
    }
    troubles
}

/// What was sold of each article at each place, as the ERP has it.
pub(super) fn sold(state: &State) -> BTreeMap<(Sku, LocationCode), Decimal> {
    let mut sold = BTreeMap::new();
    for line in state.orders.iter().flat_map(|order| &order.draft.lines) {
        let Some(location) = &line.location else { continue };
        *sold
            .entry((line.sku.clone(), location.clone()))
            .or_insert(Decimal::ZERO) += line.quantity;
    }
    sold
}

fn oversold(state: &State) -> Vec<String> {
    let too_much = |((sku, location), sold): ((Sku, LocationCode), Decimal)| {
        let stock = state.stock(&sku, &location);
        (sold > stock).then(|| format!("{sold} of {sku} sold at {location}, where {stock} were"))
    };
    sold(state).into_iter().filter_map(too_much).collect()
}

/// A reservation belongs to an order that stands, and every order that stands has what it needs.
fn reservations_left(orders: &[OrderRecord], state: &State, now: Timestamp) -> Vec<String> {
    let mut troubles = Vec::new();
    for (reference, held) in state.reservations.iter().filter(|(_, held)| held.is_live(now)) {
        let owner = orders.iter().find(|order| order.hold == *reference);
        let stands = owner.is_some_and(|order| order.state != OrderState::Rejected);
        if !stands || held.order.is_none() {
            troubles.push(format!("reservation {reference} is left: {held:?}"));
        }
    }
    for order in orders {
        let needs = order.draft.reservation.as_ref();
        let stands = order.state != OrderState::Rejected;
        if stands && needs.is_some_and(|needs| !state.reservations.contains_key(needs)) {
            troubles.push(format!(
                "{} has lost its reservation",
                order.draft.external_number
            ));
        }
    }
    troubles
}

fn told_wrong(sale: &Sale, orders: &[OrderRecord], state: &State) -> Vec<String> {
    let mut troubles = Vec::new();
    let key = &sale.input.idempotency_key;
    let order = orders.iter().find(|order| order.key == *key);
    for told in &sale.told {
        let wrong = match (told.state, order) {
            (Some(PlacementState::Placed), Some(order)) => {
                order.state != OrderState::Placed || order.number != told.number
            }
            (Some(PlacementState::Rejected), Some(order)) => order.state != OrderState::Rejected,
            (Some(_), None) => true,
            (Some(PlacementState::Pending), Some(_)) | (None, _) => false,
        };
        if wrong {
            troubles.push(format!("{key} was told {told:?}, and it is {order:?}"));
        }
    }
    for (earlier, later) in pairs(&sale.told) {
        let settled = matches!(
            earlier.state,
            Some(PlacementState::Placed | PlacementState::Rejected)
        );
        let forgotten = settled && later.state != earlier.state && !is_down(later);
        let lost = earlier.state.is_some() && later.state.is_none() && !is_down(later);
        if forgotten || lost {
            troubles.push(format!("{key} was told {earlier:?} and then {later:?}"));
        }
    }
    let erp = order.and_then(|order| {
        let number = &order.draft.external_number;
        state
            .orders
            .iter()
            .find(|erp| erp.draft.external_number == *number)
    });
    for line in erp.iter().flat_map(|erp| &erp.draft.lines) {
        let agreed = (line.sku.clone(), line.net_price, line.gross_price);
        if !sale.agreed.contains(&agreed) {
            troubles.push(format!(
                "{key} is sold at {agreed:?}, agreed was {:?}",
                sale.agreed
            ));
        }
    }
    troubles
}

/// Answers of which the second was asked for after the first was heard.
fn pairs(told: &[Told]) -> impl Iterator<Item = (&Told, &Told)> {
    let all = told
        .iter()
        .flat_map(|one| told.iter().map(move |other| (one, other)));
    all.filter(|(one, other)| one.heard_at < other.asked_at)
}

/// The ledger did not answer: nothing is said of the order.
fn is_down(told: &Told) -> bool {
    use skuery_schema::checkout::UserErrorCode::{InProgress, SystemUnavailable};
    let silent = |code| matches!(code, &SystemUnavailable | &InProgress);
    told.state.is_none() && told.errors.iter().any(silent)
}
