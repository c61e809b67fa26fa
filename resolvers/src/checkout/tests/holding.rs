//! Stock is held once, for its cart, for a limited time.

use std::time::Duration;

use jiff::SignedDuration;
use skuery_schema::checkout::{CheckoutOutcome, HoldKind, StockPromise};

use crate::checkout::input::{LineInput, VerifyInput};
use crate::checkout::ledger::Ledger;
use crate::checkout::record::{Buyer, HoldState};
use crate::checkout::tests::shop::{Shop, cart, line, number};
use crate::checkout::tests::words::told;
use crate::checkout::token::Claims;
use crate::port::PortLookup;

fn shop() -> Shop {
    let shop = Shop::new();
    shop.sells("A").sells("D");
    shop.wms.put("A", "WH-1", 5);
    shop.depot.put("D", "DEP", 5);
    shop
}

fn of_cart(id: &str, key: &str, lines: &[LineInput]) -> VerifyInput {
    VerifyInput {
        checkout_id: id.into(),
        ..cart(key, lines)
    }
}

fn claims(shop: &Shop, verification: &skuery_schema::checkout::CheckoutVerification) -> Claims {
    let token = verification.token.as_ref().expect("a token");
    Claims::open(token, &shop.checkout.parts.rules.token_keys).expect("our own")
}

#[tokio::test(start_paused = true)]
async fn what_one_cart_holds_another_cannot_have() {
    let shop = shop();
    for sku in ["A", "D"] {
        let first = shop
            .verified(of_cart("one", &format!("1{sku}"), &[line(sku, "3")]))
            .await;
        assert_eq!(first.outcome, CheckoutOutcome::Confirmed);
        let second = shop
            .verified(of_cart("two", &format!("2{sku}"), &[line(sku, "3")]))
            .await;
        assert_eq!(
            told(&second),
            format!("Rejected; {sku} OutOfStock 0/3 @10.00 {{Reduced 2}}")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_carts_own_hold_never_counts_against_it() {
    let shop = shop();
    for key in ["1", "2", "3"] {
        let lines = [line("A", "5"), line("D", "5")];
        let verification = shop.verified(cart(key, &lines)).await;
        assert_eq!(
            told(&verification),
            "Confirmed; A Ok 5/5 @8.00 [WH-1 5 System]; D Ok 5/5 @8.00 [DEP 5 Gateway]"
        );
        assert_eq!(shop.wms.reserved("A"), number("5"));
        assert_eq!(
            shop.wms.references().len(),
            1,
            "the earlier reservation is given back"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_carts_earlier_reservation_stands_until_the_new_one_is_made_where_there_is_enough() {
    let shop = shop();
    shop.verified(cart("1", &[line("A", "2")])).await;
    let before = shop.wms.desk.calls(PortLookup::Stock);
    shop.verified(cart("2", &[line("A", "3")])).await;
    assert_eq!(shop.wms.reserved("A"), number("3"));
    assert_eq!(
        shop.wms.desk.calls(PortLookup::Stock),
        before + 1,
        "it was read once"
    );
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_has_ended_frees_its_stock_without_anybody_doing_anything() {
    let shop = shop();
    let lines = [line("A", "5"), line("D", "5")];
    let first = shop.verified(of_cart("one", "1", &lines)).await;
    let end = first.expires_at.expect("it is held");
    assert_eq!(end, shop.clock.now() + SignedDuration::from_secs(900));
    let busy = shop.verified(of_cart("two", "2", &lines)).await;
    assert_eq!(busy.outcome, CheckoutOutcome::Rejected);
    tokio::time::advance(Duration::from_secs(900)).await;
    let free = shop.verified(of_cart("two", "3", &lines)).await;
    assert_eq!(free.outcome, CheckoutOutcome::Confirmed);
}

#[tokio::test(start_paused = true)]
async fn a_hold_ends_when_its_first_system_ends_it() {
    let shop = shop();
    shop.wms.end_after(SignedDuration::from_secs(60));
    let lines = [line("A", "1"), line("D", "1")];
    let verification = shop.verified(cart("1", &lines)).await;
    let minute = shop.clock.now() + SignedDuration::from_secs(60);
    assert_eq!(verification.expires_at, Some(minute));
    let claims = claims(&shop, &verification);
    assert_eq!(claims.expires_at, minute);
    let id = claims.hold.expect("it is held");
    let hold = shop
        .ledger
        .find_hold(&id)
        .await
        .expect("the ledger is there")
        .expect("it is written");
    assert_eq!((hold.state, hold.until), (HoldState::Held, minute));
}

#[tokio::test(start_paused = true)]
async fn a_token_binds_what_was_agreed() {
    let shop = shop();
    let lines = [line("A", "5"), line("D", "2")];
    let verification = shop.verified(cart("1", &lines)).await;
    let claims = claims(&shop, &verification);
    assert_eq!(claims.buyer, Buyer::of(&shop.context(None)));
    assert_eq!(&*claims.checkout_id, "cart-1");
    let agreed: Vec<_> = claims
        .lines
        .iter()
        .map(|line| (line.sku.as_str(), line.quantity, line.net))
        .collect();
    assert_eq!(
        agreed,
        [
            ("A", number("5"), Some(number("8"))),
            ("D", number("2"), Some(number("10")))
        ]
    );
    let place = &claims.lines[0].allocations[0];
    assert_eq!(
        (place.kind, place.promise),
        (HoldKind::System, StockPromise::AtomicReservation)
    );
    let place = &claims.lines[1].allocations[0];
    assert_eq!(
        (place.kind, place.promise),
        (HoldKind::Gateway, StockPromise::GatewayOnly)
    );
    assert_eq!(
        shop.wms.references(),
        [claims.hold.expect("it is held")],
        "the hold's id is the reference"
    );
}

#[tokio::test(start_paused = true)]
async fn a_cart_that_is_not_to_be_held_gets_a_token_without_a_hold() {
    let shop = shop();
    let input = VerifyInput {
        reserve: false,
        hold_seconds: Some(60),
        ..cart("1", &[line("A", "5"), line("D", "5")])
    };
    let verification = shop.verified(input).await;
    assert_eq!(
        told(&verification),
        "Confirmed; A Ok 5/5 @8.00 [WH-1 5 None]; D Ok 5/5 @8.00 [DEP 5 None]"
    );
    let claims = claims(&shop, &verification);
    assert_eq!(claims.hold, None);
    assert_eq!(
        claims.expires_at,
        shop.clock.now() + SignedDuration::from_secs(60)
    );
    assert_eq!(shop.wms.desk.calls(PortLookup::Reserve), 0);
    let other = shop
        .verified(of_cart("two", "2", &[line("A", "5"), line("D", "5")]))
        .await;
    assert_eq!(other.outcome, CheckoutOutcome::Confirmed);
    let looked = VerifyInput {
        reserve: false,
        ..cart("3", &[line("D", "1")])
    };
    assert_eq!(
        shop.verified(looked).await.outcome,
        CheckoutOutcome::Rejected,
        "others' holds count for it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_cart_that_cannot_be_had_any_more_gives_its_hold_back() {
    let shop = shop();
    shop.verified(cart("1", &[line("A", "5"), line("D", "5")])).await;
    let rejected = shop.verified(cart("2", &[line("A", "6"), line("D", "5")])).await;
    assert_eq!(
        told(&rejected),
        "Rejected; A OutOfStock 0/6 @8.00 {Reduced 5}; D Ok 5/5 @8.00 [DEP 5 None]"
    );
    assert_eq!(shop.wms.references().len(), 0);
    let other = shop
        .verified(of_cart("two", "3", &[line("A", "5"), line("D", "5")]))
        .await;
    assert_eq!(other.outcome, CheckoutOutcome::Confirmed);
}

#[tokio::test(start_paused = true)]
async fn a_system_that_is_short_is_asked_again_after_a_fresh_reading() {
    let shop = shop();
    shop.wms.refuse(1);
    let verification = shop.verified(cart("1", &[line("A", "5")])).await;
    assert_eq!(told(&verification), "Confirmed; A Ok 5/5 @8.00 [WH-1 5 System]");
    assert_eq!(shop.wms.desk.calls(PortLookup::Stock), 2);
    assert_eq!(shop.wms.references().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_system_that_stays_short_has_none_whatever_its_figures_say() {
    let shop = shop();
    shop.depot.put("A", "DEP", 2);
    shop.wms.refuse(u32::MAX);
    let rejected = shop.verified(cart("1", &[line("A", "5")])).await;
    assert_eq!(told(&rejected), "Rejected; A OutOfStock 0/5 @8.00 {Reduced 2}");
    let partial = LineInput {
        accept_partial: true,
        ..line("A", "5")
    };
    let partly = shop.verified(cart("2", &[partial])).await;
    assert_eq!(told(&partly), "Changed; A Partial 2/5 @10.00 [DEP 2 Gateway]");
    assert_eq!(shop.wms.references().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn others_hear_of_what_is_held_and_given_back() {
    let shop = shop();
    shop.verified(cart("1", &[line("A", "5")])).await;
    let told = || std::mem::take(&mut *shop.changes.0.lock().expect("whole"));
    assert_eq!(told(), ["A".into()]);
    shop.verified(of_cart("two", "2", &[line("A", "5")])).await;
    assert_eq!(told(), [], "nothing was held");
}

#[tokio::test(start_paused = true)]
async fn a_verification_is_one_wave() {
    let shop = shop();
    for number in 0..7 {
        shop.sells(&format!("S{number}"));
        shop.wms.put(&format!("S{number}"), "WH-1", 5);
    }
    let lines: Vec<LineInput> = (0..7).map(|number| line(&format!("S{number}"), "1")).collect();
    shop.verified(cart("1", &lines)).await;
    assert_eq!(shop.wms.desk.calls(PortLookup::Stock), 1);
    assert_eq!(shop.depot.desk.calls(PortLookup::Stock), 1);
    assert_eq!(shop.prices.desk.all_calls(), 1);
    assert_eq!(shop.catalog.desk.all_calls(), 1);
    assert_eq!(shop.crm.desk.all_calls(), 0, "a guest has no record");
    assert_eq!(shop.wms.desk.calls(PortLookup::Reserve), 1);
    assert_eq!(shop.wms.desk.all_calls(), 2);
    assert_eq!(shop.orders.desk.all_calls(), 0, "nothing is ordered");
    assert_eq!(
        shop.ledger
            .check(shop.clock.now())
            .await
            .expect("the ledger is there"),
        []
    );
}
