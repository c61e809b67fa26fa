//! The known attacks on tokens as tables: what is forged, and what it must be refused for.

use serde_json::{Value, json};

use crate::issuer::{Issuer, claims, encode, hs256, rsa_jwk};

/// A name, the token, and the reason it must be refused for.
pub(crate) type Attack = (String, String, &'static str);

pub(crate) const GOOD: &str = "RS256";

pub(crate) fn header() -> Value {
    json!({ "alg": "RS256", "kid": "rsa" })
}

pub(crate) fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

/// A signature that is right over any header.
pub(crate) fn headed(issuer: &Issuer, header: &Value, way: &str) -> String {
    issuer.sign(header, &claims(json!({})).to_string(), way)
}

pub(crate) fn algorithms(issuer: &Issuer) -> Vec<Attack> {
    let mut attacks = Vec::new();
    let payload = encode(claims(json!({})).to_string());
    for none in ["none", "None", "NONE", "nOnE", "none ", ""] {
        let signed = format!(
            "{}.{payload}",
            encode(with(header(), "alg", json!(none)).to_string())
        );
        attacks.push((
            format!("alg `{none}` unsigned"),
            format!("{signed}."),
            "algorithm",
        ));
        let rest = encode(issuer.signature(signed.as_bytes(), GOOD));
        attacks.push((
            format!("alg `{none}` signed"),
            format!("{signed}.{rest}"),
            "algorithm",
        ));
    }
    for name in ["HS256", "HS384", "hs256"] {
        let signed = format!(
            "{}.{payload}",
            encode(with(header(), "alg", json!(name)).to_string())
        );
        for (form, secret) in issuer.public_forms() {
            let token = format!("{signed}.{}", encode(hs256(&secret, signed.as_bytes())));
            attacks.push((format!("{name} with the {form}"), token, "algorithm"));
        }
        for secret in ["", "secret", "rsa"] {
            let token = format!("{signed}.{}", encode(hs256(secret.as_bytes(), signed.as_bytes())));
            attacks.push((format!("{name} with `{secret}`"), token, "algorithm"));
        }
    }
    // Public forms under an algorithm that is on the list.
    let signed = format!("{}.{payload}", encode(header().to_string()));
    for (form, secret) in issuer.public_forms() {
        let token = format!("{signed}.{}", encode(hs256(&secret, signed.as_bytes())));
        attacks.push((format!("RS256 that is HS256 with the {form}"), token, "signature"));
    }
    for (name, reason) in [
        (json!("RS384"), "algorithm"),
        (json!("RS512"), "algorithm"),
        (json!("PS256"), "algorithm"),
        (json!("EdDSA"), "algorithm"),
        (json!("rs256"), "algorithm"),
        (json!(" RS256"), "algorithm"),
        (json!("RS256\u{0}"), "algorithm"),
        (json!("ES512"), "algorithm"),
        (json!("dir"), "algorithm"),
        (json!(["RS256"]), "malformed"),
        (json!({ "RS256": 1 }), "malformed"),
        (json!(256), "malformed"),
        (json!(true), "malformed"),
        (Value::Null, "malformed"),
        (json!("ES256"), "key_mismatch"),
    ] {
        let way = name
            .as_str()
            .filter(|name| ["RS384", "RS512", "PS256", "EdDSA"].contains(name));
        let token = headed(issuer, &with(header(), "alg", name.clone()), way.unwrap_or(GOOD));
        attacks.push((format!("alg {name}"), token, reason));
    }
    attacks
}

pub(crate) fn keys(issuer: &Issuer) -> Vec<Attack> {
    let own = |header: Value, reason| (header.to_string(), headed(issuer, &header, "foreign"), reason);
    let foreign = rsa_jwk("rsa", &issuer.foreign_rsa);
    let mut attacks = vec![
        own(header(), "signature"),
        own(with(header(), "jwk", foreign.clone()), "signature"),
        own(with(header(), "x5c", json!([encode("certificate")])), "signature"),
        own(json!({ "alg": "RS256", "jwk": foreign }), "unknown_key"),
        own(json!({ "alg": "RS256" }), "unknown_key"),
        own(json!({ "alg": "RS256", "kid": null }), "unknown_key"),
        own(json!({ "alg": "RS256", "kid": "p256" }), "key_mismatch"),
        own(json!({ "alg": "ES256", "kid": "rsa" }), "key_mismatch"),
        own(json!({ "alg": "ES256", "kid": "p384" }), "key_mismatch"),
        own(json!({ "alg": "ES256", "kid": "p256" }), "signature"),
        own(json!({ "alg": "RS256", "kid": ["rsa"] }), "malformed"),
        own(json!({ "alg": "RS256", "kid": 7 }), "malformed"),
    ];
    // A good signature by a key that the token does not name, or names as none of this provider's.
    for kid in [
        json!(""),
        json!("RSA"),
        json!("rsa "),
        json!("rsa\u{0}"),
        json!("shared"),
        json!("enc"),
        json!("../../../../../../dev/null"),
        json!("/etc/passwd"),
        json!("x' UNION SELECT 'secret'; --"),
        json!("$(touch /tmp/x)"),
        json!("http://127.0.0.1/keys"),
        json!("k".repeat(4_000)),
    ] {
        let header = with(header(), "kid", kid.clone());
        let name: String = kid.to_string().chars().take(40).collect();
        attacks.push((
            format!("kid {name}"),
            headed(issuer, &header, GOOD),
            "unknown_key",
        ));
    }
    for critical in [
        json!(["exp"]),
        json!(["b64"]),
        json!([]),
        json!("exp"),
        Value::Null,
    ] {
        let header = with(with(header(), "crit", critical.clone()), "b64", json!(false));
        attacks.push((
            format!("crit {critical}"),
            headed(issuer, &header, GOOD),
            "critical_header",
        ));
    }
    // Signatures that once passed somewhere.
    let signed = format!(
        "{}.{}",
        encode(json!({ "alg": "ES256", "kid": "p256" }).to_string()),
        encode(claims(json!({})).to_string())
    );
    let zeros = format!("{signed}.{}", encode([0; 64]));
    let asn1 = encode(issuer.signature(signed.as_bytes(), "asn1"));
    attacks.push(("ES256 of zeros".to_owned(), zeros, "signature"));
    attacks.push((
        "ES256 in ASN.1".to_owned(),
        format!("{signed}.{asn1}"),
        "signature",
    ));
    attacks
}

pub(crate) fn claimed(issuer: &Issuer) -> Vec<Attack> {
    let now = jiff::Timestamp::now().as_second();
    let cases = [
        (json!({ "iss": null }), "issuer"),
        (json!({ "iss": "https://login.example/realms/other" }), "issuer"),
        (json!({ "iss": "https://login.example/realms/shop/" }), "issuer"),
        (json!({ "iss": "https://login.example/realms/sho" }), "issuer"),
        (json!({ "iss": "HTTPS://LOGIN.EXAMPLE/realms/shop" }), "issuer"),
        (json!({ "iss": ["https://login.example/realms/shop"] }), "issuer"),
        (json!({ "aud": null }), "audience"),
        (json!({ "aud": "other" }), "audience"),
        (json!({ "aud": "" }), "audience"),
        (json!({ "aud": "skuer" }), "audience"),
        (json!({ "aud": "skuery2" }), "audience"),
        (json!({ "aud": "Skuery" }), "audience"),
        (json!({ "aud": "other skuery" }), "audience"),
        (json!({ "aud": "skuery,other" }), "audience"),
        (json!({ "aud": [] }), "audience"),
        (json!({ "aud": ["other", "skuery2"] }), "audience"),
        (json!({ "aud": { "skuery": true } }), "audience"),
        (json!({ "aud": 1 }), "audience"),
        (json!({ "aud": ["skuery", 1] }), "unusable_claim"),
        (json!({ "exp": null }), "missing_claim"),
        (json!({ "exp": now - 31 }), "expired"),
        (json!({ "exp": now - 86_400 }), "expired"),
        (json!({ "exp": 0 }), "expired"),
        (json!({ "exp": -1 }), "unusable_claim"),
        (json!({ "exp": (now + 3_600).to_string() }), "unusable_claim"),
        (json!({ "exp": true }), "unusable_claim"),
        (json!({ "exp": [now + 3_600] }), "unusable_claim"),
        (json!({ "exp": 99_999_999_999_999_999_i64 }), "unusable_claim"),
        (json!({ "nbf": now + 3_600 }), "not_yet_valid"),
        (json!({ "nbf": "now" }), "unusable_claim"),
        (json!({ "iat": now + 3_600 }), "not_yet_valid"),
        (json!({ "iat": false }), "unusable_claim"),
        (json!({ "sub": null }), "missing_claim"),
        (json!({ "sub": "" }), "unusable_claim"),
        (json!({ "sub": "a\nb" }), "unusable_claim"),
        (json!({ "sub": 5 }), "unusable_claim"),
        (json!({ "sub": "s".repeat(257) }), "unusable_claim"),
        (json!({ "customer_number": 10001 }), "unusable_claim"),
        (json!({ "customer_number": "" }), "unusable_claim"),
        (json!({ "customer_number": " 10001" }), "unusable_claim"),
        (json!({ "customer_number": "10001\n" }), "unusable_claim"),
        (json!({ "customer_number": "1\u{0}" }), "unusable_claim"),
        (json!({ "customer_number": "9".repeat(65) }), "unusable_claim"),
        (json!({ "customer_number": ["10001"] }), "unusable_claim"),
        (
            json!({ "customer_number": { "number": "10001" } }),
            "unusable_claim",
        ),
        (json!({ "company": "C-1" }), "unusable_claim"),
        (json!({ "company": { "number": 1 } }), "unusable_claim"),
        (json!({ "price_list": ["GOLD"] }), "unusable_claim"),
        (json!({ "channels": 1 }), "unusable_claim"),
        (json!({ "channels": ["se", null] }), "unusable_claim"),
        (json!({ "channels": "" }), "unusable_claim"),
        (
            json!({ "realm_access": { "roles": { "admin": true } } }),
            "unusable_claim",
        ),
        (
            json!({ "realm_access": { "roles": ["admin", 1] } }),
            "unusable_claim",
        ),
        (json!({ "realm_access": true }), "unusable_claim"),
    ];
    let change = |(change, reason): (Value, _)| (change.to_string(), issuer.token(change), reason);
    cases.into_iter().map(change).collect()
}

/// Texts around a good token, and payloads that are not what they seem.
pub(crate) fn written(issuer: &Issuer) -> Vec<Attack> {
    let good = issuer.token(json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let (head, payload, signature) = (parts[0], parts[1], parts[2]);
    let other = encode(claims(json!({ "customer_number": "10002" })).to_string());
    let flipped = format!(
        "{}{}",
        if signature.starts_with('A') { 'B' } else { 'A' },
        &signature[1..]
    );
    // A signature of 256 bytes ends in a character of which four bits count.
    let stem = &signature[..signature.len() - 1];
    let left_over: String = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        .chars()
        .filter(|last| !"AQgw".contains(*last))
        .take(1)
        .collect();
    let text = |name: &str, token: String, reason| (name.to_owned(), token, reason);
    let mut attacks = vec![
        text("empty signature", format!("{head}.{payload}."), "malformed"),
        text("no signature", format!("{head}.{payload}"), "malformed"),
        text("one part", head.to_owned(), "malformed"),
        text("only dots", "..".to_owned(), "malformed"),
        text("a fourth part", format!("{good}.{signature}"), "malformed"),
        text(
            "five parts, as encrypted ones have",
            format!("{head}.a.b.c.d"),
            "malformed",
        ),
        text("a dot in front", format!(".{good}"), "malformed"),
        text("a dot at the end", format!("{good}."), "malformed"),
        text(
            "a dot more",
            format!("{head}..{payload}.{signature}"),
            "malformed",
        ),
        text(
            "another payload",
            format!("{head}.{other}.{signature}"),
            "signature",
        ),
        text("no payload", format!("{head}..{signature}"), "signature"),
        text(
            "a flipped bit",
            format!("{head}.{payload}.{flipped}"),
            "signature",
        ),
        text(
            "a short signature",
            format!("{head}.{payload}.{}", &signature[..340]),
            "signature",
        ),
        text("padding", format!("{good}=="), "signature"),
        text(
            "padding in the header",
            format!("{head}=.{payload}.{signature}"),
            "malformed",
        ),
        text(
            "bits left over",
            format!("{head}.{payload}.{stem}{left_over}"),
            "signature",
        ),
        text(
            "base64 of e-mails",
            format!("{head}.{payload}.+/{}", &signature[2..]),
            "signature",
        ),
        text("garbage", "garbage".to_owned(), "malformed"),
        text(
            "a header of garbage",
            format!("{}.{payload}.{signature}", encode("garbage")),
            "malformed",
        ),
        text("a long one", format!("{good}{}", "A".repeat(8_192)), "too_long"),
        text("a long one of dots", ".".repeat(20_000), "too_long"),
    ];
    let claims = claims(json!({})).to_string();
    let head = header().to_string();
    let twice = |name: &str, value: &str| claims.replacen('{', &format!("{{\"{name}\":{value},"), 1);
    for (name, payload, reason) in [
        (
            "customer twice",
            twice("customer_number", "\"10002\""),
            "unusable_claim",
        ),
        ("exp twice", twice("exp", "9999999999"), "unusable_claim"),
        (
            "aud twice, once by an escape",
            twice("a\\u0075d", "\"skuery\""),
            "unusable_claim",
        ),
        ("text", "\"text\"".to_owned(), "unusable_claim"),
        ("an array", format!("[{claims}]"), "unusable_claim"),
        ("null", "null".to_owned(), "unusable_claim"),
        ("two objects", format!("{claims}{claims}"), "malformed"),
        ("nothing", String::new(), "malformed"),
        ("half of it", claims[..claims.len() - 1].to_owned(), "malformed"),
        ("a byte order mark", format!("\u{feff}{claims}"), "malformed"),
        (
            "deep",
            claims.replace(
                "\"10001\"",
                &format!("{}{}", "[".repeat(2_000), "]".repeat(2_000)),
            ),
            "unusable_claim",
        ),
        (
            "exp of infinity",
            twice("e", "0").replace("\"exp\":", "\"exp\":1e999,\"x\":"),
            "unusable_claim",
        ),
        (
            "exp not a number",
            claims.replace("\"exp\":", "\"exp\":NaN,\"x\":"),
            "malformed",
        ),
    ] {
        attacks.push((
            format!("payload: {name}"),
            issuer.sign_text(&head, &payload, GOOD),
            reason,
        ));
    }
    for (name, head) in [
        (
            "alg twice",
            "{\"alg\":\"RS256\",\"alg\":\"none\",\"kid\":\"rsa\"}".to_owned(),
        ),
        (
            "kid twice",
            "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"kid\":\"p256\"}".to_owned(),
        ),
        ("no alg", "{\"kid\":\"rsa\"}".to_owned()),
        ("an array", "[\"RS256\",\"rsa\"]".to_owned()),
        ("null", "null".to_owned()),
        ("two objects", format!("{head}{head}")),
        ("deep", format!("{{\"x\":{}", "[".repeat(3_000))),
    ] {
        attacks.push((
            format!("header: {name}"),
            issuer.sign_text(&head, &claims, GOOD),
            "malformed",
        ));
    }
    attacks
}
