//! The engine: turns a document into a plan, runs the plan's lookups in waves, and writes JSON from typed values.
//!
//! async-graphql parses and validates a document once; below that everything is ours. It knows tables and answers, and
//! nothing of products or systems: those are behind [`Request`].

pub mod answer;
pub mod operation;
pub mod plan;

mod coerce;
mod compile;
mod digits;
mod expand;
mod gather;
mod introspect;
mod json;
mod merge;
mod nesting;
mod positions;
mod write;

use std::sync::Arc;

use moka::Equivalent;
use moka::sync::Cache;
use serde_json::Map;
use skuery_schema::error::{ErrorCode, FieldError};
use skuery_schema::system::Tables;
use skuery_schema::table::SchemaTypes;

pub use answer::{Answer, Ask, Asked, Request, Ticket};
pub use operation::{Operation, RequestError};

use crate::engine::gather::Execution;
use crate::engine::introspect::{Introspection, Validator};

/// Executes operations over one set of types.
pub struct Engine {
    types: &'static SchemaTypes,
    validator: Validator,
    introspection: Introspection,
    operations: Cache<DocumentKey, Arc<Operation>>,
}

/// A document, and the operation of it that is meant.
type DocumentKey = (Arc<str>, Option<Arc<str>>);

/// Longer documents are prepared each time, so that the number of kept ones bounds the memory they take.
const KEPT_DOCUMENT: usize = 16 * 1024;

/// A document to look up, not copied for it.
#[derive(Hash)]
struct SoughtDocument<'a>(&'a str, Option<&'a str>);

impl Equivalent<DocumentKey> for SoughtDocument<'_> {
    fn equivalent(&self, (document, operation_name): &DocumentKey) -> bool {
        *self.0 == **document && self.1 == operation_name.as_deref()
    }
}

/// What an execution gives.
#[derive(Debug)]
pub struct Response {
    /// The response body.
    pub body: Vec<u8>,
    /// How many times lookups were waited for.
    pub waves: u32,
    /// The errors of fields; also in the body.
    pub errors: Vec<FieldError>,
}

impl Response {
    /// Adds `extensions` to the body; `members` are those of the JSON object, without its braces. At most once.
    pub(crate) fn extend(&mut self, members: &[u8]) {
        if self.body.pop_if(|last| *last == b'}').is_some() {
            self.body.extend_from_slice(b",\"extensions\":{");
            self.body.extend_from_slice(members);
            self.body.extend_from_slice(b"}}");
        }
    }
}

impl Engine {
    /// An engine over the types of `T`; `operations` is how many prepared documents are kept.
    pub fn new<T: Tables>(operations: u64) -> Self {
        Self {
            types: T::TYPES,
            validator: Validator::new::<T>(),
            introspection: Introspection::new::<T>(),
            operations: Cache::new(operations),
        }
    }

    /// The types it serves.
    pub fn types(&self) -> &'static SchemaTypes {
        self.types
    }

    /// Parses, validates and prepares a document; a document seen before costs a cache read.
    pub async fn prepare(
        &self,
        document: &str,
        operation_name: Option<&str>,
    ) -> Result<Arc<Operation>, Vec<RequestError>> {
        let sought = SoughtDocument(document, operation_name);
        if let Some(operation) = self.operations.get(&sought) {
            return Ok(operation);
        }
        if nesting::too_deep(document) {
            return Err(vec![RequestError {
                code: ErrorCode::QueryTooComplex,
                message: "the document's brackets nest too deeply".to_owned(),
                locations: Vec::new(),
            }]);
        }
        let parsed = async_graphql::parser::parse_query(document).map_err(|error| vec![error.into()])?;
        expand::check(&parsed).map_err(|error| vec![error])?;
        let definition =
            operation::pick(self.types, &parsed.operations, operation_name).map_err(|error| vec![error])?;
        self.validator.check(&parsed, operation_name).await?;
        positions::check(self.types, &parsed, &definition.node).map_err(|error| vec![error])?;
        let name = operation::name_of(&parsed.operations, operation_name);
        let operation = Arc::new(Operation::new(self.types, name, parsed, definition)?);
        if document.len() <= KEPT_DOCUMENT {
            let key = (Arc::from(document), operation_name.map(Arc::from));
            self.operations.insert(key, operation.clone());
        }
        Ok(operation)
    }

    /// Runs a prepared operation whose variables have been coerced.
    pub async fn execute(
        &self,
        operation: &Operation,
        variables: &operation::Variables,
        raw_variables: &Map<String, serde_json::Value>,
        request: &mut dyn Request,
    ) -> Result<Response, Vec<RequestError>> {
        let plan = operation.plan(self.types, variables)?;
        let introspected = match plan.introspection.is_empty() {
            true => Map::new(),
            false => self.introspection.answer(operation, &plan, raw_variables).await?,
        };
        let args = plan.args.iter().map(|args| args.resolve(self.types, variables));
        let args: Vec<_> = args.collect();
        let mut execution = Execution::new(&plan, &args);
        execution.run(request).await;
        let written = write::response(&execution, &introspected, operation.usual_bytes());
        let response = written.ok_or_else(|| {
            vec![RequestError {
                code: ErrorCode::QueryTooComplex,
                message: "the response would be too long; ask for less at once".to_owned(),
                locations: Vec::new(),
            }]
        })?;
        operation.answered(response.body.len());
        Ok(response)
    }
}

impl From<async_graphql::parser::Error> for RequestError {
    fn from(error: async_graphql::parser::Error) -> Self {
        let locations = error.positions().map(|at| (at.line, at.column)).collect();
        Self {
            code: ErrorCode::GraphqlParseFailed,
            message: without_picture(&error.to_string()),
            locations,
        }
    }
}

/// Only what was expected: above it the parser draws the whole line, which may be all of a long document.
fn without_picture(message: &str) -> String {
    let mut lines = message.lines().rev();
    let expected = lines.find_map(|line| line.trim_start().strip_prefix("= "));
    expected.unwrap_or(message).to_owned()
}
