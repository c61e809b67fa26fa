//! Persisted documents: those that clients' builds have written down, known before anybody sends them.
//!
//! The build tools write three forms, which tell themselves apart:
//!
//! - Apollo's operation manifest, `{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id",
//!   "name", "type", "body"}]}`; an operation may have a `clientName`, and ids are unique for each
//!   (<https://www.apollographql.com/docs/graphos/platform/security/persisted-queries>;
//!   <https://github.com/apollographql/router/pull/6198>).
//! - Relay's compiler, an object of texts by id, the MD5 of the text (`persistConfig.file`,
//!   <https://relay.dev/docs/guides/persisted-queries/>).
//! - GraphQL Code Generator's client preset, `persisted-documents.json`: an object of texts by id, a hash of the text by
//!   a configured algorithm (`packages/presets/client/src/index.ts` in
//!   <https://github.com/dotansimha/graphql-code-generator>).
//!
//! Ids are taken as they are: what they are a hash of differs between the tools' versions.

mod known;
mod manifest;
mod warm;

pub use known::{Documents, Found, Known, Name};
pub use manifest::{Manifest, ManifestError, PersistedDocument};
pub use warm::Warmed;
