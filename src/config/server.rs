//! The section `server`: TLS, time-outs and bounds of connections, and how the process ends and reloads.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::{Config, ConfigError, cors};
use crate::front::{Cors, Http2Limits, Limits, Proxies, StreamLimits, Tls, TlsProblem};

/// How connections are served, and how the process ends.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// The certificates to serve with; without them connections are not encrypted.
    pub tls: Option<TlsConfig>,
    /// How long a TLS handshake may take.
    pub handshake_timeout_ms: u64,
    /// How long a client may take to say its first word, and to send the head of a request.
    pub header_timeout_ms: u64,
    /// How long a client may take to send the body of a request.
    pub body_timeout_ms: u64,
    /// How long a connection is kept without a request.
    pub idle_timeout_ms: u64,
    /// How long a client may take nothing of an answer.
    pub write_timeout_ms: u64,
    /// The most connections from one address, or from one /64 of IPv6; `null` is any number.
    pub connections_per_address: Option<usize>,
    /// Addresses and networks of proxies whose `X-Forwarded-For` says who asks.
    pub trusted_proxies: Vec<String>,
    /// Bounds of HTTP/2.
    pub http2: Http2Config,
    /// After SIGTERM: how long the port stays open, so that load balancers notice.
    pub drain_delay_ms: u64,
    /// How long requests in progress may take to finish at the end.
    pub grace_ms: u64,
    /// How often the configuration's files are looked at; `null` is never, SIGHUP aside.
    pub watch_ms: Option<u64>,
}

/// The certificates to serve with.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The chain in PEM, the server's own certificate first.
    pub certificates: PathBuf,
    /// Its key in PEM.
    pub key: PathBuf,
}

/// Bounds of one HTTP/2 connection.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http2Config {
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
    pub ping_after_ms: u64,
    /// How long it may take to answer that.
    pub ping_timeout_ms: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            tls: None,
            handshake_timeout_ms: 10_000,
            header_timeout_ms: 10_000,
            body_timeout_ms: 10_000,
            idle_timeout_ms: 75_000,
            write_timeout_ms: 30_000,
            connections_per_address: Some(1_000),
            trusted_proxies: Vec::new(),
            http2: Http2Config::default(),
            drain_delay_ms: 5_000,
            grace_ms: 30_000,
            watch_ms: Some(5_000),
        }
    }
}

impl Default for Http2Config {
    fn default() -> Self {
        Self {
            streams: 100,
            header_bytes: 16_384,
            pending_resets: 20,
            faults: 100,
            broken_off: 200,
            ping_after_ms: 30_000,
            ping_timeout_ms: 20_000,
        }
    }
}

/// What the section comes to.
pub struct ServerSetup {
    /// Bounds of connections.
    pub limits: Limits,
    /// The largest request body, and the largest message of a socket, in bytes.
    pub body_bytes: usize,
    /// How long a client may take to send the body of a request.
    pub body_timeout: Duration,
    /// The longest query of a URL, in bytes.
    pub url_bytes: usize,
    /// The most requests of one batch; `None` where there are no batches.
    pub batch: Option<usize>,
    /// Bounds of subscriptions over HTTP.
    pub streams: StreamLimits,
    /// How often the configuration's files are looked at.
    pub watch: Option<Duration>,
    /// Which pages of other sites may ask.
    pub cors: Cors,
    /// The certificates and their key.
    pub tls: Option<TlsFiles>,
    /// Whether `public_url` is given.
    pub has_public_url: bool,
}

/// Certificates and their key, read from these files.
pub struct TlsFiles {
    /// Where they are.
    pub files: TlsConfig,
    /// What they come to.
    pub pair: Arc<rustls::ServerConfig>,
}

/// Longer than this is a mistake of units.
const LONGEST_MS: u64 = 3_600_000;
const TIMEOUT_MS: RangeInclusive<u64> = 1..=LONGEST_MS;
/// What RFC 9113 and h2 can count.
const MOST_STREAMS: u64 = 10_000;
const HEADER_BYTES: RangeInclusive<u64> = 1_024..=1_048_576;

/// Checks the sections `server` and `cors`, and reads the certificates. `file` and `text` are for messages.
///
/// # Errors
///
/// When a value means nothing, or a file cannot be used.
pub fn server(config: &Config, file: &str, text: &str) -> Result<ServerSetup, ConfigError> {
    let section = &config.server;
    let refuse = |key: &str, problem: String| ConfigError::at(file, text, key, problem);
    check(section).map_err(|(key, problem)| refuse(&format!("server.{key}"), problem))?;
    let proxies = Proxies::read(&section.trusted_proxies).map_err(|given| {
        let problem = format!("`{given}` is no address and no network such as 10.0.0.0/8");
        refuse("server.trusted_proxies", problem)
    })?;
    let cors = match &config.cors {
        Some(section) => cors::cors(section).map_err(|(key, problem)| refuse(key, problem))?,
        None => Cors::default(),
    };
    let tls = match &section.tls {
        Some(files) => Some(files.read(file, text)?),
        None => None,
    };
    Ok(ServerSetup {
        limits: limits(config, proxies),
        body_bytes: config.limits.body_bytes,
        body_timeout: Duration::from_millis(section.body_timeout_ms),
        url_bytes: config.limits.url_bytes,
        batch: config.batching.map(|batching| batching.most),
        streams: config.subscriptions.streams(),
        watch: section.watch_ms.map(Duration::from_millis),
        cors,
        tls,
        has_public_url: config.public_url.is_some(),
    })
}

impl TlsConfig {
    /// Reads both files; `file` and `text` are for messages.
    ///
    /// # Errors
    ///
    /// When they cannot be used, with the line of the configuration that names the one at fault.
    pub fn read(&self, file: &str, text: &str) -> Result<TlsFiles, ConfigError> {
        let pair = Tls::read(&self.certificates, &self.key).map_err(|problem| match &problem {
            TlsProblem::Certificates(_) => ConfigError::at(file, text, "server.tls.certificates", problem),
            TlsProblem::Key(_) => ConfigError::at(file, text, "server.tls.key", problem),
        })?;
        Ok(TlsFiles {
            files: self.clone(),
            pair,
        })
    }
}

fn check(section: &ServerConfig) -> Result<(), (&'static str, String)> {
    let http2 = &section.http2;
    let any = 1..=u64::from(u32::MAX);
    let per_address = section.connections_per_address.unwrap_or(1);
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let bounds = [
        ("handshake_timeout_ms", section.handshake_timeout_ms, TIMEOUT_MS),
        ("header_timeout_ms", section.header_timeout_ms, TIMEOUT_MS),
        ("body_timeout_ms", section.body_timeout_ms, TIMEOUT_MS),
        ("idle_timeout_ms", section.idle_timeout_ms, TIMEOUT_MS),
        ("write_timeout_ms", section.write_timeout_ms, TIMEOUT_MS),
        ("connections_per_address", count(per_address), any.clone()),
        ("drain_delay_ms", section.drain_delay_ms, 0..=LONGEST_MS),
        ("grace_ms", section.grace_ms, 0..=LONGEST_MS),
        ("watch_ms", section.watch_ms.unwrap_or(LONGEST_MS), TIMEOUT_MS),
        ("http2.streams", http2.streams.into(), 1..=MOST_STREAMS),
        ("http2.header_bytes", http2.header_bytes.into(), HEADER_BYTES),
        (
            "http2.pending_resets",
            count(http2.pending_resets),
            1..=MOST_STREAMS,
        ),
        ("http2.faults", count(http2.faults), 1..=MOST_STREAMS),
        ("http2.broken_off", http2.broken_off, any),
        ("http2.ping_after_ms", http2.ping_after_ms, TIMEOUT_MS),
        ("http2.ping_timeout_ms", http2.ping_timeout_ms, TIMEOUT_MS),
    ];
    for (key, given, allowed) in bounds {
        if !allowed.contains(&given) {
            let (least, most) = (allowed.start(), allowed.end());
            return Err((key, format!("{given} is not allowed, use {least} to {most}")));
        }
    }
    Ok(())
}

fn limits(config: &Config, proxies: Proxies) -> Limits {
    let section = &config.server;
    let http2 = &section.http2;
    Limits {
        connections: config.limits.connections,
        connections_per_address: section.connections_per_address,
        proxies,
        handshake: Duration::from_millis(section.handshake_timeout_ms),
        header: Duration::from_millis(section.header_timeout_ms),
        idle: Duration::from_millis(section.idle_timeout_ms),
        write: Duration::from_millis(section.write_timeout_ms),
        drain_delay: Duration::from_millis(section.drain_delay_ms),
        grace: Duration::from_millis(section.grace_ms),
        http2: Http2Limits {
            streams: http2.streams,
            header_bytes: http2.header_bytes,
            pending_resets: http2.pending_resets,
            faults: http2.faults,
            broken_off: http2.broken_off,
            ping_after: Duration::from_millis(http2.ping_after_ms),
            ping_timeout: Duration::from_millis(http2.ping_timeout_ms),
        },
    }
}
