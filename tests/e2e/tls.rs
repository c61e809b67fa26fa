//! TLS: what is spoken on it, handshakes that come to nothing, and certificates that are replaced.

use std::path::PathBuf;
use std::sync::Arc;

use http::Method;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use skuery::front::Tls;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::http2::ask;
use crate::raw::{answer, connect, question, rest};
use crate::shop::{LONG, Shop};

/// A certificate of its own, with its key, in files.
pub(crate) struct Pair {
    pub(crate) certificates: PathBuf,
    pub(crate) key: PathBuf,
}

impl Pair {
    pub(crate) fn make(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let pair = Self {
            certificates: folder.join(format!("{name}.crt")),
            key: folder.join(format!("{name}.key")),
        };
        pair.renew();
        pair
    }

    /// Writes another certificate and key in their place.
    pub(crate) fn renew(&self) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        std::fs::write(&self.certificates, made.cert.pem()).expect("it is written");
        std::fs::write(&self.key, made.signing_key.serialize_pem()).expect("it is written");
    }

    /// The entry of the section `server`.
    pub(crate) fn entry(&self) -> String {
        let (certificates, key) = (self.certificates.display(), self.key.display());
        format!("tls: {{ certificates: {certificates}, key: {key} }}")
    }

    fn connector(&self, protocols: &[&[u8]]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        let own = CertificateDer::from_pem_file(&self.certificates).expect("a certificate");
        roots.add(own).expect("it can be trusted");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Arc::new(config).into()
    }

    /// A handshake that trusts this certificate alone.
    pub(crate) async fn shake(
        &self,
        stream: TcpStream,
        protocols: &[&[u8]],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from("localhost").expect("a name");
        self.connector(protocols).connect(name, stream).await
    }
}

async fn shop(pair: &Pair, more: &str) -> Shop {
    Shop::with(|yaml| format!("{yaml}{LONG}server: {{ {}, {more} }}\n", pair.entry())).await
}

/// A page of the gateway over TLS.
async fn get(shop: &Shop, pair: &Pair, path: &str) -> String {
    let mut stream = pair.shake(connect(shop).await, &[]).await.expect("a handshake");
    let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("it is open");
    rest(&mut stream).await
}

async fn until_counted(shop: &Shop, pair: &Pair, line: &str) {
    while !get(shop, pair, "/metrics").await.contains(line) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_as_the_client_wishes() {
    let pair = Pair::make("versions");
    let shop = shop(&pair, "").await;
    for protocols in [&[] as &[&[u8]], &[b"http/1.1"]] {
        let mut stream = pair
            .shake(connect(&shop).await, protocols)
            .await
            .expect("a handshake");
        for _ in 0..2 {
            stream
                .write_all(question("").as_bytes())
                .await
                .expect("it is open");
            let (head, body) = answer(&mut stream).await.expect("an answer");
            assert!(head.starts_with("http/1.1 200 "), "{head}");
            assert_eq!(body, r#"{"data":{"__typename":"Query"}}"#);
        }
    }
    let protocols: &[&[u8]] = &[b"http/1.1", b"h2"];
    let stream = pair
        .shake(connect(&shop).await, protocols)
        .await
        .expect("a handshake");
    assert_eq!(
        stream.get_ref().1.alpn_protocol(),
        Some(&b"h2"[..]),
        "the better one"
    );
    let (client, connection) = h2::client::handshake(stream).await.expect("it is spoken");
    tokio::spawn(connection);
    let mut ready = client.ready().await.expect("it is open");
    let request = ask(Method::GET, "/health/live");
    let (answer, _) = ready.send_request(request, true).expect("it is sent");
    assert_eq!(answer.await.expect("an answer").status(), 200);
    let unknown = pair.shake(connect(&shop).await, &[b"spdy/3"]).await;
    assert!(unknown.is_err(), "nothing that both speak");
}

#[tokio::test]
async fn a_handshake_that_stalls_is_ended() {
    let pair = Pair::make("stalls");
    let shop = shop(&pair, "handshake_timeout_ms: 200").await;
    // Silent, and a ClientHello that is never whole.
    for said in [&b""[..], b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"] {
        let mut stream = connect(&shop).await;
        stream.write_all(said).await.expect("it is open");
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard).await;
        assert!(heard.is_empty());
    }
    let line = "skuery_connections_ended_total{outcome=\"handshake_timeout\"} 2\n";
    until_counted(&shop, &pair, line).await;
}

#[tokio::test]
async fn a_client_that_does_not_speak_tls_is_refused() {
    let pair = Pair::make("plain");
    let shop = shop(&pair, "").await;
    let mut stream = connect(&shop).await;
    stream
        .write_all(question("").as_bytes())
        .await
        .expect("it is open");
    let said = rest(&mut stream).await;
    assert!(!said.contains("HTTP/1.1 200"), "{said}");
    let line = "skuery_connections_ended_total{outcome=\"handshake_failed\"} 1\n";
    until_counted(&shop, &pair, line).await;
}

#[tokio::test]
async fn a_client_that_says_nothing_after_its_handshake_is_ended() {
    let pair = Pair::make("silent");
    let shop = shop(
        &pair,
        "header_timeout_ms: 200, idle_timeout_ms: 200, write_timeout_ms: 200",
    )
    .await;
    for protocols in [&[] as &[&[u8]], &[b"h2"]] {
        let stream = pair.shake(connect(&shop).await, protocols).await;
        let mut stream = stream.expect("a handshake");
        rest(&mut stream).await;
    }
    let line = "skuery_connections_ended_total{outcome=\"header_timeout\"} 1\n";
    until_counted(&shop, &pair, line).await;
}

#[tokio::test]
async fn connections_go_on_when_the_certificate_is_replaced() {
    let old = Pair::make("replaced_old");
    let new = Pair::make("replaced_new");
    let shop = shop(&old, "").await;
    let mut stream = old.shake(connect(&shop).await, &[]).await.expect("a handshake");
    stream
        .write_all(question("").as_bytes())
        .await
        .expect("it is open");
    assert!(answer(&mut stream).await.is_some());
    assert!(new.shake(connect(&shop).await, &[]).await.is_err());
    let pair = Tls::read(&new.certificates, &new.key).expect("a pair");
    shop.site.tls().expect("it speaks TLS").replace(pair);
    assert!(new.shake(connect(&shop).await, &[]).await.is_ok());
    assert!(old.shake(connect(&shop).await, &[]).await.is_err());
    stream
        .write_all(question("").as_bytes())
        .await
        .expect("it is open");
    assert!(
        answer(&mut stream).await.is_some(),
        "on the certificate it began with"
    );
}
