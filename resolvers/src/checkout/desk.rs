//! The desk: checkout as the mutations see it.

use std::future::Future;
use std::pin::Pin;

use skuery_schema::checkout::{PlaceOrderPayload, ReleaseCheckoutPayload, VerifyCheckoutPayload};

pub use crate::commerce::context::Context;

use crate::checkout::Checkout;
use crate::checkout::input::{PlaceInput, VerifyInput};

/// What a desk answers.
pub type Served<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Serves the mutations, one call each. It has deadlines of its own, and is never left half way: who asks may go away, the
/// call goes on.
pub trait CheckoutDesk: Send + Sync {
    /// `verifyCheckout`.
    fn verify<'a>(&'a self, context: &'a Context, input: VerifyInput) -> Served<'a, VerifyCheckoutPayload>;

    /// `extendCheckout`.
    fn extend<'a>(
        &'a self,
        context: &'a Context,
        token: &'a str,
        seconds: Option<i32>,
    ) -> Served<'a, VerifyCheckoutPayload>;

    /// `releaseCheckout`.
    fn release<'a>(&'a self, context: &'a Context, token: &'a str) -> Served<'a, ReleaseCheckoutPayload>;

    /// `placeOrder`.
    fn place<'a>(&'a self, context: &'a Context, input: PlaceInput) -> Served<'a, PlaceOrderPayload>;
}

impl CheckoutDesk for Checkout {
    fn verify<'a>(&'a self, context: &'a Context, input: VerifyInput) -> Served<'a, VerifyCheckoutPayload> {
        Box::pin(self.verify(context, input))
    }

    fn extend<'a>(
        &'a self,
        context: &'a Context,
        token: &'a str,
        seconds: Option<i32>,
    ) -> Served<'a, VerifyCheckoutPayload> {
        Box::pin(self.extend(context, token, seconds))
    }

    fn release<'a>(&'a self, context: &'a Context, token: &'a str) -> Served<'a, ReleaseCheckoutPayload> {
        Box::pin(self.release(context, token))
    }

    fn place<'a>(&'a self, context: &'a Context, input: PlaceInput) -> Served<'a, PlaceOrderPayload> {
        Box::pin(self.place(context, input))
    }
}
