//! The closed list of error codes that clients see in `extensions.code`, and the error of one field.

use std::sync::Arc;

/// What a client can branch on. The list is part of the public contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The document is not GraphQL.
    GraphqlParseFailed,
    /// The document does not fit the schema.
    GraphqlValidationFailed,
    /// An argument's or variable's value is not acceptable.
    BadUserInput,
    /// There is no valid identity where one is needed.
    Unauthenticated,
    /// The identity may not do this.
    Forbidden,
    /// The operation asks for more than is allowed.
    QueryTooComplex,
    /// The transport does not take this operation.
    OperationNotAllowed,
    /// The document is named, and nobody knows the name.
    PersistedQueryNotFound,
    /// The document that is named is another than the one that is said.
    PersistedQueryHashMismatch,
    /// Documents cannot be named in this way here.
    PersistedQueryNotSupported,
    /// The system does not answer, or answers with an error of its own.
    SystemUnavailable,
    /// The system did not answer in time.
    SystemTimeout,
    /// The system refused, or answered something that cannot be understood.
    SystemRejected,
    /// The system, or the queue before it, is full.
    SystemOverloaded,
    /// The request's own time is up.
    DeadlineExceeded,
    /// A fault of the gateway.
    Internal,
}

impl ErrorCode {
    /// The code as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::OperationNotAllowed => "OPERATION_NOT_ALLOWED",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedQueryHashMismatch => "PERSISTED_QUERY_HASH_MISMATCH",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::SystemUnavailable => "SYSTEM_UNAVAILABLE",
            Self::SystemTimeout => "SYSTEM_TIMEOUT",
            Self::SystemRejected => "SYSTEM_REJECTED",
            Self::SystemOverloaded => "SYSTEM_OVERLOADED",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::Internal => "INTERNAL",
        }
    }
}

/// Why one field has no value, in words that are safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// What to branch on.
    pub code: ErrorCode,
    /// One sentence without secrets, addresses or other customers' data.
    pub message: Arc<str>,
    /// The system that did not answer, if one was asked.
    pub system: Option<Arc<str>>,
    /// Whether asking again a little later may succeed.
    pub retryable: bool,
}

impl FieldError {
    /// An error of the caller's making.
    pub fn bad_input(message: impl Into<Arc<str>>) -> Self {
        Self {
            code: ErrorCode::BadUserInput,
            message: message.into(),
            system: None,
            retryable: false,
        }
    }
}
