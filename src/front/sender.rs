//! Who sends a request: `Authorization: Bearer …`, and for whom staff act: `X-Act-As`.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use skuery_resolvers::commerce::identity::Identity;
use skuery_schema::error::ErrorCode;

use super::Front;
use crate::identity::{Reason, Refusal, act_for};

const ACT_AS: &str = "x-act-as";

impl Front {
    /// Whose token this is; every transport asks here.
    ///
    /// # Errors
    ///
    /// When the token is not accepted, which none is where no provider is configured.
    pub async fn identify(&self, token: &str) -> Result<Identity, Refusal> {
        match &self.identity {
            Some(verifier) => verifier.identify(token).await,
            None => Err(Reason::NotConfigured.into()),
        }
    }
}

/// Who sends a request; the default is anybody.
#[derive(Default)]
pub(super) struct Sender {
    pub(super) identity: Option<Arc<Identity>>,
}

impl Sender {
    /// Reads the headers. One that is there counts: a request with a bad token is never answered as an anonymous one.
    pub(super) async fn of(front: &Front, headers: &HeaderMap) -> Result<Self, Refusal> {
        let found = Self::read(front, headers).await;
        if let (Err(refusal), Some(verifier)) = (&found, &front.identity)
            && is_found_here(*refusal)
        {
            verifier.refused(*refusal);
        }
        found
    }

    async fn read(front: &Front, headers: &HeaderMap) -> Result<Self, Refusal> {
        let customer = only(headers, ACT_AS).map_err(|()| Refusal::NoCustomer)?;
        let authorization = only(headers, header::AUTHORIZATION.as_str()).map_err(|()| Reason::NotBearer)?;
        let Some(authorization) = authorization else {
            return match customer {
                Some(_) => Err(Refusal::NobodyActs),
                None => Ok(Self::default()),
            };
        };
        let token = bearer(authorization).ok_or(Reason::NotBearer)?;
        let identity = front.identify(token).await?;
        let Some(customer) = customer else {
            return Ok(Self {
                identity: Some(Arc::new(identity)),
            });
        };
        let customer = std::str::from_utf8(customer.as_bytes()).map_err(|_| Refusal::NoCustomer)?;
        Ok(Self {
            identity: Some(Arc::new(act_for(&identity, customer)?)),
        })
    }
}

/// Whether it is for here to report it: the verifier has reported what it refused itself.
fn is_found_here(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Token(Reason::NotBearer) | Refusal::NobodyActs | Refusal::NotStaff | Refusal::NoCustomer
    )
}

/// The value of a header that may be there once.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h HeaderValue>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(()),
    }
}

/// The token of `Bearer TOKEN` (RFC 6750, section 2.1). A list of several has a comma, which no token has.
fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let is_bearer = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.bytes().all(is_token);
    is_bearer.then_some(token)
}

/// The status of a refusal with this code.
pub(super) fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::SystemUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// What a client is told that needs a token (RFC 6750, section 3): with an error only where there was one.
pub(super) fn challenge(refusal: Option<Refusal>) -> HeaderValue {
    HeaderValue::from_static(match refusal {
        Some(Refusal::Token(_)) => "Bearer error=\"invalid_token\"",
        _ => "Bearer",
    })
}
