//! The payments port over a mapping.

use std::sync::Arc;

use serde_json::json;
use skuery_schema::ids::{Currency, SystemName};

use crate::connector::machine::{End, Machine};
use crate::connector::minor_units;
use crate::connector::reader::Reader;
use crate::connector::vars::Vars;
use crate::door::fault::Fault;
use crate::error::LookupError;
use crate::port::payments::{Authorization, AuthorizationState, Money, Payments};
use crate::port::{Answer, Call, Effort, Port, PortLookup};

pub(crate) struct MappedPayments {
    pub(crate) machine: Arc<Machine>,
}

impl Port for MappedPayments {
    fn system(&self) -> &SystemName {
        &self.machine.system
    }

    fn max_keys(&self, lookup: PortLookup) -> usize {
        self.machine.max_keys(lookup)
    }

    fn effort(&self, lookup: PortLookup) -> Effort {
        self.machine.effort(lookup)
    }
}

impl Payments for MappedPayments {
    fn authorization<'a>(&'a self, call: Call, id: &'a str) -> Answer<'a, Option<Authorization>> {
        Box::pin(self.looked_up(call, id))
    }

    fn capture<'a>(
        &'a self,
        call: Call,
        id: &'a str,
        (amount, currency): Money,
        key: &'a str,
    ) -> Answer<'a, Authorization> {
        let vars = self.vars(id).with([
            ("amount", json!(amount.to_string())),
            ("currency", json!(currency.as_str())),
            ("idempotency_key", json!(key)),
        ]);
        Box::pin(self.change(call, PortLookup::Capture, id, vars))
    }

    fn void<'a>(&'a self, call: Call, id: &'a str, key: &'a str) -> Answer<'a, Authorization> {
        let vars = self.vars(id).with([("idempotency_key", json!(key))]);
        Box::pin(self.change(call, PortLookup::Void, id, vars))
    }
}

impl MappedPayments {
    fn vars(&self, id: &str) -> Vars {
        self.machine.vars().with([("authorization", json!(id))])
    }

    async fn looked_up(&self, call: Call, id: &str) -> Result<Option<Authorization>, LookupError> {
        let act = self.machine.act(PortLookup::Authorization)?;
        let (end, vars) = self.machine.perform(call, act, self.vars(id)).await?;
        match end {
            End::Done(answer) => {
                let read = |reader: &Reader<'_>| self.read(reader, id);
                self.machine.read_one(act, &answer, &vars, read).map(Some)
            }
            End::Absent => Ok(None),
            _ => Err(self.unexpected(PortLookup::Authorization)),
        }
    }

    async fn change(
        &self,
        call: Call,
        lookup: PortLookup,
        id: &str,
        vars: Vars,
    ) -> Result<Authorization, LookupError> {
        let act = self.machine.act(lookup)?;
        let (end, vars) = self.machine.perform(call, act, vars).await?;
        match end {
            End::Done(answer) => {
                let read = |reader: &Reader<'_>| self.read(reader, id);
                self.machine.read_one(act, &answer, &vars, read)
            }
            // Its state does not allow it, most likely because it is done: what it is now says which.
            End::Settled => {
                let now = self.looked_up(call, id).await?;
                now.ok_or_else(|| self.unexpected(lookup))
            }
            _ => Err(self.unexpected(lookup)),
        }
    }

    fn read(&self, reader: &Reader<'_>, id: &str) -> Result<Authorization, Fault> {
        if reader.filled("id")?.is_some_and(|theirs| *theirs != *id) {
            return Err(Fault::invalid_answer("the answer is about another authorisation"));
        }
        let currency = reader.needed("currency")?.to_ascii_uppercase();
        let currency = Currency::parse(&currency)
            .ok_or_else(|| Fault::invalid_value("a value is not a currency").at("currency"))?;
        let illegal = || Fault::invalid_value("a value is not an amount").at("amount");
        let amount = reader.decimal("amount")?.ok_or_else(illegal)?;
        let amount = if reader.is_minor("amount") {
            minor_units::from_minor(amount, currency, &self.machine.minor_units).ok_or_else(illegal)?
        } else {
            amount
        };
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(illegal());
        }
        Ok(Authorization {
            id: Arc::from(id),
            state: state(&reader.needed("state")?)?,
            amount,
            currency,
        })
    }

    fn unexpected(&self, lookup: PortLookup) -> LookupError {
        let fault = Fault::invalid_answer("the answer means something else than is asked here");
        self.machine.error(lookup.as_str(), fault)
    }
}

fn state(word: &str) -> Result<AuthorizationState, Fault> {
    match word {
        "AUTHORIZED" => Ok(AuthorizationState::Authorized),
        "CAPTURED" => Ok(AuthorizationState::Captured),
        "VOIDED" => Ok(AuthorizationState::Voided),
        "NOT_AUTHORIZED" => Ok(AuthorizationState::NotAuthorized),
        _ => Err(Fault::invalid_value("a word is no state of an authorisation").at("state")),
    }
}
