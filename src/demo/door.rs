//! The way into a demo system: its socket, which can be cut, and the layer that delays, fails and counts calls.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::answers::answer;
use super::system::{End, System};

/// Puts the layer that obeys the dials around the routes of a system.
pub(super) fn guarded(routes: Router, system: &Arc<System>) -> Router {
    routes.layer(from_fn_with_state(Arc::clone(system), guard))
}

async fn guard(
    State(system): State<Arc<System>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path();
    let (is_picture, is_token) = (path.starts_with("/media/"), path.ends_with("/token"));
    if system.is_down() {
        // Nobody reads this: the connection is cut before it is written.
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if is_picture {
        return next.run(request).await;
    }
    let _under_way = (!is_token).then(|| system.enter());
    let latency = system.latency_ms();
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }
    if is_token {
        system.count_token_call();
        return next.run(request).await;
    }
    let response = if system.next_call_fails() {
        answer(StatusCode::INTERNAL_SERVER_ERROR, system.failure().clone())
    } else {
        let response = next.run(request).await;
        if writes {
            ended(&system, &peer, response).await
        } else {
            response
        }
    };
    system.count_call();
    response
}

/// The answer of a call that has done its work, as the dials let it through.
async fn ended(system: &System, peer: &Peer, response: Response) -> Response {
    let end = system.next_end();
    let late = system.late_ms();
    if late > 0 {
        tokio::time::sleep(Duration::from_millis(late)).await;
    }
    match end {
        End::AsItIs => response,
        End::Failed => answer(StatusCode::INTERNAL_SERVER_ERROR, system.failure().clone()),
        End::Lost => {
            // Nobody reads this: the connection is cut before it is written.
            peer.is_cut.store(true, Ordering::SeqCst);
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The connection that a call came by.
#[derive(Clone)]
pub(super) struct Peer {
    is_cut: Arc<AtomicBool>,
}

impl Connected<IncomingStream<'_, Gate>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Self {
        let is_cut = Arc::clone(&stream.io().is_cut);
        Self { is_cut }
    }
}

/// A listener whose connections break off while the system is down.
pub(super) struct Gate {
    listener: TcpListener,
    is_down: Arc<AtomicBool>,
}

impl Gate {
    /// Takes a free port of 127.0.0.1.
    pub(super) async fn open(system: &System) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Ok(Self {
            listener,
            is_down: system.cut_switch(),
        })
    }

    /// The address to call, without a slash at the end.
    pub(super) fn url(&self) -> io::Result<String> {
        Ok(format!("http://{}", self.listener.local_addr()?))
    }
}

impl Listener for Gate {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            match self.listener.accept().await {
                // Dropping the stream is the answer of a dead system.
                Ok(_) if self.is_down.load(Ordering::SeqCst) => {}
                Ok((stream, address)) => {
                    let line = Line {
                        stream,
                        is_down: Arc::clone(&self.is_down),
                        is_cut: Arc::default(),
                    };
                    return (line, address);
                }
                // Usually too many open files; trying again at once would only burn processor time.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that fails as soon as the system is down or an answer on it is lost, even in the middle of an answer.
pub(super) struct Line {
    stream: TcpStream,
    is_down: Arc<AtomicBool>,
    is_cut: Arc<AtomicBool>,
}

impl Line {
    fn open_stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        if self.is_down.load(Ordering::SeqCst) || self.is_cut.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(Pin::new(&mut self.stream))
    }
}

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut().open_stream() {
            Ok(stream) => stream.poll_read(context, buffer),
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut().open_stream() {
            Ok(stream) => stream.poll_write(context, bytes),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
