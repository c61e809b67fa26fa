//! Whether fields that share a response key can be one: the specification's "Field Selection Merging".
//!
//! async-graphql compares fields under the same type condition only, and never the form of their values. What may be
//! skipped counts too: whether a document is valid does not depend on its variables.

use std::collections::HashSet;

use async_graphql::Positioned;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{ExecutableDocument, Field as AstField, Selection, SelectionSet};
use skuery_schema::error::ErrorCode;
use skuery_schema::table::{Field, SchemaTypes, TypeRef};

use crate::engine::operation::{RequestError, place, root};
use crate::engine::plan::PLANNED_FIELDS;

/// Types of introspection have no tables. They are all objects, so what meets under one key meets on one type.
const INTROSPECTED: &str = "";

/// Refuses a document, valid otherwise, in which fields under one key differ.
pub(crate) fn check(types: &'static SchemaTypes, document: &ExecutableDocument) -> Result<(), RequestError> {
    for (_, operation) in document.operations.iter() {
        let root = root(types, operation.node.ty).unwrap_or(types.query());
        let mut overlap = Overlap {
            types,
            document,
            compared: 0,
        };
        overlap.set(&[(root.name, &operation.node.selection_set.node)], true)?;
    }
    Ok(())
}

/// Selections with the types they select from.
type Sets<'a> = [(&'a str, &'a SelectionSet)];

/// A field where it is selected.
struct Selected<'a> {
    parent: &'a str,
    node: &'a Positioned<AstField>,
    table: Option<&'static Field>,
}

struct Overlap<'a> {
    types: &'static SchemaTypes,
    document: &'a ExecutableDocument,
    compared: usize,
}

impl<'a> Overlap<'a> {
    /// Checks what the selections select together. Of fields of types that no value has at once only the form of their
    /// values is compared; with `same` unset, of all.
    fn set(&mut self, sets: &Sets<'a>, same: bool) -> Result<(), RequestError> {
        let mut by_key = IndexMap::new();
        let mut spread = HashSet::new();
        for (parent, set) in sets {
            self.collect(parent, set, &mut spread, &mut by_key);
        }
        for (key, fields) in by_key {
            self.compared += fields.len();
            if self.compared > 2 * PLANNED_FIELDS {
                let message = "too many fields share their keys with others to compare them";
                let at = vec![place(&fields[0].node.pos)];
                return Err(RequestError::new(ErrorCode::QueryTooComplex, message).at(at));
            }
            self.group(key, &fields, same)?;
        }
        Ok(())
    }

    fn group(&mut self, key: &str, fields: &[Selected<'a>], same: bool) -> Result<(), RequestError> {
        let first = &fields[0];
        let other_form = fields[1..].iter().find(|field| !self.same_form(first, field));
        if let Some(other) = other_form {
            return Err(conflict(key, first.node, other.node));
        }
        let is_leaf = first.node.node.selection_set.node.items.is_empty();
        if is_leaf && !same {
            return Ok(());
        }
        let inner = |fields: &mut dyn Iterator<Item = &Selected<'a>>| -> Vec<(&'a str, &'a SelectionSet)> {
            fields
                .map(|field| (field.inner_type(), &field.node.node.selection_set.node))
                .collect()
        };
        if !same {
            return self.set(&inner(&mut fields.iter()), false);
        }
        // By types that a value can have; a field of an abstract type is selected of all of them.
        let everywhere = || fields.iter().filter(|field| self.is_abstract(field.parent));
        let mut by_type: IndexMap<&str, Vec<&Selected<'a>>> = IndexMap::new();
        for field in fields.iter().filter(|field| !self.is_abstract(field.parent)) {
            by_type.entry(field.parent).or_default().push(field);
        }
        let groups: Vec<Vec<&Selected<'a>>> = if by_type.is_empty() {
            vec![everywhere().collect()]
        } else {
            let groups = by_type.into_values();
            groups
                .map(|group| group.into_iter().chain(everywhere()).collect())
                .collect()
        };
        for group in &groups {
            let first = group[0].node;
            if let Some(other) = group[1..].iter().find(|field| !same_field(first, field.node)) {
                return Err(conflict(key, first, other.node));
            }
        }
        if is_leaf {
            return Ok(());
        }
        if groups.len() > 1 {
            self.set(&inner(&mut fields.iter()), false)?;
        }
        for group in groups {
            self.set(&inner(&mut group.into_iter()), true)?;
        }
        Ok(())
    }

    /// "SameResponseShape": lists and nullability alike, and the same type unless both have fields.
    fn same_form(&self, one: &Selected<'_>, other: &Selected<'_>) -> bool {
        let form = |field: &Selected<'_>| match field.table {
            Some(table) => table.ty,
            None if field.node.node.name.node == "__typename" => "String!",
            None => INTROSPECTED,
        };
        let (one, other) = (form(one), form(other));
        if one == other {
            return true;
        }
        let composite = |ty: &str| self.is_composite(TypeRef(ty).name());
        let wrapping = |ty: &'static str| {
            let name = TypeRef(ty).name();
            ty.split_once(name).unwrap_or((ty, ""))
        };
        composite(one) && composite(other) && wrapping(one) == wrapping(other)
    }

    fn is_abstract(&self, name: &str) -> bool {
        name != INTROSPECTED && self.types.object(name).is_none()
    }

    fn is_composite(&self, name: &str) -> bool {
        !self.types.possible(name).is_empty()
    }

    fn collect(
        &self,
        parent: &'a str,
        set: &'a SelectionSet,
        spread: &mut HashSet<&'a str>,
        by_key: &mut IndexMap<&'a str, Vec<Selected<'a>>>,
    ) {
        // Conditions say nothing new of an introspected type.
        let narrowed = |on: &'a str| if parent == INTROSPECTED { parent } else { on };
        for item in &set.items {
            match &item.node {
                Selection::Field(node) => {
                    let table = self.types.field(parent, node.node.name.node.as_str());
                    let fields = by_key.entry(node.node.response_key().node.as_str()).or_default();
                    fields.push(Selected { parent, node, table });
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(parent, |condition| narrowed(condition.node.on.node.as_str()));
                    self.collect(on, &fragment.node.selection_set.node, spread, by_key);
                }
                Selection::FragmentSpread(fragment) => {
                    let name = fragment.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.document.fragments.get(name)
                        && spread.insert(name)
                    {
                        let on = narrowed(fragment.node.type_condition.node.on.node.as_str());
                        self.collect(on, &fragment.node.selection_set.node, spread, by_key);
                    }
                }
            }
        }
    }
}

impl Selected<'_> {
    fn inner_type(&self) -> &'static str {
        self.table.map_or(INTROSPECTED, |table| TypeRef(table.ty).name())
    }
}

/// Whether two fields of one object are the same, by name and arguments.
fn same_field(one: &Positioned<AstField>, other: &Positioned<AstField>) -> bool {
    let (one, other) = (&one.node, &other.node);
    one.name.node == other.name.node
        && one.arguments.len() == other.arguments.len()
        && one.arguments.iter().all(|(name, value)| {
            other
                .get_argument(&name.node)
                .is_some_and(|given| given.node == value.node)
        })
}

/// The refusal of two fields that share a key and cannot be one.
fn conflict(key: &str, one: &Positioned<AstField>, other: &Positioned<AstField>) -> RequestError {
    let message = format!(
        "`{key}` names different fields, the same field with different arguments, or values of different forms; an \
         alias tells them apart"
    );
    let at = vec![place(&one.pos), place(&other.pos)];
    RequestError::new(ErrorCode::GraphqlValidationFailed, message).at(at)
}
