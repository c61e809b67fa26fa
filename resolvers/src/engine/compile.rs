//! The plan compiler: a validated selection becomes a plan.
//!
//! All that depends on the document alone is decided here, once: merged fields, applied fragments, skipped fields, where
//! each value comes from, which lookups a selection needs. What is left for execution is reading and writing.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Positioned;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field as AstField, OperationDefinition, OperationType,
    Selection as AstSelection, SelectionSet,
};
use async_graphql_value::Value as Literal;
use skuery_schema::error::ErrorCode;
use skuery_schema::table::{Argument, ObjectType, SchemaTypes, Source, TypeRef};

use crate::engine::coerce;
use crate::engine::json::Opening;
use crate::engine::operation::{RequestError, Variables, place, root};
use crate::engine::plan::{
    PLANNED_FIELDS, Plan, PlannedArgs, PlannedAsk, PlannedField, Read, Selection, Shape, TypeSelection,
};

/// More changes than one operation should hold: they wait for each other, so that many would take minutes.
const SERIAL_FIELDS: usize = 10;

/// Compiles one operation for given values of its `@skip`/`@include` variables.
pub(crate) struct Compiler<'a> {
    types: &'static SchemaTypes,
    document: &'a ExecutableDocument,
    conditions: HashMap<&'a str, bool>,
    args: Vec<PlannedArgs>,
    introspection: Vec<Positioned<AstField>>,
    /// Whether it is a mutation, whose root has no introspection.
    serial: bool,
    planned: usize,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(
        types: &'static SchemaTypes,
        document: &'a ExecutableDocument,
        conditions: HashMap<&'a str, bool>,
    ) -> Self {
        // Number 0 serves every field without arguments.
        Self {
            types,
            document,
            conditions,
            args: vec![PlannedArgs::Ready(Arc::default())],
            introspection: Vec::new(),
            serial: false,
            planned: 0,
        }
    }

    pub(crate) fn compile(mut self, operation: &'a OperationDefinition) -> Result<Plan, RequestError> {
        let root_type = root(self.types, operation.ty).unwrap_or(self.types.query());
        self.serial = operation.ty == OperationType::Mutation;
        let root = self.selection(root_type.name, &[&operation.selection_set.node])?;
        let changes = root.of(root_type).map_or(0, |root| root.asks.len());
        if self.serial && changes > SERIAL_FIELDS {
            let message = format!("a mutation may hold {SERIAL_FIELDS} fields, and this one holds {changes}");
            return Err(RequestError::new(ErrorCode::QueryTooComplex, message));
        }
        Ok(Plan {
            root,
            root_type,
            serial: self.serial,
            args: self.args,
            introspection: self.introspection,
        })
    }

    fn selection(&mut self, type_name: &str, sets: &[&'a SelectionSet]) -> Result<Selection, RequestError> {
        let mut by_type: Vec<TypeSelection> = Vec::new();
        for object in self.types.possible(type_name) {
            by_type.push(self.type_selection(object, sets)?);
        }
        let live = by_type.iter().any(|selection| selection.live);
        Ok(Selection { by_type, live })
    }

    fn type_selection(
        &mut self,
        object: &'static ObjectType,
        sets: &[&'a SelectionSet],
    ) -> Result<TypeSelection, RequestError> {
        let mut collected = IndexMap::new();
        let mut spread = Vec::new();
        for set in sets {
            self.collect(object, set, &mut spread, &mut collected);
        }
        let mut asks: Vec<PlannedAsk> = Vec::new();
        if let Some(lookup) = object.whole {
            asks.push(PlannedAsk { lookup, field: None });
        }
        let mut fields = Vec::with_capacity(collected.len());
        for (key, nodes) in collected {
            fields.push(self.field(object, key, &nodes, fields.len(), &mut asks)?);
        }
        let whole = object.whole.is_some();
        let uses_whole = fields.iter().any(|field| matches!(field.read, Read::Whole(_)));
        let nested = fields
            .iter()
            .any(|field| field.selection.as_ref().is_some_and(|selection| selection.live));
        let live = !asks.is_empty() || nested;
        Ok(TypeSelection {
            object,
            fields,
            asks,
            whole,
            uses_whole,
            live,
        })
    }

    fn field(
        &mut self,
        object: &'static ObjectType,
        key: &'a str,
        nodes: &[&'a Positioned<AstField>],
        number: usize,
        asks: &mut Vec<PlannedAsk>,
    ) -> Result<PlannedField, RequestError> {
        let node = nodes[0];
        self.planned += 1;
        if self.planned > PLANNED_FIELDS {
            let message = format!(
                "more than {PLANNED_FIELDS} fields are selected, counted for every type they may be of"
            );
            return Err(RequestError::new(ErrorCode::QueryTooComplex, message).at(vec![place(&node.pos)]));
        }
        let name = node.node.name.node.as_str();
        let mut planned = PlannedField {
            opening: Opening::new(key, number == 0),
            key: key.into(),
            name: "__typename",
            read: Read::Typename,
            args: 0,
            shape: Shape::Value { non_null: true },
            selection: None,
            location: place(&node.pos),
        };
        if name == "__typename" {
            return Ok(planned);
        }
        let Some(index) = object.fields.iter().position(|field| field.name == name) else {
            if self.serial || !matches!(name, "__schema" | "__type") {
                let message = format!("{} has no field `{name}`", object.name);
                let error = RequestError::new(ErrorCode::GraphqlValidationFailed, message);
                return Err(error.at(vec![place(&node.pos)]));
            }
            self.introspection
                .extend(nodes.iter().map(|node| (*node).clone()));
            planned.read = Read::Introspection;
            planned.name = if name == "__schema" { "__schema" } else { "__type" };
            planned.shape = Shape::Value { non_null: false };
            return Ok(planned);
        };
        let table = &object.fields[index];
        let ty = TypeRef(table.ty);
        planned.name = table.name;
        planned.shape = Shape::of(ty);
        planned.args = self.arguments(table.args, node)?;
        planned.read = match table.source {
            Source::Own => Read::Own(index),
            Source::Whole => Read::Whole(index),
            Source::Live(lookup) => {
                asks.push(PlannedAsk {
                    lookup,
                    field: Some(number),
                });
                Read::Live(asks.len() - 1)
            }
        };
        if !self.types.possible(ty.name()).is_empty() {
            let sets: Vec<&SelectionSet> = nodes.iter().map(|node| &node.node.selection_set.node).collect();
            planned.selection = Some(self.selection(ty.name(), &sets)?);
        }
        Ok(planned)
    }

    fn arguments(
        &mut self,
        table: &'static [Argument],
        node: &'a Positioned<AstField>,
    ) -> Result<usize, RequestError> {
        if table.is_empty() {
            return Ok(0);
        }
        let given = &node.node.arguments;
        let planned = if given.iter().any(|(_, value)| has_variable(&value.node)) {
            PlannedArgs::Deferred {
                table,
                given: given.clone(),
            }
        } else {
            let args = coerce::arguments(self.types, table, given, &Variables::new());
            PlannedArgs::Ready(
                args.map(Arc::new)
                    .map_err(|message| RequestError::bad_input(message).at(vec![place(&node.pos)]))?,
            )
        };
        self.args.push(planned);
        Ok(self.args.len() - 1)
    }

    /// "CollectFields" of the specification for one concrete type.
    fn collect(
        &self,
        object: &ObjectType,
        set: &'a SelectionSet,
        spread: &mut Vec<&'a str>,
        collected: &mut IndexMap<&'a str, Vec<&'a Positioned<AstField>>>,
    ) {
        for item in &set.items {
            match &item.node {
                AstSelection::Field(field) if self.included(&field.node.directives) => {
                    collected
                        .entry(field.node.response_key().node.as_str())
                        .or_default()
                        .push(field);
                }
                AstSelection::InlineFragment(fragment) if self.included(&fragment.node.directives) => {
                    let condition = fragment
                        .node
                        .type_condition
                        .as_ref()
                        .map(|c| c.node.on.node.as_str());
                    if condition.is_none_or(|condition| self.types.applies(object, condition)) {
                        self.collect(object, &fragment.node.selection_set.node, spread, collected);
                    }
                }
                AstSelection::FragmentSpread(fragment) if self.included(&fragment.node.directives) => {
                    let name = fragment.node.fragment_name.node.as_str();
                    if spread.contains(&name) {
                        continue;
                    }
                    spread.push(name);
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self
                            .types
                            .applies(object, fragment.node.type_condition.node.on.node.as_str())
                    {
                        self.collect(object, &fragment.node.selection_set.node, spread, collected);
                    }
                }
                _ => {}
            }
        }
    }

    fn included(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let condition = match directive.node.get_argument("if").map(|value| &value.node) {
                Some(Literal::Boolean(condition)) => *condition,
                Some(Literal::Variable(name)) => self.conditions.get(name.as_str()).copied().unwrap_or(false),
                _ => return true,
            };
            match directive.node.name.node.as_str() {
                "skip" => !condition,
                "include" => condition,
                _ => true,
            }
        })
    }
}

fn has_variable(value: &Literal) -> bool {
    match value {
        Literal::Variable(_) => true,
        Literal::List(items) => items.iter().any(has_variable),
        Literal::Object(fields) => fields.values().any(has_variable),
        _ => false,
    }
}
