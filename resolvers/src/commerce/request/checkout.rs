//! Checkout: the mutations' arguments, their way to the desk, and the order that was placed.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::availability::Address;
use skuery_schema::checkout::{OrderPlacement, PlacementState};
use skuery_schema::error::{ErrorCode, FieldError};
use skuery_schema::ids::Sku;
use skuery_schema::input::{Args, Input};
use skuery_schema::lookup;

use crate::checkout::input::{ExpectedPrice, LineInput, PaymentInput, PlaceInput, VerifyInput};
use crate::commerce::context::Context;
use crate::commerce::errands::{Errand, Errands};
use crate::commerce::request::{CommerceRequest, Next, Step};
use crate::engine::{Answer, Ask};

/// The wave's errands to the checkout desk.
#[derive(Default)]
pub(super) struct CheckoutQuestions {
    waiting: Vec<(usize, Errand)>,
    answers: Vec<Option<Result<Answer, FieldError>>>,
}

/// An errand that waits for its wave.
pub(super) struct CheckoutStep(usize);

impl CheckoutQuestions {
    fn ask(&mut self, errand: Errand) -> CheckoutStep {
        self.answers.push(None);
        let number = self.answers.len() - 1;
        self.waiting.push((number, errand));
        CheckoutStep(number)
    }

    /// Does all errands, each to its end; whether there were any.
    pub(super) async fn wave(&mut self, errands: Option<&Errands>, context: &Context) -> bool {
        let waiting = std::mem::take(&mut self.waiting);
        let was_asked = !waiting.is_empty();
        for (number, errand) in waiting {
            self.answers[number] = match errands {
                Some(errands) => Some(errands.run(errand, context).await),
                None => None,
            };
        }
        was_asked
    }
}

impl CommerceRequest<'_> {
    pub(super) fn ask_checkout(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        if ask.lookup == lookup::PLACED_ORDER {
            return self.placed_order(ask);
        }
        if self.gateway.errands().is_none() {
            return Err(FieldError {
                code: ErrorCode::OperationNotAllowed,
                ..FieldError::bad_input("checkout is not configured")
            });
        }
        let errand = errand(ask).ok_or_else(|| FieldError::bad_input("this field is not served"))?;
        let step = self.checkout.ask(errand);
        Ok(Next::Then(Step::Checkout(step)))
    }

    pub(super) fn go_on_checkout(&mut self, step: &CheckoutStep) -> Result<Next, FieldError> {
        let answer = self.checkout.answers.get_mut(step.0).and_then(Option::take);
        answer.unwrap_or(Ok(Answer::Null)).map(Into::into)
    }

    /// The order as the buyer's own orders have it. A guest has none to look among, and an order that is pending or refused
    /// is in no system.
    fn placed_order(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let placement = ask.parent.as_any().downcast_ref::<OrderPlacement>();
        let placed = placement.filter(|placement| placement.state == PlacementState::Placed);
        let number = placed.and_then(|placement| placement.order_number.clone());
        match number.filter(|_| self.own_number().is_some()) {
            Some(number) => self.order_just_placed(number),
            None => Ok(Answer::Null.into()),
        }
    }
}

/// What a mutation asks of the desk; its arguments have been checked against the tables.
fn errand(ask: &Ask<'_>) -> Option<Errand> {
    let args = ask.args;
    Some(match ask.lookup {
        lookup::VERIFY_CHECKOUT => Errand::Verify(verify_input(args)?),
        lookup::EXTEND_CHECKOUT => Errand::Extend {
            token: args.text(0)?.clone(),
            seconds: args.int(1),
        },
        lookup::RELEASE_CHECKOUT => Errand::Release {
            token: args.text(0)?.clone(),
        },
        lookup::PLACE_ORDER => Errand::Place(place_input(args)?),
        _ => return None,
    })
}

fn verify_input(args: &Args) -> Option<VerifyInput> {
    let input = args.get(0)?;
    let Input::List(lines) = input.field("lines")? else {
        return None;
    };
    Some(VerifyInput {
        idempotency_key: text(input, "idempotencyKey")?,
        checkout_id: text(input, "checkoutId")?,
        lines: lines.iter().map(line).collect::<Option<_>>()?,
        ship_to: input.field("shipTo").and_then(address),
        pickup_location: text(input, "pickupLocation"),
        reserve: switch(input, "reserve").unwrap_or(true),
        hold_seconds: input.field("holdSeconds").and_then(Input::as_int),
    })
}

fn line(line: &Input) -> Option<LineInput> {
    Some(LineInput {
        line_id: text(line, "lineId")?,
        sku: Sku::new(text(line, "sku")?),
        quantity: decimal(line, "quantity")?,
        unit: text(line, "unit"),
        expected_unit_price: line.field("expectedUnitPrice").and_then(|price| {
            Some(ExpectedPrice {
                net: decimal(price, "net"),
                gross: decimal(price, "gross"),
                currency: text(price, "currency")?,
            })
        }),
        accept_backorder: switch(line, "acceptBackorder").unwrap_or(false),
        accept_partial: switch(line, "acceptPartial").unwrap_or(false),
    })
}

fn place_input(args: &Args) -> Option<PlaceInput> {
    let input = args.get(0)?;
    Some(PlaceInput {
        idempotency_key: text(input, "idempotencyKey")?,
        token: text(input, "token")?,
        customer_reference: text(input, "customerReference"),
        billing_address: input.field("billingAddress").and_then(address),
        shipping_address: input.field("shippingAddress").and_then(address),
        payment: input.field("payment").and_then(payment),
        note: text(input, "note"),
    })
}

fn payment(payment: &Input) -> Option<PaymentInput> {
    Some(PaymentInput {
        provider: text(payment, "provider")?,
        authorization: text(payment, "authorization")?,
        amount: decimal(payment, "amount")?,
        currency: text(payment, "currency")?,
    })
}

fn address(address: &Input) -> Option<Address> {
    Some(Address {
        name: text(address, "name"),
        company: text(address, "company"),
        lines: address.field("lines")?.as_texts()?,
        postal_code: text(address, "postalCode"),
        city: text(address, "city"),
        region: text(address, "region"),
        country: text(address, "country")?,
    })
}

fn text(input: &Input, field: &str) -> Option<Arc<str>> {
    input.field(field).and_then(Input::as_text).cloned()
}

fn decimal(input: &Input, field: &str) -> Option<Decimal> {
    input.field(field).and_then(Input::as_decimal)
}

fn switch(input: &Input, field: &str) -> Option<bool> {
    input.field(field).and_then(Input::as_boolean)
}
