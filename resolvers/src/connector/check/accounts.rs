//! Start-up checks of customers and orders: each question is asked once for somebody who is not there, so nobody's data is
//! read.

use std::sync::Arc;

use skuery_schema::ids::CustomerNumber;

use super::{NOBODY, Outcome, words};
use crate::port::Call;
use crate::port::customers::Customers;
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
