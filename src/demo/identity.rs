//! The demo's identity provider: a key pair made at start, its public half as a JWK set, and tokens for the customers.
//!
//! It signs whatever the demo asks for and knows no passwords. It is not one of the demo's systems and has no dials.

use std::net::Ipv4Addr;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::customers::{CUSTOMERS, Customer};

/// How long a token is good.
const VALIDITY: SignedDuration = SignedDuration::from_hours(8);
/// For whom tokens are.
const AUDIENCE: &str = "skuery";
/// The provider's words for what people may do; `demo.yaml` translates them.
const APPROVER: &str = "portal-approver";
const STAFF: &str = "sales-rep";

/// Signs tokens.
pub(super) struct Issuer {
    /// The provider's address, which is its name too.
    url: String,
    key: EncodingKey,
    key_id: String,
}

/// The running provider; it stops when this is dropped.
pub(super) struct Provider {
    pub(super) issuer: Arc<Issuer>,
    server: AbortHandle,
    /// Dropping it ends the connections that are open.
    _stop: oneshot::Sender<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        // Nobody is let in from now on.
        self.server.abort();
    }
}

/// Makes a key pair and serves its public half on a free port of 127.0.0.1.
pub(super) async fn start() -> std::io::Result<Provider> {
    let (key, public) = key_pair().map_err(std::io::Error::other)?;
    let key_id = public["kid"].as_str().unwrap_or_default().to_owned();
    let keys = Arc::new(json!({ "keys": [public] }));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let routes = Router::new().route("/jwks.json", get(async move || Json((*keys).clone())));
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let server = axum::serve(listener, routes).with_graceful_shutdown(async move {
            // Both a message and a dropped sender mean the end.
            let _ = stopped.await;
        });
        if let Err(error) = server.await {
            tracing::error!(%error, "demo identity provider stopped");
        }
    });
    let issuer = Arc::new(Issuer { url, key, key_id });
    let server = server.abort_handle();
    Ok(Provider {
        issuer,
        server,
        _stop: stop,
    })
}

/// The private half to sign with, and the public half as a JWK.
fn key_pair() -> Result<(EncodingKey, Value), &'static str> {
    let failed = "no key pair can be made";
    let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    let pair = pair.map_err(|_| failed)?;
    let public =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pair.as_ref()).map_err(|_| failed)?;
    // A point that is not compressed: 4, then both coordinates.
    let (x, y) = match public.public_key().as_ref() {
        [4, point @ ..] if point.len() == 64 => point.split_at(32),
        _ => return Err(failed),
    };
    let jwk = json!({
        "kty": "EC",
        "crv": "P-256",
        "alg": "ES256",
        "use": "sig",
        "kid": format!("demo-{}", URL_SAFE_NO_PAD.encode(&x[..6])),
        "x": URL_SAFE_NO_PAD.encode(x),
        "y": URL_SAFE_NO_PAD.encode(y),
    });
    Ok((EncodingKey::from_ec_der(pair.as_ref()), jwk))
}

impl Issuer {
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A fresh token of a customer.
    pub(super) fn customer(&self, customer: &Customer) -> Result<String, jsonwebtoken::errors::Error> {
        let mut roles = vec!["buyer"];
        roles.extend(customer.is_approver.then_some(APPROVER));
        let mut claims = json!({
            "sub": customer.email,
            "name": customer.name,
            "person": customer.person,
            "customer_number": customer.number,
            "channels": [customer.channel],
            "roles": roles,
        });
        if let Some((number, name)) = customer.company {
            claims["company"] = json!({"number": number, "name": name});
        }
        // The ERP tells everybody else's.
        if let Some(price_list) = customer.token_price_list {
            claims["price_list"] = json!(price_list);
        }
        self.sign(claims)
    }

    /// A fresh token of a sales representative, who is no customer.
    pub(super) fn staff(&self) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign(json!({
            "sub": "stina.karlsson@skuery-demo.example",
            "name": "Stina Karlsson",
            "roles": [STAFF],
        }))
    }

    fn sign(&self, mut claims: Value) -> Result<String, jsonwebtoken::errors::Error> {
        let now = Timestamp::now();
        claims["iss"] = json!(self.url);
        claims["aud"] = json!(AUDIENCE);
        claims["iat"] = json!(now.as_second());
        claims["exp"] = json!(now.as_second() + VALIDITY.as_secs());
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.key_id.clone());
        jsonwebtoken::encode(&header, &claims, &self.key)
    }
}

/// `GET /demo/tokens`, customer number → token, and `GET /demo/tokens/staff`.
pub(super) fn routes(issuer: Arc<Issuer>) -> Router {
    Router::new()
        .route("/demo/tokens", get(customers))
        .route("/demo/tokens/staff", get(staff))
        .with_state(issuer)
}

async fn customers(State(issuer): State<Arc<Issuer>>) -> Response {
    let tokens = CUSTOMERS.iter().map(|customer| {
        let token = issuer.customer(customer)?;
        Ok((customer.number.to_owned(), Value::String(token)))
    });
    handed_out(tokens.collect::<Result<Map<_, _>, _>>().map(Value::Object))
}

async fn staff(State(issuer): State<Arc<Issuer>>) -> Response {
    handed_out(issuer.staff().map(|token| json!({ "token": token })))
}

fn handed_out(tokens: Result<Value, jsonwebtoken::errors::Error>) -> Response {
    match tokens {
        Ok(tokens) => ([(CACHE_CONTROL, "no-store")], Json(tokens)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
