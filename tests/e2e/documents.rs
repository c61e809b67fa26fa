//! Links to documents over HTTP: what comes, in which headers, and what does not.

use std::sync::PoisonError;

use reqwest::{Method, Response};
use skuery_resolvers::error::ErrorKind;
use skuery_resolvers::port::orders::DocumentKey;
use skuery_schema::order_words::DocumentKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::archive::{Content, Library};
use crate::script::{Reply, Script};

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("-", |value| value.to_str().expect("ASCII"))
}

#[track_caller]
fn is_protected(response: &Response) {
    assert_eq!(header(response, "cache-control"), "private, no-store");
    assert_eq!(header(response, "x-content-type-options"), "nosniff");
    assert_eq!(header(response, "content-security-policy"), "sandbox");
    assert_eq!(header(response, "referrer-policy"), "no-referrer");
    assert_eq!(header(response, "access-control-allow-origin"), "-");
}

const PDF: Option<&str> = Some("application/pdf");

#[tokio::test]
async fn a_link_leads_to_the_whole_document_as_a_file() {
    let library = Library::start(Content::Pieces(PDF, vec![b"%PDF-", b"", b"1.7 and more"])).await;
    assert!(
        library.link.starts_with(&format!("{}/documents/", library.url)),
        "{}",
        library.link
    );
    for inner in ["erp", "guid", "4711", "INV"] {
        assert!(!library.link.contains(inner), "{}", library.link);
    }
    let response = library.get(&library.link).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "application/pdf");
    assert_eq!(
        header(&response, "content-disposition"),
        "attachment; filename=\"INV-1001.pdf\""
    );
    is_protected(&response);
    assert_eq!(response.bytes().await.expect("a whole body"), "%PDF-1.7 and more");
    let asked = library.asked.lock().unwrap_or_else(PoisonError::into_inner);
    let key = DocumentKey {
        kind: DocumentKind::Invoice,
        key: "guid-4711".into(),
    };
    assert_eq!(*asked, [key]);
}

#[tokio::test]
async fn a_head_tells_the_same_without_the_document() {
    let library = Library::start(Content::Pieces(PDF, vec![b"%PDF-1.7"])).await;
    let head = library
        .client
        .request(Method::HEAD, &library.link)
        .send()
        .await
        .expect("a head");
    assert_eq!(head.status(), 200);
    assert_eq!(header(&head, "content-type"), "application/pdf");
    is_protected(&head);
    assert_eq!(head.bytes().await.expect("no body"), "");
    let post = library
        .client
        .post(&library.link)
        .send()
        .await
        .expect("an answer");
    assert_eq!(post.status(), 405);
}

#[tokio::test]
async fn what_a_browser_could_run_is_passed_on_as_bytes() {
    for (told, media, name) in [
        (Some("text/html"), "application/octet-stream", "INV-1001"),
        (Some("image/svg+xml"), "application/octet-stream", "INV-1001"),
        (
            Some("application/javascript"),
            "application/octet-stream",
            "INV-1001",
        ),
        (None, "application/octet-stream", "INV-1001"),
        (Some("text/xml"), "text/xml", "INV-1001.xml"),
        (Some("image/png"), "image/png", "INV-1001.png"),
        (Some("image/jpeg"), "image/jpeg", "INV-1001.jpg"),
        (Some("text/plain"), "text/plain", "INV-1001.txt"),
    ] {
        let library = Library::start(Content::Pieces(told, vec![b"<script>"])).await;
        let response = library.get(&library.link).await;
        assert_eq!(header(&response, "content-type"), media, "{told:?}");
        assert_eq!(
            header(&response, "content-disposition"),
            format!("attachment; filename=\"{name}\"")
        );
        assert_eq!(response.bytes().await.expect("a body"), "<script>");
    }
}

#[tokio::test]
async fn an_empty_document_is_one_too() {
    let library = Library::start(Content::Pieces(PDF, Vec::new())).await;
    let response = library.get(&library.link).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.bytes().await.expect("a whole body"), "");
}

#[tokio::test]
async fn every_link_that_does_not_open_gets_the_same_answer_and_no_system_is_asked() {
    let library = Library::start(Content::Pieces(PDF, vec![b"%PDF-1.7"])).await;
    let foreign = Library::start(Content::Pieces(PDF, vec![b"%PDF-1.7"])).await;
    let sealed = library.link.rsplit('/').next().expect("the end of the link");
    let foreign = foreign.link.rsplit('/').next().expect("the end of the link");
    let changed = match sealed.strip_suffix('A') {
        Some(rest) => format!("{rest}B"),
        None => format!("{}A", &sealed[..sealed.len() - 1]),
    };
    let mut answers = Vec::new();
    for end in [
        foreign,
        &changed,
        &sealed[1..],
        &sealed[..10],
        &format!("{sealed}="),
        &format!("{sealed}%00"),
        "%ff%fe",
        "x",
        &"A".repeat(8_000),
    ] {
        let response = library.get(&format!("{}/documents/{end}", library.url)).await;
        is_protected(&response);
        let headers: Vec<String> = response
            .headers()
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        let status = response.status().as_u16();
        answers.push((status, headers, response.text().await.expect("a body")));
    }
    assert_eq!(answers[0].0, 404);
    assert_eq!(
        answers[0].2,
        "There is no such document, or the link to it has expired.\n"
    );
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    assert_eq!(library.asked(), 0);
}

#[tokio::test]
async fn a_failure_before_the_first_byte_is_told_without_a_word_of_the_system() {
    for (content, status) in [
        (Content::Fails(ErrorKind::Unavailable), 502),
        (Content::Fails(ErrorKind::Rejected), 502),
        (Content::FailsLate(ErrorKind::InvalidAnswer), 502),
        (Content::Fails(ErrorKind::Timeout), 504),
        (Content::FailsLate(ErrorKind::Timeout), 504),
        (Content::Fails(ErrorKind::Overloaded), 503),
    ] {
        let library = Library::start(content).await;
        let response = library.get(&library.link).await;
        assert_eq!(response.status(), status);
        is_protected(&response);
        assert_eq!(header(&response, "content-disposition"), "-");
        let all = format!("{:?}", response.headers()) + &response.text().await.expect("a body");
        for inner in ["10.0.0.7", "erp", "said no", "guid"] {
            assert!(!all.contains(inner), "{all}");
        }
    }
}

#[tokio::test]
async fn a_system_that_stays_silent_is_waited_for_as_long_as_for_any_request() {
    let library = Library::with(Content::Silent, "INV-1001", "limits: { deadline_ms: 1 }").await;
    assert_eq!(library.get(&library.link).await.status(), 504);
}

#[tokio::test]
async fn a_document_that_breaks_off_never_looks_complete() {
    let library = Library::start(Content::BreaksOff(b"%PDF-1.7 half")).await;
    let response = library.get(&library.link).await;
    assert_eq!(response.status(), 200);
    let body = response.bytes().await;
    assert!(body.is_err(), "{body:?}");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the spec is a client of the gateway")]
async fn a_client_that_could_not_tell_a_broken_document_gets_none() {
    let library = Library::start(Content::Pieces(PDF, vec![b"%PDF-1.7"])).await;
    let address = library.url.strip_prefix("http://").expect("http");
    let path = library.link.strip_prefix(&library.url).expect("its own");
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.0\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    assert!(answer.contains(" 505 "), "{answer}");
    assert_eq!(library.asked(), 0);
}

#[tokio::test]
async fn documents_that_are_not_read_leave_room_for_other_questions() {
    // The demo's ERP bears four calls at once; two may be documents.
    let library = Library::with(Content::Endless, "INV-1001", "limits: { deadline_ms: 3000 }").await;
    let first = library.get(&library.link).await;
    let second = library.get(&library.link).await;
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (200, 200));
    let third = library.get(&library.link).await;
    assert_eq!(third.status(), 503);
    assert_eq!(library.asked(), 2);
    // Whoever goes away makes room; the gateway may learn of it a little later.
    drop(first);
    let mut status = 503;
    for _ in 0..10 {
        if status == 503 {
            status = library.get(&library.link).await.status().as_u16();
        }
    }
    assert_eq!(status, 200);
}

// ---------------------------------------------------------------- through a mapping

/// A gateway whose document system is described by a mapping and says this.
async fn mapped(reply: Reply) -> (Script, Library) {
    let script = Script::start(reply).await;
    let library = Library::mapped(&script.url).await;
    (script, library)
}

#[tokio::test]
async fn a_mapped_system_is_asked_for_the_key_and_its_answer_passed_on() {
    let (script, library) = mapped(Reply::Typed("application/pdf; a=b", "%PDF-1.7".into())).await;
    let response = library.get(&library.link).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "application/pdf");
    assert_eq!(header(&response, "server"), "-");
    assert_eq!(response.bytes().await.expect("a whole body"), "%PDF-1.7");
    assert_eq!(script.requests(), ["GET /files/INVOICE/guid-4711"]);
}

#[tokio::test]
async fn a_large_document_of_a_mapped_system_comes_whole() {
    let text = "0123456789abcdef".repeat(256 * 1024);
    let (_script, library) = mapped(Reply::Typed("text/plain", text.clone())).await;
    let response = library.get(&library.link).await;
    assert!(response.bytes().await.expect("a whole body") == text);
}

#[tokio::test]
async fn what_a_mapped_system_breaks_off_or_refuses_never_looks_like_a_document() {
    let large = "x".repeat(1024 * 1024);
    let (_script, library) = mapped(Reply::Truncated(large)).await;
    let response = library.get(&library.link).await;
    // Depending on how fast the first half comes, before the first piece or after it.
    let whole = response.status() == 200 && response.bytes().await.is_ok();
    assert!(!whole);
    for (status, told) in [(401, 502), (404, 502), (500, 502), (204, 200)] {
        let (_script, library) = mapped(Reply::Status(status, String::new())).await;
        let response = library.get(&library.link).await;
        assert_eq!(response.status().as_u16(), told, "{status}");
    }
    // More than the eight megabytes that an answer may have.
    let (_script, library) = mapped(Reply::Huge(9 * 1024 * 1024)).await;
    let response = library.get(&library.link).await;
    assert_eq!(response.status(), 502);
}
