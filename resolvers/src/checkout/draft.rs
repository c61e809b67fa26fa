//! From what was agreed to what is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_schema::ids::{CustomerNumber, LocationCode};

use crate::checkout::hold::has_reservations;
use crate::checkout::input::PlaceInput;
use crate::checkout::record::Hold;
use crate::checkout::token::{AgreedLine, Claims};
use crate::port::order_entry::{DraftLine, OrderDraft};

/// The order as it is sent, once and whenever it has to be sent again.
pub(super) fn draft(
    claims: &Claims,
    hold: &Hold,
    input: &PlaceInput,
    customer: CustomerNumber,
    external_number: Arc<str>,
    placed_at: Timestamp,
) -> OrderDraft {
    OrderDraft {
        external_number,
        customer,
        channel: claims.buyer.channel.as_str().into(),
        currency: claims.currency,
        customer_reference: input.customer_reference.clone(),
        note: input.note.clone(),
        shipping_address: input.shipping_address.clone().or_else(|| claims.ship_to.clone()),
        billing_address: input.billing_address.clone(),
        pickup_location: claims.pickup_location.clone(),
        placed_at,
        lines: lines(claims, hold),
        payment: input
            .payment
            .as_ref()
            .map(|payment| payment.authorization.clone()),
        reservation: has_reservations(hold).then(|| hold.id.clone()),
    }
}

/// One line for each place a line of the cart comes from.
fn lines(claims: &Claims, hold: &Hold) -> Vec<DraftLine> {
    let mut lines = Vec::new();
    for agreed in &claims.lines {
        let mut rest = agreed.quantity;
        for (location, quantity) in places(agreed, hold) {
            rest -= quantity;
            lines.push(line(agreed, quantity, Some(location)));
        }
        if rest > Decimal::ZERO {
            lines.push(line(agreed, rest, None));
        }
    }
    for (number, line) in (1..).zip(&mut lines) {
        line.number = number;
    }
    lines
}

fn places(agreed: &AgreedLine, hold: &Hold) -> BTreeMap<LocationCode, Decimal> {
    let mut places = BTreeMap::new();
    for held in hold.lines.iter().filter(|held| held.line_id == agreed.line_id) {
        *places.entry(held.location.clone()).or_insert(Decimal::ZERO) += held.quantity;
    }
    places
}

fn line(agreed: &AgreedLine, quantity: Decimal, location: Option<LocationCode>) -> DraftLine {
    // A price quantity is never zero; the price itself is then the better guess than none.
    let per_unit = |price: Decimal| price.checked_div(agreed.price_quantity).unwrap_or(price);
    DraftLine {
        number: 0,
        sku: agreed.sku.clone(),
        quantity,
        unit: agreed.unit.clone(),
        net_price: agreed.net.map(per_unit),
        gross_price: agreed.gross.map(per_unit),
        location,
    }
}
