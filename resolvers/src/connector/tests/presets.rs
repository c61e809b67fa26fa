//! Every preset compiles with its least settings.

use serde_json::json;
use skuery_schema::ids::SystemName;

use crate::connector::System;
use crate::connector::config::{Role, SystemConfig};

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
