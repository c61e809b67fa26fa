//! Keys: one caller at a time, one answer for good.

use skuery_resolvers::checkout::ledger::{Begun, Epoch, LedgerError};
use skuery_resolvers::checkout::record::{AttemptKey, Buyer, Operation};

use crate::ground::Ground;
use crate::things::{LEASE, at, key};

const BODY: [u8; 32] = [1; 32];
const OTHER: [u8; 32] = [2; 32];

pub(crate) async fn a_key_is_one_callers_until_its_lease_ends(ground: Ground) {
    let ledger = ground.open().await;
    let key = key("c", "k");
    assert_eq!(
        ledger.begin(&key, &BODY, LEASE, at(0)).await.unwrap(),
        Begun::Mine(Epoch(1))
    );
    assert_eq!(
        ledger.begin(&key, &BODY, LEASE, at(9)).await.unwrap(),
        Begun::Busy
    );
    assert_eq!(
        ledger.begin(&key, &OTHER, LEASE, at(9)).await.unwrap(),
        Begun::Conflict
    );
    assert_eq!(
        ledger.begin(&key, &OTHER, LEASE, at(10)).await.unwrap(),
        Begun::Conflict
    );
    assert_eq!(
        ledger.begin(&key, &BODY, LEASE, at(10)).await.unwrap(),
        Begun::Mine(Epoch(2))
    );
    assert_eq!(
        ledger.begin(&key, &BODY, LEASE, at(11)).await.unwrap(),
        Begun::Busy
    );
}

pub(crate) async fn an_answer_is_given_again_and_another_body_is_refused(ground: Ground) {
    let ledger = ground.open().await;
    let key = key("c", "k");
    ledger.begin(&key, &BODY, LEASE, at(0)).await.unwrap();
    let answer = r#"{"total":"1.50","note":"dörr – 'ett'"}"#;
    ledger.answer(&key, Epoch(1), answer, at(1)).await.unwrap();
    let again = ledger.begin(&key, &BODY, LEASE, at(100_000)).await.unwrap();
    assert_eq!(again, Begun::Answered(answer.into()));
    assert_eq!(
        ledger.begin(&key, &OTHER, LEASE, at(100_000)).await.unwrap(),
        Begun::Conflict
    );
}

pub(crate) async fn who_was_overtaken_can_neither_answer_nor_abandon(ground: Ground) {
    let ledger = ground.open().await;
    let key = key("c", "k");
    ledger.begin(&key, &BODY, LEASE, at(0)).await.unwrap();
    ledger.begin(&key, &BODY, LEASE, at(10)).await.unwrap();
    let fenced = |result| assert!(matches!(result, Err(LedgerError::Fenced)), "{result:?}");
    fenced(ledger.answer(&key, Epoch(1), "late", at(11)).await);
    fenced(ledger.abandon(&key, Epoch(1), at(11)).await);
    assert_eq!(
        ledger.begin(&key, &BODY, LEASE, at(12)).await.unwrap(),
        Begun::Busy
    );
    ledger.answer(&key, Epoch(2), "mine", at(13)).await.unwrap();
    fenced(ledger.answer(&key, Epoch(2), "another", at(14)).await);
    fenced(ledger.abandon(&key, Epoch(2), at(14)).await);
    let again = ledger.begin(&key, &BODY, LEASE, at(15)).await.unwrap();
    assert_eq!(again, Begun::Answered("mine".into()));
}

pub(crate) async fn an_abandoned_key_is_free_for_any_body(ground: Ground) {
    let ledger = ground.open().await;
    let key = key("c", "k");
    ledger.begin(&key, &BODY, LEASE, at(0)).await.unwrap();
    ledger.abandon(&key, Epoch(1), at(1)).await.unwrap();
    let again = ledger.begin(&key, &OTHER, LEASE, at(1)).await.unwrap();
    assert_eq!(again, Begun::Mine(Epoch(2)), "epochs go on");
    assert_eq!(
        ledger.begin(&key, &BODY, LEASE, at(2)).await.unwrap(),
        Begun::Conflict
    );
    let late = ledger.answer(&key, Epoch(1), "late", at(2)).await;
    assert!(matches!(late, Err(LedgerError::Fenced)));
}

pub(crate) async fn buyers_and_operations_do_not_share_keys(ground: Ground) {
    let ledger = ground.open().await;
    let guest = Buyer {
        customer: None,
        ..key("c", "k").buyer
    };
    let keys = [
        key("c", "k"),
        key("d", "k"),
        key("c\",\"x", "k"),
        key("c", "x\",\"k"),
        key("c", "K"),
        key("c", "k\0"),
        AttemptKey {
            buyer: guest,
            ..key("c", "k")
        },
        AttemptKey {
            operation: Operation::Verify,
            ..key("c", "k")
        },
    ];
    for key in &keys {
        let begun = ledger.begin(key, &BODY, LEASE, at(0)).await.unwrap();
        assert_eq!(begun, Begun::Mine(Epoch(1)), "{key:?}");
    }
}
