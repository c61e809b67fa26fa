//! Judges the input of a placement by itself, before anything is asked, and binds its key to it.

use std::sync::Arc;

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use skuery_schema::checkout::{UserError, UserErrorCode};

use crate::checkout::input::{A_NAME, PaymentInput, PlaceInput, is_name};
use crate::checkout::trouble::{at, trouble};

/// The longest free text of an order, in bytes.
const LONGEST_TEXT: usize = 2_000;

/// What the caller must mend; nothing is asked before that.
pub(super) fn judge(input: &PlaceInput) -> Result<(), UserError> {
    let invalid = |message: &str, path: &[&str]| Err(at(trouble(UserErrorCode::InvalidInput, message), path));
    if !is_name(&input.idempotency_key) {
        return invalid(A_NAME, &["idempotencyKey"]);
    }
    let too_long = |text: &Option<Arc<str>>| text.as_ref().is_some_and(|text| text.len() > LONGEST_TEXT);
    if too_long(&input.note) {
        return invalid("the note is too long", &["note"]);
    }
    if too_long(&input.customer_reference) {
        return invalid("the reference is too long", &["customerReference"]);
    }
    match &input.payment {
        Some(payment) => judge_payment(payment),
        None => Ok(()),
    }
}

fn judge_payment(payment: &PaymentInput) -> Result<(), UserError> {
    let invalid = |message: &str, name: &str| {
        Err(at(
            trouble(UserErrorCode::InvalidInput, message),
            &["payment", name],
        ))
    };
    if payment.amount <= Decimal::ZERO {
        return invalid("the amount is above zero", "amount");
    }
    if payment.authorization.is_empty() || payment.authorization.len() > LONGEST_TEXT {
        return invalid("this cannot be an authorisation", "authorization");
    }
    Ok(())
}

/// What a key is bound to: everything but the key. Amounts are compared by value.
pub(super) fn body(input: &PlaceInput) -> [u8; 32] {
    let mut input = input.clone();
    input.idempotency_key = "".into();
    if let Some(payment) = &mut input.payment {
        payment.amount = payment.amount.normalize();
    }
    let json = serde_json::to_vec(&input).expect("texts and numbers are JSON");
    Sha256::digest(json).into()
}
