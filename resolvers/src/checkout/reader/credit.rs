//! Whether the customer may still order.

use crate::checkout::Checkout;
use crate::checkout::reader::ReadWish;
use crate::checkout::reader::ask::in_calls;
use crate::commerce::context::Context;
use crate::commerce::price_terms::customer;
use crate::error::LookupError;
use crate::port::PortLookup;

impl Checkout {
    /// A customer that the system keeps no credit for is not blocked.
    pub(super) async fn credit_blocked(
        &self,
        context: &Context,
        wish: ReadWish<'_>,
    ) -> Option<Result<bool, LookupError>> {
        if !wish.credit {
            return None;
        }
        let port = self.parts.systems.credit.as_ref()?;
        let number = customer(context)?;
        let keys = std::slice::from_ref(number);
        let ask = |call, keys| port.credit(call, keys);
        let mut answers = in_calls(&**port, PortLookup::Credit, wish.deadline, keys, ask).await;
        Some(match answers.remove(number) {
            None => Ok(false),
            Some(record) => record.map(|record| record.blocked),
        })
    }
}
