//! A client that sends bytes, and what the gateway counts of its connections.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests are clients of the gateway, not the gateway"
)]

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::shop::{LONG, Shop};

impl Shop {
    /// The demo with entries of the section `server`.
    pub(crate) async fn with_server(server: &str) -> Self {
        Self::with(|yaml| format!("{yaml}{LONG}server: {{ {server} }}\n")).await
    }

    pub(crate) fn address(&self) -> SocketAddr {
        let address = self.url.trim_start_matches("http://");
        address.parse().expect("an address")
    }
}

pub(crate) async fn connect(shop: &Shop) -> TcpStream {
    connect_to(shop.address()).await.expect("the kernel takes it")
}

/// The same where no `Shop` is at hand.
pub(crate) async fn connect_to(address: SocketAddr) -> std::io::Result<TcpStream> {
    TcpStream::connect(address).await
}

/// A connection from another address of this machine.
pub(crate) async fn connect_from(shop: &Shop, address: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    let own = format!("{address}:0").parse().expect("an address");
    socket.bind(own).expect("all of 127.0.0.0/8 is here");
    socket.connect(shop.address()).await.expect("the kernel takes it")
}

/// All that is said until the end of the connection, however it ends.
pub(crate) async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut all = Vec::new();
    let mut piece = [0; 16 * 1024];
    while let Ok(length @ 1..) = stream.read(&mut piece).await {
        all.extend_from_slice(&piece[..length]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// What is said to these bytes, when the client then says no more and listens to the end.
pub(crate) async fn said_to(shop: &Shop, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = connect(shop).await;
    // It may have refused before it has heard all.
    let _ = stream.write_all(bytes.as_ref()).await;
    rest(&mut stream).await
}

/// One answer with its length on a connection that goes on: head and body.
pub(crate) async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> Option<(String, String)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length?.parse().ok()?];
    stream.read_exact(&mut body).await.ok()?;
    Some((head, String::from_utf8(body).ok()?))
}

/// A question as HTTP/1.1, with further lines of its head.
pub(crate) fn question(more: &str) -> String {
    let body = r#"{"query":"{ __typename }"}"#;
    let length = body.len();
    format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n{body}"
    )
}

/// One sample of the metrics.
pub(crate) async fn sample(shop: &Shop, name: &str) -> String {
    let answer = shop.get("/metrics").send().await.expect("an answer");
    let text = answer.text().await.expect("text");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
}

/// How many connections ended so.
pub(crate) async fn ended(shop: &Shop, outcome: &str) -> String {
    sample(
        shop,
        &format!("skuery_connections_ended_total{{outcome=\"{outcome}\"}}"),
    )
    .await
}

/// Waits until so many connections have ended so.
pub(crate) async fn until_ended(shop: &Shop, outcome: &str, count: usize) {
    while ended(shop, outcome).await != count.to_string() {
        tokio::task::yield_now().await;
    }
}

/// Waits until the only connection is that of the metrics themselves.
pub(crate) async fn until_alone(shop: &Shop) {
    while sample(shop, "skuery_connections").await != "1" {
        tokio::task::yield_now().await;
    }
}
