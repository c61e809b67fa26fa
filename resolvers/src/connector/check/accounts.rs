//! Start-up checks of customers and orders: each question is asked once for somebody who is not there, so nobody's data is
//! read.

use std::sync::Arc;

use skuery_schema::ids::CustomerNumber;

use super::{NOBODY, Outcome, words};
use crate::connector::System;
use crate::error::LookupError;
use crate::port::Call;
use crate::port::customers::Customers;
use crate::port::order_entry::{ExternalNumber, OrderEntry};
use crate::port::orders::{OrderList, OrderQuestion, Orders, Owner, Which};

pub(super) async fn customers_answer(customers: &dyn Customers, call: Call) -> Outcome {
    let abilities = customers.customer_abilities();
    let keys = [CustomerNumber::new(NOBODY)];
    let mut asked = Vec::new();
    if abilities.customers {
        let found = customers.customers(call, &keys).await;
        found.map_err(|error| words(&error))?;
        asked.push("customers");
    }
    if abilities.credit {
        let found = customers.credit(call, &keys).await;
        found.map_err(|error| words(&error))?;
        asked.push("credit");
    }
    Ok(format!("{} answer", asked.join(" and ")))
}

pub(super) async fn orders_answer(orders: &dyn Orders, call: Call) -> Outcome {
    let abilities = orders.order_abilities();
    let owner = Owner::Customer(CustomerNumber::new(NOBODY));
    let number: Arc<str> = Arc::from(NOBODY);
    let past = abilities.past.then_some(OrderList::Past);
    let mut asked = vec!["orders"];
    for list in [OrderList::Orders].into_iter().chain(past) {
        let placed = Which::Placed {
            since: None,
            until: None,
            offset: 0,
            limit: 1,
        };
        for which in [placed, Which::Number(Arc::clone(&number))] {
            let question = OrderQuestion { list, which };
            let page = orders.orders(call, &owner, &question).await;
            let page = page.map_err(|error| words(&error))?;
            if page.seen > 0 {
                return Err(
                    "orders of a customer who does not exist: is the request about `customer`?".to_owned(),
                );
            }
        }
    }
    asked.extend(past.map(|_| "past orders"));
    let keys = [number];
    if abilities.fulfillments {
        let found = orders.fulfillments(call, &owner, &keys).await;
        found.map_err(|error| words(&error))?;
        asked.push("shipments");
    }
    if abilities.documents {
        let found = orders.documents(call, &owner, &keys).await;
        found.map_err(|error| words(&error))?;
        asked.push("documents");
    }
    Ok(format!("{} answer", asked.join(", ")))
}

/// Looks for what is not there, by each of the ports of checkout; nothing is changed.
pub(super) async fn checkout_answers(system: &System, call: Call) -> Vec<(&'static str, Outcome)> {
    let mut outcomes = Vec::new();
    let finds_orders =
        |port: &Arc<dyn OrderEntry>| port.order_promise().external_number != ExternalNumber::None;
    if let Some(port) = system.order_entry.as_ref().filter(|port| finds_orders(port)) {
        let outcome = match port.placed_orders(call, NOBODY).await {
            Ok(found) if found.is_empty() => Ok("placed orders answer".to_owned()),
            Ok(_) => Err("an order with a number nobody gave".to_owned()),
            Err(error) => Err(words(&error)),
        };
        outcomes.push(("placed_orders", outcome));
    }
    if let Some(port) = &system.reservations {
        let found = port.reservation(call, NOBODY).await;
        outcomes.push(("reservations", nothing(found, "reservations answer")));
    }
    if let Some(port) = &system.payments {
        let found = port.authorization(call, NOBODY).await;
        outcomes.push(("payments", nothing(found, "payments answer")));
    }
    outcomes
}

fn nothing<T>(found: Result<Option<T>, LookupError>, said: &str) -> Outcome {
    match found {
        Ok(None) => Ok(said.to_owned()),
        Ok(Some(_)) => Err("something under a name nobody gave".to_owned()),
        Err(error) => Err(words(&error)),
    }
}
