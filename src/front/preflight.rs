//! Cross-site request forgery: only requests are answered that a browser would have asked leave for, before it sends
//! them for a page of another site (<https://www.apollographql.com/docs/graphos/routing/security/csrf>), or of which a
//! browser says that they are from no such page.

use axum::http::{HeaderMap, HeaderValue, header};

/// Any page may send these without asking (<https://fetch.spec.whatwg.org/#cors-safelisted-request-header>).
const SIMPLE_TYPES: [&str; 3] = [
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
];

/// No page may send these without asking; clients send them for this.
const HEADERS: [&str; 2] = ["apollo-require-preflight", "x-apollo-operation-name"];

/// What a request is told that could have been sent without asking.
pub(super) const NEEDED: &str = "a page of another site could have sent this unasked: send a content-type such as application/json, or a non-empty Apollo-Require-Preflight or X-Apollo-Operation-Name header";

/// Whether no page of another site can have it sent unasked.
pub(super) fn is_safe(headers: &HeaderMap) -> bool {
    is_forced(headers) || is_own(headers)
}

/// Whether a browser sends it for a page of this origin, which is all that an `EventSource` can say. No page can set this
/// header (<https://fetch.spec.whatwg.org/#forbidden-request-header>), and it tells of the whole way through redirects
/// (<https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header>).
fn is_own(headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").iter();
    matches!((sites.next(), sites.next()), (Some(site), None) if site == "same-origin")
}

/// Whether a browser asks leave for it before it sends it for a page of another site.
fn is_forced(headers: &HeaderMap) -> bool {
    let says_something = |value: &HeaderValue| !value.is_empty();
    if HEADERS
        .iter()
        .any(|name| headers.get_all(*name).iter().any(says_something))
    {
        return true;
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    match (types.next(), types.next()) {
        (Some(only), None) => !is_simple(only),
        _ => false,
    }
}

/// What cannot be read as a media type is none of these, for browsers as well.
fn is_simple(content_type: &HeaderValue) -> bool {
    let text = String::from_utf8_lossy(content_type.as_bytes());
    let essence = text.split(';').next().unwrap_or_default().trim();
    // A list could be read as its first or as its last entry.
    let mut entries = essence.split(',').map(str::trim);
    essence.is_empty()
        || entries.any(|entry| {
            SIMPLE_TYPES
                .iter()
                .any(|simple| entry.eq_ignore_ascii_case(simple))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forced(lines: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        is_forced(&headers)
    }

    #[test]
    fn only_what_a_browser_says_is_from_a_page_of_this_origin_is_its_own() {
        let own = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for site in lines {
                headers.append("sec-fetch-site", HeaderValue::from_static(site));
            }
            is_safe(&headers)
        };
        assert!(own(&["same-origin"]));
        for sites in [
            &[][..],
            &[""],
            &["none"],
            &["same-site"],
            &["cross-site"],
            &["same-origin, cross-site"],
            &["same-origin", "cross-site"],
            &["same-origin", "same-origin"],
        ] {
            assert!(!own(sites), "{sites:?}");
        }
    }

    #[test]
    fn what_any_page_can_send_unasked_is_not_forced() {
        for lines in [
            &[][..],
            &[("content-type", "")],
            &[("content-type", "text/plain")],
            &[("content-type", "Text/Plain; charset=utf-8")],
            &[("content-type", "application/x-www-form-urlencoded")],
            &[("content-type", "multipart/form-data; boundary=x")],
            &[("content-type", "text/plain; application/json")],
            &[("content-type", "text/plain, application/json")],
            &[
                ("content-type", "application/json"),
                ("content-type", "text/plain"),
            ],
            &[("apollo-require-preflight", "")],
            &[("x-apollo-operation-name", "")],
            &[("accept", "application/json"), ("x-other", "1")],
        ] {
            assert!(!forced(lines), "{lines:?}");
        }
        for lines in [
            &[("content-type", "application/json")][..],
            &[("content-type", "application/graphql")],
            &[("content-type", "no type")],
            &[("apollo-require-preflight", "1")],
            &[("x-apollo-operation-name", "A"), ("content-type", "text/plain")],
        ] {
            assert!(forced(lines), "{lines:?}");
        }
    }
}
