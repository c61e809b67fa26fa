//! One connection from its first byte to its end.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::activity::{Activity, Look};
use super::greeting::{Protocol, greeting};
use super::limits::Limits;
use super::places::Place;
use super::tls::Tls;
use super::visitor::Visitor;
use super::watched::Watched;
use crate::front::process::End;
use crate::front::serving::Serving;

/// How long a client that has connected may still take to say something when the server ends.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// What is read ahead of one HTTP/1 connection, and with it the longest head.
const HTTP1_BUFFER: usize = 64 * 1024;
/// What h2 keeps of one stream's answer beside the piece under way.
const HTTP2_SEND_BUFFER: usize = 64 * 1024;

/// What one connection is served with.
pub(super) struct Visit {
    pub(super) place: Place,
    pub(super) limits: Limits,
    pub(super) serving: Arc<Serving>,
    pub(super) closing: watch::Receiver<bool>,
    pub(super) tls: Option<Arc<Tls>>,
}

impl Visit {
    /// Serves the connection to its end.
    pub(super) async fn run(self, stream: TcpStream) -> End {
        // Answers are written whole; waiting for more to send only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let Some(tls) = self.tls.clone() else {
            return match self.first(self.limits.header, greeting(&stream)).await {
                Some(Some(protocol)) => self.talk(stream, protocol).await,
                Some(None) => End::Closed,
                None => End::Silent,
            };
        };
        match self.first(self.limits.handshake, tls.accept(stream)).await {
            Some(Ok(stream)) => {
                let protocol = match stream.get_ref().1.alpn_protocol() {
                    Some(b"h2") => Protocol::Http2,
                    _ => Protocol::Http1,
                };
                self.talk(stream, protocol).await
            }
            Some(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                End::HandshakeFailed
            }
            None => End::HandshakeTimeout,
        }
    }

    /// What a client says first, unless it takes too long.
    async fn first<T>(&self, limit: Duration, word: impl Future<Output = T>) -> Option<T> {
        let mut closing = self.closing.clone();
        let last_words = async {
            // A server that is gone has closed, too.
            let _ = closing.wait_for(|is_closing| *is_closing).await;
            sleep(LAST_WORDS).await;
        };
        tokio::select! {
            biased;
            word = timeout(limit, word) => word.ok(),
            () = last_words => None,
        }
    }

    async fn talk<S>(self, stream: S, protocol: Protocol) -> End
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let activity = Activity::new(protocol);
        let io = TokioIo::new(Watched::new(stream, activity.clone()));
        let visitor = Visitor {
            serving: self.serving,
            place: self.place,
            activity: activity.clone(),
        };
        let closing = self.closing;
        match protocol {
            Protocol::Http1 => {
                let connection = http1().serve_connection(io, visitor).with_upgrades();
                let end =
                    |connection: Pin<&mut _>| http1::UpgradeableConnection::graceful_shutdown(connection);
                watch(connection, end, &activity, &self.limits, closing).await
            }
            Protocol::Http2 => {
                let connection = http2(&self.limits).serve_connection(io, visitor);
                let end = |connection: Pin<&mut _>| http2::Connection::graceful_shutdown(connection);
                watch(connection, end, &activity, &self.limits, closing).await
            }
        }
    }
}

fn http1() -> http1::Builder {
    let mut builder = http1::Builder::new();
    // The time-outs are `Activity`'s.
    builder.header_read_timeout(None).max_buf_size(HTTP1_BUFFER);
    builder
}

fn http2(limits: &Limits) -> http2::Builder<TokioExecutor> {
    let limits = limits.http2;
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.header_bytes)
        .max_pending_accept_reset_streams(limits.pending_resets)
        .max_local_error_reset_streams(limits.faults)
        .max_send_buf_size(HTTP2_SEND_BUFFER)
        .keep_alive_interval(limits.ping_after)
        .keep_alive_timeout(limits.ping_timeout);
    builder
}

/// Drives a connection until it ends, or has to; `finish` lets it end with what is in progress.
async fn watch<C>(
    connection: C,
    finish: impl Fn(Pin<&mut C>),
    activity: &Activity,
    limits: &Limits,
    mut closing: watch::Receiver<bool>,
) -> End
where
    C: Future<Output = hyper::Result<()>>,
{
    let mut connection = pin!(connection);
    let mut next = Instant::now();
    let mut is_closing = false;
    loop {
        let abused = poll_fn(|_| match activity.is_abused(limits) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        });
        tokio::select! {
            biased;
            ended = connection.as_mut() => return match ended {
                Ok(()) => End::Closed,
                Err(error) => {
                    tracing::debug!(%error, "a connection ended early");
                    End::Broken
                }
            },
            () = abused => return End::Abused,
            _ = closing.wait_for(|is_closing| *is_closing), if !is_closing => {
                is_closing = true;
                if activity.end() {
                    finish(connection.as_mut());
                }
            }
            () = sleep_until(next) => match activity.look(limits) {
                Look::Well(at) => next = at,
                Look::Idle => {
                    activity.end();
                    finish(connection.as_mut());
                }
                Look::Over(end) => return end,
            },
        }
    }
}
