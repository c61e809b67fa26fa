//! The same key gives the same answer, and input that cannot be is told before anything is asked.

use serde_json::to_value;
use skuery_schema::checkout::{CheckoutOutcome, UserErrorCode};

use crate::checkout::input::{ExpectedPrice, LineInput, VerifyInput};
use crate::checkout::intake::body;
use crate::checkout::ledger::Ledger;
use crate::checkout::record::{AttemptKey, Buyer, Operation};
use crate::checkout::tests::shop::{Shop, cart, codes, line, number, verification};

fn shop() -> Shop {
    let shop = Shop::new();
    shop.sells("A");
    shop.wms.put("A", "WH-1", 5);
    shop.depot.put("A", "DEP", 5);
    shop
}

fn all_calls(shop: &Shop) -> usize {
    let stock = shop.wms.desk.all_calls() + shop.depot.desk.all_calls();
    stock + shop.prices.desk.all_calls() + shop.catalog.desk.all_calls() + shop.crm.desk.all_calls()
}

#[tokio::test(start_paused = true)]
async fn the_same_key_is_given_the_same_answer_without_asking_again() {
    let shop = shop();
    let first = shop.verify(cart("k", &[line("A", "7")])).await;
    let asked = all_calls(&shop);
    tokio::time::advance(std::time::Duration::from_secs(7200)).await;
    shop.wms.put("A", "WH-1", 0);
    let again = shop.verify(cart("k", &[line("A", "7")])).await;
    assert_eq!(to_value(&again).expect("JSON"), to_value(&first).expect("JSON"));
    assert!(again.verification.expect("kept").token.is_some());
    assert_eq!(all_calls(&shop), asked);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_kept_as_well() {
    let shop = shop();
    let first = shop.verify(cart("k", &[line("A", "70")])).await;
    shop.wms.put("A", "WH-1", 100);
    let again = shop.verify(cart("k", &[line("A", "70")])).await;
    assert_eq!(to_value(&again).expect("JSON"), to_value(&first).expect("JSON"));
    let outcome = again.verification.expect("kept").outcome;
    assert_eq!(outcome, CheckoutOutcome::Rejected);
}

#[tokio::test(start_paused = true)]
async fn a_key_with_another_input_is_a_conflict_however_small_the_difference() {
    let shop = shop();
    let base = cart("k", &[line("A", "1")]);
    shop.verified(base.clone()).await;
    let held_otherwise = VerifyInput {
        hold_seconds: Some(60),
        ..base.clone()
    };
    let not_held = VerifyInput {
        reserve: false,
        ..base.clone()
    };
    for other in [cart("k", &[line("A", "2")]), held_otherwise, not_held] {
        assert_eq!(
            codes(&shop.verify(other).await),
            [UserErrorCode::IdempotencyConflict]
        );
    }
    let mut abroad = shop.context(None);
    abroad.country = Some("NO".into());
    let payload = shop.checkout.verify(&abroad, base).await;
    assert_eq!(
        codes(&payload),
        [UserErrorCode::IdempotencyConflict],
        "taxes differ"
    );
}

#[tokio::test(start_paused = true)]
async fn a_number_is_the_same_however_it_is_written() {
    let shop = shop();
    let first = shop.verify(cart("k", &[line("A", "1")])).await;
    let again = shop.verify(cart("k", &[line("A", "1.00")])).await;
    assert_eq!(to_value(&again).expect("JSON"), to_value(&first).expect("JSON"));
}

#[tokio::test(start_paused = true)]
async fn another_buyers_key_is_another_key() {
    let shop = shop();
    shop.crm
        .records
        .lock()
        .expect("whole")
        .insert("C-1".into(), Default::default());
    shop.verified(cart("k", &[line("A", "1")])).await;
    let context = shop.context(Some("C-1"));
    let other = shop.checkout.verify(&context, cart("k", &[line("A", "2")]));
    assert_eq!(verification(other.await).outcome, CheckoutOutcome::Confirmed);
}

#[tokio::test(start_paused = true)]
async fn the_same_request_under_way_is_told_until_its_lease_ends() {
    let shop = shop();
    let input = cart("k", &[line("A", "1")]);
    let context = shop.context(None);
    let key = AttemptKey {
        buyer: Buyer::of(&context),
        operation: Operation::Verify,
        key: "k".into(),
    };
    let lease = std::time::Duration::from_secs(15);
    let body = body(&context, &input);
    shop.ledger
        .begin(&key, &body, lease, context.now)
        .await
        .expect("the ledger is there");
    assert_eq!(
        codes(&shop.verify(input.clone()).await),
        [UserErrorCode::InProgress]
    );
    assert_eq!(all_calls(&shop), 0);
    tokio::time::advance(lease).await;
    assert_eq!(shop.verified(input).await.outcome, CheckoutOutcome::Confirmed);
}

#[tokio::test(start_paused = true)]
async fn impossible_input_is_told_with_its_place_and_nothing_is_asked() {
    let shop = shop();
    let a = || line("A", "1");
    let with = |change: fn(&mut VerifyInput)| {
        let mut input = cart("k", &[a()]);
        change(&mut input);
        input
    };
    let wrong_line = |change: fn(&mut LineInput)| {
        let mut line = a();
        change(&mut line);
        cart("k", &[line])
    };
    let long: std::sync::Arc<str> = "x".repeat(129).into();
    let mut long_key = cart("k", &[a()]);
    long_key.idempotency_key = long;
    let many = (0..51).map(|number| LineInput {
        line_id: number.to_string().into(),
        ..a()
    });
    let many: Vec<LineInput> = many.collect();
    use UserErrorCode::{DuplicateLine, InvalidInput, LimitExceeded};
    for (input, code, field) in [
        (long_key, InvalidInput, "input.idempotencyKey"),
        (
            with(|input| input.idempotency_key = "".into()),
            InvalidInput,
            "input.idempotencyKey",
        ),
        (
            with(|input| input.checkout_id = "".into()),
            InvalidInput,
            "input.checkoutId",
        ),
        (with(|input| input.lines.clear()), InvalidInput, "input.lines"),
        (
            with(|input| input.hold_seconds = Some(0)),
            InvalidInput,
            "input.holdSeconds",
        ),
        (
            with(|input| input.hold_seconds = Some(-1)),
            InvalidInput,
            "input.holdSeconds",
        ),
        (
            with(|input| input.hold_seconds = Some(3601)),
            InvalidInput,
            "input.holdSeconds",
        ),
        (
            wrong_line(|line| line.quantity = number("0")),
            InvalidInput,
            "input.lines.0.quantity",
        ),
        (
            wrong_line(|line| line.quantity = number("-1")),
            InvalidInput,
            "input.lines.0.quantity",
        ),
        (
            wrong_line(|line| line.quantity = number("1000000001")),
            InvalidInput,
            "input.lines.0.quantity",
        ),
        (
            wrong_line(|line| line.line_id = "".into()),
            InvalidInput,
            "input.lines.0.lineId",
        ),
        (
            wrong_line(|line| line.line_id = "A\0".into()),
            InvalidInput,
            "input.lines.0.lineId",
        ),
        (
            wrong_line(|line| {
                line.expected_unit_price = Some(ExpectedPrice {
                    net: None,
                    gross: None,
                    currency: "EUR".into(),
                });
            }),
            InvalidInput,
            "input.lines.0.expectedUnitPrice",
        ),
        (cart("k", &many), LimitExceeded, "input.lines"),
        (cart("k", &[a(), a()]), DuplicateLine, "input.lines.1.lineId"),
    ] {
        let payload = shop.verify(input).await;
        assert_eq!(codes(&payload), [code], "{field}");
        let seen = payload.user_errors[0].field.as_ref().expect("a field").join(".");
        assert_eq!(seen, field);
    }
    assert_eq!(all_calls(&shop), 0);
    assert_eq!(
        shop.verified(cart("k", &[a()])).await.outcome,
        CheckoutOutcome::Confirmed,
        "the key is free"
    );
}
