//! The web server: routes on one screen, each handler in a file of its own.

mod accept;
mod coding;
mod documents;
mod graphql;
mod health;
mod metrics;
mod playground;
mod preflight;
mod sender;
mod socket;
mod stop;
mod stream;
mod weighed;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::Router;
use axum::routing::get;
use skuery_resolvers::commerce::gateway::Gateway;

use crate::identity::Verifier;
use crate::persisted::Documents;

pub use accept::{Limits, serve};
pub use playground::{Example, Playground};
pub use socket::Sockets;
pub use stream::{StreamLimits, Streams};

/// What every handler shares.
pub struct Front {
    /// The gateway.
    pub gateway: Arc<Gateway>,
    /// Verifies tokens; without it any token is refused.
    pub identity: Option<Arc<Verifier>>,
    /// Whether new requests are welcome; false from the first sign of the end.
    pub ready: AtomicBool,
    /// The playground's page; `None` where it is not shown.
    pub playground: Option<Playground>,
    /// The largest request body and the largest message of a socket, in bytes.
    pub body_bytes: usize,
    /// The longest query of a URL, in bytes.
    pub url_bytes: usize,
    /// The most requests of one batch; `None` where there are no batches.
    pub batch: Option<usize>,
    /// The documents that can be named.
    pub documents: Documents,
    /// The open sockets.
    pub sockets: Sockets,
    /// Subscriptions that are answered over HTTP.
    pub streams: Streams,
}

/// All routes; anything else is 404.
pub fn routes(front: Arc<Front>) -> Router {
    Router::new()
        .route("/", get(playground::page))
        .route(
            "/graphql",
            get(socket::upgrade)
                .post(graphql::post)
                .fallback(graphql::method_not_allowed),
        )
        .route("/documents/{sealed}", get(documents::get))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .with_state(front)
}
