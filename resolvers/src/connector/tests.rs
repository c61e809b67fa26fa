//! How mappings are compiled, how requests are escaped and how answers are read, for the presets and for odd answers.

mod act_mistakes;
mod answers;
mod bc_ordering;
mod checkout_guide;
mod checks;
mod customers;
mod escaping;
mod guide;
mod hostile;
mod made_of;
mod mistakes;
mod order_lists;
mod order_mistakes;
mod order_paging;
mod own_prices;
mod paying;
mod presets;
mod recordings;
mod sales;
mod tryton_ordering;
mod tryton_orders;

use std::sync::Arc;

use serde_json::Value as Json;
use skuery_schema::ids::{Currency, SystemName};

use crate::connector::System;
use crate::connector::config::{ConfigError, SystemConfig};
use crate::port::{Locales, PriceGroup};

/// Builds a system from its configuration as text; every secret has a value.
fn build(yaml: &str) -> Result<System, ConfigError> {
    let config: SystemConfig = serde_saphyr::from_str(yaml).expect("a configuration");
    let env = |name: &str| Some(format!("value of {name}"));
    System::build(SystemName::new("it"), &config, &env)
}

fn locales(languages: &[&str]) -> Locales {
    Locales(languages.iter().map(|language| Arc::from(*language)).collect())
}

fn moment(text: &str) -> jiff::Timestamp {
    text.parse().expect("a point in time")
}

fn group(price_list: Option<&str>, currency: &str, quantity: Option<i64>) -> PriceGroup {
    PriceGroup {
        customer: None,
        price_list: price_list.map(Into::into),
        currency: Currency::parse(currency).expect("a currency"),
        quantity: quantity.map(Into::into),
        unit: None,
        date: None,
    }
}

/// A recording's file beside its preset.
fn recording(preset: &str, name: &str) -> Json {
    let path = format!(
        "{}/presets/{preset}/recordings/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).expect("a recording");
    serde_json::from_str(&text).expect("JSON")
}
