//! From configuration and parts to a web server that listens, and its end. The command line and the tests start here.

mod site;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use skuery_resolvers::checkout::ledger::Ledger;
use skuery_resolvers::commerce::gateway::{CheckoutPart, CheckoutPlan, Parts};
use tokio::net::TcpListener;

pub use site::Site;

use crate::config::{CheckoutSetup, ServerSetup};
use crate::front::{self, Playground, Stop};
use crate::identity::Verifier;
use crate::ledger::{self, OpenError};
use crate::persisted::{Documents, Manifest};

/// What one configuration comes to, ready to serve.
pub struct Prepared {
    /// What the gateway is made of.
    pub parts: Parts,
    /// Who verifies tokens; without it any token is refused.
    pub identity: Option<Arc<Verifier>>,
    /// How connections are served.
    pub server: ServerSetup,
    /// The documents that can be named.
    pub documents: Documents,
    /// The playground's page; `None` where it is not shown.
    pub playground: Option<Playground>,
}

/// A gateway that has its port and serves nobody yet.
pub struct Server {
    listener: TcpListener,
    site: Arc<Site>,
}

impl Server {
    /// Takes the port; `more` are routes beside the gateway's own.
    ///
    /// # Errors
    ///
    /// When the port cannot be taken; the text names it.
    pub async fn bind(listen: &str, prepared: Prepared, more: Router) -> io::Result<Self> {
        let listener = TcpListener::bind(listen)
            .await
            .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}")))?;
        let address = listener.local_addr()?;
        let site = Arc::new(Site::new(address, prepared, more));
        Ok(Self { listener, site })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.site.address()
    }

    /// What it serves, to replace that while it serves.
    pub fn site(&self) -> &Arc<Site> {
        &self.site
    }

    /// Prepares documents that are known before anybody sends them: a client whose documents cannot be answered must not
    /// find that out request by request.
    ///
    /// # Errors
    ///
    /// The documents that cannot be served, and why.
    pub async fn warm(&self, manifest: &Manifest) -> Result<(), String> {
        let front = self.site.serving().front();
        manifest.warm_or_refuse(front.gateway.engine()).await
    }

    /// Serves until `stop`; then finishes what is in progress, checkout's upkeep last.
    ///
    /// # Errors
    ///
    /// When the server itself breaks, never because of a request.
    pub async fn serve(self, stop: impl Future<Output = Stop>) -> io::Result<()> {
        let site = self.site;
        site.start_upkeep().await;
        let served = front::serve(self.listener, site.serving().clone(), site.tls().cloned(), stop).await;
        site.end_upkeep().await;
        served
    }
}

/// Opens the ledger of a checkout, if there is one, and makes it a part of the gateway.
///
/// # Errors
///
/// When the ledger cannot be opened; the text says why, and no password.
pub async fn with_checkout(parts: Parts, setup: Option<CheckoutSetup>) -> Result<Parts, OpenError> {
    let ledger = match &setup {
        Some(setup) => Some(ledger::open(setup.ledger.as_str()).await?),
        None => None,
    };
    Ok(with_ledger(parts, setup, ledger))
}

/// The same with a ledger that is open.
pub(crate) fn with_ledger(
    mut parts: Parts,
    setup: Option<CheckoutSetup>,
    ledger: Option<Arc<dyn Ledger>>,
) -> Parts {
    if let (Some(setup), Some(ledger)) = (setup, ledger) {
        parts.checkout = Some(CheckoutPart::Own(Box::new(CheckoutPlan {
            ledger,
            systems: setup.systems,
            rules: setup.rules,
            retention: setup.retention,
        })));
    }
    parts
}
