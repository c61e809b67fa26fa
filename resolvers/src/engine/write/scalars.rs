//! How single values are written.

use jiff::Timestamp;

use crate::engine::json::write_text;
use crate::engine::write::Writer;

impl Writer<'_> {
    pub(super) fn text(&mut self, text: &str) {
        write_text(&mut self.out, text);
    }

    pub(super) fn json(&mut self, value: &serde_json::Value) {
        let start = self.out.len();
        if serde_json::to_writer(&mut self.out, value).is_err() {
            self.out.truncate(start);
            self.out.extend_from_slice(b"null");
        }
    }

    /// A value whose notation never needs escaping.
    pub(super) fn quoted(&mut self, value: impl FnOnce(&mut Vec<u8>)) {
        self.out.push(b'"');
        value(&mut self.out);
        self.out.push(b'"');
    }

    pub(super) fn instant(&mut self, instant: Timestamp) {
        let (last, text) = &mut self.instant;
        if *last != instant || text.is_empty() {
            *last = instant;
            *text = format!("\"{instant}\"").into_bytes();
        }
        self.out.extend_from_slice(text);
    }
}
