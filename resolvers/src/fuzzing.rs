//! Doors to what fuzz targets try and nothing else may use: only with the feature `fuzzing`.

use crate::commerce::{cursor, orders};

/// The cursors of pages, as the gateway signs and reads them.
pub struct Cursors(cursor::Cursors);

impl Cursors {
    /// Signs with this secret.
    pub fn new(secret: &[u8]) -> Self {
        Self(cursor::Cursors::new(secret))
    }

    /// The cursor of a position.
    pub fn encode(&self, question: &str, position: usize) -> String {
        self.0.encode(question, position)
    }

    /// The position of a cursor, if it is a good one.
    pub fn decode(&self, question: &str, cursor: &str) -> Option<usize> {
        self.0.decode(question, cursor)
    }

    /// A cursor with content.
    pub fn seal(&self, question: &str, content: &[u8]) -> String {
        self.0.seal(question, content)
    }

    /// The content of a cursor, if it is a good one.
    pub fn open(&self, question: &str, cursor: &str) -> Option<Vec<u8>> {
        self.0.open(question, cursor)
    }
}

/// Reads the content of an order's cursor and writes it anew; `None` where it is none.
pub fn rewrite_order_mark(content: &[u8]) -> Option<Vec<u8>> {
    orders::cursor::Mark::read(content).map(|mark| mark.write())
}
