//! What subscribers are told, over every transport, and what that costs the systems.

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::issuer::issuer;
use crate::portal::{parameter, rows, with_rows};
use crate::script::{Reply, Script};
use crate::shop::{LONG, Shop};
use crate::sign_in::Portal;
use crate::subscriber::{Subscriber, Told, WAYS, Way};

const HELMET: &str = "MC-10008-WHT-M";
const LARGER: &str = "MC-10008-WHT-L";

/// As often as is allowed, so that specs need not wait long; nothing is timed by it.
pub(crate) const OFTEN: &str = "subscriptions: { poll_least_secs: 1, poll_most_secs: 1 }\n";

fn stock(skus: &[&str]) -> String {
    format!(
        "subscription {{ availabilityChanged(skus: {skus:?}) {{ sku availability {{ status quantity }} }} }}"
    )
}

/// What an event tells of stock, in a line.
fn line(data: &Value) -> String {
    let change = &data["availabilityChanged"];
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let stock = &change["availability"];
    [&change["sku"], &stock["status"], &stock["quantity"]]
        .map(text)
        .join(" ")
}

async fn shop() -> Shop {
    Shop::with(|yaml| format!("{yaml}{LONG}{OFTEN}")).await
}

fn set(shop: &Shop, sku: &str, quantity: u32) {
    shop.turn("wms", json!({ "stock": { sku: quantity } }));
}

/// The keys that are polled for, as the metrics tell.
async fn watched(shop: &Shop) -> Vec<String> {
    let answer = shop.get("/metrics").send().await.expect("an answer");
    let text = answer.text().await.expect("text");
    let lines = text
        .lines()
        .filter(|line| line.starts_with("skuery_watched_keys{"));
    let lines = lines.filter(|line| !line.ends_with(" 0"));
    lines
        .map(|line| line["skuery_watched_keys".len()..].to_owned())
        .collect()
}

#[tokio::test]
async fn the_first_events_are_the_current_state_of_each_article() {
    let shop = shop().await;
    shop.plenty(&[HELMET]);
    set(&shop, LARGER, 0);
    for way in WAYS {
        let mut subscriber = Subscriber::open(&shop, way, &stock(&[HELMET, LARGER, HELMET])).await;
        let mut first = [line(&subscriber.data().await), line(&subscriber.data().await)];
        first.sort();
        assert_eq!(
            first,
            [
                format!("{LARGER} OUT_OF_STOCK 0"),
                format!("{HELMET} IN_STOCK 500")
            ],
            "{way:?}"
        );
    }
}

#[tokio::test]
async fn a_change_is_told_once_to_all_who_watch_and_to_nobody_else() {
    let shop = shop().await;
    shop.plenty(&[HELMET, LARGER]);
    let mut all = Vec::new();
    for way in WAYS {
        let mut watches = Subscriber::open(&shop, way, &stock(&[HELMET])).await;
        let mut other = Subscriber::open(&shop, way, &stock(&[LARGER])).await;
        assert_eq!(line(&watches.data().await), format!("{HELMET} IN_STOCK 500"));
        assert_eq!(line(&other.data().await), format!("{LARGER} IN_STOCK 500"));
        all.push((watches, other));
    }
    for quantity in [3, 2] {
        set(&shop, HELMET, quantity);
        for (watches, _) in &mut all {
            let told = line(&watches.data().await);
            assert_eq!(told, format!("{HELMET} LOW_STOCK {quantity}"));
        }
    }
    set(&shop, LARGER, 0);
    for (_, other) in &mut all {
        assert_eq!(line(&other.data().await), format!("{LARGER} OUT_OF_STOCK 0"));
    }
}

#[tokio::test]
async fn all_subscribers_of_an_article_cost_the_calls_of_one() {
    const EACH: u32 = 100;
    let shop = shop().await;
    shop.plenty(&[HELMET]);
    shop.calls();
    let since = Instant::now();
    let mut all = Vec::new();
    for way in WAYS {
        for _ in 0..EACH {
            let mut subscriber = Subscriber::open(&shop, way, &stock(&[HELMET])).await;
            subscriber.data().await;
            all.push(subscriber);
        }
    }
    assert_eq!(watched(&shop).await, ["{system=\"wms\",operation=\"stock\"} 1"]);
    set(&shop, HELMET, 3);
    for subscriber in &mut all {
        assert_eq!(line(&subscriber.data().await), format!("{HELMET} LOW_STOCK 3"));
    }
    let calls = shop.system("wms").calls() as u128;
    // The first look, and then no call sooner than three quarters of a second after the one before.
    let most = 2 + since.elapsed().as_millis() / 750;
    assert!(
        calls <= most,
        "{calls} calls, and {most} are what one subscriber may cost"
    );
}

#[tokio::test]
async fn who_leaves_is_polled_for_no_longer() {
    let shop = shop().await;
    for way in WAYS {
        let mut stays = Subscriber::open(&shop, way, &stock(&[HELMET])).await;
        let mut leaves = Subscriber::open(&shop, way, &stock(&[HELMET, LARGER])).await;
        stays.data().await;
        leaves.data().await;
        leaves.data().await;
        assert_eq!(watched(&shop).await, ["{system=\"wms\",operation=\"stock\"} 2"]);
        leaves.leave().await;
        while watched(&shop).await != ["{system=\"wms\",operation=\"stock\"} 1"] {}
        stays.leave().await;
        while !watched(&shop).await.is_empty() {}
    }
}

#[tokio::test]
async fn a_system_that_fails_is_told_as_such_and_never_as_no_stock() {
    for (cache, lost) in [
        ("{ fresh_secs: 1, stale_if_error_secs: 900 }", json!("STALE")),
        ("{ fresh_secs: 1 }", Value::Null),
    ] {
        let shop = Shop::with(|yaml| format!("{yaml}{OFTEN}cache:\n  stock: {cache}\n")).await;
        shop.plenty(&[HELMET]);
        let query = format!(
            "subscription {{ availabilityChanged(skus: [{HELMET:?}]) {{ availability {{ quantity freshness {{ state }} }} }} }}"
        );
        let mut all = Vec::new();
        for way in WAYS {
            let mut subscriber = Subscriber::open(&shop, way, &query).await;
            subscriber.data().await;
            all.push(subscriber);
        }
        shop.set_down("wms", true);
        for subscriber in &mut all {
            let Told::Next(response) = subscriber.told().await else {
                panic!("it goes on");
            };
            let stock = &response["data"]["availabilityChanged"]["availability"];
            assert_eq!(stock["freshness"]["state"], lost, "{response:#}");
            match lost.is_null() {
                true => assert_eq!(response["errors"][0]["extensions"]["system"], "wms"),
                false => assert_eq!(stock["quantity"], "500"),
            }
        }
        set(&shop, HELMET, 7);
        shop.set_down("wms", false);
        for subscriber in &mut all {
            // Whether the system is told well before its stock is, is its caller's affair.
            loop {
                let told = subscriber.data().await;
                let quantity = &told["availabilityChanged"]["availability"]["quantity"];
                if quantity == "7" {
                    break;
                }
                assert_eq!(quantity, "500");
            }
        }
    }
}

const PRICE: &str = r#"subscription { priceChanged(skus: ["MC-10008-WHT-M"]) { sku price { unitPrice { net { amount } } } } }"#;

/// Everything costs ten more.
fn dearer(line: &str) -> Reply {
    let net = match (parameter(line, "customer"), parameter(line, "list")) {
        (Some("C-1"), _) => "81",
        (Some("C-2"), _) => "82",
        (Some(_), _) => return rows(line),
        _ => "110",
    };
    let owner = match (parameter(line, "customer"), parameter(line, "list")) {
        (Some(customer), _) => format!(r#""customer":"{customer}","kind":"contract""#),
        (None, list) => format!(r#""list":"{}""#, list.unwrap_or_default()),
    };
    Reply::json(format!(
        r#"{{"prices":[{{"sku":"{HELMET}","net":{net},"currency":"SEK",{owner}}}]}}"#
    ))
}

#[tokio::test]
async fn everybody_is_told_their_own_price_and_nobody_elses() {
    let erp = Script::start(Reply::By(rows)).await;
    let portal = Portal::with("RS256", |yaml| with_rows(&yaml, &erp.url) + OFTEN).await;
    let token = |customer: &str| issuer().token(json!({ "customer_number": customer }));
    let people = [
        (Some(token("C-1")), "71", "81"),
        (None, "100", "110"),
        (Some(token("C-2")), "72", "82"),
    ];
    let mut all = Vec::new();
    for way in WAYS {
        for (token, now, later) in &people {
            let mut subscriber = Subscriber::open_as(&portal.shop, way, token.as_deref(), PRICE).await;
            let price = subscriber.data().await;
            let net = &price["priceChanged"]["price"]["unitPrice"]["net"]["amount"];
            assert_eq!(net, now, "{way:?}");
            all.push((subscriber, later, way));
        }
    }
    erp.say(Reply::By(dearer));
    for (subscriber, later, way) in &mut all {
        let price = subscriber.data().await;
        let net = &price["priceChanged"]["price"]["unitPrice"]["net"]["amount"];
        assert_eq!(net, *later, "{way:?}");
    }
    for request in erp.requests() {
        let askers = request.matches("customer=").count() + request.matches("list=").count();
        assert_eq!(askers, 1, "{request}");
    }
}

#[tokio::test]
async fn what_is_no_subscription_of_one_field_is_refused() {
    let shop = shop().await;
    let one = "availabilityChanged(skus: [\"MC-10008-WHT-M\"]) { sku }";
    for query in [
        "subscription { __typename }".to_owned(),
        format!("subscription {{ {one} __typename }}"),
        format!("subscription {{ {one} b: {one} }}"),
        format!("subscription {{ {one} ...More }} fragment More on Subscription {{ b: {one} }}"),
        "subscription { availabilityChanged(skus: [\"MC-10008-WHT-M\"]) @skip(if: false) { sku } }"
            .to_owned(),
        format!("subscription {{ ... @include(if: true) {{ {one} }} }}"),
        "subscription { nope }".to_owned(),
        "subscription {".to_owned(),
        "subscription { availabilityChanged(skus: []) { sku } }".to_owned(),
        "subscription { availabilityChanged(skus: 1) { sku } }".to_owned(),
    ] {
        for way in WAYS {
            let mut subscriber = Subscriber::open(&shop, way, &query).await;
            let errors = subscriber.refusal().await;
            let code = errors[0]["extensions"]["code"].as_str();
            let expected = [
                "GRAPHQL_VALIDATION_FAILED",
                "GRAPHQL_PARSE_FAILED",
                "BAD_USER_INPUT",
            ];
            assert!(
                code.is_some_and(|code| expected.contains(&code)),
                "{query}: {errors:#}"
            );
            if way == Way::Sse {
                assert_eq!(subscriber.told().await, Told::Complete);
                assert_eq!(subscriber.told().await, Told::Cut(String::new()));
            }
        }
    }
    assert_eq!(shop.calls(), "pim 0, erp 0, wms 0");
    assert!(watched(&shop).await.is_empty());
}
