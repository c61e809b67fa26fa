//! Random documents that are valid by construction: every choice is made from the tables.
//!
//! Choices are read from a tape of numbers. At its end every choice is 0, the plainest, so proptest shrinks a document by
//! shrinking the tape.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::{Map, Value as Json};
use skuery_schema::table::{Argument, Field, TypeRef};

use crate::notation::{abstract_name, is_composite, is_required, non_null, print, print_nested, scalar};
use crate::tables::TYPES;

/// A document and the variables it is sent with.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) document: String,
    pub(crate) variables: Map<String, Json>,
}

pub(crate) fn generate(tape: &[u16]) -> Generated {
    let mut writer = Writer {
        tape,
        budget: 60,
        fragments: Vec::new(),
        keys: HashMap::new(),
        unique: 0,
        switches: Vec::new(),
        definitions: Vec::new(),
        given: Map::new(),
    };
    let set = writer.set(TYPES.query().name, 4);
    let mut document = "query".to_owned();
    if !writer.definitions.is_empty() {
        let _ = write!(document, "({})", writer.definitions.join(", "));
    }
    let _ = write!(document, " {set}");
    for (index, (condition, set)) in writer.fragments.iter().enumerate() {
        let _ = write!(document, "\nfragment F{index} on {condition} {set}");
    }
    Generated {
        document,
        variables: writer.given,
    }
}

struct Writer<'t> {
    tape: &'t [u16],
    /// Fields and fragments still to be written.
    budget: usize,
    fragments: Vec<(&'static str, String)>,
    /// Response keys: one number per field and arguments, so that what shares a key can be merged.
    keys: HashMap<(&'static str, String), usize>,
    unique: usize,
    switches: Vec<String>,
    definitions: Vec<String>,
    given: Map<String, Json>,
}

const INTROSPECTION: &str = "__type(name: \"NAME\") { name kind fields { name args { name defaultValue type { name } } \
    type { ...on __Type { name kind ofType { name kind ofType { name } } } } } inputFields { name defaultValue } \
    possibleTypes { name } interfaces { name } enumValues { name } }";

impl Writer<'_> {
    /// A choice below `n`.
    fn choose(&mut self, n: usize) -> usize {
        let Some((first, rest)) = self.tape.split_first() else {
            return 0;
        };
        self.tape = rest;
        usize::from(*first) % n
    }

    fn chance(&mut self, of: usize) -> bool {
        self.choose(of) == of - 1
    }

    fn set(&mut self, scope: &'static str, depth: usize) -> String {
        let count = 1 + self.choose(6);
        let mut items = Vec::new();
        for _ in 0..count {
            if self.budget == 0 {
                break;
            }
            self.budget -= 1;
            items.push(self.item(scope, depth));
        }
        if items.is_empty() {
            items.push("__typename".to_owned());
        }
        format!("{{ {} }}", items.join(" "))
    }

    fn item(&mut self, scope: &'static str, depth: usize) -> String {
        match self.choose(10) {
            0..=6 => self.field(scope, depth),
            7 | 8 if depth > 0 => {
                let condition = self.condition(scope);
                let directives = self.directives();
                let unconditional = self.choose(4) == 1;
                let inner = if unconditional { scope } else { condition };
                let set = self.set(inner, depth - 1);
                if unconditional {
                    format!("...{directives} {set}")
                } else {
                    format!("... on {condition}{directives} {set}")
                }
            }
            9 if depth > 0 => {
                let fragment = self.fragment(scope, depth);
                format!("...F{fragment}{}", self.directives())
            }
            _ => "__typename".to_owned(),
        }
    }

    /// A type whose values can be values of `scope` too.
    fn condition(&mut self, scope: &str) -> &'static str {
        let possible = TYPES.possible(scope);
        let composite = TYPES
            .objects
            .iter()
            .map(|object| object.name)
            .chain(TYPES.interfaces.iter().map(|interface| interface.name))
            .chain(TYPES.unions.iter().map(|union| union.name));
        let fitting: Vec<&'static str> = composite
            .filter(|name| {
                TYPES
                    .possible(name)
                    .iter()
                    .any(|one| possible.iter().any(|other| one.name == other.name))
            })
            .collect();
        fitting[self.choose(fitting.len())]
    }

    /// A fragment already written, or a new one; those being written cannot be spread, so there are no cycles.
    fn fragment(&mut self, scope: &'static str, depth: usize) -> usize {
        let condition = self.condition(scope);
        let known = self.fragments.iter().position(|(on, _)| *on == condition);
        if let Some(known) = known
            && self.choose(2) == 0
        {
            return known;
        }
        let set = self.set(condition, depth - 1);
        self.fragments.push((condition, set));
        self.fragments.len() - 1
    }

    fn field(&mut self, scope: &'static str, depth: usize) -> String {
        if scope == TYPES.query().name && self.chance(24) {
            let names = ["Item", "Node", "Any", "Color", "Filter", "Decimal", "Nothing"];
            let name = names[self.choose(names.len())];
            let key = self.key("__type", name);
            return format!("{key}: {}", INTROSPECTION.replace("NAME", name));
        }
        let fields: &'static [Field] = match TYPES.object(scope) {
            Some(object) => object.fields,
            None => match TYPES.interfaces.iter().find(|interface| interface.name == scope) {
                Some(interface) => interface.fields,
                None => return "__typename".to_owned(),
            },
        };
        let fields: Vec<&'static Field> = fields
            .iter()
            .filter(|field| depth > 0 || !is_composite(field))
            .collect();
        if fields.is_empty() {
            return "__typename".to_owned();
        }
        let field = fields[self.choose(fields.len())];
        let args = self.arguments(field.args);
        let ty = TypeRef(field.ty);
        let lists_of_lists = is_composite(field) && ty.item().is_some_and(|item| item.item().is_some());
        let key = if lists_of_lists {
            self.unique += 1;
            format!("u{}: ", self.unique)
        } else if args.is_empty() && self.choose(4) != 3 {
            String::new()
        } else {
            format!("{}: ", self.key(field.name, &args))
        };
        let directives = self.directives();
        let set = if is_composite(field) {
            let name = TYPES.possible(ty.name())[0].name;
            let scope = if TYPES.object(ty.name()).is_some() {
                name
            } else {
                abstract_name(ty.name())
            };
            format!(" {}", self.set(scope, depth - 1))
        } else {
            String::new()
        };
        format!("{key}{}{args}{directives}{set}", field.name)
    }

    fn key(&mut self, name: &'static str, args: &str) -> String {
        let next = self.keys.len();
        let number = *self.keys.entry((name, args.to_owned())).or_insert(next);
        format!("k{number}{}", ["a", "b"][self.choose(2)])
    }

    fn directives(&mut self) -> String {
        if !self.chance(6) {
            return String::new();
        }
        let name = ["include", "skip"][self.choose(2)];
        let condition = match self.choose(4) {
            0 => "true".to_owned(),
            1 => "false".to_owned(),
            _ => self.switch(),
        };
        format!(" @{name}(if: {condition})")
    }

    fn switch(&mut self) -> String {
        let number = self.choose(4);
        if let Some(name) = self.switches.get(number) {
            return name.clone();
        }
        let name = format!("s{}", self.switches.len());
        let definition = ["Boolean!", "Boolean! = true", "Boolean = false"][self.choose(3)];
        self.definitions.push(format!("${name}: {definition}"));
        if definition == "Boolean!" || self.choose(2) == 0 {
            let on = self.choose(2) == 0;
            self.given.insert(name.clone(), on.into());
        }
        self.switches.push(format!("${name}"));
        format!("${name}")
    }

    fn arguments(&mut self, args: &'static [Argument]) -> String {
        let mut given = Vec::new();
        for argument in args {
            let required = is_required(argument);
            if required || self.chance(if args.len() > 4 { 4 } else { 2 }) {
                given.push(format!(
                    "{}: {}",
                    argument.name,
                    self.literal(TypeRef(argument.ty), true)
                ));
            }
        }
        if given.is_empty() {
            String::new()
        } else {
            format!("({})", given.join(", "))
        }
    }

    /// A literal of a type, with variables in it if `vary`.
    fn literal(&mut self, ty: TypeRef<'static>, vary: bool) -> String {
        if vary && self.chance(4) {
            return self.variable(ty);
        }
        if !ty.non_null() && self.chance(8) {
            return "null".to_owned();
        }
        if let Some(item) = ty.item() {
            if item.item().is_none() && self.chance(6) {
                // One value stands for a list of it; a variable there would need the list's type.
                return self.literal(non_null(item), false);
            }
            let items: Vec<String> = (0..self.choose(3)).map(|_| self.literal(item, vary)).collect();
            return format!("[{}]", items.join(", "));
        }
        let Some(input) = TYPES.input(ty.name()) else {
            let value = scalar(ty.name(), self.choose(50));
            return print(ty.name(), &value);
        };
        if input.one_of {
            let field = &input.fields[self.choose(if self.budget > 0 { 3 } else { 2 })];
            self.budget = self.budget.saturating_sub(1);
            // A variable that is null or absent here is for the coercion to refuse; validation wants it non-null.
            return format!(
                "{{ {}: {} }}",
                field.name,
                self.literal(non_null(TypeRef(field.ty)), false)
            );
        }
        let mut fields = Vec::new();
        for field in input.fields {
            let more = self.budget > 0 && self.chance(3);
            if is_required(field) || more {
                self.budget = self.budget.saturating_sub(1);
                let value = self.literal(TypeRef(field.ty), vary);
                fields.push(format!("{}: {value}", field.name));
            }
        }
        format!("{{ {} }}", fields.join(", "))
    }

    /// A new variable where `ty` is expected: of that type or its non-null form, or nullable with a default.
    fn variable(&mut self, ty: TypeRef<'static>) -> String {
        let name = format!("v{}", self.definitions.len());
        let nullable = ty.0.trim_end_matches('!');
        let (declared, needs_default) = match self.choose(3) {
            0 => (ty.0.to_owned(), false),
            1 => (format!("{nullable}!"), false),
            _ => (nullable.to_owned(), ty.non_null()),
        };
        let declared_non_null = declared.ends_with('!');
        let default = (needs_default || self.chance(3)).then(|| self.json(non_null(ty)));
        let mut definition = format!("${name}: {declared}");
        if let Some(default) = &default {
            let _ = write!(definition, " = {}", print_nested(TypeRef(nullable), default));
        }
        self.definitions.push(definition);
        match self.choose(3) {
            1 if default.is_some() || !declared_non_null => {}
            2 if !declared_non_null => {
                self.given.insert(name.clone(), Json::Null);
            }
            _ => {
                let value = self.json(non_null(ty));
                self.given.insert(name.clone(), value);
            }
        }
        format!("${name}")
    }

    /// A value of a type as a variable carries it.
    fn json(&mut self, ty: TypeRef<'static>) -> Json {
        if !ty.non_null() && self.chance(6) {
            return Json::Null;
        }
        if let Some(item) = ty.item() {
            return (0..self.choose(3)).map(|_| self.json(item)).collect();
        }
        let Some(input) = TYPES.input(ty.name()) else {
            return scalar(ty.name(), self.choose(50));
        };
        let mut fields = Map::new();
        if input.one_of {
            let field = &input.fields[self.choose(2)];
            fields.insert(field.name.to_owned(), self.json(non_null(TypeRef(field.ty))));
            return Json::Object(fields);
        }
        for field in input.fields {
            if is_required(field) || (self.budget > 0 && self.chance(3)) {
                self.budget = self.budget.saturating_sub(1);
                fields.insert(field.name.to_owned(), self.json(TypeRef(field.ty)));
            }
        }
        Json::Object(fields)
    }
}
