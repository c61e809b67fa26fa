//! What async-graphql does for us: validation of a parsed document, and introspection.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Selection as AstSelection, SelectionSet,
};
use async_graphql::{Request, Response, ServerError, ValidationMode, Variables};
use serde_json::Map;

use crate::engine::operation::{Operation, RequestError};
use crate::engine::plan::{Plan, Read};
use crate::engine::{BuiltTypeSystem, TypeSystemBuilder};

/// Runs async-graphql's strict validation and stops before execution.
pub(crate) struct Validator(BuiltTypeSystem);

impl Validator {
    pub(crate) fn new(builder: TypeSystemBuilder) -> Self {
        Self(builder.extension(StopBeforeExecution).finish())
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
        request.set_parsed_query(document.clone());
        let response = self.0.execute(request).await;
        if response.errors.is_empty() {
            return Ok(());
        }
        Err(response
            .errors
            .into_iter()
            .map(RequestError::validation)
            .collect())
    }
}

/// Only fields of the root's introspection are left of the operation; async-graphql answers them.
pub(crate) struct Introspection(BuiltTypeSystem);

impl Introspection {
    /// The document has passed strict validation, so the reduced one need not: it may hold unused fragments.
    pub(crate) fn new(builder: TypeSystemBuilder) -> Self {
        Self(builder.validation_mode(ValidationMode::Fast).finish())
    }

    pub(crate) async fn answer(
        &self,
        operation: &Operation,
        plan: &Plan,
        variables: &Map<String, serde_json::Value>,
    ) -> Result<Map<String, serde_json::Value>, Vec<RequestError>> {
        let keys = introspection_keys(plan);
        let mut document = operation.document().clone();
        let mut definition = operation.definition().clone();
        let mut kept = Vec::new();
        keep(&document, &definition.node.selection_set.node, &keys, &mut kept);
        definition.node.selection_set.node.items = kept;
        document.operations = DocumentOperations::Single(definition);
        let variables = serde_json::Value::Object(variables.clone());
        let mut request = Request::new("").variables(Variables::from_json(variables));
        request.set_parsed_query(document);
        let response = self.0.execute(request).await;
        if !response.errors.is_empty() {
            return Err(response
                .errors
                .into_iter()
                .map(RequestError::validation)
                .collect());
        }
        match response.data.into_json() {
            Ok(serde_json::Value::Object(data)) => Ok(data),
            _ => Ok(Map::new()),
        }
    }
}

fn introspection_keys(plan: &Plan) -> Vec<Arc<str>> {
    let root = plan.root.of(skuery_schema::query::Query::TABLE);
    let fields = root.into_iter().flat_map(|root| &root.fields);
    fields
        .filter(|field| field.read == Read::Introspection)
        .map(|field| field.key.clone())
        .collect()
}

/// The introspection fields of the root, taken out of inline fragments and spreads.
fn keep(
    document: &ExecutableDocument,
    set: &SelectionSet,
    keys: &[Arc<str>],
    kept: &mut Vec<async_graphql::Positioned<AstSelection>>,
) {
    for item in &set.items {
        match &item.node {
            AstSelection::Field(field) => {
                if keys
                    .iter()
                    .any(|key| **key == *field.node.response_key().node.as_str())
                {
                    kept.push(item.clone());
                }
            }
            AstSelection::InlineFragment(fragment) => {
                keep(document, &fragment.node.selection_set.node, keys, kept)
            }
            AstSelection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    keep(document, &fragment.node.selection_set.node, keys, kept);
                }
            }
        }
    }
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
