//! What holds for the process through all reloads of its configuration: how it ends, and what it has counted.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::accept::Places;

/// What holds for the process through all reloads of its configuration.
#[derive(Default)]
pub struct Process {
    is_draining: AtomicBool,
    /// Configurations that are in use, the current one and those that requests or sockets still use.
    lives: AtomicUsize,
    pub(super) places: Arc<Places>,
    pub(super) connections: Connections,
    pub(super) reloads: Reloads,
}

impl Process {
    /// Whether its end has begun.
    pub fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Acquire)
    }

    /// New requests are no longer welcome.
    pub(super) fn drain(&self) {
        self.is_draining.store(true, Ordering::Release);
    }

    /// A configuration begins to serve; it lives as long as what is returned.
    pub fn life(self: &Arc<Self>) -> Life {
        self.lives.fetch_add(1, Ordering::Relaxed);
        Life(self.clone())
    }

    /// How many configurations are in use.
    pub fn lives(&self) -> usize {
        self.lives.load(Ordering::Relaxed)
    }

    /// The configuration was replaced.
    pub fn reloaded(&self) {
        let mut reloads = self.reloads.counts();
        reloads.done += 1;
        reloads.refused_for = None;
    }

    /// A configuration was refused, and the old one serves on.
    pub fn refused(&self, problem: &str) {
        let mut reloads = self.reloads.counts();
        reloads.refused += 1;
        reloads.refused_for = Some(problem.into());
    }

    /// New certificates are used.
    pub fn certificates_reloaded(&self) {
        let mut reloads = self.reloads.counts();
        reloads.certificates_done += 1;
        reloads.certificates_refused_for = None;
    }

    /// Certificates were refused, and the old ones are used on.
    pub fn certificates_refused(&self, problem: &str) {
        let mut reloads = self.reloads.counts();
        reloads.certificates_refused += 1;
        reloads.certificates_refused_for = Some(problem.into());
    }

    /// How often the configuration was replaced, and how often it was refused.
    pub fn reloads(&self) -> (u64, u64) {
        let reloads = self.reloads.counts();
        (reloads.done, reloads.refused)
    }
}

/// One configuration in use.
pub struct Life(Arc<Process>);

impl Life {
    /// Whose it is.
    pub fn process(&self) -> &Arc<Process> {
        &self.0
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.0.lives.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What came of reloads.
#[derive(Default)]
pub(super) struct Reloads(Mutex<ReloadCounts>);

#[derive(Clone, Default)]
pub(super) struct ReloadCounts {
    pub(super) done: u64,
    pub(super) refused: u64,
    /// Why the last one was refused, unless one has gone well since.
    pub(super) refused_for: Option<Arc<str>>,
    pub(super) certificates_done: u64,
    pub(super) certificates_refused: u64,
    pub(super) certificates_refused_for: Option<Arc<str>>,
}

impl Reloads {
    pub(super) fn snapshot(&self) -> ReloadCounts {
        self.counts().clone()
    }

    fn counts(&self) -> MutexGuard<'_, ReloadCounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// As it should, or as a socket.
    Closed,
    /// By an error of the network or of the protocol.
    Broken,
    /// There was no place.
    OverLimit,
    /// There was no place for its address.
    OverAddressLimit,
    /// The TLS handshake failed, or took too long.
    HandshakeFailed,
    HandshakeTimeout,
    /// Nothing was said.
    Silent,
    HeaderTimeout,
    /// Nothing was asked, and it did not end by itself either.
    Idle,
    /// The client took nothing of an answer.
    WriteTimeout,
    /// The client broke off one request after the other.
    Abused,
}

const ENDS: [(End, &str); 11] = [
    (End::Closed, "closed"),
    (End::Broken, "broken"),
    (End::OverLimit, "over_limit"),
    (End::OverAddressLimit, "over_address_limit"),
    (End::HandshakeFailed, "handshake_failed"),
    (End::HandshakeTimeout, "handshake_timeout"),
    (End::Silent, "silent"),
    (End::HeaderTimeout, "header_timeout"),
    (End::Idle, "idle"),
    (End::WriteTimeout, "write_timeout"),
    (End::Abused, "abused"),
];

/// How connections ended.
#[derive(Default)]
pub(super) struct Connections([AtomicUsize; ENDS.len()]);

impl Connections {
    pub(super) fn ended(&self, end: End) {
        self.0[end as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many ended how.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let count = |(end, name): (End, _)| (name, self.0[end as usize].load(Ordering::Relaxed));
        ENDS.into_iter().map(count)
    }
}
