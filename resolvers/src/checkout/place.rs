//! Placing an order: what was agreed is read once more, written down, and handed over.
//!
//! Before the intent is in the ledger nothing has been sent, and the caller is told what to mend. From then on the order
//! exists: it is placed, rejected or pending, and a repeated key is told which.

mod input;
mod standing;

use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::checkout::{PlaceOrderPayload, UserError, UserErrorCode};
use skuery_schema::ids::CustomerNumber;

use crate::checkout::Checkout;
use crate::checkout::agree::{price_troubles, stock_troubles};
use crate::checkout::draft::draft;
use crate::checkout::fault;
use crate::checkout::hold::by_system;
use crate::checkout::input::PlaceInput;
use crate::checkout::ledger::{Begun, Epoch, Intended, LedgerError};
use crate::checkout::outcome::payload;
use crate::checkout::payment;
use crate::checkout::record::{
    AttemptKey, Buyer, Hold, Operation, OrderRecord, OrderState, PaymentRecord, StepKind,
};
use crate::checkout::run::Run;
use crate::checkout::settle::step_at;
use crate::checkout::sum::{PricedQuantity, sum};
use crate::checkout::token::{Claims, TokenFault};
use crate::checkout::trouble::{at, no_ledger, silent, trouble};
use crate::checkout::work::{Standing, Work};
use crate::commerce::context::Context;

/// What is to be mended; nothing was sent.
type Troubles = Vec<UserError>;

/// One placement under way.
struct Placing<'a> {
    context: &'a Context,
    input: &'a PlaceInput,
    run: Run,
    key: AttemptKey,
    customer: CustomerNumber,
}

/// How far a placement has come before anything is sent.
enum Prepared {
    /// Written down: it is to be sent.
    Intended(Box<Work>),
    /// Somebody else has written it down under the same key.
    Known(Box<OrderRecord>),
}

impl Checkout {
    /// Places an order, or says what became of it. It takes its own time whether or not the caller still waits: whoever
    /// calls it lets it run to its end.
    pub(crate) async fn place(&self, context: &Context, input: PlaceInput) -> PlaceOrderPayload {
        let placed = match self.placing(context, &input) {
            Ok(placing) => self.place_once(&placing).await,
            Err(trouble) => Err(vec![trouble]),
        };
        placed.unwrap_or_else(|user_errors| PlaceOrderPayload {
            placement: None,
            user_errors,
        })
    }

    fn placing<'a>(&self, context: &'a Context, input: &'a PlaceInput) -> Result<Placing<'a>, UserError> {
        input::judge(input)?;
        let buyer = Buyer::of(context);
        let guest = self.parts.rules.guest_customer.as_ref();
        let Some(customer) = buyer.customer.as_ref().or(guest).cloned() else {
            return Err(trouble(UserErrorCode::NotAuthenticated, "sign in to order"));
        };
        let key = AttemptKey {
            buyer,
            operation: Operation::Place,
            key: input.idempotency_key.clone(),
        };
        Ok(Placing {
            context,
            input,
            run: Run::begin(context.now, self.parts.rules.deadline),
            key,
            customer,
        })
    }

    async fn place_once(&self, placing: &Placing<'_>) -> Result<PlaceOrderPayload, Troubles> {
        let Placing { run, key, .. } = placing;
        let ledger = &self.parts.ledger;
        let begun = ledger
            .begin(key, &input::body(placing.input), run.lease(), run.now())
            .await;
        let epoch = match begun.map_err(|_| vec![no_ledger()])? {
            Begun::Mine(epoch) => epoch,
            Begun::Answered(answer) => return kept_answer(&answer),
            Begun::Conflict => {
                let message = "this key was used with another order";
                let conflict = trouble(UserErrorCode::IdempotencyConflict, message);
                return Err(vec![at(conflict, &["idempotencyKey"])]);
            }
            Begun::Busy => return self.known(key).await?.ok_or_else(|| vec![in_progress()]),
        };
        fault::point("after_begin");
        // The order may have been written down by one who did not live to answer.
        if let Some(known) = self.known(key).await? {
            return Ok(known);
        }
        match self.prepare(placing).await {
            Ok(Prepared::Known(record)) => Ok(payload(&record)),
            Ok(Prepared::Intended(work)) => Ok(self.hand_over(placing, *work).await),
            Err(troubles) => {
                self.let_go(key, epoch, run).await;
                Err(troubles)
            }
        }
    }

    /// Frees the key, since nothing was done. If that fails, its lease ends by itself.
    async fn let_go(&self, key: &AttemptKey, epoch: Epoch, run: &Run) {
        let freed = self.parts.ledger.abandon(key, epoch, run.now()).await;
        if let Err(error) = freed {
            tracing::warn!(%error, "a key is not free before its lease ends");
        }
    }

    /// What became of the key's order, if there is one.
    async fn known(&self, key: &AttemptKey) -> Result<Option<PlaceOrderPayload>, Troubles> {
        let known = self.parts.ledger.order_of_key(&key.buyer, &key.key).await;
        let known = known.map_err(|_| vec![no_ledger()])?;
        Ok(known.as_ref().map(payload))
    }

    /// Everything before something is sent.
    async fn prepare(&self, placing: &Placing<'_>) -> Result<Prepared, Troubles> {
        let claims = self.claims(placing)?;
        let rules = &self.parts.rules;
        let number = claims.external_number(&rules.order_prefix);
        let held = self.held(placing, &claims, &number).await?;
        let wave = self.wave(placing, &claims, held.as_ref()).await;
        let mut against = price_troubles(&claims, &wave.reading);
        let payment = total(&claims).and_then(|total| {
            let authorization = wave.authorization.as_ref();
            let payment = placing.input.payment.as_ref();
            payment::judge(
                payment,
                authorization,
                total,
                claims.currency,
                rules.payment_required,
            )
        });
        let payment = payment.map_err(|trouble| against.push(trouble)).ok().flatten();
        if let Some(hold) = &held {
            // After the figures: what was accepted since is not in them, and is among the leases.
            let leases = self.parts.ledger.leases(placing.run.now()).await;
            let leases = leases.map_err(|_| vec![no_ledger()])?;
            against.extend(stock_troubles(&claims, hold, &wave.reading, &leases));
            for (system, found) in &wave.reservations {
                against.extend(found.is_err().then(|| silent(system)));
            }
        }
        if !against.is_empty() {
            return Err(against);
        }
        if let Some(hold) = held {
            self.hold_on(placing, &claims, &hold, &wave).await?;
            let record = self.intent(placing, &claims, &hold, number, payment);
            return self.intend(placing, record).await;
        }
        let hold = self.hold_now(placing, &claims, wave.reading).await?;
        let record = self.intent(placing, &claims, &hold, number, payment);
        let prepared = self.intend(placing, record).await;
        if !matches!(prepared, Ok(Prepared::Intended(_))) {
            self.end_unused(&hold, &placing.run).await;
        }
        prepared
    }

    /// What the token binds, if it is this buyer's and its time is not over.
    fn claims(&self, placing: &Placing<'_>) -> Result<Claims, Troubles> {
        let fault = |fault: TokenFault| {
            let (code, message) = match fault {
                TokenFault::Invalid => (UserErrorCode::TokenInvalid, "this is not a token of this gateway"),
                TokenFault::Expired => (
                    UserErrorCode::TokenExpired,
                    "the token's time is over; verify again",
                ),
                TokenFault::Mismatch => (
                    UserErrorCode::TokenMismatch,
                    "the token is of another customer or channel",
                ),
            };
            vec![of_token(code, message)]
        };
        let claims = Claims::open(&placing.input.token, &self.parts.rules.token_keys).map_err(fault)?;
        claims
            .judge(&placing.key.buyer, placing.run.now())
            .map_err(fault)?;
        if claims.currency != placing.context.currency {
            let message = format!(
                "the token is in {}; place it in the same context",
                claims.currency
            );
            return Err(vec![of_token(UserErrorCode::TokenMismatch, &message)]);
        }
        Ok(claims)
    }

    fn intent(
        &self,
        placing: &Placing<'_>,
        claims: &Claims,
        hold: &Hold,
        number: Arc<str>,
        payment: Option<PaymentRecord>,
    ) -> OrderRecord {
        let now = placing.run.now();
        let keepers = by_system(hold);
        OrderRecord {
            draft: draft(claims, hold, placing.input, placing.customer.clone(), number, now),
            buyer: placing.key.buyer.clone(),
            key: placing.key.key.clone(),
            hold: hold.id.clone(),
            system: self.parts.systems.orders.system().clone(),
            state: OrderState::Submitting,
            number: None,
            refusal: None,
            payment,
            steps: keepers
                .keys()
                .map(|system| step_at(StepKind::CommitReservation, system))
                .collect(),
            // Nobody can tell a crash before sending from one after it: it counts as sent from here on.
            sent: 1,
            absent: 0,
            intended_at: now,
            sent_at: Some(now),
            settled_at: None,
            due: Some(placing.run.abandoned_at()),
        }
    }

    async fn intend(&self, placing: &Placing<'_>, record: OrderRecord) -> Result<Prepared, Troubles> {
        let ledger = &self.parts.ledger;
        let number = match ledger.intend(&record, placing.run.now()).await {
            Ok(Intended::Written(epoch)) => {
                return Ok(Prepared::Intended(Box::new(Work {
                    record,
                    epoch,
                    stock: Standing::Sure,
                })));
            }
            Ok(Intended::HoldEnded) => return Err(vec![hold_ended()]),
            Ok(Intended::PaymentUsed) => {
                let message = "this authorisation stands behind another order";
                let used = trouble(UserErrorCode::PaymentNotAuthorized, message);
                return Err(vec![at(used, &["payment", "authorization"])]);
            }
            Ok(Intended::AlreadyOrdered(number)) => number,
            // A store may lose the connection in the very moment of writing: then it is there all the same.
            Err(_) => record.draft.external_number.clone(),
        };
        match ledger.order(&number).await {
            Ok(Some(known)) if known.buyer == record.buyer && known.key == record.key => {
                Ok(Prepared::Known(Box::new(known)))
            }
            Ok(Some(_)) => Err(vec![used_up()]),
            Ok(None) | Err(_) => Err(vec![no_ledger()]),
        }
    }

    /// Sends what is written down. Whatever fails from here on, the order is in the ledger, and the worker goes on with it.
    async fn hand_over(&self, placing: &Placing<'_>, mut work: Work) -> PlaceOrderPayload {
        fault::point("after_intend");
        let number = work.record.draft.external_number.clone();
        // Too late: the worker may have taken over already.
        if placing.run.is_over() {
            return payload(&work.record);
        }
        let worked = self.submit(&placing.run, &mut work).await;
        let Err(error) = worked else {
            return payload(&work.record);
        };
        tracing::warn!(%number, %error, "an order is left to the worker");
        match error {
            LedgerError::Fenced => match self.parts.ledger.order(&number).await {
                Ok(Some(record)) => payload(&record),
                Ok(None) | Err(_) => payload(&work.record),
            },
            LedgerError::Unavailable(_) | LedgerError::Damaged(_) => payload(&work.record),
        }
    }
}

fn kept_answer(answer: &str) -> Result<PlaceOrderPayload, Troubles> {
    serde_json::from_str(answer).map_err(|error| {
        tracing::error!(%error, "a kept answer cannot be read");
        vec![no_ledger()]
    })
}

/// What the order costs: with tax where it is known, as the shopper was shown it.
fn total(claims: &Claims) -> Result<Decimal, UserError> {
    let lines: Vec<_> = claims
        .lines
        .iter()
        .map(|line| {
            Some(PricedQuantity {
                quantity: line.quantity,
                net: line.net,
                gross: line.gross,
                price_quantity: line.price_quantity,
                tax_rate: None,
            })
        })
        .collect();
    let sum = sum(&lines, claims.currency).and_then(|sum| sum.gross.or(sum.net));
    let money = sum.map(|money| money.amount);
    money.ok_or_else(|| of_token(UserErrorCode::TokenInvalid, "what was agreed has no total"))
}

fn of_token(code: UserErrorCode, message: &str) -> UserError {
    at(trouble(code, message), &["token"])
}

fn used_up() -> UserError {
    of_token(UserErrorCode::TokenInvalid, "this token was already used")
}

fn hold_ended() -> UserError {
    of_token(
        UserErrorCode::TokenExpired,
        "what was held has ended; verify again",
    )
}

fn in_progress() -> UserError {
    trouble(
        UserErrorCode::InProgress,
        "this order is being placed; ask again with the same key",
    )
}
