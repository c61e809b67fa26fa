//! Whether two contenders say the same: a figure for a wrong answer is worth nothing.

use serde_json::Value;

/// Where two answers differ first; ages are left out of it.
pub(crate) fn difference(one: &Value, other: &Value) -> Option<String> {
    differs(one, other, "")
}

fn differs(one: &Value, other: &Value, path: &str) -> Option<String> {
    match (one, other) {
        (Value::Object(fields), Value::Object(others)) => {
            if let Some(name) = others.keys().find(|name| !fields.contains_key(*name)) {
                return Some(format!("{path}.{name} is there once"));
            }
            fields
                .iter()
                .filter(|(name, _)| *name != "ageMs")
                .find_map(|(name, value)| match others.get(name) {
                    Some(other) => differs(value, other, &format!("{path}.{name}")),
                    None => Some(format!("{path}.{name} is there once")),
                })
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => items
            .iter()
            .zip(others)
            .enumerate()
            .find_map(|(at, (item, other))| differs(item, other, &format!("{path}[{at}]"))),
        _ if one == other => None,
        _ => Some(format!("{path}: {one} and {other}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::difference;

    #[test]
    fn ages_make_no_difference() {
        let one = json!({"a": [{"state": "LIVE", "ageMs": 1}]});
        let other = json!({"a": [{"ageMs": 7, "state": "LIVE"}]});
        assert_eq!(difference(&one, &other), None);
    }

    #[test]
    fn names_the_place_of_the_first_difference() {
        let one = json!({"a": [1, {"b": "2"}], "c": null});
        for (other, place) in [
            (
                json!({"a": [1, {"b": "3"}], "c": null}),
                ".a[1].b: \"2\" and \"3\"",
            ),
            (json!({"a": [1], "c": null}), ".a: [1,{\"b\":\"2\"}] and [1]"),
            (json!({"a": [1, {"b": "2"}]}), ".c is there once"),
            (
                json!({"a": [1, {"b": "2"}], "c": null, "d": 1}),
                ".d is there once",
            ),
        ] {
            assert_eq!(difference(&one, &other).as_deref(), Some(place));
        }
    }
}
