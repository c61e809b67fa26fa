//! Systems as the configuration names them: a mapping file turned into ports behind one upstream.

pub mod config;
pub mod mapping;

mod build;
mod check;
mod made_of;
mod presets;
mod promise;

mod catalog;
mod customers;
mod order_entry;
mod orders;
mod payments;
mod prices;
mod reservations;
mod stock;

mod act;
mod compile;
mod machine;
mod minor_units;
mod table;

mod request;
mod template;
mod tree;
mod vars;

mod address;
mod answer;
mod content;
mod convert;
mod decode;
mod document;
mod field;
mod jq;
mod languages;
mod nested;
mod node;
mod order_record;
mod path;
mod reader;
mod record;
mod shipments;
mod value_list;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use skuery_schema::ids::{Currency, PriceListCode, Sku, SystemName};

use crate::connector::config::{ConfigError, Role, SystemConfig};
use crate::connector::made_of::MadeOf;
use crate::door::Upstream;
use crate::port::customers::Customers;
use crate::port::order_entry::OrderEntry;
use crate::port::orders::Orders;
use crate::port::payments::Payments;
use crate::port::reservations::Reservations;
use crate::port::{Call, Catalog, Prices, Stock};

/// One configured system, ready to be asked.
#[derive(Clone)]
pub struct System {
    /// Its configured name.
    pub name: SystemName,
    /// The preset's name, `rest` or `jsonrpc`.
    pub connector: String,
    /// What it is asked for.
    pub roles: Vec<Role>,
    /// The catalogue, if that is one of its roles.
    pub catalog: Option<Arc<dyn Catalog>>,
    /// Prices, if that is one of its roles.
    pub prices: Option<Arc<dyn Prices>>,
    /// Stock, if that is one of its roles.
    pub stock: Option<Arc<dyn Stock>>,
    /// Customers, if that is one of its roles.
    pub customers: Option<Arc<dyn Customers>>,
    /// Orders, if that is one of its roles.
    pub orders: Option<Arc<dyn Orders>>,
    /// Where orders are handed to it.
    pub order_entry: Option<Arc<dyn OrderEntry>>,
    /// Where it sets stock aside.
    pub reservations: Option<Arc<dyn Reservations>>,
    /// Payment authorisations, if that is one of its roles.
    pub payments: Option<Arc<dyn Payments>>,
    /// The door to it, for its counters.
    pub upstream: Upstream,
    machine: Arc<machine::Machine>,
    made_of: Arc<MadeOf>,
}

/// One thing tried at start, and how it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// What was tried, such as `login` or `stock`.
    pub name: String,
    /// What was seen, or what is wrong.
    pub outcome: Result<String, String>,
}

impl System {
    /// Checks the configuration and makes the system. Nothing is sent yet. `env` is asked for secrets by name.
    pub fn build(
        name: SystemName,
        config: &SystemConfig,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        build::system(name, config, env)
    }

    /// Whether another one of the same name was made of the same: address, settings, secrets, mapping and all.
    pub fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.made_of == other.made_of
    }

    /// Tries what the system will be needed for: the login, the tables, one question for each role.
    pub async fn check(&self, call: Call) -> Vec<CheckResult> {
        check::all(self, &self.machine, call).await
    }

    /// Tries a price list that somebody is to buy by; `None` for a system without prices.
    pub async fn check_price_list(
        &self,
        call: Call,
        list: Option<&PriceListCode>,
        currency: Currency,
    ) -> Option<CheckResult> {
        let prices = self.prices.as_ref()?;
        Some(check::price_list(&**prices, &self.machine, call, list, currency).await)
    }

    /// This system's key of an article; `None` where its `identity.sku` makes no key of this SKU.
    pub fn external_sku(&self, sku: &Sku) -> Option<String> {
        self.machine.sku_key(sku.as_str()).ok()
    }
}

/// The names of all presets.
pub fn preset_names() -> impl Iterator<Item = &'static str> {
    presets::names()
}
