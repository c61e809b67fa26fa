//! Why a socket ends: every close code that is used, in one place.

use std::borrow::Cow;

use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// The longest reason that fits a close frame, in bytes (RFC 6455, section 5.5).
const LONGEST_REASON: usize = 123;
const TOO_SLOW: &str = "what was sent was not taken in time";

/// The end of a socket, and what the client is told about it.
#[derive(Debug)]
pub(super) struct Closing(Option<(u16, Cow<'static, str>)>);

impl Closing {
    // Codes of graphql-transport-ws.

    pub(super) fn invalid_message(why: String) -> Self {
        Self::with(4400, why)
    }

    pub(super) fn unauthorized() -> Self {
        Self::with(4401, "Unauthorized")
    }

    pub(super) fn forbidden(why: impl Into<Cow<'static, str>>) -> Self {
        Self::with(4403, why)
    }

    pub(super) fn token_expired() -> Self {
        Self::forbidden("token expired")
    }

    pub(super) fn subprotocol() -> Self {
        Self::with(4406, "Subprotocol not acceptable")
    }

    pub(super) fn initialisation_timeout() -> Self {
        Self::with(4408, "Connection initialisation timeout")
    }

    pub(super) fn subscriber_exists(id: &str) -> Self {
        Self::with(4409, format!("Subscriber for {id} already exists"))
    }

    pub(super) fn too_many_initialisations() -> Self {
        Self::with(4429, "Too many initialisation requests")
    }

    pub(super) fn internal() -> Self {
        Self::with(4500, "Internal server error")
    }

    // Codes of RFC 6455.

    pub(super) fn stopping() -> Self {
        Self::with(1001, "the server is stopping")
    }

    pub(super) fn no_pong() -> Self {
        Self::with(1002, "no pong")
    }

    pub(super) fn try_again_later(why: impl Into<Cow<'static, str>>) -> Self {
        Self::with(1013, why)
    }

    /// The client did not take what was sent. Should it read again, it may come back.
    pub(super) fn too_slow() -> Self {
        Self::try_again_later(TOO_SLOW)
    }

    pub(super) fn is_too_slow(&self) -> bool {
        matches!(&self.0, Some((_, reason)) if reason == TOO_SLOW)
    }

    /// The client has closed or is gone: nobody is told.
    pub(super) fn gone() -> Self {
        Self(None)
    }

    /// After an error of reading.
    pub(super) fn after(error: &Error) -> Self {
        match error {
            Error::Capacity(CapacityError::MessageTooLong { max_size, .. }) => {
                Self::with(1009, format!("a message may have {max_size} bytes"))
            }
            Error::Utf8(_) => Self::with(1007, "text that is not UTF-8"),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::gone(),
            Error::Protocol(error) => Self::with(1002, error.to_string()),
            _ => Self::gone(),
        }
    }

    fn with(code: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        Self(Some((code, reason.into())))
    }

    /// The close frame, with as much of the reason as fits.
    pub(super) fn frame(&self) -> Option<CloseFrame> {
        let (code, reason) = self.0.as_ref()?;
        Some(CloseFrame {
            code: (*code).into(),
            reason: reason[..reason.floor_char_boundary(LONGEST_REASON)].into(),
        })
    }
}
