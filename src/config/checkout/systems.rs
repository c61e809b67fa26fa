//! Which systems a checkout reads and writes, and what each can promise.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use skuery_resolvers::checkout::systems::{CheckoutSystems, StockSystem};
use skuery_resolvers::connector::System;
use skuery_resolvers::port::order_entry::{ExternalNumber, OrderEntry};
use skuery_schema::availability::Location;
use skuery_schema::checkout::StockPromise;
use skuery_schema::ids::SystemName;

use super::{CheckoutConfig, Problem, problem, within};

/// How long after an order's acceptance a system's figures may lack it, where nothing is configured: the order system
/// knows its own orders at once, any other hears of them later.
const REFLECTS_AFTER_ELSEWHERE: Duration = Duration::from_mins(1);
const MOST_REFLECTS_AFTER_MS: u64 = 86_400_000;

pub(super) fn systems(
    config: &CheckoutConfig,
    systems: &[System],
    locations: &[Arc<Location>],
) -> Result<CheckoutSystems, Problem> {
    let (name, orders) = order_system(config, systems)?;
    check_reflects_after(config, systems)?;
    let Some(prices) = systems.iter().find_map(|system| system.prices.clone()) else {
        return problem(
            "orders",
            "nothing can be ordered without a price: no system has the role prices",
        );
    };
    let stock = stock(config, systems, name, orders.order_promise().rejects_oversell);
    if stock.is_empty() {
        return problem(
            "orders",
            "nothing can be held without stock: no system has the role stock",
        );
    }
    let payments: BTreeMap<_, _> = systems
        .iter()
        .filter_map(|system| Some((system.name.clone(), system.payments.clone()?)))
        .collect();
    if config.payment.required && payments.is_empty() {
        let needed = "true is not allowed: no system has the role payments";
        return problem("payment.required", needed);
    }
    let customers = || systems.iter().filter_map(|system| system.customers.as_ref());
    Ok(CheckoutSystems {
        catalog: systems.iter().find_map(|system| system.catalog.clone()),
        prices,
        stock,
        customers: customers()
            .find(|port| port.customer_abilities().customers)
            .cloned(),
        credit: customers().find(|port| port.customer_abilities().credit).cloned(),
        orders,
        payments,
        locations: locations.to_vec(),
    })
}

fn order_system<'a>(
    config: &CheckoutConfig,
    systems: &'a [System],
) -> Result<(&'a SystemName, Arc<dyn OrderEntry>), Problem> {
    let Some(system) = systems.iter().find(|system| system.name == config.orders) else {
        let known = names(systems, |_| true);
        return problem(
            "orders",
            format!("`{}` is not one of the systems: {known}", config.orders),
        );
    };
    let Some(orders) = &system.order_entry else {
        let able = match names(systems, |system| system.order_entry.is_some()) {
            none if none.is_empty() => "no configured system does".to_owned(),
            able => format!("use {able}"),
        };
        return problem("orders", format!("`{}` takes no orders; {able}", system.name));
    };
    let is_lost = orders.order_promise().external_number == ExternalNumber::None;
    if is_lost && !config.accept_unsearchable_orders {
        return problem(
            "orders",
            format!(
                "`{}` cannot find an order by the number it was given, so that every lost answer needs a person; \
                 `accept_unsearchable_orders: true` takes it nevertheless",
                system.name
            ),
        );
    }
    Ok((&system.name, orders.clone()))
}

fn check_reflects_after(config: &CheckoutConfig, systems: &[System]) -> Result<(), Problem> {
    for (name, milliseconds) in &config.reflects_after_ms {
        let key = format!("reflects_after_ms.{name}");
        let has_stock = |system: &System| system.stock.is_some();
        if !systems
            .iter()
            .any(|system| system.name == *name && has_stock(system))
        {
            let known = names(systems, has_stock);
            return problem(
                key,
                format!("`{name}` is not one of the systems with stock: {known}"),
            );
        }
        within(&key, *milliseconds, &(0..=MOST_REFLECTS_AFTER_MS))?;
    }
    Ok(())
}

fn stock(
    config: &CheckoutConfig,
    systems: &[System],
    orders: &SystemName,
    rejects_oversell: bool,
) -> Vec<StockSystem> {
    let stocked = |system: &System| {
        let port = system.stock.clone()?;
        let is_order_system = system.name == *orders;
        let promise = match &system.reservations {
            Some(_) => StockPromise::AtomicReservation,
            None if is_order_system && rejects_oversell => StockPromise::OrderRefused,
            None => StockPromise::GatewayOnly,
        };
        let reflects_after = match config.reflects_after_ms.get(&system.name) {
            Some(milliseconds) => Duration::from_millis(*milliseconds),
            None if is_order_system => Duration::ZERO,
            None => REFLECTS_AFTER_ELSEWHERE,
        };
        Some(StockSystem {
            port,
            reservations: system.reservations.clone(),
            promise,
            reflects_after,
        })
    };
    systems.iter().filter_map(stocked).collect()
}

fn names(systems: &[System], is_one: impl Fn(&System) -> bool) -> String {
    let which = systems.iter().filter(|system| is_one(system));
    let names: Vec<&str> = which.map(|system| system.name.as_str()).collect();
    names.join(", ")
}
