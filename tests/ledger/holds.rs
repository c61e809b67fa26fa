//! Holds: what counts, what is replaced, and how they end.

use std::time::Duration;

use rust_decimal::Decimal;
use skuery_resolvers::checkout::ledger::LedgerError;
use skuery_resolvers::checkout::record::HoldState;
use skuery_schema::checkout::HoldKind;
use skuery_schema::ids::LocationCode;

use crate::ground::Ground;
use crate::things::{LEASE, at, buyer, cart, decimal, line, nanos_after};

pub(crate) async fn what_others_hold_is_taken_until_it_ends(ground: Ground) {
    let ledger = ground.open().await;
    let ledger = ledger.as_ref();
    cart("h1", "c", at(0)).hold_one(ledger, "a", "3").await;
    cart("h2", "d", at(30)).hold_one(ledger, "a", "2").await;
    assert_eq!(cart("-", "e", at(31)).taken(ledger, "a").await, decimal("5"));
    assert_eq!(cart("-", "e", at(31)).taken(ledger, "b").await, Decimal::ZERO);
    let leases = ledger.leases(at(31)).await.unwrap();
    assert_eq!(leases.len(), 2);
    assert_eq!(
        (&*leases[0].hold, leases[0].since, leases[0].until),
        ("h1", at(0), Some(at(60)))
    );
    assert_eq!(
        (&leases[0].buyer, &leases[0].location),
        (&buyer("c"), &LocationCode::new("A"))
    );
    assert_eq!((leases[0].quantity, leases[0].accepted_at), (decimal("3"), None));
    assert_eq!(
        cart("-", "e", at(60)).taken(ledger, "a").await,
        decimal("2"),
        "the first has ended"
    );
    assert_eq!(ledger.leases(at(60)).await.unwrap().len(), 1);
    ledger
        .end_hold("h2", HoldState::Released, at(61))
        .await
        .unwrap()
        .expect("was held");
    assert_eq!(
        ledger.end_hold("h2", HoldState::Released, at(61)).await.unwrap(),
        None
    );
    assert_eq!(cart("-", "e", at(62)).taken(ledger, "a").await, Decimal::ZERO);
    assert_eq!(
        ledger.find_hold("h2").await.unwrap().unwrap().state,
        HoldState::Released
    );
}

pub(crate) async fn the_carts_earlier_hold_is_replaced_and_not_counted(ground: Ground) {
    let ledger = ground.open().await;
    let ledger = ledger.as_ref();
    cart("h1", "c", at(0)).hold_one(ledger, "a", "3").await;
    let lines = [line("a", "A", "4", HoldKind::Gateway)];
    let (holding, taken) = cart("h2", "c", at(1)).try_hold(ledger, &lines).await.unwrap();
    assert_eq!(taken.values().sum::<Decimal>(), Decimal::ZERO);
    let replaced = holding.replaced.expect("the earlier hold");
    assert_eq!((&*replaced.id, replaced.state), ("h1", HoldState::Released));
    assert_eq!(ledger.find_hold("h1").await.unwrap(), Some(replaced));
    assert_eq!(cart("-", "d", at(2)).taken(ledger, "a").await, decimal("4"));
    let mut other = cart("h3", "c", at(3));
    other.cart = "another cart";
    let (holding, taken) = other.try_hold(ledger, &lines).await.unwrap();
    assert_eq!(
        (holding.replaced, taken.values().sum()),
        (None, decimal("4")),
        "of the same buyer"
    );
}

pub(crate) async fn a_hold_without_lines_only_gives_the_earlier_one_back(ground: Ground) {
    let ledger = ground.open().await;
    cart("h1", "c", at(0)).hold_one(ledger.as_ref(), "a", "3").await;
    let holding = cart("h2", "c", at(1)).hold(ledger.as_ref(), &[]).await;
    assert_eq!(holding.hold, None);
    assert_eq!(&*holding.replaced.expect("the earlier hold").id, "h1");
    assert_eq!(ledger.find_hold("h2").await.unwrap(), None);
    assert!(ledger.events("h2").await.unwrap().is_empty());
}

pub(crate) async fn what_a_system_holds_is_confirmed_and_not_counted(ground: Ground) {
    let ledger = ground.open().await;
    let lines = [
        line("a", "A", "3", HoldKind::System),
        line("b", "A", "2", HoldKind::Gateway),
        line("b", "A", "9", HoldKind::None),
    ];
    let holding = cart("h1", "c", at(0)).hold(ledger.as_ref(), &lines).await;
    assert_eq!(holding.hold.unwrap().state, HoldState::Reserving);
    assert_eq!(
        cart("-", "d", at(1)).taken(ledger.as_ref(), "a").await,
        Decimal::ZERO
    );
    assert_eq!(
        cart("-", "d", at(1)).taken(ledger.as_ref(), "b").await,
        decimal("2")
    );
    assert_eq!(
        ledger.extend_hold("h1", at(90), at(1)).await.unwrap(),
        None,
        "not held yet"
    );
    assert!(ledger.confirm_hold("h1", at(70), at(2)).await.unwrap());
    assert!(!ledger.confirm_hold("h1", at(70), at(2)).await.unwrap(), "once");
    let hold = ledger.find_hold("h1").await.unwrap().unwrap();
    assert_eq!((hold.state, hold.until), (HoldState::Held, at(70)));
    let extended = ledger.extend_hold("h1", at(90), at(3)).await.unwrap().unwrap();
    assert_eq!(extended.until, at(90));
    assert_eq!(
        cart("-", "d", at(89)).taken(ledger.as_ref(), "b").await,
        decimal("2")
    );
}

pub(crate) async fn what_is_over_can_be_neither_confirmed_nor_extended(ground: Ground) {
    let ledger = ground.open().await;
    let lines = [line("a", "A", "3", HoldKind::System)];
    cart("h1", "c", at(0)).hold(ledger.as_ref(), &lines).await;
    assert!(!ledger.confirm_hold("h1", at(99), at(60)).await.unwrap());
    cart("h2", "d", at(0)).hold_one(ledger.as_ref(), "a", "3").await;
    assert_eq!(ledger.extend_hold("h2", at(99), at(60)).await.unwrap(), None);
    assert!(!ledger.confirm_hold("none", at(99), at(0)).await.unwrap());
    assert_eq!(ledger.extend_hold("none", at(99), at(0)).await.unwrap(), None);
    assert_eq!(
        ledger.end_hold("none", HoldState::Failed, at(0)).await.unwrap(),
        None
    );
    let wrong = ledger.end_hold("h2", HoldState::Ordered, at(0)).await;
    assert!(matches!(wrong, Err(LedgerError::Damaged(_))), "{wrong:?}");
}

/// A replica whose clock is behind must not lengthen what another has given to somebody else already.
pub(crate) async fn what_was_not_counted_is_ended_for_good(ground: Ground) {
    let ledger = ground.open().await;
    cart("h1", "c", at(0)).hold_one(ledger.as_ref(), "a", "3").await;
    let ahead = nanos_after(at(60), 1);
    assert_eq!(
        cart("-", "d", ahead).taken(ledger.as_ref(), "a").await,
        Decimal::ZERO
    );
    assert_eq!(ledger.extend_hold("h1", at(99), at(59)).await.unwrap(), None);
    assert_eq!(
        ledger.find_hold("h1").await.unwrap().unwrap().state,
        HoldState::Expired
    );
}

pub(crate) async fn ended_holds_are_given_to_one_caller_until_they_are_given_back(ground: Ground) {
    let ledger = ground.open().await;
    let lines = [line("a", "A", "3", HoldKind::System)];
    for (id, customer) in [("over", "c"), ("failed", "d"), ("released", "e"), ("live", "f")] {
        cart(id, customer, at(0)).hold(ledger.as_ref(), &lines).await;
    }
    cart("ours", "g", at(0)).hold_one(ledger.as_ref(), "b", "1").await;
    ledger.confirm_hold("live", at(100), at(1)).await.unwrap();
    ledger.end_hold("failed", HoldState::Failed, at(1)).await.unwrap();
    ledger
        .end_hold("released", HoldState::Released, at(2))
        .await
        .unwrap();
    let claimed = ledger.claim_ended(at(60), LEASE, 9).await.unwrap();
    let mut ids: Vec<_> = claimed.iter().map(|hold| (&*hold.id, hold.state)).collect();
    ids.sort_by_key(|(id, _)| *id);
    let expected = [
        ("failed", HoldState::Failed),
        ("over", HoldState::Expired),
        ("released", HoldState::Released),
    ];
    assert_eq!(ids, expected);
    assert_eq!(
        ledger.find_hold("ours").await.unwrap().unwrap().state,
        HoldState::Expired
    );
    assert!(
        ledger.claim_ended(at(69), LEASE, 9).await.unwrap().is_empty(),
        "another has them"
    );
    for id in ["failed", "over"] {
        ledger.note_released(id, at(65)).await.unwrap();
    }
    ledger.note_released("live", at(65)).await.unwrap();
    let again = ledger.claim_ended(at(70), LEASE, 9).await.unwrap();
    assert_eq!(again.len(), 1);
    assert_eq!(&*again[0].id, "released");
    ledger
        .end_hold("live", HoldState::Released, at(71))
        .await
        .unwrap();
    let again = ledger.claim_ended(at(71), LEASE, 9).await.unwrap();
    assert_eq!(
        again.len(),
        1,
        "what is held cannot be given back before it has ended"
    );
    assert_eq!(
        ledger.claim_ended(at(99), Duration::ZERO, 1).await.unwrap().len(),
        1,
        "the limit"
    );
}

pub(crate) async fn only_what_others_are_kept_out_of_is_divided(ground: Ground) {
    let ledger = ground.open().await;
    let buyer = buyer("c");
    let one = cart("h1", "c", at(0));
    let wish = one.wish(&buyer, &[]);
    let result = ledger
        .hold(&wish, &|_| vec![line("a", "A", "1", HoldKind::Gateway)])
        .await;
    assert!(matches!(result, Err(LedgerError::Damaged(_))), "{result:?}");
    assert_eq!(ledger.find_hold("h1").await.unwrap(), None);
    one.hold_one(ledger.as_ref(), "a", "1").await;
    let lines = [line("a", "A", "1", HoldKind::Gateway)];
    let twice = cart("h1", "d", at(0)).try_hold(ledger.as_ref(), &lines).await;
    assert!(
        matches!(twice, Err(LedgerError::Damaged(_))),
        "an id is used once"
    );
    assert_eq!(ledger.find_hold("h1").await.unwrap().unwrap().buyer, buyer);
}

pub(crate) async fn times_are_compared_to_the_nanosecond(ground: Ground) {
    let ledger = ground.open().await;
    cart("h1", "c", nanos_after(at(0), 1))
        .hold_one(ledger.as_ref(), "a", "1")
        .await;
    assert_eq!(
        cart("-", "d", at(60)).taken(ledger.as_ref(), "a").await,
        decimal("1")
    );
    assert_eq!(
        ledger.leases(at(60)).await.unwrap()[0].until,
        Some(nanos_after(at(60), 1))
    );
    assert_eq!(ledger.leases(nanos_after(at(60), 1)).await.unwrap(), []);
}

pub(crate) async fn quantities_are_exact(ground: Ground) {
    let ledger = ground.open().await;
    let lines = [
        line("a", "A", "0.1", HoldKind::Gateway),
        line("a", "A", "0.2", HoldKind::Gateway),
        line("a", "A", "12345678901234567890.123456", HoldKind::Gateway),
    ];
    cart("h1", "c", at(0)).hold(ledger.as_ref(), &lines).await;
    let taken = cart("-", "d", at(1)).taken(ledger.as_ref(), "a").await;
    assert_eq!(taken.to_string(), "12345678901234567890.423456");
    let hold = ledger.find_hold("h1").await.unwrap().unwrap();
    assert_eq!(hold.lines, lines);
}
