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
    if is_plain(text.as_bytes()) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        // Writing to a vector cannot fail.
        let _ = serde_json::to_writer(out, text);
    }
}

/// Whether nothing has to be escaped: no control character, quote or backslash. Eight bytes at a time, the last eight
/// perhaps overlapping those before.
fn is_plain(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk() else {
        return !text
            .iter()
            .any(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\');
    };
    let (words, _) = text.as_chunks();
    let special = words
        .iter()
        .fold(special(*last), |found, word| found | special(*word));
    special == 0
}

/// Not 0 where any of eight bytes has to be escaped.
fn special(bytes: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const TOPS: u64 = u64::from_ne_bytes([0x80; 8]);
    // The lowest byte that is less than another has its top bit set, and none below it: a borrow only goes upwards.
    let below = |bytes: u64, other: u8| bytes.wrapping_sub(ONES * u64::from(other)) & !bytes & TOPS;
    let equal = |bytes: u64, other: u8| below(bytes ^ (ONES * u64::from(other)), 1);
    let bytes = u64::from_le_bytes(bytes);
    below(bytes, 0x20) | equal(bytes, b'"') | equal(bytes, b'\\')
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

/// Where in the response a value stands. Lives as long as the value is being written, so that no path is kept until an
/// error needs one.
#[derive(Clone, Copy)]
pub(crate) enum Place<'p> {
    /// At `data`.
    Root,
    /// Under a response key.
    Key(&'p Place<'p>, &'p str),
    /// In a list.
    Index(&'p Place<'p>, usize),
}

/// A response path as JSON.
pub(crate) fn write_path(place: &Place<'_>) -> Box<[u8]> {
    let mut json = Vec::new();
    write_steps(&mut json, place);
    if json.is_empty() {
        json.push(b'[');
    }
    json.push(b']');
    json.into()
}

fn write_steps(json: &mut Vec<u8>, place: &Place<'_>) {
    let (Place::Key(above, _) | Place::Index(above, _)) = place else {
        return;
    };
    write_steps(json, above);
    json.push(if json.is_empty() { b'[' } else { b',' });
    // Writing to a vector cannot fail.
    let _ = match place {
        Place::Root => Ok(()),
        Place::Key(_, key) => write!(json, "\"{key}\""),
        Place::Index(_, index) => write!(json, "{index}"),
    };
}

/// What stands before a field's value: `{"name":` of the first, `,"name":` of the others.
///
/// A short one is copied together with what follows it in its array: a copy of a fixed size takes no call.
pub(crate) struct Opening {
    short: [u8; SHORT],
    len: usize,
    pub(crate) long: Option<Box<[u8]>>,
}

const SHORT: usize = 32;

impl Opening {
    pub(crate) fn new(key: &str, is_first: bool) -> Self {
        let text = format!("{}\"{key}\":", if is_first { '{' } else { ',' });
        let mut short = [0; SHORT];
        match short.get_mut(..text.len()) {
            Some(start) => {
                start.copy_from_slice(text.as_bytes());
                Self {
                    short,
                    len: text.len(),
                    long: None,
                }
            }
            None => Self {
                short,
                len: 0,
                long: Some(text.into_bytes().into()),
            },
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.len;
        out.extend_from_slice(&self.short);
        out.truncate(end);
        if let Some(long) = &self.long {
            out.extend_from_slice(long);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_written_as_serde_json_writes_them(text in "(?s)[ -~]{0,20}.{0,3}[ -~]{0,20}") {
            let mut out = Vec::new();
            write_text(&mut out, &text);
            prop_assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&text).unwrap());
        }
    }
}
