//! A client of the gateway's WebSocket that says exactly what a spec tells it, right or wrong.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests are clients of the gateway, not the gateway"
)]

use std::fmt::Write as _;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::shop::Shop;

pub(crate) const SUBPROTOCOL: (&str, &str) = ("Sec-WebSocket-Protocol", "graphql-transport-ws");

/// What a browser sends, apart from the subprotocol.
const UPGRADE: [(&str, &str); 4] = [
    ("Connection", "keep-alive, Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// The answer to an upgrade: its status, its head, and the connection.
pub(crate) struct Upgraded {
    pub(crate) status: u16,
    head: String,
    stream: TcpStream,
}

impl Upgraded {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub(crate) async fn socket(self) -> Socket {
        assert_eq!(self.status, 101, "{}", self.head);
        Socket {
            io: WebSocketStream::from_raw_socket(self.stream, Role::Client, None).await,
        }
    }
}

/// Sends a head as it is.
pub(crate) async fn send_head(shop: &Shop, line: &str, headers: &[(&str, &str)]) -> Upgraded {
    let address = shop.url.strip_prefix("http://").expect("an address");
    send_head_at(address, line, headers).await
}

async fn send_head_at(address: &str, line: &str, headers: &[(&str, &str)]) -> Upgraded {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let mut head = format!("{line}\r\n");
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").expect("a string takes it");
    }
    if !headers.iter().any(|(name, _)| *name == "Host") {
        write!(head, "Host: {address}\r\n").expect("a string takes it");
    }
    let sent = stream.write_all(format!("{head}\r\n").as_bytes()).await;
    sent.expect("it is read");
    // Byte by byte: what follows the head is for the socket.
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.expect("a whole head"));
    }
    let head = String::from_utf8(answer).expect("ASCII");
    Upgraded {
        status: head[9..12].parse().expect("a status"),
        head,
        stream,
    }
}

/// Asks for an upgrade, with these headers too.
pub(crate) async fn upgrade(shop: &Shop, more: &[(&str, &str)]) -> Upgraded {
    let headers: Vec<_> = UPGRADE.iter().chain(more).copied().collect();
    send_head(shop, "GET /graphql HTTP/1.1", &headers).await
}

/// Asks for an upgrade without the header of this name.
pub(crate) async fn upgrade_without(shop: &Shop, missing: &str, more: &[(&str, &str)]) -> Upgraded {
    let headers: Vec<_> = UPGRADE
        .iter()
        .filter(|(name, _)| *name != missing)
        .chain(more)
        .copied()
        .collect();
    send_head(shop, "GET /graphql HTTP/1.1", &headers).await
}

/// How many sockets the gateway says are open.
pub(crate) async fn sockets(shop: &Shop) -> String {
    let answer = shop.get("/metrics").send().await.expect("an answer");
    let text = answer.text().await.expect("text");
    let line = text.lines().find_map(|line| line.strip_prefix("skuery_sockets "));
    line.expect("the gauge").to_owned()
}

/// Waits until a system has been asked something; it need not have answered.
pub(crate) async fn asked(shop: &Shop, name: &str) {
    while shop.system(name).peak_concurrency() == 0 {
        tokio::task::yield_now().await;
    }
}

/// An open socket.
pub(crate) struct Socket {
    pub(crate) io: WebSocketStream<TcpStream>,
}

impl Socket {
    /// A socket that has said nothing yet.
    pub(crate) async fn open(shop: &Shop) -> Self {
        upgrade(shop, &[SUBPROTOCOL]).await.socket().await
    }

    /// A socket that is acknowledged.
    pub(crate) async fn ready(shop: &Shop) -> Self {
        Self::ready_with(shop, json!({})).await
    }

    /// The same of a gateway at this address.
    pub(crate) async fn ready_at(address: SocketAddr) -> Self {
        let headers: Vec<_> = UPGRADE.into_iter().chain([SUBPROTOCOL]).collect();
        let upgraded = send_head_at(&address.to_string(), "GET /graphql HTTP/1.1", &headers).await;
        upgraded.socket().await.acknowledged(json!({})).await
    }

    /// A socket that is acknowledged with this payload.
    pub(crate) async fn ready_with(shop: &Shop, payload: Value) -> Self {
        Self::open(shop).await.acknowledged(payload).await
    }

    async fn acknowledged(self, payload: Value) -> Self {
        let mut socket = self;
        socket
            .say(json!({ "type": "connection_init", "payload": payload }))
            .await;
        socket.hears(json!({ "type": "connection_ack" })).await;
        socket
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.say_text(message.to_string()).await;
    }

    pub(crate) async fn say_text(&mut self, text: impl Into<String>) {
        let sent = self.io.send(Message::text(text.into())).await;
        sent.expect("it is read");
    }

    /// Bytes beside the protocol.
    pub(crate) async fn say_bytes(&mut self, bytes: &[u8]) {
        let sent = self.io.get_mut().write_all(bytes).await;
        sent.expect("it is read");
    }

    pub(crate) async fn subscribe(&mut self, id: &str, payload: Value) {
        self.say(json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await;
    }

    pub(crate) async fn query(&mut self, id: &str, query: &str) {
        self.subscribe(id, json!({ "query": query })).await;
    }

    pub(crate) async fn hear(&mut self) -> Value {
        match self.io.next().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("{other:?} instead of a message"),
        }
    }

    pub(crate) async fn hears(&mut self, expected: Value) {
        assert_eq!(self.hear().await, expected);
    }

    /// The one answer to an operation.
    pub(crate) async fn answer(&mut self, id: &str) -> Value {
        let mut next = self.hear().await;
        assert_eq!(
            (&next["id"], &next["type"]),
            (&json!(id), &json!("next")),
            "{next}"
        );
        self.hears(json!({ "id": id, "type": "complete" })).await;
        next["payload"].take()
    }

    /// The errors of an operation that could not be executed.
    pub(crate) async fn refusal(&mut self, id: &str) -> Value {
        let mut error = self.hear().await;
        assert_eq!(
            (&error["id"], &error["type"]),
            (&json!(id), &json!("error")),
            "{error}"
        );
        error["payload"].take()
    }

    /// Nothing was said but what was heard: the next thing is the answer to this.
    pub(crate) async fn is_silent(&mut self) {
        self.say(json!({ "type": "ping" })).await;
        self.hears(json!({ "type": "pong" })).await;
    }

    /// What follows `connection_init`: how the socket ended, or nothing when it is acknowledged.
    pub(crate) async fn outcome(&mut self) -> Option<(u16, String)> {
        match self.io.next().await {
            Some(Ok(Message::Text(text))) => {
                assert_eq!(text.as_str(), r#"{"type":"connection_ack"}"#);
                None
            }
            Some(Ok(Message::Close(Some(frame)))) => Some((frame.code.into(), frame.reason.to_string())),
            other => panic!("{other:?} instead of an outcome"),
        }
    }

    /// Waits for the end, and that nothing else comes before.
    pub(crate) async fn end(mut self) -> (u16, String) {
        let end = match self.io.next().await {
            Some(Ok(Message::Close(Some(frame)))) => (frame.code.into(), frame.reason.to_string()),
            other => panic!("{other:?} instead of the end"),
        };
        assert!(self.io.next().await.is_none(), "nothing follows the close frame");
        end
    }

    /// Closes as a client should.
    pub(crate) async fn close(mut self) {
        self.io.close(None).await.expect("it is read");
        while self.io.next().await.is_some() {}
    }
}
