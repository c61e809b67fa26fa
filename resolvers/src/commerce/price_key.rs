//! What a price is asked for, bound to whose price it is.
//!
//! The scope follows from the same arguments as the question, in one place: a question that names a customer is that
//! customer's, and one that names none is never anybody's own.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use skuery_schema::ids::{Currency, CustomerNumber, PriceListCode};

use crate::loader::{Scope, Scoped};
use crate::port::PriceGroup;

/// A question for prices. Only the two constructors below make one, each with its scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PriceKey(PriceGroup);

/// What a question asks for, whoever asks it. Everything but the currency is part of it only where the system calculates.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub(crate) currency: Currency,
    pub(crate) quantity: Option<Decimal>,
    pub(crate) unit: Option<Arc<str>>,
    /// `None` for today.
    pub(crate) date: Option<Date>,
}

impl PriceKey {
    /// Prices that everybody shares who buys by this list; `None` for the articles' own.
    pub(crate) fn shared(price_list: Option<PriceListCode>, asked: Asked) -> Scoped<Self> {
        let scope = match &price_list {
            Some(code) => Scope::PriceList(code.clone()),
            None => Scope::Public,
        };
        Scoped::new(scope, Self(asked.group(price_list, None)))
    }

    /// Prices that are one customer's own, for nobody else to see.
    pub(crate) fn of_customer(
        customer: CustomerNumber,
        price_list: Option<PriceListCode>,
        asked: Asked,
    ) -> Scoped<Self> {
        let group = asked.group(price_list, Some(customer.clone()));
        Scoped::new(Scope::Customer(customer), Self(group))
    }

    /// As the port takes it.
    pub(crate) fn group(&self) -> &PriceGroup {
        &self.0
    }
}

impl Asked {
    fn group(self, price_list: Option<PriceListCode>, customer: Option<CustomerNumber>) -> PriceGroup {
        PriceGroup {
            price_list,
            customer,
            currency: self.currency,
            quantity: self.quantity,
            unit: self.unit,
            date: self.date,
        }
    }
}
