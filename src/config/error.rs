//! What is wrong with a configuration file, with file, line and key.

use std::fmt;

/// A configuration that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError {
    file: String,
    line: Option<usize>,
    problem: String,
}

impl ConfigError {
    /// A problem whose text names its own place.
    pub(super) fn plain(file: &str, problem: String) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            problem,
        }
    }

    /// A problem that the parser met.
    pub(super) fn on_line(file: &str, line: Option<usize>, problem: String) -> Self {
        Self {
            file: file.to_owned(),
            line,
            problem,
        }
    }

    /// A problem of the value at a key path such as `channels.web.currency`.
    pub(super) fn at(file: &str, text: &str, path: &str, problem: impl fmt::Display) -> Self {
        Self {
            file: file.to_owned(),
            line: line_of(text, path),
            problem: format!("{path}: {problem}"),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.problem),
            None => write!(f, "{}: {}", self.file, self.problem),
        }
    }
}

impl std::error::Error for ConfigError {}

/// The line of a key path, or of its longest part that stands in the text. Block style is followed by indentation.
fn line_of(text: &str, path: &str) -> Option<usize> {
    let lines: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !is_blank(line))
        .map(|(number, line)| (number + 1, line))
        .collect();
    let mut section = lines.as_slice();
    let mut found = None;
    for segment in path.split('.') {
        let indent = indent_of(section.first()?.1);
        let Some(at) = section
            .iter()
            .position(|(_, line)| indent_of(line) == indent && key_of(line) == Some(segment))
        else {
            return found;
        };
        found = Some(section[at].0);
        let inside = section[at + 1..]
            .iter()
            .take_while(|(_, line)| indent_of(line) > indent)
            .count();
        section = &section[at + 1..][..inside];
        if section.is_empty() {
            return found;
        }
    }
    found
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.trim_start().split_once(':')?;
    Some(key.trim_matches(|c| matches!(c, '"' | '\'' | ' ')))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a:\n  b: 1\n  # c\n  c:\n    b: 2\nb: 3\nz: { y: 1 }\n";

    #[test]
    fn the_line_of_a_key_is_found_by_its_path() {
        assert_eq!(line_of(TEXT, "a.b"), Some(2));
        assert_eq!(line_of(TEXT, "a.c.b"), Some(5));
        assert_eq!(line_of(TEXT, "b"), Some(6));
        assert_eq!(
            line_of(TEXT, "a.c.nothing"),
            Some(4),
            "the longest part that is there"
        );
        assert_eq!(line_of(TEXT, "z.y"), Some(7), "flow style is one line");
        assert_eq!(line_of(TEXT, "nothing"), None);
    }
}
