//! `GET /documents/…`: the content of a document, passed on piece by piece behind a sealed link.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, Version, header};
use axum::response::Response;
use futures_util::stream::{self, Stream, StreamExt};
use skuery_resolvers::commerce::documents::{DOWNLOAD_TIMEOUT, DocumentError, OpenedDocument};
use skuery_resolvers::error::{ErrorKind, LookupError};
use skuery_schema::order_words::DocumentKind;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::Front;

/// The path in front of the sealed part.
const PREFIX: &str = "/documents/";
/// Pieces that wait for a slow client.
const PIECES: usize = 4;
/// The longest file name, without its ending.
const NAME_CHARACTERS: usize = 100;

/// The media types that are passed on, with the ending of their files. Anything else is just bytes, so that nothing a
/// system says makes a browser run it.
const MEDIA_TYPES: [(&str, &str); 6] = [
    ("application/pdf", "pdf"),
    ("text/plain", "txt"),
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("text/xml", "xml"),
    ("application/xml", "xml"),
];

/// HEAD too, by axum's rule that it is a GET whose body is not sent.
pub(super) async fn get(State(front): State<Arc<Front>>, request: Request) -> Response {
    if request.version() < Version::HTTP_11 {
        // There a broken-off body looks like a complete one.
        return refusal(
            StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            "Documents need HTTP/1.1 or later.",
        );
    }
    // Not axum's `Path`, whose refusals would tell one wrong link from another.
    let sealed = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
    match front.gateway.open_document(sealed).await {
        Ok(document) => respond(document),
        Err(DocumentError::NotFound) => refusal(
            StatusCode::NOT_FOUND,
            "There is no such document, or the link to it has expired.",
        ),
        Err(DocumentError::System(error)) => {
            log(&error, "a document could not be fetched");
            match error.kind() {
                ErrorKind::Timeout => refusal(
                    StatusCode::GATEWAY_TIMEOUT,
                    "The document did not arrive in time. Try again later.",
                ),
                ErrorKind::Overloaded => refusal(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Too many documents are asked for at the moment. Try again later.",
                ),
                _ => refusal(
                    StatusCode::BAD_GATEWAY,
                    "The document cannot be fetched at the moment. Try again later.",
                ),
            }
        }
    }
}

fn respond(document: OpenedDocument) -> Response {
    let told = document.body.content_type.as_deref().unwrap_or_default();
    let known = MEDIA_TYPES.iter().find(|(media, _)| *media == told);
    let (media, ending) = known.copied().unwrap_or(("application/octet-stream", ""));
    let disposition = disposition(&document.number, document.kind, ending);
    let content = relay(document.body.content);
    let mut response = Response::new(Body::from_stream(content));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    protect(&mut response);
    response
}

fn refusal(status: StatusCode, sentence: &'static str) -> Response {
    let mut response = Response::new(Body::from(format!("{sentence}\n")));
    *response.status_mut() = status;
    let media = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    protect(&mut response);
    response
}

/// A document is one customer's, and its bytes are a system's: nobody keeps it, guesses at it, runs it, or learns its
/// link.
fn protect(response: &mut Response) {
    const HEADERS: [(HeaderName, &str); 4] = [
        (header::CACHE_CONTROL, "private, no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "sandbox"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
}

// ---------------------------------------------------------------- content

/// What ends a body that is not complete: the server then breaks off the connection.
#[derive(Debug, thiserror::Error)]
#[error("the document broke off")]
struct BrokenOff;

type Content = std::pin::Pin<Box<dyn Stream<Item = Result<Vec<u8>, LookupError>> + Send>>;

/// The end of a relay's channel without `End` before it is a break, whatever its reason.
enum Piece {
    Bytes(Vec<u8>),
    End,
}

/// Reads the content in a task of its own. The server polls a body only while its client takes bytes: without the task, a
/// client that stops reading would hold its place at the system for as long as it likes. The task ends with the content,
/// with its client, or after `DOWNLOAD_TIMEOUT`.
fn relay(content: Content) -> impl Stream<Item = Result<Vec<u8>, BrokenOff>> {
    let (sender, receiver) = mpsc::channel(PIECES);
    let until = Instant::now() + DOWNLOAD_TIMEOUT;
    tokio::spawn(async move {
        let pass_on = async {
            tokio::select! {
                () = sender.closed() => {}
                () = pass_on(content, &sender) => {}
            }
        };
        if timeout_at(until, pass_on).await.is_err() {
            tracing::warn!("a document took too long to reach its client and was broken off");
        }
    });
    stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some(receiver))),
            Some(Piece::End) => None,
            None => Some((Err(BrokenOff), None)),
        }
    })
}

async fn pass_on(mut content: Content, sender: &mpsc::Sender<Piece>) {
    while let Some(piece) = content.next().await {
        let piece = match piece {
            Ok(bytes) => Piece::Bytes(bytes),
            Err(error) => return log(&error, "a document broke off"),
        };
        if sender.send(piece).await.is_err() {
            return;
        }
    }
    // Its failure means that nobody reads any longer.
    let _ = sender.send(Piece::End).await;
}

fn log(error: &LookupError, what: &str) {
    tracing::warn!(
        system = %error.system(),
        operation = error.operation(),
        kind = error.kind().as_str(),
        detail = error.detail(),
        "{what}"
    );
}

// ---------------------------------------------------------------- file name

/// `attachment` with a file name after RFC 6266: in ASCII, and in UTF-8 where that says more.
fn disposition(number: &str, kind: DocumentKind, ending: &str) -> HeaderValue {
    let name = file_name(number, kind, ending);
    let ascii: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let mut value = format!("attachment; filename=\"{ascii}\"");
    if ascii != name {
        value.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            let is_plain = byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            // Writing to a string cannot fail.
            let _ = match is_plain {
                true => write!(value, "{}", char::from(byte)),
                false => write!(value, "%{byte:02X}"),
            };
        }
    }
    HeaderValue::try_from(value).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

/// The document's number as a name that is safe in every file system and between quotation marks.
fn file_name(number: &str, kind: DocumentKind, ending: &str) -> String {
    let safe = |c: char| {
        if c.is_alphanumeric() || "-._ ".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = number.chars().map(safe).take(NAME_CHARACTERS).collect();
    let name = name.trim_matches(['.', ' ']);
    let mut name = match name.chars().any(char::is_alphanumeric) {
        true => name.to_owned(),
        false => kind.name().to_lowercase().replace('_', "-"),
    };
    let has_ending = name
        .rsplit_once('.')
        .is_some_and(|(_, own)| own.eq_ignore_ascii_case(ending));
    if !ending.is_empty() && !has_ending {
        name.push('.');
        name.push_str(ending);
    }
    name
}

#[cfg(test)]
mod tests {
    use skuery_schema::ids::SystemName;

    use super::*;

    fn error() -> LookupError {
        LookupError::new(ErrorKind::Unavailable, &SystemName::from("erp"), "document", "")
    }

    fn content(pieces: impl IntoIterator<Item = Result<&'static str, LookupError>>) -> Content {
        let pieces: Vec<_> = pieces
            .into_iter()
            .map(|piece| piece.map(|text| text.as_bytes().to_vec()))
            .collect();
        Box::pin(stream::iter(pieces))
    }

    /// Everything a client gets, and whether it knows that it is not all.
    async fn read(relayed: impl Stream<Item = Result<Vec<u8>, BrokenOff>>) -> (String, bool) {
        let mut relayed = Box::pin(relayed);
        let mut all = Vec::new();
        while let Some(piece) = relayed.next().await {
            match piece {
                Ok(bytes) => all.extend(bytes),
                Err(BrokenOff) => return (String::from_utf8_lossy(&all).into_owned(), true),
            }
        }
        (String::from_utf8_lossy(&all).into_owned(), false)
    }

    #[tokio::test]
    async fn only_a_whole_document_ends_well() {
        let many = || ["a", "b", "c", "d", "e", "f", "g"].map(Ok);
        assert_eq!(read(relay(content(many()))).await, ("abcdefg".to_owned(), false));
        assert_eq!(read(relay(content([]))).await, (String::new(), false));
        let broken = many().into_iter().chain([Err(error())]);
        assert_eq!(read(relay(content(broken))).await, ("abcdefg".to_owned(), true));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_given_up_and_told_so() {
        // What the content holds, such as a place at the system.
        let place = Arc::new(());
        let held = place.clone();
        let endless = stream::repeat_with(move || {
            let _held = &held;
            Ok(vec![b'x'])
        });
        let mut relayed = Box::pin(relay(Box::pin(endless)));
        assert!(relayed.next().await.is_some_and(|piece| piece.is_ok()));
        assert_eq!(Arc::strong_count(&place), 2);
        tokio::time::sleep(DOWNLOAD_TIMEOUT * 2).await;
        assert_eq!(Arc::strong_count(&place), 1, "the content is dropped");
        let (rest, broken) = read(relayed).await;
        assert!(rest.len() <= PIECES + 1 && broken, "{rest}");
    }

    #[tokio::test]
    async fn a_client_that_leaves_ends_the_reading() {
        let (gone, left) = tokio::sync::oneshot::channel::<()>();
        let silent = stream::pending().inspect(move |_: &Result<Vec<u8>, LookupError>| {
            let _held = &gone;
        });
        drop(relay(Box::pin(silent)));
        // Resolves when the content is dropped.
        assert!(left.await.is_err());
    }

    #[test]
    fn file_names_are_safe_and_readable() {
        for (number, ending, expected) in [
            ("INV-1001", "pdf", "filename=\"INV-1001.pdf\""),
            ("INV-1001.PDF", "pdf", "filename=\"INV-1001.PDF\""),
            ("F 2026/06_17", "pdf", "filename=\"F 2026-06_17.pdf\""),
            ("INV-1001", "", "filename=\"INV-1001\""),
            ("../../etc/passwd", "txt", "filename=\"-..-etc-passwd.txt\""),
            (
                "a\"; filename=\"b.exe",
                "pdf",
                "filename=\"a-- filename--b.exe.pdf\"",
            ),
            ("a\r\nset-cookie: b", "pdf", "filename=\"a--set-cookie- b.pdf\""),
            ("a\u{202e}fdp.exe", "", "filename=\"a-fdp.exe\""),
            ("", "pdf", "filename=\"credit-note.pdf\""),
            ("...", "xml", "filename=\"credit-note.xml\""),
            (
                "Räkning 7",
                "pdf",
                "filename=\"R_kning 7.pdf\"; filename*=UTF-8''R%C3%A4kning%207.pdf",
            ),
        ] {
            let value = disposition(number, DocumentKind::CreditNote, ending);
            let value = value.to_str().expect("ASCII");
            assert_eq!(value, format!("attachment; {expected}"), "{number}");
        }
        let long = file_name(&"9".repeat(5_000), DocumentKind::Invoice, "pdf");
        assert_eq!(long.len(), NAME_CHARACTERS + ".pdf".len());
    }
}
