//! The parts of a response that are plain JSON: texts, paths and error entries.

use std::io::Write as _;

use skuery_schema::error::FieldError;

/// An error with its place in the response and in the document.
pub(crate) struct Recorded {
    pub(crate) error: FieldError,
    pub(crate) path: Box<[u8]>,
    pub(crate) location: (usize, usize),
}

impl Recorded {
    pub(crate) fn new(error: FieldError, path: Box<[u8]>, location: (usize, usize)) -> Self {
        Self {
            error,
            path,
            location,
        }
    }
}

/// Text without anything to escape is copied; the rest goes through serde_json.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    // Without an early end the compiler checks many bytes at once.
    let special = text.bytes().fold(false, |special, byte| {
        special | (byte < 0x20) | (byte == b'"') | (byte == b'\\')
    });
    if !special {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        // Writing to a vector cannot fail.
        let _ = serde_json::to_writer(out, text);
    }
}

/// An entry of `errors`.
pub(crate) fn write_error(out: &mut Vec<u8>, recorded: &Recorded) {
    let Recorded {
        error,
        path,
        location: (line, column),
    } = recorded;
    out.extend_from_slice(b"{\"message\":");
    write_text(out, &error.message);
    let _ = write!(
        out,
        ",\"locations\":[{{\"line\":{line},\"column\":{column}}}],\"path\":"
    );
    out.extend_from_slice(path);
    let _ = write!(out, ",\"extensions\":{{\"code\":\"{}\"", error.code.as_str());
    if let Some(system) = &error.system {
        out.extend_from_slice(b",\"system\":");
        write_text(out, system);
    }
    let _ = write!(out, ",\"retryable\":{}}}}}", error.retryable);
}

/// One step of a response path.
pub(crate) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// A response path as JSON.
pub(crate) fn write_path(path: &[Step<'_>]) -> Box<[u8]> {
    let mut json = vec![b'['];
    for (index, step) in path.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        // Writing to a vector cannot fail.
        let _ = match step {
            Step::Key(key) => write!(json, "\"{key}\""),
            Step::Index(index) => write!(json, "{index}"),
        };
    }
    json.push(b']');
    json.into()
}
