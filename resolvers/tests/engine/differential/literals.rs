//! Random arguments: literals, variables and their values.

use serde_json::{Map, Value as Json, json};
use skuery_schema::table::{Argument, TypeRef};

use super::documents::{Variable, Writer};
use super::notation::{is_required, non_null, print};

/// Where variables may stand in a literal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Vary {
    Nowhere,
    Anywhere {
        /// Whether the place has a default, so that a nullable variable may stand where null may not.
        default: bool,
    },
    /// The field of a `@oneOf` object takes a variable that may be null only for its default.
    NeverNull,
}

impl Writer<'_> {
    pub(super) fn arguments(&mut self, args: &'static [Argument]) -> String {
        let mut given = Vec::new();
        for argument in args {
            if is_required(argument) || self.is_generous() || self.chance(if args.len() > 4 { 3 } else { 2 })
            {
                let vary = Vary::Anywhere {
                    default: argument.default.is_some(),
                };
                given.push(format!(
                    "{}: {}",
                    argument.name,
                    self.literal(TypeRef(argument.ty), vary)
                ));
            }
        }
        if given.is_empty() {
            return String::new();
        }
        if self.chance(4) {
            given.reverse();
        }
        format!("({})", given.join(", "))
    }

    fn is_generous(&mut self) -> bool {
        let left = self.generous;
        self.generous = left.saturating_sub(1);
        left > 0
    }

    /// A literal of a type, with variables in it where they may stand.
    pub(super) fn literal(&mut self, ty: TypeRef<'_>, vary: Vary) -> String {
        if vary != Vary::Nowhere && self.chance(4) {
            return self.variable(ty, vary);
        }
        if !ty.non_null() && vary != Vary::NeverNull && self.chance(8) {
            return "null".to_owned();
        }
        let within = match vary {
            Vary::Nowhere => Vary::Nowhere,
            _ => Vary::Anywhere { default: false },
        };
        if let Some(item) = ty.item() {
            if item.item().is_none() && self.chance(6) {
                // One value stands for a list of it; a variable there would need the list's type.
                return self.literal(TypeRef(&non_null(item)), Vary::Nowhere);
            }
            let items: Vec<String> = (0..self.choose(3)).map(|_| self.literal(item, within)).collect();
            return format!("[{}]", items.join(", "));
        }
        let Some(input) = self.types.input(ty.name()) else {
            let value = self.scalar(ty.name());
            if let Json::String(text) = &value
                && self.chance(6)
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'.' | b'-' | b':'))
                && self.types.enumeration(ty.name()).is_none()
            {
                return format!("\"\"\"{text}\"\"\"");
            }
            return print(self.types, ty, &value);
        };
        if input.one_of {
            let field = &input.fields[self.choose(input.fields.len())];
            let value = self.literal(
                TypeRef(&non_null(TypeRef(field.ty))),
                if within == Vary::Nowhere {
                    within
                } else {
                    Vary::NeverNull
                },
            );
            return format!("{{ {}: {value} }}", field.name);
        }
        let mut fields = Vec::new();
        for field in input.fields {
            let more = self.is_generous() || self.budget > 0 && self.chance(2);
            if is_required(field) || more {
                self.budget = self.budget.saturating_sub(1);
                let vary = match within {
                    Vary::Nowhere => Vary::Nowhere,
                    _ => Vary::Anywhere {
                        default: field.default.is_some(),
                    },
                };
                fields.push(format!(
                    "{}: {}",
                    field.name,
                    self.literal(TypeRef(field.ty), vary)
                ));
            }
        }
        if self.chance(4) {
            fields.reverse();
        }
        format!("{{ {} }}", fields.join(", "))
    }

    /// A variable where `ty` is expected: of that type or its non-null form, or nullable with a default.
    fn variable(&mut self, ty: TypeRef<'_>, vary: Vary) -> String {
        let nullable = ty.0.trim_end_matches('!');
        let known = (self.variables.iter()).position(|variable| {
            !variable.switch && (variable.ty == ty.0 || variable.ty == format!("{nullable}!"))
        });
        if let Some(known) = known
            && vary != Vary::NeverNull
            && self.chance(3)
        {
            return self.refer(known);
        }
        let place_has_default = vary == Vary::Anywhere { default: true };
        let (declared, needs_default) = match self.choose(3) {
            0 if vary == Vary::NeverNull => (nullable.to_owned(), true),
            _ if vary == Vary::NeverNull => (format!("{nullable}!"), false),
            0 => (ty.0.to_owned(), false),
            1 => (format!("{nullable}!"), false),
            _ => (nullable.to_owned(), ty.non_null() && !place_has_default),
        };
        let default = (needs_default || self.chance(3)).then(|| self.json(TypeRef(&non_null(ty))));
        let number = self.define(declared.clone(), default.as_ref(), nullable);
        let declared_non_null = declared.ends_with('!');
        let name = format!("v{number}");
        match self.choose(4) {
            1 if default.is_some() || !declared_non_null => {}
            2 if !declared_non_null => {
                self.given.insert(name, Json::Null);
            }
            3 if ty.item().is_some_and(|item| item.item().is_none()) => {
                // One value stands for a list of it.
                let value = self.json(TypeRef(&non_null(ty.item().unwrap_or(ty))));
                self.given.insert(name, value);
            }
            _ => {
                let value = self.json(TypeRef(&non_null(ty)));
                self.given.insert(name, value);
            }
        }
        self.refer(number)
    }

    fn define(&mut self, declared: String, default: Option<&Json>, nullable: &str) -> usize {
        let number = self.variables.len();
        let mut definition = format!("$v{number}: {declared}");
        if let Some(default) = default {
            definition = format!("{definition} = {}", print(self.types, TypeRef(nullable), default));
        }
        self.variables.push(Variable {
            switch: false,
            ty: declared,
            definition,
        });
        number
    }

    fn refer(&mut self, number: usize) -> String {
        self.used.last_mut().unwrap().insert(number);
        format!("$v{number}")
    }

    /// A variable with one value.
    pub(super) fn variable_of(&mut self, ty: &str, value: Json) -> String {
        let number = self.define(ty.to_owned(), None, ty);
        self.given.insert(format!("v{number}"), value);
        self.refer(number)
    }

    /// A variable whose definition is no good.
    pub(super) fn wrong_variable(&mut self, ty: &str, definition: &str) -> String {
        let number = self.define(ty.to_owned(), None, ty);
        self.variables[number].definition = definition.to_owned();
        self.used.last_mut().unwrap().insert(number);
        "$vX".to_owned()
    }

    /// A variable that decides whether something is selected: a few per document.
    pub(super) fn switch(&mut self) -> String {
        let switches: Vec<usize> = (0..self.variables.len())
            .filter(|number| self.variables[*number].switch)
            .collect();
        let wanted = self.choose(4);
        if let Some(known) = switches.get(wanted) {
            return self.refer(*known);
        }
        let (ty, default) = [
            ("Boolean!", None),
            ("Boolean!", Some(true)),
            ("Boolean", Some(false)),
        ][self.choose(3)];
        let default = default.map(Json::from);
        let number = self.define(ty.to_owned(), default.as_ref(), "Boolean");
        self.variables[number].switch = true;
        if default.is_none() || self.choose(2) == 0 {
            let on = self.choose(2) == 0;
            self.given.insert(format!("v{number}"), on.into());
        }
        self.refer(number)
    }

    /// A value of a type as a variable carries it.
    pub(super) fn json(&mut self, ty: TypeRef<'_>) -> Json {
        if !ty.non_null() && self.chance(6) {
            return Json::Null;
        }
        if let Some(item) = ty.item() {
            return (0..self.choose(3)).map(|_| self.json(item)).collect();
        }
        let Some(input) = self.types.input(ty.name()) else {
            return self.scalar(ty.name());
        };
        let mut fields = Map::new();
        if input.one_of {
            let field = &input.fields[self.choose(2)];
            fields.insert(
                field.name.to_owned(),
                self.json(TypeRef(&non_null(TypeRef(field.ty)))),
            );
            return Json::Object(fields);
        }
        for field in input.fields {
            if is_required(field) || self.is_generous() || (self.budget > 0 && self.chance(3)) {
                self.budget = self.budget.saturating_sub(1);
                fields.insert(field.name.to_owned(), self.json(TypeRef(field.ty)));
            }
        }
        Json::Object(fields)
    }

    /// A value of a scalar or enum.
    fn scalar(&mut self, name: &str) -> Json {
        let number = self.choose(50);
        if let Some(enumeration) = self.types.enumeration(name) {
            return json!(enumeration.values[number % enumeration.values.len()].0);
        }
        match name {
            "Int" if number == 49 => json!(i32::MIN),
            "Int" => json!(number as i64 - 5),
            "Float" => json!([0.25, 1.0, 1e3][number % 3]),
            "Boolean" => json!(number.is_multiple_of(2)),
            "ID" if number.is_multiple_of(2) => json!(number),
            "Decimal" if number.is_multiple_of(2) => json!(number),
            "Decimal" => json!(format!("{number}.50")),
            "DateTime" => json!(format!("2026-11-22T09:{number:02}:00+01:00")),
            "Date" => json!(format!("2026-11-{:02}", 1 + number % 30)),
            "JSON" => json!({ "n": number, "list": [null, "x", { "deep": true }] }),
            _ if number.is_multiple_of(3) => json!(format!("text {number}")),
            _ => json!(format!("text {number} \"\u{e4}\"\n")),
        }
    }
}
