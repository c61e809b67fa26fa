//! The accept loop on hyper. `axum::serve` gives hyper no timer, so its header time-out would never fire.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::middleware::AddExtension;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tower::Layer;

use super::Front;

/// How long a client may take to send a request's head.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// After an accept that failed for lack of resources.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Bounds of the server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most connections at once; more wait in the kernel's queue.
    pub connections: usize,
    /// How long requests in progress may take to finish once the end has begun.
    pub grace: Duration,
}

/// A connection's place among the connections. Requests carry it, so that a socket can keep it for as long as it lives.
#[derive(Clone)]
pub(super) struct Place {
    #[expect(dead_code, reason = "held, not read")]
    permit: Arc<OwnedSemaphorePermit>,
    /// Where the client is.
    pub(super) address: IpAddr,
}

/// Serves until `stop`; then finishes what is in progress.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    front: Arc<Front>,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let builder = builder();
    tokio::pin!(stop);
    loop {
        let permit = tokio::select! {
            permit = places.clone().acquire_owned() => Arc::new(permit.map_err(io::Error::other)?),
            () = &mut stop => break,
        };
        let (stream, address) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => (stream, address.ip()),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let place = Place { permit, address };
        let watcher = graceful.watcher();
        let (builder, routes) = (builder.clone(), Extension(place).layer(routes.clone()));
        tokio::spawn(async move {
            if timeout(HEADER_TIMEOUT, greeting(&stream)).await.is_ok() {
                let connection = connection(&builder, stream, routes);
                if let Err(error) = watcher.watch(connection.into_owned()).await {
                    tracing::debug!(%error, "a connection ended early");
                }
            }
        });
    }
    front.ready.store(false, Ordering::Release);
    front.sockets.stop();
    drop(listener);
    let end = async {
        // In this order: a request in progress may still open a socket, which then ends at once.
        graceful.shutdown().await;
        front.sockets.ended().await;
    };
    if timeout(limits.grace, end).await.is_err() {
        tracing::warn!("requests were still in progress when the grace time ended");
    }
    Ok(())
}

/// What an HTTP/2 client says first (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Between looks at a connection that has said part of the preface.
const GREETING_PAUSE: Duration = Duration::from_millis(20);

/// Waits until a client has said enough to tell HTTP/1 from HTTP/2. hyper has no time-out of its own for that: a silent
/// connection would keep its place for ever.
async fn greeting(stream: &TcpStream) {
    let mut heard = [0; PREFACE.len()];
    loop {
        match stream.peek(&mut heard).await {
            Ok(length) if length == PREFACE.len() || !PREFACE.starts_with(&heard[..length]) => return,
            Ok(0) | Err(_) => return,
            Ok(_) => tokio::time::sleep(GREETING_PAUSE).await,
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .keep_alive_interval(Some(Duration::from_secs(30)));
    builder
}

/// The routes, as one connection uses them.
type Routes = AddExtension<Router, Place>;
type Connection<'a> = hyper_util::server::conn::auto::UpgradeableConnection<
    'a,
    TokioIo<TcpStream>,
    TowerToHyperService<Routes>,
    TokioExecutor,
>;

fn connection<'a>(builder: &'a Builder<TokioExecutor>, stream: TcpStream, routes: Routes) -> Connection<'a> {
    // Answers are written whole; waiting for more to send only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    builder.serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(routes))
}
