//! What a client takes as an answer, and what it sends: media types and their parameters.

use axum::http::{HeaderMap, header};

use crate::front::weighed::{self, Entry, FULL};

/// How a single response is written. This is the place where a client's `Accept` chooses the writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status says what became of the request.
    GraphqlResponse,
    /// `application/json`, for clients from before that type: 200 for whatever is a GraphQL request.
    Json,
}

impl Media {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// What a client takes.
pub(super) struct Accepted<'h>(Option<Vec<Entry<'h>>>);

/// How exactly an entry names a type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    Anything,
    AnyOf,
    Exactly,
}

impl<'h> Accepted<'h> {
    pub(super) fn of(headers: &'h HeaderMap) -> Self {
        Self(weighed::entries(headers, &header::ACCEPT))
    }

    /// How to write a single response; `None` when the client takes it in neither type. Wildcards mean
    /// `application/json`: who does not name the newer type may not know it.
    pub(super) fn single(&self) -> Option<Media> {
        let response = self.found("application", "graphql-response+json");
        let (_, json) = self.found("application", "json");
        match response {
            (Match::Exactly, weight) if weight > 0 && weight >= json => Some(Media::GraphqlResponse),
            _ if json > 0 => Some(Media::Json),
            (_, weight) => (weight > 0).then_some(Media::GraphqlResponse),
        }
    }

    /// How welcome `application/json` is, in thousandths.
    pub(super) fn json(&self) -> u16 {
        self.found("application", "json").1
    }

    /// The weight of the entry that names a type best.
    fn found(&self, kind: &str, subtype: &str) -> (Match, u16) {
        let Some(entries) = &self.0 else {
            return (Match::Anything, FULL);
        };
        let matches = entries.iter().filter_map(|entry| {
            // Everything here is UTF-8.
            let charset = entry.parameter("charset");
            if charset.is_some_and(|charset| !is_utf8(charset)) {
                return None;
            }
            let (own_kind, own_subtype) = entry.name.split_once('/')?;
            let exact = own_kind.eq_ignore_ascii_case(kind);
            let matched = match own_subtype {
                "*" if own_kind == "*" => Match::Anything,
                "*" if exact => Match::AnyOf,
                own if exact && own.eq_ignore_ascii_case(subtype) => Match::Exactly,
                _ => return None,
            };
            Some((matched, entry.weight))
        });
        matches.max().unwrap_or((Match::Anything, 0))
    }
}

fn is_utf8(charset: &str) -> bool {
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

/// Whether a body is JSON in UTF-8. Only JSON is taken: a form of another site cannot send it without asking first.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else {
        return false;
    };
    let Ok(text) = only.to_str() else { return false };
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let charset = weighed::parameter(parameters, "charset");
    essence.trim().eq_ignore_ascii_case("application/json") && charset.is_none_or(is_utf8)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_best_named_type_decides() {
        use Media::{GraphqlResponse, Json};
        for (accept, expected) in [
            ("", Some(Json)),
            ("*/*", Some(Json)),
            ("application/*", Some(Json)),
            ("application/json", Some(Json)),
            ("APPLICATION/JSON", Some(Json)),
            ("application/graphql-response+json", Some(GraphqlResponse)),
            (
                "application/graphql-response+json, application/json",
                Some(GraphqlResponse),
            ),
            (
                "application/json, application/graphql-response+json",
                Some(GraphqlResponse),
            ),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Some(GraphqlResponse),
            ),
            (
                "application/graphql-response+json;q=0.8, application/json",
                Some(Json),
            ),
            ("application/graphql-response+json;q=0.8, */*", Some(Json)),
            (
                "application/graphql-response+json;q=0.8, */*;q=0.1",
                Some(GraphqlResponse),
            ),
            ("application/graphql-response+json;q=0, */*", Some(Json)),
            ("application/json;q=0, */*", Some(GraphqlResponse)),
            ("application/json;q=0, application/*;q=0.3", Some(GraphqlResponse)),
            ("*/*;q=0, application/json;q=0.1", Some(Json)),
            ("application/json;q=0", None),
            ("*/*;q=0", None),
            ("text/html", None),
            ("text/*, image/png;q=0.5", None),
            ("application", None),
            ("application/json; charset=UTF-8", Some(Json)),
            ("application/json; charset=\"utf-8\"", Some(Json)),
            ("application/json; charset=iso-8859-1", None),
            (
                "application/graphql-response+json; charset=utf-16, application/json",
                Some(Json),
            ),
            ("text/html;v=\"a, application/json\"", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(Accepted::of(&headers).single(), expected, "{accept}");
        }
    }

    #[test]
    fn json_is_json_in_utf8_named_once() {
        let is = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::CONTENT_TYPE, HeaderValue::from_static(line));
            }
            is_json(&headers)
        };
        assert!(is(&["application/json"]) && is(&["Application/JSON ; Charset=\"UTF-8\""]));
        for wrong in [
            &[][..],
            &[""],
            &["text/plain"],
            &["application/jsonp"],
            &["application/graphql+json"],
            &["application/json; charset=latin1"],
            &["application/json", "application/json"],
            &["text/plain", "application/json"],
            &["text/plain, application/json"],
        ] {
            assert!(!is(wrong), "{wrong:?}");
        }
    }
}
