//! Why a token, or what its bearer wants to do with it, is refused: one closed list.

use std::fmt;

use skuery_schema::error::ErrorCode;

/// A request that is refused because of who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The token is not accepted.
    Token(Reason),
    /// The provider's keys cannot be had, so nobody can say whether the token is good.
    NoKeys,
    /// Acting for a customer needs a token.
    NobodyActs,
    /// Only staff may act for a customer.
    NotStaff,
    /// What stands for the customer to act for is no customer number.
    NoCustomer,
}

/// What is wrong with a token. Clients are not told: they can only get another one. It is logged and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Reason {
    /// The configuration has no `identity` section.
    NotConfigured,
    /// `Authorization` is there twice, or is not `Bearer` and one token.
    NotBearer,
    /// It is longer than `max_token_bytes`.
    TooLong,
    /// It is not three parts of base64url with a JSON header.
    Malformed,
    /// Its header has `crit`: it wants something understood that is not.
    Critical,
    /// Its algorithm is not on the list.
    Algorithm,
    /// Its `kid` names no key, or it names none and there are several.
    UnknownKey,
    /// Its algorithm is not one of its key.
    KeyMismatch,
    /// Its signature is wrong.
    Signature,
    /// Its `iss` is missing or another.
    Issuer,
    /// Its `aud` is missing or names somebody else.
    Audience,
    /// It has ended.
    Expired,
    /// It begins later, or was issued in the future.
    NotYetValid,
    /// `sub` or `exp` is missing.
    MissingClaim,
    /// A claim that is used has an unusable type or value, or is there twice.
    UnusableClaim,
}

impl Reason {
    pub(super) const ALL: [Self; 15] = [
        Self::NotConfigured,
        Self::NotBearer,
        Self::TooLong,
        Self::Malformed,
        Self::Critical,
        Self::Algorithm,
        Self::UnknownKey,
        Self::KeyMismatch,
        Self::Signature,
        Self::Issuer,
        Self::Audience,
        Self::Expired,
        Self::NotYetValid,
        Self::MissingClaim,
        Self::UnusableClaim,
    ];

    /// A stable word for metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::NotBearer => "not_bearer",
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Critical => "critical_header",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "unknown_key",
            Self::KeyMismatch => "key_mismatch",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::MissingClaim => "missing_claim",
            Self::UnusableClaim => "unusable_claim",
        }
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::Token(reason)
    }
}

impl Refusal {
    /// What a client can branch on.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Token(_) | Self::NobodyActs => ErrorCode::Unauthenticated,
            Self::NoKeys => ErrorCode::SystemUnavailable,
            Self::NotStaff => ErrorCode::Forbidden,
            Self::NoCustomer => ErrorCode::BadUserInput,
        }
    }
}

/// What a client is told.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(Reason::NotConfigured) => "this gateway takes no tokens",
            Self::Token(Reason::NotBearer) => "Authorization: only one `Bearer` and its token",
            Self::Token(_) => "the token is not valid",
            Self::NoKeys => "tokens cannot be checked at the moment: the identity provider does not answer",
            Self::NobodyActs => "acting for a customer needs a token",
            Self::NotStaff => "only staff may act for a customer",
            Self::NoCustomer => "X-Act-As: a customer number of 1 to 64 bytes",
        })
    }
}

impl std::error::Error for Refusal {}
