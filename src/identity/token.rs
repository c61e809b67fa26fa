//! A token on the wire (JWS compact serialisation, RFC 7515): its header, and whether its signature is right.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;

use crate::identity::key_set::Key;
use crate::identity::object::{Object, parse};
use crate::identity::refusal::Reason;

/// A token whose header is acceptable. Its claims are not read before its signature is verified.
pub(super) struct Token<'t> {
    algorithm: Algorithm,
    kid: Option<String>,
    signed: &'t str,
    payload: &'t str,
    signature: &'t str,
}

impl<'t> Token<'t> {
    /// Reads the header of a token that is not too long.
    pub(super) fn read(token: &'t str, max_bytes: usize, allowed: &[Algorithm]) -> Result<Self, Reason> {
        if token.len() > max_bytes {
            return Err(Reason::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Reason::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(Reason::Malformed)?;
        // What follows is base64url, which no dot belongs to, so a fourth part is found here too.
        // Where a token says its key is to be found (`jku`, `jwk`, `x5u`, `x5c`) is never looked at.
        let header = decode(header)?;
        let header = parse(&header).and_then(Object::read).ok_or(Reason::Malformed)?;
        let text = |name| match header.get(name) {
            None => Ok(None),
            Some(value) => serde_json::from_str::<Option<String>>(value.get()).map_err(|_| Reason::Malformed),
        };
        if header.get("crit").is_some() {
            return Err(Reason::Critical);
        }
        let algorithm = text("alg")?.ok_or(Reason::Malformed)?;
        let algorithm: Algorithm = algorithm.parse().map_err(|_| Reason::Algorithm)?;
        if !allowed.contains(&algorithm) {
            return Err(Reason::Algorithm);
        }
        if payload.contains('.') || signature.is_empty() {
            return Err(Reason::Malformed);
        }
        Ok(Self {
            algorithm,
            kid: text("kid")?,
            signed,
            payload,
            signature,
        })
    }

    /// The key it wants to be verified with.
    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The claims as they were signed with this key.
    pub(super) fn verify(&self, key: &Key) -> Result<Vec<u8>, Reason> {
        if !key.takes(self.algorithm) {
            return Err(Reason::KeyMismatch);
        }
        let message = self.signed.as_bytes();
        let is_right = jsonwebtoken::crypto::verify(self.signature, message, key.decoding(), self.algorithm);
        if !is_right.unwrap_or(false) {
            return Err(Reason::Signature);
        }
        decode(self.payload)
    }
}

/// Strict: no padding, no other alphabet, no bits left over, so that every token is written in one way only.
fn decode(part: &str) -> Result<Vec<u8>, Reason> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Reason::Malformed)
}
