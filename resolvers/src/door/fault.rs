//! A failure inside the door or a connector, before it is known which lookup of which system it belongs to.

use std::error::Error;
use std::io;

use http::StatusCode;
use skuery_schema::ids::SystemName;

use crate::error::{ErrorKind, LookupError};

/// Kind and words. The words are ours: never a URL, a header, a body or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    kind: ErrorKind,
    detail: String,
    refused_login: bool,
}

impl Fault {
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            refused_login: false,
        }
    }

    pub(crate) fn invalid_answer(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidAnswer, detail)
    }

    pub(crate) fn invalid_value(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidValue, detail)
    }

    /// The system does not accept who we say we are.
    pub(crate) fn refused_login(detail: impl Into<String>) -> Self {
        Self {
            refused_login: true,
            ..Self::new(ErrorKind::Rejected, detail)
        }
    }

    /// The same with the place where it was found before its words.
    pub(crate) fn at(mut self, place: &str) -> Self {
        self.detail = format!("{place}: {}", self.detail);
        self
    }

    /// The same as a failure of the whole answer.
    pub(crate) fn of_the_whole(mut self) -> Self {
        self.kind = ErrorKind::InvalidAnswer;
        self
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the system refused the token itself, so that a fresh one may help.
    pub(crate) fn is_refused_login(&self) -> bool {
        self.refused_login
    }

    pub(crate) fn into_error(self, system: &SystemName, operation: &'static str) -> LookupError {
        LookupError::new(self.kind, system, operation, self.detail)
    }

    /// What a status means unless the mapping says otherwise.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        let kind = match status.as_u16() {
            408 => ErrorKind::Timeout,
            429 => ErrorKind::Overloaded,
            500..=599 => ErrorKind::Unavailable,
            // Redirects are not followed: the usual target is a login page.
            300..=399 => ErrorKind::InvalidAnswer,
            _ => ErrorKind::Rejected,
        };
        Self::from_status_as(status, kind)
    }

    pub(crate) fn from_status_as(status: StatusCode, kind: ErrorKind) -> Self {
        Self {
            kind,
            detail: format!("HTTP status {}", status.as_u16()),
            refused_login: status == StatusCode::UNAUTHORIZED,
        }
    }

    /// reqwest's own message names the URL, so only its nature is kept.
    pub(crate) fn from_http(error: &reqwest::Error) -> Self {
        if error.is_connect() && was_not_trusted(error) {
            Self::new(ErrorKind::Unavailable, "the TLS handshake failed")
        } else if error.is_connect() {
            Self::new(ErrorKind::Unavailable, "no connection")
        } else if error.is_timeout() {
            Self::new(ErrorKind::Timeout, "no answer in time")
        } else if error.is_decode() && !was_cut_off(error) {
            Self::invalid_answer("the body cannot be decoded")
        } else if error.is_builder() {
            Self::new(ErrorKind::Rejected, "the request cannot be written")
        } else {
            Self::new(ErrorKind::Unavailable, "the connection was lost")
        }
    }
}

/// reqwest calls every failure while reading a body a decoding failure; one of the connection's has a cause that is
/// neither reqwest's nor the decompressor's.
fn was_cut_off(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        let by_connection = match error.downcast_ref::<io::Error>() {
            Some(io) => !matches!(
                io.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other
            ),
            None => !error.is::<reqwest::Error>(),
        };
        if by_connection {
            return true;
        }
        cause = error.source();
    }
    false
}

/// A certificate that is not trusted looks like any other failed connection, but somebody has to mend it.
fn was_not_trusted(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if is_tls(error) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// An I/O error hides the error it was made from, sometimes twice.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>() || inner.is_some_and(|inner| is_tls(inner))
}
