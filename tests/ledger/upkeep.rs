//! What is told of the past, what is removed, and what is found when nobody did his work.

use skuery_resolvers::checkout::ledger::{Begun, Epoch, Ledger, Removed};
use skuery_resolvers::checkout::record::{HoldState, OrderState, Step, StepKind};
use skuery_schema::checkout::HoldKind;
use skuery_schema::ids::SystemName;

use crate::ground::Ground;
use crate::things::{LEASE, at, cart, key, line, placed, record};

pub(crate) async fn everything_that_happened_is_told_in_order(ground: Ground) {
    let ledger = ground.open().await;
    let lines = [line("a", "A", "3", HoldKind::System)];
    cart("h1", "c", at(0)).hold(ledger.as_ref(), &lines).await;
    ledger.confirm_hold("h1", at(60), at(1)).await.unwrap();
    ledger.extend_hold("h1", at(90), at(2)).await.unwrap();
    let order = record("N1", "c", "h1", at(3));
    ledger.intend(&order, at(3)).await.unwrap();
    let (_, epoch) = ledger.claim_order("N1", LEASE, at(4)).await.unwrap().unwrap();
    ledger
        .record(&placed(&order, at(5)), epoch, "found", None, at(6))
        .await
        .unwrap();
    let told = async |key| {
        let events = ledger.events(key).await.unwrap();
        assert!(events.is_sorted_by_key(|event| event.sequence));
        assert!(events.iter().all(|event| &*event.key == key));
        events
            .iter()
            .map(|event| format!("{} {}", event.subject, event.kind))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told("h1").await,
        ["hold reserving", "hold held", "hold extended", "hold ordered"]
    );
    assert_eq!(
        told("N1").await,
        ["order intended", "order claimed", "order found"]
    );
    let events = ledger.events("N1").await.unwrap();
    let last = events.last().unwrap();
    assert_eq!(
        (last.at, &last.body["state"], &last.body["number"]),
        (at(6), &"placed".into(), &"S-1".into())
    );
    assert_eq!(events[0].body["state"], "submitting", "the past is not changed");
    assert!(told("N9").await.is_empty());
}

pub(crate) async fn what_is_old_is_removed_and_orders_stay(ground: Ground) {
    let ledger = ground.open().await;
    for (id, customer) in [("ended", "c"), ("placed", "d"), ("doubt", "e"), ("live", "f")] {
        cart(id, customer, at(0))
            .hold_one(ledger.as_ref(), "a", "1")
            .await;
    }
    let lines = [line("a", "A", "1", HoldKind::System)];
    cart("reserved", "g", at(0)).hold(ledger.as_ref(), &lines).await;
    for id in ["ended", "reserved"] {
        ledger.end_hold(id, HoldState::Released, at(1)).await.unwrap();
    }
    for (number, customer, hold) in [("N1", "d", "placed"), ("N2", "e", "doubt")] {
        let order = record(number, customer, hold, at(1));
        ledger
            .begin(&key(customer, &order.key), &[1; 32], LEASE, at(1))
            .await
            .unwrap();
        ledger.intend(&order, at(1)).await.unwrap();
    }
    let order = placed(&record("N1", "d", "placed", at(1)), at(2));
    ledger
        .record(&order, Epoch(1), "placed", Some("yes"), at(2))
        .await
        .unwrap();
    ledger
        .begin(&key("c", "working"), &[1; 32], LEASE, at(50))
        .await
        .unwrap();
    assert_eq!(ledger.remove_old(at(1)).await.unwrap(), Removed::default());
    let removed = ledger.remove_old(at(55)).await.unwrap();
    let expected = Removed {
        attempts: 1,
        holds: 1,
        events: 4,
    };
    assert_eq!(removed, expected);
    assert_eq!(ledger.find_hold("ended").await.unwrap(), None);
    for id in ["placed", "doubt", "live", "reserved"] {
        assert!(ledger.find_hold(id).await.unwrap().is_some(), "{id}");
    }
    for number in ["N1", "N2"] {
        assert!(ledger.order(number).await.unwrap().is_some(), "{number}");
        assert!(!ledger.events(number).await.unwrap().is_empty(), "{number}");
    }
    let leases = ledger.leases(at(56)).await.unwrap();
    let held: Vec<_> = leases.iter().map(|lease| &*lease.hold).collect();
    assert_eq!(
        held,
        ["doubt", "live"],
        "an order accepted so long ago is part of every figure"
    );
    let working = ledger
        .begin(&key("c", "working"), &[1; 32], LEASE, at(56))
        .await
        .unwrap();
    assert_eq!(working, Begun::Busy);
    let doubt = ledger
        .begin(&key("e", "key-N2"), &[2; 32], LEASE, at(56))
        .await
        .unwrap();
    assert_eq!(doubt, Begun::Conflict, "the key of an order in doubt is kept");
    assert_eq!(ledger.check(at(56)).await.unwrap(), []);
}

async fn problems(ledger: &dyn Ledger, hours: i64) -> Vec<String> {
    let findings = ledger.check(at(hours * 3600)).await.unwrap();
    findings
        .iter()
        .map(|finding| format!("{} {}: {}", finding.subject, finding.key, finding.problem))
        .collect()
}

pub(crate) async fn what_nobody_brings_to_an_end_is_found(ground: Ground) {
    let ledger = ground.open().await;
    let lines = [line("a", "A", "1", HoldKind::System)];
    cart("h1", "c", at(0)).hold(ledger.as_ref(), &lines).await;
    cart("h2", "d", at(0)).hold(ledger.as_ref(), &lines).await;
    ledger.end_hold("h2", HoldState::Failed, at(0)).await.unwrap();
    for (hold, customer, number) in [
        ("h3", "e", "N3"),
        ("h4", "f", "N4"),
        ("h5", "g", "N5"),
        ("h6", "h", "N6"),
    ] {
        cart(hold, customer, at(0))
            .hold_one(ledger.as_ref(), "b", "1")
            .await;
        ledger
            .intend(&record(number, customer, hold, at(0)), at(0))
            .await
            .unwrap();
    }
    assert!(problems(ledger.as_ref(), 0).await.is_empty());
    let mut doubt = record("N4", "f", "h4", at(0));
    doubt.state = OrderState::Unknown;
    doubt.due = None;
    ledger
        .record(&doubt, Epoch(1), "lost", None, at(1))
        .await
        .unwrap();
    let mut undone = placed(&record("N5", "g", "h5", at(0)), at(1));
    undone.steps = vec![Step {
        kind: StepKind::Capture,
        system: SystemName::new("payments"),
        done: false,
        attempts: 3,
    }];
    ledger
        .record(&undone, Epoch(1), "placed", None, at(1))
        .await
        .unwrap();
    let review = doubt_of_a_person(record("N6", "h", "h6", at(0)));
    ledger
        .record(&review, Epoch(1), "lost", None, at(1))
        .await
        .unwrap();
    assert_eq!(
        problems(ledger.as_ref(), 2).await,
        [
            "hold h1: its time is over and nobody has ended it",
            "hold h2: its stock system was not told that it has ended",
            "order N3: it is due and nobody has looked at it",
            "order N4: it is in doubt and nobody will look at it",
            "order N5: steps are left that nobody will do",
        ]
    );
}

/// A person has it, which is no fault.
fn doubt_of_a_person(
    order: skuery_resolvers::checkout::record::OrderRecord,
) -> skuery_resolvers::checkout::record::OrderRecord {
    skuery_resolvers::checkout::record::OrderRecord {
        state: OrderState::NeedsReview,
        due: None,
        ..order
    }
}
