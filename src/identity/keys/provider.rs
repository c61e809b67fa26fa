//! The provider's keys: fetched at first need, by one call at a time, renewed in the background, and kept for a while when
//! the provider is down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use http::header::{ACCEPT, HeaderMap, HeaderValue};
use skuery_resolvers::connector::config::UpstreamConfig;
use skuery_resolvers::door::{Auth, Request, Upstream, UpstreamSnapshot};
use skuery_resolvers::port::Call;
use skuery_schema::ids::SystemName;
use tokio::time::Instant;
use url::Url;

use crate::identity::key_set::KeySet;
use crate::identity::refusal::Refusal;

/// The provider's name in metrics and logs, which no system may have.
pub const PROVIDER: &str = "identity-provider";
/// The lookup's name in metrics and logs.
const OPERATION: &str = "keys";
/// From this age on, keys are renewed in the background.
const RENEW_AFTER: Duration = Duration::from_secs(10 * 60);
/// The longest that keys serve while the provider does not answer.
const KEEP: Duration = Duration::from_secs(24 * 60 * 60);
/// Tokens with unknown keys cost anyone nothing to make, so they lead to a call this often at most.
const UNKNOWN_PAUSE: Duration = Duration::from_secs(30);
/// After a renewal that failed; the old keys serve.
const RENEW_PAUSE: Duration = Duration::from_secs(30);
/// After a failure without any keys: everyone waits for them.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How long one call may take.
const PATIENCE_MS: u64 = 5_000;
/// A hundred keys with their certificates are not longer.
const MAX_BYTES: usize = 512 * 1024;

/// Keys as they come, or what is wrong in words.
type Fetched = Result<Arc<KeySet>, Arc<str>>;
type Flight = Shared<BoxFuture<'static, Fetched>>;

/// An identity provider and its last good keys.
#[derive(Debug)]
pub(super) struct Provider {
    upstream: Upstream,
    address: Url,
    /// Held for a few assignments, never across an await.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    current: Option<(Instant, Arc<KeySet>)>,
    flight: Option<Flight>,
    failed: Option<Instant>,
    /// When a call was last made for the sake of an unknown key.
    unknown: Option<Instant>,
}

impl Provider {
    pub(super) fn new(address: Url) -> Result<Self, String> {
        let mut base = address.clone();
        base.set_path("/");
        base.set_query(None);
        let limits = UpstreamConfig {
            concurrency: 1,
            attempt_timeout_ms: PATIENCE_MS,
            connect_timeout_ms: 2_000,
            max_response_bytes: MAX_BYTES,
            ..UpstreamConfig::default()
        };
        let upstream = Upstream::new(SystemName::from(PROVIDER), base, limits, Auth::None);
        Ok(Self {
            upstream: upstream.map_err(|error| error.to_string())?,
            address,
            state: Mutex::default(),
        })
    }

    pub(super) fn address(&self) -> &Url {
        &self.address
    }

    /// The keys at hand; waits only where there are none.
    pub(super) async fn keys(self: &Arc<Self>) -> Result<Arc<KeySet>, Refusal> {
        let flight = {
            let mut state = self.state();
            let state = &mut *state;
            match &state.current {
                Some((fetched, set)) if fetched.elapsed() < KEEP => {
                    let set = set.clone();
                    if fetched.elapsed() >= RENEW_AFTER && !state.failed_within(RENEW_PAUSE) {
                        // Whoever asked does not wait: the old keys are still good.
                        drop(self.fetch(state));
                    }
                    return Ok(set);
                }
                _ if state.flight.is_none() && state.failed_within(FIRST_PAUSE) => {
                    return Err(Refusal::NoKeys);
                }
                _ => self.fetch(state),
            }
        };
        flight.await.map_err(|_| Refusal::NoKeys)
    }

    /// Keys that may hold one that the current ones do not; `None` when nobody may ask for them now, or they cannot be had.
    pub(super) async fn newer_keys(self: &Arc<Self>) -> Option<Arc<KeySet>> {
        let flight = {
            let mut state = self.state();
            match &state.flight {
                // After a rotation everyone comes with the new key at once, and one call is for all of them.
                Some(flight) => flight.clone(),
                None if is_within(state.unknown, UNKNOWN_PAUSE) => return None,
                None => {
                    state.unknown = Some(Instant::now());
                    self.fetch(&mut state)
                }
            }
        };
        flight.await.ok()
    }

    /// Fetches whatever is at hand, and says what is wrong in words.
    pub(super) async fn fetch_now(self: &Arc<Self>) -> Result<Arc<KeySet>, String> {
        let flight = self.fetch(&mut self.state());
        flight.await.map_err(|problem| problem.to_string())
    }

    pub(super) fn snapshot(&self) -> UpstreamSnapshot {
        self.upstream.snapshot()
    }

    /// The call under way, or a new one. It runs in a task of its own, so that it does not end with whoever needed it
    /// first; the door bounds its time.
    fn fetch(self: &Arc<Self>, state: &mut State) -> Flight {
        if let Some(flight) = &state.flight {
            return flight.clone();
        }
        let task = tokio::spawn(Arc::clone(self).fetch_once());
        let flight = async move {
            task.await
                .unwrap_or_else(|_| Err("the call was interrupted".into()))
        }
        .boxed()
        .shared();
        state.flight = Some(flight.clone());
        flight
    }

    async fn fetch_once(self: Arc<Self>) -> Fetched {
        let fetched = self.ask().await.map(Arc::new);
        let mut state = self.state();
        state.flight = None;
        match &fetched {
            Ok(set) => {
                state.current = Some((Instant::now(), set.clone()));
                state.failed = None;
            }
            Err(problem) => {
                state.failed = Some(Instant::now());
                let kept = state.current.is_some();
                drop(state);
                tracing::warn!(%problem, kept, "the identity provider's keys could not be fetched");
            }
        }
        fetched.map_err(Into::into)
    }

    async fn ask(&self) -> Result<KeySet, String> {
        let request = Request {
            operation: OPERATION,
            keys: 0,
            method: http::Method::GET,
            url: self.address.clone(),
            headers: HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]),
            body: None,
            statuses: Arc::new([]),
            until_deadline: false,
        };
        let call = Call::interactive(Instant::now() + Duration::from_millis(PATIENCE_MS));
        let reply = self.upstream.send(call, request, Ok).await;
        let reply = reply.map_err(|error| format!("{error}: {}", error.detail()))?;
        KeySet::parse(&reply.body)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn failed_within(&self, pause: Duration) -> bool {
        is_within(self.failed, pause)
    }
}

fn is_within(when: Option<Instant>, pause: Duration) -> bool {
    when.is_some_and(|when| when.elapsed() < pause)
}
