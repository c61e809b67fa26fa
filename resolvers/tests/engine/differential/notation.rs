//! Values and types in the notation of documents.

use serde_json::Value as Json;
use skuery_schema::table::{Argument, SchemaTypes, TypeRef};

pub(crate) fn is_required(argument: &Argument) -> bool {
    argument.ty.ends_with('!') && argument.default.is_none()
}

/// The same type without null.
pub(crate) fn non_null(ty: TypeRef<'_>) -> String {
    format!("{}!", ty.0.trim_end_matches('!'))
}

/// A constant of a type.
pub(crate) fn print(types: &SchemaTypes, ty: TypeRef<'_>, value: &Json) -> String {
    let fields_of = types.input(ty.name()).map(|input| input.fields);
    match value {
        Json::String(text) if types.enumeration(ty.name()).is_some() => text.clone(),
        Json::Array(items) => {
            let item = ty.item().unwrap_or(ty);
            let items: Vec<String> = items.iter().map(|value| print(types, item, value)).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| {
                    let field = fields_of.and_then(|fields| fields.iter().find(|field| field.name == name));
                    let ty = field.map_or(TypeRef("JSON"), |field| TypeRef(field.ty));
                    format!("{name}: {}", print(types, ty, value))
                })
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        value => value.to_string(),
    }
}
