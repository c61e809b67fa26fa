//! What is one order, and what is not.

use std::sync::Arc;

use jiff::SignedDuration;
use skuery_schema::ids::SystemName;

use crate::commerce::orders::assemble::Assembly;
use crate::commerce::orders::join::join;
use crate::commerce::orders::merge::MergeSource;
use crate::commerce::orders::position::Known;
use crate::commerce::orders::rules::{FieldGroup, OrderRules};
use crate::commerce::orders::tests::world::{WINDOW, record, time};
use crate::port::orders::{OrderList, OrderRecord};
use skuery_schema::order_words::{OrderStatus, PaymentStatus};

/// Sources 0 and 1 are lists of one system, source 2 is another system's, source 3 a third's.
const SYSTEMS: [usize; 4] = [0, 0, 1, 2];

fn known(source: usize, number: &str, tick: usize, references: &[&str]) -> Known {
    let references = references.iter().map(|reference| Arc::from(*reference)).collect();
    // All with the same customer reference, which must never matter.
    Known::new(source, record(number, time(tick), 7, references))
}

#[track_caller]
fn check(records: &[Known], expected: &[&[usize]]) {
    let groups = join(records, |source| SYSTEMS[source], WINDOW);
    assert_eq!(groups, expected);
}

#[test]
fn a_reference_to_another_systems_number_joins_in_either_direction() {
    check(&[known(0, "W1", 0, &[]), known(2, "E1", 4, &["W1"])], &[&[0, 1]]);
    check(&[known(0, "W1", 4, &["E1"]), known(2, "E1", 0, &[])], &[&[0, 1]]);
}

#[test]
fn a_shared_reference_joins_records_of_different_systems_only() {
    check(
        &[known(0, "W1", 0, &["M9"]), known(2, "E1", 0, &["M9"])],
        &[&[0, 1]],
    );
    check(
        &[known(2, "E1", 0, &["M9"]), known(2, "E2", 0, &["M9"])],
        &[&[0], &[1]],
    );
    check(
        &[known(0, "W1", 0, &["M9"]), known(1, "W2", 0, &["M9"])],
        &[&[0], &[1]],
    );
}

#[test]
fn the_same_number_joins_lists_of_one_system_only() {
    check(&[known(0, "W1", 0, &[]), known(1, "W1", 3, &[])], &[&[0, 1]]);
    check(
        &[known(0, "1001", 0, &[]), known(2, "1001", 0, &[])],
        &[&[0], &[1]],
    );
}

#[test]
fn neither_the_customers_reference_nor_an_empty_one_joins() {
    check(&[known(0, "W1", 0, &[]), known(2, "E1", 0, &[])], &[&[0], &[1]]);
    check(
        &[known(0, "W1", 0, &[""]), known(2, "E1", 0, &[""])],
        &[&[0], &[1]],
    );
}

#[test]
fn records_further_apart_than_the_window_are_two_orders() {
    check(&[known(0, "W1", 0, &[]), known(2, "E1", 12, &["W1"])], &[&[0, 1]]);
    check(
        &[known(0, "W1", 0, &[]), known(2, "E1", 13, &["W1"])],
        &[&[0], &[1]],
    );
}

#[test]
fn records_are_joined_through_a_third() {
    let records = [
        known(2, "E1", 0, &["W1"]),
        known(3, "P1", 0, &["W1"]),
        known(0, "W1", 0, &[]),
    ];
    check(&records, &[&[0, 1, 2]]);
    check(&records[..2], &[&[0, 1]]);
}

// ---------------------------------------------------------------- which system is believed

fn assembly(fields: &[(FieldGroup, &str)]) -> Assembly {
    let systems: Vec<SystemName> = ["oms", "erp", "pos"].map(SystemName::from).to_vec();
    let rules = OrderRules {
        precedence: systems.clone(),
        fields: fields
            .iter()
            .map(|(group, system)| (*group, vec![SystemName::from(*system)]))
            .collect(),
        join_window: std::time::Duration::ZERO,
    };
    Assembly {
        ranks: rules.ranks(&systems),
        systems,
    }
}

fn sources() -> Vec<MergeSource> {
    let source = |(system, name): (usize, &str)| MergeSource {
        system,
        name: name.into(),
        list: OrderList::Orders,
        most: 100,
    };
    [(0, "oms"), (1, "erp"), (2, "pos")]
        .into_iter()
        .map(source)
        .collect()
}

fn with(source: usize, number: &str, change: impl FnOnce(&mut OrderRecord)) -> Known {
    let mut record = OrderRecord::clone(&record(number, time(0), 0, Vec::new()));
    record.status = OrderStatus::Unknown;
    record.customer_reference = None;
    change(&mut record);
    Known::new(source, Arc::new(record))
}

#[test]
fn each_group_is_taken_from_the_first_system_that_has_it() {
    let members = [
        with(0, "W1", |record| {
            record.status = OrderStatus::Received;
            record.source_status = Some("new".into());
        }),
        with(1, "E1", |record| {
            record.status = OrderStatus::Completed;
            record.source_status = Some("posted".into());
            record.payment_status = PaymentStatus::Invoiced;
            record.customer_reference = Some("PO-7".into());
        }),
    ];
    let order = assembly(&[]).order(&members, &sources());
    assert_eq!((&*order.number, order.source_system.as_str()), ("W1", "oms"));
    assert_eq!(order.status, OrderStatus::Received);
    assert_eq!(
        order.payment_status,
        PaymentStatus::Invoiced,
        "the first does not tell"
    );
    assert_eq!(order.customer_reference.as_deref(), Some("PO-7"));
    let ids = order.external_ids.iter().map(|id| (&*id.system, &*id.value));
    assert_eq!(ids.collect::<Vec<_>>(), [("oms", "W1"), ("erp", "E1")]);

    let order = assembly(&[(FieldGroup::Status, "erp")]).order(&members, &sources());
    assert_eq!(order.status, OrderStatus::Completed);
    assert_eq!(
        order.source_status.as_deref(),
        Some("posted"),
        "of the same record"
    );
    assert_eq!(&*order.number, "W1", "the others stay");
}

#[test]
fn the_window_may_be_nothing() {
    let records = [
        known(0, "W1", 0, &[]),
        known(2, "E1", 0, &["W1"]),
        known(3, "P1", 1, &["W1"]),
    ];
    let groups = join(&records, |source| SYSTEMS[source], SignedDuration::ZERO);
    assert_eq!(groups, [vec![0, 1], vec![2]]);
}
