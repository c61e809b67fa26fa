//! "Single Root Field" of the specification: a subscription watches one thing.

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
    SelectionSet,
};
use async_graphql::{Name, Positioned};
use skuery_schema::error::ErrorCode;

use crate::engine::operation::{RequestError, place};

/// Checks the subscriptions of a document that is valid otherwise: its fragments exist and do not contain themselves.
pub(crate) fn check(document: &ExecutableDocument) -> Result<(), RequestError> {
    match &document.operations {
        DocumentOperations::Single(operation) => check_operation(document, operation),
        DocumentOperations::Multiple(operations) => operations
            .values()
            .try_for_each(|operation| check_operation(document, operation)),
    }
}

fn check_operation(
    document: &ExecutableDocument,
    operation: &Positioned<OperationDefinition>,
) -> Result<(), RequestError> {
    if operation.node.ty != OperationType::Subscription {
        return Ok(());
    }
    let mut root = Root {
        document,
        first: None,
        spread: Vec::new(),
    };
    root.visit(&operation.node.selection_set.node)
}

struct Root<'a> {
    document: &'a ExecutableDocument,
    first: Option<&'a Field>,
    /// A fragment counts once, however often it is spread.
    spread: Vec<&'a Name>,
}

impl<'a> Root<'a> {
    fn visit(&mut self, selections: &'a SelectionSet) -> Result<(), RequestError> {
        for selection in &selections.items {
            let directives = match &selection.node {
                Selection::Field(field) => &field.node.directives,
                Selection::FragmentSpread(spread) => &spread.node.directives,
                Selection::InlineFragment(fragment) => &fragment.node.directives,
            };
            let is_switch = |name: &str| matches!(name, "skip" | "include");
            if let Some(switch) = directives.iter().find(|it| is_switch(it.node.name.node.as_str())) {
                let message = "@skip and @include cannot stand at the root of a subscription";
                return Err(invalid(message).at(vec![place(&switch.pos)]));
            }
            match &selection.node {
                Selection::Field(field) => self.field(field)?,
                Selection::InlineFragment(fragment) => self.visit(&fragment.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if self.spread.contains(&name) {
                        continue;
                    }
                    self.spread.push(name);
                    if let Some(fragment) = self.document.fragments.get(name) {
                        self.visit(&fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &'a Positioned<Field>) -> Result<(), RequestError> {
        if field.node.name.node.starts_with("__") {
            let message = "a subscription must not select an introspection field at its root";
            return Err(invalid(message).at(vec![place(&field.pos)]));
        }
        let first = *self.first.get_or_insert(&field.node);
        if first.response_key().node != field.node.response_key().node {
            return Err(
                invalid("a subscription must select one field at its root").at(vec![place(&field.pos)])
            );
        }
        Ok(())
    }
}

fn invalid(message: &str) -> RequestError {
    RequestError::new(ErrorCode::GraphqlValidationFailed, message)
}
