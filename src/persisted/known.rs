//! The documents that a request may name instead of saying them: those of a manifest, and those that clients have said
//! before (automatic persisted queries).

use std::collections::HashMap;
use std::sync::Arc;

use moka::sync::Cache;
use sha2::{Digest, Sha256};
use skuery_resolvers::commerce::gateway::GraphqlRequest;
use skuery_resolvers::engine::RequestError;
use skuery_schema::error::ErrorCode;

use super::Manifest;

/// What a remembered document takes beside its text: the hash, moka's own bookkeeping; estimated.
const ENTRY_BYTES: usize = 300;
/// How a hash begins that the specification's `documentId` holds.
const SHA256: &str = "sha256:";

/// All documents that can be named.
#[derive(Default)]
pub struct Documents {
    trusted: HashMap<String, Vec<Trusted>>,
    /// Nothing but the manifest's documents is answered.
    only_trusted: bool,
    /// Some are known to one client only.
    has_clients: bool,
    /// `None` where that is switched off.
    automatic: Option<Cache<[u8; 32], Arc<str>>>,
}

/// A document of the manifest under one id.
struct Trusted {
    client: Option<String>,
    operation: Option<String>,
    document: Arc<str>,
}

/// How a request names its document.
#[derive(Clone, Debug)]
pub enum Name {
    /// By what the manifest calls it.
    Id(String),
    /// By Apollo's `persistedQuery`: the manifest's id, or the document's SHA-256 in hexadecimal digits.
    Sha256(String),
}

/// The documents as one client knows them.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    documents: &'a Documents,
    client: Option<&'a str>,
}

/// A document that was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Its text.
    pub document: String,
    /// The operation that is meant, where the manifest says so.
    pub operation: Option<String>,
    /// Under what it may be remembered.
    pub sha256: Option<[u8; 32]>,
}

impl Documents {
    /// Those of a manifest; with `only`, no other is answered. `automatic_bytes` bounds those that are remembered, which
    /// none is without it.
    pub fn new(manifest: Option<&Manifest>, only: bool, automatic_bytes: Option<u64>) -> Self {
        let mut documents = Self {
            only_trusted: only,
            automatic: automatic_bytes.filter(|_| !only).map(|bytes| {
                Cache::builder()
                    .max_capacity(bytes)
                    .weigher(|_: &[u8; 32], text: &Arc<str>| {
                        u32::try_from(text.len() + ENTRY_BYTES).unwrap_or(u32::MAX)
                    })
                    .build()
            }),
            ..Self::default()
        };
        for document in manifest.iter().flat_map(|manifest| &manifest.documents) {
            documents.has_clients |= document.client.is_some();
            let of_id = documents.trusted.entry(document.id.clone()).or_default();
            of_id.push(Trusted {
                client: document.client.clone(),
                operation: document.operation.clone(),
                document: document.document.as_str().into(),
            });
        }
        documents
    }

    /// As a client knows them that gives itself this name, if any.
    pub fn known_to<'a>(&'a self, client: Option<&'a str>) -> Known<'a> {
        Known {
            documents: self,
            client,
        }
    }

    /// Whether what an id means hangs on the client's name.
    pub fn has_clients(&self) -> bool {
        self.has_clients
    }

    /// Remembers the document of a request that was executed: so it is a valid one.
    pub fn remember(&self, request: &GraphqlRequest) {
        let (Some(automatic), Some(sha256)) = (&self.automatic, request.sha256) else {
            return;
        };
        if !automatic.contains_key(&sha256) {
            automatic.insert(sha256, request.query.as_str().into());
        }
    }
}

impl Known<'_> {
    /// The document of a request that says it, names it, or both.
    ///
    /// # Errors
    ///
    /// Where the name is unknown, means another document, or cannot be used here, and where only named ones are answered.
    pub fn find(self, said: Option<String>, name: Option<Name>) -> Result<Found, RequestError> {
        if let Some(trusted) = name.as_ref().and_then(|name| self.trusted(name)) {
            return match said {
                Some(said) if said != *trusted.document => Err(mismatch()),
                _ => Ok(Found {
                    document: trusted.document.as_ref().to_owned(),
                    operation: trusted.operation.clone(),
                    sha256: None,
                }),
            };
        }
        if self.documents.only_trusted {
            return Err(match name {
                Some(_) => not_found(),
                None => only_named(),
            });
        }
        let sha256 = match (&self.documents.automatic, name) {
            (_, None) => None,
            (None, Some(Name::Sha256(_))) => return Err(not_supported()),
            (Some(_), Some(Name::Sha256(digits))) => Some(digits),
            (Some(_), Some(Name::Id(id))) if id.starts_with(SHA256) => Some(id[SHA256.len()..].to_owned()),
            (_, Some(Name::Id(_))) if said.is_none() => return Err(not_found()),
            (_, Some(Name::Id(_))) => None,
        };
        let (document, sha256) = match (said, sha256) {
            (Some(said), None) => (said, None),
            (Some(said), Some(digits)) => {
                let own: [u8; 32] = Sha256::digest(said.as_bytes()).into();
                if bytes(&digits) != Some(own) {
                    return Err(mismatch());
                }
                (said, Some(own))
            }
            (None, digits) => {
                let automatic = self.documents.automatic.as_ref();
                let sha256 = digits.as_deref().and_then(bytes);
                let text = automatic.zip(sha256).and_then(|(kept, key)| kept.get(&key));
                (text.ok_or_else(not_found)?.as_ref().to_owned(), None)
            }
        };
        Ok(Found {
            document,
            operation: None,
            sha256,
        })
    }

    /// One for this client alone counts for more than one for all.
    fn trusted(&self, name: &Name) -> Option<&Trusted> {
        let (Name::Id(id) | Name::Sha256(id)) = name;
        let trusted = &self.documents.trusted;
        let of_id = trusted
            .get(id)
            .or_else(|| trusted.get(id.strip_prefix(SHA256)?))?;
        let of = |client: Option<&str>| of_id.iter().find(|own| own.client.as_deref() == client);
        self.client
            .and_then(|client| of(Some(client)))
            .or_else(|| of(None))
    }
}

/// The digits of a hash.
fn bytes(digits: &str) -> Option<[u8; 32]> {
    let mut read = [0; 32];
    if digits.len() != 2 * read.len() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, at) in read.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
    }
    Some(read)
}

// The messages are those that Apollo's clients know.

fn not_found() -> RequestError {
    RequestError::new(ErrorCode::PersistedQueryNotFound, "PersistedQueryNotFound")
}

fn not_supported() -> RequestError {
    RequestError::new(
        ErrorCode::PersistedQueryNotSupported,
        "PersistedQueryNotSupported",
    )
}

fn mismatch() -> RequestError {
    let message = "provided sha does not match query";
    RequestError::new(ErrorCode::PersistedQueryHashMismatch, message)
}

fn only_named() -> RequestError {
    let message =
        "only documents of the manifest are answered here: name one by its id, and leave `query` out";
    RequestError::new(ErrorCode::OperationNotAllowed, message)
}

#[cfg(test)]
mod tests;
