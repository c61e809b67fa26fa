//! The identity provider: its keys, and tokens for customers and staff.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};

use super::{Bench, ok};

/// The claims of a token whose signature, issuer, audience and time are right.
async fn claims(bench: &Bench, token: &str) -> Value {
    let keys = ok(bench
        .client
        .get(format!("{}/jwks.json", bench.demo.identity_url())))
    .await;
    let keys: JwkSet = serde_json::from_value(keys).unwrap();
    assert_eq!(keys.keys.len(), 1);
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header.kid, keys.keys[0].common.key_id);
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_issuer(&[bench.demo.identity_url()]);
    validation.set_audience(&["skuery"]);
    let key = DecodingKey::from_jwk(&keys.keys[0]).unwrap();
    decode::<Value>(token, &key, &validation).unwrap().claims
}

#[tokio::test]
async fn signs_a_token_for_every_customer_and_nobody_else() {
    let bench = Bench::start().await;
    let url = super::dials::served(&bench).await;
    let tokens = ok(bench.client.get(format!("{url}/demo/tokens"))).await;
    let numbers: Vec<&String> = tokens.as_object().unwrap().keys().collect();
    assert_eq!(numbers.len(), 11);
    for number in numbers {
        let claims = claims(&bench, tokens[number].as_str().unwrap()).await;
        assert_eq!(&claims["customer_number"], number);
        assert_eq!(
            claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
            8 * 60 * 60
        );
        assert_eq!(claims.get("price_list").is_some(), number == "20040", "{claims}");
        assert_eq!(
            claims.get("company").is_some(),
            !number.starts_with('3'),
            "{claims}"
        );
        assert_eq!(
            claims["roles"] == json!(["buyer", "portal-approver"]),
            number == "10032",
            "{claims}"
        );
    }
    let buyer = claims(&bench, &bench.demo.token("10031").unwrap()).await;
    assert_eq!(
        (&buyer["company"]["number"], &buyer["channels"]),
        (&json!("10030"), &json!(["dealer"]))
    );
    assert!(bench.demo.token("99999").is_none());
}

#[tokio::test]
async fn signs_a_token_for_staff_without_a_customer() {
    let bench = Bench::start().await;
    let url = super::dials::served(&bench).await;
    let response = bench
        .client
        .get(format!("{url}/demo/tokens/staff"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body: Value = response.json().await.unwrap();
    let claims = claims(&bench, body["token"].as_str().unwrap()).await;
    assert_eq!(claims["roles"], json!(["sales-rep"]));
    assert!(claims.get("customer_number").is_none());
}

#[tokio::test]
async fn makes_other_keys_at_every_start_and_ends_with_the_demo() {
    let (bench, other) = (Bench::start().await, Bench::start().await);
    let url = format!("{}/jwks.json", bench.demo.identity_url());
    let keys = ok(bench.client.get(&url)).await;
    assert!(
        keys["keys"][0].get("d").is_none(),
        "the private half stays inside"
    );
    let others = ok(other
        .client
        .get(format!("{}/jwks.json", other.demo.identity_url())))
    .await;
    assert_ne!(keys, others);
    assert!(!format!("{:?}", bench.demo).contains("key"));
    drop(bench.demo);
    assert!(super::client().get(url).send().await.is_err());
}
