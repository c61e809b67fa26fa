//! Which fields under one response key are the same field.

use async_graphql::Positioned;
use async_graphql::parser::types::Field as AstField;
use skuery_schema::error::ErrorCode;

use crate::engine::operation::{RequestError, place};

/// "FieldsInSetCanMerge" of the specification, for fields of one object. async-graphql checks it within one selection set;
/// what meets only after merging is checked here.
pub(crate) fn same_field(one: &Positioned<AstField>, other: &Positioned<AstField>) -> bool {
    let (one, other) = (&one.node, &other.node);
    one.name.node == other.name.node
        && one.arguments.len() == other.arguments.len()
        && one.arguments.iter().all(|(name, value)| {
            other
                .get_argument(&name.node)
                .is_some_and(|given| given.node == value.node)
        })
}

/// The refusal of two fields that share a key and cannot be merged.
pub(crate) fn conflict(key: &str, one: &Positioned<AstField>, other: &Positioned<AstField>) -> RequestError {
    let message = format!(
        "`{key}` names different fields or the same field with different arguments; an alias tells them apart"
    );
    RequestError::new(ErrorCode::GraphqlValidationFailed, message)
        .at(vec![place(&one.pos), place(&other.pos)])
}
