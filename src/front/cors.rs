//! Which pages of other sites may ask: cross-origin requests, and sockets.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Which pages of other sites may ask; the default is none.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    /// Those that may.
    pub origins: Origins,
    /// Whether browsers send what they keep for this host, such as cookies, and certificates of clients.
    pub credentials: bool,
    /// Request headers that pages may set beside those that are read here.
    pub headers: Vec<HeaderName>,
    /// How long browsers may remember that a request is welcome.
    pub max_age: Duration,
}

/// The sites whose pages may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Pages of any site; never with credentials.
    Any,
    /// Pages of these, as browsers write them.
    Only(Vec<HeaderValue>),
}

impl Default for Origins {
    fn default() -> Self {
        Self::Only(Vec::new())
    }
}

/// Request headers that mean something here, or that clients of GraphQL send to be asked about first.
const READ: [HeaderName; 10] = [
    header::ACCEPT,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("x-channel"),
    HeaderName::from_static("x-act-as"),
    HeaderName::from_static("x-skuery-explain"),
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("x-apollo-operation-name"),
    HeaderName::from_static("apollographql-client-name"),
    HeaderName::from_static("apollographql-client-version"),
];

/// Response headers that pages may read.
const EXPOSED: [HeaderName; 5] = [
    header::CONTENT_DISPOSITION,
    header::ETAG,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("x-skuery-waves"),
];

impl Cors {
    /// Whether pages of this origin may ask. That of a page in a sandbox or a file is `null`, which anybody can be.
    pub(super) fn allows(&self, origin: &HeaderValue) -> bool {
        match &self.origins {
            Origins::Any => origin != "null",
            Origins::Only(origins) => origins.contains(origin),
        }
    }

    /// What answers preflights and adds the headers; `None` where no page of another site may ask.
    pub(super) fn layer(&self) -> Option<CorsLayer> {
        if matches!(&self.origins, Origins::Only(origins) if origins.is_empty()) {
            return None;
        }
        let cors = self.clone();
        let headers: Vec<HeaderName> = READ.into_iter().chain(cors.headers.clone()).collect();
        let layer = CorsLayer::new()
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(headers)
            .allow_credentials(cors.credentials)
            .expose_headers(EXPOSED)
            .max_age(cors.max_age)
            .vary([header::ORIGIN])
            // Also for any: an answer that names its origin is understood by all browsers, and `null` stays out.
            .allow_origin(AllowOrigin::predicate(move |origin, _| cors.allows(origin)));
        Some(layer)
    }
}
