//! What becomes of a checkout's ledger at the start.

use jiff::Timestamp;
use skuery_resolvers::checkout::Worked;
use skuery_resolvers::commerce::gateway::Gateway;

use super::parts_with;
use crate::checks;
use crate::start::with_checkout;

fn section(ledger: &str) -> String {
    format!("  ledger: {ledger}\n  orders: erp\n")
}

#[tokio::test]
async fn a_ledger_that_cannot_be_opened_stops_the_start_and_fails_the_check() {
    let (parts, setup) = parts_with(&section("sqlite:/not/there/ledger.db"));
    let address = setup.as_ref().expect("there is a section").ledger.clone();
    let checked = checks::ledger(&address).await;
    let said = checked.outcome.expect_err("it cannot be opened");
    assert!(said.contains("/not/there"), "{said}");
    let refused = with_checkout(parts, setup)
        .await
        .err()
        .expect("it cannot be opened");
    assert!(refused.to_string().contains("/not/there"), "{refused}");
}

#[tokio::test]
async fn an_opened_ledger_makes_the_gateway_a_checkout_with_nothing_to_do_yet() {
    let directory = std::env::temp_dir().join(format!("skuery-opening-{}", rand::random::<u64>()));
    std::fs::create_dir(&directory).expect("a directory");
    let file = directory.join("ledger.db");
    let (parts, setup) = parts_with(&section(&format!("sqlite:{}", file.display())));
    let parts = with_checkout(parts, setup).await.expect("it is opened");
    let gateway = Gateway::new(parts);
    let till = gateway.till().expect("a checkout");
    let now = Timestamp::now();
    till.renew_leases(now).await.expect("it is read");
    assert_eq!(till.lease_counts(now), (0, 0));
    assert_eq!(till.work(now).await.expect("it is read"), Worked::default());
    till.remove_old(now).await.expect("it is cleared");
    assert!(file.exists());
    drop(gateway);
    std::fs::remove_dir_all(&directory).expect("it is cleared away");
}

#[tokio::test]
async fn without_a_section_nothing_is_opened() {
    let (parts, _) = parts_with(&section("sqlite:ledger.db"));
    let parts = with_checkout(parts, None)
        .await
        .expect("there is nothing to open");
    assert!(Gateway::new(parts).till().is_none());
}
