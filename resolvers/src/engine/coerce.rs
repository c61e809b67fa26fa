//! Input coercion: literals and variables become typed values, as the specification's "Input Coercion" says per type.

use async_graphql::{Name, Positioned, Value as Constant};
use async_graphql_value::Value as Literal;
use skuery_schema::input::{Args, Input};
use skuery_schema::scalar;
use skuery_schema::table::{Argument, InputType, SchemaTypes, TypeRef};

use crate::engine::operation::Variables;

/// Reads a constant as `ty`. The error says what was expected.
pub(crate) fn constant(types: &SchemaTypes, ty: TypeRef<'_>, value: &Constant) -> Result<Input, String> {
    literal(types, ty, &value.clone().into_value(), &Variables::new())
        .and_then(|input| input.ok_or_else(|| format!("a value of type {} is required", ty.0)))
}

/// Reads what most variables are, a text or a list of texts, straight from JSON; `None` leaves it to `constant`.
pub(crate) fn texts(ty: TypeRef<'_>, value: &serde_json::Value) -> Option<Input> {
    match (ty.item(), value) {
        (Some(item), serde_json::Value::Array(items)) => {
            let items: Option<Vec<Input>> = items.iter().map(|value| texts(item, value)).collect();
            items.map(Input::List)
        }
        (None, serde_json::Value::String(text)) if matches!(ty.name(), "String" | "ID" | "URL") => {
            Some(Input::Text(text.as_str().into()))
        }
        _ => None,
    }
}

/// Reads a literal that may hold variables; `Ok(None)` when it is a variable that was not given.
fn literal(
    types: &SchemaTypes,
    ty: TypeRef<'_>,
    value: &Literal,
    variables: &Variables,
) -> Result<Option<Input>, String> {
    match value {
        Literal::Variable(name) => match variables.get(name.as_str()) {
            Some(Input::Null) if ty.non_null() => Err(format!("${name} must not be null")),
            Some(input) => Ok(Some(fit(ty, input.clone()))),
            None => Ok(None),
        },
        Literal::Null if ty.non_null() => Err(format!("null is not a value of type {}", ty.0)),
        Literal::Null => Ok(Some(Input::Null)),
        value => match ty.item() {
            Some(item) => list(types, item, value, variables).map(Some),
            None => named(types, ty.name(), value, variables).map(Some),
        },
    }
}

/// A variable of a type may stand where a list of that type is expected.
fn fit(ty: TypeRef<'_>, input: Input) -> Input {
    match (ty.item(), &input) {
        (Some(_), Input::List(_) | Input::Null) | (None, _) => input,
        (Some(item), _) => Input::List(vec![fit(item, input)]),
    }
}

fn list(
    types: &SchemaTypes,
    item: TypeRef<'_>,
    value: &Literal,
    variables: &Variables,
) -> Result<Input, String> {
    let Literal::List(values) = value else {
        let only = literal(types, item, value, variables)?;
        return Ok(Input::List(only.into_iter().collect()));
    };
    let mut items = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let input =
            literal(types, item, value, variables).map_err(|error| format!("item {index}: {error}"))?;
        match input {
            Some(input) => items.push(input),
            None if item.non_null() => {
                return Err(format!("item {index}: a value of type {} is required", item.0));
            }
            None => items.push(Input::Null),
        }
    }
    Ok(Input::List(items))
}

fn named(types: &SchemaTypes, name: &str, value: &Literal, variables: &Variables) -> Result<Input, String> {
    if let Some(input) = types.input(name) {
        return object(types, input, value, variables);
    }
    if let Some(enumeration) = types.enumeration(name) {
        let (Literal::Enum(_) | Literal::String(_)) = value else {
            return Err(format!("{value} is not a value of {name}"));
        };
        let given = match value {
            Literal::String(text) => text.as_str(),
            Literal::Enum(text) => text.as_str(),
            _ => "",
        };
        return match enumeration.values.iter().find(|(value, _)| *value == given) {
            Some((value, _)) => Ok(Input::Text((*value).into())),
            None => {
                let allowed: Vec<&str> = enumeration.values.iter().map(|(value, _)| *value).collect();
                Err(format!(
                    "`{given}` is not a value of {name}: {}",
                    allowed.join(", ")
                ))
            }
        };
    }
    let constant = value
        .clone()
        .into_const_with(|variable| match variables.get(variable.as_str()) {
            Some(Input::Json(json)) => Constant::from_json(json.clone()).map_err(|error| error.to_string()),
            _ => Err(format!("${variable} cannot stand inside a value of {name}")),
        })?;
    scalar::parse(name, &constant).ok_or_else(|| format!("{value} is not a value of {name}"))
}

fn object(
    types: &SchemaTypes,
    input: &'static InputType,
    value: &Literal,
    variables: &Variables,
) -> Result<Input, String> {
    let Literal::Object(given) = value else {
        return Err(format!("{value} is not a value of {}", input.name));
    };
    if let Some(unknown) = given
        .keys()
        .find(|name| !input.fields.iter().any(|field| field.name == name.as_str()))
    {
        return Err(format!("{} has no field `{unknown}`", input.name));
    }
    let mut fields = Vec::with_capacity(given.len());
    for field in input.fields {
        let value = given.get(field.name);
        if let Some(input) = argument(types, field, value, variables)? {
            fields.push((field.name, input));
        }
    }
    if input.one_of && (fields.len() != 1 || fields[0].1 == Input::Null) {
        let names: Vec<&str> = input.fields.iter().map(|field| field.name).collect();
        return Err(format!(
            "{} takes exactly one of: {}",
            input.name,
            names.join(", ")
        ));
    }
    Ok(Input::Object(fields))
}

/// Reads the arguments a field or directive was given, in its table's order.
pub(crate) fn arguments(
    types: &SchemaTypes,
    table: &'static [Argument],
    given: &[(Positioned<Name>, Positioned<Literal>)],
    variables: &Variables,
) -> Result<Args, String> {
    let mut args = Vec::with_capacity(table.len());
    for field in table {
        let value = given
            .iter()
            .find(|(name, _)| name.node == field.name)
            .map(|(_, value)| &value.node);
        args.push(argument(types, field, value, variables)?);
    }
    Ok(Args(args))
}

fn argument(
    types: &SchemaTypes,
    table: &'static Argument,
    value: Option<&Literal>,
    variables: &Variables,
) -> Result<Option<Input>, String> {
    let ty = TypeRef(table.ty);
    let given = match value {
        Some(value) => {
            literal(types, ty, value, variables).map_err(|error| format!("{}: {error}", table.name))?
        }
        None => None,
    };
    match (given, table.default) {
        (Some(input), _) => Ok(Some(input)),
        (None, Some(default)) => default_value(types, ty, default).map(Some),
        (None, None) if ty.non_null() => Err(format!("{}: a value of type {} is required", table.name, ty.0)),
        (None, None) => Ok(None),
    }
}

/// Defaults stand in the tables as SDL: numbers, quoted strings, booleans and enum values.
fn default_value(types: &SchemaTypes, ty: TypeRef<'_>, sdl: &str) -> Result<Input, String> {
    let constant = match serde_json::from_str::<serde_json::Value>(sdl) {
        Ok(json) => Constant::from_json(json).map_err(|error| error.to_string())?,
        Err(_) => Constant::Enum(Name::new(sdl)),
    };
    self::constant(types, ty, &constant)
}
