//! `__typename` as async-graphql's validation can see it.
//!
//! Its walk passes such fields by: a variable that only their directives use was "not used", and nothing said that
//! they take no arguments and have no fields.

use async_graphql::Positioned;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, InlineFragment, Selection, SelectionSet,
};
use skuery_schema::error::ErrorCode;

use crate::engine::operation::{RequestError, place};

/// Puts the directives of `__typename` on a fragment around it, where they mean the same; refuses arguments and fields.
pub(crate) fn show(document: &mut ExecutableDocument) -> Result<(), RequestError> {
    match &mut document.operations {
        DocumentOperations::Single(operation) => show_in(&mut operation.node.selection_set.node)?,
        DocumentOperations::Multiple(operations) => {
            for operation in operations.values_mut() {
                show_in(&mut operation.node.selection_set.node)?;
            }
        }
    }
    for fragment in document.fragments.values_mut() {
        show_in(&mut fragment.node.selection_set.node)?;
    }
    Ok(())
}

/// The parser bounds how deeply selections nest.
fn show_in(set: &mut SelectionSet) -> Result<(), RequestError> {
    for item in &mut set.items {
        match &mut item.node {
            Selection::Field(field) if field.node.name.node == "__typename" => {
                check(field)?;
                if !field.node.directives.is_empty() {
                    let directives = std::mem::take(&mut field.node.directives);
                    let inner = SelectionSet {
                        items: vec![item.clone()],
                    };
                    item.node = Selection::InlineFragment(item.position_node(InlineFragment {
                        type_condition: None,
                        directives,
                        selection_set: item.position_node(inner),
                    }));
                }
            }
            Selection::Field(field) => show_in(&mut field.node.selection_set.node)?,
            Selection::InlineFragment(fragment) => show_in(&mut fragment.node.selection_set.node)?,
            Selection::FragmentSpread(_) => {}
        }
    }
    Ok(())
}

fn check(field: &Positioned<Field>) -> Result<(), RequestError> {
    if field.node.arguments.is_empty() && field.node.selection_set.node.items.is_empty() {
        return Ok(());
    }
    Err(RequestError {
        code: ErrorCode::GraphqlValidationFailed,
        message: "`__typename` takes no arguments and has no fields".to_owned(),
        locations: vec![place(&field.pos)],
    })
}
