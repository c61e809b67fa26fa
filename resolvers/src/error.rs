//! Why a lookup got no answer: one struct with a small kind to branch on and context for the log.

use std::fmt;
use std::sync::Arc;

use skuery_schema::ids::SystemName;

/// What went wrong, as the engine and the door branch on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No connection, connection lost, HTTP 5xx, or the system is known to be down.
    Unavailable,
    /// An attempt or the request's deadline ran out while the system was asked.
    Timeout,
    /// The system refused the request (4xx, an error inside a 200, wrong credentials).
    Rejected,
    /// The door's own queue was full or too slow, or the system said it is overloaded (429).
    Overloaded,
    /// The answer could not be understood: not the expected format, too large, contradictory.
    InvalidAnswer,
    /// One value in the answer is illegal (a price of NaN); the other keys are unaffected.
    InvalidValue,
    /// The system or its configuration cannot answer this kind of question at all.
    Unsupported,
}

impl ErrorKind {
    /// A stable word for metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Rejected => "rejected",
            Self::Overloaded => "overloaded",
            Self::InvalidAnswer => "invalid_answer",
            Self::InvalidValue => "invalid_value",
            Self::Unsupported => "unsupported",
        }
    }
}

/// A failed lookup. Cheap to clone, because every waiter of a shared call gets it.
#[derive(Clone, Debug)]
pub struct LookupError(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    retryable: bool,
    system: SystemName,
    operation: &'static str,
    detail: String,
}

impl LookupError {
    /// `detail` is for the log only: never a secret, a URL, a body or another customer's key.
    pub fn new(
        kind: ErrorKind,
        system: &SystemName,
        operation: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        let retryable = matches!(
            kind,
            ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Overloaded
        );
        Self(Arc::new(Inner {
            kind,
            retryable,
            system: system.clone(),
            operation,
            detail: detail.into(),
        }))
    }

    /// What to branch on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same question may succeed a little later.
    pub fn retryable(&self) -> bool {
        self.0.retryable
    }

    /// The system that was asked.
    pub fn system(&self) -> &SystemName {
        &self.0.system
    }

    /// The lookup's name, such as `prices`.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The cause in words, for the log.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} failed: {}",
            self.0.operation,
            self.0.system,
            self.0.kind.as_str()
        )
    }
}

impl std::error::Error for LookupError {}
