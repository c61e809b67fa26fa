//! The parameters of a request, from a body, a message of a socket, or the query of a URL.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Map;
use serde_json::value::RawValue;
use skuery_resolvers::commerce::explain::Explain;
use skuery_resolvers::commerce::gateway::GraphqlRequest;
use skuery_resolvers::engine::RequestError;
use skuery_resolvers::screen;

use crate::front::sender::Sender;
use crate::persisted::{Known, Name};

/// What a request says. Keys that the specification does not name are ignored, as it asks; reading past them needs no
/// recursion, however deep they are.
pub(in crate::front) struct Parameters<'a>(Said<'a>);

#[derive(Default, Deserialize)]
struct Said<'a> {
    #[serde(default)]
    query: Option<String>,
    #[serde(default, rename = "operationName")]
    operation_name: Option<String>,
    /// Read once they are screened.
    #[serde(default, borrow, deserialize_with = "object")]
    variables: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "object")]
    extensions: Option<&'a RawValue>,
    /// The specification's name for a persisted document.
    #[serde(default, rename = "documentId")]
    document_id: Option<String>,
    /// Relay's. Beside a `query` they are unknown keys like others, so they are only looked at where there is none.
    #[serde(default, borrow)]
    id: Option<&'a RawValue>,
    #[serde(default, borrow)]
    doc_id: Option<&'a RawValue>,
}

/// The `extensions` of a request; those that are not known here are ignored.
#[derive(Default, Deserialize)]
struct Extensions {
    /// What is to be told beside the answer.
    #[serde(default)]
    explain: Explain,
    #[serde(default, rename = "persistedQuery")]
    persisted_query: Option<PersistedQuery>,
}

/// Apollo's way to name a document.
#[derive(Deserialize)]
struct PersistedQuery {
    version: u32,
    #[serde(rename = "sha256Hash")]
    sha256_hash: String,
}

fn object<'de, D: Deserializer<'de>>(json: D) -> Result<Option<&'de RawValue>, D::Error> {
    match Option::<&RawValue>::deserialize(json)? {
        Some(raw) if !raw.get().starts_with('{') => {
            Err(D::Error::custom("`variables` and `extensions` must be objects"))
        }
        raw => Ok(raw),
    }
}

/// Why parameters are no request.
#[derive(Debug)]
pub(in crate::front) enum Unusable {
    /// They exceed a limit, or name a document that is not there.
    Refused(RequestError),
    /// They are not what the specification calls a request.
    Malformed(String),
}

impl<'de: 'a, 'a> Deserialize<'de> for Parameters<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        Said::deserialize(json)?.named().map_err(D::Error::custom)
    }
}

impl<'a> Said<'a> {
    /// Only where there is something to execute.
    fn named(self) -> Result<Parameters<'a>, &'static str> {
        let parts = [self.query.is_some(), self.document_id.is_some()];
        let others = [self.extensions, self.id, self.doc_id];
        match parts.contains(&true) || others.iter().any(Option::is_some) {
            true => Ok(Parameters(self)),
            false => Err(NO_DOCUMENT),
        }
    }
}

const NO_DOCUMENT: &str = "`query` is missing";

impl<'a> Parameters<'a> {
    /// Reads an object; serde alone would take an array of values as well.
    pub(super) fn of_object(json: &'a str) -> Result<Self, Unusable> {
        if !json.starts_with('{') {
            return Err(Unusable::Malformed("it must be an object".to_owned()));
        }
        serde_json::from_str(json).map_err(|error| Unusable::Malformed(error.to_string()))
    }

    /// Reads the pairs of a URL's query, whose JSON stands as text in it. An empty one counts as one that is not there.
    pub(super) fn of_pairs(pairs: &'a [(Cow<'a, str>, Cow<'a, str>)]) -> Result<Self, Unusable> {
        let mut seen = HashSet::new();
        let mut said = Said::default();
        for (name, value) in pairs {
            let text = || Some(value.clone().into_owned());
            let json = || {
                let read = serde_json::from_str::<&RawValue>(value);
                let read = read.map_err(|error| Unusable::Malformed(format!("{name}: {error}")))?;
                match read.get() {
                    "null" => Ok(None),
                    text if text.starts_with('{') => Ok(Some(read)),
                    _ => Err(Unusable::Malformed(format!("`{name}` must be an object"))),
                }
            };
            let is_known = matches!(
                &**name,
                "query" | "operationName" | "variables" | "extensions" | "documentId" | "id" | "doc_id"
            );
            if is_known && !seen.insert(&**name) {
                return Err(Unusable::Malformed(format!("`{name}` stands there twice")));
            }
            if value.is_empty() {
                continue;
            }
            match &**name {
                "query" => said.query = text(),
                "operationName" => said.operation_name = text(),
                "variables" => said.variables = json()?,
                "extensions" => said.extensions = json()?,
                "documentId" => said.document_id = text(),
                // As Relay's clients would write them into a URL.
                "id" | "doc_id" if said.document_id.is_none() => said.document_id = text(),
                _ => {}
            }
        }
        said.named().map_err(|why| Unusable::Malformed(why.to_owned()))
    }

    /// The request of a sender; `explain` is asked for beside what the parameters say. This is the way of every transport.
    pub(in crate::front) fn into_request(
        self,
        limits: &screen::Limits,
        known: Known<'_>,
        channel: Option<String>,
        sender: &Sender,
        explain: Explain,
    ) -> Result<GraphqlRequest, Unusable> {
        let Self(said) = self;
        let variables = match said.variables {
            None => Map::new(),
            Some(raw) => {
                screen::variables(raw.get(), limits).map_err(Unusable::Refused)?;
                read(raw, "variables")?
            }
        };
        let extensions: Extensions = match said.extensions {
            None => Extensions::default(),
            Some(raw) => read(raw, "extensions")?,
        };
        let name = match (extensions.persisted_query, said.document_id) {
            (
                Some(PersistedQuery {
                    version: 1,
                    sha256_hash,
                }),
                _,
            ) => Some(Name::Sha256(sha256_hash)),
            (Some(PersistedQuery { version, .. }), _) => {
                let message = format!("extensions.persistedQuery.version: 1 is known, and not {version}");
                return Err(Unusable::Malformed(message));
            }
            (None, Some(id)) => Some(Name::Id(id)),
            (None, None) if said.query.is_none() => [said.id, said.doc_id]
                .into_iter()
                .flatten()
                .find_map(|raw| serde_json::from_str(raw.get()).ok())
                .map(Name::Id),
            (None, None) => None,
        };
        if said.query.is_none() && name.is_none() {
            return Err(Unusable::Malformed(NO_DOCUMENT.to_owned()));
        }
        let found = known.find(said.query, name).map_err(Unusable::Refused)?;
        Ok(GraphqlRequest {
            query: found.document,
            operation_name: said.operation_name.or(found.operation),
            variables,
            channel,
            identity: sender.identity.clone(),
            explain: explain.and(extensions.explain),
            sha256: found.sha256,
            ..GraphqlRequest::default()
        })
    }
}

fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue, name: &str) -> Result<T, Unusable> {
    serde_json::from_str(raw.get()).map_err(|error| Unusable::Malformed(format!("{name}: {error}")))
}
