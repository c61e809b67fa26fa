//! An order system in memory that takes everything, and finds it again.

use std::sync::Mutex;
use std::time::Duration;

use skuery_schema::ids::SystemName;

use crate::checkout::tests::fakes::{Desk, at_desk, locked};
use crate::port::order_entry::{
    ExternalNumber, OrderDraft, OrderEntry, OrderPromise, PlacedOrder, Submission,
};
use crate::port::{Answer, Call, Port, PortLookup};

/// Takes orders in the order of their coming.
pub(crate) struct OrderBook {
    pub(crate) desk: Desk,
    pub(crate) taken: Mutex<Vec<OrderDraft>>,
}

at_desk!(OrderBook);

impl OrderBook {
    pub(crate) fn new() -> Self {
        Self {
            desk: Desk::new("erp"),
            taken: Mutex::default(),
        }
    }
}

fn placed(number: usize) -> PlacedOrder {
    PlacedOrder {
        number: format!("SO-{number}").into(),
        key: None,
        complete: true,
        lines: None,
    }
}

impl OrderEntry for OrderBook {
    fn order_promise(&self) -> OrderPromise {
        OrderPromise {
            external_number: ExternalNumber::Unique,
            rejects_oversell: false,
            visibility_delay: Duration::ZERO,
        }
    }

    fn place_order<'a>(&'a self, _: Call, draft: &'a OrderDraft) -> Answer<'a, Submission> {
        Box::pin(self.desk.serve(PortLookup::PlaceOrder, || {
            let mut taken = locked(&self.taken);
            if taken
                .iter()
                .any(|known| known.external_number == draft.external_number)
            {
                return Ok(Submission::Duplicate);
            }
            taken.push(draft.clone());
            Ok(Submission::Accepted(placed(taken.len())))
        }))
    }

    fn placed_orders<'a>(&'a self, _: Call, external_number: &'a str) -> Answer<'a, Vec<PlacedOrder>> {
        Box::pin(self.desk.serve(PortLookup::PlacedOrders, || {
            let taken = locked(&self.taken);
            let known = taken.iter().enumerate();
            let known = known.filter(|(_, draft)| *draft.external_number == *external_number);
            Ok(known.map(|(number, _)| placed(number + 1)).collect())
        }))
    }

    fn finish_order<'a>(
        &'a self,
        _: Call,
        _: &'a OrderDraft,
        placed: &'a PlacedOrder,
    ) -> Answer<'a, Submission> {
        Box::pin(self.desk.serve(PortLookup::FinishOrder, || {
            Ok(Submission::Accepted(placed.clone()))
        }))
    }
}
