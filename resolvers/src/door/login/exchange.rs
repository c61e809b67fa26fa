//! The exchanges that obtain a token, one per kind of login.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{HeaderName, Method};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::{Auth, OPERATION, Token, basic, fixed};
use crate::door::fault::Fault;
use crate::door::secret::Secret;
use crate::door::{Reply, Request, Upstream};
use crate::error::ErrorKind;
use crate::port::Priority;

pub(super) async fn obtain(
    upstream: &Upstream,
    refresh: Option<Secret>,
    deadline: Instant,
) -> Result<Token, Fault> {
    let auth = &upstream.0.auth;
    if let Some(token) = fixed(auth) {
        return token;
    }
    // A login takes one of the system's places like any other call, but may wait for it as long as a login may take.
    // Everybody waits for it, whoever is buying among them.
    let _pass = upstream.0.gate.enter_until(deadline, Priority::Checkout).await?;
    match auth {
        Auth::ClientCredentials { .. } => client_credentials(upstream).await,
        Auth::Password { .. } => password_or_refresh(upstream, refresh).await,
        Auth::TrytonSession { .. } => tryton_session(upstream).await,
        Auth::None | Auth::Basic { .. } | Auth::Header { .. } => Err(Fault::new(
            ErrorKind::Unsupported,
            "this kind of login needs no exchange",
        )),
    }
}

async fn client_credentials(upstream: &Upstream) -> Result<Token, Fault> {
    let Auth::ClientCredentials {
        token_path,
        client_id,
        client_secret,
        scope,
    } = &upstream.0.auth
    else {
        return Err(wrong_kind());
    };
    let body = {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials")
            .append_pair("client_id", client_id)
            .append_pair("client_secret", client_secret.reveal());
        if let Some(scope) = scope {
            form.append_pair("scope", scope);
        }
        form.finish().into_bytes()
    };
    let reply = post(
        upstream,
        token_path,
        "application/x-www-form-urlencoded",
        body,
        None,
    )
    .await?;
    oauth_token(&reply)
}

async fn password_or_refresh(upstream: &Upstream, refresh: Option<Secret>) -> Result<Token, Fault> {
    let Auth::Password {
        token_path,
        client_id,
        client_secret,
        login,
        password,
    } = &upstream.0.auth
    else {
        return Err(wrong_kind());
    };
    let client = basic(client_id, client_secret);
    let ask = async |grant: Value| {
        let body = grant.to_string().into_bytes();
        post(upstream, token_path, "application/json", body, Some(&client))
            .await
            .and_then(|reply| oauth_token(&reply))
    };
    if let Some(refresh) = refresh {
        let grant = json!({"grant_type": "refresh_token", "refresh_token": refresh.reveal()});
        // A refresh token may be used up or forgotten by the system; the password still works then.
        match ask(grant).await {
            Err(fault) if fault.kind() == ErrorKind::Rejected => {}
            other => return other,
        }
    }
    ask(json!({"grant_type": "password", "username": login, "password": password.reveal()})).await
}

async fn tryton_session(upstream: &Upstream) -> Result<Token, Fault> {
    let Auth::TrytonSession {
        rpc_path,
        login,
        password,
    } = &upstream.0.auth
    else {
        return Err(wrong_kind());
    };
    let call = json!({
        "id": 1,
        "method": "common.db.login",
        "params": [login, {"password": password.reveal()}],
    });
    let body = call.to_string().into_bytes();
    let reply = post(upstream, rpc_path, "application/json", body, None).await?;
    let answer: Value = serde_json::from_slice(&reply.body).map_err(|_| not_understood())?;
    let user = answer.pointer("/result/0").and_then(Value::as_i64);
    let session = answer.pointer("/result/1").and_then(Value::as_str);
    let (Some(user), Some(session)) = (user, session) else {
        return Err(Fault::refused_login("the login was refused"));
    };
    let session = STANDARD.encode(format!("{login}:{user}:{session}"));
    Token::new(AUTHORIZATION, &format!("Session {session}"))
}

async fn post(
    upstream: &Upstream,
    path: &str,
    content_type: &'static str,
    body: Vec<u8>,
    authorization: Option<&str>,
) -> Result<Reply, Fault> {
    let url = upstream
        .base()
        .join(path.trim_start_matches('/'))
        .map_err(|_| Fault::new(ErrorKind::Rejected, "the login's path is not a path"))?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    let request = Request {
        operation: OPERATION,
        keys: 0,
        method: Method::POST,
        url,
        headers,
        body: Some(body),
        statuses: Arc::from([]),
        until_deadline: false,
    };
    let authorization = authorization
        .map(|text| -> Result<(HeaderName, HeaderValue), Fault> {
            let value = HeaderValue::from_str(text).map_err(|_| wrong_kind())?;
            Ok((AUTHORIZATION, value))
        })
        .transpose()?;
    let most = Duration::from_millis(upstream.0.limits.login_timeout_ms);
    timeout(most, upstream.whole_exchange(&request, authorization))
        .await
        .unwrap_or_else(|_| Err(Fault::new(ErrorKind::Timeout, "no login in time")))
        .map_err(|fault| match fault.kind() {
            ErrorKind::Rejected => Fault::refused_login("the login was refused"),
            _ => fault,
        })
}

/// Neither this nor its parts derive `Debug`: they hold secrets in plain text.
#[derive(Deserialize)]
struct OauthToken {
    access_token: String,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
}

fn oauth_token(reply: &Reply) -> Result<Token, Fault> {
    let answer: OauthToken = serde_json::from_slice(&reply.body).map_err(|_| not_understood())?;
    let bearer = format!("Bearer {}", answer.access_token);
    let mut token = Token::new(AUTHORIZATION, &bearer)?;
    if let Some(seconds) = answer.expires_in {
        // A month is the longest we believe: the clock must not overflow on a fantasy number.
        token = token.lasting(Duration::from_secs(seconds.min(2_678_400)));
    }
    token.refresh = answer.refresh_token.map(Secret::new);
    Ok(token)
}

fn not_understood() -> Fault {
    Fault::invalid_answer("the login's answer was not understood")
}

fn wrong_kind() -> Fault {
    Fault::new(ErrorKind::Unsupported, "the login is of another kind")
}
