//! Holds a verified cart for longer, or lets it go. Both may be repeated: the token says what is meant.

use std::time::Duration;

use skuery_schema::checkout::{
    Allocation, CheckoutOutcome, CheckoutVerification, HoldKind, LineStatus, ReleaseCheckoutPayload,
    UserError, UserErrorCode, VerifiedLine, VerifyCheckoutPayload,
};

use crate::checkout::Checkout;
use crate::checkout::hold::{Reserving, has_reservations};
use crate::checkout::record::{Buyer, Hold, HoldState};
use crate::checkout::run::{Run, later};
use crate::checkout::sum::{PricedQuantity, sum};
use crate::checkout::token::{AgreedLine, Claims, TokenFault};
use crate::checkout::trouble::{no_ledger, silent, trouble};
use crate::commerce::context::Context;

impl Checkout {
    /// Moves the end of a cart's hold to so many seconds from now, never beyond the longest hold counted from its
    /// beginning and never back. Prices and stock are not read again: `verified_at` and the lines stay as they were.
    pub(crate) async fn extend(
        &self,
        context: &Context,
        token: &str,
        seconds: Option<i32>,
    ) -> VerifyCheckoutPayload {
        let extended = match self.seconds(seconds) {
            Some(wanted) => self.extend_by(context, token, wanted).await,
            None => Err(UserError {
                field: Some(vec!["seconds".into()]),
                ..trouble(UserErrorCode::InvalidInput, &self.seconds_allowed())
            }),
        };
        match extended {
            Ok(verification) => VerifyCheckoutPayload {
                verification: Some(verification),
                user_errors: Vec::new(),
            },
            Err(error) => VerifyCheckoutPayload {
                verification: None,
                user_errors: vec![error],
            },
        }
    }

    async fn extend_by(
        &self,
        context: &Context,
        token: &str,
        wanted: Duration,
    ) -> Result<CheckoutVerification, UserError> {
        let run = Run::begin(context.now, self.parts.rules.deadline);
        let claims = Claims::open(token, &self.parts.rules.token_keys).map_err(refused)?;
        claims.judge(&Buyer::of(context), run.now()).map_err(refused)?;
        let wanted = later(run.now(), wanted);
        let longest = self.parts.rules.longest_hold;
        let expires_at = match &claims.hold {
            None => wanted
                .min(later(claims.issued_at, longest))
                .max(claims.expires_at),
            Some(id) => {
                let hold = self.live_hold(id, &run).await?;
                let until = wanted.min(later(hold.created_at, longest)).max(hold.until);
                self.hold_until(&hold, until, &run).await?
            }
        };
        let claims = Claims { expires_at, ..claims };
        let token = claims.sign(&self.parts.rules.token_keys);
        Ok(CheckoutVerification {
            token,
            ..self.as_agreed(&claims)
        })
    }

    async fn live_hold(&self, id: &str, run: &Run) -> Result<Hold, UserError> {
        let hold = self.parts.ledger.find_hold(id).await.map_err(|_| no_ledger())?;
        match hold {
            Some(hold) if hold.state == HoldState::Held && hold.until > run.now() => Ok(hold),
            Some(hold) if hold.state == HoldState::Ordered => Err(used_up()),
            _ => Err(refused(TokenFault::Expired)),
        }
    }

    /// The systems first: a hold must not say that it lasts longer than what it stands on. Where one does not answer or
    /// refuses, the hold and its token are as they were, and what another system holds longer is given back when the hold
    /// ends.
    async fn hold_until(
        &self,
        hold: &Hold,
        until: jiff::Timestamp,
        run: &Run,
    ) -> Result<jiff::Timestamp, UserError> {
        let mut end = until;
        if has_reservations(hold) {
            end = match self.reserve(hold, until, run).await {
                Reserving::Held(end) => end,
                Reserving::Short(_) => {
                    let message = "the stock cannot be held for longer; it is held as long as before";
                    return Err(trouble(UserErrorCode::OutOfStock, message));
                }
                Reserving::Unknown(error, _) => return Err(silent(error.system())),
            };
        }
        let extended = self.parts.ledger.extend_hold(&hold.id, end, run.now()).await;
        match extended.map_err(|_| no_ledger())? {
            Some(hold) => Ok(hold.until),
            None => Err(self.ended_meanwhile(hold, run).await),
        }
    }

    /// The systems were asked to hold again what has ended in the meantime. What an order stands on stays.
    async fn ended_meanwhile(&self, hold: &Hold, run: &Run) -> UserError {
        match self.parts.ledger.find_hold(&hold.id).await {
            Ok(Some(now)) if now.state == HoldState::Ordered => used_up(),
            Ok(_) => {
                // Unanswered, it ends by time at the systems.
                let _ = self.give_back(hold, run).await;
                refused(TokenFault::Expired)
            }
            Err(_) => no_ledger(),
        }
    }

    /// What a token says, as the answer that it came with said it, without what only a new reading could tell.
    fn as_agreed(&self, claims: &Claims) -> CheckoutVerification {
        let priced: Vec<Option<PricedQuantity>> =
            claims.lines.iter().map(|line| Some(priced(line))).collect();
        let subtotal = sum(&priced, claims.currency);
        CheckoutVerification {
            checkout_id: claims.checkout_id.clone(),
            outcome: CheckoutOutcome::Confirmed,
            token: None,
            expires_at: Some(claims.expires_at),
            verified_at: claims.issued_at,
            lines: claims
                .lines
                .iter()
                .map(|line| self.agreed_line(line, claims.hold.is_some()))
                .collect(),
            subtotal,
            total: subtotal,
            warnings: Vec::new(),
        }
    }

    fn agreed_line(&self, line: &AgreedLine, is_held: bool) -> VerifiedLine {
        let allocations = line.allocations.iter().filter_map(|place| {
            Some(Allocation {
                location: self.location(&place.location)?.clone(),
                quantity: place.quantity,
                available_from: None,
                hold_kind: if is_held { place.kind } else { HoldKind::None },
                promise: place.promise,
            })
        });
        VerifiedLine {
            line_id: line.line_id.clone(),
            sku: line.sku.clone(),
            status: LineStatus::Ok,
            requested: line.quantity,
            confirmed: line.quantity,
            price: None,
            expected_unit_price: None,
            allocations: allocations.collect(),
            alternatives: Vec::new(),
        }
    }

    /// Gives a cart's stock back. A token whose time is over still says what is meant: then nothing is held any more.
    pub(crate) async fn release(&self, context: &Context, token: &str) -> ReleaseCheckoutPayload {
        match self.release_token(context, token).await {
            Ok(released) => ReleaseCheckoutPayload {
                released,
                user_errors: Vec::new(),
            },
            Err(error) => ReleaseCheckoutPayload {
                released: false,
                user_errors: vec![error],
            },
        }
    }

    async fn release_token(&self, context: &Context, token: &str) -> Result<bool, UserError> {
        let run = Run::begin(context.now, self.parts.rules.deadline);
        let claims = Claims::open(token, &self.parts.rules.token_keys).map_err(refused)?;
        match claims.judge(&Buyer::of(context), run.now()) {
            Ok(()) | Err(TokenFault::Expired) => {}
            Err(fault) => return Err(refused(fault)),
        }
        let Some(id) = &claims.hold else {
            return Ok(false);
        };
        let ended = self
            .parts
            .ledger
            .end_hold(id, HoldState::Released, run.now())
            .await;
        let Some(hold) = ended.map_err(|_| no_ledger())? else {
            return Ok(false);
        };
        // What fails here is done by the worker: the ledger knows that it is to be given back.
        let _ = self.give_back(&hold, &run).await;
        let skus: Vec<_> = hold.lines.iter().map(|line| line.sku.clone()).collect();
        self.parts.changes.stock_changed(&skus);
        Ok(hold.until > run.now())
    }
}

fn priced(line: &AgreedLine) -> PricedQuantity {
    PricedQuantity {
        quantity: line.quantity,
        net: line.net,
        gross: line.gross,
        price_quantity: line.price_quantity,
        tax_rate: None,
    }
}

/// A token that is not accepted.
fn refused(fault: TokenFault) -> UserError {
    let (code, message) = match fault {
        TokenFault::Invalid => (UserErrorCode::TokenInvalid, "not a token of this gateway"),
        TokenFault::Expired => (
            UserErrorCode::TokenExpired,
            "its time is over; verify the cart again",
        ),
        TokenFault::Mismatch => (UserErrorCode::TokenMismatch, "it was given to somebody else"),
    };
    UserError {
        field: Some(vec!["token".into()]),
        ..trouble(code, message)
    }
}

fn used_up() -> UserError {
    UserError {
        field: Some(vec!["token".into()]),
        ..trouble(UserErrorCode::TokenInvalid, "an order was placed with it")
    }
}
