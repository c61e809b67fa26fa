//! A store that fails in the middle, callers that go away, and a process that ends.

use std::time::Duration;

use rust_decimal::Decimal;
use skuery_resolvers::checkout::ledger::{Begun, Epoch, Intended, LedgerError};
use skuery_resolvers::checkout::record::HoldState;
use skuery_schema::checkout::HoldKind;
use tokio::task::JoinSet;

use crate::ground::Ground;
use crate::things::{LEASE, at, cart, decimal, key, line, record};

/// Every change ends with its event; a store that takes none fails after the rows were written, as a full disk does.
async fn take_no_events(ground: &Ground) {
    let sql = if ground.is_sqlite() {
        "CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    } else {
        "ALTER TABLE event ADD CONSTRAINT is_full CHECK (sequence < 0) NOT VALID"
    };
    ground.execute(sql).await;
}

async fn take_events_again(ground: &Ground) {
    let sql = if ground.is_sqlite() {
        "DROP TRIGGER full"
    } else {
        "ALTER TABLE event DROP CONSTRAINT is_full"
    };
    ground.execute(sql).await;
}

fn unavailable<T: std::fmt::Debug>(result: Result<T, LedgerError>) {
    assert!(matches!(result, Err(LedgerError::Unavailable(_))), "{result:?}");
}

pub(crate) async fn a_store_that_takes_no_more_changes_nothing(ground: Ground) {
    let ledger = ground.open().await;
    let lines = [line("a", "A", "1", HoldKind::Gateway)];
    cart("h1", "c", at(0)).hold_one(ledger.as_ref(), "a", "3").await;
    cart("h2", "d", at(0)).hold_one(ledger.as_ref(), "a", "3").await;
    let order = record("N1", "d", "h2", at(1));
    ledger.intend(&order, at(1)).await.unwrap();
    take_no_events(&ground).await;
    unavailable(ledger.begin(&key("c", "k"), &[1; 32], LEASE, at(1)).await);
    unavailable(cart("h9", "c", at(1)).try_hold(ledger.as_ref(), &lines).await);
    unavailable(ledger.extend_hold("h1", at(99), at(1)).await);
    unavailable(ledger.end_hold("h1", HoldState::Released, at(1)).await);
    unavailable(ledger.intend(&record("N2", "c", "h1", at(1)), at(1)).await);
    unavailable(ledger.record(&order, Epoch(1), "x", Some("y"), at(1)).await);
    unavailable(ledger.claim_due(at(99), LEASE, 9).await);
    unavailable(ledger.claim_ended(at(99), LEASE, 9).await);
    assert_eq!(
        ledger.order("N2").await.unwrap(),
        None,
        "what is kept can still be read"
    );
    take_events_again(&ground).await;
    assert_eq!(ledger.check(at(1)).await.unwrap(), [], "nothing is half written");
    let hold = ledger.find_hold("h1").await.unwrap().unwrap();
    assert_eq!((hold.state, hold.until), (HoldState::Held, at(60)));
    assert_eq!(
        cart("-", "e", at(1)).taken(ledger.as_ref(), "a").await,
        decimal("6")
    );
    let begun = ledger
        .begin(&key("c", "k"), &[1; 32], LEASE, at(1))
        .await
        .unwrap();
    assert_eq!(begun, Begun::Mine(Epoch(1)), "it goes on");
}

/// Requests end by their deadline wherever they are, also between two statements.
pub(crate) async fn work_that_was_cut_off_leaves_nothing_behind(ground: Ground) {
    let ledger = ground.open().await;
    let mut tasks = JoinSet::new();
    for number in 0..60_u64 {
        let ledger = ledger.clone();
        tasks.spawn(async move {
            let id: &'static str = Box::leak(format!("h{number}").into_boxed_str());
            let lines = [
                line("a", "A", "1", HoldKind::Gateway),
                line("b", "A", "1", HoldKind::System),
            ];
            let work = async {
                cart(id, id, at(0))
                    .try_hold(ledger.as_ref(), &lines)
                    .await
                    .expect("the ledger answers");
                ledger
                    .confirm_hold(id, at(60), at(0))
                    .await
                    .expect("the ledger answers");
                let order = record(&format!("N{number}"), id, id, at(1));
                ledger.intend(&order, at(1)).await.expect("the ledger answers")
            };
            let patience = Duration::from_micros(number * number * 40);
            tokio::time::timeout(patience, work).await.is_ok()
        });
    }
    let finished = tasks
        .join_all()
        .await
        .into_iter()
        .filter(|finished| *finished)
        .count();
    let findings = ledger.check(at(1)).await.unwrap();
    assert_eq!(findings, [], "{finished} of 60 came to their end");
    let orders = ledger
        .leases(at(1))
        .await
        .unwrap()
        .iter()
        .filter(|lease| lease.until.is_none())
        .count();
    assert!(orders >= finished, "{orders} orders, {finished} were told so");
    let lines = [line("a", "A", "1", HoldKind::Gateway)];
    cart("after", "after", at(2))
        .try_hold(ledger.as_ref(), &lines)
        .await
        .expect("nobody is kept waiting");
}

pub(crate) async fn what_was_kept_is_there_after_a_restart(ground: Ground) {
    let first = ground.open().await;
    let lines = [line("a", "A", "2", HoldKind::Gateway)];
    cart("h1", "c", at(0)).hold(first.as_ref(), &lines).await;
    first.begin(&key("c", "k"), &[1; 32], LEASE, at(0)).await.unwrap();
    let order = record("N1", "c", "h1", at(1));
    first.intend(&order, at(1)).await.unwrap();
    drop(first);
    let second = ground.open().await;
    assert_eq!(
        second
            .begin(&key("c", "k"), &[1; 32], LEASE, at(1))
            .await
            .unwrap(),
        Begun::Busy
    );
    assert_eq!(second.order("N1").await.unwrap().as_ref(), Some(&order));
    assert_eq!(
        second.intend(&order, at(2)).await.unwrap(),
        Intended::AlreadyOrdered("N1".into())
    );
    assert_eq!(
        cart("-", "d", at(9_999)).taken(second.as_ref(), "a").await,
        Decimal::TWO
    );
    assert_eq!(
        second.claim_due(at(21), LEASE, 9).await.unwrap(),
        [(order, Epoch(2))]
    );
}

#[cfg(feature = "real-systems")]
#[tokio::test]
async fn connections_that_were_cut_are_made_again() {
    let ground = Ground::postgres().await;
    let ledger = ground.open().await;
    cart("h1", "c", at(0)).hold_one(ledger.as_ref(), "a", "3").await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(ground.execute(cut).await > 0, "there were connections");
    cart("h2", "d", at(1)).hold_one(ledger.as_ref(), "a", "2").await;
    assert_eq!(
        cart("-", "e", at(1)).taken(ledger.as_ref(), "a").await,
        decimal("5")
    );
}
