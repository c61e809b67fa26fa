//! The door to other systems: one `Upstream` per system owns its HTTP client and everything about being polite.
//!
//! The order of the parts is written once, in `Upstream::send`, with its reasons. Nothing here knows what a price is;
//! nothing outside may build an HTTP client.
#![allow(clippy::disallowed_types, reason = "this is the one place that may")]

pub mod fault;
pub mod limits;
pub mod secret;

mod body;
mod gate;
mod health;
mod lanes;
mod login;
mod meter;
mod stream;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use skuery_schema::ids::SystemName;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::door::fault::Fault;
use crate::door::gate::Gate;
use crate::door::limits::UpstreamConfig;
use crate::error::{ErrorKind, LookupError};
use crate::port::orders::DocumentBody;
use crate::port::{Call, wire};

pub use crate::door::health::Health;
pub use crate::door::login::Auth;
pub(crate) use crate::door::login::Token;
pub use crate::door::meter::{DURATION_BUCKETS_MS, OperationSnapshot, UpstreamSnapshot};

/// The only way to one system. Cheap to clone.
#[derive(Clone)]
pub struct Upstream(Arc<Inner>);

struct Inner {
    system: SystemName,
    base: Url,
    client: reqwest::Client,
    limits: UpstreamConfig,
    gate: Gate,
    auth: Auth,
    keeper: login::Keeper,
    meter: meter::Meter,
}

/// One HTTP request below the system's address. Cheap to clone, because a dead session asks once more.
#[derive(Clone, Debug)]
pub struct Request {
    /// The lookup's name, for metrics and errors.
    pub operation: &'static str,
    /// How many keys it asks for.
    pub keys: usize,
    /// GET, or POST where the system reads by POST; what writes also PUT, PATCH and DELETE.
    pub method: Method,
    /// Absolute address; refused unless it has the system's own origin.
    pub url: Url,
    /// Further headers; never `Authorization`.
    pub headers: HeaderMap,
    /// The body, with its content type among the headers.
    pub body: Option<Vec<u8>>,
    /// Statuses that mean something else here than usual; `None` hands the reply to the reader.
    pub statuses: Arc<[(u16, Option<ErrorKind>)]>,
    /// Only the call's deadline ends the wait: what changes something and is given up early has an end nobody knows.
    pub until_deadline: bool,
}

/// A complete reply within the size limit.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status; 2xx, or one that `Request::statuses` lets through.
    pub status: StatusCode,
    /// The media type in lower case, without parameters.
    pub content_type: Option<String>,
    /// The body after decompression.
    pub body: Vec<u8>,
}

/// Why a system cannot be reached at all with this configuration.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DoorError(pub String);

impl Upstream {
    /// Makes the client. Nothing is sent yet.
    pub fn new(system: SystemName, base: Url, limits: UpstreamConfig, auth: Auth) -> Result<Self, DoorError> {
        let client = client(&base, &limits)?;
        let gate = Gate::new(limits.concurrency, Duration::from_millis(limits.queue_timeout_ms));
        Ok(Self(Arc::new(Inner {
            meter: meter::Meter::new(),
            keeper: login::Keeper::default(),
            system,
            base,
            client,
            limits,
            gate,
            auth,
        })))
    }

    /// The configured name of the system.
    pub fn system(&self) -> &SystemName {
        &self.0.system
    }

    /// The system's address; always ends in a slash.
    pub fn base(&self) -> &Url {
        &self.0.base
    }

    /// The most calls that one operation may need of it.
    pub fn cost_calls(&self) -> Option<u64> {
        self.0.limits.cost_calls
    }

    /// How many calls may be in flight.
    pub fn concurrency(&self) -> usize {
        self.0.limits.concurrency
    }

    /// Asks once and reads the answer with `read`; what `read` refuses counts as a failed call.
    ///
    /// The order, outermost first, and why:
    /// 1. **deadline**: nobody waits for an answer that comes too late, so nothing below may outlive it;
    /// 2. **login**: before the gate, so that a hundred waiters for a token do not hold the places the login needs;
    /// 3. **gate**: bounds what the system sees, whatever happens above it; calls of a checkout are let in first;
    /// 4. **attempt time-out**: inside the gate, because waiting in our queue is not the system's slowness;
    /// 5. **size limit**: while reading, since a length in a header is only a promise;
    /// 6. **reading**: outside the gate, as the system has done its part.
    ///
    /// A 401 goes back to step 2 once, with a fresh token, where there can be one. Retries, hedging and a breaker belong between 1 and 2.
    pub async fn send<T>(
        &self,
        call: Call,
        request: Request,
        read: impl FnOnce(Reply) -> Result<T, Fault>,
    ) -> Result<T, LookupError> {
        let operation = request.operation;
        let mut record = self.0.meter.start(operation, request.keys);
        let result = match self.reply(call, request).await {
            Ok(reply) => {
                record.bytes(reply.body.len());
                read(reply)
            }
            Err(fault) => Err(fault),
        };
        record.finish(result.as_ref().err());
        result.map_err(|fault| fault.into_error(&self.0.system, operation))
    }

    /// Asks once and hands the answer on as it arrives, in the order of `send`. The attempt's time bounds the wait for its
    /// headers, the call's deadline the whole; the place at the gate and the size limit hold until the end.
    pub async fn open(&self, call: Call, request: Request) -> Result<DocumentBody, LookupError> {
        let operation = request.operation;
        let record = self.0.meter.start(operation, request.keys);
        let limit = self.0.limits.max_response_bytes;
        let begun = self.begin(call, &request).await.and_then(|begun| {
            let status = begun.response.status();
            if !status.is_success() {
                return Err(Fault::from_status_as(status, ErrorKind::Rejected));
            }
            body::announced(&begun.response, limit)?;
            Ok(begun)
        });
        let system = self.0.system.clone();
        let into_error = move |fault: Fault| fault.into_error(&system, operation);
        match begun {
            Ok(begun) => {
                let content_type = body::content_type(&begun.response);
                let arriving = stream::Arriving {
                    response: begun.response,
                    pass: begun.pass,
                    record,
                    limit,
                    deadline: call.deadline,
                };
                Ok(stream::hand_on(arriving, content_type, into_error))
            }
            Err(fault) => {
                record.finish(Some(&fault));
                Err(into_error(fault))
            }
        }
    }

    /// Obtains a token if the system needs one; for start-up checks.
    pub async fn log_in(&self, call: Call) -> Result<(), LookupError> {
        self.token(call.deadline, None)
            .await
            .map(|_| ())
            .map_err(|fault| fault.into_error(&self.0.system, login::OPERATION))
    }

    /// Counts rows an answer held for keys nobody asked for.
    pub(crate) fn count_foreign_rows(&self, rows: u64) {
        self.0.meter.count_foreign_rows(rows);
    }

    /// All counters at this moment.
    pub fn snapshot(&self) -> UpstreamSnapshot {
        self.0.meter.snapshot(&self.0.system, &self.0.gate)
    }

    async fn reply(&self, call: Call, request: Request) -> Result<Reply, Fault> {
        let begun = self.begin(call, &request).await?;
        let reading = body::read(begun.response, self.0.limits.max_response_bytes);
        let reply = timeout_at(begun.until, reading)
            .await
            .unwrap_or_else(|_| Err(late()));
        drop(begun.pass);
        reply
    }

    /// Asks and waits until the answer begins: a status that is no failure, and headers.
    async fn begin(&self, call: Call, request: &Request) -> Result<Begun, Fault> {
        if call.deadline <= Instant::now() {
            return Err(Fault::new(
                ErrorKind::Timeout,
                "the deadline had passed before the call",
            ));
        }
        if request.url.origin() != self.0.base.origin() {
            return Err(Fault::new(
                ErrorKind::Rejected,
                "the address is not the system's own",
            ));
        }
        let token = self.token(call.deadline, None).await?;
        let first = self.attempt(call, request, token.as_deref()).await;
        match (first, token) {
            (Err(fault), Some(refused)) if fault.is_refused_login() && self.0.auth.can_renew() => {
                let fresh = self.token(call.deadline, Some(&refused)).await?;
                self.attempt(call, request, fresh.as_deref()).await
            }
            (other, _) => other,
        }
    }

    async fn attempt(&self, call: Call, request: &Request, token: Option<&Token>) -> Result<Begun, Fault> {
        let queued = Instant::now();
        let entered = self.0.gate.enter(call.deadline, call.priority).await;
        wire::note(queued.elapsed(), entered.is_ok());
        let pass = entered?;
        let configured = Instant::now() + Duration::from_millis(self.0.limits.attempt_timeout_ms);
        let until = match request.until_deadline {
            true => call.deadline,
            false => configured.min(call.deadline),
        };
        let exchange = self.exchange(request, token.map(Token::header));
        let response = timeout_at(until, exchange)
            .await
            .unwrap_or_else(|_| Err(late()))?;
        if let Some(token) = token {
            token.mark_accepted();
        }
        Ok(Begun {
            response,
            pass,
            until,
        })
    }

    /// One exchange on the wire with the whole answer: no gate, no time-out of its own.
    async fn whole_exchange(
        &self,
        request: &Request,
        authorization: Option<(http::HeaderName, HeaderValue)>,
    ) -> Result<Reply, Fault> {
        let response = self.exchange(request, authorization).await?;
        body::read(response, self.0.limits.max_response_bytes).await
    }

    /// One exchange on the wire up to the answer's headers: no gate, no time-out of its own.
    async fn exchange(
        &self,
        request: &Request,
        authorization: Option<(http::HeaderName, HeaderValue)>,
    ) -> Result<reqwest::Response, Fault> {
        let mut headers = request.headers.clone();
        if let Some((name, value)) = authorization {
            headers.insert(name, value);
        } else {
            headers.remove(AUTHORIZATION);
        }
        let mut builder = self
            .0
            .client
            .request(request.method.clone(), request.url.clone())
            .headers(headers);
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder.send().await.map_err(|error| Fault::from_http(&error))?;
        let status = response.status();
        let own_meaning = request.statuses.iter().find(|(code, _)| *code == status.as_u16());
        match own_meaning {
            Some((_, Some(kind))) => Err(Fault::from_status_as(status, *kind)),
            Some((_, None)) => Ok(response),
            None if status.is_success() => Ok(response),
            None => Err(Fault::from_status(status)),
        }
    }
}

/// An answer that has begun to arrive, in its place at the gate.
struct Begun {
    response: reqwest::Response,
    pass: gate::Pass,
    /// When the attempt's time is over.
    until: Instant,
}

fn late() -> Fault {
    Fault::new(ErrorKind::Timeout, "no answer in time")
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upstream({})", self.0.system)
    }
}

/// reqwest has no time-out by default, follows redirects, reads proxy settings from the environment and keeps an
/// unlimited idle pool: all four are set here.
fn client(base: &Url, limits: &UpstreamConfig) -> Result<reqwest::Client, DoorError> {
    // Fails only when another provider is installed already, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("skuery/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .connect_timeout(Duration::from_millis(limits.connect_timeout_ms))
        .pool_max_idle_per_host(limits.concurrency)
        .pool_idle_timeout(Duration::from_secs(30));
    if base.scheme() == "http" {
        // Such a system never needs the machine's trust store: addresses of another scheme are refused.
        builder = builder.tls_certs_only(Vec::new());
    }
    builder
        .build()
        .map_err(|error| DoorError(format!("the HTTP client cannot be made: {}", error.without_url())))
}
