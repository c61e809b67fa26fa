//! What a client says first, by which HTTP/1 and HTTP/2 are told apart where TLS has not settled it.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::sleep;

/// What is spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// What an HTTP/2 client says first (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Between looks at a connection that has said part of the preface.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until a client has said enough; `None` when it has gone. What it said stays to be read.
pub(super) async fn greeting(stream: &TcpStream) -> Option<Protocol> {
    let mut heard = [0; PREFACE.len()];
    loop {
        match stream.peek(&mut heard).await {
            Ok(0) | Err(_) => return None,
            Ok(length) if !PREFACE.starts_with(&heard[..length]) => return Some(Protocol::Http1),
            Ok(length) if length == PREFACE.len() => return Some(Protocol::Http2),
            Ok(_) => sleep(PAUSE).await,
        }
    }
}
