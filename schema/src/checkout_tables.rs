//! The field tables of checkout.

use crate::catalog::ProductVariant;
use crate::checkout::{
    Allocation, Alternative, CheckoutVerification, OrderPlacement, PlaceOrderPayload, ReleaseCheckoutPayload,
    UserError, VerifiedLine, VerifyCheckoutPayload, Warning,
};
use crate::ids::Sku;
use crate::lookup;
use crate::object;
use crate::table::Value;

fn variant(sku: &Sku) -> Value<'static> {
    Value::Made(Box::new(ProductVariant {
        sku: sku.clone(),
        known: false,
        content: None,
    }))
}

object! {
    /// The answer to `verifyCheckout` and `extendCheckout`.
    VerifyCheckoutPayload, "VerifyCheckoutPayload";
    /// What the systems say; null when an error of the caller kept them from being asked.
    own verification: "CheckoutVerification" => |payload, _| Value::object(payload.verification.as_ref());
    /// What the caller must mend; empty when all is well.
    own userErrors: "[UserError!]!" => |payload, _| Value::List(&payload.user_errors);
}

object! {
    /// What the systems say of a cart, read just now.
    CheckoutVerification, "CheckoutVerification";
    /// The caller's own ID of the cart.
    own checkoutId: "ID!" => |verified, _| Value::Str(&verified.checkout_id);
    /// The whole in a word.
    own outcome: "CheckoutOutcome!" => |verified, _| Value::Name(verified.outcome.name());
    /// Signed, for `placeOrder`: binds the lines, their prices, the customer and what is held. Null unless it can be ordered.
    own token: "String" => |verified, _| Value::text(verified.token.as_ref());
    /// When the token ends, and with it what is held.
    own expiresAt: "DateTime" => |verified, _| verified.expires_at.map_or(Value::Null, Value::DateTime);
    /// When the systems were asked.
    own verifiedAt: "DateTime!" => |verified, _| Value::DateTime(verified.verified_at);
    /// The lines, in the order of the input.
    own lines: "[VerifiedLine!]!" => |verified, _| Value::List(&verified.lines);
    /// Sum of what is confirmed; null when a price is missing. A side that the system does not give is null, never invented.
    own subtotal: "TaxedMoney" => |verified, _| Value::object(verified.subtotal.as_ref());
    /// All in all.
    own total: "TaxedMoney" => |verified, _| Value::object(verified.total.as_ref());
    /// What the shopper should know, although it can be ordered.
    own warnings: "[Warning!]!" => |verified, _| Value::List(&verified.warnings);
}

object! {
    /// One line as verified.
    VerifiedLine, "VerifiedLine";
    /// The caller's own ID of the line.
    own lineId: "ID!" => |line, _| Value::Str(&line.line_id);
    /// Stock keeping unit.
    own sku: "String!" => |line, _| Value::Str(line.sku.as_str());
    /// The variant; null when there is no such SKU.
    own variant: "ProductVariant" => |line, _| variant(&line.sku);
    /// The line in a word.
    own status: "LineStatus!" => |line, _| Value::Name(line.status.name());
    /// How many were asked for.
    own requested: "Decimal!" => |line, _| Value::Decimal(line.requested);
    /// How many can be ordered now.
    own confirmed: "Decimal!" => |line, _| Value::Decimal(line.confirmed);
    /// The price read just now; null when there is none for this customer.
    own price: "Price" => |line, _| Value::object(line.price.as_ref());
    /// The price that the shopper was shown, as the caller told it.
    own expectedUnitPrice: "Money" => |line, _| Value::object(line.expected_unit_price.as_ref());
    /// From where it comes, and who holds it.
    own allocations: "[Allocation!]!" => |line, _| Value::List(&line.allocations);
    /// What could be ordered instead.
    own alternatives: "[Alternative!]!" => |line, _| Value::List(&line.alternatives);
}

object! {
    /// A part of a line, from one location.
    Allocation, "Allocation";
    /// From where.
    own location: "Location!" => |part, _| Value::Object(&*part.location);
    /// How many.
    own quantity: "Decimal!" => |part, _| Value::Decimal(part.quantity);
    /// From which day on it can be sent; null is now.
    own availableFrom: "Date" => |part, _| part.available_from.map_or(Value::Null, Value::Date);
    /// Who holds it.
    own holdKind: "HoldKind!" => |part, _| Value::Name(part.hold_kind.name());
    /// What that is worth: whether another sales channel may still take it.
    own promise: "StockPromise!" => |part, _| Value::Name(part.promise.name());
}

object! {
    /// What could be ordered instead.
    Alternative, "Alternative";
    /// How it differs.
    own kind: "AlternativeKind!" => |other, _| Value::Name(other.kind.name());
    /// How many.
    own quantity: "Decimal!" => |other, _| Value::Decimal(other.quantity);
    /// From which day on.
    own date: "Date" => |other, _| other.date.map_or(Value::Null, Value::Date);
    /// From where.
    own location: "Location" => |other, _| Value::object(other.location.as_deref());
    /// The other article, of a substitute.
    own variant: "ProductVariant" => |other, _| other.sku.as_ref().map_or(Value::Null, variant);
}

object! {
    /// The answer to `releaseCheckout`.
    ReleaseCheckoutPayload, "ReleaseCheckoutPayload";
    /// Whether something was held and no longer is.
    own released: "Boolean!" => |payload, _| Value::Boolean(payload.released);
    /// What the caller must mend; empty when all is well.
    own userErrors: "[UserError!]!" => |payload, _| Value::List(&payload.user_errors);
}

object! {
    /// The answer to `placeOrder`.
    PlaceOrderPayload, "PlaceOrderPayload";
    /// What became of the order; null when nothing was sent.
    own placement: "OrderPlacement" => |payload, _| Value::object(payload.placement.as_ref());
    /// What the caller must mend, or why the order was refused; empty when all is well.
    own userErrors: "[UserError!]!" => |payload, _| Value::List(&payload.user_errors);
}

object! {
    /// What became of an order.
    OrderPlacement, "OrderPlacement";
    /// How far it is.
    own state: "PlacementState!" => |placement, _| Value::Name(placement.state.name());
    /// The caller's own key.
    own idempotencyKey: "ID!" => |placement, _| Value::Str(&placement.idempotency_key);
    /// The number under which the gateway handed the order over; known before the order system has answered.
    own externalNumber: "String!" => |placement, _| Value::Str(&placement.external_number);
    /// The order system's own number, once it has answered.
    own orderNumber: "String" => |placement, _| Value::text(placement.order_number.as_ref());
    /// The order as the system that took it tells it now, past every cache. Null while it is pending, and for guests.
    live order: "Order" => lookup::PLACED_ORDER;
    /// When it was first sent.
    own submittedAt: "DateTime" => |placement, _| placement.submitted_at.map_or(Value::Null, Value::DateTime);
}

object! {
    /// Something the caller must mend.
    UserError, "UserError";
    /// What to branch on.
    own code: "UserErrorCode!" => |error, _| Value::Name(error.code.name());
    /// In words, for developers.
    own message: "String!" => |error, _| Value::Str(&error.message);
    /// Where in the arguments, such as `["input", "lines", "0", "quantity"]`.
    own field: "[String!]" => |error, _| error.field.as_ref().map_or(Value::Null, |path| Value::texts(path));
    /// Which line, by the caller's own ID.
    own lineId: "ID" => |error, _| Value::text(error.line_id.as_ref());
}

object! {
    /// Something the shopper should know.
    Warning, "Warning";
    /// Stable word to branch on.
    own code: "String!" => |warning, _| Value::Str(&warning.code);
    /// In words, for developers.
    own message: "String!" => |warning, _| Value::Str(&warning.message);
    /// Which line, by the caller's own ID.
    own lineId: "ID" => |warning, _| Value::text(warning.line_id.as_ref());
}
