//! Lists of a request's headers whose entries have weights: `Accept` and `Accept-Encoding` (RFC 9110, section 12.4.2).

use axum::http::{HeaderMap, HeaderName};

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'h> {
    /// What is weighed, such as `text/html` or `gzip`.
    pub(super) name: &'h str,
    /// What stands between it and its weight, not yet read.
    parameters: &'h str,
    /// In thousandths.
    pub(super) weight: u16,
}

/// The weight of what is as welcome as can be.
pub(super) const FULL: u16 = 1_000;

/// All entries of all headers of this name; `None` where there is none, or nothing in it. What cannot be read is left
/// out.
pub(super) fn entries<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Vec<Entry<'h>>> {
    let lines = headers.get_all(name).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let parts: Vec<&str> = lines
        .flat_map(|line| outside_quotes(line, b','))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    (!parts.is_empty()).then(|| parts.into_iter().filter_map(Entry::read).collect())
}

impl<'h> Entry<'h> {
    fn read(text: &'h str) -> Option<Self> {
        let (name, parameters) = text.split_once(';').unwrap_or((text, ""));
        let entry = Self {
            name: name.trim(),
            parameters,
            weight: FULL,
        };
        match entry.parameter("q") {
            Some(weight) => Some(Self {
                weight: thousandths(weight)?,
                ..entry
            }),
            None => Some(entry),
        }
    }

    /// The value of a parameter, without quotation marks.
    pub(super) fn parameter(&self, name: &str) -> Option<&'h str> {
        parameter(self.parameters, name)
    }
}

/// The value of a parameter in a list such as `charset=utf-8; q="a"`, without quotation marks.
pub(super) fn parameter<'h>(parameters: &'h str, name: &str) -> Option<&'h str> {
    let mut all = outside_quotes(parameters, b';').filter_map(|part| part.split_once('='));
    let (_, value) = all.find(|(own, _)| own.trim().eq_ignore_ascii_case(name))?;
    let value = value.trim();
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Some(inner.unwrap_or(value))
}

/// `1`, `0.5`, `0.125`: at most three digits after the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let part: u16 = format!("{part:0<3}").parse().ok().filter(|_| are_digits)?;
    match (whole, part) {
        ("0", part) => Some(part),
        ("1", 0) => Some(FULL),
        _ => None,
    }
}

/// The parts of a text between separators that stand in no quotation.
fn outside_quotes(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut quoted, mut escaped) = (false, false);
        let end = text.bytes().position(|byte| {
            let was_escaped = std::mem::take(&mut escaped);
            match byte {
                b'\\' if quoted && !was_escaped => escaped = true,
                b'"' if !was_escaped => quoted = !quoted,
                _ => {}
            }
            byte == separator && !quoted
        });
        let Some(end) = end else {
            return rest.take();
        };
        rest = Some(&text[end + 1..]);
        Some(&text[..end])
    })
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};

    use super::*;

    fn read(lines: &[&'static str]) -> Option<Vec<(String, u16)>> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT, HeaderValue::from_static(line));
        }
        let entries = entries(&headers, &header::ACCEPT)?;
        Some(
            entries
                .into_iter()
                .map(|entry| (entry.name.to_owned(), entry.weight))
                .collect(),
        )
    }

    fn list(entries: &[(&str, u16)]) -> Option<Vec<(String, u16)>> {
        Some(
            entries
                .iter()
                .map(|(name, weight)| ((*name).to_owned(), *weight))
                .collect(),
        )
    }

    #[test]
    fn entries_of_all_lines_are_read_with_their_weights() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&["", " , "]), None);
        assert_eq!(
            read(&["a", "b;q=0.5,c"]),
            list(&[("a", 1000), ("b", 500), ("c", 1000)])
        );
        assert_eq!(
            read(&["a;q=0, b ; Q=1.000 ,c;q=0.125;x=1"]),
            list(&[("a", 0), ("b", 1000), ("c", 125)])
        );
        assert_eq!(
            read(&["a;b=\"x,y;q=0\";q=0.1, c;d=\"\\\",\""]),
            list(&[("a", 100), ("c", 1000)])
        );
    }

    #[test]
    fn entries_with_a_weight_that_is_none_are_left_out() {
        for wrong in ["2", "1.001", "0.1234", "-1", "0.-1", "x", "", ".5", "1e0"] {
            let line: &'static str = format!("a;q={wrong}, b").leak();
            assert_eq!(read(&[line]), list(&[("b", 1000)]), "{wrong}");
        }
    }
}
