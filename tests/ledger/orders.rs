//! Orders: written down once, owned by one, and what their end means for stock and key.

use std::time::Duration;

use rust_decimal::Decimal;
use skuery_resolvers::checkout::ledger::{Begun, Epoch, Intended, LedgerError, OrderFilter};
use skuery_resolvers::checkout::record::{AttemptKey, HoldState, Operation, OrderState};
use skuery_schema::checkout::HoldKind;

use crate::ground::Ground;
use crate::things::{LEASE, at, buyer, cart, decimal, line, payment, place, placed, record};

const WRITTEN: Intended = Intended::Written(Epoch(1));

pub(crate) async fn an_order_is_written_once_per_number_key_hold_and_payment(ground: Ground) {
    let ledger = ground.open().await;
    for (id, customer) in [("h1", "c"), ("h2", "d"), ("h3", "e")] {
        cart(id, customer, at(0))
            .hold_one(ledger.as_ref(), "a", "1")
            .await;
    }
    let mut first = record("N1", "c", "h1", at(1));
    first.payment = Some(payment("pi_1"));
    assert_eq!(ledger.intend(&first, at(1)).await.unwrap(), WRITTEN);
    assert_eq!(
        ledger.find_hold("h1").await.unwrap().unwrap().state,
        HoldState::Ordered
    );
    let already = || Intended::AlreadyOrdered("N1".into());
    assert_eq!(ledger.intend(&first, at(1)).await.unwrap(), already(), "itself");
    let same_hold = record("N2", "c", "h1", at(1));
    assert_eq!(ledger.intend(&same_hold, at(1)).await.unwrap(), already());
    let mut same_key = record("N3", "c", "h2", at(1));
    same_key.key = first.key.clone();
    assert_eq!(ledger.intend(&same_key, at(1)).await.unwrap(), already());
    let same_number = record("N1", "d", "h2", at(1));
    assert_eq!(ledger.intend(&same_number, at(1)).await.unwrap(), already());
    let mut same_payment = record("N4", "d", "h2", at(1));
    same_payment.payment = Some(payment("pi_1"));
    assert_eq!(
        ledger.intend(&same_payment, at(1)).await.unwrap(),
        Intended::PaymentUsed
    );
    assert_eq!(
        ledger.find_hold("h2").await.unwrap().unwrap().state,
        HoldState::Held
    );
    let mut key_of_another = record("N5", "d", "h2", at(1));
    key_of_another.key = first.key.clone();
    assert_eq!(
        ledger.intend(&key_of_another, at(1)).await.unwrap(),
        WRITTEN,
        "keys are each buyer's own"
    );
    assert_eq!(
        ledger
            .intend(&record("N6", "e", "h3", at(1)), at(1))
            .await
            .unwrap(),
        WRITTEN
    );
    assert_eq!(ledger.order("N1").await.unwrap(), Some(first));
}

pub(crate) async fn an_order_needs_a_hold_of_the_same_buyer_that_has_not_ended(ground: Ground) {
    let ledger = ground.open().await;
    cart("over", "c", at(0)).hold_one(ledger.as_ref(), "a", "1").await;
    cart("given back", "d", at(0))
        .hold_one(ledger.as_ref(), "a", "1")
        .await;
    let lines = [line("a", "A", "1", HoldKind::System)];
    cart("reserving", "e", at(0)).hold(ledger.as_ref(), &lines).await;
    ledger
        .end_hold("given back", HoldState::Released, at(1))
        .await
        .unwrap();
    let refused = [
        (record("N1", "c", "over", at(60)), at(60)),
        (record("N1", "d", "given back", at(1)), at(1)),
        (record("N1", "e", "reserving", at(1)), at(1)),
        (record("N1", "c", "none", at(1)), at(1)),
        (record("N1", "somebody else", "over", at(1)), at(1)),
    ];
    for (record, now) in refused {
        let hold = record.hold.clone();
        assert_eq!(
            ledger.intend(&record, now).await.unwrap(),
            Intended::HoldEnded,
            "{hold}"
        );
    }
    assert_eq!(ledger.order("N1").await.unwrap(), None);
    assert_eq!(
        ledger
            .intend(&record("N1", "c", "over", at(59)), at(59))
            .await
            .unwrap(),
        WRITTEN
    );
    assert_eq!(
        ledger
            .end_hold("over", HoldState::Released, at(59))
            .await
            .unwrap(),
        None,
        "an order stands on it"
    );
}

pub(crate) async fn an_accepted_order_counts_until_the_figure_contains_it(ground: Ground) {
    let ledger = ground.open().await;
    cart("h1", "c", at(0)).hold_one(ledger.as_ref(), "a", "3").await;
    let order = record("N1", "c", "h1", at(1));
    ledger.intend(&order, at(1)).await.unwrap();
    let late = cart("-", "d", at(100_000));
    assert_eq!(
        late.taken(ledger.as_ref(), "a").await,
        decimal("3"),
        "no order ends by time"
    );
    let lease = &ledger.leases(at(100_000)).await.unwrap()[0];
    assert_eq!((lease.until, lease.accepted_at), (None, None));
    for state in [OrderState::Unknown, OrderState::NeedsReview] {
        let mut order = order.clone();
        order.state = state;
        ledger
            .record(&order, Epoch(1), "doubt", None, at(2))
            .await
            .unwrap();
        assert_eq!(late.taken(ledger.as_ref(), "a").await, decimal("3"), "{state:?}");
    }
    ledger
        .record(&placed(&order, at(50)), Epoch(1), "placed", None, at(51))
        .await
        .unwrap();
    let mut read = place("a", "A", at(50));
    assert_eq!(
        late.taken_at(ledger.as_ref(), &[read.clone()]).await,
        decimal("3"),
        "read at the same moment"
    );
    read.read_at = at(51);
    assert_eq!(
        late.taken_at(ledger.as_ref(), &[read.clone()]).await,
        Decimal::ZERO
    );
    read.reflects_after = Duration::from_secs(5);
    assert_eq!(
        late.taken_at(ledger.as_ref(), &[read.clone()]).await,
        decimal("3"),
        "the system is slow"
    );
    read.read_at = at(56);
    assert_eq!(late.taken_at(ledger.as_ref(), &[read]).await, Decimal::ZERO);
    let lease = &ledger.leases(at(60)).await.unwrap()[0];
    assert_eq!((lease.until, lease.accepted_at), (None, Some(at(50))));
}

pub(crate) async fn a_refused_order_gives_its_stock_back_and_answers_its_key(ground: Ground) {
    let ledger = ground.open().await;
    cart("h1", "c", at(0)).hold_one(ledger.as_ref(), "a", "3").await;
    let mut order = record("N1", "c", "h1", at(1));
    let key = AttemptKey {
        buyer: order.buyer.clone(),
        operation: Operation::Place,
        key: order.key.clone(),
    };
    ledger.begin(&key, &[1; 32], LEASE, at(0)).await.unwrap();
    ledger.intend(&order, at(1)).await.unwrap();
    order.state = OrderState::Rejected;
    order.settled_at = Some(at(2));
    order.due = None;
    let early = ledger
        .record(&order, Epoch(2), "rejected", Some("no"), at(2))
        .await;
    assert!(matches!(early, Err(LedgerError::Fenced)), "{early:?}");
    assert_eq!(
        ledger.begin(&key, &[1; 32], LEASE, at(2)).await.unwrap(),
        Begun::Busy
    );
    ledger
        .record(&order, Epoch(1), "rejected", Some("no"), at(2))
        .await
        .unwrap();
    assert_eq!(
        ledger.find_hold("h1").await.unwrap().unwrap().state,
        HoldState::Released
    );
    assert_eq!(ledger.leases(at(2)).await.unwrap(), []);
    assert_eq!(
        ledger.begin(&key, &[1; 32], LEASE, at(3)).await.unwrap(),
        Begun::Answered("no".into())
    );
    ledger
        .record(&order, Epoch(1), "step", Some("another"), at(3))
        .await
        .unwrap();
    let again = ledger.begin(&key, &[1; 32], LEASE, at(3)).await.unwrap();
    assert_eq!(again, Begun::Answered("no".into()), "the first answer stays");
    let unknown = ledger
        .record(&record("N9", "c", "h1", at(1)), Epoch(1), "x", None, at(3))
        .await;
    assert!(matches!(unknown, Err(LedgerError::Damaged(_))), "{unknown:?}");
    let moved = record("N1", "c", "another hold", at(1));
    let moved = ledger.record(&moved, Epoch(1), "x", None, at(3)).await;
    assert!(matches!(moved, Err(LedgerError::Damaged(_))), "{moved:?}");
}

pub(crate) async fn a_due_order_is_given_to_one_worker_under_a_new_epoch(ground: Ground) {
    let ledger = ground.open().await;
    cart("h1", "c", at(0)).hold_one(ledger.as_ref(), "a", "3").await;
    let mut order = record("N1", "c", "h1", at(1));
    ledger.intend(&order, at(1)).await.unwrap();
    assert!(
        ledger.claim_due(at(20), LEASE, 9).await.unwrap().is_empty(),
        "due at 21"
    );
    assert_eq!(
        ledger.claim_due(at(21), LEASE, 9).await.unwrap(),
        [(order.clone(), Epoch(2))]
    );
    assert!(
        ledger.claim_due(at(30), LEASE, 9).await.unwrap().is_empty(),
        "another has it"
    );
    let late = ledger.record(&order, Epoch(1), "late", None, at(22)).await;
    assert!(matches!(late, Err(LedgerError::Fenced)), "{late:?}");
    assert_eq!(
        ledger.claim_due(at(31), LEASE, 9).await.unwrap(),
        [(order.clone(), Epoch(3))]
    );
    order.state = OrderState::Unknown;
    order.due = Some(at(33));
    ledger
        .record(&order, Epoch(3), "looked", None, at(32))
        .await
        .unwrap();
    assert_eq!(
        ledger.claim_due(at(33), LEASE, 9).await.unwrap(),
        [(order.clone(), Epoch(4))]
    );
    ledger
        .record(&placed(&order, at(34)), Epoch(4), "placed", None, at(34))
        .await
        .unwrap();
    assert!(
        ledger.claim_due(at(99_999), LEASE, 9).await.unwrap().is_empty(),
        "nothing is left to do"
    );
}

pub(crate) async fn a_person_takes_an_order_over_from_a_worker(ground: Ground) {
    let ledger = ground.open().await;
    cart("h1", "c", at(0)).hold_one(ledger.as_ref(), "a", "3").await;
    let order = record("N1", "c", "h1", at(1));
    ledger.intend(&order, at(1)).await.unwrap();
    ledger.claim_due(at(21), LEASE, 9).await.unwrap();
    let taken = ledger.claim_order("N1", LEASE, at(22)).await.unwrap();
    assert_eq!(taken, Some((order.clone(), Epoch(3))));
    let late = ledger.record(&order, Epoch(2), "late", None, at(23)).await;
    assert!(matches!(late, Err(LedgerError::Fenced)), "{late:?}");
    assert!(ledger.claim_due(at(31), LEASE, 9).await.unwrap().is_empty());
    assert_eq!(ledger.claim_order("N9", LEASE, at(22)).await.unwrap(), None);
}

pub(crate) async fn orders_are_found_by_number_key_state_and_time(ground: Ground) {
    let ledger = ground.open().await;
    for (number, hold, customer, now) in [("N1", "h1", "c", 1), ("N2", "h2", "d", 2), ("N3", "h3", "e", 3)] {
        cart(hold, customer, at(0))
            .hold_one(ledger.as_ref(), "a", "3")
            .await;
        ledger
            .intend(&record(number, customer, hold, at(now)), at(now))
            .await
            .unwrap();
    }
    let second = record("N2", "d", "h2", at(2));
    ledger
        .record(&placed(&second, at(3)), Epoch(1), "placed", None, at(3))
        .await
        .unwrap();
    let numbers = async |state, since, limit| {
        let filter = OrderFilter { state, since, limit };
        let orders = ledger.orders(&filter).await.unwrap();
        orders
            .iter()
            .map(|order| order.draft.external_number.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(None, None, 9).await, ["N3", "N2", "N1"]);
    assert_eq!(numbers(None, None, 2).await, ["N3", "N2"]);
    assert_eq!(numbers(None, Some(at(2)), 9).await, ["N3", "N2"]);
    assert_eq!(numbers(Some(OrderState::Placed), None, 9).await, ["N2"]);
    assert_eq!(numbers(Some(OrderState::Rejected), None, 9).await, [""; 0]);
    let of_key = ledger.order_of_key(&buyer("d"), "key-N2").await.unwrap();
    assert_eq!(of_key, Some(placed(&second, at(3))));
    assert_eq!(
        ledger.order_of_key(&buyer("c"), "key-N2").await.unwrap(),
        None,
        "another's key"
    );
    assert_eq!(ledger.order("N9").await.unwrap(), None);
}
