//! Prices of signed-in customers: what they share, what is only theirs, and what nobody is shown instead.

use futures_util::future::join_all;

use crate::portal::{Portal, SKUS, parameter, rows};
use crate::script::Reply;

const RETAIL: &str = "GET /prices?list=RETAIL-SEK";
const GOLD: &str = "GET /prices?list=GOLD";
const FIRST: &str = "GET /prices?customer=C-1";
const SECOND: &str = "GET /prices?customer=C-2";

#[tokio::test]
async fn customers_of_one_list_share_its_calls_and_what_is_kept() {
    let portal = Portal::start().await;
    assert_eq!(portal.prices(Some("C-3")).await, "90; 90");
    assert_eq!(portal.asked(), [GOLD]);
    assert_eq!(portal.prices(Some("C-4")).await, "90; 90");
    assert_eq!(portal.prices(Some("C-3")).await, "90; 90");
    assert!(portal.asked().is_empty(), "kept for everybody on the list");
    assert_eq!(portal.crm.calls(), 2, "each customer's record is its own");
}

#[tokio::test]
async fn agreements_are_their_customers_alone_and_the_list_is_shared_all_the_same() {
    let portal = Portal::start().await;
    assert_eq!(portal.prices(Some("C-1")).await, "71; 71");
    assert_eq!(portal.asked(), [FIRST, GOLD]);
    assert_eq!(portal.prices(Some("C-2")).await, "72; 72");
    assert_eq!(portal.asked(), [SECOND]);
    for _ in 0..2 {
        assert_eq!(portal.prices(Some("C-1")).await, "71; 71");
        assert_eq!(portal.prices(Some("C-3")).await, "90; 90");
        assert_eq!(portal.prices(Some("C-2")).await, "72; 72");
        assert_eq!(portal.prices(None).await, "100; 100");
    }
    assert_eq!(portal.asked(), [RETAIL], "the rest is kept, for each its own");
}

#[tokio::test]
async fn who_asks_at_once_is_told_apart() {
    let portal = Portal::start().await;
    let expected = [
        (Some("C-1"), "71; 71"),
        (Some("C-2"), "72; 72"),
        (Some("C-3"), "90; 90"),
        (None, "100; 100"),
    ];
    let asking = (0..40).map(|number| {
        let (customer, prices) = expected[number % expected.len()];
        let portal = &portal;
        async move { assert_eq!(portal.prices(customer).await, prices, "{customer:?}") }
    });
    join_all(asking).await;
    assert_eq!(portal.asked(), [FIRST, SECOND, GOLD, RETAIL]);
}

#[tokio::test]
async fn two_customers_never_ride_in_one_call() {
    let portal = Portal::start().await;
    let one = |customer, sku: &str| {
        let portal = &portal;
        let query =
            format!(r#"{{ variant(sku: "{sku}") {{ price {{ unitPrice {{ net {{ amount }} }} }} }} }}"#);
        async move {
            let answer = portal.ask(Some(customer), &query).await;
            answer.data("variant.price.unitPrice.net.amount").clone()
        }
    };
    let prices = tokio::join!(
        one("C-1", SKUS[0]),
        one("C-2", SKUS[1]),
        one("C-1", SKUS[1]),
        one("C-2", SKUS[0]),
    );
    assert_eq!(prices, ("71".into(), "72".into(), "71".into(), "72".into()));
    for request in portal.script.requests() {
        let named = request.matches("customer=").count();
        let lists = request.matches("list=").count();
        assert_eq!(named + lists, 1, "{request}");
    }
}

#[tokio::test]
async fn who_has_signed_out_pays_the_channels_price() {
    let portal = Portal::start().await;
    assert_eq!(portal.prices(Some("C-1")).await, "71; 71");
    assert_eq!(portal.prices(None).await, "100; 100");
    assert_eq!(portal.prices(Some("C-1")).await, "71; 71");
    assert_eq!(portal.asked(), [FIRST, GOLD, RETAIL]);
}

#[tokio::test]
async fn without_the_customers_record_there_is_no_price_but_there_is_stock() {
    let portal = Portal::start().await;
    // Somebody else's prices are at hand.
    assert_eq!(portal.prices(None).await, "100; 100");
    assert_eq!(portal.prices(Some("C-3")).await, "90; 90");
    portal.asked();
    portal.crm.set_down(true);
    let none = "none; none; variants.0.price SYSTEM_UNAVAILABLE crm retryable; \
                variants.1.price SYSTEM_UNAVAILABLE crm retryable";
    assert_eq!(portal.prices(Some("C-4")).await, none);
    assert_eq!(portal.prices(Some("C-5")).await, none);
    assert!(portal.asked().is_empty(), "no list is asked on suspicion");
    portal.crm.set_down(false);
    assert_eq!(portal.prices(Some("C-4")).await, "90; 90");
}

#[tokio::test]
async fn a_customer_whom_the_system_does_not_know_has_no_price() {
    let portal = Portal::start().await;
    assert_eq!(
        portal.prices(Some("C-404")).await,
        "none; none; variants.0.price SYSTEM_REJECTED crm final; variants.1.price SYSTEM_REJECTED crm final"
    );
    let query =
        r#"{ variant(sku: "MC-10008-WHT-M") { price { kind } product { priceRange { priceQuantity } } } }"#;
    let answer = portal.ask(Some("C-404"), query).await;
    assert_eq!(
        answer.errors(),
        [
            "variant.price SYSTEM_REJECTED crm final",
            "variant.product.priceRange SYSTEM_REJECTED crm final"
        ]
    );
    let message = &answer.body["errors"][0]["message"];
    assert_eq!(message, "crm does not know this customer");
    assert!(portal.asked().is_empty());
}

#[tokio::test]
async fn without_the_customers_own_rows_there_is_no_price() {
    let portal = Portal::start().await;
    portal
        .script
        .say(Reply::By(|line| match parameter(line, "customer") {
            Some(_) => Reply::Status(400, "{}".to_owned()),
            None => rows(line),
        }));
    assert_eq!(
        portal.prices(Some("C-1")).await,
        "none; none; variants.0.price SYSTEM_REJECTED erp final; variants.1.price SYSTEM_REJECTED erp final"
    );
    assert_eq!(portal.prices(Some("C-3")).await, "90; 90", "the list is at hand");
    portal.script.say(Reply::By(rows));
    assert_eq!(portal.prices(Some("C-1")).await, "71; 71");
}

#[tokio::test]
async fn without_the_lists_rows_there_is_no_price_either() {
    let portal = Portal::start().await;
    portal.script.say(Reply::By(|line| match parameter(line, "list") {
        Some(_) => Reply::Status(400, "{}".to_owned()),
        None => rows(line),
    }));
    assert_eq!(
        portal.prices(Some("C-1")).await,
        "none; none; variants.0.price SYSTEM_REJECTED erp final; variants.1.price SYSTEM_REJECTED erp final"
    );
}

#[tokio::test]
async fn a_row_that_names_another_customer_is_nobodys_price() {
    let portal = Portal::start().await;
    portal.script.say(Reply::By(|line| {
        let list = parameter(line, "list").unwrap_or("X");
        let rows = SKUS.map(|sku| {
            format!(
                r#"{{"sku":"{sku}","net":1,"currency":"SEK","customer":"C-2"}},
                   {{"sku":"{sku}","net":90,"currency":"SEK","list":"{list}"}}"#
            )
        });
        Reply::json(format!(r#"{{"prices":[{}]}}"#, rows.join(",")))
    }));
    assert_eq!(portal.prices(Some("C-1")).await, "90; 90");
    assert_eq!(portal.prices(None).await, "90; 90");
    assert_eq!(portal.prices(Some("C-2")).await, "1; 1");
}

#[tokio::test]
async fn the_customer_is_asked_for_beside_everything_that_can_do_without() {
    let portal = Portal::start().await;
    let query = |sku: &str| {
        format!(r#"{{ variant(sku: "{sku}") {{ name price {{ kind }} availability {{ quantity }} }} }}"#)
    };
    let cold = portal.ask(Some("C-1"), &query(SKUS[0])).await;
    assert_eq!(cold.data("variant.price.kind"), "CONTRACT");
    assert_eq!(cold.waves(), 2);
    let warm = portal.ask(Some("C-1"), &query(SKUS[1])).await;
    assert_eq!(warm.data("variant.price.kind"), "CONTRACT");
    assert_eq!(
        warm.waves(),
        1,
        "the list and the agreements are asked for at once"
    );
    let warmer = portal.ask(Some("C-1"), &query(SKUS[1])).await;
    assert_eq!(warmer.waves(), 0);
}
