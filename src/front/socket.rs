//! `GET /graphql` as a WebSocket with the subprotocol `graphql-transport-ws`.
//!
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>

mod session;

mod closing;
mod credentials;
mod message;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Version, header};
use axum::response::Response;
use hyper_util::rt::TokioIo;
use skuery_resolvers::commerce::gateway::{Answer, GraphqlRequest, NotExecuted};
use skuery_resolvers::screen;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use url::Url;

use self::closing::Closing;
use self::credentials::Credentials;
use self::session::{Backend, Session};
use self::wire::Wire;
use super::accept::Place;
use super::sender::Sender;
use super::stream::Transport;
use super::{Cors, Front, graphql};
use crate::identity::Refusal;
use crate::persisted::Known;

const SUBPROTOCOL: HeaderValue = HeaderValue::from_static("graphql-transport-ws");

/// The open sockets of one configuration: told when the server stops, or has taken another. Once upgraded, a connection is
/// nothing that hyper would end; the server's end waits for their places.
#[derive(Debug, Default)]
pub struct Sockets {
    open: watch::Sender<bool>,
    /// For those that end with the sockets and are no sockets.
    stop: watch::Sender<bool>,
}

impl Sockets {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.open.receiver_count()
    }

    /// Ends them all, as soon as nothing runs on them.
    pub(super) fn stop(&self) {
        self.open.send_replace(true);
        self.stop.send_replace(true);
    }

    /// Says when they are to end, to what is no socket.
    pub(super) fn stop_signal(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }
}

pub(super) async fn upgrade(State(front): State<Arc<Front>>, mut request: Request) -> Response {
    let headers = request.headers();
    let wanted = headers.get(header::UPGRADE);
    let is_wanted = wanted.is_some_and(|wanted| wanted.as_bytes().eq_ignore_ascii_case(b"websocket"));
    if request.version() != Version::HTTP_11 || !is_wanted {
        return graphql::get(front, request).await;
    }
    if is_foreign(headers, &front.cors) {
        return graphql::refusal(
            StatusCode::FORBIDDEN,
            "sockets are opened by pages of this host, or of those that `cors` names; the Origin is another",
        );
    }
    let credentials = match Credentials::of_headers(headers) {
        Ok(credentials) => credentials,
        Err(message) => return graphql::refusal(StatusCode::BAD_REQUEST, &message),
    };
    let is_acceptable = subprotocols(headers).any(|offered| offered == SUBPROTOCOL);
    let mut response = match create_response_with_body(&request, Body::empty) {
        Ok(response) => response,
        Err(error) => return no_upgrade(&error.to_string()),
    };
    if is_acceptable {
        let headers = response.headers_mut();
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
    }
    // Held until the socket has ended: it counts as a connection, and the server's end waits for it.
    let place = request.extensions().get::<Place>().cloned();
    let Ok(place) = place.map(Place::for_socket).transpose() else {
        let message = "this address has as many sockets as it may";
        return graphql::refusal(StatusCode::TOO_MANY_REQUESTS, message);
    };
    let stop = front.sockets.open.subscribe();
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgraded.await {
            Ok(io) => {
                let wire = Wire::open(TokioIo::new(io), front.body_bytes).await;
                if is_acceptable {
                    Session::new(front, credentials).run(wire, stop).await;
                } else {
                    wire.close(Closing::subprotocol()).await;
                    drop(stop);
                }
            }
            Err(error) => tracing::debug!(%error, "a connection ended before it was a socket"),
        }
        drop(place);
    });
    response
}

/// Every subprotocol the client would speak.
fn subprotocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(',').map(str::trim))
}

fn no_upgrade(why: &str) -> Response {
    let mut response = graphql::refusal(StatusCode::BAD_REQUEST, why);
    // What is spoken here, for clients that speak another version (RFC 6455, section 4.4).
    let headers = response.headers_mut();
    headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    response
}

/// Whether a page of another site asks. Browsers let any page open a socket to anywhere, and say only in `Origin` which
/// page it is; clients that are no browsers send none.
fn is_foreign(headers: &HeaderMap, cors: &Cors) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return false;
    };
    let text = |value: Option<&HeaderValue>| Some(value?.to_str().ok()?.to_owned());
    let own = match (text(Some(origin)), text(headers.get(header::HOST))) {
        (Some(origin), Some(host)) => is_same_host(&origin, &host),
        _ => false,
    };
    !(own || cors.allows(origin)) || origins.next().is_some()
}

fn is_same_host(origin: &str, host: &str) -> bool {
    let Ok(origin) = Url::parse(origin) else {
        return false;
    };
    // Behind a proxy that ends TLS nothing here tells the scheme, so a host without a port has that of the origin.
    let Ok(own) = Url::parse(&format!("{}://{host}", origin.scheme())) else {
        return false;
    };
    let place = |url: &Url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?));
    place(&origin).is_some() && place(&origin) == place(&own)
}

impl Backend for Front {
    async fn identify(&self, headers: &HeaderMap) -> Result<Sender, Refusal> {
        Sender::of(self, headers).await
    }

    fn limits(&self) -> &screen::Limits {
        &self.gateway.limits().screen
    }

    fn documents(&self) -> Known<'_> {
        self.documents.known_to(None)
    }

    async fn answer(&self, request: GraphqlRequest) -> Result<Answer, NotExecuted> {
        Self::answer(self, &request).await
    }

    fn note_too_slow(&self) {
        self.streams.note_too_slow(Transport::WebSocket);
    }
}
