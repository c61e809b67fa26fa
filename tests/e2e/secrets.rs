//! Canaries: no configured secret comes out anywhere, whatever happens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use skuery::demo::logins;

use crate::command::{Running, skuery};
use crate::shop::{client, send};

/// Every secret of the demo, and the forms in which they travel.
fn canaries() -> Vec<String> {
    let secrets = [
        logins::PIM_CLIENT_SECRET,
        logins::PIM_PASSWORD,
        logins::ERP_CLIENT_SECRET,
        logins::WMS_PASSWORD,
    ];
    let mut canaries: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
    for (login, secret) in [
        (logins::PIM_CLIENT_ID, logins::PIM_CLIENT_SECRET),
        (logins::WMS_USERNAME, logins::WMS_PASSWORD),
    ] {
        canaries.push(STANDARD.encode(format!("{login}:{secret}")));
    }
    canaries
}

#[track_caller]
fn assert_silent(place: &str, text: &str) {
    for canary in canaries() {
        if let Some(at) = text.find(&canary) {
            let start = text[..at]
                .char_indices()
                .rev()
                .nth(200)
                .map_or(0, |(index, _)| index);
            panic!("{place} shows a secret: {}", &text[start..at + canary.len()]);
        }
    }
}

const QUERIES: [&str; 6] = [
    r#"{ variants(skus: ["MC-10008-WHT-M", "NO-SUCH"]) { name price(maxAge: 0) { kind } availability(maxAge: 0) { quantity } externalIds { system value } } }"#,
    r#"{ products(first: 2, filter: { categories: ["nope"] }) { nodes { id } } }"#,
    r#"{ products(query: "\u0000'", sort: NEWEST, first: 1) { nodes { id } facets { code } } }"#,
    "{ systems { name connector roles state since } __schema { description types { name description } } }",
    "{ nope",
    r#"{ node(id: "nope") { id } product(by: { slug: "nope" }) { id } }"#,
];

#[tokio::test]
async fn no_secret_comes_out_in_answers_metrics_or_the_most_talkative_log() {
    let running = Running::demo("trace");
    let url = running.url.clone();
    let faults = [
        json!({}),
        json!({ "failureRate": 1 }),
        json!({ "failureRate": 0, "down": true }),
        json!({ "down": false }),
    ];
    for fault in faults {
        for system in ["pim", "erp", "wms"] {
            let request = client().post(format!("{url}/demo/systems/{system}")).json(&fault);
            let state: Value = send(request).await.body;
            assert_silent("a dial", &state.to_string());
        }
        for query in QUERIES {
            let answer = send(
                client()
                    .post(format!("{url}/graphql"))
                    .json(&json!({ "query": query })),
            )
            .await;
            assert_silent(query, &answer.body.to_string());
            assert_silent("the headers", &format!("{:?}", answer.headers));
        }
        for path in ["/metrics", "/", "/health/ready", "/nothing"] {
            let response = client()
                .get(format!("{url}{path}"))
                .send()
                .await
                .expect("an answer");
            assert_silent(path, &response.text().await.expect("text"));
        }
    }
    running.signal("TERM");
    let (code, said) = running.end().await;
    assert_eq!(code, Some(0));
    assert!(said.len() > 1000, "the log says a lot: {said}");
    assert_silent("the log", &said);
}

#[test]
fn a_secret_that_stands_in_the_file_is_refused_and_not_repeated() {
    let canary = "canary-in-the-file";
    let yaml = format!(
        "systems:\n  wms:\n    connector: ongoing\n    url: http://127.0.0.1:1\n    settings: {{ goods_owner_id: 7 }}\n    auth:\n      login: a\n      password: {canary}\nchannels:\n  se: {{ languages: [sv], currency: SEK }}\n"
    );
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("literal.yaml");
    std::fs::write(&file, yaml).expect("the directory for tests takes a file");
    let output = skuery(&["check", "--config"])
        .arg(&file)
        .output()
        .expect("it runs");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(
        said.contains("literal.yaml:8: systems.wms.auth.password: a secret must not stand in the file"),
        "{said}"
    );
    assert!(!said.contains(canary), "{said}");
}

#[test]
fn a_secret_from_the_environment_is_not_in_what_check_says() {
    let canary = "canary-of-the-environment";
    let yaml = "systems:\n  wms:\n    connector: ongoing\n    url: http://127.0.0.1:1\n    settings: { goods_owner_id: 7 }\n    auth: { login: a, password: { env: CANARY } }\nchannels:\n  se: { languages: [sv], currency: SEK }\n";
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("canary.yaml");
    std::fs::write(&file, yaml).expect("the directory for tests takes a file");
    let mut command = skuery(&["check", "--config"]);
    let output = command
        .arg(&file)
        .env("CANARY", canary)
        .env("SKUERY_LOG", "trace")
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("the configuration is valid"), "{said}");
    assert!(!said.contains(canary), "{said}");
    assert!(!said.contains(&STANDARD.encode(format!("a:{canary}"))), "{said}");
}
