//! What async-graphql does for us: validation of a parsed document, and introspection.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, Selection};
use async_graphql::{Positioned, Request, Response, ServerError, ValidationMode};
use serde_json::Map;
use skuery_schema::system::{Tables, TypeSystem, type_system};
use skuery_schema::table::SchemaTypes;

use crate::engine::operation::{Operation, RequestError};
use crate::engine::plan::Plan;
use crate::engine::shown;

/// A type system of any tables.
trait System: Send + Sync {
    fn run(&self, request: Request) -> Pin<Box<dyn Future<Output = Response> + Send + '_>>;
}

impl<T: Tables> System for TypeSystem<T> {
    fn run(&self, request: Request) -> Pin<Box<dyn Future<Output = Response> + Send + '_>> {
        Box::pin(self.execute(request))
    }
}

/// Runs async-graphql's strict validation and stops before execution.
pub(crate) struct Validator {
    types: &'static SchemaTypes,
    system: Box<dyn System>,
}

impl Validator {
    pub(crate) fn new<T: Tables>() -> Self {
        Self {
            types: T::TYPES,
            system: Box::new(type_system::<T>().extension(StopBeforeExecution).finish()),
        }
    }

    pub(crate) async fn check(
        &self,
        document: &ExecutableDocument,
        operation_name: Option<&str>,
    ) -> Result<(), Vec<RequestError>> {
        let mut request = Request::new("");
        if let Some(name) = operation_name {
            request = request.operation_name(name);
        }
        let mut document = document.clone();
        shown::spell_out(self.types, &mut document).map_err(|error| vec![error])?;
        request.set_parsed_query(document);
        refused(self.system.run(request).await).map(drop)
    }
}

/// Only fields of the root's introspection are left of the operation; async-graphql answers them.
pub(crate) struct Introspection(Box<dyn System>);

impl Introspection {
    /// The document has passed strict validation, so the reduced one need not: it may hold unused fragments.
    pub(crate) fn new<T: Tables>() -> Self {
        Self(Box::new(
            type_system::<T>().validation_mode(ValidationMode::Fast).finish(),
        ))
    }

    pub(crate) async fn answer(
        &self,
        operation: &Operation,
        plan: &Plan,
        variables: &Map<String, serde_json::Value>,
    ) -> Result<Map<String, serde_json::Value>, Vec<RequestError>> {
        let mut document = operation.document().clone();
        let mut definition = operation.definition().clone();
        definition.node.selection_set.node.items = plan
            .introspection
            .iter()
            .map(|field| {
                let mut field = field.clone();
                // The plan has applied them, and async-graphql knows nothing of other directives than these.
                field.node.directives.clear();
                Positioned::new(Selection::Field(field.clone()), field.pos)
            })
            .collect();
        definition.node.directives.clear();
        document.operations = DocumentOperations::Single(definition);
        let mut request = Request::new("").variables(operation.raw_variables(variables));
        request.set_parsed_query(document);
        match refused(self.0.run(request).await)?.data.into_json() {
            Ok(serde_json::Value::Object(data)) => Ok(data),
            _ => Ok(Map::new()),
        }
    }
}

fn refused(response: Response) -> Result<Response, Vec<RequestError>> {
    if response.errors.is_empty() {
        return Ok(response);
    }
    Err(response
        .errors
        .into_iter()
        .map(RequestError::validation)
        .collect())
}

struct StopBeforeExecution;

impl ExtensionFactory for StopBeforeExecution {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for StopBeforeExecution {
    async fn execute(&self, _: &ExtensionContext<'_>, _: Option<&str>, _: NextExecute<'_>) -> Response {
        Response::default()
    }
}

impl From<ServerError> for RequestError {
    fn from(error: ServerError) -> Self {
        Self::validation(error)
    }
}
