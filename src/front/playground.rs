//! The playground: GraphiQL as one page without any other file, embedded compressed.

use std::io::{Read, Write};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::{Front, weighed};

/// Built by `playground/build` from the npm package.
const PAGE: &[u8] = include_bytes!("../../playground/dist/playground.html.gz");
/// Stands once in the page, where the settings go.
const PLACEHOLDER: &str = "/*SKUERY_SETTINGS*/";

/// Where the page builds itself.
const ROOT: &str = "<div id=\"root\"></div>";
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// A query to start from.
#[derive(Clone, Debug, Serialize)]
pub struct Example {
    /// What it shows.
    pub name: &'static str,
    /// The document.
    pub query: &'static str,
    /// Variables as JSON.
    pub variables: &'static str,
}

#[derive(Serialize)]
struct Settings<'a> {
    title: &'a str,
    demo: bool,
    examples: &'a [Example],
}

/// The page with its settings, ready to send. Cheap to clone.
#[derive(Clone)]
pub struct Playground {
    plain: Bytes,
    gzip: Bytes,
    policy: HeaderValue,
}

impl Playground {
    /// Puts the settings into the page, and a notice below it.
    pub fn new(demo: bool, examples: &[Example], notice: Option<&str>) -> std::io::Result<Self> {
        let mut page = String::new();
        GzDecoder::new(PAGE).read_to_string(&mut page)?;
        let settings = serde_json::to_string(&Settings {
            title: "Skuery",
            demo,
            examples,
        })?;
        // Inside a script element only `<` could end it.
        let page = page.replacen(PLACEHOLDER, &settings.replace('<', "\\u003c"), 1);
        let page = match notice {
            Some(notice) => page.replacen(ROOT, &format!("{ROOT}{}", said(notice)), 1),
            None => page,
        };
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(page.as_bytes())?;
        Ok(Self {
            gzip: encoder.finish()?.into(),
            policy: policy(&page)?,
            plain: page.into(),
        })
    }
}

/// Text at the page's lower edge, in front of everything, read out when the page is opened.
fn said(notice: &str) -> String {
    let style = "position:fixed;z-index:9;right:0;bottom:0;left:0;margin:0;padding:6px 12px;text-align:center;font:14px/1.4 system-ui,sans-serif;color:#fff;background:#7a1f1f";
    let text = notice.replace('&', "&amp;").replace('<', "&lt;");
    format!("<p role=\"status\" style=\"{style}\">{text}</p>")
}

/// The page names its own script by hash in a `<meta>`; the header says the same, and what only a header can: that no
/// other page may show it in a frame, where its buttons could be pressed unseen.
fn policy(page: &str) -> std::io::Result<HeaderValue> {
    let begin = "http-equiv=\"Content-Security-Policy\" content=\"";
    let own = page.split_once(begin).and_then(|(_, rest)| rest.split_once('"'));
    let policy = own.map(|(policy, _)| format!("{policy}; frame-ancestors 'none'"));
    let policy = policy.and_then(|policy| HeaderValue::try_from(policy).ok());
    policy.ok_or_else(|| std::io::Error::other("the playground's page has no Content-Security-Policy"))
}

pub(super) async fn page(State(front): State<Arc<Front>>, headers: HeaderMap) -> Response {
    let Some(playground) = &front.playground else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let encodings = weighed::entries(&headers, &header::ACCEPT_ENCODING).unwrap_or_default();
    let gzip = encodings
        .iter()
        .any(|entry| entry.name.eq_ignore_ascii_case("gzip") && entry.weight > 0);
    let body = if gzip {
        playground.gzip.clone()
    } else {
        playground.plain.clone()
    };
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    const HEADERS: [(HeaderName, &str); 6] = [
        (header::VARY, "accept-encoding"),
        // It changes with the configuration, and holds nothing secret.
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // For browsers that do not know `frame-ancestors`.
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    ];
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, playground.policy.clone());
    if gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
