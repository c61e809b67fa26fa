//! The port of systems that know customers: CRM or ERP.

use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::customer::CustomerContent;
use skuery_schema::ids::{Currency, CustomerNumber, PriceListCode};

use crate::port::{Answers, Call, Port};

/// A role that knows customers. Every call is about exactly one customer: one scope.
pub trait Customers: Port {
    /// Which of the questions below it answers.
    fn customer_abilities(&self) -> CustomerAbilities;

    /// Customers by number.
    fn customers<'a>(
        &'a self,
        call: Call,
        keys: &'a [CustomerNumber],
    ) -> Answers<'a, CustomerNumber, Arc<CustomerRecord>>;

    /// What customers may still buy on account. Absent where the system keeps no credit for a customer.
    fn credit<'a>(
        &'a self,
        call: Call,
        keys: &'a [CustomerNumber],
    ) -> Answers<'a, CustomerNumber, CreditRecord>;
}

/// What a system with the role can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CustomerAbilities {
    /// `customers`.
    pub customers: bool,
    /// `credit`.
    pub credit: bool,
}

/// What a system knows of a customer: what clients may see, and what decides the customer's prices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomerRecord {
    /// What the customer may see.
    pub content: Arc<CustomerContent>,
    /// The price list the customer buys by; `None` for the channel's.
    pub price_list: Option<PriceListCode>,
    /// Whether the customer has agreements of its own, so that nobody may share its prices. `None`: the system does not
    /// tell, and the customer's prices are not shared.
    pub individual_prices: Option<bool>,
    /// Percent off the articles' base prices.
    pub discount_percent: Option<Decimal>,
    /// The currency the customer buys in.
    pub currency: Option<Currency>,
}

/// What a customer may still buy on account.
#[derive(Clone, Debug, PartialEq)]
pub struct CreditRecord {
    /// The most that may be owed.
    pub limit: Decimal,
    /// What is owed.
    pub used: Decimal,
    /// The currency of both.
    pub currency: Currency,
    /// Whether the system takes no further orders on account.
    pub blocked: bool,
}
