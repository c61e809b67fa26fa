//! Events as `text/event-stream`.

pub(super) const MEDIA: &str = "text/event-stream; charset=utf-8";
/// A comment, so that the client knows at once that it is heard.
pub(super) const OPENING: &[u8] = b":\n\n";
pub(super) const HEARTBEAT: &[u8] = b":\n\n";
/// With empty data: an `EventSource` passes over events that have none.
pub(super) const COMPLETE: &[u8] = b"event: complete\ndata: \n\n";

pub(super) fn next(body: &[u8]) -> Vec<u8> {
    let mut event = b"event: next\ndata: ".to_vec();
    // In JSON a line can only end between tokens, where a space does as well.
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    event.extend(body.iter().map(|byte| if is_end(byte) { b' ' } else { *byte }));
    event.extend_from_slice(b"\n\n");
    event
}
