//! The playground: GraphiQL as one page without any other file, embedded compressed.

use std::io::{Read, Write};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::Front;

/// Built by `playground/build` from the npm package.
const PAGE: &[u8] = include_bytes!("../../playground/dist/playground.html.gz");
/// Stands once in the page, where the settings go.
const PLACEHOLDER: &str = "/*SKUERY_SETTINGS*/";

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
}

impl Playground {
    /// Puts the settings into the page.
    pub fn new(demo: bool, examples: &[Example]) -> std::io::Result<Self> {
        let mut page = String::new();
        GzDecoder::new(PAGE).read_to_string(&mut page)?;
        let settings = serde_json::to_string(&Settings {
            title: "Skuery",
            demo,
            examples,
        })?;
        // Inside a script element only `<` could end it.
        let page = page.replacen(PLACEHOLDER, &settings.replace('<', "\\u003c"), 1);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(page.as_bytes())?;
        Ok(Self {
            gzip: encoder.finish()?.into(),
            plain: page.into(),
        })
    }
}

pub(super) async fn page(State(front): State<Arc<Front>>, headers: HeaderMap) -> Response {
    let encodings = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let gzip = encodings.split(',').any(takes_gzip);
    let body = if gzip {
        front.playground.gzip.clone()
    } else {
        front.playground.plain.clone()
    };
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// Whether one entry of `Accept-Encoding` names gzip and does not refuse it by `q=0`.
fn takes_gzip(entry: &str) -> bool {
    let mut parts = entry.split(';').map(str::trim);
    let named = parts
        .next()
        .is_some_and(|coding| coding.eq_ignore_ascii_case("gzip"));
    let refused = parts
        .filter_map(|parameter| parameter.strip_prefix("q="))
        .any(|weight| weight.trim_end_matches(['0', '.']).is_empty());
    named && !refused
}
