//! Judges the input of a verification by itself, before anything is asked, and binds its key to it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::json;
use sha2::{Digest, Sha256};
use skuery_schema::checkout::{UserError, UserErrorCode};
use skuery_schema::ids::Currency;

use crate::checkout::Checkout;
use crate::checkout::input::{A_NAME, LineInput, VerifyInput, is_name};
use crate::checkout::record::Buyer;
use crate::checkout::trouble::{at, of_line, trouble};
use crate::commerce::context::Context;
use crate::commerce::price_terms::{claimed_list, customer};

impl Buyer {
    /// Whose checkout a request's is. All guests of a channel are one buyer; their carts and keys are told apart by being
    /// hard to guess.
    pub(crate) fn of(context: &Context) -> Self {
        Self {
            channel: context.channel.name.clone(),
            customer: customer(context).cloned(),
        }
    }
}

impl Checkout {
    /// What the caller must mend; nothing is asked before that.
    pub(super) fn judge_input(&self, context: &Context, input: &VerifyInput) -> Vec<UserError> {
        let mut errors = Vec::new();
        let invalid = |path: &[&str], message: &str| at(trouble(UserErrorCode::InvalidInput, message), path);
        for (name, text) in [
            ("idempotencyKey", &input.idempotency_key),
            ("checkoutId", &input.checkout_id),
        ] {
            if !is_name(text) {
                errors.push(invalid(&[name], A_NAME));
            }
        }
        if input.lines.is_empty() {
            errors.push(invalid(&["lines"], "a cart has at least one line"));
        }
        if input.lines.len() > self.parts.rules.lines {
            let message = format!("at most {} lines", self.parts.rules.lines);
            errors.push(at(trouble(UserErrorCode::LimitExceeded, &message), &["lines"]));
            return errors;
        }
        if let Some(code) = &input.pickup_location {
            let serves = context
                .channel
                .locations
                .iter()
                .any(|known| known.as_str() == &**code);
            if !serves {
                errors.push(invalid(&["pickupLocation"], "no location of this channel"));
            }
        }
        if self.seconds(input.hold_seconds).is_none() {
            errors.push(invalid(&["holdSeconds"], &self.seconds_allowed()));
        }
        let mut seen = HashSet::new();
        for (number, line) in input.lines.iter().enumerate() {
            let number = number.to_string();
            if !seen.insert(&line.line_id) {
                let error = trouble(UserErrorCode::DuplicateLine, "another line has this ID");
                errors.push(of_line(at(error, &["lines", &number, "lineId"]), &line.line_id));
            }
            let wrong = wrong_fields(line).into_iter();
            errors.extend(wrong.map(|(field, message)| {
                let path = [&["lines", &number][..], field].concat();
                of_line(invalid(&path, message), &line.line_id)
            }));
        }
        errors
    }

    /// For how long is to be held: as asked, or as configured; `None` when so long is not allowed.
    pub(super) fn seconds(&self, asked: Option<i32>) -> Option<Duration> {
        let Some(asked) = asked else {
            return Some(self.parts.rules.hold.min(self.parts.rules.longest_hold));
        };
        let asked = Duration::from_secs(u64::try_from(asked).ok()?);
        (!asked.is_zero() && asked <= self.parts.rules.longest_hold).then_some(asked)
    }

    pub(super) fn seconds_allowed(&self) -> String {
        format!("1 to {} seconds", self.parts.rules.longest_hold.as_secs())
    }
}

fn wrong_fields(line: &LineInput) -> Vec<(&'static [&'static str], &'static str)> {
    let mut wrong: Vec<(&'static [&'static str], &'static str)> = Vec::new();
    if !is_name(&line.line_id) {
        wrong.push((&["lineId"], A_NAME));
    }
    if line.quantity <= Decimal::ZERO {
        wrong.push((&["quantity"], "a number above 0"));
    }
    if line.quantity > Decimal::from(MOST) {
        wrong.push((&["quantity"], "at most 1000000000"));
    }
    let expected = line.expected_unit_price.as_ref();
    if expected.is_some_and(|expected| Currency::parse(&expected.currency).is_none()) {
        wrong.push((
            &["expectedUnitPrice", "currency"],
            "three capital letters (ISO 4217)",
        ));
    }
    if expected.is_some_and(|expected| expected.net.is_none() && expected.gross.is_none()) {
        wrong.push((
            &["expectedUnitPrice"],
            "net or gross: a price that was shown has one",
        ));
    }
    wrong
}

/// The most of one line: sums over a cart stay far from what a decimal can count.
const MOST: i64 = 1_000_000_000;

/// What a key is bound to: the input without the key, and what of the context decides prices. Numbers that are the same
/// are the same however they are written.
pub(super) fn body(context: &Context, input: &VerifyInput) -> [u8; 32] {
    let amount = |amount: &mut Option<Decimal>| *amount = amount.map(|amount| amount.normalize());
    let mut canonical = VerifyInput {
        idempotency_key: Arc::from(""),
        ..input.clone()
    };
    for line in &mut canonical.lines {
        line.quantity = line.quantity.normalize();
        if let Some(expected) = &mut line.expected_unit_price {
            amount(&mut expected.net);
            amount(&mut expected.gross);
        }
    }
    let body = json!({
        "input": canonical,
        "currency": context.currency,
        "country": context.country,
        "price_list": context.price_list,
        "own_list": claimed_list(context),
    });
    Sha256::digest(body.to_string().as_bytes()).into()
}
