//! Orders: one for each number, key, hold and payment, and one owner at a time.

use super::*;
use crate::checkout::ledger::Intended;
use crate::checkout::record::HoldState;

fn with_hold(id: &str, who: &str) -> Book {
    let mut book = Book::default();
    hold(&mut book, id, who, Some(held(HoldKind::Gateway, 3)), 0);
    book
}

fn settled(order: &OrderRecord, state: OrderState, now: i64) -> OrderRecord {
    OrderRecord {
        state,
        settled_at: Some(at(now)),
        due: None,
        ..order.clone()
    }
}

#[test]
fn an_order_stands_on_a_hold_that_lives_and_on_nothing_else() {
    let intend = |book: &mut Book, order: &OrderRecord, now| book.intend(order, at(now)).unwrap();
    let ann = order("SK-1", "ann", "k", "h1");
    assert_eq!(intend(&mut Book::default(), &ann, 1), Intended::HoldEnded);
    assert_eq!(
        intend(&mut with_hold("h1", "bob"), &ann, 1),
        Intended::HoldEnded,
        "another's"
    );
    assert_eq!(
        intend(&mut with_hold("h1", "ann"), &ann, 100),
        Intended::HoldEnded,
        "too late"
    );
    let mut book = with_hold("h1", "ann");
    assert_eq!(intend(&mut book, &ann, 99), Intended::Written(Epoch(1)));
    let known = Intended::AlreadyOrdered("SK-1".into());
    assert_eq!(intend(&mut book, &ann, 99), known, "the same number");
    assert_eq!(
        intend(&mut book, &order("SK-2", "ann", "other", "h1"), 99),
        known,
        "the same hold"
    );
    hold(&mut book, "h2", "ann", Some(held(HoldKind::Gateway, 1)), 99);
    assert_eq!(
        intend(&mut book, &order("SK-2", "ann", "k", "h2"), 99),
        known,
        "the same key"
    );
    assert!(
        book.end_hold("h1", HoldState::Released, at(99))
            .unwrap()
            .is_none(),
        "it never ends by itself"
    );
    assert_eq!(book.leases(at(9_000))[0].until, None);
}

#[test]
fn one_authorisation_carries_one_order_even_a_refused_one() {
    let mut book = with_hold("h1", "ann");
    hold(&mut book, "h2", "bob", Some(held(HoldKind::Gateway, 1)), 0);
    let first = paid(order("SK-1", "ann", "k", "h1"), "pi_1");
    assert_eq!(book.intend(&first, at(1)).unwrap(), Intended::Written(Epoch(1)));
    let second = paid(order("SK-2", "bob", "k", "h2"), "pi_1");
    assert_eq!(book.intend(&second, at(1)).unwrap(), Intended::PaymentUsed);
    let rejected = settled(&first, OrderState::Rejected, 2);
    book.record(&rejected, Epoch(1), "rejected", None, at(2)).unwrap();
    assert_eq!(
        book.intend(&second, at(3)).unwrap(),
        Intended::PaymentUsed,
        "it is let go"
    );
    let other = paid(second, "pi_2");
    assert_eq!(book.intend(&other, at(3)).unwrap(), Intended::Written(Epoch(1)));
}

#[test]
fn an_accepted_order_counts_until_a_figure_contains_it() {
    let mut book = with_hold("h1", "ann");
    let ann = order("SK-1", "ann", "k", "h1");
    book.intend(&ann, at(1)).unwrap();
    let taken =
        |book: &mut Book, read_at| hold_read_at(book, &format!("x{read_at}"), "bob", None, read_at, 9_000).1;
    assert_eq!(taken(&mut book, 8_000), 3, "nobody knows whether it was accepted");
    book.record(
        &settled(&ann, OrderState::Placed, 20),
        Epoch(1),
        "placed",
        None,
        at(20),
    )
    .unwrap();
    assert_eq!(taken(&mut book, 19), 3, "read before");
    assert_eq!(taken(&mut book, 25), 3, "the system may not show it yet");
    assert_eq!(taken(&mut book, 26), 0, "it is in the figure");
}

#[test]
fn a_refused_order_gives_its_hold_back_and_its_key_is_answered() {
    let mut book = with_hold("h1", "ann");
    book.begin(&key("k"), &[1; 32], LEASE, at(0)).unwrap();
    let ann = order("SK-1", "ann", "k", "h1");
    book.intend(&ann, at(1)).unwrap();
    let rejected = settled(&ann, OrderState::Rejected, 2);
    book.record(&rejected, Epoch(1), "rejected", Some("no"), at(2))
        .unwrap();
    assert_eq!(
        book.find_hold("h1").map(|hold| hold.state),
        Some(HoldState::Released)
    );
    assert_eq!(book.leases(at(3)), []);
    let again = book.begin(&key("k"), &[1; 32], LEASE, at(3)).unwrap();
    assert_eq!(again, Begun::Answered("no".into()));
    assert_eq!(book.check(at(3)), []);
}

#[test]
fn who_was_overtaken_writes_nothing_any_more() {
    let mut book = with_hold("h1", "ann");
    let ann = order("SK-1", "ann", "k", "h1");
    book.intend(&ann, at(10)).unwrap();
    assert_eq!(book.claim_due(at(24), LEASE, 9), [], "its owner is at it");
    let [(_, epoch)] = book.claim_due(at(25), LEASE, 9)[..] else {
        panic!("it is due")
    };
    assert_eq!(epoch, Epoch(2));
    assert_eq!(book.claim_due(at(39), LEASE, 9), [], "given to one");
    let placed = settled(&ann, OrderState::Placed, 26);
    let late = book.record(&placed, Epoch(1), "placed", Some("yes"), at(26));
    assert!(matches!(late, Err(LedgerError::Fenced)), "{late:?}");
    assert_eq!(
        book.order("SK-1").map(|order| order.state),
        Some(OrderState::Submitting)
    );
    assert_eq!(
        book.claim_order("SK-1", LEASE, at(27)).map(|(_, epoch)| epoch),
        Some(Epoch(3))
    );
    book.record(&placed, Epoch(3), "placed", None, at(28)).unwrap();
    assert_eq!(book.claim_due(at(9_000), LEASE, 9), [], "nothing is left to do");
}

#[test]
fn the_check_names_what_nobody_will_do() {
    let mut book = with_hold("h1", "ann");
    let ann = order("SK-1", "ann", "k", "h1");
    book.intend(&ann, at(10)).unwrap();
    assert_eq!(book.check(at(30)), []);
    let problem = |book: &Book, now| {
        book.check(at(now))
            .into_iter()
            .map(|found| found.problem)
            .collect::<Vec<_>>()
    };
    assert_eq!(problem(&book, 9_000), ["it is due and nobody has looked at it"]);
    let forgotten = OrderRecord {
        state: OrderState::Unknown,
        due: None,
        ..ann
    };
    book.record(&forgotten, Epoch(1), "unknown", None, at(11))
        .unwrap();
    assert_eq!(problem(&book, 12), ["it is in doubt and nobody will look at it"]);
    // Written past the rules, as a damaged store would show it.
    book.orders.get_mut("SK-1").unwrap().record.sent = 7;
    assert_eq!(problem(&book, 12)[0], "its events do not lead to what it is");
}

#[test]
fn what_is_old_goes_and_orders_stay() {
    let mut book = with_hold("h1", "ann");
    book.begin(&key("k"), &[1; 32], LEASE, at(0)).unwrap();
    book.intend(&order("SK-1", "ann", "k", "h1"), at(1)).unwrap();
    hold(&mut book, "h2", "bob", Some(held(HoldKind::Gateway, 1)), 0);
    book.end_hold("h2", HoldState::Released, at(5)).unwrap();
    let removed = book.remove_old(at(9_000));
    assert_eq!(
        (removed.attempts, removed.holds, removed.events),
        (0, 1, 2),
        "an open order keeps its key"
    );
    assert!(book.find_hold("h1").is_some() && book.order("SK-1").is_some());
    assert_eq!(book.events("SK-1").len(), 1);
}
