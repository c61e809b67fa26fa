//! Holds: what counts as taken, and how they end.

use super::*;
use crate::checkout::record::HoldState;

const GATEWAY: HoldKind = HoldKind::Gateway;
const SYSTEM: HoldKind = HoldKind::System;

#[test]
fn what_others_hold_is_taken_and_what_the_cart_itself_held_is_replaced() {
    let mut book = Book::default();
    assert_eq!(hold(&mut book, "h1", "ann", Some(held(GATEWAY, 3)), 0).1, 0);
    assert_eq!(hold(&mut book, "h2", "bob", Some(held(GATEWAY, 2)), 1).1, 3);
    let (holding, taken) = hold(&mut book, "h3", "ann", Some(held(GATEWAY, 1)), 2);
    assert_eq!(taken, 2, "its own earlier hold does not stand in its way");
    assert_eq!(
        holding.replaced.map(|hold| (hold.id, hold.state)),
        Some(("h1".into(), HoldState::Released))
    );
    let (holding, _) = hold(&mut book, "h4", "ann", None, 3);
    assert_eq!(
        (holding.hold, holding.replaced.map(|hold| hold.id)),
        (None, Some("h3".into()))
    );
    assert_eq!(hold(&mut book, "h5", "cat", None, 4).1, 2);
    // By time, whether or not anybody has ended it yet.
    assert_eq!(hold(&mut book, "h6", "cat", None, 101).1, 0);
    assert_eq!(book.check(at(101)), []);
}

#[test]
fn what_systems_or_nobody_hold_is_not_taken_from_the_figures() {
    let mut book = Book::default();
    let (holding, _) = hold(&mut book, "h1", "ann", Some(held(SYSTEM, 3)), 0);
    assert_eq!(holding.hold.map(|hold| hold.state), Some(HoldState::Reserving));
    hold(&mut book, "h2", "bob", Some(held(HoldKind::None, 3)), 0);
    assert_eq!(hold(&mut book, "h3", "cat", None, 1).1, 0);
    assert_eq!(book.leases(at(1)), []);
}

#[test]
fn a_hold_is_confirmed_and_extended_only_while_it_lives() {
    let mut book = Book::default();
    hold(&mut book, "h1", "ann", Some(held(SYSTEM, 3)), 0);
    assert_eq!(
        book.extend_hold("h1", at(200), at(1)).unwrap(),
        None,
        "nobody holds it yet"
    );
    assert!(book.confirm_hold("h1", at(90), at(1)).unwrap());
    assert!(!book.confirm_hold("h1", at(90), at(2)).unwrap(), "only once");
    assert_eq!(
        book.extend_hold("h1", at(95), at(89))
            .unwrap()
            .map(|hold| hold.until),
        Some(at(95))
    );
    assert_eq!(
        book.extend_hold("h1", at(200), at(95)).unwrap(),
        None,
        "its time is over"
    );
    hold(&mut book, "h2", "bob", Some(held(SYSTEM, 3)), 0);
    assert!(!book.confirm_hold("h2", at(200), at(100)).unwrap(), "too late");
    assert!(!book.confirm_hold("h9", at(200), at(1)).unwrap());
}

#[test]
fn an_ended_hold_at_a_system_is_given_out_until_it_is_given_back() {
    let mut book = Book::default();
    hold(&mut book, "h1", "ann", Some(held(SYSTEM, 3)), 0);
    hold(&mut book, "h2", "bob", Some(held(GATEWAY, 3)), 0);
    hold(&mut book, "h3", "cat", Some(held(SYSTEM, 3)), 0);
    let claim = |book: &mut Book, now| {
        let claimed = book.claim_ended(at(now), LEASE, 9).unwrap();
        claimed
            .into_iter()
            .map(|hold| (hold.id.to_string(), hold.state))
            .collect::<Vec<_>>()
    };
    assert_eq!(claim(&mut book, 1), []);
    assert!(book.end_hold("h3", HoldState::Failed, at(2)).unwrap().is_some());
    assert!(
        book.end_hold("h3", HoldState::Released, at(2)).unwrap().is_none(),
        "it has ended"
    );
    assert_eq!(claim(&mut book, 3), [("h3".into(), HoldState::Failed)]);
    assert_eq!(claim(&mut book, 4), [], "somebody is at it");
    assert_eq!(
        claim(&mut book, 18),
        [("h3".into(), HoldState::Failed)],
        "and did not do it"
    );
    book.note_released("h3", at(19)).unwrap();
    assert_eq!(claim(&mut book, 100), [("h1".into(), HoldState::Expired)]);
    assert_eq!(
        book.find_hold("h2").map(|hold| hold.state),
        Some(HoldState::Expired)
    );
    assert_eq!(book.check(at(100)), []);
    assert_eq!(book.check(at(9_000)).len(), 1, "h1 is still held by its system");
}
