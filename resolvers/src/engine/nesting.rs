//! One look at the raw document before any parser sees it: how deeply its brackets nest.
//!
//! async-graphql's parser bounds nested selections but recurses without a bound over nested literals: 3 KB of `[` in an
//! argument overflow the stack and end the process.

/// More than any real document; introspection by the usual clients takes about 15.
const DEPTH: usize = 64;

/// Whether brackets of any kind nest deeper than allowed, outside strings and comments.
pub(crate) fn too_deep(document: &str) -> bool {
    let mut rest = document.as_bytes();
    let mut depth = 0_usize;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                if depth > DEPTH {
                    return true;
                }
                tail
            }
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                tail
            }
            b'#' => after_comment(tail),
            b'"' => match tail.strip_prefix(b"\"\"") {
                Some(block) => after_block(block),
                None => after_string(tail),
            },
            _ => tail,
        };
    }
    false
}

fn after_comment(rest: &[u8]) -> &[u8] {
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
        .unwrap_or(rest.len());
    &rest[end..]
}

/// A string ends at its quote, or, when it is malformed, at the end of its line.
fn after_string(mut rest: &[u8]) -> &[u8] {
    while let Some((&byte, tail)) = rest.split_first() {
        rest = match byte {
            b'\\' => tail.get(1..).unwrap_or(&[]),
            b'"' | b'\n' | b'\r' => return tail,
            _ => tail,
        };
    }
    rest
}

fn after_block(mut rest: &[u8]) -> &[u8] {
    while !rest.is_empty() {
        if let Some(escaped) = rest.strip_prefix(b"\\\"\"\"") {
            rest = escaped;
        } else if let Some(after) = rest.strip_prefix(b"\"\"\"") {
            return after;
        } else {
            rest = &rest[1..];
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_brackets_count() {
        let nested = |depth: usize| format!("{{ a(x: {}{}) }}", "[".repeat(depth), "]".repeat(depth));
        assert!(!too_deep(&nested(DEPTH - 2)));
        assert!(too_deep(&nested(DEPTH - 1)));
        let brackets = "[".repeat(500);
        assert!(!too_deep(&format!("{{ a(x: \"{brackets}\") }} # {brackets}")));
        assert!(!too_deep(&format!(
            "{{ a(x: \"\"\"{brackets} \\\"\"\" {brackets}\"\"\") }}"
        )));
        assert!(!too_deep(&format!("{{ a(x: \"\\\"{brackets}\") }}")));
        assert!(
            too_deep(&format!("{{ a(x: \"\") }} {brackets}")),
            "an empty string is no block string"
        );
    }

    #[test]
    fn a_bracket_cannot_hide_behind_a_broken_string() {
        let brackets = "[".repeat(500);
        assert!(too_deep(&format!("{{ a(x: \"\n{brackets}")));
        assert!(too_deep(&brackets.replace('[', "{a:")));
    }
}
