//! How the door behaves towards slow, broken and hostile systems.

pub(crate) mod server;

mod faults;
mod gate;
mod login;
mod secrets;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method};
use skuery_schema::ids::SystemName;
use tokio::time::Instant;
use url::Url;

use crate::door::limits::UpstreamConfig;
use crate::door::{Auth, Request, Upstream};
use crate::error::LookupError;
use crate::port::Call;

pub(crate) fn call(seconds: u64) -> Call {
    Call::interactive(Instant::now() + Duration::from_secs(seconds))
}

fn upstream(url: &str, limits: UpstreamConfig, auth: Auth) -> Upstream {
    let base = Url::parse(&format!("{url}/")).expect("an address");
    Upstream::new(SystemName::new("erp"), base, limits, auth).expect("an upstream")
}

fn request(upstream: &Upstream) -> Request {
    Request {
        operation: "prices",
        keys: 1,
        method: Method::GET,
        url: upstream.base().join("prices").expect("an address"),
        headers: HeaderMap::new(),
        body: None,
        statuses: Arc::from([]),
        until_deadline: false,
    }
}

/// Asks once and reads the body's length.
async fn ask(upstream: &Upstream, call: Call) -> Result<usize, LookupError> {
    upstream
        .send(call, request(upstream), |reply| Ok(reply.body.len()))
        .await
}
