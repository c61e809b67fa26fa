//! The web server: routes on one screen, each handler in a file of its own.

mod accept;
mod coding;
mod cors;
mod documents;
mod graphql;
mod health;
mod metrics;
mod playground;
mod preflight;
mod process;
mod sender;
mod serving;
mod socket;
mod stop;
mod stream;
mod weighed;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use skuery_resolvers::commerce::gateway::Gateway;

use crate::identity::Verifier;
use crate::persisted::Documents;

pub use accept::{Http2Limits, Limits, Proxies, Stop, Tls, TlsProblem, serve};
pub use cors::{Cors, Origins};
pub use playground::{Example, Playground};
pub use process::{Life, Process};
pub use serving::{Generation, Serving};
pub use socket::Sockets;
pub use stream::{StreamLimits, Streams};

/// What every handler shares.
pub struct Front {
    /// The gateway.
    pub gateway: Arc<Gateway>,
    /// Verifies tokens; without it any token is refused.
    pub identity: Option<Arc<Verifier>>,
    /// As long as this configuration is in use; what holds for the process is behind it.
    pub life: Life,
    /// The playground's page; `None` where it is not shown.
    pub playground: Option<Playground>,
    /// The largest request body and the largest message of a socket, in bytes.
    pub body_bytes: usize,
    /// How long a client may take to send a request's body.
    pub body_timeout: Duration,
    /// Which pages of other sites may ask.
    pub cors: Cors,
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
    let mut open_to_others = Router::new()
        .route(
            "/graphql",
            get(socket::upgrade)
                .post(graphql::post)
                .fallback(graphql::method_not_allowed),
        )
        .route("/documents/{sealed}", get(documents::get));
    if let Some(cors) = front.cors.layer() {
        open_to_others = open_to_others.layer(cors);
    }
    Router::new()
        .route("/", get(playground::page))
        .merge(open_to_others)
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .with_state(front)
}
