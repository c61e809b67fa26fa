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
mod gather;
mod introspect;
mod json;
mod kept;
mod members;
mod overlap;
mod positions;
mod shown;
mod single;
mod switches;
mod weight;
mod write;

use std::sync::Arc;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument};
use serde_json::Map;
use skuery_schema::error::{ErrorCode, FieldError};
use skuery_schema::input::Args;
use skuery_schema::system::Tables;
use skuery_schema::table::SchemaTypes;

pub use answer::{Answer, Ask, Asked, Request, Ticket};
pub use kept::KeptCounts;
pub use operation::{Operation, RequestError};

use crate::engine::gather::Execution;
use crate::engine::introspect::{Introspection, Validator};
use crate::engine::kept::Kept;
use crate::screen;

/// Executes operations over one set of types.
pub struct Engine {
    types: &'static SchemaTypes,
    validator: Validator,
    introspection: Introspection,
    kept: Kept,
    limits: screen::Limits,
    hides_schema: bool,
}

/// An operation that was prepared before anybody asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmedOperation {
    /// What it takes of memory, in bytes; estimated.
    pub weight: u64,
    /// Whether it is kept.
    pub kept: bool,
}

/// An operation that can be run: what is known of it before anything is asked.
#[derive(Clone)]
pub struct Ready {
    pub(crate) plan: Arc<plan::Plan>,
    /// By the plan's numbers; an error is that of every field with these arguments.
    pub(crate) args: Vec<Result<Arc<Args>, FieldError>>,
}

impl Ready {
    /// The arguments of the root's only field; `None` where the root has several or none.
    pub(crate) fn only_root_args(&self) -> Option<&Result<Arc<Args>, FieldError>> {
        let fields = &self.plan.root.of(self.plan.root_type)?.fields;
        match fields.as_slice() {
            [field] => self.args.get(field.args),
            _ => None,
        }
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
    /// An engine over the types of `T`, which keeps prepared operations of `kept_bytes` together.
    pub fn new<T: Tables>(kept_bytes: u64) -> Self {
        Self {
            types: T::TYPES,
            validator: Validator::new::<T>(),
            introspection: Introspection::new::<T>(),
            kept: Kept::new(kept_bytes),
            limits: screen::Limits::default(),
            hides_schema: false,
        }
    }

    /// The same, with limits of its own on the documents that are prepared.
    #[must_use]
    pub fn with_limits(self, limits: screen::Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same, which keeps its schema to itself or not: then it answers no introspection. No unknown name is answered with
    /// a guess at what was meant, here or there.
    #[must_use]
    pub fn with_schema_hidden(self, hides_schema: bool) -> Self {
        Self { hides_schema, ..self }
    }

    /// The types it serves.
    pub fn types(&self) -> &'static SchemaTypes {
        self.types
    }

    /// What is kept, and how often it served.
    pub fn kept(&self) -> KeptCounts {
        self.kept.counts()
    }

    /// Screens, parses, validates and prepares a document; one that is kept has passed all that, and costs a cache read.
    pub async fn prepare(
        &self,
        document: &str,
        operation_name: Option<&str>,
    ) -> Result<Arc<Operation>, Vec<RequestError>> {
        let prepare = || self.prepare_anew(document, operation_name);
        self.kept.get(document, operation_name, prepare).await
    }

    /// Prepares a document that is sure to be asked for, so that its first request finds it: the named operation, or
    /// all of them. Says for each whether it is kept now; one that alone takes a large part of the room is not.
    pub async fn warm(
        &self,
        document: &str,
        operation_name: Option<&str>,
    ) -> Result<Vec<WarmedOperation>, Vec<RequestError>> {
        let names = match operation_name {
            Some(name) => vec![Some(name.to_owned())],
            None => match self.parse(document)?.operations {
                DocumentOperations::Single(_) => vec![None],
                DocumentOperations::Multiple(operations) => {
                    operations.keys().map(|name| Some(name.to_string())).collect()
                }
            },
        };
        let mut warmed = Vec::with_capacity(names.len());
        for name in names {
            let operation = self.prepare(document, name.as_deref()).await?;
            if !self.kept.holds(&operation) {
                self.kept.keep(&operation, true);
            }
            warmed.push(WarmedOperation {
                weight: operation.weight(),
                kept: self.kept.holds(&operation),
            });
        }
        Ok(warmed)
    }

    /// Reads a document that passes the screen; nothing is parsed before.
    fn parse(&self, document: &str) -> Result<ExecutableDocument, Vec<RequestError>> {
        screen::document(document, &self.limits).map_err(|error| vec![error])?;
        let parsed = async_graphql::parser::parse_query(document).map_err(|error| vec![error.into()])?;
        members::check(document).map_err(|error| vec![error])?;
        Ok(parsed)
    }

    async fn prepare_anew(
        &self,
        document: &str,
        operation_name: Option<&str>,
    ) -> Result<Operation, Vec<RequestError>> {
        let parsed = self.parse(document)?;
        operation::pick(self.types, &parsed.operations, operation_name).map_err(|error| vec![error])?;
        self.validator.check(&parsed, operation_name).await?;
        overlap::check(self.types, &parsed).map_err(|error| vec![error])?;
        positions::check(self.types, &parsed).map_err(|error| vec![error])?;
        single::check(&parsed).map_err(|error| vec![error])?;
        Operation::new(self.types, document, parsed, operation_name, self.kept.largest())
    }

    /// The values that the variables of a document that is not valid want beside: whoever mends it learns of both at once.
    pub fn missing(
        &self,
        document: &str,
        operation_name: Option<&str>,
        given: &Map<String, serde_json::Value>,
    ) -> Vec<RequestError> {
        let Ok(parsed) = self.parse(document) else {
            return Vec::new();
        };
        let Ok(picked) = operation::pick(self.types, &parsed.operations, operation_name) else {
            return Vec::new();
        };
        let variables = picked.node.variable_definitions.iter();
        let missing = variables.filter(|variable| {
            let value = given.get(variable.node.name.node.as_str());
            let has_value = match value {
                Some(value) => !value.is_null(),
                None => variable.node.default_value.is_some(),
            };
            !has_value && !variable.node.var_type.node.nullable
        });
        missing
            .map(|variable| {
                let (name, ty) = (&variable.node.name.node, &variable.node.var_type.node);
                let message = format!("variable ${name}: a value of type {ty} is required");
                RequestError::bad_input(message).at(vec![operation::place(&variable.pos)])
            })
            .collect()
    }

    /// The plan of a prepared operation for coerced variables, with every field's arguments.
    pub fn ready(
        &self,
        operation: &Operation,
        variables: &operation::Variables,
    ) -> Result<Ready, Vec<RequestError>> {
        let weight = operation.weight();
        let plan = operation.plan(self.types, variables)?;
        if self.hides_schema && !plan.introspection.is_empty() {
            let message = "introspection is switched off here";
            return Err(vec![RequestError::new(ErrorCode::OperationNotAllowed, message)]);
        }
        if operation.weight() != weight {
            self.kept.grown(operation);
        }
        let args = plan.args.iter();
        Ok(Ready {
            args: args.map(|args| args.resolve(self.types, variables)).collect(),
            plan,
        })
    }

    /// Runs a prepared operation that is ready.
    pub async fn execute(
        &self,
        operation: &Operation,
        ready: Ready,
        raw_variables: &Map<String, serde_json::Value>,
        request: &mut dyn Request,
    ) -> Result<Response, Vec<RequestError>> {
        let Ready { plan, args } = ready;
        let introspected = match plan.introspection.is_empty() {
            true => Map::new(),
            false => self.introspection.answer(operation, &plan, raw_variables).await?,
        };
        let mut execution = Execution::new(&plan, &args);
        execution.run(request).await;
        let written = write::response(&execution, &introspected, operation.usual_bytes());
        let response = written.ok_or_else(|| {
            let message = "the response would be too long; ask for less at once";
            vec![RequestError::new(ErrorCode::QueryTooComplex, message)]
        })?;
        operation.answered(response.body.len());
        Ok(response)
    }
}

impl From<async_graphql::parser::Error> for RequestError {
    fn from(error: async_graphql::parser::Error) -> Self {
        let locations = error.positions().map(|at| (at.line, at.column)).collect();
        Self::new(ErrorCode::GraphqlParseFailed, without_picture(&error.to_string())).at(locations)
    }
}

/// Only what was expected: above it the parser draws the whole line, which may be all of a long document.
fn without_picture(message: &str) -> String {
    let mut lines = message.lines().rev();
    let expected = lines.find_map(|line| line.trim_start().strip_prefix("= "));
    expected.unwrap_or(message).to_owned()
}
