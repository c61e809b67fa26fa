//! Links to documents: sealed, short-lived, and opened only by the gateway that made them.
//!
//! Whoever holds a link may read its document until it expires, so nobody can make one, change one, or see in one what it
//! leads to. Which document a customer may have a link to is decided where orders are read.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::StreamExt;
use futures_util::stream::once;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;
use skuery_schema::ids::SystemName;
use skuery_schema::order_words::DocumentKind;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::commerce::gateway::Gateway;
use crate::connector::System;
use crate::error::{ErrorKind, LookupError};
use crate::port::orders::{DocumentBody, DocumentKey, DocumentRecord, Orders};
use crate::port::{Call, PortLookup};

/// How long one document may take to reach its client. A slow client holds a place at the system for so long.
pub const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(120);

/// How documents are linked to.
#[derive(Clone, Debug)]
pub struct Documents {
    /// The gateway's own address as clients know it, without a slash at its end.
    pub public_url: Arc<str>,
    /// How long a link can be followed.
    pub link: Duration,
}

/// A document that has begun to arrive.
pub struct OpenedDocument {
    /// What it is.
    pub kind: DocumentKind,
    /// The system's number of it.
    pub number: Arc<str>,
    /// Its content. The first piece is there already.
    pub body: DocumentBody,
}

/// Why a document cannot be opened.
#[derive(Debug)]
pub enum DocumentError {
    /// The link was not made here, was changed, has expired, or its system hands out no documents (any longer). Which of
    /// these it is nobody is told.
    NotFound,
    /// The system did not hand it over.
    System(LookupError),
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("there is no such document"),
            Self::System(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DocumentError {}

impl Gateway {
    /// A link to the content of a document; `None` where it cannot be fetched. Only for records that the asker may see.
    pub fn document_link(&self, system: &SystemName, record: &DocumentRecord) -> Option<Arc<str>> {
        self.document_port(system)?;
        let document = Linked {
            system: system.clone(),
            key: DocumentKey {
                kind: record.kind,
                key: record.key.clone()?,
            },
            number: record.number.clone(),
        };
        let link = self.document_links().link(&document, Timestamp::now());
        if link.is_none() {
            tracing::warn!(system = %system, "a document's key is too long for a link");
        }
        link
    }

    /// Fetches the document that the end of a link leads to, until its first piece is there.
    pub async fn open_document(&self, sealed: &str) -> Result<OpenedDocument, DocumentError> {
        let document = self.document_links().open(sealed, Timestamp::now());
        let document = document.ok_or(DocumentError::NotFound)?;
        let port = self
            .document_port(&document.system)
            .ok_or(DocumentError::NotFound)?;
        // It begins within the time of a request; all of it takes as long as its client does.
        let begun = Instant::now() + self.limits().deadline;
        let call = Call::interactive(begun + DOWNLOAD_TIMEOUT);
        let failed = |kind, detail| {
            let operation = PortLookup::Document.as_str();
            DocumentError::System(LookupError::new(kind, &document.system, operation, detail))
        };
        let place = timeout_at(begun, self.document_links().place(&document.system));
        let place = place
            .await
            .map_err(|_| failed(ErrorKind::Overloaded, "other documents hold all places"))?
            .ok_or(DocumentError::NotFound)?;
        let body = timeout_at(begun, begin(port, call, &document.key, place))
            .await
            .map_err(|_| failed(ErrorKind::Timeout, "the deadline passed before the first piece"))?
            .map_err(DocumentError::System)?;
        Ok(OpenedDocument {
            body,
            kind: document.key.kind,
            number: document.number,
        })
    }

    /// The orders of a system that hands out documents.
    fn document_port(&self, name: &SystemName) -> Option<&dyn Orders> {
        let system = self.systems().iter().find(|system| system.name == *name)?;
        let orders = system.orders.as_deref()?;
        orders.order_abilities().document.then_some(orders)
    }
}

/// The content with its first piece read: what fails before it can still be told apart from a document. The place is held
/// until the content is dropped.
async fn begin(
    port: &dyn Orders,
    call: Call,
    key: &DocumentKey,
    place: OwnedSemaphorePermit,
) -> Result<DocumentBody, LookupError> {
    let DocumentBody {
        content_type,
        mut content,
    } = port.document(call, key).await?;
    let first = content.next().await.transpose()?;
    let content = once(async { Ok(first.unwrap_or_default()) }).chain(content);
    Ok(DocumentBody {
        content_type,
        content: Box::pin(content.inspect(move |_| {
            let _held = &place;
        })),
    })
}

/// What a link leads to.
#[derive(Clone, Debug, PartialEq)]
struct Linked {
    system: SystemName,
    key: DocumentKey,
    number: Arc<str>,
}

/// Makes and opens links with a key derived from the gateway's secret.
pub(crate) struct DocumentLinks {
    key: LessSafeKey,
    documents: Documents,
    places: HashMap<SystemName, Arc<Semaphore>>,
}

const VERSION: u8 = 1;
/// Keeps this key apart from everything else that the secret is used for.
const LABEL: &[u8] = b"skuery document links 1";
/// The longest content of a link, and so the longest that is looked at: addresses have a practical bound of 2,000
/// characters.
const MOST_BYTES: usize = 1_024;

impl DocumentLinks {
    /// Documents take at most half of the calls that each system bears: clients may be slow to read them, and prices and
    /// orders must not wait for that.
    pub(crate) fn new(secret: &[u8], documents: Documents, systems: &[System]) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
        mac.update(LABEL);
        let key = UnboundKey::new(&CHACHA20_POLY1305, &mac.finalize().into_bytes());
        Self {
            key: LessSafeKey::new(key.expect("the digest is as long as the key")),
            documents,
            places: systems
                .iter()
                .map(|system| {
                    let places = (system.upstream.concurrency() / 2).max(1);
                    (system.name.clone(), Arc::new(Semaphore::new(places)))
                })
                .collect(),
        }
    }

    /// A place for one document of a system, when there is one.
    async fn place(&self, system: &SystemName) -> Option<OwnedSemaphorePermit> {
        self.places.get(system)?.clone().acquire_owned().await.ok()
    }

    /// `None` when the names in it are too long.
    fn link(&self, document: &Linked, now: Timestamp) -> Option<Arc<str>> {
        let sealed = self.seal(document, now)?;
        Some(format!("{}/documents/{sealed}", self.documents.public_url).into())
    }

    fn seal(&self, document: &Linked, now: Timestamp) -> Option<String> {
        let lifetime = i64::try_from(self.documents.link.as_secs()).ok()?;
        let expires = now.as_second().checked_add(lifetime)?;
        let mut content = vec![VERSION];
        content.extend_from_slice(&expires.to_be_bytes());
        let key = &document.key;
        for text in [
            document.system.as_str(),
            key.kind.name(),
            &key.key,
            &document.number,
        ] {
            content.extend_from_slice(&u16::try_from(text.len()).ok()?.to_be_bytes());
            content.extend_from_slice(text.as_bytes());
        }
        // A random nonce of 96 bits stays unique for far more links than a gateway makes.
        let nonce: [u8; NONCE_LEN] = rand::random();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut content)
            .ok()?;
        let mut sealed = nonce.to_vec();
        sealed.append(&mut content);
        (sealed.len() <= MOST_BYTES).then(|| URL_SAFE_NO_PAD.encode(sealed))
    }

    fn open(&self, sealed: &str, now: Timestamp) -> Option<Linked> {
        if sealed.len() > MOST_BYTES.div_ceil(3) * 4 {
            return None;
        }
        let mut sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, content) = sealed.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut content: &[u8] = self.key.open_in_place(nonce, Aad::empty(), content).ok()?;
        let ([version], rest) = content.split_first_chunk()?;
        let (expires, rest) = rest.split_first_chunk()?;
        if *version != VERSION || now.as_second() >= i64::from_be_bytes(*expires) {
            return None;
        }
        content = rest;
        let system = text(&mut content)?;
        let kind = DocumentKind::parse(text(&mut content)?)?;
        let key = text(&mut content)?.into();
        let number = text(&mut content)?.into();
        content.is_empty().then(|| Linked {
            system: SystemName::from(system),
            key: DocumentKey { kind, key },
            number,
        })
    }
}

/// Takes one text off the front.
fn text<'a>(content: &mut &'a [u8]) -> Option<&'a str> {
    let (length, rest) = content.split_first_chunk()?;
    let (text, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    *content = rest;
    std::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(secret: &str) -> DocumentLinks {
        let documents = Documents {
            public_url: "https://shop.example/api".into(),
            link: Duration::from_secs(300),
        };
        DocumentLinks::new(secret.as_bytes(), documents, &[])
    }

    fn invoice(key: &str) -> Linked {
        Linked {
            system: "erp".into(),
            key: DocumentKey {
                kind: DocumentKind::Invoice,
                key: key.into(),
            },
            number: "INV-1001".into(),
        }
    }

    const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_second(NOW.as_second() + seconds).expect("an instant")
    }

    #[test]
    fn a_link_opens_until_it_expires_and_not_in_the_second_it_does() {
        let links = links("secret");
        let sealed = links.seal(&invoice("4711"), NOW).expect("a link");
        for seconds in [0, 299] {
            assert_eq!(links.open(&sealed, after(seconds)), Some(invoice("4711")));
        }
        for seconds in [300, 301, 1_000_000] {
            assert_eq!(links.open(&sealed, after(seconds)), None, "{seconds}");
        }
    }

    #[test]
    fn every_changed_character_closes_it() {
        let links = links("secret");
        let sealed = links.seal(&invoice("4711"), NOW).expect("a link");
        for index in 0..sealed.len() {
            for other in ['A', 'b', '7', '_', '=', '%'] {
                let mut changed: Vec<char> = sealed.chars().collect();
                if changed[index] == other {
                    continue;
                }
                changed[index] = other;
                let changed: String = changed.into_iter().collect();
                assert_eq!(links.open(&changed, NOW), None, "`{other}` at {index}");
            }
        }
        for length in 0..sealed.len() {
            assert_eq!(links.open(&sealed[..length], NOW), None, "cut at {length}");
        }
        assert_eq!(links.open(&format!("{sealed}A"), NOW), None);
    }

    #[test]
    fn only_the_gateway_that_made_it_opens_it() {
        let sealed = links("secret").seal(&invoice("4711"), NOW).expect("a link");
        assert_eq!(links("other").open(&sealed, NOW), None);
        assert_eq!(links("").open(&sealed, NOW), None);
    }

    #[test]
    fn nothing_can_be_read_in_it_and_no_two_are_alike() {
        let links = links("secret");
        let sealed = links.seal(&invoice("4711"), NOW).expect("a link");
        let bytes = URL_SAFE_NO_PAD.decode(&sealed).expect("base64");
        for inner in ["erp", "INVOICE", "4711", "INV-1001"] {
            let found = bytes.windows(inner.len()).any(|part| part == inner.as_bytes());
            assert!(!found && !sealed.contains(inner), "{inner}");
        }
        assert_ne!(links.seal(&invoice("4711"), NOW), Some(sealed));
        let link = links.link(&invoice("4711"), NOW).expect("a link");
        assert!(link.starts_with("https://shop.example/api/documents/"), "{link}");
    }

    #[test]
    fn lengths_are_bounded_both_ways() {
        let links = links("secret");
        let longest = MOST_BYTES - NONCE_LEN - 16 - 9 - 4 * 2 - "erpINVOICEINV-1001".len();
        let sealed = links
            .seal(&invoice(&"k".repeat(longest)), NOW)
            .expect("just fits");
        assert!(links.open(&sealed, NOW).is_some());
        assert_eq!(links.seal(&invoice(&"k".repeat(longest + 1)), NOW), None);
        assert_eq!(links.seal(&invoice(&"k".repeat(70_000)), NOW), None);
        assert_eq!(links.open(&"A".repeat(1_000_000), NOW), None);
    }
}
