//! TLS by rustls: a chain of certificates and its key, which can be replaced while connections go on.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::{Accept, TlsAcceptor};

/// What handshakes are made with.
pub struct Tls(watch::Sender<Arc<ServerConfig>>);

/// Why a pair of files is none; which of them is at fault is told apart for the configuration's message.
#[derive(Debug)]
pub enum TlsProblem {
    /// The certificates cannot be used.
    Certificates(String),
    /// The key cannot be used, or is not that of the certificates.
    Key(String),
}

/// What may be spoken, in order of preference.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

impl Tls {
    /// TLS with a pair that `read` has read.
    pub fn new(pair: Arc<ServerConfig>) -> Self {
        Self(watch::Sender::new(pair))
    }

    /// Reads certificates, the server's own first, and their key, both in PEM.
    ///
    /// # Errors
    ///
    /// When a file is not what it has to be, or both do not belong together.
    pub fn read(certificates: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsProblem> {
        let chain = CertificateDer::pem_file_iter(certificates)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| TlsProblem::Certificates(told(certificates, &error.to_string())))?;
        if chain.is_empty() {
            return Err(TlsProblem::Certificates(told(
                certificates,
                "no certificate in PEM",
            )));
        }
        let secret = PrivateKeyDer::from_pem_file(key)
            .map_err(|error| TlsProblem::Key(told(key, &error.to_string())))?;
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsProblem::Key(error.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, secret);
        let mut config = config.map_err(|error| match error {
            rustls::Error::InvalidCertificate(_) => {
                TlsProblem::Certificates(told(certificates, &error.to_string()))
            }
            rustls::Error::InconsistentKeys(_) => {
                TlsProblem::Key(told(key, "not the key of the certificate"))
            }
            _ => TlsProblem::Key(told(key, &error.to_string())),
        })?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(Arc::new(config))
    }

    /// New handshakes use this pair; connections go on with theirs.
    pub fn replace(&self, pair: Arc<ServerConfig>) {
        self.0.send_replace(pair);
    }

    pub(super) fn accept(&self, stream: TcpStream) -> Accept<TcpStream> {
        TlsAcceptor::from(self.0.borrow().clone()).accept(stream)
    }
}

fn told(file: &Path, problem: &str) -> String {
    format!("`{}`: {problem}", file.display())
}

impl fmt::Display for TlsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificates(problem) | Self::Key(problem) => f.write_str(problem),
        }
    }
}
