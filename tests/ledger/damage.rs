//! A ledger that was changed by hand: every table's damage is found.

use std::sync::Arc;

use skuery_resolvers::checkout::ledger::{Epoch, Ledger};
use skuery_resolvers::checkout::record::HoldState;
use skuery_schema::checkout::HoldKind;

use crate::ground::Ground;
use crate::things::{LEASE, at, cart, key, line, payment, placed, record};

/// A ledger with something of everything.
async fn used(ground: &Ground) -> Arc<dyn Ledger> {
    let ledger = ground.open().await;
    ledger
        .begin(&key("c", "key-N1"), &[1; 32], LEASE, at(0))
        .await
        .unwrap();
    ledger
        .begin(&key("d", "open"), &[1; 32], LEASE, at(0))
        .await
        .unwrap();
    ledger
        .begin(&key("e", "left"), &[1; 32], LEASE, at(0))
        .await
        .unwrap();
    ledger.abandon(&key("e", "left"), Epoch(1), at(1)).await.unwrap();
    cart("h1", "c", at(0)).hold_one(ledger.as_ref(), "a", "3").await;
    let lines = [
        line("a", "A", "3", HoldKind::System),
        line("b", "A", "2", HoldKind::Gateway),
    ];
    cart("h2", "d", at(0)).hold(ledger.as_ref(), &lines).await;
    ledger.confirm_hold("h2", at(60), at(1)).await.unwrap();
    cart("h3", "e", at(0)).hold_one(ledger.as_ref(), "a", "1").await;
    ledger.end_hold("h3", HoldState::Released, at(2)).await.unwrap();
    cart("h4", "f", at(0)).hold_one(ledger.as_ref(), "a", "1").await;
    let mut order = record("N1", "c", "h1", at(2));
    order.payment = Some(payment("pi_1"));
    ledger.intend(&order, at(2)).await.unwrap();
    ledger
        .record(&placed(&order, at(3)), Epoch(1), "placed", Some("yes"), at(3))
        .await
        .unwrap();
    ledger
        .intend(&record("N4", "f", "h4", at(2)), at(2))
        .await
        .unwrap();
    ledger
}

pub(crate) async fn a_ledger_in_use_adds_up(ground: Ground) {
    let ledger = used(&ground).await;
    assert_eq!(ledger.check(at(10)).await.unwrap(), []);
}

/// What is done to the ledger, of which row something must be found, and how it is undone.
const DAMAGE: [(&str, &str, &str); 24] = [
    (
        "UPDATE attempt SET state = 'open' WHERE id LIKE '%key-N1%'",
        "key-N1",
        "UPDATE attempt SET state = 'answered' WHERE id LIKE '%key-N1%'",
    ),
    (
        "UPDATE attempt SET body = replace(body, '\"yes\"', '\"no\"')",
        "key-N1",
        "UPDATE attempt SET body = replace(body, '\"no\"', '\"yes\"')",
    ),
    (
        "UPDATE attempt SET epoch = epoch + 1 WHERE id LIKE '%open%'",
        "open",
        "UPDATE attempt SET epoch = epoch - 1 WHERE id LIKE '%open%'",
    ),
    (
        "UPDATE attempt SET lease_until = lease_until + 1 WHERE id LIKE '%open%'",
        "open",
        "UPDATE attempt SET lease_until = lease_until - 1 WHERE id LIKE '%open%'",
    ),
    (
        "UPDATE hold SET state = 'expired' WHERE id = 'h2'",
        "h2",
        "UPDATE hold SET state = 'held' WHERE id = 'h2'",
    ),
    (
        "UPDATE hold SET until_at = until_at + 1 WHERE id = 'h2'",
        "h2",
        "UPDATE hold SET until_at = until_at - 1 WHERE id = 'h2'",
    ),
    (
        "UPDATE hold SET cart = 'x' || cart WHERE id = 'h2'",
        "h2",
        "UPDATE hold SET cart = substr(cart, 2) WHERE id = 'h2'",
    ),
    (
        "UPDATE hold SET body = '{' || body WHERE id = 'h2'",
        "h2",
        "UPDATE hold SET body = substr(body, 2) WHERE id = 'h2'",
    ),
    (
        "UPDATE hold SET body = replace(body, '\"2\"', '\"1\"') WHERE id = 'h2'",
        "h2",
        "UPDATE hold SET body = replace(body, '\"1\"', '\"2\"') WHERE id = 'h2'",
    ),
    (
        "UPDATE hold SET revision = 5 WHERE id = 'h3'",
        "h3",
        "UPDATE hold SET revision = 2 WHERE id = 'h3'",
    ),
    (
        "UPDATE hold SET given_back_at = 1 WHERE id = 'h3'",
        "h3",
        "UPDATE hold SET given_back_at = NULL WHERE id = 'h3'",
    ),
    (
        "UPDATE lease SET quantity = '1' WHERE hold = 'h2'",
        "h2",
        "UPDATE lease SET quantity = '2' WHERE hold = 'h2'",
    ),
    (
        "UPDATE lease SET location = 'B' WHERE hold = 'h2'",
        "h2",
        "UPDATE lease SET location = 'A' WHERE hold = 'h2'",
    ),
    (
        "UPDATE lease SET accepted_at = 1 WHERE hold = 'h4'",
        "h4",
        "UPDATE lease SET accepted_at = NULL WHERE hold = 'h4'",
    ),
    (
        "DELETE FROM lease WHERE hold = 'h4'",
        "h4",
        "INSERT INTO lease VALUES ('h4', 1, 'a', 'A', '1', NULL, NULL)",
    ),
    (
        "INSERT INTO lease VALUES ('h3', 1, 'a', 'A', '1', NULL, NULL)",
        "h3",
        "DELETE FROM lease WHERE hold = 'h3'",
    ),
    (
        "UPDATE orders SET state = 'submitting' WHERE external_number = 'N1'",
        "N1",
        "UPDATE orders SET state = 'placed' WHERE external_number = 'N1'",
    ),
    (
        "UPDATE orders SET due_at = NULL WHERE external_number = 'N4'",
        "N4",
        "UPDATE orders SET due_at = 1800000022000000000 WHERE external_number = 'N4'",
    ),
    (
        "UPDATE orders SET payment = NULL WHERE external_number = 'N1'",
        "N1",
        "UPDATE orders SET payment = '[\"payments\",\"pi_1\"]' WHERE external_number = 'N1'",
    ),
    (
        "UPDATE orders SET epoch = 7 WHERE external_number = 'N4'",
        "N4",
        "UPDATE orders SET epoch = 1 WHERE external_number = 'N4'",
    ),
    (
        "UPDATE event SET body = replace(body, 'S-1', 'S-2') WHERE subject_key = 'N1'",
        "N1",
        "UPDATE event SET body = replace(body, 'S-2', 'S-1') WHERE subject_key = 'N1'",
    ),
    (
        "UPDATE event SET subject = 'hold ' WHERE subject_key = 'h2' AND revision = 1",
        "h2",
        "UPDATE event SET subject = 'hold' WHERE subject_key = 'h2'",
    ),
    (
        "UPDATE event SET body = replace(body, '\"held\"', '\"expired\"') WHERE subject_key = 'h1' AND revision = 1",
        "h1",
        "UPDATE event SET body = replace(body, '\"expired\"', '\"held\"') WHERE subject_key = 'h1' AND revision = 1",
    ),
    (
        "UPDATE event SET revision = 9 WHERE subject_key = 'h3' AND revision = 1",
        "h3",
        "UPDATE event SET revision = 1 WHERE subject_key = 'h3' AND revision = 9",
    ),
];

/// What is gone, and cannot be brought back by a statement.
const LOSSES: [(&str, &str); 4] = [
    (
        "DELETE FROM event WHERE subject_key = 'h3' AND revision = 1",
        "h3",
    ),
    ("DELETE FROM attempt WHERE id LIKE '%open%'", "open"),
    ("DELETE FROM orders WHERE external_number = 'N1'", "N1"),
    ("DELETE FROM event WHERE subject_key = 'N4'", "N4"),
];

pub(crate) async fn damage_of_every_table_is_found(ground: Ground) {
    let ledger = used(&ground).await;
    for (damage, key, mended) in DAMAGE {
        assert!(ground.execute(damage).await > 0, "{damage}: nothing was changed");
        let findings = ledger.check(at(10)).await.unwrap();
        assert!(
            findings.iter().any(|finding| finding.key.contains(key)),
            "{damage}: {findings:?}"
        );
        assert!(ground.execute(mended).await > 0, "{mended}: nothing was changed");
        assert_eq!(ledger.check(at(10)).await.unwrap(), [], "{mended}");
    }
    for (loss, key) in LOSSES {
        assert!(ground.execute(loss).await > 0, "{loss}: nothing was changed");
        let findings = ledger.check(at(10)).await.unwrap();
        assert!(
            findings.iter().any(|finding| finding.key.contains(key)),
            "{loss}: {findings:?}"
        );
    }
}
