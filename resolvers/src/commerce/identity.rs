//! Who is asking, as a verified token says. The transport verifies; nothing here comes from an argument.

use std::sync::Arc;

use jiff::Timestamp;
use skuery_schema::ids::{ChannelName, CompanyNumber, CustomerNumber, PriceListCode};

/// A verified identity. A request without one is anonymous.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The token's subject, for the audit log.
    pub subject: Arc<str>,
    /// The ERP's customer number: whose prices and orders are shown. For staff, the customer they act for, if any.
    pub customer: Option<CustomerNumber>,
    /// The company the customer buys for.
    pub company: Option<CompanyNumber>,
    /// The price list the token names. Without one, the CRM or ERP is asked, then the channel's list holds.
    pub price_list: Option<PriceListCode>,
    /// The channels the token names; the first is the default of its requests.
    pub channels: Vec<ChannelName>,
    /// What the identity may do.
    pub permissions: Permissions,
    /// When the token ends; a connection that outlives it must end with it.
    pub expires: Timestamp,
}

impl Identity {
    /// Writes down that staff act for a customer, before anything is asked. `operation` is a name of GraphQL's: letters,
    /// digits and `_`; customer and subject are quoted as text.
    pub(crate) fn audit(&self, operation: Option<&str>) {
        let Some(customer) = self.customer.as_ref().filter(|_| self.permissions.staff) else {
            return;
        };
        tracing::info!(
            target: "audit",
            subject = &*self.subject,
            customer = customer.as_str(),
            operation = operation.unwrap_or_default(),
            "staff act for a customer"
        );
    }
}

/// What an identity may do. A buyer, who has none of these, sees what is its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Sees all orders of its company.
    pub approver: bool,
    /// Works for the merchant: sees stock in full, and may act for a customer.
    pub staff: bool,
}
