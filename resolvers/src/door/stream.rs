//! A body handed on piece by piece: never gathered, bounded in size and time, its place given back when it ends.

use futures_util::stream;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, timeout_at};

use crate::door::body::too_large;
use crate::door::fault::Fault;
use crate::door::gate::Pass;
use crate::door::meter::Record;
use crate::error::{ErrorKind, LookupError};
use crate::port::orders::DocumentBody;

/// Pieces that wait for a slow reader; behind them the system itself is slowed down.
const WAITING: usize = 4;

/// A body that has begun to arrive, with all that must be given back at its end.
pub(super) struct Arriving {
    pub(super) response: reqwest::Response,
    pub(super) pass: Pass,
    pub(super) record: Record,
    /// The most bytes, after decompression.
    pub(super) limit: usize,
    /// When the whole must have arrived.
    pub(super) deadline: Instant,
}

type Piece = Result<Vec<u8>, LookupError>;

/// Hands the body on. A task of its own reads it, so that a reader who falls asleep does not keep one of the system's
/// places beyond the deadline; the task ends with the body, the deadline or the reader.
pub(super) fn hand_on(
    arriving: Arriving,
    content_type: Option<String>,
    into_error: impl FnOnce(Fault) -> LookupError + Send + 'static,
) -> DocumentBody {
    let (sender, receiver) = channel(WAITING);
    tokio::spawn(async move {
        if let Err(fault) = carry(arriving, &sender).await {
            // The place is free already. Without this piece a cut-off body would look like a whole one.
            let _ = sender.send(Err(into_error(fault))).await;
        }
    });
    let next = |mut receiver: Receiver<Piece>| async move {
        let piece = receiver.recv().await?;
        Some((piece, receiver))
    };
    DocumentBody {
        content_type,
        content: Box::pin(stream::unfold(receiver, next)),
    }
}

/// Reads to the end. A reader who went away is no failure: the call then counts as cancelled.
async fn carry(arriving: Arriving, sender: &Sender<Piece>) -> Result<(), Fault> {
    let Arriving {
        mut response,
        pass,
        mut record,
        limit,
        deadline,
    } = arriving;
    let mut bytes = 0;
    let ended: Result<(), Fault> = loop {
        let next = async { pass_on(&mut response, sender, &mut bytes, limit).await };
        let late = || Fault::new(ErrorKind::Timeout, "the body did not end in time");
        let step = tokio::select! {
            biased;
            () = sender.closed() => return Ok(()),
            step = timeout_at(deadline, next) => step.unwrap_or_else(|_| Err(late())),
        };
        match step {
            Ok(true) if deadline <= Instant::now() => break Err(late()),
            Ok(true) => {}
            Ok(false) => break Ok(()),
            Err(fault) => break Err(fault),
        }
    };
    record.bytes(bytes);
    record.finish(ended.as_ref().err());
    drop(pass);
    ended
}

/// Passes one piece on; false at the end.
async fn pass_on(
    response: &mut reqwest::Response,
    sender: &Sender<Piece>,
    bytes: &mut usize,
    limit: usize,
) -> Result<bool, Fault> {
    let Some(chunk) = response.chunk().await.map_err(|error| Fault::from_http(&error))? else {
        return Ok(false);
    };
    *bytes += chunk.len();
    if *bytes > limit {
        return Err(too_large(limit));
    }
    // Fails only when the reader has gone, which the caller sees at once.
    let _ = sender.send(Ok(chunk.to_vec())).await;
    Ok(true)
}
