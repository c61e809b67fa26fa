//! The plan compiler: a validated selection becomes arrays of planned fields, one per concrete type.
//!
//! All that depends on the document alone is decided here, once: merged fields, applied fragments, skipped fields, where
//! each value comes from, which lookups a selection needs. What is left for execution is reading and writing.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Positioned;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field as AstField, Selection as AstSelection, SelectionSet,
};
use async_graphql_value::Value as Literal;
use skuery_schema::error::{ErrorCode, FieldError};
use skuery_schema::input::Args;
use skuery_schema::table::{Argument, Lookup, ObjectType, SchemaTypes, Source, TypeRef};

use crate::engine::coerce;
use crate::engine::expand::too_complex;
use crate::engine::merge::{conflict, same_field};
use crate::engine::operation::{RequestError, Variables, place};

/// More planned fields than any page needs; a document that expands further is refused before anything is asked.
pub(crate) const PLANNED_FIELDS: usize = 20_000;

/// What one operation selects, ready to run.
pub struct Plan {
    pub(crate) root: Selection,
    pub(crate) args: Vec<PlannedArgs>,
    /// The root's introspection fields that are selected.
    pub(crate) introspection: Vec<Positioned<AstField>>,
}

/// What is selected of a value, by its concrete type.
pub struct Selection {
    by_type: Vec<TypeSelection>,
    /// Whether anything in it or below must be looked up.
    pub(crate) live: bool,
}

pub(crate) struct TypeSelection {
    pub(crate) object: &'static ObjectType,
    pub(crate) fields: Vec<PlannedField>,
    /// The lookups of one object: first the completion of a reference, if the type has one, then one per live field.
    pub(crate) asks: Vec<PlannedAsk>,
    /// The completion of bare references, always `asks[0]`.
    pub(crate) whole: bool,
    /// Whether any field reads from the whole object.
    pub(crate) uses_whole: bool,
    pub(crate) live: bool,
}

pub(crate) struct PlannedField {
    /// The response key as JSON with its comma and colon: `,"name":`.
    pub(crate) quoted_key: Box<[u8]>,
    pub(crate) key: Arc<str>,
    /// The field's name in the table.
    pub(crate) name: &'static str,
    pub(crate) read: Read,
    pub(crate) args: usize,
    pub(crate) shape: Shape,
    pub(crate) selection: Option<Selection>,
    pub(crate) location: (usize, usize),
}

/// Where a planned field's value comes from; numbers index the table or the asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Typename,
    Introspection,
    Own(usize),
    Whole(usize),
    Live(usize),
}

pub(crate) struct PlannedAsk {
    pub(crate) lookup: Lookup,
    /// The field whose value the answer is; `None` completes the object itself.
    pub(crate) field: Option<usize>,
}

/// List nesting and nullability of a field's type, outermost first.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Value { non_null: bool },
    List { non_null: bool, item: Box<Shape> },
}

impl Shape {
    fn of(ty: TypeRef<'_>) -> Self {
        let non_null = ty.non_null();
        match ty.item() {
            Some(item) => Self::List {
                non_null,
                item: Box::new(Self::of(item)),
            },
            None => Self::Value { non_null },
        }
    }

    pub(crate) fn non_null(&self) -> bool {
        let (Self::Value { non_null } | Self::List { non_null, .. }) = self;
        *non_null
    }
}

/// Arguments read at compile time, or to be read when the variables are known.
pub(crate) enum PlannedArgs {
    Ready(Args),
    Deferred {
        table: &'static [Argument],
        given: Vec<(Positioned<async_graphql::Name>, Positioned<Literal>)>,
    },
}

impl PlannedArgs {
    pub(crate) fn resolve(&self, types: &SchemaTypes, variables: &Variables) -> Result<Args, FieldError> {
        match self {
            Self::Ready(args) => Ok(args.clone()),
            Self::Deferred { table, given } => {
                coerce::arguments(types, table, given, variables).map_err(FieldError::bad_input)
            }
        }
    }
}

impl Selection {
    /// What is selected for values of `object`. Tables are statics, so the pointer finds it; the name is for tables that
    /// somebody has written as a constant.
    pub(crate) fn of(&self, object: &'static ObjectType) -> Option<&TypeSelection> {
        let mut by_type = self.by_type.iter();
        by_type
            .find(|selection| std::ptr::eq(selection.object, object))
            .or_else(|| {
                self.by_type
                    .iter()
                    .find(|selection| selection.object.name == object.name)
            })
    }

    /// Whether a field of this name is selected, so that a resolver can leave out what nobody reads.
    pub fn selects(&self, name: &str) -> bool {
        self.by_type
            .iter()
            .any(|selection| selection.fields.iter().any(|field| field.name == name))
    }
}

/// Compiles one operation for given values of its `@skip`/`@include` variables.
pub(crate) struct Compiler<'a> {
    types: &'static SchemaTypes,
    document: &'a ExecutableDocument,
    conditions: HashMap<&'a str, bool>,
    args: Vec<PlannedArgs>,
    introspection: Vec<Positioned<AstField>>,
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
            args: vec![PlannedArgs::Ready(Args::default())],
            introspection: Vec::new(),
            planned: 0,
        }
    }

    pub(crate) fn compile(mut self, set: &'a SelectionSet) -> Result<Plan, RequestError> {
        let root = self.selection(self.types.query().name, &[set])?;
        Ok(Plan {
            root,
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
            return Err(too_complex(vec![place(&node.pos)]));
        }
        if let Some(other) = nodes[1..].iter().find(|other| !same_field(node, other)) {
            return Err(conflict(key, node, other));
        }
        let name = node.node.name.node.as_str();
        let mut planned = PlannedField {
            quoted_key: format!(",\"{key}\":").into_bytes().into(),
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
            if !matches!(name, "__schema" | "__type") {
                return Err(RequestError {
                    code: ErrorCode::GraphqlValidationFailed,
                    message: format!("{} has no field `{name}`", object.name),
                    locations: vec![place(&node.pos)],
                });
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
            PlannedArgs::Ready(args.map_err(|message| RequestError {
                code: ErrorCode::BadUserInput,
                message,
                locations: vec![place(&node.pos)],
            })?)
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
