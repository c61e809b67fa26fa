//! Verifies a cart: reads live, judges, holds, and binds what was agreed in a token.
//!
//! An answer is kept under its key and given again, unless the cart could not be verified: then nothing is held, and the
//! same key may be tried again.

use std::collections::HashMap;

use rust_decimal::Decimal;
use skuery_schema::checkout::{
    CheckoutOutcome, CheckoutVerification, LineStatus, UserError, UserErrorCode, VerifyCheckoutPayload,
};
use skuery_schema::ids::LocationCode;
use skuery_schema::price::Price;

use crate::checkout::allocate::Allotment;
use crate::checkout::answer::{Finding, Findings};
use crate::checkout::hold::{Cart, CartLine, Division, Trouble};
use crate::checkout::input::VerifyInput;
use crate::checkout::intake::body;
use crate::checkout::judge::{Verdict, is_changed, judge, outcome, status};
use crate::checkout::ledger::{Begun, Epoch, LedgerError, Taken};
use crate::checkout::reader::{LineWish, ReadWish};
use crate::checkout::record::{AttemptKey, Buyer, Hold, HoldState, Operation};
use crate::checkout::run::{Run, later};
use crate::checkout::trouble::{no_ledger, trouble};
use crate::checkout::{Checkout, fault};
use crate::commerce::context::Context;
use crate::error::LookupError;

impl Checkout {
    /// Verifies a cart and holds its stock.
    pub(crate) async fn verify(&self, context: &Context, input: VerifyInput) -> VerifyCheckoutPayload {
        let user_errors = self.judge_input(context, &input);
        if !user_errors.is_empty() {
            return VerifyCheckoutPayload {
                verification: None,
                user_errors,
            };
        }
        let run = Run::begin(context.now, self.parts.rules.deadline);
        let key = AttemptKey {
            buyer: Buyer::of(context),
            operation: Operation::Verify,
            key: input.idempotency_key.clone(),
        };
        let body = body(context, &input);
        let epoch = match self.parts.ledger.begin(&key, &body, run.lease(), run.now()).await {
            Ok(Begun::Mine(epoch)) => epoch,
            Ok(begun) => return answered(begun),
            Err(error) => return without_ledger(&error),
        };
        fault::point("after_begin");
        let verified = self.verify_cart(context, &input, &key.buyer, &run).await;
        self.keep(&key, epoch, verified, &run).await
    }

    /// What could be verified is kept; after anything else the key may be used again.
    async fn keep(
        &self,
        key: &AttemptKey,
        epoch: Epoch,
        verified: Result<CheckoutVerification, LedgerError>,
        run: &Run,
    ) -> VerifyCheckoutPayload {
        let ledger = &self.parts.ledger;
        let verification = match verified {
            Ok(verification) => verification,
            Err(error) => {
                let _ = ledger.abandon(key, epoch, run.now()).await;
                return without_ledger(&error);
            }
        };
        let is_final = verification.outcome != CheckoutOutcome::Unverified;
        let payload = VerifyCheckoutPayload {
            verification: Some(verification),
            user_errors: Vec::new(),
        };
        if !is_final {
            // Where this fails, the key is free when the attempt's lease ends.
            let _ = ledger.abandon(key, epoch, run.now()).await;
            return payload;
        }
        let kept = match serde_json::to_string(&payload) {
            Ok(json) => ledger.answer(key, epoch, &json, run.now()).await,
            Err(error) => Err(LedgerError::Damaged(error.to_string())),
        };
        match kept {
            Ok(()) => payload,
            Err(LedgerError::Fenced) => in_progress(),
            // An answer that is not kept could not be given again, so it is not given: the hold ends by time.
            Err(error) => without_ledger(&error),
        }
    }

    async fn verify_cart(
        &self,
        context: &Context,
        input: &VerifyInput,
        buyer: &Buyer,
        run: &Run,
    ) -> Result<CheckoutVerification, LedgerError> {
        let pickup = input.pickup_location.clone().map(LocationCode::new);
        let wishes: Vec<LineWish> = input.lines.iter().map(Into::into).collect();
        let wish = ReadWish {
            lines: &wishes,
            pickup: pickup.as_ref(),
            elsewhere: pickup.is_some(),
            credit: false,
            deadline: run.deadline(),
        };
        let reading = self.read(context, wish).await;
        let read = input.lines.iter().zip(reading.lines);
        let (mut lines, mut verdicts) = (Vec::new(), Vec::new());
        for (input, reading) in read {
            let verdict = judge(input, &reading);
            let orderable = match &verdict {
                Verdict::Orderable(orderable) => Some(*orderable),
                Verdict::Refused(_) | Verdict::Silent(_) => None,
            };
            lines.push(CartLine {
                input,
                reading,
                orderable,
            });
            verdicts.push(verdict);
        }
        // Judged by its input; what is not said is as configured.
        let seconds = self.seconds(input.hold_seconds).unwrap_or(self.parts.rules.hold);
        let mut cart = Cart {
            buyer,
            checkout_id: &input.checkout_id,
            pickup: pickup.as_ref(),
            reserve: input.reserve,
            until: later(context.now, seconds),
            backorders: context.channel.backorders,
            today: self.today(context),
            lines,
        };
        self.judge_cart(context, input, &mut cart, &verdicts, run).await
    }

    /// Divides, holds, and puts the answer together.
    async fn judge_cart(
        &self,
        context: &Context,
        input: &VerifyInput,
        cart: &mut Cart<'_>,
        verdicts: &[Verdict],
        run: &Run,
    ) -> Result<CheckoutVerification, LedgerError> {
        let mut findings = Findings::new(context, input);
        // Without the ledger first: what cannot be verified must not cost the cart the hold it has.
        findings.find_silent(cart, verdicts, &cart.allot(&Taken::new()));
        if findings.is_unverified() {
            return Ok(findings.unverified(cart, verdicts));
        }
        let division = match self.hold(context, cart, run).await {
            Ok(division) => division,
            Err(Trouble::Ledger(error)) => return Err(error),
            Err(Trouble::System(error)) => {
                findings.silent(&error, None);
                return Ok(findings.unverified(cart, verdicts));
            }
            Err(Trouble::Overtaken) => {
                findings.overtaken();
                return Ok(findings.unverified(cart, verdicts));
            }
        };
        findings.find_silent(cart, verdicts, &division.allotments);
        let prices = match self.final_prices(context, cart, &division, run).await {
            Ok(prices) => prices,
            Err(error) => {
                findings.silent(&error, None);
                Vec::new()
            }
        };
        if findings.is_unverified() {
            self.give_up(division.hold.as_ref(), cart, run).await?;
            return Ok(findings.unverified(cart, verdicts));
        }
        self.answer(findings, cart, verdicts, division, prices, run).await
    }

    /// The price of what is confirmed: less than asked may have another one.
    async fn final_prices(
        &self,
        context: &Context,
        cart: &Cart<'_>,
        division: &Division,
        run: &Run,
    ) -> Result<Vec<Option<Price>>, LookupError> {
        let (mut numbers, mut wishes) = (Vec::new(), Vec::new());
        let lines = cart.lines.iter().zip(&division.allotments);
        for (number, (line, Allotment { confirmed, .. })) in lines.enumerate() {
            if *confirmed > Decimal::ZERO && *confirmed < line.input.quantity {
                numbers.push(number);
                wishes.push(LineWish {
                    quantity: *confirmed,
                    ..line.input.into()
                });
            }
        }
        let mut again = HashMap::new();
        if !wishes.is_empty() {
            let prices = self.line_prices(context, &wishes, run.deadline()).await;
            again.extend(numbers.into_iter().zip(prices));
        }
        let lines = cart.lines.iter().enumerate();
        lines
            .map(|(number, line)| {
                again
                    .remove(&number)
                    .unwrap_or_else(|| line.reading.price.clone())
            })
            .collect()
    }

    async fn answer(
        &self,
        findings: Findings<'_>,
        cart: &Cart<'_>,
        verdicts: &[Verdict],
        mut division: Division,
        prices: Vec<Option<Price>>,
        run: &Run,
    ) -> Result<CheckoutVerification, LedgerError> {
        let judged = cart
            .lines
            .iter()
            .zip(verdicts)
            .zip(&division.allotments)
            .zip(&prices);
        let lines: Vec<Finding> = judged
            .map(|(((line, verdict), allotment), price)| {
                let expected = line.input.expected_unit_price.as_ref();
                let changed = price.as_ref().is_some_and(|price| is_changed(expected, price));
                let status = match (verdict, price) {
                    (Verdict::Refused(status), _) => *status,
                    (_, None) => LineStatus::NotPurchasable,
                    _ => status(line.input.quantity, allotment, changed),
                };
                Finding { status, changed }
            })
            .collect();
        let outcome = outcome(lines.iter().map(|line| line.status));
        if outcome == CheckoutOutcome::Rejected {
            self.give_up(division.hold.take().as_ref(), cart, run).await?;
        }
        let expires_at = match &division.hold {
            Some(hold) => hold.until,
            None => cart.until,
        };
        let mut verification = findings.verified(cart, outcome, &lines, &division, prices);
        if matches!(outcome, CheckoutOutcome::Confirmed | CheckoutOutcome::Changed) {
            let claims = findings.claims(cart, &division, &verification, expires_at);
            verification.token = claims.sign(&self.parts.rules.token_keys);
            verification.expires_at = Some(expires_at);
        }
        Ok(verification)
    }

    /// A hold that came to nothing ends, and its reservations are given back.
    async fn give_up(&self, hold: Option<&Hold>, cart: &Cart<'_>, run: &Run) -> Result<(), LedgerError> {
        let Some(hold) = hold else { return Ok(()) };
        let ended = self
            .parts
            .ledger
            .end_hold(&hold.id, HoldState::Released, run.now());
        if ended.await?.is_some() {
            // What fails here is done by the worker.
            let _ = self.give_back(hold, run).await;
            self.parts.changes.stock_changed(&cart.skus());
        }
        Ok(())
    }
}

/// An attempt that is not ours to make.
fn answered(begun: Begun) -> VerifyCheckoutPayload {
    match begun {
        Begun::Answered(json) => match serde_json::from_str(&json) {
            Ok(payload) => payload,
            Err(error) => without_ledger(&LedgerError::Damaged(error.to_string())),
        },
        Begun::Conflict => failed(trouble(
            UserErrorCode::IdempotencyConflict,
            "this key was used with another input",
        )),
        Begun::Busy | Begun::Mine(_) => in_progress(),
    }
}

fn in_progress() -> VerifyCheckoutPayload {
    failed(trouble(
        UserErrorCode::InProgress,
        "the same request is under way; ask again with the same key",
    ))
}

fn without_ledger(error: &LedgerError) -> VerifyCheckoutPayload {
    tracing::error!(error = %error, "a checkout could not be verified");
    failed(no_ledger())
}

fn failed(error: UserError) -> VerifyCheckoutPayload {
    VerifyCheckoutPayload {
        verification: None,
        user_errors: vec![error],
    }
}
