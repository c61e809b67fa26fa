//! Whether every value may stand where it stands: the specification's "Values of Correct Type" and "All Variable Usages
//! Are Allowed".
//!
//! async-graphql has the latter rule, but its chain of rules never shows it a value, so a number could stand for a SKU.
//! Of literals it lets integers of any size stand for an `Int` and strings for enum values. What may be skipped counts
//! too: whether a document is valid does not depend on its variables.

use std::collections::HashSet;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, Selection, SelectionSet, VariableDefinition,
};
use async_graphql_value::Value as Literal;
use skuery_schema::error::ErrorCode;
use skuery_schema::scalar;
use skuery_schema::table::{Argument, SchemaTypes, TypeRef};

use crate::engine::operation::{RequestError, place, root};

/// Refuses a document with a value of a type that does not fit. It is valid otherwise.
pub(crate) fn check(types: &'static SchemaTypes, document: &ExecutableDocument) -> Result<(), RequestError> {
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        let mut walk = Walk {
            types,
            document,
            variables: &operation.variable_definitions,
            seen: HashSet::new(),
        };
        for variable in &operation.variable_definitions {
            if let Some(default) = &variable.node.default_value {
                let ty = variable.node.var_type.node.to_string();
                let literal = default.node.clone().into_value();
                walk.literal(TypeRef(&ty), false, &literal, default.pos)?;
            }
        }
        for directive in &operation.directives {
            let mut tables = types.directives.iter();
            if let Some(table) = tables.find(|table| table.name == directive.node.name.node) {
                walk.arguments(table.args, &directive.node.arguments)?;
            }
        }
        let root = root(types, operation.ty).unwrap_or(types.query());
        walk.set(&operation.selection_set.node, root.name)?;
    }
    Ok(())
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
        let Some(table) = self.types.field(parent, &field.node.name.node) else {
            return Ok(());
        };
        self.arguments(table.args, &field.node.arguments)?;
        self.set(&field.node.selection_set.node, TypeRef(table.ty).name())
    }

    fn arguments(
        &self,
        table: &[Argument],
        given: &[(Positioned<async_graphql::Name>, Positioned<Literal>)],
    ) -> Result<(), RequestError> {
        for (name, value) in given {
            if let Some(argument) = table.iter().find(|argument| argument.name == name.node) {
                let ty = TypeRef(argument.ty);
                self.literal(ty, argument.default.is_some(), &value.node, value.pos)?;
            }
        }
        Ok(())
    }

    /// Conditions take a `Boolean!`; those of our own stand on operations.
    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<(), RequestError> {
        for (_, value) in directives.iter().flat_map(|directive| &directive.node.arguments) {
            self.literal(TypeRef("Boolean!"), false, &value.node, value.pos)?;
        }
        Ok(())
    }

    fn literal(
        &self,
        ty: TypeRef<'_>,
        has_default: bool,
        literal: &Literal,
        at: async_graphql::Pos,
    ) -> Result<(), RequestError> {
        match (literal, ty.item()) {
            (Literal::Variable(name), _) => {
                let mut declared = self.variables.iter();
                match declared.find(|variable| variable.node.name.node == *name) {
                    Some(variable) if !fits(&variable.node, ty, has_default) => {
                        let message = format!(
                            "Variable \"${name}\" of type \"{}\" used in position expecting type \"{}\".",
                            variable.node.var_type.node, ty.0
                        );
                        let places = vec![place(&variable.pos), place(&at)];
                        Err(RequestError::new(ErrorCode::GraphqlValidationFailed, message).at(places))
                    }
                    _ => Ok(()),
                }
            }
            (Literal::Null, _) if !ty.non_null() => Ok(()),
            (Literal::List(items), Some(item)) => items
                .iter()
                .try_for_each(|value| self.literal(item, false, value, at)),
            // One value stands for a list of it.
            (value, Some(item)) => self.literal(item, false, value, at),
            (value, None) => self.named(ty, value, at),
        }
    }

    fn named(&self, ty: TypeRef<'_>, value: &Literal, at: async_graphql::Pos) -> Result<(), RequestError> {
        let fits = match (
            value,
            self.types.input(ty.name()),
            self.types.enumeration(ty.name()),
        ) {
            (Literal::Object(members), Some(input), _) => {
                return members.iter().try_for_each(|(name, value)| {
                    match input.fields.iter().find(|field| field.name == name.as_str()) {
                        // "IsNonNullPosition": exactly one is given, and is not null.
                        Some(field) if input.one_of && matches!(value, Literal::Variable(_)) => {
                            self.literal(TypeRef(&format!("{}!", field.ty)), false, value, at)
                        }
                        Some(field) => self.literal(TypeRef(field.ty), field.default.is_some(), value, at),
                        None => Ok(()),
                    }
                });
            }
            (Literal::Enum(name), None, Some(table)) => table.values.iter().any(|(value, _)| value == name),
            (value, None, None) => match value.clone().into_const() {
                Some(constant) => scalar::parse(ty.name(), &constant).is_some(),
                // What a variable stands for within `JSON` is known when it is read.
                None => ty.name() == "JSON",
            },
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let message = format!("{value} is not a value of type {}", ty.0);
        Err(RequestError::new(ErrorCode::GraphqlValidationFailed, message).at(vec![place(&at)]))
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
