//! The port of payment providers.

use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::ids::Currency;

use crate::port::{Answer, Call, Port};

/// A provider that holds a buyer's authorisation to pay. The gateway never sees a card.
pub trait Payments: Port {
    /// An authorisation as the provider has it now; `None` where it knows none.
    fn authorization<'a>(&'a self, call: Call, id: &'a str) -> Answer<'a, Option<Authorization>>;

    /// Takes the money. `key` makes asking twice the same as asking once.
    fn capture<'a>(
        &'a self,
        call: Call,
        id: &'a str,
        amount: Money,
        key: &'a str,
    ) -> Answer<'a, Authorization>;

    /// Lets the authorisation go. `key` makes asking twice the same as asking once.
    fn void<'a>(&'a self, call: Call, id: &'a str, key: &'a str) -> Answer<'a, Authorization>;
}

/// An exact amount.
pub type Money = (Decimal, Currency);

/// An authorisation.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorization {
    /// The provider's number of it.
    pub id: Arc<str>,
    /// What may be done with it.
    pub state: AuthorizationState,
    /// How much may be captured.
    pub amount: Decimal,
    /// In which currency.
    pub currency: Currency,
}

/// What may be done with an authorisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationState {
    /// It can be captured.
    Authorized,
    /// It is captured.
    Captured,
    /// It was let go.
    Voided,
    /// The buyer has not finished, or the provider refused.
    NotAuthorized,
}
