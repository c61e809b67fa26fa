//! What a process serves on its port: one configuration after the other, with the upkeep of its checkout.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use jiff::Timestamp;
use skuery_resolvers::commerce::gateway::Gateway;
use tokio::sync::Mutex;

use super::Prepared;
use crate::front::{self, Front, Generation, Process, Serving, Tls};
use crate::upkeep::Upkeep;

/// How long a round of upkeep may take to finish.
const UPKEEP_GRACE: Duration = Duration::from_secs(30);

/// What a process serves on its port.
pub struct Site {
    address: SocketAddr,
    /// Routes beside the gateway's own.
    more: Router,
    serving: Arc<Serving>,
    tls: Option<Arc<Tls>>,
    /// Of what is served; held while it is replaced, so that there are never two.
    upkeep: Mutex<Option<Upkeep>>,
}

impl Site {
    pub(super) fn new(address: SocketAddr, mut prepared: Prepared, more: Router) -> Self {
        let tls = prepared.server.tls.take();
        let tls = tls.map(|files| Arc::new(Tls::new(files.pair)));
        let scheme = scheme(tls.is_some());
        let process = Arc::new(Process::default());
        let routes = more.clone();
        let first = generation(&process, prepared, &format!("{scheme}://{address}"), routes, None);
        Self {
            address,
            more,
            serving: Arc::new(Serving::new(first)),
            tls,
            upkeep: Mutex::new(None),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as clients of this machine write it.
    pub fn url(&self) -> String {
        format!("{}://{}", scheme(self.tls.is_some()), self.address)
    }

    /// What is served at the moment.
    pub fn serving(&self) -> &Arc<Serving> {
        &self.serving
    }

    /// What handshakes are made with; `None` where connections are not encrypted.
    pub fn tls(&self) -> Option<&Arc<Tls>> {
        self.tls.as_ref()
    }

    /// Another configuration, which nobody is served by yet.
    pub(crate) fn generation(&self, prepared: Prepared) -> Generation {
        let process = self.serving.process();
        let earlier = self.serving.front();
        let earlier = Some(&*earlier.gateway);
        generation(&process, prepared, &self.url(), self.more.clone(), earlier)
    }

    /// Serves another configuration from the next request on. The upkeep of the old one ends before that of the new one
    /// begins.
    pub(crate) async fn replace(&self, next: Generation) {
        let mut upkeep = self.upkeep.lock().await;
        let till = next.front.gateway.till().cloned();
        if let Some(till) = &till
            && let Err(error) = till.renew_leases(Timestamp::now()).await
        {
            tracing::warn!(%error, "what is held could not be read before the new configuration serves");
        }
        if let Some(old) = upkeep.take() {
            old.end(UPKEEP_GRACE).await;
        }
        *upkeep = till.map(Upkeep::start);
        self.serving.replace(next);
    }

    pub(super) async fn start_upkeep(&self) {
        let till = self.serving.front().gateway.till().cloned();
        *self.upkeep.lock().await = till.map(Upkeep::start);
    }

    pub(super) async fn end_upkeep(&self) {
        if let Some(upkeep) = self.upkeep.lock().await.take() {
            upkeep.end(UPKEEP_GRACE).await;
        }
    }
}

fn scheme(is_encrypted: bool) -> &'static str {
    match is_encrypted {
        true => "https",
        false => "http",
    }
}

fn generation(
    process: &Arc<Process>,
    prepared: Prepared,
    url: &str,
    more: Router,
    earlier: Option<&Gateway>,
) -> Generation {
    let Prepared {
        mut parts,
        identity,
        server,
        documents,
        playground,
    } = prepared;
    if !server.has_public_url {
        // `--listen` may say another address than the file, and port 0 is none yet.
        parts.documents.public_url = url.into();
    }
    let front = Arc::new(Front {
        gateway: Arc::new(Gateway::following(parts, earlier)),
        identity,
        life: process.life(),
        playground,
        body_bytes: server.body_bytes,
        body_timeout: server.body_timeout,
        cors: server.cors,
        url_bytes: server.url_bytes,
        batch: server.batch,
        documents,
        sockets: front::Sockets::default(),
        streams: front::Streams::new(server.streams),
    });
    Generation {
        routes: front::routes(front.clone()).merge(more),
        front,
        limits: server.limits,
    }
}
