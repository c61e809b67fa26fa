//! Random selections: fields, fragments of every kind, and directives.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use skuery_schema::table::{Field, ObjectType, TypeRef};

use super::documents::{Goal, Part, Writer};

impl Writer<'_> {
    /// A selection set for values of a type, which may be abstract.
    pub(super) fn set(&mut self, scope: &'static str, depth: usize, goal: Option<Goal>) -> String {
        let count = 1 + self.choose(6);
        let lead = self.choose(count);
        let mut items = Vec::new();
        for number in 0..count {
            match goal {
                Some(goal) if number == lead => items.push(self.toward(scope, depth, goal)),
                _ if self.budget > 0 => items.push(self.item(scope, depth)),
                _ => {}
            }
        }
        if items.is_empty() {
            items.push("__typename".to_owned());
        }
        if let Some(wrong) = self.mistaken(scope) {
            items.insert(self.choose(items.len() + 1), wrong);
        }
        let between = [" ", " ", " ", ", ", "\n", " # }\"\n"][self.choose(6)];
        format!("{{ {} }}", items.join(between))
    }

    /// The mistake, when it is due and can be made here.
    fn mistaken(&mut self, scope: &'static str) -> Option<String> {
        let (mistake, after) = self.mistake?;
        if after > 0 {
            self.mistake = Some((mistake, after - 1));
            return None;
        }
        let rest = std::mem::replace(&mut self.tape, self.whole_tape);
        let wrong = self.wrong_item(scope, mistake);
        self.tape = rest;
        if wrong.is_some() {
            self.mistake = None;
        }
        wrong
    }

    /// One step toward a goal: its field, a field that leads nearer, or a fragment on a type that does.
    fn toward(&mut self, scope: &'static str, depth: usize, goal: Goal) -> String {
        let (ty, field) = goal;
        let Some(object) = self.types.object(scope) else {
            let world = self.world;
            let near = |object: &&ObjectType| world.distance(object.name, ty).unwrap_or(usize::MAX);
            let possible = self.types.possible(scope);
            let least = possible.iter().map(near).min();
            let nearest: Vec<_> = possible
                .iter()
                .filter(|object| Some(near(object)) == least)
                .collect();
            let condition = nearest[self.choose(nearest.len())].name;
            if self.chance(3) {
                return format!("...F{}", self.new_fragment(condition, depth, Some(goal)));
            }
            return format!("... on {condition} {}", self.set(condition, depth, Some(goal)));
        };
        self.generous = [0, 0, 8, 16][self.choose(4)];
        if object.name == ty {
            return self.one_field(field, depth.max(1), None, String::new());
        }
        let distance = |field: &Field| self.world.distance(TypeRef(field.ty).name(), ty);
        let least = object.fields.iter().filter_map(distance).min();
        let nearer: Vec<_> = object
            .fields
            .iter()
            .filter(|field| distance(field) == least)
            .collect();
        let next = nearer[self.choose(nearer.len())];
        self.one_field(next, depth.max(1), Some(goal), String::new())
    }

    fn item(&mut self, scope: &'static str, depth: usize) -> String {
        self.budget = self.budget.saturating_sub(1);
        match self.choose(10) {
            0..=6 => self.field(scope, depth),
            7 if depth > 0 && self.types.object(scope).is_none() && self.chance(3) => self.apart(scope),
            7 | 8 if depth > 0 => {
                let condition = self.condition(scope);
                let directives = self.directives();
                if self.choose(4) == 1 {
                    format!("...{directives} {}", self.set(scope, depth - 1, None))
                } else {
                    format!(
                        "... on {condition}{directives} {}",
                        self.set(condition, depth - 1, None)
                    )
                }
            }
            9 if depth > 0 => {
                let fragment = self.fragment(scope, depth);
                format!("...F{fragment}{}", self.directives())
            }
            _ => self.typename(),
        }
    }

    /// Two fields under one key, of types that no value has at once: they never meet.
    fn apart(&mut self, scope: &str) -> String {
        let possible = self.types.possible(scope);
        let one = possible[self.choose(possible.len())];
        let other = possible[self.choose(possible.len())];
        let plain = |field: &&&'static Field| field.args.is_empty();
        let fields: Vec<&'static Field> = one.fields.iter().filter(|field| plain(&field)).collect();
        let field = fields[self.choose(fields.len())];
        let alike = other
            .fields
            .iter()
            .filter(|with| plain(&with) && with.ty == field.ty);
        let alike: Vec<&'static Field> = alike.collect();
        if alike.is_empty() || one.name == other.name {
            return self.typename();
        }
        let with = alike[self.choose(alike.len())];
        self.unique += 1;
        let key = format!("x{}", self.unique);
        let set = if self.is_composite(field) {
            " { __typename }"
        } else {
            ""
        };
        let (first, second) = (
            format!("{key}: {}{set}", field.name),
            format!("{key}: {}{set}", with.name),
        );
        let nested = |field: String, nest: usize| {
            if nest == 1 {
                format!("... {{ {field} }}")
            } else {
                field
            }
        };
        let (first, second) = (nested(first, self.choose(2)), nested(second, self.choose(2)));
        format!(
            "... on {} {{ {first} }} ... on {} {{ {second} }}",
            one.name, other.name
        )
    }

    fn typename(&mut self) -> String {
        let alias = ["", "t: "][self.choose(2)];
        format!("{alias}__typename{}", self.directives())
    }

    /// A type whose values can be values of `scope` too.
    fn condition(&mut self, scope: &str) -> &'static str {
        let possible = self.types.possible(scope);
        let abstract_types = (self.types.interfaces.iter().map(|interface| interface.name))
            .chain(self.types.unions.iter().map(|union| union.name));
        let objects = self.types.objects.iter().map(|object| object.name);
        let fitting: Vec<&'static str> = objects
            .chain(abstract_types)
            .filter(|name| {
                let others = self.types.possible(name);
                others
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
        match known {
            Some(known) if self.choose(2) == 0 => {
                let variables = self.fragments[known].1.variables.clone();
                self.used.last_mut().unwrap().extend(variables);
                known
            }
            _ => self.new_fragment(condition, depth.saturating_sub(1), None),
        }
    }

    fn new_fragment(&mut self, condition: &'static str, depth: usize, goal: Option<Goal>) -> usize {
        self.used.push(BTreeSet::new());
        let text = self.set(condition, depth, goal);
        let variables = self.used.pop().unwrap();
        self.used.last_mut().unwrap().extend(variables.iter().copied());
        self.fragments.push((condition, Part { text, variables }));
        self.fragments.len() - 1
    }

    fn field(&mut self, scope: &'static str, depth: usize) -> String {
        let interface = || {
            self.types
                .interfaces
                .iter()
                .find(|interface| interface.name == scope)
        };
        let fields: &'static [Field] = match self.types.object(scope) {
            Some(object) => object.fields,
            None => interface().map_or(&[], |interface| interface.fields),
        };
        let fields: Vec<&'static Field> = fields
            .iter()
            .filter(|field| depth > 0 || !self.is_composite(field))
            .collect();
        if fields.is_empty() {
            return self.typename();
        }
        let field = fields[self.choose(fields.len())];
        let directives = self.directives();
        self.one_field(field, depth, None, directives)
    }

    fn one_field(
        &mut self,
        field: &'static Field,
        depth: usize,
        goal: Option<Goal>,
        directives: String,
    ) -> String {
        let args = self.arguments(field.args);
        self.generous = 0;
        let key = self.key(field, &args);
        let set = if self.is_composite(field) {
            // The tables' own text of the name lives long enough.
            let scope = TypeRef(field.ty).name();
            format!(" {}", self.set(scope, depth - 1, goal))
        } else {
            String::new()
        };
        format!("{key}{}{args}{directives}{set}", field.name)
    }

    fn is_composite(&self, field: &Field) -> bool {
        !self.types.possible(TypeRef(field.ty).name()).is_empty()
    }

    /// A response key that no other field, other arguments or another form of value ever share: they could not be merged.
    fn key(&mut self, field: &'static Field, args: &str) -> String {
        let ty = TypeRef(field.ty);
        if self.is_composite(field) && ty.item().is_some_and(|item| item.item().is_some()) {
            self.unique += 1;
            return format!("u{}: ", self.unique);
        }
        let form = if self.is_composite(field) {
            ty.0.replace(ty.name(), "")
        } else {
            ty.0.to_owned()
        };
        if self.choose(4) != 3 {
            let wanted = (args.to_owned(), form.clone());
            let plain = self.plain.entry(field.name).or_insert_with(|| wanted.clone());
            if *plain == wanted {
                return String::new();
            }
        }
        let next = self.keys.len();
        let number = *self
            .keys
            .entry((field.name, args.to_owned(), form))
            .or_insert(next);
        format!("k{number}{}: ", ["a", "b"][self.choose(2)])
    }

    pub(super) fn directives(&mut self) -> String {
        let mut text = String::new();
        if self.chance(6) {
            let names: &[&str] = [
                &["include"][..],
                &["skip"],
                &["skip", "include"],
                &["include", "skip"],
            ][self.choose(4)];
            for name in names {
                let condition = match self.choose(4) {
                    0 => "true".to_owned(),
                    1 => "false".to_owned(),
                    _ => self.switch(),
                };
                let _ = write!(text, " @{name}(if: {condition})");
            }
        }
        text
    }
}
