//! Values and types of the test schema in the notation of documents.

use serde_json::{Value as Json, json};
use skuery_schema::table::{Argument, Field, TypeRef};

use crate::tables::TYPES;

/// One of fifty values of a scalar or enum, as a variable carries it.
pub(crate) fn scalar(name: &str, number: usize) -> Json {
    match name {
        "Int" => json!(number as i64 - 5),
        "Float" => json!([0.25, 1.0, 1e3][number % 3]),
        "Boolean" => json!(number.is_multiple_of(2)),
        "ID" if number.is_multiple_of(2) => json!(number),
        "Color" => json!(["RED", "GREEN", "BLUE"][number % 3]),
        "Decimal" if number.is_multiple_of(2) => json!(number),
        "Decimal" => json!(format!("{number}.50")),
        "DateTime" => json!(format!("2026-11-22T09:{:02}:00+01:00", number)),
        "Date" => json!(format!("2026-11-{:02}", 1 + number % 30)),
        "JSON" => json!({ "n": number, "list": [null, "x", { "deep": true }] }),
        _ => json!(format!("text {number} \"\u{e4}\"\n")),
    }
}

pub(crate) fn is_composite(field: &Field) -> bool {
    !TYPES.possible(TypeRef(field.ty).name()).is_empty()
}

pub(crate) fn abstract_name(name: &str) -> &'static str {
    let interfaces = TYPES.interfaces.iter().map(|interface| interface.name);
    interfaces
        .chain(TYPES.unions.iter().map(|union| union.name))
        .find(|other| *other == name)
        .unwrap()
}

pub(crate) fn is_required(argument: &Argument) -> bool {
    argument.ty.ends_with('!') && argument.default.is_none()
}

/// The same type without null; the text already holds it.
pub(crate) fn non_null(ty: TypeRef<'static>) -> TypeRef<'static> {
    if ty.non_null() {
        ty
    } else {
        TypeRef(Box::leak(format!("{}!", ty.0).into_boxed_str()))
    }
}

/// A value in the notation of documents; `name` is its type, for enums.
pub(crate) fn print(name: &str, value: &Json) -> String {
    match value {
        Json::String(text) if name == "Color" => text.clone(),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| print("", item)).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{key}: {}", print("", value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        value => value.to_string(),
    }
}

/// A constant of a type in the notation of documents.
pub(crate) fn print_nested(ty: TypeRef<'_>, value: &Json) -> String {
    match (value, ty.item(), TYPES.input(ty.name())) {
        (Json::Array(items), Some(item), _) => {
            let items: Vec<String> = items.iter().map(|value| print_nested(item, value)).collect();
            format!("[{}]", items.join(", "))
        }
        (Json::Object(fields), None, Some(input)) => {
            let field = |name: &str| input.fields.iter().find(|field| field.name == name).unwrap();
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{key}: {}", print_nested(TypeRef(field(key).ty), value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        _ => print(ty.name(), value),
    }
}
