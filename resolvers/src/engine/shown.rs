//! A document as async-graphql's validation sees it rightly.
//!
//! Its walk passes `__typename` by: a variable that only its directives use was "not used", and nothing said that it
//! takes no arguments and has no fields. And it takes all fragments without a type condition for fragments on one type,
//! so that fields of types that no value has at once were in conflict.

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, InlineFragment, Selection, SelectionSet, TypeCondition,
};
use async_graphql::{Name, Positioned};
use skuery_schema::error::ErrorCode;
use skuery_schema::table::{SchemaTypes, TypeRef};

use crate::engine::operation::{RequestError, place, root};

/// Writes every type condition, and puts the directives of `__typename` on a fragment around it, where they mean the
/// same. Refuses arguments and fields of `__typename`.
pub(crate) fn spell_out(
    types: &'static SchemaTypes,
    document: &mut ExecutableDocument,
) -> Result<(), RequestError> {
    let operations: Vec<_> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![operation],
        DocumentOperations::Multiple(operations) => operations.values_mut().collect(),
    };
    for operation in operations {
        let root = root(types, operation.node.ty).map(|root| root.name);
        set(types, root, &mut operation.node.selection_set.node)?;
    }
    for fragment in document.fragments.values_mut() {
        let on = fragment.node.type_condition.node.on.node.clone();
        set(types, Some(&on), &mut fragment.node.selection_set.node)?;
    }
    Ok(())
}

/// `scope` is `None` where the tables have no such type. The parser bounds how deeply selections nest.
fn set(
    types: &'static SchemaTypes,
    scope: Option<&str>,
    selection: &mut SelectionSet,
) -> Result<(), RequestError> {
    for item in &mut selection.items {
        match &mut item.node {
            Selection::Field(field) if field.node.name.node == "__typename" => {
                check_typename(field)?;
                if field.node.directives.is_empty() {
                    continue;
                }
                let directives = std::mem::take(&mut field.node.directives);
                let inner = SelectionSet {
                    items: vec![item.clone()],
                };
                item.node = Selection::InlineFragment(item.position_node(InlineFragment {
                    type_condition: scope.map(|scope| item.position_node(on(item, scope))),
                    directives,
                    selection_set: item.position_node(inner),
                }));
            }
            Selection::Field(field) => {
                let inner = scope.and_then(|scope| type_of(types, scope, &field.node.name.node));
                set(types, inner, &mut field.node.selection_set.node)?;
            }
            Selection::InlineFragment(fragment) => {
                if let (None, Some(scope)) = (&fragment.node.type_condition, scope) {
                    let condition = on(fragment, scope);
                    fragment.node.type_condition = Some(fragment.position_node(condition));
                }
                let condition = fragment.node.type_condition.as_ref();
                let on = condition.map(|condition| condition.node.on.node.clone());
                set(types, on.as_deref(), &mut fragment.node.selection_set.node)?;
            }
            Selection::FragmentSpread(_) => {}
        }
    }
    Ok(())
}

fn on<T>(at: &Positioned<T>, scope: &str) -> TypeCondition {
    TypeCondition {
        on: at.position_node(Name::new(scope)),
    }
}

fn type_of(types: &'static SchemaTypes, scope: &str, field: &str) -> Option<&'static str> {
    types.field(scope, field).map(|field| TypeRef(field.ty).name())
}

fn check_typename(field: &Positioned<Field>) -> Result<(), RequestError> {
    if field.node.arguments.is_empty() && field.node.selection_set.node.items.is_empty() {
        return Ok(());
    }
    let message = "`__typename` takes no arguments and has no fields";
    Err(RequestError::new(ErrorCode::GraphqlValidationFailed, message).at(vec![place(&field.pos)]))
}
