//! Rules of the book, one story each.

mod holding;
mod ordering;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use skuery_schema::checkout::{HoldKind, StockPromise};
use skuery_schema::ids::{Currency, CustomerNumber};

use crate::checkout::book::Book;
use crate::checkout::ledger::{Begun, Epoch, HoldWish, Holding, LedgerError, StockPlace, Taken};
use crate::checkout::record::{
    AttemptKey, Buyer, HeldLine, Operation, OrderRecord, OrderState, PaymentRecord,
};
use crate::port::order_entry::OrderDraft;

/// Seconds after the beginning.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

fn buyer(name: &str) -> Buyer {
    Buyer {
        channel: "shop".into(),
        customer: Some(CustomerNumber::new(name)),
    }
}

fn key(text: &str) -> AttemptKey {
    AttemptKey {
        buyer: buyer("ann"),
        operation: Operation::Place,
        key: text.into(),
    }
}

fn held(kind: HoldKind, quantity: i64) -> HeldLine {
    HeldLine {
        line_id: "1".into(),
        sku: "A".into(),
        location: "WH".into(),
        system: "wms".into(),
        quantity: quantity.into(),
        kind,
        promise: StockPromise::GatewayOnly,
    }
}

/// Holds so much for the buyer's only cart; also how much of others it was told of.
fn hold(book: &mut Book, id: &str, who: &str, line: Option<HeldLine>, now: i64) -> (Holding, i64) {
    hold_read_at(book, id, who, line, now, now)
}

fn hold_read_at(
    book: &mut Book,
    id: &str,
    who: &str,
    line: Option<HeldLine>,
    read_at: i64,
    now: i64,
) -> (Holding, i64) {
    let places = [StockPlace {
        sku: "A".into(),
        location: "WH".into(),
        read_at: at(read_at),
        reflects_after: Duration::from_secs(5),
    }];
    let (buyer, id) = (buyer(who), Arc::from(id));
    let wish = HoldWish {
        id,
        buyer: &buyer,
        checkout_id: "cart",
        places: &places,
        until: at(now + 100),
        now: at(now),
    };
    let told = std::sync::Mutex::new(0);
    let decide = |taken: &Taken| {
        let sum: rust_decimal::Decimal = taken.values().sum();
        *told.lock().unwrap() = i64::try_from(sum).unwrap();
        line.iter().cloned().collect()
    };
    let holding = book.hold(&wish, &decide).unwrap();
    (holding, told.into_inner().unwrap())
}

fn order(number: &str, who: &str, key: &str, hold: &str) -> OrderRecord {
    OrderRecord {
        draft: OrderDraft {
            external_number: number.into(),
            customer: CustomerNumber::new(who),
            channel: "shop".into(),
            currency: Currency::parse("EUR").unwrap(),
            customer_reference: None,
            note: None,
            shipping_address: None,
            billing_address: None,
            pickup_location: None,
            placed_at: at(0),
            lines: Vec::new(),
            payment: None,
            reservation: None,
        },
        buyer: buyer(who),
        key: key.into(),
        hold: hold.into(),
        system: "erp".into(),
        state: OrderState::Submitting,
        number: None,
        refusal: None,
        payment: None,
        steps: Vec::new(),
        sent: 1,
        absent: 0,
        intended_at: at(10),
        sent_at: Some(at(10)),
        settled_at: None,
        due: Some(at(25)),
    }
}

fn paid(order: OrderRecord, authorization: &str) -> OrderRecord {
    let payment = PaymentRecord {
        system: "pay".into(),
        authorization: authorization.into(),
        amount: 5.into(),
        currency: Currency::parse("EUR").unwrap(),
    };
    OrderRecord {
        payment: Some(payment),
        ..order
    }
}

const LEASE: Duration = Duration::from_secs(15);

#[test]
fn a_key_is_one_attempt_at_a_time_and_one_answer_for_good() {
    let mut book = Book::default();
    let begin = |book: &mut Book, body: u8, now| book.begin(&key("k"), &[body; 32], LEASE, at(now)).unwrap();
    assert_eq!(begin(&mut book, 1, 0), Begun::Mine(Epoch(1)));
    assert_eq!(begin(&mut book, 1, 14), Begun::Busy);
    assert_eq!(begin(&mut book, 2, 14), Begun::Conflict);
    // Whoever began it is gone; another body is still another order.
    assert_eq!(begin(&mut book, 2, 15), Begun::Conflict);
    assert_eq!(begin(&mut book, 1, 15), Begun::Mine(Epoch(2)));
    let late = book.answer(&key("k"), Epoch(1), "late", at(16));
    assert!(matches!(late, Err(LedgerError::Fenced)), "{late:?}");
    book.answer(&key("k"), Epoch(2), "first", at(16)).unwrap();
    assert_eq!(begin(&mut book, 1, 9_000), Begun::Answered("first".into()));
    assert_eq!(begin(&mut book, 2, 9_000), Begun::Conflict);
}

#[test]
fn an_abandoned_key_is_free_and_its_epochs_go_on() {
    let mut book = Book::default();
    let begin = |book: &mut Book, body: u8, now| book.begin(&key("k"), &[body; 32], LEASE, at(now)).unwrap();
    begin(&mut book, 1, 0);
    book.abandon(&key("k"), Epoch(1), at(1)).unwrap();
    assert_eq!(begin(&mut book, 2, 2), Begun::Mine(Epoch(2)));
    let early = book.answer(&key("k"), Epoch(1), "not mine any more", at(3));
    assert!(matches!(early, Err(LedgerError::Fenced)), "{early:?}");
    let other = AttemptKey {
        buyer: buyer("bob"),
        ..key("k")
    };
    assert_eq!(
        book.begin(&other, &[9; 32], LEASE, at(3)).unwrap(),
        Begun::Mine(Epoch(1))
    );
}
