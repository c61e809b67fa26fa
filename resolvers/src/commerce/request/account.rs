//! The viewer: who is asking, with what the CRM or ERP knows.

use std::sync::Arc;

use skuery_schema::customer::Customer;
use skuery_schema::error::FieldError;
use skuery_schema::ids::CustomerNumber;
use skuery_schema::lookup;

use crate::commerce::questions::Found;
use crate::commerce::request::{CommerceRequest, Next, Step, no_system, value};
use crate::engine::{Answer, Ask};
use crate::loader::{Scope, Scoped, Want};
use crate::port::customers::CustomerRecord;

pub(super) enum AccountStep {
    Customer(CustomerNumber, Found<Arc<CustomerRecord>>),
}

impl AccountStep {
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Customer(_, found) => found.waits(),
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
        match ask.lookup {
            lookup::VIEWER => Ok(self.viewer().into()),
            _ => self.customer(),
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
        }
    }

    /// The customer whose prices and orders this request shows.
    pub(super) fn own_number(&self) -> Option<CustomerNumber> {
        self.context.identity.as_ref()?.customer.clone()
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

    fn customer(&mut self) -> Result<Next, FieldError> {
        let Some(number) = self.own_number() else {
            return Ok(Answer::Null.into());
        };
        let Some(questions) = &mut self.customers else {
            return Err(no_system("CUSTOMERS"));
        };
        let scoped = Scoped::new(Scope::Customer(number.clone()), ());
        let found = questions.ask(&scoped, &number, Want::default());
        Ok(AccountStep::Customer(number, found).into())
    }
}
