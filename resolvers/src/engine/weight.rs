//! What a prepared operation weighs: an estimate of its memory, in bytes, by walking what it is made of.
//!
//! A test with a counting allocator holds the estimate against what is really allocated.

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, Field, FragmentDefinition, OperationDefinition,
    Selection as AstSelection, SelectionSet, Type,
};
use async_graphql::{Name, Positioned, Value as Constant};
use async_graphql_value::Value as Literal;
use skuery_schema::input::Input;

use crate::engine::plan::{Plan, PlannedArgs, PlannedField, Selection, Shape, TypeSelection};

/// What an allocation takes beyond its contents, on average: the allocator rounds up.
const ALLOCATION: usize = 8;
/// The two counts in front of what an `Arc` holds.
const COUNTS: usize = 16;
/// A plan's entry in its operation's map.
pub(crate) const PLAN_ENTRY: usize = 96;

/// The memory of a document and of one operation taken out of it.
pub(crate) fn document(document: &ExecutableDocument, operation: &Positioned<OperationDefinition>) -> usize {
    let fragments = document.fragments.iter().map(|(key, fragment)| {
        size_of::<(Name, Positioned<FragmentDefinition>)>() * 8 / 7
            + name(key)
            + name(&fragment.node.type_condition.node.on.node)
            + directives(&fragment.node.directives)
            + selection_set(&fragment.node.selection_set.node)
    });
    let variables = &operation.node.variable_definitions;
    let defined = variables.iter().map(|variable| {
        name(&variable.node.name.node)
            + type_name(&variable.node.var_type.node)
            + directives(&variable.node.directives)
            + variable
                .node
                .default_value
                .as_ref()
                .map_or(0, |value| constant(&value.node))
    });
    fragments.sum::<usize>()
        + vector(variables)
        + defined.sum::<usize>()
        + directives(&operation.node.directives)
        + selection_set(&operation.node.selection_set.node)
}

/// The memory of a plan.
pub(crate) fn plan(plan: &Plan) -> usize {
    let args = plan.args.iter().map(|args| match args {
        PlannedArgs::Ready(args) => vector(&args.0) + args.0.iter().flatten().map(input).sum::<usize>(),
        PlannedArgs::Deferred { given, .. } => arguments(given),
    });
    size_of::<Plan>()
        + COUNTS
        + vector(&plan.args)
        + args.sum::<usize>()
        + vector(&plan.introspection)
        + plan
            .introspection
            .iter()
            .map(|node| field(&node.node))
            .sum::<usize>()
        + selection(&plan.root)
}

/// The memory of a text of its own.
pub(crate) fn text(text: &str) -> usize {
    match text.is_empty() {
        true => 0,
        false => text.len() + ALLOCATION,
    }
}

fn vector<T>(vector: &Vec<T>) -> usize {
    match vector.capacity() {
        0 => 0,
        capacity => capacity * size_of::<T>() + ALLOCATION,
    }
}

/// Memory that several places share is counted at each: there are few such, and too much is safer than too little.
fn shared_text(text: &str) -> usize {
    COUNTS + text.len() + ALLOCATION
}

// The document

fn name(name: &Name) -> usize {
    shared_text(name)
}

fn type_name(ty: &Type) -> usize {
    match &ty.base {
        BaseType::Named(named) => name(named),
        BaseType::List(inner) => size_of::<Type>() + ALLOCATION + type_name(inner),
    }
}

fn selection_set(set: &SelectionSet) -> usize {
    let items = set.items.iter().map(|item| match &item.node {
        AstSelection::Field(node) => field(&node.node),
        AstSelection::FragmentSpread(spread) => {
            name(&spread.node.fragment_name.node) + directives(&spread.node.directives)
        }
        AstSelection::InlineFragment(fragment) => {
            let condition = fragment.node.type_condition.as_ref();
            condition.map_or(0, |condition| name(&condition.node.on.node))
                + directives(&fragment.node.directives)
                + selection_set(&fragment.node.selection_set.node)
        }
    });
    vector(&set.items) + items.sum::<usize>()
}

fn field(field: &Field) -> usize {
    field.alias.as_ref().map_or(0, |alias| name(&alias.node))
        + name(&field.name.node)
        + arguments(&field.arguments)
        + directives(&field.directives)
        + selection_set(&field.selection_set.node)
}

fn directives(directives: &Vec<Positioned<Directive>>) -> usize {
    let inner = directives
        .iter()
        .map(|directive| name(&directive.node.name.node) + arguments(&directive.node.arguments));
    vector(directives) + inner.sum::<usize>()
}

fn arguments(given: &Vec<(Positioned<Name>, Positioned<Literal>)>) -> usize {
    let inner = given
        .iter()
        .map(|(argument, value)| name(&argument.node) + literal(&value.node));
    vector(given) + inner.sum::<usize>()
}

/// An entry of an index map: the key, its hash, and the place of it in the table of hashes.
const INDEXED: usize = 3 * size_of::<usize>();

fn literal(value: &Literal) -> usize {
    match value {
        Literal::Null | Literal::Boolean(_) => 0,
        Literal::Number(number) => text(number.as_str()),
        Literal::String(string) => text(string),
        Literal::Binary(bytes) => bytes.len(),
        Literal::Variable(named) | Literal::Enum(named) => name(named),
        Literal::List(items) => vector(items) + items.iter().map(literal).sum::<usize>(),
        Literal::Object(fields) => {
            let entry = size_of::<(Name, Literal)>() + INDEXED;
            let inner = fields.iter().map(|(key, value)| name(key) + literal(value));
            fields.capacity() * entry + inner.sum::<usize>()
        }
    }
}

pub(crate) fn constant(value: &Constant) -> usize {
    match value {
        Constant::Null | Constant::Boolean(_) => 0,
        Constant::Number(number) => text(number.as_str()),
        Constant::String(string) => text(string),
        Constant::Binary(bytes) => bytes.len(),
        Constant::Enum(named) => name(named),
        Constant::List(items) => vector(items) + items.iter().map(constant).sum::<usize>(),
        Constant::Object(fields) => {
            let entry = size_of::<(Name, Constant)>() + INDEXED;
            let inner = fields.iter().map(|(key, value)| name(key) + constant(value));
            fields.capacity() * entry + inner.sum::<usize>()
        }
    }
}

// The plan

fn selection(selection: &Selection) -> usize {
    vector(&selection.by_type) + selection.by_type.iter().map(type_selection).sum::<usize>()
}

fn type_selection(selection: &TypeSelection) -> usize {
    vector(&selection.fields)
        + vector(&selection.asks)
        + selection.fields.iter().map(planned_field).sum::<usize>()
}

fn planned_field(field: &PlannedField) -> usize {
    field
        .opening
        .long
        .as_ref()
        .map_or(0, |long| long.len() + ALLOCATION)
        + shared_text(&field.key)
        + shape(&field.shape)
        + field.selection.as_ref().map_or(0, selection)
}

fn shape(list: &Shape) -> usize {
    match list {
        Shape::Value { .. } => 0,
        Shape::List { item, .. } => size_of::<Shape>() + ALLOCATION + shape(item),
    }
}

fn input(value: &Input) -> usize {
    match value {
        Input::Text(text) => shared_text(text),
        Input::List(items) => vector(items) + items.iter().map(input).sum::<usize>(),
        Input::Object(fields) => vector(fields) + fields.iter().map(|(_, value)| input(value)).sum::<usize>(),
        Input::Json(json) => json_value(json),
        _ => 0,
    }
}

fn json_value(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Number(number) => text(number.as_str()),
        serde_json::Value::String(string) => text(string),
        serde_json::Value::Array(items) => vector(items) + items.iter().map(json_value).sum::<usize>(),
        serde_json::Value::Object(fields) => {
            let entry = size_of::<(String, serde_json::Value)>() + INDEXED;
            let inner = fields
                .iter()
                .map(|(key, value)| entry + text(key) + json_value(value));
            inner.sum()
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) => 0,
    }
}
