//! The known attacks on tokens: each is refused, for its own reason, and nothing is fetched for it.

use std::collections::BTreeMap;

use serde_json::json;

use crate::attacks::{GOOD, algorithms, claimed, headed, header, keys, with, written};
use crate::issuer::{issuer, rsa_jwk, unknown_kid};
use crate::script::{Reply, Script};
use crate::shop::Shop;
use crate::sign_in::{Portal, assert_refused};

/// How many tokens came to each outcome.
async fn outcomes(shop: &Shop) -> BTreeMap<String, u64> {
    let metrics = shop.get("/metrics").send().await.expect("an answer");
    let metrics = metrics.text().await.expect("a body");
    let outcome = |line: &str| {
        let (outcome, count) = line
            .strip_prefix("skuery_tokens_total{outcome=\"")?
            .split_once("\"} ")?;
        Some((outcome.to_owned(), count.parse().expect("a count")))
    };
    metrics.lines().filter_map(outcome).collect()
}

#[tokio::test]
async fn none_of_the_known_attacks_is_accepted() {
    let portal = Portal::start("RS256, ES256").await;
    let elsewhere = Script::start(Reply::json(
        json!({ "keys": [rsa_jwk("rsa", &issuer().foreign_rsa)] }).to_string(),
    ))
    .await;
    let mut attacks = [algorithms, keys, claimed, written]
        .map(|attacks| attacks(issuer()))
        .concat();
    // Where the token says that its key is to be found; with a name of the provider's, and with one of its own.
    for (member, kid) in [("jku", "rsa"), ("x5u", "rsa"), ("jku", "mine"), ("x5u", "mine")] {
        let header = json!({ "alg": "RS256", "kid": kid, member: format!("{}/keys", elsewhere.url) });
        let reason = if kid == "rsa" { "signature" } else { "unknown_key" };
        attacks.push((header.to_string(), headed(issuer(), &header, "foreign"), reason));
    }
    assert!(attacks.len() > 150, "{}", attacks.len());

    let good = format!("Bearer {}", issuer().token(json!({})));
    let good = [("authorization", good.as_str())];
    assert_eq!(
        portal.ask("{ viewer { number } }", &good).await.data("viewer")["number"],
        "10001"
    );
    assert_eq!(portal.provider.requests().len(), 1);
    let mut expected = outcomes(&portal.shop).await;
    assert_eq!(expected["accepted"], 1);
    let mut wrong = Vec::new();
    for (name, token, reason) in attacks {
        let answer = portal
            .ask(
                "{ viewer { number } }",
                &[("authorization", &format!("Bearer {token}"))],
            )
            .await;
        let challenge = Some("Bearer error=\"invalid_token\"");
        assert_refused(&answer, 401, "UNAUTHENTICATED", challenge, &name);
        assert!(
            !answer.body.to_string().contains(reason),
            "{name}: the reason is not told"
        );
        *expected.get_mut(reason).expect("a reason") += 1;
        let seen = outcomes(&portal.shop).await;
        if seen != expected {
            wrong.push(format!("{name}: not {reason}: {seen:?}"));
            expected = seen;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(expected["accepted"], 1, "only the good one");
    assert!(
        portal.provider.requests().len() <= 1,
        "unknown keys lead to one call at most"
    );
    assert_eq!(
        elsewhere.requests(),
        Vec::<String>::new(),
        "no token says where keys are"
    );
    assert_eq!(
        portal.ask("{ viewer { number } }", &good).await.data("viewer")["number"],
        "10001"
    );
}

#[tokio::test]
async fn a_key_is_only_good_for_the_algorithm_it_was_made_for() {
    let portal = Portal::start("RS256, RS384, PS256, PS384, ES256, ES384, EdDSA").await;
    let key = with(rsa_jwk("rsa", &issuer().rsa), "alg", json!("RS256"));
    portal
        .provider
        .say(Reply::json(json!({ "keys": [key] }).to_string()));
    for (header, way, is_good) in [
        (header(), "RS256", true),
        (json!({ "alg": "RS256" }), "RS256", true),
        (json!({ "alg": "PS256", "kid": "rsa" }), "PS256", false),
        (json!({ "alg": "RS384", "kid": "rsa" }), "RS384", false),
        (json!({ "alg": "PS256" }), "PS256", false),
        (json!({ "alg": "ES256", "kid": "rsa" }), "ES256", false),
        (json!({ "alg": "EdDSA", "kid": "rsa" }), "EdDSA", false),
        (json!({ "alg": "RS256", "kid": "rsa" }), "PS256", false),
    ] {
        let bearer = format!("Bearer {}", headed(issuer(), &header, way));
        let answer = portal
            .ask("{ viewer { number } }", &[("authorization", &bearer)])
            .await;
        assert_eq!(
            answer.status,
            if is_good { 200 } else { 401 },
            "{header} signed by {way}"
        );
    }
}

#[tokio::test]
async fn a_flood_of_unknown_keys_leads_to_one_call() {
    let portal = Portal::start("RS256").await;
    let good = format!("Bearer {}", issuer().token(json!({})));
    assert_eq!(
        portal
            .ask("{ __typename }", &[("authorization", &good)])
            .await
            .status,
        200
    );
    assert_eq!(portal.provider.requests().len(), 1);
    for _ in 0..100 {
        let header = with(header(), "kid", json!(unknown_kid()));
        let bearer = format!("Bearer {}", headed(issuer(), &header, GOOD));
        assert_eq!(
            portal
                .ask("{ __typename }", &[("authorization", &bearer)])
                .await
                .status,
            401
        );
    }
    assert_eq!(portal.provider.requests().len(), 1);
}
