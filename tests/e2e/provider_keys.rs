//! The provider's keys over time: rotated, renewed, unreachable, nonsense. The clock is moved by hand.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use skuery::identity::{ClaimPath, ClaimPaths, Keys, Reason, Refusal, Rules, Verifier, Words};

use crate::command::skuery;
use crate::issuer::{NAME, claims, issuer, rsa_jwk, section, unknown_kid};
use crate::script::{Reply, Script};

fn verifier(keys: Keys) -> Verifier {
    let rules = Rules {
        issuer: NAME.to_owned(),
        audience: vec!["skuery".to_owned()],
        algorithms: vec![Algorithm::RS256],
        leeway: SignedDuration::from_secs(30),
        max_token_bytes: 8_192,
        claims: ClaimPaths {
            customer: ClaimPath::parse("customer_number"),
            ..ClaimPaths::default()
        },
        words: Words::default(),
    };
    Verifier::new(rules, keys)
}

async fn start(reply: Reply) -> (Script, Verifier) {
    // Fails only when another provider is installed already, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let script = Script::start(reply).await;
    let address = format!("{}/certs", script.url).parse().expect("an address");
    let keys = Keys::from_provider(address).expect("a client");
    (script, verifier(keys))
}

fn rsa_set(kids: &[&str]) -> Reply {
    let keys: Vec<Value> = kids.iter().map(|kid| rsa_jwk(kid, &issuer().rsa)).collect();
    Reply::json(json!({ "keys": keys }).to_string())
}

fn token(kid: &str) -> String {
    let header = json!({ "alg": "RS256", "kid": kid });
    issuer().sign(
        &header,
        &claims(json!({ "exp": 4_000_000_000_i64 })).to_string(),
        "RS256",
    )
}

/// Whose token it is, or why it is refused.
async fn ask(verifier: &Verifier, kid: &str) -> Result<String, Refusal> {
    let identity = verifier.identify(&token(kid)).await?;
    Ok(identity.customer.expect("a customer").as_str().to_owned())
}

const UNKNOWN: Result<String, Refusal> = Err(Refusal::Token(Reason::UnknownKey));

fn customer() -> Result<String, Refusal> {
    Ok("10001".to_owned())
}

/// The clock stands still only while it is moved: calls over the network need a running one.
async fn later(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_hundred_first_requests_make_one_call() {
    let (script, verifier) = start(rsa_set(&["a"])).await;
    let answers = join_all((0..100).map(|_| ask(&verifier, "a"))).await;
    assert!(answers.iter().all(|answer| *answer == customer()), "{answers:?}");
    assert_eq!(script.requests(), ["GET /certs"]);
}

#[tokio::test]
async fn a_new_key_is_found_at_once_by_one_call() {
    let (script, verifier) = start(rsa_set(&["a"])).await;
    assert_eq!(ask(&verifier, "a").await, customer());
    script.say(rsa_set(&["a", "b"]));
    script.requests();
    let answers = join_all((0..100).map(|_| ask(&verifier, "b"))).await;
    assert!(answers.iter().all(|answer| *answer == customer()), "{answers:?}");
    assert_eq!(ask(&verifier, "a").await, customer());
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn unknown_keys_lead_to_a_call_every_half_minute_at_most() {
    let (script, verifier) = start(rsa_set(&["a"])).await;
    assert_eq!(ask(&verifier, "a").await, customer());
    script.requests();
    for (wait, calls) in [(0, 1), (1, 0), (28, 0), (2, 1), (29, 0), (2, 1)] {
        later(wait).await;
        let kids: Vec<String> = (0..50).map(|_| unknown_kid()).collect();
        let answers = join_all(kids.iter().map(|kid| ask(&verifier, kid))).await;
        assert!(answers.iter().all(|answer| *answer == UNKNOWN), "{answers:?}");
        assert_eq!(ask(&verifier, &unknown_kid()).await, UNKNOWN);
        assert_eq!(script.requests().len(), calls, "{wait} s later");
    }
}

#[tokio::test]
async fn old_keys_serve_while_new_ones_are_fetched() {
    let (script, verifier) = start(rsa_set(&["a"])).await;
    assert_eq!(ask(&verifier, "a").await, customer());
    script.say(rsa_set(&["b"]));
    script.requests();
    later(9 * 60).await;
    assert_eq!(ask(&verifier, "a").await, customer());
    assert_eq!(script.requests(), Vec::<String>::new(), "not yet");
    later(61).await;
    assert_eq!(
        ask(&verifier, "a").await,
        customer(),
        "nobody waits for the new ones"
    );
    assert_eq!(ask(&verifier, "b").await, customer(), "who needs one does");
    assert_eq!(script.requests().len(), 1);
    assert_eq!(
        ask(&verifier, "a").await,
        UNKNOWN,
        "the provider has withdrawn it"
    );
}

#[tokio::test]
async fn a_provider_that_is_down_is_outlived_for_a_day() {
    let (script, verifier) = start(rsa_set(&["a"])).await;
    assert_eq!(ask(&verifier, "a").await, customer());
    for nonsense in [
        Reply::Status(500, "{}".to_owned()),
        Reply::json("{\"keys\":[]}"),
        Reply::json("<html>"),
        Reply::Truncated(issuer().jwks()),
    ] {
        script.say(nonsense);
        later(60 * 60).await;
        script.requests();
        assert_eq!(ask(&verifier, "a").await, customer());
        assert_eq!(ask(&verifier, &unknown_kid()).await, UNKNOWN);
        assert_eq!(script.requests().len(), 1, "the renewal is for both");
        assert_eq!(ask(&verifier, "a").await, customer());
        assert_eq!(script.requests().len(), 0, "and not tried again at once");
    }
    later(19 * 60 * 60 + 1_800).await;
    assert_eq!(ask(&verifier, "a").await, customer(), "23 hours and a half");
    later(1_800).await;
    assert_eq!(ask(&verifier, "a").await, Err(Refusal::NoKeys), "a day");
    script.say(rsa_set(&["a"]));
    later(2).await;
    assert_eq!(ask(&verifier, "a").await, customer());
}

#[tokio::test]
async fn without_keys_the_provider_is_asked_again_after_a_second() {
    let (script, verifier) = start(Reply::Status(503, "{}".to_owned())).await;
    let answers = join_all((0..50).map(|_| ask(&verifier, "a"))).await;
    assert!(answers.iter().all(|answer| *answer == Err(Refusal::NoKeys)));
    assert_eq!(script.requests().len(), 1);
    script.say(rsa_set(&["a"]));
    later(2).await;
    assert_eq!(ask(&verifier, "a").await, customer());
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn what_is_no_set_of_keys_is_refused() {
    let short = json!({ "keys": [{ "kty": "RSA", "kid": "a", "n": crate::issuer::encode([255; 128]), "e": "AQAB" }] });
    let shared = json!({ "keys": [{ "kty": "oct", "kid": "a", "k": "c2VjcmV0" }] });
    let encrypting = json!({ "keys": [{ "kty": "RSA", "kid": "a", "use": "enc", "n": rsa_jwk("a", &issuer().rsa)["n"], "e": "AQAB" }] });
    let many: Vec<Value> = (0..101)
        .map(|kid| rsa_jwk(&kid.to_string(), &issuer().rsa))
        .collect();
    for (name, reply) in [
        ("empty", Reply::json("")),
        ("no set", Reply::json("{}")),
        ("no keys", Reply::json("{\"keys\":[]}")),
        ("null", Reply::json("{\"keys\":null}")),
        ("a page", Reply::Typed("text/html", "<html>".to_owned())),
        ("a shared secret", Reply::json(shared.to_string())),
        ("a short key", Reply::json(short.to_string())),
        ("a key for encrypting", Reply::json(encrypting.to_string())),
        ("too many", Reply::json(json!({ "keys": many }).to_string())),
        ("huge", Reply::Huge(600_000)),
        ("cut off", Reply::Truncated(issuer().jwks())),
        (
            "elsewhere",
            Reply::Headed(302, "location: http://127.0.0.1:9/".to_owned()),
        ),
        ("refused", Reply::Status(403, issuer().jwks())),
    ] {
        let (script, verifier) = start(reply).await;
        assert_eq!(ask(&verifier, "a").await, Err(Refusal::NoKeys), "{name}");
        assert!(verifier.check().await.is_err(), "{name}");
        assert_eq!(script.requests().len(), 2, "{name}");
    }
}

#[tokio::test]
async fn keys_of_a_file_need_no_provider() {
    let verifier = verifier(Keys::from_file(issuer().jwks().as_bytes()).expect("a set"));
    assert_eq!(ask(&verifier, "rsa").await, customer());
    assert_eq!(ask(&verifier, &unknown_kid()).await, UNKNOWN);
    assert_eq!(
        verifier.check().await.expect("keys"),
        "1 of the 4 keys in the file are for the `algorithms`"
    );
}

/// What `skuery check` says of a configuration that only has an identity provider, and whether it found all well.
async fn command(name: &str, address: &str) -> (bool, String) {
    let section = section(address, "RS256");
    let yaml = format!("systems: {{}}\nchannels:\n  se: {{ languages: [sv], currency: SEK }}\n{section}");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.yaml"));
    std::fs::write(&file, yaml).expect("the directory for tests takes a file");
    // The script must be able to answer meanwhile.
    let output = tokio::task::spawn_blocking(move || skuery(&["check", "--config"]).arg(file).output());
    let output = output.await.expect("no panic").expect("the binary runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).expect("UTF-8"))
}

#[tokio::test]
async fn the_check_command_tries_the_keys() {
    let script = Script::start(Reply::json(issuer().jwks())).await;
    let (well, said) = command("keys-found", &script.url).await;
    let line = "ok      identity-provider: keys: 1 of the 4 keys at the provider are for the `algorithms`\n";
    assert!(well && said.contains(line), "{said}");
    for (reply, problem) in [
        (Reply::Status(404, "{}".to_owned()), "HTTP status 404"),
        (
            Reply::json("{\"keys\":[]}"),
            "none of its 0 keys can verify tokens",
        ),
        (
            Reply::json(json!({ "keys": &issuer().keys()[3..4] }).to_string()),
            "none of the 1 keys at the provider is for one of the `algorithms`",
        ),
    ] {
        script.say(reply);
        let (well, said) = command("keys-missing", &script.url).await;
        assert!(
            !well && said.contains("FAILED  identity-provider: keys: "),
            "{said}"
        );
        assert!(said.contains(problem), "{said}");
    }
}
