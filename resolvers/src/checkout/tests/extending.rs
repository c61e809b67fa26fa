//! A hold lasts longer when its buyer asks, never too long, and ends when its buyer lets it go.

use std::time::Duration;

use jiff::SignedDuration;
use skuery_schema::checkout::{
    CheckoutOutcome, CheckoutVerification, ReleaseCheckoutPayload, UserErrorCode, VerifyCheckoutPayload,
};

use crate::checkout::input::VerifyInput;
use crate::checkout::ledger::Ledger;
use crate::checkout::record::HoldState;
use crate::checkout::tests::fakes::Fault;
use crate::checkout::tests::shop::{Shop, cart, codes, line, number, verification};
use crate::checkout::token::Claims;
use crate::port::PortLookup;

fn shop() -> Shop {
    let shop = Shop::new();
    shop.sells("A").sells("D");
    shop.wms.put("A", "WH-1", 5);
    shop.depot.put("D", "DEP", 5);
    shop.crm
        .records
        .lock()
        .expect("whole")
        .insert("C-1".into(), Default::default());
    shop
}

async fn held(shop: &Shop) -> (CheckoutVerification, String) {
    let verification = shop.verified(cart("k", &[line("A", "5"), line("D", "5")])).await;
    let token = verification.token.clone().expect("it is confirmed").to_string();
    (verification, token)
}

async fn extend(shop: &Shop, token: &str, seconds: i32) -> VerifyCheckoutPayload {
    shop.checkout
        .extend(&shop.context(None), token, Some(seconds))
        .await
}

async fn release(shop: &Shop, token: &str) -> ReleaseCheckoutPayload {
    shop.checkout.release(&shop.context(None), token).await
}

fn claims(shop: &Shop, token: &str) -> Claims {
    Claims::open(token, &shop.checkout.parts.rules.token_keys).expect("our own")
}

async fn is_free(shop: &Shop) -> bool {
    let other = VerifyInput {
        checkout_id: "cart-2".into(),
        reserve: false,
        ..cart(
            &format!("other {}", shop.clock.now()),
            &[line("A", "5"), line("D", "5")],
        )
    };
    shop.verified(other).await.outcome == CheckoutOutcome::Confirmed
}

#[tokio::test(start_paused = true)]
async fn a_hold_is_moved_in_the_ledger_and_at_the_systems() {
    let shop = shop();
    let (first, token) = held(&shop).await;
    tokio::time::advance(Duration::from_secs(600)).await;
    let extended = verification(extend(&shop, &token, 900).await);
    let end = shop.clock.now() + SignedDuration::from_secs(900);
    assert_eq!(extended.expires_at, Some(end));
    assert_eq!(
        extended.verified_at, first.verified_at,
        "nothing was verified again"
    );
    assert_eq!(
        extended.subtotal,
        first.subtotal.map(|sum| skuery_schema::price::TaxedMoney {
            tax_rate: None,
            ..sum
        })
    );
    let confirmed: Vec<_> = extended
        .lines
        .iter()
        .map(|line| (&*line.line_id, line.confirmed))
        .collect();
    assert_eq!(confirmed, [("A", number("5")), ("D", number("5"))]);
    tokio::time::advance(Duration::from_secs(899)).await;
    assert!(!is_free(&shop).await);
    let token = extended.token.expect("a new one");
    assert_eq!(claims(&shop, &token).expires_at, end);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(is_free(&shop).await);
}

#[tokio::test(start_paused = true)]
async fn a_hold_never_lasts_longer_than_the_longest_from_its_beginning() {
    let shop = shop();
    let (first, mut token) = held(&shop).await;
    let longest = first.verified_at + SignedDuration::from_secs(3600);
    for _ in 0..6 {
        tokio::time::advance(Duration::from_secs(590)).await;
        let extended = verification(extend(&shop, &token, 3600).await);
        assert_eq!(extended.expires_at, Some(longest));
        token = extended.token.expect("a new one").to_string();
    }
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(
        codes(&extend(&shop, &token, 3600).await),
        [UserErrorCode::TokenExpired]
    );
    assert!(is_free(&shop).await);
}

#[tokio::test(start_paused = true)]
async fn a_hold_is_never_made_shorter() {
    let shop = shop();
    let (first, token) = held(&shop).await;
    let extended = verification(extend(&shop, &token, 1).await);
    assert_eq!(extended.expires_at, first.expires_at);
}

#[tokio::test(start_paused = true)]
async fn a_cart_without_a_hold_is_extended_within_the_same_bounds() {
    let shop = shop();
    let input = VerifyInput {
        reserve: false,
        ..cart("k", &[line("A", "5")])
    };
    let first = shop.verified(input).await;
    let token = first.token.expect("it is confirmed");
    tokio::time::advance(Duration::from_secs(600)).await;
    let extended = verification(extend(&shop, &token, 3600).await);
    assert_eq!(
        extended.expires_at,
        Some(first.verified_at + SignedDuration::from_secs(3600))
    );
    assert!(
        !release(&shop, &token).await.released,
        "there was nothing to release"
    );
}

#[tokio::test(start_paused = true)]
async fn seconds_beyond_the_bounds_and_foreign_tokens_are_refused() {
    let shop = shop();
    let (_, token) = held(&shop).await;
    for seconds in [0, -1, 3601] {
        assert_eq!(
            codes(&extend(&shop, &token, seconds).await),
            [UserErrorCode::InvalidInput]
        );
    }
    let changed = format!("{token}A");
    assert_eq!(
        codes(&extend(&shop, &changed, 60).await),
        [UserErrorCode::TokenInvalid]
    );
    assert_eq!(
        release(&shop, &changed).await.user_errors[0].code,
        UserErrorCode::TokenInvalid
    );
    assert_eq!(shop.wms.reserved("A"), number("5"));
}

#[tokio::test(start_paused = true)]
async fn another_buyers_token_is_refused_and_nothing_happens() {
    let shop = shop();
    let (_, token) = held(&shop).await;
    let other = shop.context(Some("C-1"));
    let extended = shop.checkout.extend(&other, &token, Some(60)).await;
    assert_eq!(codes(&extended), [UserErrorCode::TokenMismatch]);
    let released = shop.checkout.release(&other, &token).await;
    assert!(!released.released);
    assert_eq!(released.user_errors[0].code, UserErrorCode::TokenMismatch);
    tokio::time::advance(Duration::from_secs(1200)).await;
    let extended = shop.checkout.extend(&other, &token, Some(60)).await;
    assert_eq!(
        codes(&extended),
        [UserErrorCode::TokenMismatch],
        "and not how old it is"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_released_is_free_at_once_and_releasing_again_releases_nothing() {
    let shop = shop();
    let (_, token) = held(&shop).await;
    let first = release(&shop, &token).await;
    assert!(first.released && first.user_errors.is_empty());
    assert!(is_free(&shop).await);
    assert!(shop.wms.references().is_empty());
    let second = release(&shop, &token).await;
    assert!(!second.released && second.user_errors.is_empty());
    assert_eq!(
        codes(&extend(&shop, &token, 60).await),
        [UserErrorCode::TokenExpired]
    );
    assert_eq!(shop.wms.desk.calls(PortLookup::ReleaseReservation), 1);
}

#[tokio::test(start_paused = true)]
async fn releasing_after_the_end_is_no_error_and_releases_nothing() {
    let shop = shop();
    let (_, token) = held(&shop).await;
    tokio::time::advance(Duration::from_secs(900)).await;
    let late = release(&shop, &token).await;
    assert!(!late.released && late.user_errors.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_replaced_carts_token_can_neither_extend_nor_release_the_new_hold() {
    let shop = shop();
    let (_, old) = held(&shop).await;
    shop.verified(cart("k2", &[line("A", "5")])).await;
    assert_eq!(
        codes(&extend(&shop, &old, 60).await),
        [UserErrorCode::TokenExpired]
    );
    assert!(!release(&shop, &old).await.released);
    assert_eq!(shop.wms.reserved("A"), number("5"));
}

#[tokio::test(start_paused = true)]
async fn where_a_system_is_silent_the_hold_stays_as_it_was() {
    for fault in [Fault::Down, Fault::LoseAnswer, Fault::Hang] {
        let shop = shop();
        let (first, token) = held(&shop).await;
        shop.wms.desk.next(PortLookup::Reserve, fault);
        assert_eq!(
            codes(&extend(&shop, &token, 3600).await),
            [UserErrorCode::SystemUnavailable]
        );
        let id = claims(&shop, &token).hold.expect("it is held");
        let hold = shop
            .ledger
            .find_hold(&id)
            .await
            .expect("the ledger is there")
            .expect("it is written");
        assert_eq!(
            (hold.state, Some(hold.until)),
            (HoldState::Held, first.expires_at)
        );
        let again = verification(extend(&shop, &token, 1800).await);
        assert!(again.expires_at > first.expires_at, "the token is still good");
    }
}

#[tokio::test(start_paused = true)]
async fn where_a_system_holds_no_longer_the_hold_stays_as_it_was() {
    let shop = shop();
    let (first, token) = held(&shop).await;
    shop.wms.refuse(1);
    assert_eq!(
        codes(&extend(&shop, &token, 3600).await),
        [UserErrorCode::OutOfStock]
    );
    assert!(!is_free(&shop).await);
    let again = verification(extend(&shop, &token, 1800).await);
    assert!(again.expires_at > first.expires_at);
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_extension_holds_longer_is_given_back_when_the_hold_ends() {
    let shop = shop();
    let (_, token) = held(&shop).await;
    shop.wms.desk.next(PortLookup::Reserve, Fault::LoseAnswer);
    extend(&shop, &token, 3600).await;
    tokio::time::advance(Duration::from_secs(900)).await;
    assert_eq!(shop.wms.reserved("A"), number("5"), "the system still holds it");
    shop.give_back_ended().await;
    assert_eq!(shop.wms.reserved("A"), number("0"));
}

#[tokio::test(start_paused = true)]
async fn a_release_whose_answer_is_lost_is_repeated_until_it_is_done() {
    let shop = shop();
    let (_, token) = held(&shop).await;
    shop.wms.desk.next(PortLookup::ReleaseReservation, Fault::Down);
    assert!(release(&shop, &token).await.released, "the ledger has let go");
    assert_eq!(shop.wms.reserved("A"), number("5"));
    shop.give_back_ended().await;
    assert_eq!(shop.wms.reserved("A"), number("0"));
}
