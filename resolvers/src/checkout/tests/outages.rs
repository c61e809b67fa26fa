//! Where a system is silent nothing is promised, nothing stays held, and the same key may be tried again.

use std::sync::Arc;
use std::time::Duration;

use skuery_schema::checkout::{CheckoutOutcome, LineStatus, StockPromise};

use crate::checkout::input::{LineInput, VerifyInput};
use crate::checkout::ledger::Ledger;
use crate::checkout::systems::StockSystem;
use crate::checkout::tests::fakes::{Clock, Desk, Fault};
use crate::checkout::tests::shop::{Shop, cart, line, number};
use crate::checkout::tests::warehouse::Warehouse;
use crate::checkout::tests::words::told;
use crate::port::{PortLookup, PriceMode};

fn shop() -> Shop {
    let shop = Shop::new();
    shop.sells("A").sells("D");
    shop.wms.put("A", "WH-1", 5);
    shop.depot.put("D", "DEP", 5);
    shop
}

fn both() -> Vec<LineInput> {
    vec![line("A", "5"), line("D", "5")]
}

/// Nothing is held, nothing is agreed, and the same key succeeds once the system answers again.
async fn check_unverified(shop: &Shop, input: VerifyInput) {
    let verification = shop.verified(input.clone()).await;
    assert_eq!(
        verification.outcome,
        CheckoutOutcome::Unverified,
        "{}",
        told(&verification)
    );
    assert_eq!((verification.token, verification.expires_at), (None, None));
    for line in &verification.lines {
        assert_eq!(line.status, LineStatus::Unverified);
        assert_eq!(line.confirmed, number("0"));
        assert!(line.allocations.is_empty());
    }
    assert!(!verification.warnings.is_empty(), "it is told why");
    shop.give_back_ended().await;
    assert!(shop.wms.references().is_empty(), "nothing stays reserved");
    assert!(
        shop.ledger
            .leases(shop.clock.now())
            .await
            .expect("the ledger is there")
            .is_empty()
    );
    let again = shop.verified(input).await;
    assert_eq!(again.outcome, CheckoutOutcome::Confirmed, "{}", told(&again));
    assert_eq!(
        shop.ledger
            .check(shop.clock.now())
            .await
            .expect("the ledger is there"),
        []
    );
}

#[tokio::test(start_paused = true)]
async fn a_silent_system_leaves_the_cart_unverified() {
    type Of = fn(&Shop) -> &Desk;
    let systems: [(Of, PortLookup); 5] = [
        (|shop| &shop.catalog.desk, PortLookup::Variants),
        (|shop| &shop.prices.desk, PortLookup::Prices),
        (|shop| &shop.wms.desk, PortLookup::Stock),
        (|shop| &shop.depot.desk, PortLookup::Stock),
        (|shop| &shop.wms.desk, PortLookup::Reserve),
    ];
    for (desk, lookup) in systems {
        for fault in [Fault::Down, Fault::LoseAnswer, Fault::Hang] {
            let shop = shop();
            desk(&shop).next(lookup, fault);
            check_unverified(&shop, cart("k", &both())).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_crm_leaves_a_customers_cart_unverified_and_a_guests_alone() {
    let shop = shop();
    shop.crm
        .records
        .lock()
        .expect("whole")
        .insert("C-1".into(), Default::default());
    shop.crm.desk.next(PortLookup::Customers, Fault::Down);
    let guest = shop.verified(cart("k", &both())).await;
    assert_eq!(guest.outcome, CheckoutOutcome::Confirmed);
    let context = shop.context(Some("C-1"));
    let input = VerifyInput {
        checkout_id: "cart-2".into(),
        ..cart("k", &[line("A", "0.5")])
    };
    let payload = shop.checkout.verify(&context, input).await;
    let outcome = payload.verification.expect("a verification").outcome;
    assert_eq!(outcome, CheckoutOutcome::Unverified);
}

#[tokio::test(start_paused = true)]
async fn a_silent_warehouse_that_is_not_needed_changes_nothing() {
    let shop = shop();
    shop.depot.desk.next(PortLookup::Stock, Fault::Down);
    let verification = shop.verified(cart("k", &[line("A", "5")])).await;
    assert_eq!(told(&verification), "Confirmed; A Ok 5/5 @8.00 [WH-1 5 System]");
}

#[tokio::test(start_paused = true)]
async fn a_silent_warehouse_is_never_read_as_empty() {
    let shop = shop();
    shop.depot.desk.next(PortLookup::Stock, Fault::Down);
    let either_way = LineInput {
        accept_partial: true,
        accept_backorder: true,
        ..line("A", "6")
    };
    let verification = shop.verified(cart("k", &[either_way])).await;
    assert_eq!(told(&verification), "Unverified; A Unverified 0/6 @8.00");
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_anyhow_is_told_beside_a_silent_system() {
    let shop = shop();
    shop.prices.desk.next(PortLookup::Prices, Fault::Down);
    let verification = shop.verified(cart("k", &[line("A", "1"), line("X", "1")])).await;
    assert_eq!(
        told(&verification),
        "Unverified; A Unverified 0/1; X UnknownSku 0/1"
    );
    let warned: Vec<_> = verification
        .warnings
        .iter()
        .map(|warning| warning.line_id.clone())
        .collect();
    assert_eq!(warned, [Some("A".into())]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_system_does_not_cost_a_cart_the_hold_it_has() {
    let shop = shop();
    let held = shop.verified(cart("1", &both())).await;
    shop.wms.desk.next(PortLookup::Stock, Fault::Hang);
    let silent = shop.verified(cart("2", &both())).await;
    assert_eq!(silent.outcome, CheckoutOutcome::Unverified);
    assert_eq!(shop.wms.reserved("A"), number("5"));
    let token = held.token.expect("it was confirmed");
    let extended = shop.checkout.extend(&shop.context(None), &token, None).await;
    assert!(extended.verification.is_some(), "{:?}", extended.user_errors);
}

#[tokio::test(start_paused = true)]
async fn a_reservation_whose_answer_was_lost_is_given_back_later() {
    let shop = shop();
    shop.wms.desk.next(PortLookup::Reserve, Fault::LoseAnswer);
    let verification = shop.verified(cart("k", &both())).await;
    assert_eq!(verification.outcome, CheckoutOutcome::Unverified);
    assert_eq!(shop.wms.reserved("A"), number("5"), "it was made");
    assert!(
        shop.ledger
            .leases(shop.clock.now())
            .await
            .expect("the ledger is there")
            .is_empty()
    );
    shop.give_back_ended().await;
    assert_eq!(shop.wms.reserved("A"), number("0"), "and given back");
    shop.give_back_ended().await;
    assert_eq!(shop.wms.desk.calls(PortLookup::ReleaseReservation), 1, "once");
}

#[tokio::test(start_paused = true)]
async fn a_reservation_that_cannot_be_given_back_now_is_given_back_later() {
    let shop = shop();
    shop.verified(cart("1", &[line("A", "1")])).await;
    shop.wms.desk.next(PortLookup::ReleaseReservation, Fault::Down);
    let verification = shop.verified(cart("2", &[line("A", "1")])).await;
    assert_eq!(verification.outcome, CheckoutOutcome::Confirmed);
    assert_eq!(shop.wms.references().len(), 2);
    shop.give_back_ended().await;
    assert_eq!(shop.wms.references().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_carts_own_reservation_that_cannot_be_given_back_leaves_it_unverified() {
    let shop = shop();
    shop.verified(cart("1", &both())).await;
    shop.wms.desk.next(PortLookup::ReleaseReservation, Fault::Down);
    check_unverified(&shop, cart("2", &both())).await;
}

/// A second system that reserves, with 5 of B.
fn with_second_system() -> (Shop, Arc<Warehouse>) {
    let north = Arc::new(Warehouse::new("north", &["DEP"], Clock::new()));
    north.put("B", "DEP", 5);
    let shop = Shop::with(PriceMode::Rows, |systems| {
        systems.stock[1] = StockSystem {
            port: north.clone(),
            reservations: Some(north.clone()),
            promise: StockPromise::AtomicReservation,
            reflects_after: Duration::ZERO,
        };
    });
    shop.sells("A").sells("B");
    shop.wms.put("A", "WH-1", 5);
    (shop, north)
}

#[tokio::test(start_paused = true)]
async fn of_two_systems_both_reserve_or_neither_does() {
    let lines = [line("A", "5"), line("B", "5")];
    let (shop, north) = with_second_system();
    let verification = shop.verified(cart("k", &lines)).await;
    assert_eq!(
        told(&verification),
        "Confirmed; A Ok 5/5 @8.00 [WH-1 5 System]; B Ok 5/5 @8.00 [DEP 5 System]"
    );
    assert_eq!(shop.wms.references(), north.references());

    let (shop, north) = with_second_system();
    north.refuse(u32::MAX);
    let verification = shop.verified(cart("k", &lines)).await;
    assert_eq!(
        told(&verification),
        "Rejected; A Ok 5/5 @8.00 [WH-1 5 None]; B OutOfStock 0/5 @8.00"
    );
    assert!(shop.wms.references().is_empty(), "given back at once");

    for fault in [Fault::Down, Fault::LoseAnswer] {
        let (shop, north) = with_second_system();
        north.desk.next(PortLookup::Reserve, fault);
        let verification = shop.verified(cart("k", &lines)).await;
        assert_eq!(verification.outcome, CheckoutOutcome::Unverified);
        assert!(shop.wms.references().is_empty(), "given back at once");
        shop.give_back_ended().await;
        assert!(north.references().is_empty(), "given back later");
        let again = shop.verified(cart("k", &lines)).await;
        assert_eq!(again.outcome, CheckoutOutcome::Confirmed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_verification_that_is_cut_off_leaves_nothing_for_good() {
    let shop = shop();
    shop.wms.desk.next(PortLookup::Reserve, Fault::Hang);
    let input = cart("k", &both());
    let cut = tokio::time::timeout(Duration::from_secs(1), shop.verify(input.clone())).await;
    assert!(cut.is_err(), "it was cut off while the system was asked");
    tokio::time::advance(Duration::from_secs(15)).await;
    let again = shop.verified(input).await;
    assert_eq!(
        again.outcome,
        CheckoutOutcome::Confirmed,
        "its key and its own hold are free again"
    );
}

#[tokio::test(start_paused = true)]
async fn of_two_verifications_of_one_cart_at_once_the_later_one_holds() {
    let shop = shop();
    shop.wms.desk.next(PortLookup::Reserve, Fault::Slow);
    let second = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        shop.verified(cart("2", &both())).await
    };
    let (first, second) = tokio::join!(shop.verified(cart("1", &both())), second);
    assert_eq!(first.outcome, CheckoutOutcome::Unverified, "{}", told(&first));
    assert_eq!(first.token, None);
    assert_eq!(second.outcome, CheckoutOutcome::Confirmed, "{}", told(&second));
    assert_eq!(shop.wms.references().len(), 1);
    assert_eq!(shop.wms.reserved("A"), number("5"));
    let token = second.token.expect("it is confirmed");
    assert!(shop.checkout.release(&shop.context(None), &token).await.released);
    assert_eq!(shop.wms.reserved("A"), number("0"), "and it was the later one's");
}
