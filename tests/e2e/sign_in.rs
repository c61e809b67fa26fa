//! Signed in over HTTP: how a token is sent, what it opens, and for whom staff act.

use serde_json::{Value, json};

use crate::audit_log::Log;
use crate::issuer::{issuer, section, with_identity};
use crate::script::{Reply, Script};
use crate::shop::{Answer, LONG, Shop, send};

const VIEWER: &str = "{ viewer { number } }";

/// A shop whose identity provider is a script.
pub(crate) struct Portal {
    pub(crate) shop: Shop,
    pub(crate) provider: Script,
}

impl Portal {
    pub(crate) async fn start(algorithms: &str) -> Self {
        Self::with(algorithms, |yaml| yaml).await
    }

    pub(crate) async fn with(algorithms: &str, change: impl FnOnce(String) -> String) -> Self {
        let provider = Script::start(Reply::json(issuer().jwks())).await;
        let section = section(&format!("{}/certs?all=1", provider.url), algorithms);
        let shop = Shop::with(|yaml| with_identity(&change(format!("{yaml}{LONG}")), &section)).await;
        Self { shop, provider }
    }

    /// Asks who the viewer is, with these further headers.
    pub(crate) async fn ask(&self, query: &str, headers: &[(&str, &str)]) -> Answer {
        ask(&self.shop, query, headers).await
    }

    async fn viewer(&self, token: &str) -> Value {
        let answer = self
            .ask(VIEWER, &[("authorization", &format!("Bearer {token}"))])
            .await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        answer.data("viewer")["number"].clone()
    }
}

async fn ask(shop: &Shop, query: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = shop.post();
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request.json(&json!({ "query": query, "operationName": null }))).await
}

/// A refusal that names no reason beyond this.
#[track_caller]
pub(crate) fn assert_refused(answer: &Answer, status: u16, code: &str, challenge: Option<&str>, case: &str) {
    assert_eq!(answer.status, status, "{case}: {:#}", answer.body);
    assert_eq!(answer.refusal().0, code, "{case}");
    let seen = answer.headers.get("www-authenticate");
    assert_eq!(
        seen.map(|value| value.to_str().expect("ASCII")),
        challenge,
        "{case}"
    );
}

const INVALID: Option<&str> = Some("Bearer error=\"invalid_token\"");

#[tokio::test]
async fn every_algorithm_on_the_list_is_accepted() {
    let names = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
    ];
    let portal = Portal::start(&names.join(", ")).await;
    let payload = crate::issuer::claims(json!({})).to_string();
    for name in names {
        let kid = match name {
            "ES256" => "p256",
            "ES384" => "p384",
            "EdDSA" => "ed25519",
            _ => "rsa",
        };
        let token = issuer().sign(&json!({ "alg": name, "kid": kid }), &payload, name);
        assert_eq!(portal.viewer(&token).await, "10001", "{name}");
    }
    assert_eq!(
        portal.provider.requests(),
        ["GET /certs?all=1"],
        "all with the same keys"
    );
}

#[tokio::test]
async fn claims_make_the_identity() {
    let portal = Portal::start("RS256").await;
    for (change, number) in [
        (json!({}), json!("10001")),
        (json!({ "customer_number": "Käufer 7" }), json!("Käufer 7")),
        (json!({ "customer_number": null }), Value::Null),
        (
            json!({ "customer_number": null, "realm_access": { "roles": ["sales-rep"] } }),
            Value::Null,
        ),
        (json!({ "aud": "skuery-admin" }), json!("10001")),
        (
            json!({ "company": { "number": "C-1" }, "price_list": "GOLD", "channels": "se" }),
            json!("10001"),
        ),
        (
            json!({ "company": {}, "channels": ["dk", "se"], "realm_access": { "roles": "a  b" } }),
            json!("10001"),
        ),
        (
            json!({ "unknown": { "deep": [1, 2.5, true, null] }, "customer": 5 }),
            json!("10001"),
        ),
    ] {
        assert_eq!(
            portal.viewer(&issuer().token(change.clone())).await,
            number,
            "{change}"
        );
    }
    let absent = with_null("customer_number");
    assert_eq!(
        portal.viewer(&absent).await,
        Value::Null,
        "null is as good as absent"
    );
}

/// A token with a claim of `null`.
fn with_null(name: &str) -> String {
    let payload = crate::issuer::claims(json!({ name: "gone" }))
        .to_string()
        .replace("\"gone\"", "null");
    issuer().sign(&json!({ "alg": "RS256", "kid": "rsa" }), &payload, "RS256")
}

#[tokio::test]
async fn the_header_is_read_strictly_and_never_ignored() {
    let portal = Portal::start("RS256").await;
    let token = issuer().token(json!({}));
    for scheme in ["Bearer", "bearer", "BEARER", "Bearer "] {
        let answer = portal
            .ask(VIEWER, &[("authorization", &format!("{scheme} {token}"))])
            .await;
        assert_eq!(answer.data("viewer")["number"], "10001", "{scheme}");
    }
    for value in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        token.clone(),
        format!("Bearer{token}"),
        format!("Bearer\t{token}"),
        format!("Basic {token}"),
        format!("Token {token}"),
        format!("DPoP {token}"),
        format!("Bearer \"{token}\""),
        format!("Bearer {token} {token}"),
        format!("Bearer {token}, Bearer {token}"),
        format!("Basic eDp5, Bearer {token}"),
        format!("Bearer {token};"),
        format!("Bearer {token}\u{e9}"),
    ] {
        let answer = portal.ask(VIEWER, &[("authorization", &value)]).await;
        assert_refused(&answer, 401, "UNAUTHENTICATED", INVALID, &value);
    }
    let bearer = format!("Bearer {token}");
    for second in [bearer.as_str(), "Basic eDp5", ""] {
        let answer = portal
            .ask(VIEWER, &[("authorization", &bearer), ("authorization", second)])
            .await;
        assert_refused(&answer, 401, "UNAUTHENTICATED", INVALID, second);
    }
    let answer = portal.ask(VIEWER, &[]).await;
    assert_eq!(answer.data("viewer"), &Value::Null, "nobody has to sign in");
}

#[tokio::test]
async fn a_bad_token_is_refused_in_either_media_type() {
    let portal = Portal::start("RS256").await;
    for media in ["application/graphql-response+json", "application/json"] {
        let headers = [("authorization", "Bearer x.y.z"), ("accept", media)];
        let client = crate::shop::builder().build().expect("a client");
        let mut request = client.post(format!("{}/graphql", portal.shop.url));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = send(request.json(&json!({ "query": VIEWER }))).await;
        assert_refused(&answer, 401, "UNAUTHENTICATED", INVALID, media);
        let seen = answer.headers["content-type"].to_str().expect("ASCII");
        assert_eq!(seen, "application/graphql-response+json; charset=utf-8");
        assert_eq!(answer.headers["cache-control"], "private, no-store");
    }
}

#[tokio::test]
async fn without_a_provider_every_token_is_refused() {
    let shop = Shop::with(|yaml| with_identity(&yaml, "")).await;
    let token = issuer().token(json!({}));
    let answer = ask(&shop, VIEWER, &[("authorization", &format!("Bearer {token}"))]).await;
    assert_refused(&answer, 401, "UNAUTHENTICATED", INVALID, "a token");
    let answer = ask(&shop, VIEWER, &[("x-act-as", "10001")]).await;
    assert_refused(&answer, 401, "UNAUTHENTICATED", Some("Bearer"), "acting");
    assert_eq!(ask(&shop, VIEWER, &[]).await.data("viewer"), &Value::Null);
}

#[tokio::test]
async fn a_channel_for_the_signed_in_says_so_by_its_status() {
    let portal = Portal::with("RS256", |yaml| {
        let dealer = "  dealer:\n";
        assert!(yaml.contains(dealer));
        let mut lines: Vec<&str> = yaml
            .lines()
            .filter(|line| !line.starts_with("    access:"))
            .collect();
        let at = lines
            .iter()
            .position(|line| *line == "  dealer:")
            .expect("the channel");
        lines.insert(at + 1, "    access: listed");
        lines.join("\n")
    })
    .await;
    let query = "query @inContext(channel: \"dealer\") { viewer { number } }";
    let answer = portal.ask(query, &[]).await;
    assert_refused(&answer, 401, "UNAUTHENTICATED", Some("Bearer"), "anonymous");
    let bearer = |change| format!("Bearer {}", issuer().token(change));
    let answer = portal.ask(query, &[("authorization", &bearer(json!({})))]).await;
    assert_refused(&answer, 403, "FORBIDDEN", None, "not listed");
    let listed = bearer(json!({ "channels": ["dealer"] }));
    assert_eq!(
        portal
            .ask(query, &[("authorization", &listed)])
            .await
            .data("viewer")["number"],
        "10001"
    );
    let staff = bearer(json!({ "realm_access": { "roles": ["admin"] } }));
    assert_eq!(
        portal
            .ask(query, &[("authorization", &staff)])
            .await
            .data("viewer")["number"],
        "10001"
    );

    // A client of the older media type finds it in the body.
    let client = crate::shop::builder().build().expect("a client");
    let request = client.post(format!("{}/graphql", portal.shop.url));
    let answer = send(request.json(&json!({ "query": query }))).await;
    assert_refused(&answer, 200, "UNAUTHENTICATED", None, "anonymous");
}

#[tokio::test]
async fn staff_act_for_a_customer_and_it_is_written_down() {
    let (log, _guard) = Log::begin();

    let portal = Portal::start("RS256").await;
    let staff = json!({ "sub": "anna", "customer_number": null, "realm_access": { "roles": ["sales-rep"] } });
    let staff = format!("Bearer {}", issuer().token(staff));
    let headers = [("authorization", staff.as_str()), ("x-act-as", "20002")];
    assert_eq!(
        portal.ask(VIEWER, &headers).await.data("viewer")["number"],
        "20002"
    );
    let named = portal
        .shop
        .post()
        .header("authorization", &staff)
        .header("x-act-as", "20003");
    let body = json!({ "query": "query Basket { viewer { number } }", "operationName": "Basket" });
    assert_eq!(send(named.json(&body)).await.data("viewer")["number"], "20003");
    let forged = portal
        .shop
        .post()
        .header("authorization", &staff)
        .header("x-act-as", "20004");
    let name = format!("x\n audit: subject=boss {}", "y".repeat(100));
    let answer = send(forged.json(&json!({ "query": VIEWER, "operationName": name }))).await;
    assert_eq!(answer.status, 400, "no such operation");
    let lines = log.lines();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(
        lines[0].contains("subject=\"anna\" customer=\"20002\" operation=\"\""),
        "{lines:#?}"
    );
    assert!(
        lines[1].contains("customer=\"20003\" operation=\"Basket\""),
        "{lines:#?}"
    );

    // Neither a name that no document has nor a number can write lines of its own, and the document's own name is told.
    let sole = json!({ "query": "query Look { viewer { number } }" });
    let odd = portal.shop.post().header("authorization", &staff);
    send(odd.header("x-act-as", "1 operation=\"x\"").json(&sole)).await;
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let written = r#"customer="1 operation=\"x\"" operation="Look""#;
    assert!(lines[0].contains(written), "{lines:#?}");

    assert_eq!(
        portal.ask(VIEWER, &headers[..1]).await.data("viewer"),
        &Value::Null
    );
    let buyer = format!("Bearer {}", issuer().token(json!({})));
    for (authorization, customer, status, code, challenge) in [
        (Some(&buyer), "10001", 403, "FORBIDDEN", None),
        (Some(&buyer), "", 403, "FORBIDDEN", None),
        (None, "10001", 401, "UNAUTHENTICATED", Some("Bearer")),
        (Some(&staff), "", 400, "BAD_USER_INPUT", None),
        (Some(&staff), "a\tb", 400, "BAD_USER_INPUT", None),
        (Some(&staff), &"9".repeat(65), 400, "BAD_USER_INPUT", None),
    ] {
        let mut headers = vec![("x-act-as", customer)];
        headers.extend(authorization.map(|bearer| ("authorization", bearer.as_str())));
        let answer = portal.ask(VIEWER, &headers).await;
        assert_refused(&answer, status, code, challenge, customer);
    }
    let twice = [
        ("authorization", staff.as_str()),
        ("x-act-as", "1"),
        ("x-act-as", "2"),
    ];
    assert_refused(
        &portal.ask(VIEWER, &twice).await,
        400,
        "BAD_USER_INPUT",
        None,
        "twice",
    );
    assert_eq!(log.lines(), Vec::<String>::new(), "nobody acted");
}

#[tokio::test]
async fn a_provider_that_was_never_reached_is_an_outage_and_no_fault_of_the_token() {
    let portal = Portal::start("RS256").await;
    portal.provider.say(Reply::Status(500, "{}".to_owned()));
    let bearer = format!("Bearer {}", issuer().token(json!({})));
    let answer = portal.ask(VIEWER, &[("authorization", &bearer)]).await;
    assert_refused(&answer, 503, "SYSTEM_UNAVAILABLE", None, "no keys");
    let answer = portal.ask(VIEWER, &[]).await;
    assert_eq!(answer.data("viewer"), &Value::Null, "who needs no keys is served");
    let metrics = portal.shop.get("/metrics").send().await.expect("an answer");
    let metrics = metrics.text().await.expect("a body");
    for line in [
        "skuery_tokens_total{outcome=\"no_keys\"} 1",
        "skuery_tokens_total{outcome=\"accepted\"} 0",
        "skuery_calls_total{system=\"identity-provider\",operation=\"keys\",outcome=\"unavailable\"} 1",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
}
