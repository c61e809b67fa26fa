//! The body of an answer as a client takes it: in pieces where HTTP/2 would take it whole, and watched.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::activity::Running;

/// hyper gives h2 as much as one frame of a body holds, even where the client takes one byte: a client that takes nothing
/// would have whole answers kept for it, and nothing would show that it does not come for them.
const PIECE: usize = 64 * 1024;

pub(super) struct Answer {
    inner: Body,
    /// Of a frame that is longer than a piece.
    left: Bytes,
    is_cut: bool,
    running: Running,
}

impl Answer {
    /// The body of a running request; `is_cut` when it is to be given in pieces.
    pub(super) fn new(inner: Body, running: Running, is_cut: bool) -> Self {
        let mut answer = Self {
            inner,
            left: Bytes::new(),
            is_cut,
            running,
        };
        if answer.is_end_stream() {
            answer.running.finish();
        }
        answer
    }

    fn piece(&mut self, mut data: Bytes) -> Frame<Bytes> {
        if self.is_cut && data.len() > PIECE {
            self.left = data.split_off(PIECE);
        }
        Frame::data(data)
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        this.running.asked();
        let frame = if this.left.is_empty() {
            match ready!(Pin::new(&mut this.inner).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => this.piece(data),
                    Err(trailers) => trailers,
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => {
                    this.running.finish();
                    return Poll::Ready(None);
                }
            }
        } else {
            let left = std::mem::take(&mut this.left);
            this.piece(left)
        };
        match this.is_end_stream() {
            true => this.running.finish(),
            false => this.running.given(),
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.left.len() as u64;
        let inner = self.inner.size_hint();
        let mut hint = SizeHint::new();
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + left);
        }
        hint.set_lower(inner.lower() + left);
        hint
    }
}
