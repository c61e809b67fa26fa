//! One depot that tells all there is to tell of its stock: what shoppers and staff see of it, and when it delivers.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use skuery::demo::Demo;
use skuery_resolvers::commerce::gateway::{Gateway, GraphqlRequest};
use skuery_resolvers::commerce::identity::{Identity, Permissions};

use crate::direct::{execute, gateway};
use crate::script::{Reply, Script};

const STOCK: &str = r#"{ variant(sku: "MC-10008-WHT-M") { availability {
    status quantity quantityDisplay exactness nextRestock { date quantity }
    levels { available onHand reserved incoming { date quantity } }
    estimatedDelivery { earliest latest } } } }"#;

/// The system of the depot, in the form of a configuration.
const SYSTEM: &str = "
  shed:
    connector: rest
    url: ${depot}
    upstream: { attempt_timeout_ms: 30000, queue_timeout_ms: 30000, connect_timeout_ms: 10000 }
    locations: { DEPOT: D1 }
    mapping:
      inline:
        summary: A depot
        protocol: rest
        lookups:
          stock:
            keys: { max: 50 }
            request: { path: /stock, query: [[sku, { each: \"{{ keys }}\" }]] }
            answer:
              items: stock
              key: { path: sku }
              fields:
                location: { path: place }
                available: { path: free }
                on_hand: { path: there }
                reserved: { path: taken }
                incoming_date: { path: comes }
                incoming_quantity: { path: coming }

locations:
  DEPOT:
    name: Depot
    delivery: ${delivery}
";

struct Depot {
    script: Script,
    gateway: Gateway,
    _demo: Demo,
}

impl Depot {
    /// With channels of these names and ways to show stock.
    async fn start(free: i64, delivery: &str, channels: &[(&str, &str)]) -> Self {
        let stock = json!({ "stock": [{
            "sku": "MC-10008-WHT-M", "place": "D1", "free": free, "there": 90, "taken": 50,
            // The first Friday of its year.
            "comes": "2099-01-02", "coming": 70,
        }] });
        let script = Script::start(Reply::json(stock.to_string())).await;
        let mut own = "\nchannels:\n".to_owned();
        for (name, more) in channels {
            own +=
                &format!("  {name}: {{ languages: [sv, en], currency: SEK, locations: [DEPOT], {more} }}\n");
        }
        let system = SYSTEM
            .replace("${depot}", &script.url)
            .replace("${delivery}", delivery);
        let (demo, gateway) = gateway(|yaml| {
            let yaml = yaml
                .replacen("\nlocations:\n", &system, 1)
                .replacen("\nchannels:\n", &own, 1);
            format!("limits: {{ deadline_ms: 60000 }}\n{yaml}{}", crate::shop::LONG)
        })
        .await;
        Self {
            script,
            gateway,
            _demo: demo,
        }
    }

    async fn ask(&self, channel: &str, in_context: &str, staff: bool) -> Value {
        let identity = Identity {
            subject: "somebody".into(),
            customer: None,
            company: None,
            price_list: None,
            channels: Vec::new(),
            permissions: Permissions {
                approver: true,
                staff,
            },
            expires: Timestamp::MAX,
        };
        let request = GraphqlRequest {
            query: format!("query {in_context} {STOCK}"),
            channel: Some(channel.to_owned()),
            identity: Some(Arc::new(identity)),
            ..GraphqlRequest::default()
        };
        execute(&self.gateway, &request).await["variant"]["availability"].clone()
    }
}

const NO_DELIVERY: &str = "null";

#[tokio::test]
async fn staff_sees_every_figure_and_nobody_else_does_from_one_call() {
    let displays = [
        ("exact", "stock_display: { kind: exact }"),
        ("capped", "stock_display: { kind: capped, cap: 20 }"),
        ("worded", "stock_display: { kind: banded }"),
        ("signed", "stock_display: { kind: symbols }"),
        ("hidden", "stock_display: { kind: hidden }"),
    ];
    let depot = Depot::start(40, NO_DELIVERY, &displays).await;
    let restock = |quantity: Option<&str>| json!({ "date": "2099-01-02", "quantity": quantity });
    let full = json!({
        "status": "IN_STOCK", "quantity": "40", "quantityDisplay": "40", "exactness": "EXACT",
        "nextRestock": restock(Some("70")),
        "levels": [{ "available": "40", "onHand": "90", "reserved": "50", "incoming": [restock(Some("70"))] }],
        "estimatedDelivery": null,
    });
    for (channel, quantity, printed, exactness, incoming) in [
        ("hidden", None, None, "HIDDEN", None),
        ("worded", None, Some("In stock"), "BANDED", None),
        ("signed", None, Some("●●●"), "BANDED", None),
        ("capped", Some("20"), Some("20+"), "CAPPED", None),
        ("exact", Some("40"), Some("40"), "EXACT", Some("70")),
    ] {
        let shown = json!({
            "status": "IN_STOCK", "quantity": quantity, "quantityDisplay": printed, "exactness": exactness,
            "nextRestock": restock(incoming),
            "levels": [{
                "available": quantity, "onHand": null, "reserved": null, "incoming": [restock(incoming)],
            }],
            "estimatedDelivery": null,
        });
        // In both orders: neither finds what was made for the other.
        for _ in 0..2 {
            assert_eq!(depot.ask(channel, "", true).await, full, "{channel}");
            assert_eq!(depot.ask(channel, "", false).await, shown, "{channel}");
        }
    }
    assert_eq!(depot.script.requests(), ["GET /stock?sku=MC-10008-WHT-M"]);
}

#[tokio::test]
async fn a_backorder_is_delivered_after_its_goods_have_come() {
    let delivery = "{ cut_off: '15:00', holidays: [2099-01-06], transit_days: { SE: [1, 2], DE: [2, 3] } }";
    let channels = [
        ("north", "countries: [SE, DE, FR], backorders: true"),
        ("anywhere", "backorders: true"),
        ("stock", "countries: [SE]"),
    ];
    let depot = Depot::start(0, delivery, &channels).await;
    let days = |earliest: &str, latest: &str| json!({ "earliest": earliest, "latest": latest });
    for (channel, in_context, expected) in [
        // The channel's first country; Tuesday 6 January is a holiday.
        ("north", "", days("2099-01-05", "2099-01-07")),
        (
            "north",
            "@inContext(country: \"DE\")",
            days("2099-01-07", "2099-01-08"),
        ),
        ("north", "@inContext(country: \"FR\")", Value::Null),
        ("anywhere", "", Value::Null),
        (
            "anywhere",
            "@inContext(country: \"SE\")",
            days("2099-01-05", "2099-01-07"),
        ),
        // Nothing can be ordered.
        ("stock", "", Value::Null),
    ] {
        let stock = depot.ask(channel, in_context, false).await;
        assert_eq!(
            stock["estimatedDelivery"], expected,
            "{channel} {in_context}: {stock}"
        );
    }
}

#[tokio::test]
async fn what_is_in_stock_is_delivered_from_now_on_in_the_zone_of_its_location() {
    // Works every day, and every order comes after the cut-off: it leaves tomorrow.
    let delivery = "{ cut_off: '00:00', working_days: [mon, tue, wed, thu, fri, sat, sun],
        transit_days: { default: [1, 3] }, handling_days: 1 }
    time_zone: Pacific/Kiritimati";
    let depot = Depot::start(40, delivery, &[("north", "countries: [SE]")]).await;
    let today = || {
        Timestamp::now()
            .in_tz("Pacific/Kiritimati")
            .expect("a zone")
            .date()
    };
    let before = today();
    let stock = depot.ask("north", "", false).await;
    let after = today();
    let day = |name: &str| -> Date {
        let day = stock["estimatedDelivery"][name].as_str();
        day.expect("a day").parse().expect("a day")
    };
    let (earliest, latest) = (day("earliest"), day("latest"));
    assert!(
        (before + 3.days()..=after + 3.days()).contains(&earliest),
        "{earliest} on {before}"
    );
    assert_eq!(latest, earliest + 2.days());
}

#[tokio::test]
async fn no_figure_means_no_day_of_delivery() {
    let delivery = "{ cut_off: '15:00', transit_days: { default: [1, 2] } }";
    let depot = Depot::start(0, delivery, &[("north", "backorders: true")]).await;
    // An article that the depot does not list.
    depot.script.say(Reply::json("{\"stock\":[]}"));
    let stock = depot.ask("north", "", false).await;
    assert_eq!(stock["status"], "UNKNOWN");
    assert_eq!(stock["estimatedDelivery"], Value::Null);
}
