//! Content codings: gzip, br and zstd, of answers and of requests.

use std::io::{self, Read};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use flate2::Compression;
use flate2::read::{GzEncoder, MultiGzDecoder};

use super::weighed::{self, FULL};

/// What a request's body may be coded with, as refusals tell it.
pub(super) const KNOWN: HeaderValue = HeaderValue::from_static("zstd, br, gzip");

/// Shorter answers are sent as they are: coding them costs more than it saves.
const WORTH_CODING: usize = 1_024;
/// From here on coding takes long enough to be done beside the tasks that serve.
const LONG: usize = 128 * 1_024;

/// How much work is put into an answer that is sent once.
const BROTLI_QUALITY: i32 = 4;
const BROTLI_WINDOW: i32 = 20;
const ZSTD_LEVEL: i32 = 3;
/// The largest window of a request in zstd, as for browsers (RFC 9659): 8 MiB.
const ZSTD_WINDOW_LOG: u32 = 23;
const BUFFER: usize = 16 * 1_024;

/// A coding that is spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Zstd,
    Brotli,
    Gzip,
}

/// Why a request's body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is in a coding that is not spoken here.
    Unknown,
    /// It is longer than allowed once it is decoded.
    TooLong,
    /// It is not in the coding it says.
    Broken,
}

impl Coding {
    /// The best first.
    const ALL: [Self; 3] = [Self::Zstd, Self::Brotli, Self::Gzip];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    fn is_named(self, name: &str) -> bool {
        name.eq_ignore_ascii_case(self.name()) || (self == Self::Gzip && name.eq_ignore_ascii_case("x-gzip"))
    }

    /// What the client likes best; `None` is the body as it is.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let entries = weighed::entries(headers, &header::ACCEPT_ENCODING)?;
        let weight_of = |is_it: &dyn Fn(&str) -> bool| {
            let named = entries.iter().find(|entry| is_it(entry.name));
            named.map(|entry| entry.weight)
        };
        let any = weight_of(&|name| name == "*").unwrap_or(0);
        // Where it is not named, it is there for who takes nothing else.
        let plain = weight_of(&|name| name.eq_ignore_ascii_case("identity")).unwrap_or(0);
        let mut best = (None, plain.max(1));
        for coding in Self::ALL {
            let weight = weight_of(&|name| coding.is_named(name)).unwrap_or(any);
            let is_better = match best.0 {
                Some(_) => weight > best.1,
                None => weight >= best.1,
            };
            if is_better {
                best = (Some(coding), weight.min(FULL));
            }
        }
        best.0
    }

    fn encode(self, body: &[u8]) -> io::Result<Vec<u8>> {
        let mut coded = Vec::with_capacity(body.len() / 4);
        match self {
            Self::Gzip => {
                GzEncoder::new(body, Compression::default()).read_to_end(&mut coded)?;
            }
            Self::Brotli => {
                let parameters = brotli::enc::BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    lgwin: BROTLI_WINDOW,
                    size_hint: body.len(),
                    ..Default::default()
                };
                brotli::BrotliCompress(&mut &*body, &mut coded, &parameters)?;
            }
            Self::Zstd => coded = zstd::bulk::compress(body, ZSTD_LEVEL)?,
        }
        Ok(coded)
    }
}

/// An answer in a coding, where that is worth it.
pub(super) async fn coded(coding: Option<Coding>, body: Vec<u8>) -> (Option<Coding>, Bytes) {
    let body = Bytes::from(body);
    let Some(coding) = coding.filter(|_| body.len() >= WORTH_CODING) else {
        return (None, body);
    };
    let coded = match body.len() < LONG {
        true => coding.encode(&body),
        false => {
            let body = body.clone();
            let task = tokio::task::spawn_blocking(move || coding.encode(&body));
            task.await.unwrap_or_else(|error| Err(io::Error::other(error)))
        }
    };
    match coded {
        Ok(coded) => (Some(coding), coded.into()),
        Err(error) => {
            tracing::error!(%error, coding = coding.name(), "an answer could not be coded and is sent as it is");
            (None, body)
        }
    }
}

/// A request's body as it was before it was coded, of at most `limit` bytes. One that is longer is given up where it
/// passes the limit.
pub(super) fn decoded(headers: &HeaderMap, body: &[u8], limit: usize) -> Result<Option<Vec<u8>>, Unreadable> {
    let mut named = headers.get_all(header::CONTENT_ENCODING).iter();
    let (Some(name), None) = (named.next(), named.next()) else {
        let is_plain = !headers.contains_key(header::CONTENT_ENCODING);
        return is_plain.then_some(None).ok_or(Unreadable::Unknown);
    };
    let name = name.to_str().map_err(|_| Unreadable::Unknown)?.trim();
    if name.eq_ignore_ascii_case("identity") {
        return Ok(None);
    }
    let coding = Coding::ALL.into_iter().find(|coding| coding.is_named(name));
    let read = match coding.ok_or(Unreadable::Unknown)? {
        Coding::Gzip => bounded(MultiGzDecoder::new(body), limit),
        Coding::Brotli => bounded(brotli::Decompressor::new(body, BUFFER), limit),
        Coding::Zstd => zstd::stream::read::Decoder::with_buffer(body).and_then(|mut decoder| {
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            bounded(decoder, limit)
        }),
    };
    let read = read.map_err(|_| Unreadable::Broken)?;
    match read.len() > limit {
        true => Err(Unreadable::TooLong),
        false => Ok(Some(read)),
    }
}

/// All of it, or one byte more than the limit.
fn bounded(decoder: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut read)?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name.clone(), HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn the_coding_that_is_liked_best_is_chosen() {
        for (accept, expected) in [
            (&[][..], None),
            (&[""], None),
            (&["identity"], None),
            (&["deflate"], None),
            (&["gzip"], Some(Coding::Gzip)),
            (&["X-GZIP"], Some(Coding::Gzip)),
            (&["gzip, deflate, br"], Some(Coding::Brotli)),
            (&["gzip, deflate, br, zstd"], Some(Coding::Zstd)),
            (&["gzip", "br"], Some(Coding::Brotli)),
            (&["gzip;q=1.0, br;q=0.9"], Some(Coding::Gzip)),
            (&["*"], Some(Coding::Zstd)),
            (&["*;q=0.1, zstd;q=0"], Some(Coding::Brotli)),
            (&["gzip;q=0"], None),
            (&["*;q=0"], None),
            (&["identity;q=0.5, gzip;q=0.5"], Some(Coding::Gzip)),
            (&["identity, gzip;q=0.5"], None),
            (&["gzip;q=0.001"], Some(Coding::Gzip)),
        ] {
            let headers = headers(header::ACCEPT_ENCODING, accept);
            assert_eq!(Coding::accepted(&headers), expected, "{accept:?}");
        }
    }

    #[tokio::test]
    async fn what_is_coded_can_be_decoded_up_to_the_limit() {
        for (coding, name) in [
            (Coding::Gzip, "gzip"),
            (Coding::Brotli, "br"),
            (Coding::Zstd, "zstd"),
        ] {
            for length in [WORTH_CODING, LONG, LONG * 3] {
                let plain: Vec<u8> = (0..length).map(|at| (at % 7 + at % 11) as u8).collect();
                let (used, body) = coded(Some(coding), plain.clone()).await;
                assert_eq!(used, Some(coding));
                assert!(body.len() < length);
                let headers = headers(header::CONTENT_ENCODING, &[name]);
                assert_eq!(decoded(&headers, &body, length), Ok(Some(plain)), "{name}");
                assert_eq!(decoded(&headers, &body, length - 1), Err(Unreadable::TooLong));
                let half = &body[..body.len() / 2];
                assert_eq!(decoded(&headers, half, length), Err(Unreadable::Broken), "{name}");
                assert_eq!(decoded(&headers, b"none of it", length), Err(Unreadable::Broken));
            }
            let short = vec![b'a'; WORTH_CODING - 1];
            assert_eq!(coded(Some(coding), short.clone()).await, (None, short.into()));
        }
    }

    #[test]
    fn one_known_coding_is_taken() {
        let decoded = |lines: &[&'static str]| decoded(&headers(header::CONTENT_ENCODING, lines), b"a", 10);
        assert_eq!(decoded(&[]), Ok(None));
        assert_eq!(decoded(&["identity"]), Ok(None));
        for wrong in [
            &["deflate"][..],
            &["gzip, gzip"],
            &["gzip", "gzip"],
            &["compress"],
            &[""],
            &["dcz"],
        ] {
            assert_eq!(decoded(wrong), Err(Unreadable::Unknown), "{wrong:?}");
        }
    }
}
