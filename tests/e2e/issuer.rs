//! An identity provider's keys, and tokens signed with them by hand: good ones, and any other.

use std::sync::OnceLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub(crate) const NAME: &str = "https://login.example/realms/shop";

/// Key pairs of every type; making them takes a while, so all specs share them.
pub(crate) struct Issuer {
    pub(crate) rsa: RsaKeyPair,
    /// Of somebody else.
    pub(crate) foreign_rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    p256_asn1: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
}

pub(crate) fn issuer() -> &'static Issuer {
    static ISSUER: OnceLock<Issuer> = OnceLock::new();
    ISSUER.get_or_init(|| {
        let rsa = || RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let document = document.expect("a key");
        let p256 = |algorithm| EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref()).expect("the key");
        Issuer {
            rsa: rsa(),
            foreign_rsa: rsa(),
            p256: p256(&ECDSA_P256_SHA256_FIXED_SIGNING),
            p256_asn1: p256(&ECDSA_P256_SHA256_ASN1_SIGNING),
            p384: EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect("a key"),
            ed25519: Ed25519KeyPair::generate().expect("a key"),
        }
    })
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The public half of an RSA key as a JWK.
pub(crate) fn rsa_jwk(kid: &str, key: &RsaKeyPair) -> Value {
    let public = PublicKeyComponents::<Vec<u8>>::from(key.public_key());
    json!({ "kty": "RSA", "kid": kid, "use": "sig", "n": encode(public.n), "e": encode(public.e) })
}

fn point_jwk(kid: &str, curve: &str, key: &EcdsaKeyPair) -> Value {
    let (x, y) = key.public_key().as_ref()[1..].split_at(key.public_key().as_ref().len() / 2);
    json!({ "kty": "EC", "kid": kid, "crv": curve, "x": encode(x), "y": encode(y) })
}

impl Issuer {
    /// The public keys `rsa`, `p256`, `p384` and `ed25519`, among some that are no use for tokens.
    pub(crate) fn keys(&self) -> Vec<Value> {
        vec![
            json!({ "kty": "oct", "kid": "shared", "k": encode("secret") }),
            rsa_jwk("rsa", &self.rsa),
            json!({ "kty": "RSA", "kid": "enc", "use": "enc", "alg": "RSA-OAEP", "n": "AQAB", "e": "AQAB" }),
            point_jwk("p256", "P-256", &self.p256),
            point_jwk("p384", "P-384", &self.p384),
            json!({ "kty": "OKP", "kid": "ed25519", "crv": "Ed25519", "x": encode(self.ed25519.public_key()) }),
            json!({ "kty": "MAGIC", "kid": 7 }),
        ]
    }

    /// The set as the provider serves it.
    pub(crate) fn jwks(&self) -> String {
        json!({ "keys": self.keys() }).to_string()
    }

    /// A token of this provider with other claims than usual; `null` leaves one out.
    pub(crate) fn token(&self, change: Value) -> String {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "rsa" });
        self.sign(&header, &claims(change).to_string(), "RS256")
    }

    /// Any header and payload, signed in one of the ways of `signature`.
    pub(crate) fn sign(&self, header: &Value, payload: &str, way: &str) -> String {
        self.sign_text(&header.to_string(), payload, way)
    }

    pub(crate) fn sign_text(&self, header: &str, payload: &str, way: &str) -> String {
        let signed = format!("{}.{}", encode(header), encode(payload));
        let signature = self.signature(signed.as_bytes(), way);
        format!("{signed}.{}", encode(signature))
    }

    /// A signature by the key that the algorithm goes with. `foreign` is RS256 by somebody else's key, `asn1` is ES256
    /// in the form of certificates.
    pub(crate) fn signature(&self, message: &[u8], way: &str) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |encoding: &'static dyn RsaEncoding, key: &RsaKeyPair| {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(encoding, &random, message, &mut signature)
                .expect("a signature");
            signature
        };
        let ecdsa = |key: &EcdsaKeyPair| key.sign(&random, message).expect("a signature").as_ref().to_vec();
        match way {
            "RS256" => rsa(&RSA_PKCS1_SHA256, &self.rsa),
            "RS384" => rsa(&RSA_PKCS1_SHA384, &self.rsa),
            "RS512" => rsa(&RSA_PKCS1_SHA512, &self.rsa),
            "PS256" => rsa(&RSA_PSS_SHA256, &self.rsa),
            "PS384" => rsa(&RSA_PSS_SHA384, &self.rsa),
            "PS512" => rsa(&RSA_PSS_SHA512, &self.rsa),
            "foreign" => rsa(&RSA_PKCS1_SHA256, &self.foreign_rsa),
            "ES256" => ecdsa(&self.p256),
            "asn1" => ecdsa(&self.p256_asn1),
            "ES384" => ecdsa(&self.p384),
            "EdDSA" => self.ed25519.sign(message).as_ref().to_vec(),
            other => panic!("no way to sign by {other}"),
        }
    }

    /// What an attacker may take for a shared secret: every public form of the RSA key.
    pub(crate) fn public_forms(&self) -> Vec<(&'static str, Vec<u8>)> {
        let der = self.rsa.public_key().as_der().expect("the key").as_ref().to_vec();
        let lines: Vec<String> = STANDARD
            .encode(&der)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        );
        let jwk = rsa_jwk("rsa", &self.rsa);
        let modulus = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public_key()).n;
        vec![
            ("PEM", pem.clone().into_bytes()),
            ("PEM without the last newline", pem.trim_end().as_bytes().to_vec()),
            ("DER", der),
            ("modulus", modulus),
            (
                "modulus in base64url",
                jwk["n"].as_str().expect("text").as_bytes().to_vec(),
            ),
            ("JWK", jwk.to_string().into_bytes()),
        ]
    }
}

/// HMAC with SHA-256.
pub(crate) fn hs256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message)
        .as_ref()
        .to_vec()
}

/// The claims of a good token, changed; `null` leaves one out.
pub(crate) fn claims(change: Value) -> Value {
    let now = Timestamp::now().as_second();
    let mut claims = json!({
        "iss": NAME, "aud": ["account", "skuery"], "sub": "user-1", "iat": now, "nbf": now, "exp": now + 3_600,
        "customer_number": "10001",
    });
    let members: &mut Map<String, Value> = claims.as_object_mut().expect("an object");
    for (name, value) in change.as_object().expect("an object") {
        match value {
            Value::Null => drop(members.remove(name)),
            value => drop(members.insert(name.clone(), value.clone())),
        }
    }
    claims
}

/// The section for this provider with its keys at an address.
pub(crate) fn section(jwks_url: &str, algorithms: &str) -> String {
    format!(
        "identity:
  issuer: {NAME}
  audience: [skuery, skuery-admin]
  jwks_url: {jwks_url}
  algorithms: [{algorithms}]
  claims: {{ customer: customer_number, company: company.number, price_list: price_list, channels: channels, permissions: realm_access.roles }}
  permissions: {{ approver: [portal-approver], staff: [sales-rep, admin] }}
"
    )
}

/// The configuration with this section as its only one of that name.
pub(crate) fn with_identity(yaml: &str, section: &str) -> String {
    let mut inside = false;
    let mut kept: Vec<&str> = Vec::new();
    for line in yaml.lines() {
        if !line.starts_with([' ', '#']) && !line.is_empty() {
            inside = line.starts_with("identity:");
        }
        if !inside {
            kept.push(line);
        }
    }
    format!("{}\n{section}", kept.join("\n"))
}

/// A key id that nobody has.
pub(crate) fn unknown_kid() -> String {
    let mut bytes = [0; 12];
    rand::fill(&mut bytes).expect("randomness");
    encode(bytes)
}
