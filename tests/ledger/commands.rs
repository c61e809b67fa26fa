//! `skuery ledger …`, as a person who looks after orders runs it.

use std::process::{Command, Output};

use skuery_resolvers::checkout::ledger::{Begun, Epoch, Ledger};
use skuery_resolvers::checkout::record::{HoldState, OrderState};
use skuery_schema::checkout::{HoldKind, PlaceOrderPayload, PlacementState};

use crate::ground::Ground;
use crate::things::{LEASE, at, cart, key, line, payment, placed, record};

fn run(ground: &Ground, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuery"));
    command
        .args(["ledger", "--ledger", ground.address()])
        .args(arguments);
    command.output().expect("the binary runs")
}

#[track_caller]
fn said(ground: &Ground, arguments: &[&str]) -> String {
    let output = run(ground, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[track_caller]
fn refused(ground: &Ground, arguments: &[&str]) -> (String, String) {
    let output = run(ground, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr))
}

/// An order N1 that needs a person, on stock that a system holds, paid; and a placed one, N2.
async fn ledger_with_doubt(ground: &Ground) -> std::sync::Arc<dyn Ledger> {
    let ledger = ground.open().await;
    ledger
        .begin(&key("c", "key-N1"), &[1; 32], LEASE, at(0))
        .await
        .unwrap();
    let lines = [
        line("a", "A", "3", HoldKind::System),
        line("b", "A", "1", HoldKind::Gateway),
    ];
    cart("h1", "c", at(0)).hold(ledger.as_ref(), &lines).await;
    ledger.confirm_hold("h1", at(60), at(0)).await.unwrap();
    let mut order = record("N1", "c", "h1", at(1));
    order.payment = Some(payment("pi_1"));
    ledger.intend(&order, at(1)).await.unwrap();
    order.state = OrderState::NeedsReview;
    order.due = None;
    ledger
        .record(&order, Epoch(1), "needs_review", None, at(2))
        .await
        .unwrap();
    cart("h2", "d", at(0)).hold_one(ledger.as_ref(), "b", "1").await;
    let order = record("N2", "d", "h2", at(3));
    ledger.intend(&order, at(3)).await.unwrap();
    ledger
        .record(&placed(&order, at(4)), Epoch(1), "placed", None, at(4))
        .await
        .unwrap();
    ledger
}

#[tokio::test]
async fn orders_are_listed_newest_first() {
    let ground = Ground::sqlite();
    let _ledger = ledger_with_doubt(&ground).await;
    let all = said(&ground, &["list"]);
    let expected = "2027-01-15 08:00:03.000Z  N2  placed  customer d  number S-1\n\
                    2027-01-15 08:00:01.000Z  N1  needs_review  customer c\n";
    assert_eq!(all, expected);
    assert!(said(&ground, &["list", "--state", "needs_review"]).contains("N1"));
    assert_eq!(said(&ground, &["list", "--state", "rejected"]), "no orders\n");
    assert_eq!(
        said(&ground, &["list", "--since", "2027-01-16T00:00:00Z"]),
        "no orders\n"
    );
    let output = run(&ground, &["list", "--state", "lost"]);
    assert_eq!(output.status.code(), Some(2));
}

#[tokio::test]
async fn an_order_is_explained_with_its_hold_and_key_whichever_is_named() {
    let ground = Ground::sqlite();
    let _ledger = ledger_with_doubt(&ground).await;
    let story = said(&ground, &["explain", "N1"]);
    let kinds: Vec<String> = story
        .lines()
        .map(|line| {
            line.split_whitespace()
                .skip(2)
                .take(3)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(
        kinds[1..],
        [
            "hold h1 reserving:",
            "hold h1 held:",
            "hold h1 ordered:",
            "order N1 intended:",
            "order N1 needs_review:"
        ]
    );
    assert!(kinds[0].starts_with("attempt begun:"), "{}", kinds[0]);
    assert!(story.contains("3 × a at A (SYSTEM)"), "{story}");
    assert_eq!(said(&ground, &["explain", "h1"]), story);
    let (_, error) = refused(&ground, &["explain", "N9"]);
    assert_eq!(error, "skuery: there is no order and no hold N9\n");
}

#[tokio::test]
async fn a_check_fails_with_what_it_found() {
    let ground = Ground::sqlite();
    let _ledger = ground.open().await;
    assert_eq!(said(&ground, &["check"]), "everything adds up\n");
    ground.execute("INSERT INTO event (written_at, subject, subject_key, revision, kind, body) VALUES (1, 'hold', 'h9', 1, 'held', '{}')").await;
    let (found, error) = refused(&ground, &["check"]);
    assert_eq!(found, "hold h9: there are events of it, and it is not there\n");
    assert_eq!(error, "skuery: 1 findings\n");
}

async fn answer(ledger: &dyn Ledger) -> PlaceOrderPayload {
    let begun = ledger
        .begin(&key("c", "key-N1"), &[1; 32], LEASE, at(5))
        .await
        .unwrap();
    let Begun::Answered(answer) = begun else {
        panic!("{begun:?}")
    };
    serde_json::from_str(&answer).expect("a payload")
}

#[tokio::test]
async fn a_person_says_that_an_order_is_placed() {
    let ground = Ground::sqlite();
    let ledger = ledger_with_doubt(&ground).await;
    assert_eq!(
        said(&ground, &["reconcile", "N1", "--placed", "S-7"]),
        "N1 is placed as S-7\n"
    );
    let order = ledger.order("N1").await.unwrap().unwrap();
    assert_eq!(
        (order.state, order.number.as_deref()),
        (OrderState::Placed, Some("S-7"))
    );
    let steps: Vec<_> = order
        .steps
        .iter()
        .map(|step| format!("{:?} {}", step.kind, step.system))
        .collect();
    assert_eq!(steps, ["CommitReservation wms"]);
    assert!(
        order.due.is_some(),
        "the running gateway commits what is reserved"
    );
    let placement = answer(ledger.as_ref()).await.placement.unwrap();
    assert_eq!(
        (placement.state, placement.order_number.as_deref()),
        (PlacementState::Placed, Some("S-7"))
    );
    let (_, error) = refused(&ground, &["reconcile", "N1", "--rejected"]);
    assert_eq!(error, "skuery: it is placed already, as S-7\n");
}

#[tokio::test]
async fn a_person_says_that_an_order_is_rejected() {
    let ground = Ground::sqlite();
    let ledger = ledger_with_doubt(&ground).await;
    assert_eq!(
        said(&ground, &["reconcile", "N1", "--rejected"]),
        "N1 is rejected; its stock is given back\n"
    );
    let order = ledger.order("N1").await.unwrap().unwrap();
    let steps: Vec<_> = order
        .steps
        .iter()
        .map(|step| format!("{:?} {}", step.kind, step.system))
        .collect();
    assert_eq!(
        (order.state, steps.join(", ").as_str()),
        (OrderState::Rejected, "ReleaseReservation wms, Void payments")
    );
    assert_eq!(
        ledger.find_hold("h1").await.unwrap().unwrap().state,
        HoldState::Released
    );
    let answer = answer(ledger.as_ref()).await;
    assert_eq!(answer.placement.unwrap().state, PlacementState::Rejected);
    assert_eq!(answer.user_errors.len(), 1);
}

#[tokio::test]
async fn without_a_decision_the_gateway_looks_again() {
    let ground = Ground::sqlite();
    let ledger = ledger_with_doubt(&ground).await;
    said(&ground, &["reconcile", "N1"]);
    let order = ledger.order("N1").await.unwrap().unwrap();
    assert_eq!(order.state, OrderState::Unknown);
    let due = order.due.expect("due now");
    let claimed = ledger.claim_due(due, LEASE, 9).await.unwrap();
    assert_eq!(claimed.len(), 1, "at once");
    let (_, error) = refused(&ground, &["reconcile", "N9"]);
    assert_eq!(error, "skuery: there is no order N9\n");
}

#[tokio::test]
async fn a_ledger_must_be_named_and_be_there() {
    let output = Command::new(env!("CARGO_BIN_EXE_skuery"))
        .args(["ledger", "check"])
        .output()
        .expect("the binary runs");
    let error = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(
        error,
        "skuery: name the ledger with --config FILE or --ledger URL\n"
    );
    let (_, error) = refused(&Ground::sqlite(), &["check"]);
    assert!(error.contains("cannot be opened"), "{error}");
}
