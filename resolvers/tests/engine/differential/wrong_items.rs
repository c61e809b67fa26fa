//! Items of a selection that make a mistake.

use skuery_schema::table::{Field, TypeRef};

use super::documents::Writer;
use super::literals::Vary;
use super::mistakes::Mistake;
use super::notation::is_required;

impl Writer<'_> {
    /// An item for a selection of `scope` that makes the mistake, where that can be.
    pub(super) fn wrong_item(&mut self, scope: &'static str, mistake: Mistake) -> Option<String> {
        let fields = self.fields_of(scope);
        let choose = |writer: &mut Self, fits: &dyn Fn(&&'static Field) -> bool| {
            let fields: Vec<&'static Field> = fields.iter().filter(fits).collect();
            (!fields.is_empty()).then(|| fields[writer.choose(fields.len())])
        };
        let composite = |field: &Field| !self.types.possible(TypeRef(field.ty).name()).is_empty();
        let leaves: Vec<&'static Field> = fields.iter().filter(|field| !composite(field)).collect();
        let objects: Vec<&'static Field> = fields.iter().filter(|field| composite(field)).collect();
        let one_of = |writer: &mut Self, fields: &[&'static Field]| {
            (!fields.is_empty()).then(|| fields[writer.choose(fields.len())])
        };
        Some(match mistake {
            Mistake::UnknownField => ["nope", "x: nope { a }", "nope(a: 1)"][self.choose(3)].to_owned(),
            Mistake::TypenameWithArguments => "__typename(a: 1)".to_owned(),
            Mistake::TypenameWithFields => "__typename { a }".to_owned(),
            Mistake::SameKeyForOtherFields => {
                let one = choose(self, &|_| true)?;
                let other = choose(self, &|field| field.name != one.name)?;
                self.meet_in_one_key(scope, &[one, other], |writer, field| writer.given(field, &[]))
            }
            Mistake::SameKeyForOtherArguments => {
                let field = choose(self, &|field| {
                    field
                        .args
                        .iter()
                        .any(|argument| argument.ty.contains("String") || argument.ty.contains("Int"))
                })?;
                let mut number = 0;
                self.meet_in_one_key(scope, &[field, field], |writer, field| {
                    number += 1;
                    let other = field
                        .args
                        .iter()
                        .find(|argument| argument.ty.contains("String") || argument.ty.contains("Int"));
                    let name = other.map_or("", |argument| argument.name);
                    let value = match other.is_some_and(|argument| argument.ty.contains("Int")) {
                        true => number.to_string(),
                        false => format!("\"{number}\""),
                    };
                    writer.given(field, &[(name, value)])
                })
            }
            Mistake::SameKeyForOtherShapes => return self.other_shapes(scope),
            Mistake::LeafWithFields => {
                let field = one_of(self, &leaves)?;
                format!("w: {}{} {{ __typename }}", field.name, self.given(field, &[]))
            }
            Mistake::ObjectWithoutFields => {
                let field = one_of(self, &objects)?;
                format!("w: {}{}", field.name, self.given(field, &[]))
            }
            Mistake::EmptySelection => {
                let field = one_of(self, &objects)?;
                format!("w: {}{} {{ }}", field.name, self.given(field, &[]))
            }
            Mistake::UnknownArgument => {
                let field = choose(self, &|_| true)?;
                let args = self.given(field, &[("nope", "1".to_owned())]);
                self.wrong_field(field, &args)
            }
            Mistake::RepeatedArgument => {
                let field = choose(self, &|field| !field.args.is_empty())?;
                let name = field.args[0].name;
                let value = self.literal(TypeRef(field.args[0].ty), Vary::Nowhere);
                let twice = [(name, value.clone()), (name, value)];
                let args = self.given(field, &twice);
                self.wrong_field(field, &args)
            }
            Mistake::MissingArgument => {
                let field = choose(self, &|field| field.args.iter().any(is_required))?;
                self.wrong_field(field, "")
            }
            Mistake::WrongLiteral => {
                let field = choose(self, &|field| !field.args.is_empty())?;
                let argument = &field.args[self.choose(field.args.len())];
                let value = self.wrong_literal(TypeRef(argument.ty))?;
                let args = self.given(field, &[(argument.name, value)]);
                self.wrong_field(field, &args)
            }
            Mistake::FragmentOfUnknownType => "... on Nope { __typename }".to_owned(),
            Mistake::FragmentOfLeafType => {
                let input = self.types.inputs[0].name;
                let leaf = self.types.enums[0].name;
                format!(
                    "... on {} {{ __typename }}",
                    ["String", input, leaf][self.choose(3)]
                )
            }
            Mistake::UnknownFragment => "...Nope".to_owned(),
            Mistake::FragmentCycle => {
                let inner = ["...Round", "... { ...Round }", "...Again"][self.choose(3)];
                self.more.push(format!("fragment Round on {scope} {{ {inner} }}"));
                if inner == "...Again" {
                    self.more
                        .push(format!("fragment Again on {scope} {{ __typename ...Round }}"));
                }
                "...Round".to_owned()
            }
            Mistake::ImpossibleFragment => {
                let possible = self.types.possible(scope);
                let others: Vec<&str> = (self.types.objects.iter())
                    .filter(|object| !possible.iter().any(|possible| possible.name == object.name))
                    .map(|object| object.name)
                    .collect();
                let on = others[self.choose(others.len())];
                if self.choose(2) == 0 {
                    format!("... on {on} {{ __typename }}")
                } else {
                    self.more.push(format!("fragment Never on {on} {{ __typename }}"));
                    "...Never".to_owned()
                }
            }
            Mistake::UnknownDirective => on_some(self.choose(4), "@nope"),
            Mistake::MisplacedDirective => on_some(
                self.choose(4),
                ["@inContext", "@deprecated", "@specifiedBy(url: \"a\")"][self.choose(3)],
            ),
            Mistake::RepeatedDirective => on_some(self.choose(4), "@skip(if: true) @skip(if: true)"),
            Mistake::DirectiveArguments => on_some(
                self.choose(4),
                [
                    "@skip",
                    "@include(if: \"true\")",
                    "@skip(if: null)",
                    "@include(if: true, nope: 1)",
                    "@skip(unless: true)",
                    "@skip(if: true, if: true)",
                ][self.choose(6)],
            ),
            Mistake::UndefinedVariable => on_some(self.choose(4), "@skip(if: $nope)"),
            Mistake::RepeatedVariable => {
                let switch = self.wrong_variable("Boolean!", "$vX: Boolean!, $vX: Boolean!");
                on_some(self.choose(4), &format!("@skip(if: {switch})"))
            }
            Mistake::UnusedVariable => {
                self.wrong_variable("Boolean", "$vX: Boolean");
                "__typename".to_owned()
            }
            Mistake::VariableOfOutputType => {
                let object = self.types.objects[1].name;
                self.wrong_variable("Boolean!", &format!("$vX: {object}"));
                "__typename".to_owned()
            }
            Mistake::VariableOfUnknownType => {
                let switch = self.wrong_variable("Boolean!", "$vX: Nope!");
                on_some(self.choose(4), &format!("@skip(if: {switch})"))
            }
            Mistake::WrongDefault => {
                let wrong = ["1", "\"true\"", "null", "TRUE", "[true]"][self.choose(5)];
                let switch = self.wrong_variable("Boolean!", &format!("$vX: Boolean! = {wrong}"));
                on_some(self.choose(4), &format!("@skip(if: {switch})"))
            }
            Mistake::VariableInWrongPlace => {
                if self.choose(4) == 0 {
                    let ty = ["Int!", "Boolean", "[Boolean!]!", "Boolean = null"][self.choose(4)];
                    let switch = self.wrong_variable(ty, &format!("$vX: {ty}"));
                    return Some(on_some(self.choose(4), &format!("@skip(if: {switch})")));
                }
                let field = choose(self, &|field| !field.args.is_empty())?;
                let argument = &field.args[self.choose(field.args.len())];
                if let Some(input) = self
                    .types
                    .input(TypeRef(argument.ty).name())
                    .filter(|input| input.one_of)
                {
                    let member = &input.fields[self.choose(input.fields.len())];
                    let ty = [member.ty.to_owned(), format!("{} = null", member.ty)][self.choose(2)].clone();
                    let variable = self.wrong_variable(&ty, &format!("$vX: {ty}"));
                    let value = format!("{{ {}: {variable} }}", member.name);
                    let args = self.given(field, &[(argument.name, value)]);
                    return Some(self.wrong_field(field, &args));
                }
                let other = if TypeRef(argument.ty).name() == "Boolean" {
                    "Int"
                } else {
                    "Boolean"
                };
                let named = TypeRef(argument.ty).name();
                let wrong = match self.choose(3) {
                    0 => argument.ty.replace(named, other),
                    1 => format!("[{}]", argument.ty),
                    _ if argument.ty.ends_with('!') && argument.default.is_none() => {
                        argument.ty.trim_end_matches('!').to_owned()
                    }
                    _ => other.to_owned(),
                };
                let variable = self.wrong_variable(&wrong, &format!("$vX: {wrong}"));
                let args = self.given(field, &[(argument.name, variable)]);
                self.wrong_field(field, &args)
            }
            _ => return None,
        })
    }

    fn fields_of(&self, scope: &str) -> &'static [Field] {
        let interface = || {
            self.types
                .interfaces
                .iter()
                .find(|interface| interface.name == scope)
        };
        match self.types.object(scope) {
            Some(object) => object.fields,
            None => interface().map_or(&[], |interface| interface.fields),
        }
    }

    fn wrong_field(&mut self, field: &'static Field, args: &str) -> String {
        let composite = !self.types.possible(TypeRef(field.ty).name()).is_empty();
        let set = if composite { " { __typename }" } else { "" };
        format!("w: {}{args}{set}", field.name)
    }

    /// The arguments that a field needs, but for those that are given.
    fn given(&mut self, field: &'static Field, given: &[(&str, String)]) -> String {
        let mut all: Vec<String> = given
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        for argument in field.args {
            if is_required(argument) && !given.iter().any(|(name, _)| *name == argument.name) {
                all.push(format!(
                    "{}: {}",
                    argument.name,
                    self.literal(TypeRef(argument.ty), Vary::Nowhere)
                ));
            }
        }
        if all.is_empty() {
            String::new()
        } else {
            format!("({})", all.join(", "))
        }
    }

    /// Fields under one key, side by side or where they meet only after merging.
    fn meet_in_one_key(
        &mut self,
        scope: &str,
        fields: &[&'static Field],
        mut args: impl FnMut(&mut Self, &'static Field) -> String,
    ) -> String {
        let fields: Vec<String> = fields
            .iter()
            .map(|field| {
                let args = args(self, field);
                self.wrong_field(field, &args)
            })
            .collect();
        let [one, other] = [&fields[0], &fields[1]];
        match self.choose(4) {
            0 => format!("{one} {other}"),
            1 => format!("{one} ... on {scope} {{ {other} }}"),
            2 => format!("... on {scope} {{ {one} }} ... @skip(if: true) {{ {other} }}"),
            _ => {
                self.more.push(format!("fragment Meets on {scope} {{ {other} }}"));
                format!("{one} ...Meets")
            }
        }
    }

    /// Two types that no value has at once, with fields under one key whose values have different forms.
    fn other_shapes(&mut self, scope: &str) -> Option<String> {
        let possible = self.types.possible(scope);
        let mut pairs = Vec::new();
        for one in &possible {
            for other in &possible {
                let fields = one
                    .fields
                    .iter()
                    .flat_map(|field| other.fields.iter().map(move |other| (field, other)));
                let conflicts = fields.filter(|(field, other)| self.shapes_differ(field.ty, other.ty));
                if one.name < other.name {
                    pairs.extend(conflicts.map(|(field, with)| (one.name, field, other.name, with)));
                }
            }
        }
        if pairs.is_empty() {
            return None;
        }
        let (one, field, other, with) = pairs[self.choose(pairs.len())];
        let (args, other_args) = (self.given(field, &[]), self.given(with, &[]));
        let (field, with) = (
            self.wrong_field(field, &args),
            self.wrong_field(with, &other_args),
        );
        Some(format!("... on {one} {{ {field} }} ... on {other} {{ {with} }}"))
    }

    fn shapes_differ(&self, one: &str, other: &str) -> bool {
        let wrapping = |ty: &str| ty.replace(TypeRef(ty).name(), "");
        let leaf = |ty: &str| self.types.possible(TypeRef(ty).name()).is_empty();
        wrapping(one) != wrapping(other)
            || leaf(one) != leaf(other)
            || leaf(one) && TypeRef(one).name() != TypeRef(other).name()
    }
}

/// A directive in one of its places.
fn on_some(place: usize, directive: &str) -> String {
    match place {
        0 => format!("__typename {directive}"),
        1 => format!("... {directive} {{ __typename }}"),
        2 => format!("w: __typename {directive}"),
        _ => format!("... {{ ... {directive} {{ w: __typename {directive} }} }}"),
    }
}
