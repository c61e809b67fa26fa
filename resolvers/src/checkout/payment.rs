//! The money behind an order: judged before, taken or let go after.

use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::checkout::{UserError, UserErrorCode};
use skuery_schema::ids::{Currency, SystemName};

use crate::checkout::Checkout;
use crate::checkout::input::PaymentInput;
use crate::checkout::record::{OrderRecord, PaymentRecord, StepKind};
use crate::checkout::run::Run;
use crate::checkout::trouble::{at, silent, trouble};
use crate::error::{ErrorKind, LookupError};
use crate::port::PortLookup;
use crate::port::payments::{Authorization, AuthorizationState, Payments};

impl Checkout {
    /// The provider's authorisation behind a payment. `None` without a payment, or where no provider has its name.
    pub(super) async fn authorization(
        &self,
        run: &Run,
        payment: Option<&PaymentInput>,
    ) -> Option<Result<Option<Authorization>, LookupError>> {
        let payment = payment?;
        let provider = self.provider(&SystemName::new(payment.provider.clone())).ok()?;
        let answer = provider.authorization(run.call(), &payment.authorization);
        Some(
            run.ask(provider.system(), PortLookup::Authorization, answer)
                .await,
        )
    }

    /// Takes the money, or lets the authorisation go. The key is the order's number and the step's name: asking twice is
    /// asking once, whoever asks.
    pub(super) async fn pay(
        &self,
        run: &Run,
        record: &OrderRecord,
        kind: StepKind,
    ) -> Result<(), LookupError> {
        let Some(payment) = &record.payment else {
            return Ok(());
        };
        let provider = self.provider(&payment.system)?;
        let id = &*payment.authorization;
        let number = &record.draft.external_number;
        let (lookup, wanted, answer) = match kind {
            StepKind::Capture => {
                let amount = (payment.amount, payment.currency);
                let key = format!("{number}-capture");
                let answer = run.ask(
                    &payment.system,
                    PortLookup::Capture,
                    provider.capture(run.call(), id, amount, &key),
                );
                (PortLookup::Capture, AuthorizationState::Captured, answer.await)
            }
            _ => {
                let key = format!("{number}-void");
                let answer = run.ask(
                    &payment.system,
                    PortLookup::Void,
                    provider.void(run.call(), id, &key),
                );
                (PortLookup::Void, AuthorizationState::Voided, answer.await)
            }
        };
        let state = match answer {
            Ok(authorization) => Some(authorization.state),
            // It may be so already: by the provider's own hand, or because the key has been forgotten.
            Err(error) if error.kind() == ErrorKind::Rejected => {
                let now = provider.authorization(run.call(), id);
                let now = run.ask(&payment.system, PortLookup::Authorization, now).await?;
                now.map(|authorization| authorization.state)
            }
            Err(error) => return Err(error),
        };
        let gone = wanted == AuthorizationState::Voided && state.is_none();
        if state == Some(wanted) || gone {
            return Ok(());
        }
        let detail = "the authorisation is in another state than it should be";
        Err(LookupError::new(
            ErrorKind::Rejected,
            &payment.system,
            lookup.as_str(),
            detail,
        ))
    }

    /// Which provider it is.
    pub(super) fn provider(&self, name: &SystemName) -> Result<&Arc<dyn Payments>, LookupError> {
        let detail = "no such payment system is configured";
        self.parts.systems.payments.get(name).ok_or_else(|| {
            LookupError::new(
                ErrorKind::Unsupported,
                name,
                PortLookup::Authorization.as_str(),
                detail,
            )
        })
    }
}

/// Whether a payment stands behind the total; what is kept of it.
pub(super) fn judge(
    payment: Option<&PaymentInput>,
    authorization: Option<&Result<Option<Authorization>, LookupError>>,
    total: Decimal,
    currency: Currency,
    required: bool,
) -> Result<Option<PaymentRecord>, UserError> {
    let refuse =
        |message: &str, path: &[&str]| Err(at(trouble(UserErrorCode::PaymentNotAuthorized, message), path));
    let Some(payment) = payment else {
        return match required {
            true => refuse("this order needs an authorised payment", &["payment"]),
            false => Ok(None),
        };
    };
    // Who names a payment means to pay: without it there is no order, required or not.
    let Some(authorization) = authorization else {
        return refuse("no such payment provider is connected", &["payment", "provider"]);
    };
    let authorization = authorization.as_ref().map_err(|error| silent(error.system()))?;
    let authorized = authorization
        .as_ref()
        .filter(|authorization| authorization.state == AuthorizationState::Authorized);
    let Some(authorized) = authorized else {
        return refuse("the payment is not authorised", &["payment", "authorization"]);
    };
    let same_currency = *payment.currency == *currency.as_str() && authorized.currency == currency;
    if !same_currency || payment.amount != total || authorized.amount < total {
        let message = format!("the payment does not cover the order's total of {total} {currency}");
        let mismatch = trouble(UserErrorCode::PaymentAmountMismatch, &message);
        return Err(at(mismatch, &["payment", "amount"]));
    }
    Ok(Some(PaymentRecord {
        system: SystemName::new(payment.provider.clone()),
        authorization: payment.authorization.clone(),
        amount: total,
        currency,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(
        provider_is_known: bool,
        state: AuthorizationState,
        authorized: &str,
        named: &str,
        required: bool,
    ) -> String {
        let currency = Currency::parse("SEK").expect("a code");
        let number = |text: &str| text.parse::<Decimal>().expect("a number");
        let payment = (!named.is_empty()).then(|| PaymentInput {
            provider: "payments".into(),
            authorization: "pi_1".into(),
            amount: number(named.split(' ').next().expect("an amount")),
            currency: named.split(' ').nth(1).expect("a currency").into(),
        });
        let authorization = Ok(Some(Authorization {
            id: "pi_1".into(),
            state,
            amount: number(authorized),
            currency,
        }));
        let found = (provider_is_known && payment.is_some()).then_some(&authorization);
        match judge(payment.as_ref(), found, number("100"), currency, required) {
            Ok(Some(record)) => format!("{} {}", record.amount, record.currency),
            Ok(None) => "no payment".to_owned(),
            Err(error) => {
                let field = error.field.expect("it says where");
                format!("{:?} {}", error.code, field.join("."))
            }
        }
    }

    #[test]
    fn a_payment_that_is_named_stands_behind_the_whole_order_or_there_is_none() {
        use AuthorizationState::{Authorized, Captured, NotAuthorized, Voided};
        let not_authorized = "PaymentNotAuthorized input.payment.authorization";
        let mismatch = "PaymentAmountMismatch input.payment.amount";
        for (known, state, authorized, named, required, expected) in [
            (true, Authorized, "100", "100 SEK", true, "100 SEK"),
            (true, Authorized, "250", "100.00 SEK", false, "100 SEK"),
            (true, Authorized, "99.99", "100 SEK", false, mismatch),
            (true, Authorized, "100", "99.99 SEK", false, mismatch),
            (true, Authorized, "100", "100 EUR", false, mismatch),
            (true, Captured, "100", "100 SEK", false, not_authorized),
            (true, Voided, "100", "100 SEK", false, not_authorized),
            (true, NotAuthorized, "100", "100 SEK", false, not_authorized),
            (
                false,
                Authorized,
                "100",
                "100 SEK",
                false,
                "PaymentNotAuthorized input.payment.provider",
            ),
            (
                false,
                Authorized,
                "100",
                "100 SEK",
                true,
                "PaymentNotAuthorized input.payment.provider",
            ),
            (true, Authorized, "100", "", false, "no payment"),
            (
                true,
                Authorized,
                "100",
                "",
                true,
                "PaymentNotAuthorized input.payment",
            ),
        ] {
            let seen = judged(known, state, authorized, named, required);
            assert_eq!(
                seen, expected,
                "{known} {state:?} {authorized} {named} {required}"
            );
        }
    }
}
