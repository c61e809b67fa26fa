//! One subscription being written: what is sent when, and why it ends.

use std::time::Duration;

use axum::body::Bytes;
use futures_util::StreamExt;
use skuery_resolvers::commerce::gateway::Events;
use skuery_resolvers::engine::RequestError;
use skuery_schema::error::ErrorCode;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

use super::Format;
use super::places::Held;
use crate::front::stop::{stopped, until};

/// After so much silence the client, and whatever stands before it, is shown that the stream lives.
pub(super) const HEARTBEAT_AFTER: Duration = Duration::from_secs(12);
/// How long a client may take nothing.
pub(super) const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct Writer {
    pub(super) format: Format,
    /// Has room for one: what was sent before has then been taken.
    pub(super) to_reader: mpsc::Sender<Bytes>,
    pub(super) held: Held,
    /// When the token ends.
    pub(super) until: Option<Instant>,
    pub(super) stop: watch::Receiver<bool>,
}

/// What a stream has come to.
enum Said {
    /// It goes on.
    More(Bytes),
    Last(Vec<u8>),
    /// It ends without a word.
    Nothing,
}

impl Writer {
    /// Writes until the subscription, the token, the server or the reader ends.
    pub(super) async fn run(mut self, mut events: Events) {
        let mut said = Said::More(Bytes::from_static(self.format.opening()));
        loop {
            let (bytes, is_last) = match said {
                Said::More(bytes) => (bytes, false),
                Said::Last(bytes) => ([&bytes[..], self.format.end()].concat().into(), true),
                Said::Nothing => return,
            };
            match timeout(WRITE_TIMEOUT, self.to_reader.send(bytes)).await {
                Ok(Ok(())) if !is_last => {}
                Ok(Ok(()) | Err(_)) => return,
                Err(_) => return self.held.note_too_slow(),
            }
            // The reader has taken what was sent, or has gone.
            match timeout(WRITE_TIMEOUT, self.to_reader.reserve()).await {
                Ok(Ok(_)) => {}
                Ok(Err(_)) => return,
                Err(_) => return self.held.note_too_slow(),
            }
            said = self.next(&mut events).await;
        }
    }

    async fn next(&mut self, events: &mut Events) -> Said {
        let format = self.format;
        tokio::select! {
            biased;
            () = self.to_reader.closed() => Said::Nothing,
            () = until(self.until) => {
                let error = RequestError::new(ErrorCode::Unauthenticated, "the token has expired");
                Said::Last(format.cut_off(&error.into()))
            }
            () = stopped(&mut self.stop) => match format {
                // One that was not told that it is complete comes back by itself.
                Format::Sse => Said::Nothing,
                Format::Multipart => {
                    let error = RequestError::new(ErrorCode::SystemUnavailable, "the server is stopping");
                    Said::Last(format.cut_off(&error.into()))
                }
            },
            event = events.next() => match event {
                Some(Ok(response)) => Said::More(format.next(&response.body).into()),
                Some(Err(refused)) => Said::Last(format.failed(&refused)),
                None => Said::Last(Vec::new()),
            },
            () = sleep(HEARTBEAT_AFTER) => Said::More(format.heartbeat()),
        }
    }
}
