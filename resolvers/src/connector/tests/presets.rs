//! Every preset compiles with its least settings.

use std::time::Duration;

use serde_json::json;
use skuery_schema::ids::SystemName;

use crate::connector::System;
use crate::connector::config::{Role, SystemConfig};
use crate::port::order_entry::{ExternalNumber, OrderPromise};

fn check(config: serde_json::Value, roles: &[Role]) {
    let text = config.to_string();
    let config: SystemConfig = serde_saphyr::from_str(&text).expect("a configuration");
    let env = |name: &str| Some(format!("value of {name}"));
    let system = System::build(SystemName::new("it"), &config, &env).expect("a system");
    assert_eq!(system.roles, roles);
}

#[tokio::test]
async fn every_preset_compiles_with_its_least_settings() {
    check(
        json!({"connector": "akeneo", "url": "https://pim.example",
            "auth": {"client_id": "a", "client_secret": {"env": "B"}, "login": "c", "password": {"env": "D"}}}),
        &[Role::Catalog],
    );
    check(
        json!({"connector": "business-central", "url": "https://erp.example",
            "auth": {"client_id": "a", "client_secret": {"env": "B"}},
            "settings": {"tenant": "t", "company": "c", "currency": "SEK", "token_url": "/token"}}),
        &[Role::Catalog, Role::Prices, Role::Customers, Role::Orders],
    );
    check(
        json!({"connector": "ongoing", "url": "https://wms.example",
            "auth": {"login": "a", "password": {"env": "B"}}, "settings": {"goods_owner_id": 7}}),
        &[Role::Stock],
    );
    check(
        json!({"connector": "stripe", "url": "https://api.stripe.com", "auth": {"token": {"env": "A"}}}),
        &[Role::Payments],
    );
    check(
        json!({"connector": "tryton", "url": "http://127.0.0.1:18000",
            "auth": {"login": "a", "password": {"env": "B"}}, "settings": {"database": "tryton"}}),
        &[
            Role::Catalog,
            Role::Prices,
            Role::Stock,
            Role::Customers,
            Role::Orders,
        ],
    );
}

#[tokio::test]
async fn presets_do_what_their_systems_can_and_no_more() {
    let does = |config: serde_json::Value| {
        let config: SystemConfig = serde_saphyr::from_str(&config.to_string()).expect("a configuration");
        let env = |name: &str| Some(format!("value of {name}"));
        let system = System::build(SystemName::new("it"), &config, &env).expect("a system");
        (
            system.order_entry.map(|orders| orders.order_promise()),
            system.reservations.is_some(),
            system.payments.is_some(),
        )
    };
    let searchable = Some(OrderPromise {
        external_number: ExternalNumber::Searchable,
        rejects_oversell: false,
        visibility_delay: Duration::ZERO,
    });
    let bc = json!({"connector": "business-central", "url": "https://erp.example",
        "auth": {"client_id": "a", "client_secret": {"env": "B"}},
        "settings": {"tenant": "t", "company": "c", "currency": "SEK", "token_url": "/token"}});
    assert_eq!(does(bc.clone()), (searchable, false, false));
    let tryton = json!({"connector": "tryton", "url": "http://127.0.0.1:18000",
        "auth": {"login": "a", "password": {"env": "B"}}, "settings": {"database": "tryton"}});
    assert_eq!(does(tryton), (searchable, false, false));
    let ongoing = json!({"connector": "ongoing", "url": "https://wms.example",
        "auth": {"login": "a", "password": {"env": "B"}}, "settings": {"goods_owner_id": 7}});
    assert_eq!(does(ongoing), (None, false, false));
    let stripe =
        json!({"connector": "stripe", "url": "https://api.stripe.com", "auth": {"token": {"env": "A"}}});
    assert_eq!(does(stripe), (None, false, true));

    let mut own = bc.clone();
    own["checkout"] = json!({"rejects_oversell": true, "visibility_delay_ms": 1500});
    let promise = does(own).0.expect("it takes orders");
    assert!(promise.rejects_oversell);
    assert_eq!(promise.visibility_delay, Duration::from_millis(1500));
    let mut without = bc;
    without["roles"] = json!(["prices"]);
    assert_eq!(does(without).0, None, "only with the role orders");
}
