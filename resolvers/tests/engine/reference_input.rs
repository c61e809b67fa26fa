//! Input coercion of the reference: async-graphql's dynamic executor hands resolvers the values as they were given.

use async_graphql::{Name, Value};
use skuery_schema::input::{Args, Input};
use skuery_schema::scalar;
use skuery_schema::table::{Argument, InputType, TypeRef};

use crate::tables::TYPES;

type Given<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// The arguments of a field, or `None` when one of them is not acceptable.
pub(crate) fn arguments(table: &'static [Argument], given: Given<'_>) -> Option<Args> {
    table
        .iter()
        .map(|argument| field(argument, given))
        .collect::<Option<Vec<_>>>()
        .map(Args)
}

fn field(argument: &'static Argument, given: Given<'_>) -> Option<Option<Input>> {
    let ty = TypeRef(argument.ty);
    match (given(argument.name), argument.default) {
        (Some(value), _) => coerce(ty, &value).map(Some),
        (None, Some(default)) => coerce(ty, &constant(default)).map(Some),
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

fn coerce(ty: TypeRef<'_>, value: &Value) -> Option<Input> {
    match (value, ty.item()) {
        (Value::Null, _) => (!ty.non_null()).then_some(Input::Null),
        (Value::List(items), Some(item)) => items
            .iter()
            .map(|value| coerce(item, value))
            .collect::<Option<_>>()
            .map(Input::List),
        (value, Some(item)) => coerce(item, value).map(|only| Input::List(vec![only])),
        (value, None) => named(ty.name(), value),
    }
}

fn named(name: &str, value: &Value) -> Option<Input> {
    if let Some(input) = TYPES.input(name) {
        return object(input, value);
    }
    if TYPES.enumeration(name).is_some() {
        return match value {
            Value::Enum(value) => Some(Input::Text(value.as_str().into())),
            Value::String(value) => Some(Input::Text(value.as_str().into())),
            _ => None,
        };
    }
    scalar::parse(name, value)
}

fn object(input: &'static InputType, value: &Value) -> Option<Input> {
    let Value::Object(given) = value else { return None };
    let mut fields = Vec::new();
    for argument in input.fields {
        if let Some(value) = field(argument, &|name| given.get(name).cloned())? {
            fields.push((argument.name, value));
        }
    }
    if input.one_of && (fields.len() != 1 || fields[0].1 == Input::Null) {
        return None;
    }
    Some(Input::Object(fields))
}
