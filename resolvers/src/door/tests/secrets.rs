//! Secrets never print, and never stand in the file.

use serde::Deserialize;

use super::server::{Server, reply};
use super::{ask, call, upstream};
use crate::door::Auth;
use crate::door::limits::UpstreamConfig;
use crate::door::secret::{Secret, SecretRef};

#[derive(Debug, Deserialize)]
struct Holder {
    password: SecretRef,
}

fn check(yaml: &str) -> Result<String, String> {
    let holder: Holder = serde_saphyr::from_str(yaml).expect("a reference");
    let env = |name: &str| (name == "GIVEN").then(|| "hush-hush".to_owned());
    let printed = format!("{holder:?}");
    assert!(
        !printed.contains("hush-hush") && !printed.contains("4711"),
        "{printed}"
    );
    holder
        .password
        .resolve(&env)
        .map(|secret| secret.reveal().to_owned())
}

#[test]
fn secrets_come_by_reference_only() {
    assert_eq!(check("password: { env: GIVEN }").as_deref(), Ok("hush-hush"));
    assert_eq!(
        check("password: { env: MISSING }"),
        Err("environment variable `MISSING` is not set".to_owned())
    );
    for literal in ["password: hush-hush", "password: 4711", "password: true"] {
        let error = check(literal).expect_err("a literal");
        assert!(error.contains("{ env: NAME }"), "{error}");
        assert!(!error.contains("hush-hush") && !error.contains("4711"));
    }
}

#[tokio::test]
async fn neither_debug_nor_errors_show_a_secret() {
    let server = Server::start(|_| reply(401, "text/plain", b"hush-hush is wrong")).await;
    let auth = Auth::Basic {
        login: "gateway".to_owned(),
        password: Secret::new("hush-hush"),
    };
    assert!(!format!("{auth:?}").contains("hush-hush"));
    let upstream = upstream(&server.url, UpstreamConfig::default(), auth);
    let error = ask(&upstream, call(5)).await.expect_err("refused");
    let shown = format!("{upstream:?} {error:?} {error} {:?}", upstream.snapshot());
    // `gateway:hush-hush` in Base64 begins like this.
    assert!(
        !shown.contains("hush-hush") && !shown.contains("Z2F0ZXdheTp"),
        "{shown}"
    );
}
