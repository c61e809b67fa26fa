//! Who is asking: bearer tokens of an OpenID Connect provider are verified here, for every transport.
//!
//! Nothing here knows HTTP; `front` turns a refusal into a status.

mod claims;
mod counters;
mod key_set;
mod keys;
mod object;
mod refusal;
mod token;

use jiff::Timestamp;
use skuery_resolvers::commerce::identity::{Identity, Permissions};
use skuery_resolvers::door::UpstreamSnapshot;

use crate::identity::claims::Claims;
use crate::identity::counters::Counters;
use crate::identity::token::Token;

pub use claims::{ClaimPath, ClaimPaths, Rules, Words};
pub use keys::{Keys, PROVIDER};
pub use refusal::{Reason, Refusal};

/// Verifies tokens and says whose they are. One per process, shared by all transports.
#[derive(Debug)]
pub struct Verifier {
    rules: Rules,
    keys: Keys,
    counters: Counters,
}

impl Verifier {
    /// A verifier with these rules and keys. Nothing is fetched yet.
    pub fn new(rules: Rules, keys: Keys) -> Self {
        Self {
            rules,
            keys,
            counters: Counters::default(),
        }
    }

    /// Whether another one has the same rules, and its keys from the same provider. Keys of a file are never the same: it
    /// may have changed.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.rules == other.rules && self.keys.is_same(&other.keys)
    }

    /// Whose token this is; `token` is what follows `Bearer `.
    ///
    /// # Errors
    ///
    /// When the token is not accepted, or when no keys can be had to tell.
    pub async fn identify(&self, token: &str) -> Result<Identity, Refusal> {
        let verified = self.verify(token).await;
        match &verified {
            Ok(_) => self.counters.accepted(),
            Err(refusal) => self.refused(*refusal),
        }
        verified
    }

    /// The cheap checks come first: nothing is fetched or computed for a token that cannot be good, and nothing of its
    /// claims is read before its signature is right.
    async fn verify(&self, token: &str) -> Result<Identity, Refusal> {
        let token = Token::read(token, self.rules.max_token_bytes, &self.rules.algorithms)?;
        let key = self.keys.find(token.kid(), token.algorithm()).await?;
        let payload = token.verify(&key)?;
        let claims = Claims::read(&payload)?;
        Ok(self.rules.identity(&claims, Timestamp::now())?)
    }

    /// Counts and logs a refusal that a transport found, such as a second token.
    pub fn refused(&self, refusal: Refusal) {
        self.counters.refused(refusal);
        match refusal {
            Refusal::Token(reason) => tracing::debug!(reason = reason.as_str(), "a token was refused"),
            other => tracing::debug!(reason = %other, "a token could not be used"),
        }
    }

    /// Obtains the keys, for start-up checks; says what they are, or what is wrong.
    ///
    /// # Errors
    ///
    /// In words for whoever configures the gateway.
    pub async fn check(&self) -> Result<String, String> {
        self.keys.check(&self.rules.algorithms).await
    }

    /// The counters of the calls to the provider, where there is one.
    pub fn provider(&self) -> Option<UpstreamSnapshot> {
        self.keys.provider()
    }

    /// How often each outcome came, as a word and a count.
    pub fn outcomes(&self) -> Vec<(&'static str, u64)> {
        self.counters.outcomes()
    }
}

/// The identity of staff who act for a customer: its prices and orders, while the subject stays who they are. Company and
/// price list are then the customer's own, which the systems know.
///
/// # Errors
///
/// When the identity is not staff, or this is no customer number.
pub fn act_for(identity: &Identity, customer: &str) -> Result<Identity, Refusal> {
    if !identity.permissions.staff {
        return Err(Refusal::NotStaff);
    }
    if !claims::is_number(customer) {
        return Err(Refusal::NoCustomer);
    }
    Ok(Identity {
        customer: Some(customer.into()),
        company: None,
        price_list: None,
        permissions: Permissions {
            approver: false,
            staff: true,
        },
        ..identity.clone()
    })
}
