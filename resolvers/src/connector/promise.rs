//! What a system promises of the orders it takes, and how it counts money: checked before the gateway starts.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value};
use skuery_schema::ids::Currency;

use crate::connector::act::{Act, Meaning};
use crate::connector::config::ConfigError;
use crate::connector::mapping::{CheckoutSpec, Mapping};
use crate::port::PortLookup;
use crate::port::order_entry::{ExternalNumber, OrderPromise};

/// What the system promises of orders, if it takes any: the mapping's word, and this installation's where it differs.
pub(super) fn promise(
    mapping: &CheckoutSpec,
    own: &CheckoutSpec,
    acts: &HashMap<PortLookup, Act>,
) -> Result<Option<OrderPromise>, ConfigError> {
    let is_given =
        own.external_number.is_some() || own.rejects_oversell.is_some() || own.visibility_delay_ms.is_some();
    let Some(place) = acts.get(&PortLookup::PlaceOrder) else {
        return match is_given {
            true => Err(ConfigError::new("checkout", "this connector takes no orders")),
            false => Ok(None),
        };
    };
    let external_number = own
        .external_number
        .or(mapping.external_number)
        .unwrap_or(ExternalNumber::None);
    let refuse = |problem: &str| Err(ConfigError::new("checkout.external_number", problem));
    let tells_twice = place
        .signs
        .iter()
        .any(|sign| matches!(sign.meaning, Meaning::Duplicate));
    match external_number {
        ExternalNumber::Unique if !tells_twice => {
            return refuse("`unique` is not allowed: the mapping has no `duplicate` sign of a second order");
        }
        ExternalNumber::Unique | ExternalNumber::Searchable
            if !acts.contains_key(&PortLookup::PlacedOrders) =>
        {
            return refuse("the mapping has no `placed_orders`, so only `none` is allowed");
        }
        _ => {}
    }
    let delay = own
        .visibility_delay_ms
        .or(mapping.visibility_delay_ms)
        .unwrap_or(0);
    Ok(Some(OrderPromise {
        external_number,
        rejects_oversell: own.rejects_oversell.or(mapping.rejects_oversell).unwrap_or(false),
        visibility_delay: Duration::from_millis(delay),
    }))
}

pub(super) fn minor_units(mapping: &Mapping) -> Result<Map<String, Value>, ConfigError> {
    let units = mapping.minor_units.iter().map(|(code, decimals)| {
        let is_currency = Currency::parse(code).is_some();
        if !is_currency || *decimals > 4 {
            let problem = "use a currency's three capitals and 0 to 4 decimals";
            return Err(ConfigError::new(format!("minor_units.{code}"), problem));
        }
        Ok((code.clone(), Value::from(*decimals)))
    });
    units.collect()
}
