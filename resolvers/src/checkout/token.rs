//! The signed token between verifying and placing.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use skuery_schema::availability::Address;
use skuery_schema::checkout::{HoldKind, StockPromise};
use skuery_schema::ids::{Currency, LocationCode, Sku, SystemName};

use crate::checkout::record::Buyer;
use crate::door::secret::Secret;

/// What a token binds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// Whose checkout.
    pub(crate) buyer: Buyer,
    /// The cart.
    pub(crate) checkout_id: Arc<str>,
    /// The hold; `None` when none was wanted: then stock is held when the order is placed.
    pub(crate) hold: Option<Arc<str>>,
    pub(crate) currency: Currency,
    pub(crate) ship_to: Option<Address>,
    pub(crate) pickup_location: Option<LocationCode>,
    pub(crate) lines: Vec<AgreedLine>,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// A line as it was agreed: what is confirmed, at the price that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AgreedLine {
    pub(crate) line_id: Arc<str>,
    pub(crate) sku: Sku,
    /// In `unit`; above zero.
    pub(crate) quantity: Decimal,
    /// As asked for.
    pub(crate) unit: Option<Arc<str>>,
    /// Per `price_quantity` units.
    pub(crate) net: Option<Decimal>,
    pub(crate) gross: Option<Decimal>,
    pub(crate) price_quantity: Decimal,
    pub(crate) allocations: Vec<AgreedPlace>,
}

/// From where a part of a line is to come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AgreedPlace {
    pub(crate) location: LocationCode,
    pub(crate) system: SystemName,
    pub(crate) quantity: Decimal,
    /// Who holds it, or would; `None` is a backorder.
    pub(crate) kind: HoldKind,
    pub(crate) promise: StockPromise,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenFault {
    /// Nobody here signed it, or it was changed.
    Invalid,
    /// Its time is over.
    Expired,
    /// It is another buyer's.
    Mismatch,
}

/// Crockford's digits: none is taken for another when read aloud.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `v1.<key id>.<claims>.<mac>`: the MAC is over everything before it, the version and the key's id included.
const VERSION: &str = "v1";

/// The longest token that is read, in bytes: a cart of the most lines takes a tenth of it.
const LONGEST: usize = 1 << 20;

impl Claims {
    /// Signs with the first key; `None` when there is none.
    pub(crate) fn sign(&self, keys: &[Secret]) -> Option<Arc<str>> {
        let key = keys.first()?;
        let claims = serde_json::to_vec(self).ok()?;
        let signed = format!("{VERSION}.{}.{}", key_id(key), URL_SAFE_NO_PAD.encode(claims));
        let mac = URL_SAFE_NO_PAD.encode(mac(key, &signed).finalize().into_bytes());
        Some(format!("{signed}.{mac}").into())
    }

    /// Reads a token that one of the keys has signed. Its age and owner are not judged: see `judge`.
    pub(crate) fn open(token: &str, keys: &[Secret]) -> Result<Self, TokenFault> {
        Self::read(token, keys).ok_or(TokenFault::Invalid)
    }

    /// Whether the token is this buyer's and its time is not over. The owner is judged first: nobody is told the age of
    /// another's token.
    pub(crate) fn judge(&self, buyer: &Buyer, now: Timestamp) -> Result<(), TokenFault> {
        if self.buyer != *buyer {
            return Err(TokenFault::Mismatch);
        }
        if self.expires_at <= now {
            return Err(TokenFault::Expired);
        }
        Ok(())
    }

    /// The number of the order that this token, and every one it was extended to, leads to: whoever sends it how often
    /// under which key, it is one order. It sorts by the token's time.
    pub(crate) fn external_number(&self, prefix: &str) -> Arc<str> {
        let unextended = Self {
            expires_at: self.issued_at,
            ..self.clone()
        };
        let bound = serde_json::to_vec(&unextended).unwrap_or_default();
        let digest = Sha256::digest(bound);
        let millisecond = self.issued_at.as_millisecond().clamp(0, (1 << 48) - 1);
        let mut bits = u128::from(millisecond.unsigned_abs());
        for byte in &digest[..10] {
            bits = (bits << 8) | u128::from(*byte);
        }
        let digit = |place: u32| char::from(DIGITS[((bits >> (5 * place)) & 31) as usize]);
        let number: String = (0..26).rev().map(digit).collect();
        format!("{prefix}{number}").into()
    }

    fn read(token: &str, keys: &[Secret]) -> Option<Self> {
        if token.len() > LONGEST {
            return None;
        }
        let (signed, tag) = token.rsplit_once('.')?;
        let mut parts = signed.split('.');
        let (version, id, claims) = (parts.next()?, parts.next()?, parts.next()?);
        if version != VERSION || parts.next().is_some() {
            return None;
        }
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        let key = keys.iter().find(|key| key_id(key) == id)?;
        mac(key, signed).verify_slice(&tag).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

fn mac(key: &Secret, signed: &str) -> Hmac<Sha256> {
    let key = key.reveal().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(signed.as_bytes());
    mac
}

/// Tells keys apart without telling them: the first 8 hex digits of the SHA-256.
fn key_id(key: &Secret) -> String {
    let digest = Sha256::digest(key.reveal().as_bytes());
    digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
