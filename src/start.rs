//! From configuration and parts to a web server that listens, and its end. The command line and the tests start here.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::Router;
use skuery_resolvers::commerce::gateway::{CheckoutPart, CheckoutPlan, Gateway, Parts};
use tokio::net::TcpListener;

use crate::config::{self, CheckoutSetup, Config};
use crate::front::{self, Front, Playground};
use crate::identity::Verifier;
use crate::ledger::{self, OpenError};
use crate::persisted::{Manifest, Warmed};
use crate::upkeep::Upkeep;

/// How long requests in progress may take to finish at the end.
const GRACE: Duration = Duration::from_secs(30);

/// A gateway that has its port and serves nobody yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    routes: Router,
    front: Arc<Front>,
    limits: front::Limits,
}

impl Server {
    /// Takes the port; `more` are routes beside the gateway's own. Documents of the `manifest` can be named.
    ///
    /// # Errors
    ///
    /// When the port cannot be taken; the text names it.
    pub async fn bind(
        listen: &str,
        config: &Config,
        mut parts: Parts,
        identity: Option<Arc<Verifier>>,
        playground: Option<Playground>,
        manifest: Option<&Manifest>,
        more: Router,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen)
            .await
            .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}")))?;
        let address = listener.local_addr()?;
        if config.public_url.is_none() {
            // `--listen` may say another address than the file, and port 0 is none yet.
            parts.documents.public_url = config::at(address);
        }
        let front = Arc::new(Front {
            gateway: Arc::new(Gateway::new(parts)),
            identity,
            ready: AtomicBool::new(true),
            playground,
            body_bytes: config.limits.body_bytes,
            url_bytes: config.limits.url_bytes,
            batch: config.batching.map(|batching| batching.most),
            documents: config.persisted_documents.documents(manifest),
            sockets: front::Sockets::default(),
            streams: front::Streams::new(config.subscriptions.streams()),
        });
        Ok(Self {
            listener,
            address,
            routes: front::routes(front.clone()).merge(more),
            front,
            limits: front::Limits {
                connections: config.limits.connections,
                grace: GRACE,
            },
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Prepares documents that are known before anybody sends them.
    pub async fn warm(&self, manifest: &Manifest) -> Warmed {
        manifest.warm(self.front.gateway.engine()).await
    }

    /// Serves until `stop`; then finishes what is in progress, checkout's upkeep last.
    ///
    /// # Errors
    ///
    /// When the server itself breaks, never because of a request.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let upkeep = self.front.gateway.till().cloned().map(Upkeep::start);
        let grace = self.limits.grace;
        let served = front::serve(self.listener, self.routes, self.front, self.limits, stop).await;
        if let Some(upkeep) = upkeep {
            upkeep.end(grace).await;
        }
        served
    }
}

/// Opens the ledger of a checkout, if there is one, and makes it a part of the gateway.
///
/// # Errors
///
/// When the ledger cannot be opened; the text says why, and no password.
pub async fn with_checkout(mut parts: Parts, setup: Option<CheckoutSetup>) -> Result<Parts, OpenError> {
    if let Some(setup) = setup {
        parts.checkout = Some(CheckoutPart::Own(Box::new(CheckoutPlan {
            ledger: ledger::open(setup.ledger.as_str()).await?,
            systems: setup.systems,
            rules: setup.rules,
            retention: setup.retention,
        })));
    }
    Ok(parts)
}
