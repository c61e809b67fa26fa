//! The customer port's questions as sources of loaders. Their scope is the customer itself, so one call carries one
//! customer.

use std::sync::Arc;

use skuery_schema::ids::{CustomerNumber, SystemName};

use crate::commerce::sources::is_same_port;
use crate::commerce::written::Written;
use crate::loader::Source;
use crate::port::customers::{CreditRecord, CustomerRecord, Customers};
use crate::port::{Answers, Call, PortLookup};

/// Customers by number.
pub(crate) struct CustomerSource(pub(crate) Arc<dyn Customers>);

impl Source for CustomerSource {
    type Group = ();
    type Key = CustomerNumber;
    type Value = Arc<CustomerRecord>;

    fn system(&self) -> &SystemName {
        self.0.system()
    }

    fn operation(&self) -> &'static str {
        PortLookup::Customers.as_str()
    }

    fn is_same(&self, other: &Self) -> bool {
        is_same_port(&self.0, &other.0)
    }

    fn can_exist(&self, number: &CustomerNumber) -> bool {
        number.as_str().is_writable()
    }

    fn max_keys(&self) -> usize {
        self.0.max_keys(PortLookup::Customers)
    }

    fn fetch<'a>(
        &'a self,
        call: Call,
        (): &'a (),
        keys: &'a [CustomerNumber],
    ) -> Answers<'a, CustomerNumber, Arc<CustomerRecord>> {
        self.0.customers(call, keys)
    }

    fn weight(&self, record: &Arc<CustomerRecord>) -> usize {
        size_of::<CustomerRecord>() + 256 * (1 + record.content.addresses.len())
    }
}

/// Credit by customer number.
pub(crate) struct CreditSource(pub(crate) Arc<dyn Customers>);

impl Source for CreditSource {
    type Group = ();
    type Key = CustomerNumber;
    type Value = CreditRecord;

    fn system(&self) -> &SystemName {
        self.0.system()
    }

    fn operation(&self) -> &'static str {
        PortLookup::Credit.as_str()
    }

    fn is_same(&self, other: &Self) -> bool {
        is_same_port(&self.0, &other.0)
    }

    fn can_exist(&self, number: &CustomerNumber) -> bool {
        number.as_str().is_writable()
    }

    fn max_keys(&self) -> usize {
        self.0.max_keys(PortLookup::Credit)
    }

    fn fetch<'a>(
        &'a self,
        call: Call,
        (): &'a (),
        keys: &'a [CustomerNumber],
    ) -> Answers<'a, CustomerNumber, CreditRecord> {
        self.0.credit(call, keys)
    }

    fn weight(&self, _: &CreditRecord) -> usize {
        size_of::<CreditRecord>()
    }
}
