//! The accept loop on hyper: who gets a place, which protocol is spoken, and how everything ends.
//!
//! `axum::serve` gives hyper no timer, and hyper has none for a client that says nothing or takes nothing; the time-outs
//! of a connection are all in `accept/activity.rs`.

mod activity;
mod address;
mod body;
mod connection;
mod greeting;
mod limits;
mod places;
mod proxies;
mod tls;
mod visitor;
mod watched;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

pub(super) use address::Address;
pub use limits::{Http2Limits, Limits};
pub(super) use places::{Place, Places};
pub use proxies::Proxies;
pub use tls::{Tls, TlsProblem};

use self::connection::Visit;
use super::process::{End, Process};
use super::serving::Serving;

/// After an accept that failed for lack of resources.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How a server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// New connections are welcome for a while, so that load balancers can notice.
    Announced,
    /// The port is closed at once.
    AtOnce,
}

/// Serves until `stop`; then finishes what is in progress.
pub async fn serve(
    listener: TcpListener,
    serving: Arc<Serving>,
    tls: Option<Arc<Tls>>,
    stop: impl Future<Output = Stop>,
) -> io::Result<()> {
    let process = serving.process();
    let door = Door {
        process: process.clone(),
        tls,
        serving,
        closing: watch::Sender::new(false),
    };
    tokio::pin!(stop);
    let stop = tokio::select! {
        never = door.accept(&listener) => match never {},
        stop = &mut stop => stop,
    };
    process.drain();
    let delay = door.serving.limits().drain_delay;
    if stop == Stop::Announced && !delay.is_zero() {
        tokio::select! {
            never = door.accept(&listener) => match never {},
            () = sleep(delay) => {}
        }
    }
    door.close(listener)?;
    door.end().await;
    Ok(())
}

/// What every connection passes.
struct Door {
    process: Arc<Process>,
    tls: Option<Arc<Tls>>,
    serving: Arc<Serving>,
    /// Whether connections are to end with what is in progress on them.
    closing: watch::Sender<bool>,
}

enum Never {}

impl Door {
    async fn accept(&self, listener: &TcpListener) -> Never {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => self.admit(stream),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Serves a connection in a task of its own, or closes it where there is no place.
    fn admit(&self, stream: TcpStream) {
        // Who has gone already needs no place.
        let Ok(address) = stream.peer_addr() else {
            return;
        };
        let limits = self.serving.limits();
        let place = match self.process.places.take(address.ip(), &limits) {
            Ok(place) => place,
            Err(full) => {
                self.process.connections.ended(full.into());
                return;
            }
        };
        let visit = Visit {
            place,
            limits,
            serving: self.serving.clone(),
            closing: self.closing.subscribe(),
            tls: self.tls.clone(),
        };
        let process = self.process.clone();
        tokio::spawn(async move {
            let end = visit.run(stream).await;
            process.connections.ended(end);
        });
    }

    /// Closes the port; who is in the kernel's queue has been accepted as far as they know, and is served.
    fn close(&self, listener: TcpListener) -> io::Result<()> {
        let listener = listener.into_std()?;
        while let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(true)?;
            self.admit(TcpStream::from_std(stream)?);
        }
        Ok(())
    }

    async fn end(self) {
        self.closing.send_replace(true);
        self.serving.stop_sockets();
        let grace = self.serving.limits().grace;
        let places = &self.process.places;
        if timeout(grace, places.empty()).await.is_err() {
            let left = places.taken();
            tracing::warn!(left, "connections were still in use when the grace time ended");
        }
    }
}

impl From<places::Full> for End {
    fn from(full: places::Full) -> Self {
        match full {
            places::Full::All => Self::OverLimit,
            places::Full::OfAddress => Self::OverAddressLimit,
        }
    }
}
