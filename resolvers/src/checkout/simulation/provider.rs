//! The simulated provider of payments.

use std::sync::{Arc, LazyLock};

use skuery_schema::ids::SystemName;

use crate::checkout::simulation::systems::euro;
use crate::checkout::simulation::world::{Payment, State, Trip, World};
use crate::error::{ErrorKind, LookupError};
use crate::port::payments::{Authorization, AuthorizationState, Money, Payments};
use crate::port::{Answer, Call, Port, PortLookup};

pub(super) static PAY: LazyLock<SystemName> = LazyLock::new(|| "pay".into());

/// A provider of payments.
pub(super) struct Provider(pub(super) Arc<World>);
impl Port for Provider {
    fn system(&self) -> &SystemName {
        &PAY
    }

    fn max_keys(&self, _: PortLookup) -> usize {
        100
    }
}

impl Payments for Provider {
    fn authorization<'a>(&'a self, call: Call, id: &'a str) -> Answer<'a, Option<Authorization>> {
        let id: Arc<str> = id.into();
        Box::pin(self.0.wire(&PAY, call, Trip::Read, move |state, _| {
            state.payments.get(&id).map(|payment| payment.shown(&id))
        }))
    }

    fn capture<'a>(
        &'a self,
        call: Call,
        id: &'a str,
        amount: Money,
        key: &'a str,
    ) -> Answer<'a, Authorization> {
        let (id, key): (Arc<str>, Arc<str>) = (id.into(), key.into());
        let change = move |state: &mut State, _| {
            let payment = state.payments.get_mut(&id)?;
            let again = payment.captured.as_ref() == Some(&key);
            if !again && payment.state != AuthorizationState::Authorized {
                state
                    .violations
                    .push(format!("{key} captures {id}, which is {:?}", payment.state));
                return None;
            }
            if amount.0 > payment.amount {
                state
                    .violations
                    .push(format!("{key} captures more than is authorised"));
            }
            payment.captured = Some(key.clone());
            payment.state = AuthorizationState::Captured;
            Some(payment.shown(&id))
        };
        let answer = self.0.wire(&PAY, call, Trip::Write, change);
        Box::pin(async { answer.await?.ok_or_else(not_like_this) })
    }

    fn void<'a>(&'a self, call: Call, id: &'a str, key: &'a str) -> Answer<'a, Authorization> {
        let (id, key): (Arc<str>, Arc<str>) = (id.into(), key.into());
        let change = move |state: &mut State, _| {
            let payment = state.payments.get_mut(&id)?;
            if payment.state == AuthorizationState::Captured {
                state
                    .violations
                    .push(format!("{key} lets {id} go, which is captured"));
                return None;
            }
            payment.state = AuthorizationState::Voided;
            Some(payment.shown(&id))
        };
        let answer = self.0.wire(&PAY, call, Trip::Write, change);
        Box::pin(async { answer.await?.ok_or_else(not_like_this) })
    }
}

fn not_like_this() -> LookupError {
    LookupError::new(ErrorKind::Rejected, &PAY, "simulated", "not in this state")
}

impl Payment {
    fn shown(&self, id: &Arc<str>) -> Authorization {
        Authorization {
            id: id.clone(),
            state: self.state,
            amount: self.amount,
            currency: euro(),
        }
    }
}
