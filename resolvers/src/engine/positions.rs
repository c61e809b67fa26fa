//! Whether every variable may stand where it stands: the specification's "All Variable Usages Are Allowed".
//!
//! async-graphql has this rule, but its chain of rules never shows it a value, so a number could stand for a SKU.

use std::collections::HashSet;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, VariableDefinition,
};
use async_graphql_value::Value as Literal;
use skuery_schema::error::ErrorCode;
use skuery_schema::table::{Argument, SchemaTypes, TypeRef};

use crate::engine::operation::{RequestError, place, root};

/// Refuses an operation with a variable of a type that does not fit. The document is valid otherwise.
pub(crate) fn check(
    types: &'static SchemaTypes,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> Result<(), RequestError> {
    if operation.variable_definitions.is_empty() {
        return Ok(());
    }
    let mut walk = Walk {
        types,
        document,
        variables: &operation.variable_definitions,
        seen: HashSet::new(),
    };
    let root = root(types, operation.ty).unwrap_or(types.query());
    walk.set(&operation.selection_set.node, root.name)
}

struct Walk<'a> {
    types: &'static SchemaTypes,
    document: &'a ExecutableDocument,
    variables: &'a [Positioned<VariableDefinition>],
    /// Fragments that have been walked; each has its own type, wherever it is spread.
    seen: HashSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn set(&mut self, set: &'a SelectionSet, parent: &'a str) -> Result<(), RequestError> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.field(field, parent)?,
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.node.directives)?;
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(parent, |condition| condition.node.on.node.as_str());
                    self.set(&fragment.node.selection_set.node, on)?;
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives)?;
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.seen.insert(name)
                    {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.set(&fragment.node.selection_set.node, on)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &'a Positioned<Field>, parent: &str) -> Result<(), RequestError> {
        self.directives(&field.node.directives)?;
        // The fields of an interface are those of any type behind it.
        let possible = self.types.possible(parent);
        let mut tables = possible.iter().flat_map(|object| object.fields);
        let Some(table) = tables.find(|table| table.name == field.node.name.node) else {
            return Ok(());
        };
        for (name, value) in &field.node.arguments {
            if let Some(argument) = table.args.iter().find(|argument| argument.name == name.node) {
                self.value(argument, value)?;
            }
        }
        self.set(&field.node.selection_set.node, TypeRef(table.ty).name())
    }

    /// Conditions take a `Boolean!`; those of our own stand on operations.
    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<(), RequestError> {
        for (_, value) in directives.iter().flat_map(|directive| &directive.node.arguments) {
            self.literal(TypeRef("Boolean!"), false, &value.node, value)?;
        }
        Ok(())
    }

    fn value(&self, argument: &Argument, value: &Positioned<Literal>) -> Result<(), RequestError> {
        self.literal(
            TypeRef(argument.ty),
            argument.default.is_some(),
            &value.node,
            value,
        )
    }

    fn literal(
        &self,
        ty: TypeRef<'_>,
        has_default: bool,
        literal: &Literal,
        at: &Positioned<Literal>,
    ) -> Result<(), RequestError> {
        match literal {
            Literal::Variable(name) => {
                let declared = self
                    .variables
                    .iter()
                    .find(|variable| variable.node.name.node == *name);
                match declared {
                    Some(variable) if !fits(&variable.node, ty, has_default) => {
                        let message = format!(
                            "Variable \"${name}\" of type \"{}\" used in position expecting type \"{}\".",
                            variable.node.var_type.node, ty.0
                        );
                        let places = vec![place(&variable.pos), place(&at.pos)];
                        Err(RequestError::new(ErrorCode::GraphqlValidationFailed, message).at(places))
                    }
                    _ => Ok(()),
                }
            }
            Literal::List(items) => {
                let item = ty.item().unwrap_or(ty);
                items
                    .iter()
                    .try_for_each(|value| self.literal(item, false, value, at))
            }
            Literal::Object(members) => {
                let Some(input) = self.types.input(ty.name()) else {
                    return Ok(());
                };
                members.iter().try_for_each(|(name, value)| {
                    match input.fields.iter().find(|field| field.name == name.as_str()) {
                        Some(field) => self.literal(TypeRef(field.ty), field.default.is_some(), value, at),
                        None => Ok(()),
                    }
                })
            }
            _ => Ok(()),
        }
    }
}

/// A nullable variable may stand where null is not allowed if it or the place has a default.
fn fits(variable: &VariableDefinition, place: TypeRef<'_>, has_default: bool) -> bool {
    let declared = variable.var_type.node.to_string();
    let declared = TypeRef(&declared);
    let own_default = variable.default_value.as_ref();
    let own_default = own_default.is_some_and(|value| value.node != async_graphql::Value::Null);
    let nullable = place.0.strip_suffix('!').map(TypeRef);
    match nullable {
        Some(nullable) if !declared.non_null() && (own_default || has_default) => {
            compatible(declared, nullable)
        }
        _ => compatible(declared, place),
    }
}

fn compatible(declared: TypeRef<'_>, place: TypeRef<'_>) -> bool {
    if place.non_null() && !declared.non_null() {
        return false;
    }
    match (declared.item(), place.item()) {
        (Some(declared), Some(place)) => compatible(declared, place),
        (None, None) => declared.name() == place.name(),
        _ => false,
    }
}
