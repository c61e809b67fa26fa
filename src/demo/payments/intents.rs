//! The payment intents of the demo's provider, and the calls that may be repeated.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::demo::answers::answer;

/// The start of an intent's number that needs no maker.
const READY: &str = "pi_demo_";
const MOST: i64 = 99_999_999;

/// Intents by number, and answers by idempotency key.
#[derive(Default)]
pub(crate) struct Intents {
    /// Held while something is decided, never across an await.
    book: Mutex<Book>,
    /// Question and answer. Held for as long as a question with a key is answered, so that it is answered once.
    answered: Mutex<HashMap<String, (String, End)>>,
}

/// How a call ended: with an intent, or an error.
type End = Result<Value, Refusal>;

#[derive(Default)]
struct Book {
    intents: BTreeMap<String, Intent>,
}

#[derive(Clone)]
struct Intent {
    /// In the currency's smallest unit.
    amount: i64,
    /// In small letters.
    currency: String,
    status: Status,
    received: i64,
    created: i64,
    /// How often money was taken: never more than once, whatever is asked.
    captures: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    RequiresPaymentMethod,
    RequiresCapture,
    Succeeded,
    Canceled,
}

impl Intents {
    /// Makes an intent, authorised unless the card is declined.
    pub(super) fn create(&self, amount: i64, currency: &str, is_declined: bool) -> Result<Value, Refusal> {
        let mut intent = Intent::new(amount, currency)?;
        let mut book = self.lock();
        let id = format!("pi_{:06}", book.intents.len() + 1);
        if is_declined {
            intent.status = Status::RequiresPaymentMethod;
        }
        let shown = intent.json(&id);
        book.intents.insert(id, intent);
        if is_declined {
            Err(Refusal::declined(shown))
        } else {
            Ok(shown)
        }
    }

    pub(super) fn look_up(&self, id: &str) -> Result<Value, Refusal> {
        let mut book = self.lock();
        Ok(book.intent(id)?.json(id))
    }

    /// Takes the money, or less of it; the rest is let go.
    pub(super) fn capture(&self, id: &str, amount: Option<i64>) -> Result<Value, Refusal> {
        let mut book = self.lock();
        let intent = book.intent(id)?;
        intent.expect_capturable(id, "captured")?;
        let amount = amount.unwrap_or(intent.amount);
        if amount <= 0 {
            return Err(Refusal::parameter("amount_to_capture"));
        }
        if amount > intent.amount {
            return Err(Refusal::too_large());
        }
        intent.status = Status::Succeeded;
        intent.received = amount;
        intent.captures += 1;
        Ok(intent.json(id))
    }

    /// Lets the authorisation go.
    pub(super) fn cancel(&self, id: &str) -> Result<Value, Refusal> {
        let mut book = self.lock();
        let intent = book.intent(id)?;
        if intent.status != Status::RequiresPaymentMethod {
            intent.expect_capturable(id, "canceled")?;
        }
        intent.status = Status::Canceled;
        Ok(intent.json(id))
    }

    /// Does the work, or answers what was answered under the key before. A key belongs to one question.
    pub(super) fn once(
        &self,
        key: Option<&str>,
        question: &str,
        work: impl FnOnce() -> Result<Value, Refusal>,
    ) -> Result<Value, Refusal> {
        let Some(key) = key else { return work() };
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((before, end)) = answered.get(key) {
            let is_same = before == question;
            return if is_same {
                end.clone()
            } else {
                Err(Refusal::other_question())
            };
        }
        let end = work();
        answered.insert(key.to_owned(), (question.to_owned(), end.clone()));
        end
    }

    /// All intents, with how often each was captured.
    pub(crate) fn all(&self) -> Value {
        let book = self.lock();
        let shown = book.intents.iter().map(|(id, intent)| {
            let mut shown = intent.json(id);
            shown["captures"] = json!(intent.captures);
            shown
        });
        shown.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        // Every change is a single step, so a panic elsewhere cannot leave it half done.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn intent(&mut self, id: &str) -> Result<&mut Intent, Refusal> {
        if !self.intents.contains_key(id) {
            let ready = ready(id).ok_or_else(|| Refusal::missing(id))?;
            self.intents.insert(id.to_owned(), ready);
        }
        self.intents.get_mut(id).ok_or_else(|| Refusal::missing(id))
    }
}

/// `pi_demo_170900_SEK_anything`.
fn ready(id: &str) -> Option<Intent> {
    let (amount, rest) = id.strip_prefix(READY)?.split_once('_')?;
    let currency = rest.split('_').next()?;
    Intent::new(amount.parse().ok()?, currency).ok()
}

impl Intent {
    fn new(amount: i64, currency: &str) -> Result<Self, Refusal> {
        if !(1..=MOST).contains(&amount) {
            return Err(Refusal::parameter("amount"));
        }
        let is_code = currency.len() == 3 && currency.bytes().all(|letter| letter.is_ascii_alphabetic());
        if !is_code {
            return Err(Refusal::parameter("currency"));
        }
        Ok(Self {
            amount,
            currency: currency.to_ascii_lowercase(),
            status: Status::RequiresCapture,
            received: 0,
            created: Timestamp::now().as_second(),
            captures: 0,
        })
    }

    fn expect_capturable(&self, id: &str, what: &str) -> Result<(), Refusal> {
        if self.status == Status::RequiresCapture {
            return Ok(());
        }
        Err(Refusal::unexpected_state(id, what, &self.json(id)))
    }

    fn json(&self, id: &str) -> Value {
        let status = match self.status {
            Status::RequiresPaymentMethod => "requires_payment_method",
            Status::RequiresCapture => "requires_capture",
            Status::Succeeded => "succeeded",
            Status::Canceled => "canceled",
        };
        let capturable = if self.status == Status::RequiresCapture {
            self.amount
        } else {
            0
        };
        json!({
            "id": id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": capturable,
            "amount_received": self.received,
            "capture_method": "manual",
            "created": self.created,
            "currency": self.currency,
            "livemode": false,
            "metadata": {},
            "status": status,
        })
    }
}

/// An error as Stripe words it.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    error: Value,
}

impl Refusal {
    fn invalid(status: StatusCode, code: &str, message: String) -> Self {
        let error = json!({"type": "invalid_request_error", "code": code, "message": message});
        Self { status, error }
    }

    fn missing(id: &str) -> Self {
        let message = format!("No such payment_intent: '{id}'");
        let mut refusal = Self::invalid(StatusCode::NOT_FOUND, "resource_missing", message);
        refusal.error["param"] = json!("intent");
        refusal
    }

    pub(super) fn parameter(name: &str) -> Self {
        let message = format!("Missing or invalid param: {name}.");
        let mut refusal = Self::invalid(StatusCode::BAD_REQUEST, "parameter_invalid_integer", message);
        refusal.error["param"] = json!(name);
        refusal
    }

    fn too_large() -> Self {
        let message = "You cannot capture more than the capturable amount.".to_owned();
        Self::invalid(StatusCode::BAD_REQUEST, "amount_too_large", message)
    }

    fn unexpected_state(id: &str, what: &str, intent: &Value) -> Self {
        let status = intent["status"].as_str().unwrap_or_default();
        let message =
            format!("The PaymentIntent {id} could not be {what} because it has a status of {status}.");
        let mut refusal = Self::invalid(
            StatusCode::BAD_REQUEST,
            "payment_intent_unexpected_state",
            message,
        );
        refusal.error["payment_intent"] = intent.clone();
        refusal
    }

    fn declined(intent: Value) -> Self {
        let error = json!({
            "type": "card_error",
            "code": "card_declined",
            "message": "Your card was declined.",
            "payment_intent": intent,
        });
        Self {
            status: StatusCode::PAYMENT_REQUIRED,
            error,
        }
    }

    fn other_question() -> Self {
        let message = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
        let error = json!({"type": "idempotency_error", "message": message});
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
        }
    }

    pub(super) fn key() -> Self {
        let error = json!({"type": "invalid_request_error", "message": "Invalid API Key provided"});
        Self {
            status: StatusCode::UNAUTHORIZED,
            error,
        }
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        answer(refusal.status, json!({ "error": refusal.error }))
    }
}
