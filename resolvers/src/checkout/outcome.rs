//! What a caller is told of an order, whenever it asks.

use skuery_schema::checkout::{OrderPlacement, PlaceOrderPayload, PlacementState, UserErrorCode};

use crate::checkout::record::{OrderRecord, OrderState};
use crate::checkout::trouble::trouble;
use crate::port::order_entry::RefusalReason;

/// The answer as the order is now. A person's order is pending, too: nobody has said no to it.
pub(super) fn payload(record: &OrderRecord) -> PlaceOrderPayload {
    let state = match record.state {
        OrderState::Placed => PlacementState::Placed,
        OrderState::Rejected => PlacementState::Rejected,
        OrderState::Submitting | OrderState::Unknown | OrderState::NeedsReview => PlacementState::Pending,
    };
    let refusal = record
        .refusal
        .as_ref()
        .filter(|_| state == PlacementState::Rejected);
    let user_errors = refusal.map(|refusal| {
        let code = match refusal.reason {
            RefusalReason::OutOfStock => UserErrorCode::OutOfStock,
            RefusalReason::Credit => UserErrorCode::CreditBlocked,
            RefusalReason::Price => UserErrorCode::PriceChanged,
            RefusalReason::Other => UserErrorCode::InvalidInput,
        };
        trouble(code, &refusal.message)
    });
    PlaceOrderPayload {
        placement: Some(OrderPlacement {
            state,
            idempotency_key: record.key.clone(),
            external_number: record.draft.external_number.clone(),
            order_number: record.number.clone(),
            submitted_at: Some(record.intended_at),
        }),
        user_errors: user_errors.into_iter().collect(),
    }
}
