//! What can be changed: checkout, and nothing else.

use crate::lookup;
use crate::object;

/// The mutation root.
pub struct Mutation;

object! {
    /// Everything that can be changed. The fields of one operation are done one after the other, each with all that is selected of it, in the order in which they stand. When one fails, those after it are not begun.
    Mutation, "Mutation";
    /// Reads prices and stock of exactly these lines from the systems themselves, past every cache, and holds the stock. Prices and stock in the answer are what an order would get now.
    live verifyCheckout(input: "VerifyCheckoutInput!", "The cart."): "VerifyCheckoutPayload!" => lookup::VERIFY_CHECKOUT;
    /// Holds a verified cart's stock for longer. The answer has a new token.
    live extendCheckout(
        token: "String!", "From `verifyCheckout`.";
        seconds: "Int", "For how long from now; bounded by the configuration."
    ): "VerifyCheckoutPayload!" => lookup::EXTEND_CHECKOUT;
    /// Gives back what a verified cart holds.
    live releaseCheckout(token: "String!", "From `verifyCheckout`."): "ReleaseCheckoutPayload!" => lookup::RELEASE_CHECKOUT;
    /// Sends the order to the system that takes orders, exactly once per idempotency key, whatever fails in between. It is placed even if the caller goes away; the same key tells how far it is.
    live placeOrder(input: "PlaceOrderInput!", "The order."): "PlaceOrderPayload!" => lookup::PLACE_ORDER;
}
