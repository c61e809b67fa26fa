//! Tokens of the PIM: password grant and refresh.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::{Pim, Refusal, expect_json};
use crate::demo::answers::answer;
use crate::demo::{logins, tokens};

#[derive(Deserialize)]
struct Grant {
    grant_type: Option<String>,
    username: Option<String>,
    password: Option<String>,
    refresh_token: Option<String>,
}

/// `POST /api/oauth/v1/token`.
pub(super) async fn token(
    State(pim): State<Pim>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    expect_json(&headers)?;
    let grant: Grant =
        serde_json::from_slice(&body).map_err(|_| Refusal::malformed("Invalid json message received"))?;
    let is_client = tokens::basic(&headers)
        .is_some_and(|(id, secret)| id == logins::PIM_CLIENT_ID && secret == logins::PIM_CLIENT_SECRET);
    if !is_client {
        let message = "Parameter \"client_id\" is missing or does not match any client, or secret is invalid";
        return Err(Refusal::invalid(message));
    }
    match grant.grant_type.as_deref() {
        Some("password") => check_password(&grant)?,
        Some("refresh_token") => check_refresh(&pim, &grant)?,
        _ => {
            return Err(Refusal::invalid("Parameter \"grant_type\" is missing or invalid"));
        }
    }
    let (access, refresh) = pim.system.tokens.issue();
    let body = json!({"access_token": access, "expires_in": 3600, "token_type": "bearer", "scope": null, "refresh_token": refresh});
    Ok(answer(StatusCode::OK, body))
}

fn check_password(grant: &Grant) -> Result<(), Refusal> {
    let is_user = grant.username.as_deref() == Some(logins::PIM_USERNAME)
        && grant.password.as_deref() == Some(logins::PIM_PASSWORD);
    if is_user {
        Ok(())
    } else {
        Err(Refusal::invalid(
            "No user found for the given username and password",
        ))
    }
}

fn check_refresh(pim: &Pim, grant: &Grant) -> Result<(), Refusal> {
    let is_ours = grant
        .refresh_token
        .as_deref()
        .is_some_and(|token| pim.system.tokens.is_refresh_token(token));
    if is_ours {
        Ok(())
    } else {
        Err(Refusal::invalid("Refresh token is invalid or has expired"))
    }
}
