//! The plan: what one operation selects, as arrays of planned fields, one per concrete type.

use std::sync::Arc;

use async_graphql::Positioned;
use async_graphql::parser::types::Field as AstField;
use async_graphql_value::Value as Literal;
use skuery_schema::error::FieldError;
use skuery_schema::input::Args;
use skuery_schema::table::{Argument, Lookup, ObjectType, SchemaTypes, TypeRef};

use crate::engine::coerce;
use crate::engine::json::Opening;
use crate::engine::operation::Variables;

/// More planned fields than any page needs; a document that expands further is refused before anything is asked.
pub(crate) const PLANNED_FIELDS: usize = 20_000;

/// What one operation selects, ready to run.
pub struct Plan {
    pub(crate) root: Selection,
    pub(crate) root_type: &'static ObjectType,
    /// Whether the root's fields run one after the other, each to its end.
    pub(crate) serial: bool,
    pub(crate) args: Vec<PlannedArgs>,
    /// The root's introspection fields that are selected.
    pub(crate) introspection: Vec<Positioned<AstField>>,
}

/// What is selected of a value, by its concrete type.
pub struct Selection {
    pub(crate) by_type: Vec<TypeSelection>,
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
    /// What stands before the value.
    pub(crate) opening: Opening,
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
    pub(crate) fn of(ty: TypeRef<'_>) -> Self {
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
    Ready(Arc<Args>),
    Deferred {
        table: &'static [Argument],
        given: Vec<(Positioned<async_graphql::Name>, Positioned<Literal>)>,
    },
}

impl PlannedArgs {
    pub(crate) fn resolve(
        &self,
        types: &SchemaTypes,
        variables: &Variables,
    ) -> Result<Arc<Args>, FieldError> {
        match self {
            Self::Ready(args) => Ok(args.clone()),
            Self::Deferred { table, given } => coerce::arguments(types, table, given, variables)
                .map(Arc::new)
                .map_err(FieldError::bad_input),
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

    /// Whether `inner` is selected of any field of this name.
    pub fn selects_in(&self, name: &str, inner: &str) -> bool {
        let fields = self.by_type.iter().flat_map(|selection| &selection.fields);
        let mut named = fields.filter(|field| field.name == name);
        named.any(|field| {
            field
                .selection
                .as_ref()
                .is_some_and(|selection| selection.selects(inner))
        })
    }

    /// Whether a field of this name is selected, so that a resolver can leave out what nobody reads.
    pub fn selects(&self, name: &str) -> bool {
        self.by_type
            .iter()
            .any(|selection| selection.fields.iter().any(|field| field.name == name))
    }
}
