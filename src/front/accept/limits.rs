//! Bounds of the server; what they are for is said in `docs/OPERATIONS.md`.

use std::time::Duration;

use super::proxies::Proxies;

/// Bounds of the server.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The most connections at once, sockets included.
    pub connections: usize,
    /// The most of them from one address, or from one /64 of IPv6.
    pub connections_per_address: Option<usize>,
    /// Whose connections are counted for those who ask through them.
    pub proxies: Proxies,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long a client may take to say its first word, and then to send a request's head.
    pub header: Duration,
    /// How long a connection may be without a request.
    pub idle: Duration,
    /// How long a client may take nothing of an answer.
    pub write: Duration,
    /// How long the port stays open after the end is announced.
    pub drain_delay: Duration,
    /// How long requests in progress may take to finish once the port is closed.
    pub grace: Duration,
    /// Bounds of HTTP/2.
    pub http2: Http2Limits,
}

/// Bounds of one HTTP/2 connection.
#[derive(Clone, Copy, Debug)]
pub struct Http2Limits {
    /// The most requests at once.
    pub streams: u32,
    /// The longest list of headers, decompressed, in bytes.
    pub header_bytes: u32,
    /// The most streams that a client may reset before they are looked at.
    pub pending_resets: usize,
    /// The most streams that may be reset because of a client's faults.
    pub faults: usize,
    /// How many more requests a client may break off than it lets finish.
    pub broken_off: u64,
    /// After so much silence a client is sent a ping.
    pub ping_after: Duration,
    /// How long it may take to answer that.
    pub ping_timeout: Duration,
}

impl Limits {
    /// The shortest time-out of a connection in use.
    pub(super) fn shortest(&self) -> Duration {
        self.header.min(self.idle).min(self.write)
    }
}
