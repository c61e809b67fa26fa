//! Placing an order: what was agreed is read once more, written down, and handed over.
//!
//! Before the intent is in the ledger nothing has been sent, and the caller is told what to mend. From then on the order
//! exists: it is placed, rejected or pending, and a repeated key is told which.

use std::sync::Arc;

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use skuery_schema::checkout::{PlaceOrderPayload, UserError, UserErrorCode};
use skuery_schema::ids::{CustomerNumber, SystemName};

use crate::checkout::Checkout;
use crate::checkout::agree::{gone, troubles};
use crate::checkout::draft::draft;
use crate::checkout::fault;
use crate::checkout::input::{PaymentInput, PlaceInput};
use crate::checkout::ledger::{Begun, Epoch, Intended, LedgerError};
use crate::checkout::outcome::payload;
use crate::checkout::payment;
use crate::checkout::reader::{LineWish, ReadWish, Reading};
use crate::checkout::record::{
    AttemptKey, Buyer, Hold, HoldState, Operation, OrderRecord, OrderState, PaymentRecord, StepKind,
};
use crate::checkout::run::{Run, later};
use crate::checkout::settle::{external_number, step_at};
use crate::checkout::sum::{PricedQuantity, sum};
use crate::checkout::token::{Claims, TokenFault};
use crate::checkout::trouble::{at, no_ledger, silent, trouble};
use crate::checkout::work::Work;
use crate::commerce::context::Context;
use crate::error::LookupError;
use crate::port::PortLookup;
use crate::port::payments::Authorization;
use crate::port::reservations::Reservation;

/// The longest free text of an order, in bytes.
const LONGEST_TEXT: usize = 2_000;

/// The longest key, in characters.
const LONGEST_KEY: usize = 128;

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

/// What the systems say before an order.
struct Wave {
    reading: Reading,
    authorization: Option<Result<Option<Authorization>, LookupError>>,
    reservations: Vec<(SystemName, Result<Option<Reservation>, LookupError>)>,
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
        judge_input(input)?;
        let identity = context.identity.as_ref();
        let own = identity.and_then(|identity| identity.customer.clone());
        let customer = own.clone().or_else(|| self.parts.rules.guest_customer.clone());
        let Some(customer) = customer else {
            return Err(trouble(UserErrorCode::NotAuthenticated, "sign in to order"));
        };
        let buyer = Buyer {
            channel: context.channel.name.clone(),
            customer: own,
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
            .begin(key, &body(placing.input), run.lease(), run.now())
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
        let number = external_number(&rules.order_prefix, claims.issued_at, &placing.input.token);
        let hold = self.hold_of(placing, &claims, &number).await?;
        let wave = self.wave(placing, &claims, &hold).await;
        let leases = self.parts.ledger.leases(placing.run.now()).await;
        let leases = leases.map_err(|_| vec![no_ledger()])?;
        let mut against = troubles(&claims, &hold, &wave.reading, &leases);
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
        for (system, reservation) in &wave.reservations {
            against.extend(reservation.is_err().then(|| silent(system)));
        }
        if !against.is_empty() {
            return Err(against);
        }
        self.hold_on(placing, &claims, &hold, &wave).await?;
        let record = self.intent(placing, &claims, &hold, number, payment);
        self.intend(placing, record).await
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

    /// The hold that the order will stand on.
    async fn hold_of(&self, placing: &Placing<'_>, claims: &Claims, number: &str) -> Result<Hold, Troubles> {
        let ledger = &self.parts.ledger;
        let ordered = ledger.order(number).await.map_err(|_| vec![no_ledger()])?;
        if ordered.is_some() {
            return Err(vec![used_up()]);
        }
        let Some(id) = &claims.hold else {
            return self.hold_now(placing, claims).await;
        };
        let hold = ledger.find_hold(id).await.map_err(|_| vec![no_ledger()])?;
        match hold {
            Some(hold) if hold.state == HoldState::Ordered => Err(vec![used_up()]),
            Some(hold) if hold.state == HoldState::Held && hold.until > placing.run.now() => Ok(hold),
            _ => Err(vec![hold_ended()]),
        }
    }

    async fn hold_now(&self, _placing: &Placing<'_>, _claims: &Claims) -> Result<Hold, Troubles> {
        Err(vec![hold_ended()])
    }

    /// Asks every system at the same time.
    async fn wave(&self, placing: &Placing<'_>, claims: &Claims, hold: &Hold) -> Wave {
        // What is left of the time is for handing over.
        let first = Run::begin(placing.run.now(), self.parts.rules.deadline / 2);
        let lines: Vec<LineWish> = claims
            .lines
            .iter()
            .map(|line| LineWish {
                sku: line.sku.clone(),
                quantity: line.quantity,
                unit: line.unit.clone(),
            })
            .collect();
        let wish = ReadWish {
            lines: &lines,
            pickup: claims.pickup_location.as_ref(),
            elsewhere: false,
            credit: true,
            deadline: first.deadline(),
        };
        let reservations = hold.keepers().into_iter().map(|system| async {
            let found = self.reservation(&first, &system, hold).await;
            (system, found)
        });
        let (reading, authorization, reservations) = tokio::join!(
            self.read(placing.context, wish),
            self.authorization(&first, placing.input.payment.as_ref()),
            futures_util::future::join_all(reservations),
        );
        Wave {
            reading,
            authorization,
            reservations,
        }
    }

    async fn reservation(
        &self,
        run: &Run,
        system: &SystemName,
        hold: &Hold,
    ) -> Result<Option<Reservation>, LookupError> {
        let keeper = self.keeper(system)?;
        let found = keeper.reservation(run.call(), &hold.id);
        run.ask(system, PortLookup::Reservation, found).await
    }

    /// Sees to it that stock systems hold what they are to hold until the order is over. The ledger's hold is moved first:
    /// otherwise the worker could give back what is being reserved.
    async fn hold_on(
        &self,
        placing: &Placing<'_>,
        claims: &Claims,
        hold: &Hold,
        wave: &Wave,
    ) -> Result<(), Troubles> {
        let run = &placing.run;
        let needed = later(run.abandoned_at(), self.parts.rules.deadline);
        for (system, reservation) in &wave.reservations {
            let reservation = reservation.as_ref().ok().and_then(Option::as_ref);
            if reservation.is_some_and(|held| is_enough(held, hold, system, needed)) {
                continue;
            }
            let until = needed.max(hold.until);
            let moved = self.parts.ledger.extend_hold(&hold.id, until, run.now()).await;
            if moved.map_err(|_| vec![no_ledger()])?.is_none() {
                return Err(vec![hold_ended()]);
            }
            match self.reserve_again(run, hold, system, until).await {
                Ok(true) => {}
                Ok(false) => return Err(lines_at(claims, hold, system)),
                Err(_) => return Err(vec![silent(system)]),
            }
        }
        Ok(())
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
        let keepers = hold.keepers();
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
                .iter()
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
                return Ok(Prepared::Intended(Box::new(Work { record, epoch })));
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

fn judge_input(input: &PlaceInput) -> Result<(), UserError> {
    let invalid = |message: &str, path: &[&str]| Err(at(trouble(UserErrorCode::InvalidInput, message), path));
    let key = input.idempotency_key.chars().count();
    if key == 0 || key > LONGEST_KEY {
        return invalid("a key has 1 to 128 characters", &["idempotencyKey"]);
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
fn body(input: &PlaceInput) -> [u8; 32] {
    let mut input = input.clone();
    input.idempotency_key = "".into();
    if let Some(payment) = &mut input.payment {
        payment.amount = payment.amount.normalize();
    }
    let json = serde_json::to_vec(&input).expect("texts and numbers are JSON");
    Sha256::digest(json).into()
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

/// Whether a system holds all that it is to hold, for long enough.
fn is_enough(held: &Reservation, hold: &Hold, system: &SystemName, needed: jiff::Timestamp) -> bool {
    let lasts = held.until.is_none_or(|until| until >= needed);
    let has = |sku, location| {
        let lines = held
            .lines
            .iter()
            .filter(|line| line.sku == sku && line.location == location);
        lines.map(|line| line.quantity).sum::<Decimal>()
    };
    lasts
        && hold
            .reserved_at(system)
            .into_iter()
            .all(|line| has(line.sku, line.location) >= line.quantity)
}

/// The lines whose stock a system does not hold any more.
fn lines_at(claims: &Claims, hold: &Hold, system: &SystemName) -> Troubles {
    let is_at = |id: &Arc<str>| {
        hold.lines
            .iter()
            .any(|held| held.line_id == *id && held.system == *system)
    };
    let lines = claims.lines.iter().filter(|line| is_at(&line.line_id));
    lines.map(gone).collect()
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
