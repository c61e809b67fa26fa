//! From configuration and parts to a web server that listens, and its end. The command line and the tests start here.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::Router;
use skuery_resolvers::commerce::gateway::{Gateway, Parts};
use tokio::net::TcpListener;

use crate::config::Config;
use crate::front::{self, Front, Playground};
use crate::identity::Verifier;

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
    /// Takes the port; `more` are routes beside the gateway's own.
    ///
    /// # Errors
    ///
    /// When the port cannot be taken; the text names it.
    pub async fn bind(
        listen: &str,
        config: &Config,
        parts: Parts,
        identity: Option<Arc<Verifier>>,
        playground: Playground,
        more: Router,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen)
            .await
            .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}")))?;
        let address = listener.local_addr()?;
        let front = Arc::new(Front {
            gateway: Gateway::new(parts),
            identity,
            ready: AtomicBool::new(true),
            playground,
            body_bytes: config.limits.body_bytes,
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

    /// Serves until `stop`; then finishes what is in progress.
    ///
    /// # Errors
    ///
    /// When the server itself breaks, never because of a request.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        front::serve(self.listener, self.routes, self.front, self.limits, stop).await
    }
}
