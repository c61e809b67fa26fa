//! One WebSocket as a session uses it: small buffers, whole messages in, fragments out, and an end for a client that
//! takes nothing.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Utf8Bytes};

use super::closing::Closing;

/// The library's own buffers cost 133 KiB for every idle socket.
const BUFFER_BYTES: usize = 4 * 1024;
/// A longer message goes out in pieces: the buffer for writing keeps the size of the largest it has seen.
const FRAGMENT_BYTES: usize = 16 * 1024;
/// Room for one fragment and for pongs; when a client sends pings and reads no pongs, pongs are left out.
const MOST_BUFFER_BYTES: usize = 4 * FRAGMENT_BYTES;
/// How long a client may take to accept one fragment.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take to close after it has been told to.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// What came from the client.
pub(super) enum Heard {
    Text(Utf8Bytes),
    Binary,
    /// A ping or pong of the WebSocket itself; pings are answered already.
    Sign,
}

/// What goes to the client.
pub(super) enum Said {
    Text(Bytes),
    /// A ping of the WebSocket itself, which every client answers without being programmed to.
    Ping,
}

pub(super) struct Wire<S>(WebSocketStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Takes over a connection after its upgrade; `most` bounds a message.
    pub(super) async fn open(io: S, most: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(BUFFER_BYTES)
            .max_write_buffer_size(MOST_BUFFER_BYTES)
            .max_message_size(Some(most))
            .max_frame_size(Some(most));
        Self(WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await)
    }

    /// Waits for the client; loses nothing when it is dropped before.
    pub(super) async fn hear(&mut self) -> Result<Heard, Closing> {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Ok(Heard::Text(text)),
            Some(Ok(Message::Binary(_))) => Ok(Heard::Binary),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(Heard::Sign),
            Some(Ok(Message::Close(_))) | None => Err(Closing::gone()),
            Some(Err(error)) => Err(Closing::after(&error)),
        }
    }

    /// Sends one message; the end when the client does not take it in time.
    pub(super) async fn say(&mut self, said: Said) -> Result<(), Closing> {
        let Said::Text(mut rest) = said else {
            return self.write(Message::Ping(Bytes::new())).await;
        };
        let mut kind = Data::Text;
        loop {
            let fragment = rest.split_to(rest.len().min(FRAGMENT_BYTES));
            let is_last = rest.is_empty();
            let frame = Frame::message(fragment, OpCode::Data(kind), is_last);
            self.write(Message::Frame(frame)).await?;
            if is_last {
                return Ok(());
            }
            kind = Data::Continue;
        }
    }

    async fn write(&mut self, message: Message) -> Result<(), Closing> {
        let written = timeout(WRITE_TIMEOUT, async {
            // Pongs may be in the way.
            self.0.flush().await?;
            self.0.send(message).await
        });
        match written.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Closing::gone()),
            Err(_) => Err(Closing::too_slow()),
        }
    }

    /// Ends the socket: says why, and gives the client a moment to hear it.
    pub(super) async fn close(mut self, closing: Closing) {
        let goodbye = timeout(CLOSE_TIMEOUT, async {
            if let Some(frame) = closing.frame() {
                self.0.send(Message::Close(Some(frame))).await?;
            }
            // Until the client has closed too.
            while let Some(Ok(_)) = self.0.next().await {}
            // To close with bytes unread resets the connection, and the client might lose the close frame.
            let mut io = self.0.into_inner();
            io.shutdown().await?;
            let mut unread = vec![0; BUFFER_BYTES];
            while io.read(&mut unread).await? > 0 {}
            Ok::<(), Error>(())
        });
        match goodbye.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a socket ended early"),
            Err(_) => tracing::debug!("a client did not close its socket in time"),
        }
    }
}
