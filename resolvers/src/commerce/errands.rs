//! Errands to the checkout desk: each in a task of its own, so that whoever asks may go away and it is still done.

use std::sync::Arc;

use jiff::Timestamp;
use skuery_schema::error::{ErrorCode, FieldError};
use tokio::sync::Semaphore;

use crate::checkout::desk::CheckoutDesk;
use crate::checkout::input::{PlaceInput, VerifyInput};
use crate::commerce::context::Context;
use crate::engine::Answer;

/// The most errands at once. Those of clients that have gone away go on, so that connections do not bound them.
const MOST_ERRANDS: usize = 1_000;

/// One call of the desk.
pub(crate) enum Errand {
    Verify(VerifyInput),
    Extend { token: Arc<str>, seconds: Option<i32> },
    Release { token: Arc<str> },
    Place(PlaceInput),
}

/// The way to the desk.
pub(crate) struct Errands {
    desk: Arc<dyn CheckoutDesk>,
    places: Arc<Semaphore>,
}

impl Errands {
    pub(crate) fn new(desk: Arc<dyn CheckoutDesk>) -> Self {
        Self {
            desk,
            places: Arc::new(Semaphore::new(MOST_ERRANDS)),
        }
    }

    /// Does an errand to its end, even when this future is dropped.
    pub(crate) async fn run(&self, errand: Errand, context: &Context) -> Result<Answer, FieldError> {
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            let message = "too many checkouts are under way; nothing was begun";
            return Err(failed(ErrorCode::SystemOverloaded, message));
        };
        let desk = self.desk.clone();
        // A later field of the same operation begins later than the request did.
        let context = Context {
            now: Timestamp::now(),
            ..context.clone()
        };
        let task = tokio::spawn(async move {
            let answer = errand.done_at(&*desk, &context).await;
            drop(place);
            answer
        });
        task.await.map_err(|_| {
            // It has panicked, or the process is ending; the caller's key tells later how far it came.
            let message = "the checkout broke off; the same idempotency key tells what became of it";
            failed(ErrorCode::Internal, message)
        })
    }
}

impl Errand {
    async fn done_at(self, desk: &dyn CheckoutDesk, context: &Context) -> Answer {
        match self {
            Self::Verify(input) => Answer::object(desk.verify(context, input).await),
            Self::Extend { token, seconds } => Answer::object(desk.extend(context, &token, seconds).await),
            Self::Release { token } => Answer::object(desk.release(context, &token).await),
            Self::Place(input) => Answer::object(desk.place(context, input).await),
        }
    }
}

fn failed(code: ErrorCode, message: &str) -> FieldError {
    FieldError {
        code,
        message: message.into(),
        system: None,
        retryable: true,
    }
}
