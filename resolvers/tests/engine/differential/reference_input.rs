//! Input coercion of the reference: async-graphql's dynamic executor hands resolvers the values as they were given.

use async_graphql::parser::types::OperationDefinition;
use async_graphql::{Name, Value, Variables};
use serde_json::Map;
use skuery_schema::input::{Args, Input};
use skuery_schema::scalar;
use skuery_schema::table::{Argument, InputType, SchemaTypes, TypeRef};

type Given<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// The arguments of a field, or `None` when one of them is not acceptable.
pub(crate) fn arguments(types: &SchemaTypes, table: &'static [Argument], given: Given<'_>) -> Option<Args> {
    table
        .iter()
        .map(|argument| field(types, argument, given))
        .collect::<Option<Vec<_>>>()
        .map(Args)
}

fn field(types: &SchemaTypes, argument: &'static Argument, given: Given<'_>) -> Option<Option<Input>> {
    let ty = TypeRef(argument.ty);
    match (given(argument.name), argument.default) {
        (Some(value), _) => coerce(types, ty, &value).map(Some),
        (None, Some(default)) => coerce(types, ty, &constant(default)).map(Some),
        (None, None) if ty.non_null() => None,
        (None, None) => Some(None),
    }
}

/// A default as it stands in a table.
pub(crate) fn constant(sdl: &str) -> Value {
    match serde_json::from_str(sdl) {
        Ok(json) => Value::from_json(json).unwrap(),
        Err(_) => Value::Enum(Name::new(sdl)),
    }
}

/// A constant read as a type; `None` when it is not of it.
pub(crate) fn coerce(types: &SchemaTypes, ty: TypeRef<'_>, value: &Value) -> Option<Input> {
    match (value, ty.item()) {
        (Value::Null, _) => (!ty.non_null()).then_some(Input::Null),
        (Value::List(items), Some(item)) => items
            .iter()
            .map(|value| coerce(types, item, value))
            .collect::<Option<_>>()
            .map(Input::List),
        (value, Some(item)) => coerce(types, item, value).map(|only| Input::List(vec![only])),
        (value, None) => named(types, ty.name(), value),
    }
}

fn named(types: &SchemaTypes, name: &str, value: &Value) -> Option<Input> {
    if let Some(input) = types.input(name) {
        return object(types, input, value);
    }
    if let Some(enumeration) = types.enumeration(name) {
        let given = match value {
            Value::Enum(value) => value.as_str(),
            Value::String(value) => value,
            _ => return None,
        };
        let known = enumeration.values.iter().any(|(name, _)| *name == given);
        return known.then(|| Input::Text(given.into()));
    }
    scalar::parse(name, value)
}

fn object(types: &SchemaTypes, input: &'static InputType, value: &Value) -> Option<Input> {
    let Value::Object(given) = value else { return None };
    let known = |name: &Name| input.fields.iter().any(|field| field.name == name.as_str());
    if !given.keys().all(known) {
        return None;
    }
    let mut fields = Vec::new();
    for argument in input.fields {
        if let Some(value) = field(types, argument, &|name| given.get(name).cloned())? {
            fields.push((argument.name, value));
        }
    }
    if input.one_of && (fields.len() != 1 || fields[0].1 == Input::Null) {
        return None;
    }
    Some(Input::Object(fields))
}

/// "CoerceVariableValues" of the specification, with the values as they were given: `None` when one is not of its type.
pub(crate) fn variables(
    types: &SchemaTypes,
    operation: &OperationDefinition,
    given: &Map<String, serde_json::Value>,
) -> Option<Variables> {
    let mut read = Variables::default();
    for variable in &operation.variable_definitions {
        let variable = &variable.node;
        let declared = variable.var_type.node.to_string();
        let given = given.get(variable.name.node.as_str());
        let given = given.map(|json| Value::from_json(json.clone()).unwrap());
        match given.or_else(|| variable.default_value.as_ref().map(|value| value.node.clone())) {
            Some(value) => {
                coerce(types, TypeRef(&declared), &value)?;
                read.insert(variable.name.node.clone(), value);
            }
            None if declared.ends_with('!') => return None,
            None => {}
        }
    }
    Some(read)
}
