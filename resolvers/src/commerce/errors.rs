//! The one place where a failed lookup becomes what a client sees; the cause goes to the log.

use skuery_schema::error::{ErrorCode, FieldError};
use skuery_schema::ids::SystemName;

use crate::commerce::price_terms::TermsError;
use crate::error::{ErrorKind, LookupError};

/// A safe sentence and a code; nothing of the system's own words.
pub(crate) fn field_error(error: &LookupError) -> FieldError {
    let system = error.system();
    let what = error.operation().replace('_', " ");
    let (code, message) = match error.kind() {
        ErrorKind::Unavailable => (
            ErrorCode::SystemUnavailable,
            format!("{system} does not answer ({what})"),
        ),
        ErrorKind::Timeout => (
            ErrorCode::SystemTimeout,
            format!("{system} did not answer in time ({what})"),
        ),
        ErrorKind::Rejected => (
            ErrorCode::SystemRejected,
            format!("{system} refused the question ({what})"),
        ),
        ErrorKind::Overloaded => (
            ErrorCode::SystemOverloaded,
            format!("{system} is overloaded ({what})"),
        ),
        ErrorKind::InvalidAnswer => (
            ErrorCode::SystemRejected,
            format!("{system} gave an answer that cannot be used ({what})"),
        ),
        ErrorKind::InvalidValue => (
            ErrorCode::SystemRejected,
            format!("{system} gave an illegal value ({what})"),
        ),
        ErrorKind::Unsupported => (
            ErrorCode::BadUserInput,
            // Only our own words are ever said with this kind.
            format!("{system} cannot answer this ({what}): {}", error.detail()),
        ),
    };
    tracing::debug!(
        system = %system,
        operation = error.operation(),
        kind = error.kind().as_str(),
        detail = error.detail(),
        "a lookup failed"
    );
    FieldError {
        code,
        message: message.into(),
        system: Some(system.as_str().into()),
        retryable: error.retryable(),
    }
}

/// What a client sees where a customer's terms cannot be told.
pub(crate) fn terms_error(error: &TermsError) -> FieldError {
    match error {
        TermsError::UnknownCustomer(system) => unknown_customer(system),
        TermsError::Illegal(error) => field_error(error),
    }
}

/// What hangs on a customer's terms cannot be said of a customer that the system does not know. Not FORBIDDEN: whoever
/// gave out the identity and the system disagree, and signing in again would not help.
fn unknown_customer(system: &SystemName) -> FieldError {
    FieldError {
        code: ErrorCode::SystemRejected,
        message: format!("{system} does not know this customer").into(),
        system: Some(system.as_str().into()),
        retryable: false,
    }
}
