//! Paths into an answer: names and list positions with dots between, compiled once, followed without copying.

use serde_json::Value as Json;

use crate::connector::node::{Found, Node};

/// A compiled path. The empty path is the whole value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A member; a number is also a position in a list.
    Name(String),
    /// Every element of a list.
    Every,
}

impl Path {
    /// Reads `_links.next.href`, `prices.0.amount`, `lines.*.sku`, `"name with a . dot".x`.
    pub(crate) fn new(source: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = source;
        while !rest.is_empty() {
            let (step, after) = match rest.strip_prefix('"') {
                Some(quoted) => {
                    let Some((name, after)) = quoted.split_once('"') else {
                        return Err(format!("`{source}` has an open quote"));
                    };
                    (Step::Name(name.to_owned()), after)
                }
                None => {
                    let end = rest.find('.').unwrap_or(rest.len());
                    let (name, after) = rest.split_at(end);
                    (plain_step(name, source)?, after)
                }
            };
            steps.push(step);
            rest = match after.strip_prefix('.') {
                Some("") => return Err(format!("`{source}` ends in a dot")),
                Some(more) => more,
                None if after.is_empty() => after,
                None => return Err(format!("`{source}` lacks a dot after a quote")),
            };
        }
        Ok(Self(steps))
    }

    /// The value there; `None` where a step is missing. Null is a value here.
    pub(crate) fn find<'a>(&self, value: impl Into<Node<'a>>) -> Option<Found<'a>> {
        follow(&self.0, value.into())
    }
}

fn plain_step(name: &str, source: &str) -> Result<Step, String> {
    match name {
        "" => Err(format!("`{source}` has two dots in a row")),
        "*" => Ok(Step::Every),
        name => Ok(Step::Name(name.to_owned())),
    }
}

fn follow<'a>(steps: &[Step], value: Node<'a>) -> Option<Found<'a>> {
    let mut at = value;
    for (index, step) in steps.iter().enumerate() {
        match step {
            Step::Name(name) => {
                at = match at.get(name) {
                    Some(member) => member,
                    None => at.items()?.nth(name.parse().ok()?)?,
                };
            }
            Step::Every => {
                let rest = &steps[index + 1..];
                let found = at
                    .items()?
                    .filter_map(|item| follow(rest, item))
                    .map(|found| found.node().to_json())
                    .collect();
                return Some(Found::made(Json::Array(found)));
            }
        }
    }
    Some(Found::At(at))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(path: &str, expected: Option<Json>) {
        let answer = json!({
            "a": {"b": [{"c": 1}, {"c": 2}, {}]},
            "uom.": {"symbol": "u"},
        });
        let path = Path::new(path).expect("a path");
        assert_eq!(path.find(&answer).map(|found| found.node().to_json()), expected);
    }

    #[test]
    fn paths_find_members_positions_and_every_element() {
        check("a.b.1.c", Some(json!(2)));
        check("a.b.*.c", Some(json!([1, 2])));
        check("\"uom.\".symbol", Some(json!("u")));
        check("a.x", None);
        check("a.b.9", None);
        check("a.b.c", None);
    }

    #[test]
    fn broken_paths_are_refused() {
        for path in ["a..b", "a.", "\"a", "\"a\"b"] {
            assert!(Path::new(path).is_err(), "{path}");
        }
    }
}
