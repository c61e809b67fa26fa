//! The viewer: the customer that has signed in, by which list it buys and what it may still buy on account.

use crate::portal::{Portal, Setup, identity};

const VIEWER: &str = "{ viewer { number name currency priceList { code currency } } }";
const CREDIT: &str =
    "{ viewer { credit { limit { amount currency } used { amount } available { amount } blocked
    freshness { system } } } }";

#[tokio::test]
async fn nobody_is_the_viewer_without_signing_in() {
    let portal = Portal::start().await;
    let answer = portal.ask(None, VIEWER).await;
    assert!(answer.data("viewer").is_null());
    let mut staff = identity("C-1");
    staff.customer = None;
    let answer = portal.ask_as(Some(staff), VIEWER).await;
    assert!(answer.data("viewer").is_null(), "staff that acts for nobody");
    assert_eq!(portal.crm.calls(), 0);
}

#[tokio::test]
async fn the_viewer_buys_by_the_list_that_its_prices_are_from() {
    let portal = Portal::start().await;
    let answer = portal.ask(Some("C-3"), VIEWER).await;
    assert_eq!(answer.data("viewer.number"), "C-3");
    assert_eq!(answer.data("viewer.name"), "Customer C-3");
    assert_eq!(answer.data("viewer.currency"), "SEK");
    assert_eq!(answer.data("viewer.priceList.code"), "GOLD");
    assert_eq!(portal.crm.calls(), 1, "one record tells it all");
    let answer = portal.ask(Some("C-5"), VIEWER).await;
    assert_eq!(
        answer.data("viewer.priceList.code"),
        "RETAIL-SEK",
        "the channel's"
    );
    let mut claiming = identity("C-3");
    claiming.price_list = Some("SILVER".into());
    let answer = portal.ask_as(Some(claiming), VIEWER).await;
    assert_eq!(answer.data("viewer.priceList.code"), "SILVER", "the token's");
}

#[tokio::test]
async fn a_customer_whom_the_system_does_not_know_has_no_name_and_no_list() {
    let portal = Portal::start().await;
    let answer = portal.ask(Some("C-404"), VIEWER).await;
    assert_eq!(answer.partial("viewer.number"), "C-404");
    assert!(answer.partial("viewer.name").is_null());
    assert_eq!(answer.errors(), ["viewer.priceList SYSTEM_REJECTED crm final"]);
}

#[tokio::test]
async fn credit_is_the_limit_less_what_is_owed() {
    let portal = Portal::start().await;
    portal.crm.grants("C-1", 50_000, 12_500);
    portal.crm.grants("C-2", 1_000, 1_750);
    let answer = portal.ask(Some("C-1"), CREDIT).await;
    let credit = answer.data("viewer.credit");
    assert_eq!(credit["limit"]["amount"], "50000");
    assert_eq!(credit["limit"]["currency"], "SEK");
    assert_eq!(credit["used"]["amount"], "12500");
    assert_eq!(credit["available"]["amount"], "37500");
    assert_eq!(credit["blocked"], false);
    assert_eq!(credit["freshness"]["system"], "crm");
    let answer = portal.ask(Some("C-2"), CREDIT).await;
    assert_eq!(answer.data("viewer.credit.available.amount"), "-750");
    assert_eq!(answer.data("viewer.credit.blocked"), true);
    let answer = portal.ask(Some("C-3"), CREDIT).await;
    assert!(answer.data("viewer.credit").is_null(), "this customer has none");
}

#[tokio::test]
async fn credit_that_cannot_be_had_is_an_error_of_its_own() {
    let portal = Portal::start().await;
    portal.ask(Some("C-1"), VIEWER).await;
    portal.crm.set_down(true);
    let answer = portal
        .ask(Some("C-1"), "{ viewer { name credit { blocked } } }")
        .await;
    assert_eq!(answer.partial("viewer.name"), "Customer C-1");
    assert!(answer.partial("viewer.credit").is_null());
    assert_eq!(
        answer.errors(),
        ["viewer.credit SYSTEM_UNAVAILABLE crm retryable"]
    );
}

#[tokio::test]
async fn where_no_system_keeps_credit_there_is_none() {
    let portal = Portal::with(Setup {
        without_crm: true,
        ..Setup::default()
    })
    .await;
    let answer = portal.ask(Some("C-1"), CREDIT).await;
    assert!(answer.data("viewer.credit").is_null());
}
