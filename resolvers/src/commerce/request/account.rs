//! The viewer: who is asking, with what the CRM or ERP knows.

use std::sync::Arc;

use skuery_schema::customer::{Credit, Customer};
use skuery_schema::error::FieldError;
use skuery_schema::ids::CustomerNumber;
use skuery_schema::lookup;
use skuery_schema::price::{Money, PriceList};

use crate::commerce::errors::field_error;
use crate::commerce::price_terms::{PriceTerms, customer};
use crate::commerce::questions::Found;
use crate::commerce::request::prices::Terms;
use crate::commerce::request::{CommerceRequest, Next, Step, no_system, outcome, value};
use crate::engine::{Answer, Ask};
use crate::error::{ErrorKind, LookupError};
use crate::loader::{Scope, Scoped, Want};
use crate::port::PortLookup;
use crate::port::customers::{CreditRecord, CustomerRecord};

pub(super) enum AccountStep {
    Customer(CustomerNumber, Found<Arc<CustomerRecord>>),
    Credit(Found<CreditRecord>),
    /// The price list waits for the record that names it.
    Terms(Found<Arc<CustomerRecord>>),
}

impl AccountStep {
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Customer(_, found) | Self::Terms(found) => found.waits(),
            Self::Credit(found) => found.waits(),
        }
    }
}

impl From<AccountStep> for Next {
    fn from(step: AccountStep) -> Self {
        Self::Then(Step::Account(step))
    }
}

impl CommerceRequest<'_> {
    pub(super) fn ask_account(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        if ask.lookup == lookup::VIEWER {
            return Ok(self.viewer().into());
        }
        let asked = ask.parent.as_any().downcast_ref::<Customer>();
        let Some(number) = asked.map(|customer| customer.number.clone()) else {
            return Err(FieldError::bad_input("this field is not served"));
        };
        if self.own_number().as_ref() != Some(&number) {
            // Nobody is shown another customer, however the reference came about.
            return Ok(Answer::Null.into());
        }
        match ask.lookup {
            lookup::CREDIT => Ok(self.credit(&number)),
            lookup::CUSTOMER_PRICE_LIST => self.price_list(),
            _ => self.customer(number),
        }
    }

    pub(super) fn go_on_account(&mut self, step: AccountStep) -> Result<Next, FieldError> {
        match step {
            AccountStep::Customer(number, found) => {
                let Some(questions) = &self.customers else {
                    return Err(no_system("CUSTOMERS"));
                };
                let record = value(questions, found)?;
                let content = record.map(|record| record.content.clone()).unwrap_or_default();
                Ok(Answer::object(Customer {
                    number,
                    currency: self.context.currency,
                    content: Some(content),
                })
                .into())
            }
            AccountStep::Credit(found) => self.found_credit(found).map(Into::into),
            AccountStep::Terms(found) => {
                let terms = self.found_terms(Want::default(), found)?;
                Ok(self.list_of(&terms).into())
            }
        }
    }

    /// The customer whose prices and orders this request shows.
    pub(super) fn own_number(&self) -> Option<CustomerNumber> {
        customer(&self.context).cloned()
    }

    pub(super) fn viewer(&self) -> Answer {
        match self.own_number() {
            Some(number) => Answer::object(Customer {
                number,
                currency: self.context.currency,
                content: None,
            }),
            None => Answer::Null,
        }
    }

    fn customer(&mut self, number: CustomerNumber) -> Result<Next, FieldError> {
        let Some(questions) = &mut self.customers else {
            return Err(no_system("CUSTOMERS"));
        };
        let scoped = Scoped::new(Scope::Customer(number.clone()), ());
        let found = questions.ask(&scoped, &number, Want::default());
        Ok(AccountStep::Customer(number, found).into())
    }

    fn price_list(&mut self) -> Result<Next, FieldError> {
        match self.find_terms(Want::default())? {
            Terms::Known(terms) => Ok(self.list_of(&terms).into()),
            Terms::Asked(found) => Ok(AccountStep::Terms(found).into()),
        }
    }

    fn list_of(&self, terms: &PriceTerms) -> Answer {
        match &terms.price_list {
            Some(code) => Answer::object(PriceList {
                code: code.clone(),
                name: None,
                currency: self.context.currency,
            }),
            None => Answer::Null,
        }
    }

    /// A merchant whose systems keep no credit has none to show, which is no error.
    fn credit(&mut self, number: &CustomerNumber) -> Next {
        let Some(questions) = &mut self.credit else {
            return Answer::Null.into();
        };
        let scoped = Scoped::new(Scope::Customer(number.clone()), ());
        AccountStep::Credit(questions.ask(&scoped, number, Want::default())).into()
    }

    fn found_credit(&self, found: Found<CreditRecord>) -> Result<Answer, FieldError> {
        let Some(questions) = &self.credit else {
            return Ok(Answer::Null);
        };
        let loaded = outcome(questions, found).map_err(|error| field_error(&error))?;
        let Some(loaded) = loaded else {
            return Ok(Answer::Null);
        };
        let system = questions.system();
        let record = &loaded.value;
        let Some(available) = record.limit.checked_sub(record.used) else {
            return Err(field_error(&LookupError::new(
                ErrorKind::InvalidValue,
                system,
                PortLookup::Credit.as_str(),
                "a credit limit is too large",
            )));
        };
        let money = |amount| Money {
            amount,
            currency: record.currency,
        };
        Ok(Answer::object(Credit {
            limit: money(record.limit),
            used: money(record.used),
            available: money(available),
            blocked: record.blocked,
            freshness: questions.freshness(&loaded),
        }))
    }
}
