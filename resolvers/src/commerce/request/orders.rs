//! Orders of all systems.

use skuery_schema::error::FieldError;

use crate::commerce::request::{CommerceRequest, Next, no_system};
use crate::engine::Ask;

pub(super) enum OrdersStep {}

impl OrdersStep {
    pub(super) fn waits(&self) -> bool {
        match *self {}
    }
}

impl CommerceRequest<'_> {
    pub(super) fn ask_orders(&mut self, _: &Ask<'_>) -> Result<Next, FieldError> {
        Err(no_system("ORDERS"))
    }

    pub(super) fn go_on_orders(&mut self, step: OrdersStep) -> Result<Next, FieldError> {
        match step {}
    }
}
