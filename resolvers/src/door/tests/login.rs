//! Tokens: obtained once for all, renewed once for all, never at the cost of the callers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::server::{Seen, Server, Step, json as answer, reply};
use super::{ask, call, upstream};
use crate::door::Auth;
use crate::door::limits::UpstreamConfig;
use crate::door::secret::Secret;
use crate::error::ErrorKind;

fn client() -> Auth {
    Auth::ClientCredentials {
        token_path: "/token".to_owned(),
        client_id: "gateway".to_owned(),
        client_secret: Secret::new("hush"),
        scope: None,
    }
}

fn patient() -> UpstreamConfig {
    UpstreamConfig {
        queue_timeout_ms: 60_000,
        ..UpstreamConfig::default()
    }
}

/// Gives out `token-1`, `token-2`, …; only the latest is good, and none up to `dead`.
struct Tokens {
    given: AtomicUsize,
    dead: AtomicUsize,
    lifetime: u64,
}

impl Tokens {
    fn new(lifetime: u64) -> Arc<Self> {
        Arc::new(Self {
            given: AtomicUsize::new(0),
            dead: AtomicUsize::new(0),
            lifetime,
        })
    }

    fn act(&self, seen: &Seen) -> Vec<Step> {
        if seen.line.starts_with("POST /token") {
            let number = self.given.fetch_add(1, Ordering::SeqCst) + 1;
            let token = json!({"access_token": format!("token-{number}"), "expires_in": self.lifetime});
            let mut steps = vec![Step::Wait(Duration::from_millis(10))];
            steps.extend(answer(&token));
            return steps;
        }
        let number = self.given.load(Ordering::SeqCst);
        let good = number > self.dead.load(Ordering::SeqCst)
            && seen.header("authorization") == Some(&format!("Bearer token-{number}"));
        match good {
            true => answer(&json!([])),
            false => reply(401, "text/html", b"<html>who are you</html>"),
        }
    }

    fn given(&self) -> usize {
        self.given.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn two_hundred_callers_log_in_once_and_renew_once() {
    let tokens = Tokens::new(3600);
    let acting = Arc::clone(&tokens);
    let server = Server::start(move |seen| acting.act(seen)).await;
    let upstream = upstream(&server.url, patient(), client());
    for round in 1..=3 {
        let calls = (0..200).map(|_| ask(&upstream, call(60)));
        let results = join_all(calls).await;
        assert!(results.iter().all(Result::is_ok), "round {round}");
        assert_eq!(tokens.given(), round);
        // The system forgets the session early.
        tokens.dead.store(round, Ordering::SeqCst);
    }
    assert!(server.peak() <= 8);
    let snapshot = upstream.snapshot();
    assert_eq!(snapshot.operations["login"].calls, 3);
    assert_eq!(snapshot.operations["prices"].errors.get("rejected"), None);
}

#[tokio::test(start_paused = true)]
async fn a_login_does_not_die_with_the_caller_who_needed_it_first() {
    let server = Server::start(|seen| {
        if seen.line.starts_with("POST /token") {
            let mut steps = vec![Step::Wait(Duration::from_secs(2))];
            steps.extend(answer(&json!({"access_token": "t"})));
            return steps;
        }
        answer(&json!([]))
    })
    .await;
    let upstream = upstream(&server.url, patient(), client());
    let error = ask(&upstream, call(1))
        .await
        .expect_err("too slow for this caller");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(ask(&upstream, call(60)).await.is_ok());
    assert_eq!(upstream.snapshot().operations["login"].calls, 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_near_its_end_is_renewed_while_calls_still_use_it() {
    let server = Server::start(|seen| {
        if seen.line.starts_with("POST /token") {
            return answer(&json!({"access_token": "t", "expires_in": 3600}));
        }
        answer(&json!([]))
    })
    .await;
    let upstream = upstream(&server.url, patient(), client());
    assert!(ask(&upstream, call(60)).await.is_ok());
    tokio::time::advance(Duration::from_secs(3_550)).await;
    assert!(ask(&upstream, call(60)).await.is_ok());
    // The renewal runs beside the call; wait until it is done.
    while upstream.snapshot().operations["login"].ok < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::advance(Duration::from_secs(100)).await;
    assert!(ask(&upstream, call(60)).await.is_ok());
    assert_eq!(upstream.snapshot().operations["login"].calls, 2);
}

#[tokio::test]
async fn a_refused_login_is_tried_once_not_by_every_caller() {
    let server = Server::start(|_| reply(401, "text/html", b"<html>no</html>")).await;
    let upstream = upstream(&server.url, patient(), client());
    let calls = (0..50).map(|_| ask(&upstream, call(60)));
    for result in join_all(calls).await {
        assert_eq!(result.expect_err("refused").kind(), ErrorKind::Rejected);
    }
    assert_eq!(server.seen().len(), 1, "a second try might lock the account");
}

#[tokio::test]
async fn a_token_that_never_worked_is_not_replaced_at_once() {
    let server = Server::start(|seen| {
        if seen.line.starts_with("POST /token") {
            return answer(&json!({"access_token": "t"}));
        }
        reply(401, "text/plain", b"")
    })
    .await;
    let upstream = upstream(&server.url, patient(), client());
    let calls = (0..50).map(|_| ask(&upstream, call(60)));
    for result in join_all(calls).await {
        assert_eq!(result.expect_err("refused").kind(), ErrorKind::Rejected);
    }
    assert_eq!(upstream.snapshot().operations["login"].calls, 1);
}

#[tokio::test(start_paused = true)]
async fn akeneo_refreshes_and_falls_back_to_the_password() {
    let grants: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&grants);
    let server = Server::start(move |seen| {
        if !seen.line.starts_with("POST /token") {
            return match seen.header("authorization") {
                Some("Bearer dead") => reply(401, "application/json", b"{}"),
                _ => answer(&json!([])),
            };
        }
        let body: serde_json::Value = serde_json::from_str(&seen.body).expect("JSON");
        let grant = body["grant_type"].as_str().expect("a grant").to_owned();
        assert!(
            seen.header("authorization")
                .is_some_and(|it| it.starts_with("Basic "))
        );
        let mut grants = noted.lock().expect("a lock");
        grants.push(grant.clone());
        match (grant.as_str(), grants.len()) {
            ("refresh_token", _) => reply(422, "application/json", b"{}"),
            (_, 1) => answer(&json!({"access_token": "dead", "refresh_token": "r", "expires_in": 3600})),
            _ => answer(&json!({"access_token": "good", "expires_in": 3600})),
        }
    })
    .await;
    let auth = Auth::Password {
        token_path: "/token".to_owned(),
        client_id: "c".to_owned(),
        client_secret: Secret::new("s"),
        login: "u".to_owned(),
        password: Secret::new("p"),
    };
    let upstream = upstream(&server.url, patient(), auth);
    let first = ask(&upstream, call(60)).await.expect_err("a dead token at once");
    assert_eq!(first.kind(), ErrorKind::Rejected);
    tokio::time::advance(Duration::from_millis(1_050)).await;
    assert!(ask(&upstream, call(60)).await.is_ok());
    let grants = grants.lock().expect("a lock").clone();
    assert_eq!(grants, ["password", "refresh_token", "password"]);
}
