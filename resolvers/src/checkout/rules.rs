//! Times and bounds of checkout, as configured.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use skuery_schema::ids::CustomerNumber;

use crate::door::secret::Secret;

/// Times and bounds of checkout.
#[derive(Clone, Debug)]
pub struct CheckoutRules {
    /// The most lines of a cart.
    pub lines: usize,
    /// How long stock is held unless the caller says.
    pub hold: Duration,
    /// The longest a caller may hold it at once, and by extending from its beginning.
    pub longest_hold: Duration,
    /// How long one verification or placement may take, all systems together.
    pub deadline: Duration,
    /// What the gateway's numbers of orders begin with.
    pub order_prefix: Arc<str>,
    /// The customer that guests' orders are placed for; `None` lets nobody order without signing in.
    pub guest_customer: Option<CustomerNumber>,
    /// Whether an order needs a payment.
    pub payment_required: bool,
    /// When money is taken.
    pub capture: Capture,
    /// In which days begin: the same as for queries, so that a price's validity ends at the same moment.
    pub time_zone: TimeZone,
    /// The first signs tokens, all are accepted.
    pub token_keys: Vec<Secret>,
    /// Waits before an order in doubt is looked up again; the last one repeats.
    pub retry: Vec<Duration>,
    /// After this long an order still in doubt needs a person.
    pub give_up: Duration,
}

/// When money is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// As soon as the order is placed.
    OnPlacement,
    /// By somebody else, such as the ERP at shipment.
    Never,
}
