//! How an answer leaves: its type, its coding, how long it may be kept, and whether the client has it already.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::media::Media;
use crate::front::coding::{self, Coding};

/// What changes an answer beside the URL. A cache that left `Authorization` out could serve what anybody is shown to who
/// has signed in.
const VARY: &str = "accept, accept-encoding, authorization, x-act-as, x-channel, x-skuery-explain";
/// The same, where a document's id means something else for each client.
const VARY_BY_CLIENT: &str = "accept, accept-encoding, authorization, x-act-as, x-channel, x-skuery-explain, apollographql-client-name";

/// Who may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Nobody.
    Never,
    /// Anybody, for so long; zero is only for who asks each time whether it still holds.
    Public(Duration),
}

/// An answer before it is written.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) media: Media,
    pub(super) body: Vec<u8>,
    pub(super) keep: Keep,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether a client that has it already need not be sent it again.
    pub(super) is_tagged: bool,
}

/// What a request says about how its answer is to leave.
pub(super) struct Wanted {
    coding: Option<Coding>,
    /// Of a GET.
    known_tags: Option<Vec<HeaderValue>>,
    by_client: bool,
}

impl Reply {
    /// A reply that nobody keeps.
    pub(super) fn new(status: StatusCode, media: Media, body: Vec<u8>) -> Self {
        Self {
            status,
            media,
            body,
            keep: Keep::Never,
            headers: Vec::new(),
            is_tagged: false,
        }
    }

    #[must_use]
    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Writes it for a client of which nothing is known.
    pub(super) fn plain(self) -> Response {
        let Self {
            status,
            media,
            body,
            keep,
            headers,
            ..
        } = self;
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let written = response.headers_mut();
        let content_type = HeaderValue::from_static(media.content_type());
        written.insert(header::CONTENT_TYPE, content_type);
        written.insert(header::CACHE_CONTROL, keep.header());
        written.insert(header::VARY, HeaderValue::from_static(VARY));
        // Where a browser opens the answer as a page, it is data all the same.
        written.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        written.extend(headers);
        response
    }
}

impl Keep {
    fn header(self) -> HeaderValue {
        match self {
            Self::Never => HeaderValue::from_static("private, no-store"),
            Self::Public(time) if time.as_secs() == 0 => HeaderValue::from_static("public, no-cache"),
            Self::Public(time) => {
                let value = format!("public, max-age={}", time.as_secs());
                HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("private, no-store"))
            }
        }
    }
}

impl Wanted {
    pub(super) fn of(method: &Method, headers: &HeaderMap, by_client: bool) -> Self {
        let is_get = matches!(*method, Method::GET | Method::HEAD);
        let tags = headers.get_all(header::IF_NONE_MATCH).iter().cloned();
        Self {
            coding: Coding::accepted(headers),
            known_tags: is_get.then(|| tags.collect()),
            by_client,
        }
    }

    pub(super) async fn write(self, mut reply: Reply) -> Response {
        let is_tagged = reply.is_tagged && self.known_tags.is_some();
        let hash = is_tagged.then(|| Sha256::digest(&reply.body));
        let body = std::mem::take(&mut reply.body);
        let (coding, body) = coding::coded(self.coding, body).await;
        let mut response = reply.plain();
        let headers = response.headers_mut();
        if self.by_client {
            headers.insert(header::VARY, HeaderValue::from_static(VARY_BY_CLIENT));
        }
        if let Some(hash) = hash {
            // Other bytes in each coding, so other tags (RFC 9110, section 8.8.3).
            let hash = URL_SAFE_NO_PAD.encode(&hash[..16]);
            let tag = match coding {
                Some(coding) => format!("\"{hash}-{}\"", coding.name()),
                None => format!("\"{hash}\""),
            };
            let is_known = self.known_tags.iter().flatten().any(|known| names(known, &tag));
            if let Ok(tag) = HeaderValue::try_from(tag) {
                headers.insert(header::ETAG, tag);
            }
            if is_known {
                headers.remove(header::CONTENT_TYPE);
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                return response;
            }
        }
        if let Some(coding) = coding {
            let name = HeaderValue::from_static(coding.name());
            headers.insert(header::CONTENT_ENCODING, name);
        }
        *response.body_mut() = Body::from(body);
        response
    }
}

/// Whether a list of `If-None-Match` names a tag. Weak ones count as well (RFC 9110, section 13.1.2). No tag of ours has
/// a comma.
fn names(list: &HeaderValue, tag: &str) -> bool {
    let Ok(list) = list.to_str() else { return false };
    let mut entries = list.split(',').map(str::trim);
    entries.any(|entry| entry == "*" || entry.strip_prefix("W/").unwrap_or(entry) == tag)
}
