//! Issues and checks the bearer tokens of one demo system, without a clock: tokens end only when revoked.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The tokens of a system are numbered, so that two counters are enough to know the valid ones.
pub(super) struct TokenBook {
    system: &'static str,
    issued: AtomicU64,
    revoked: AtomicU64,
}

/// What is wrong with the login of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Missing,
    Invalid,
}

impl TokenBook {
    pub(super) fn new(system: &'static str) -> Self {
        Self {
            system,
            issued: AtomicU64::new(0),
            revoked: AtomicU64::new(0),
        }
    }

    /// A new access token with the refresh token that belongs to it.
    pub(super) fn issue(&self) -> (String, String) {
        let number = self.issued.fetch_add(1, Ordering::SeqCst) + 1;
        let token = |purpose: &str| URL_SAFE_NO_PAD.encode(format!("{}:{purpose}:{number}", self.system));
        (token("access"), token("refresh"))
    }

    pub(super) fn revoke(&self) {
        self.revoked
            .store(self.issued.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// Whether a refresh token came from here; revoking access tokens does not end it.
    pub(super) fn is_refresh_token(&self, token: &str) -> bool {
        self.number(token, "refresh")
            .is_some_and(|number| (1..=self.issued.load(Ordering::SeqCst)).contains(&number))
    }

    /// Checks the bearer token of a call.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let header = headers
            .get(AUTHORIZATION)
            .and_then(|header| header.to_str().ok())
            .ok_or(Refusal::Missing)?;
        let token = header.strip_prefix("Bearer ").ok_or(Refusal::Missing)?;
        let number = self.number(token, "access").ok_or(Refusal::Invalid)?;
        let is_valid =
            number > self.revoked.load(Ordering::SeqCst) && number <= self.issued.load(Ordering::SeqCst);
        if is_valid { Ok(()) } else { Err(Refusal::Invalid) }
    }

    fn number(&self, token: &str, purpose: &str) -> Option<u64> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        text.strip_prefix(&format!("{}:{purpose}:", self.system))?
            .parse()
            .ok()
    }
}

/// User and password of a call with basic authentication.
pub(super) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let text = String::from_utf8(STANDARD.decode(header.strip_prefix("Basic ")?).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
