//! From bytes to JSON: what is not plainly a JSON answer is refused here, before anything is read out of it.

use crate::connector::document::Document;
use crate::door::Reply;
use crate::door::fault::Fault;

/// The answer's JSON. A login page, a cut-off body, a byte order mark or too deep nesting are no answers.
pub(crate) fn json(reply: Reply) -> Result<Document, Fault> {
    if let Some(media_type) = &reply.content_type
        && !is_json(media_type)
    {
        return Err(Fault::invalid_answer("the answer's media type is not JSON"));
    }
    let body = String::from_utf8(reply.body).map_err(|_| not_json())?;
    Document::new(body).or_else(|body| lenient(&body))
}

fn not_json() -> Fault {
    Fault::invalid_answer("the answer is not JSON")
}

fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type == "text/json" || media_type.ends_with("+json")
}

/// Some servers write `NaN` and `Infinity`. Such a number must fail its own key only, so it becomes a text, which no
/// number can be read from.
fn lenient(body: &str) -> Result<Document, Fault> {
    if !body.contains("NaN") && !body.contains("Infinity") {
        return Err(not_json());
    }
    Document::new(quote_odd_numbers(body)).map_err(|_| not_json())
}

fn quote_odd_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut in_text = false;
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let odd = ["NaN", "-Infinity", "Infinity"]
            .into_iter()
            .find(|word| !in_text && rest.starts_with(word));
        let taken = match odd {
            Some(word) => {
                out.push_str(&format!("\"{word}\""));
                word.len()
            }
            None if in_text && next == '\\' => {
                let pair: usize = rest.chars().take(2).map(char::len_utf8).sum();
                out.push_str(&rest[..pair]);
                pair
            }
            None => {
                in_text ^= next == '"';
                out.push(next);
                next.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn check(content_type: Option<&str>, body: &str) -> Option<Json> {
        let reply = Reply {
            status: http::StatusCode::OK,
            content_type: content_type.map(str::to_owned),
            body: body.as_bytes().to_vec(),
        };
        json(reply).ok().map(|answer| answer.root().to_json())
    }

    #[test]
    fn only_json_is_an_answer() {
        assert_eq!(check(Some("application/hal+json"), "[1]"), Some(json!([1])));
        assert_eq!(check(None, "[1]"), Some(json!([1])));
        assert_eq!(check(Some("text/html"), "[1]"), None);
        assert_eq!(check(Some("application/json"), "<html>"), None);
        assert_eq!(check(Some("application/json"), "\u{feff}[1]"), None);
        assert_eq!(check(Some("application/json"), "[1, 2"), None);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(check(Some("application/json"), &deep), None);
    }

    #[test]
    fn odd_numbers_become_texts_outside_texts_only() {
        let body = r#"[NaN, -Infinity, "NaN \" Infinity", Infinity]"#;
        assert_eq!(
            check(None, body),
            Some(json!(["NaN", "-Infinity", "NaN \" Infinity", "Infinity"]))
        );
    }
}
