//! The configuration's `orders` section: which system is believed in what.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use skuery_resolvers::commerce::orders::rules::{FieldGroup, OrderRules};
use skuery_schema::ids::SystemName;

/// The longest join window, in hours: as far as every page reads beyond its border.
const LONGEST_WINDOW: u32 = 31 * 24;

/// How orders of several systems are put together.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrdersConfig {
    /// Systems, the most trusted first. Those not named follow in the order of their names.
    pub precedence: Vec<SystemName>,
    /// Systems that come before `precedence` for some fields.
    pub fields: OrderFieldsConfig,
    /// How far apart the systems may date the same order.
    pub join_window_hours: u32,
}

/// Systems that come first, by group of fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrderFieldsConfig {
    /// Number, system, time, channel.
    pub identity: Vec<SystemName>,
    /// How far it is.
    pub status: Vec<SystemName>,
    /// Whether it is paid.
    pub payment_status: Vec<SystemName>,
    /// Whether it is delivered.
    pub fulfillment_status: Vec<SystemName>,
    /// Its lines.
    pub lines: Vec<SystemName>,
    /// Its sums.
    pub totals: Vec<SystemName>,
    /// Its addresses.
    pub addresses: Vec<SystemName>,
    /// Its shipments.
    pub fulfillments: Vec<SystemName>,
    /// Its documents.
    pub documents: Vec<SystemName>,
    /// The customer's own reference.
    pub customer_reference: Vec<SystemName>,
}

impl Default for OrdersConfig {
    fn default() -> Self {
        Self {
            precedence: Vec::new(),
            fields: OrderFieldsConfig::default(),
            join_window_hours: 72,
        }
    }
}

impl OrderFieldsConfig {
    fn of(&self, group: FieldGroup) -> &[SystemName] {
        match group {
            FieldGroup::Identity => &self.identity,
            FieldGroup::Status => &self.status,
            FieldGroup::PaymentStatus => &self.payment_status,
            FieldGroup::FulfillmentStatus => &self.fulfillment_status,
            FieldGroup::Lines => &self.lines,
            FieldGroup::Totals => &self.totals,
            FieldGroup::Addresses => &self.addresses,
            FieldGroup::Fulfillments => &self.fulfillments,
            FieldGroup::Documents => &self.documents,
            FieldGroup::CustomerReference => &self.customer_reference,
        }
    }
}

impl OrdersConfig {
    /// The rules; or the key and what is wrong with it.
    pub(super) fn rules<S>(&self, systems: &BTreeMap<SystemName, S>) -> Result<OrderRules, (String, String)> {
        let check = |path: String, named: &[SystemName]| {
            for (index, name) in named.iter().enumerate() {
                if !systems.contains_key(name) {
                    let known: Vec<&str> = systems.keys().map(SystemName::as_str).collect();
                    let problem = format!("`{name}` is not one of the systems: {}", known.join(", "));
                    return Err((path, problem));
                }
                if named[..index].contains(name) {
                    return Err((path, format!("`{name}` stands there twice")));
                }
            }
            Ok(())
        };
        check("orders.precedence".to_owned(), &self.precedence)?;
        let mut fields = BTreeMap::new();
        for group in FieldGroup::ALL {
            let named = self.fields.of(group);
            check(format!("orders.fields.{}", group.as_str()), named)?;
            if !named.is_empty() {
                fields.insert(group, named.to_vec());
            }
        }
        if self.join_window_hours > LONGEST_WINDOW {
            let problem = format!(
                "{} is not allowed, use at most {LONGEST_WINDOW}",
                self.join_window_hours
            );
            return Err(("orders.join_window_hours".to_owned(), problem));
        }
        Ok(OrderRules {
            precedence: self.precedence.clone(),
            fields,
            join_window: Duration::from_secs(u64::from(self.join_window_hours) * 3600),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, build};

    /// What is said of a configuration with this `orders` section, which begins on line 9.
    fn refused(orders: &str) -> String {
        let text = format!(
            "systems:
  erp:
    connector: ongoing
    url: http://127.0.0.1:9
    roles: []
    auth: {{ login: it, password: {{ env: PASSWORD }} }}
    settings: {{ goods_owner_id: 1 }}
channels: {{ se: {{ languages: [sv], currency: SEK }} }}
orders:
{orders}"
        );
        let config = match Config::parse("FILE", &text) {
            Ok(config) => config,
            Err(error) => return error.to_string(),
        };
        match build(&config, "FILE", &text, &|_| Some("x".to_owned())) {
            Ok(parts) => format!("{:?}", parts.orders),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn only_systems_that_exist_can_be_named() {
        assert_eq!(
            refused("  precedence: [erp, oms]\n"),
            "FILE:10: orders.precedence: `oms` is not one of the systems: erp"
        );
        assert_eq!(
            refused("  precedence: [erp]\n  fields:\n    status: [wms]\n"),
            "FILE:12: orders.fields.status: `wms` is not one of the systems: erp"
        );
        assert_eq!(
            refused("  precedence: [erp, erp]\n"),
            "FILE:10: orders.precedence: `erp` stands there twice"
        );
        assert_eq!(
            refused("  join_window_hours: 745\n"),
            "FILE:10: orders.join_window_hours: 745 is not allowed, use at most 744"
        );
        assert!(refused("  fields: { colour: [erp] }\n").starts_with("FILE:10: "));
    }

    #[test]
    fn what_is_named_is_taken() {
        let taken = refused("  precedence: [erp]\n  fields: { lines: [erp] }\n  join_window_hours: 1\n");
        assert_eq!(
            taken,
            "OrderRules { precedence: [\"erp\"], fields: {Lines: [\"erp\"]}, join_window: 3600s }"
        );
    }
}
