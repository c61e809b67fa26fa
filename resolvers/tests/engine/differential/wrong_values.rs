//! Literals and values of variables that are not of their type.

use serde_json::{Value as Json, json};
use skuery_schema::table::{Argument, InputType, TypeRef};

use super::documents::Writer;
use super::notation::{is_required, non_null, print};

impl Writer<'_> {
    /// A literal that is not of a type.
    pub(super) fn wrong_literal(&mut self, ty: TypeRef<'_>) -> Option<String> {
        if ty.non_null() && self.chance(4) {
            return Some("null".to_owned());
        }
        if let Some(item) = ty.item() {
            let wrong = self.wrong_literal(item)?;
            // A list within a list of another type may well be of it.
            let bare = wrong != "null" && !wrong.starts_with('[') && self.choose(2) == 0;
            return Some(if bare { wrong } else { format!("[{wrong}]") });
        }
        if let Some(input) = self.types.input(ty.name()) {
            return self.wrong_object(input);
        }
        if let Some(enumeration) = self.types.enumeration(ty.name()) {
            let known = enumeration.values[0].0;
            return Some(
                [
                    &format!("\"{known}\""),
                    "NOPE",
                    "1",
                    "true",
                    "{}",
                    &format!("[{known}]"),
                ][self.choose(6)]
                .to_owned(),
            );
        }
        let wrong: &[&str] = match ty.name() {
            "Int" => &["\"1\"", "1.5", "3000000000", "true", "ONE", "[1]", "{}"],
            "Float" => &["\"1\"", "true", "ONE"],
            "String" | "URL" => &["1", "1.5", "true", "TEXT", "[\"a\"]", "{}"],
            "Boolean" => &["1", "\"true\"", "TRUE", "{}"],
            "ID" => &["1.5", "true", "TEXT", "{}", "[1]"],
            "Decimal" => &["\"abc\"", "true", "ONE", "\"1e3\""],
            "DateTime" => &["\"yesterday\"", "1", "\"2026-11-22\""],
            "Date" => &["\"2026-02-30\"", "1", "\"20261122\""],
            _ => return None,
        };
        Some(wrong[self.choose(wrong.len())].to_owned())
    }

    fn wrong_object(&mut self, input: &'static InputType) -> Option<String> {
        let member = |writer: &mut Self, field: &'static Argument| {
            let value = writer.json(TypeRef(&non_null(TypeRef(field.ty))));
            (field.name, print(writer.types, TypeRef(field.ty), &value))
        };
        let required = input.fields.iter().filter(|field| is_required(field));
        let mut members: Vec<(&str, String)> = required.map(|field| member(self, field)).collect();
        let first = &input.fields[0];
        match (self.choose(4), input.one_of) {
            (0, true) => {}
            (1, true) => members.extend([member(self, first), member(self, &input.fields[1])]),
            (2, true) => members.push((first.name, "null".to_owned())),
            (_, true) => return Some("\"text\"".to_owned()),
            (0, false) => members.push(("nope", "1".to_owned())),
            (1, false) if !members.is_empty() => {
                members.pop();
            }
            (2, false) => members.extend([member(self, first), member(self, first)]),
            _ => {
                let field = &input.fields[self.choose(input.fields.len())];
                members.retain(|(name, _)| *name != field.name);
                members.push((field.name, self.wrong_literal(TypeRef(field.ty))?));
            }
        }
        let members: Vec<String> = members
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        Some(format!("{{ {} }}", members.join(", ")))
    }

    /// A value that is not of a type, as a variable would carry it.
    pub(super) fn wrong_json(&mut self, ty: TypeRef<'_>) -> Option<Json> {
        if ty.non_null() && self.chance(4) {
            return Some(Json::Null);
        }
        if let Some(item) = ty.item() {
            let wrong = self.wrong_json(item)?;
            let bare = !wrong.is_null() && !wrong.is_array() && self.choose(2) == 0;
            return Some(if bare { wrong } else { json!([wrong]) });
        }
        if let Some(input) = self.types.input(ty.name()) {
            let mut value = self.json(TypeRef(&format!("{}!", input.name)));
            let members = value.as_object_mut()?;
            let field = &input.fields[self.choose(input.fields.len())];
            match self.choose(4) {
                0 => {
                    members.insert("nope".to_owned(), json!(1));
                }
                1 if input.one_of => members.clear(),
                1 => {
                    let required = input.fields.iter().find(|field| is_required(field))?;
                    members.shift_remove(required.name);
                }
                2 => return Some(json!("text")),
                _ => {
                    let wrong = self.wrong_json(TypeRef(field.ty))?;
                    members.insert(field.name.to_owned(), wrong);
                }
            }
            return Some(value);
        }
        if self.types.enumeration(ty.name()).is_some() {
            return Some(
                [json!("NOPE"), json!(1), json!(true), json!({}), json!([[]])][self.choose(5)].clone(),
            );
        }
        let wrong = match ty.name() {
            "Int" => [
                json!("1"),
                json!(1.5),
                json!(3_000_000_000_u64),
                json!(true),
                json!({}),
            ],
            "Float" => [json!("1"), json!(true), json!({}), json!([]), json!("x")],
            "String" | "URL" => [json!(1), json!(1.5), json!(true), json!({}), json!([["a"]])],
            "Boolean" => [json!(1), json!("true"), json!({}), json!("false"), json!(0)],
            "ID" => [json!(1.5), json!(true), json!({}), json!([[1]]), json!(false)],
            "Decimal" => [json!("abc"), json!(true), json!("1e3"), json!({}), json!("")],
            "DateTime" => [
                json!("yesterday"),
                json!(1),
                json!("2026-11-22"),
                json!({}),
                json!(""),
            ],
            "Date" => [
                json!("2026-02-30"),
                json!(1),
                json!("20261122"),
                json!({}),
                json!(""),
            ],
            _ => return None,
        };
        Some(wrong[self.choose(5)].clone())
    }
}
