//! What placing an order tells the caller to mend.

use std::sync::Arc;

use skuery_schema::checkout::{UserError, UserErrorCode};
use skuery_schema::ids::SystemName;

/// An error about the whole.
pub(super) fn trouble(code: UserErrorCode, message: &str) -> UserError {
    UserError {
        code,
        message: message.into(),
        field: None,
        line_id: None,
    }
}

/// The same, about a part of the input.
pub(super) fn at(error: UserError, path: &[&str]) -> UserError {
    let field = std::iter::once("input").chain(path.iter().copied());
    UserError {
        field: Some(field.map(Arc::from).collect()),
        ..error
    }
}

/// The same, about a line of the cart.
pub(super) fn of_line(error: UserError, line: &Arc<str>) -> UserError {
    UserError {
        line_id: Some(line.clone()),
        ..error
    }
}

/// A system that must answer did not.
pub(super) fn silent(system: &SystemName) -> UserError {
    let message = format!("{system} does not answer; nothing was sent");
    trouble(UserErrorCode::SystemUnavailable, &message)
}

/// The ledger did not do it.
pub(super) fn no_ledger() -> UserError {
    let message = "checkout is not available at the moment; try again with the same key";
    trouble(UserErrorCode::SystemUnavailable, message)
}
