//! A provider's public keys (JWK Set, RFC 7517): those that can verify a token, and what each is for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use crate::identity::refusal::Reason;

/// The most keys of one set; providers have two to ten.
const MAX_KEYS: usize = 100;
/// RSA moduli in bytes: 2048 to 8192 bits. Shorter ones can be broken, longer ones cost too much to verify.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;
/// Exponents are short; a long one only makes verifying slow.
const MAX_EXPONENT_BYTES: usize = 8;

/// The usable keys of a provider.
#[derive(Debug)]
pub(super) struct KeySet(Vec<Key>);

/// One public key.
#[derive(Clone, Debug)]
pub(super) struct Key {
    kid: Option<String>,
    kind: Kind,
    /// The one algorithm it is for, where the provider says.
    algorithm: Option<Algorithm>,
    decoding: DecodingKey,
}

/// What a key can verify follows from its type alone, never from the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

/// A key as the provider writes it; further members do not matter.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads a set. Keys that are of no use here are left out; a set without any usable key is refused.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let set: Value = serde_json::from_slice(text).map_err(|_| "it is no JSON".to_owned())?;
        let Some(Value::Array(all)) = set.get("keys") else {
            return Err("it is no JWK set: `keys` is missing".to_owned());
        };
        let count = all.len();
        if count > MAX_KEYS {
            return Err(format!("it has {count} keys, more than {MAX_KEYS}"));
        }
        let keys: Vec<Key> = all.iter().filter_map(Key::read).collect();
        if keys.is_empty() {
            return Err(format!("none of its {count} keys can verify tokens"));
        }
        Ok(Self(keys))
    }

    /// The key that a token names. Without a name there must be only one key, else anyone's choice would decide.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&Key, Reason> {
        let Some(kid) = kid else {
            return match self.0.as_slice() {
                [only] if only.takes(algorithm) => Ok(only),
                [_] => Err(Reason::KeyMismatch),
                _ => Err(Reason::UnknownKey),
            };
        };
        let mut named = self
            .0
            .iter()
            .filter(|key| key.kid.as_deref() == Some(kid))
            .peekable();
        if named.peek().is_none() {
            return Err(Reason::UnknownKey);
        }
        // Keys of different types may share a name.
        let mut fitting = named.filter(|key| key.takes(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            _ => Err(Reason::KeyMismatch),
        }
    }

    /// Whether a token's `kid` names any key.
    pub(super) fn knows(&self, kid: &str) -> bool {
        self.0.iter().any(|key| key.kid.as_deref() == Some(kid))
    }

    /// How many of its keys there are, and how many take one of the algorithms.
    pub(super) fn count(&self, algorithms: &[Algorithm]) -> (usize, usize) {
        let takes_any = |key: &&Key| algorithms.iter().any(|algorithm| key.takes(*algorithm));
        (self.0.len(), self.0.iter().filter(takes_any).count())
    }
}

impl Key {
    fn read(value: &Value) -> Option<Self> {
        let jwk = Jwk::deserialize(value.as_object()?).ok()?;
        let is_for_signatures = jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        let may_verify = jwk
            .key_ops
            .as_ref()
            .is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
        if !is_for_signatures || !may_verify {
            return None;
        }
        let (kind, decoding) = jwk.public_key()?;
        let algorithm = match &jwk.alg {
            None => None,
            // A key for an algorithm that is none of ours, such as one of encryption, is of no use.
            Some(name) => Some(name.parse().ok().filter(|algorithm| kind.takes(*algorithm))?),
        };
        Some(Self {
            kid: jwk.kid,
            kind,
            algorithm,
            decoding,
        })
    }

    /// Whether it is a key of this algorithm.
    pub(super) fn takes(&self, algorithm: Algorithm) -> bool {
        self.kind.takes(algorithm) && self.algorithm.is_none_or(|own| own == algorithm)
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

impl Jwk {
    fn public_key(&self) -> Option<(Kind, DecodingKey)> {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let (n, e) = (number(self.n.as_ref())?, number(self.e.as_ref())?);
                let is_usable = RSA_BYTES.contains(&n.len()) && (1..=MAX_EXPONENT_BYTES).contains(&e.len());
                is_usable.then(|| (Kind::Rsa, DecodingKey::from_rsa_raw_components(&n, &e)))
            }
            ("EC", Some("P-256")) => self.point(Kind::P256, 32),
            ("EC", Some("P-384")) => self.point(Kind::P384, 48),
            ("OKP", Some("Ed25519")) => {
                let x = bytes(self.x.as_ref()).filter(|x| x.len() == 32)?;
                Some((Kind::Ed25519, DecodingKey::from_ed_der(&x)))
            }
            // `oct` is a shared secret: whoever can verify with it can sign as well.
            _ => None,
        }
    }

    fn point(&self, kind: Kind, length: usize) -> Option<(Kind, DecodingKey)> {
        let (x, y) = (bytes(self.x.as_ref())?, bytes(self.y.as_ref())?);
        // 4 says that both coordinates follow.
        let point = [&[4], x.as_slice(), y.as_slice()].concat();
        (x.len() == length && y.len() == length).then(|| (kind, DecodingKey::from_ec_der(&point)))
    }
}

fn bytes(text: Option<&String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

/// Some providers put a zero before a number, as Java does.
fn number(text: Option<&String>) -> Option<Vec<u8>> {
    let bytes = bytes(text)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    Some(bytes[zeros..].to_vec())
}

impl Kind {
    fn takes(self, algorithm: Algorithm) -> bool {
        use Algorithm as A;
        match self {
            Self::Rsa => matches!(
                algorithm,
                A::RS256 | A::RS384 | A::RS512 | A::PS256 | A::PS384 | A::PS512
            ),
            Self::P256 => algorithm == A::ES256,
            Self::P384 => algorithm == A::ES384,
            Self::Ed25519 => algorithm == A::EdDSA,
        }
    }
}
