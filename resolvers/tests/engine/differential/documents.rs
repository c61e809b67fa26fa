//! Random documents that are valid by construction: every choice is made from the tables.
//!
//! Choices are read from a tape of numbers. At its end every choice is 0, the plainest, so proptest shrinks a document by
//! shrinking the tape.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use serde_json::{Map, Value as Json};
use skuery_schema::table::{Field, ObjectType, SchemaTypes, TypeRef};

use super::mistakes::{Mistake, spoil};
use super::world::World;

/// A document, which operation of it is meant, and the variables it is sent with.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    pub(crate) document: String,
    pub(crate) name: Option<String>,
    pub(crate) variables: Map<String, Json>,
    /// The types of the variables of the operation that is meant.
    pub(crate) declared: Vec<(String, String)>,
}

/// A field that a document is to lead to: its object type and its name.
pub(crate) type Goal = (&'static str, &'static Field);

/// What one operation or fragment is made of.
#[derive(Default)]
struct Part {
    text: String,
    /// Numbers of the variables in it, and in the fragments it spreads.
    variables: BTreeSet<usize>,
}

pub(crate) struct Writer<'t> {
    pub(super) world: &'static World,
    pub(super) types: &'static SchemaTypes,
    tape: &'t [u16],
    /// The tape from its beginning: a mistake is drawn from there, wherever the document has got to.
    whole_tape: &'t [u16],
    /// Fields, fragments and input fields still to be written.
    pub(super) budget: usize,
    fragments: Vec<(&'static str, Part)>,
    /// Response keys with a number per field, arguments and form of the value, so that what shares a key can be merged.
    keys: HashMap<(&'static str, String, String), usize>,
    /// Which arguments and form a field has where it stands under its own name.
    plain: HashMap<&'static str, (String, String)>,
    unique: usize,
    pub(super) variables: Vec<Variable>,
    /// The variables of the parts being written, the innermost last.
    pub(super) used: Vec<BTreeSet<usize>>,
    pub(super) given: Map<String, Json>,
    /// A mistake still to be made, after so many selections.
    mistake: Option<(Mistake, usize)>,
    /// Definitions of fragments that a mistake takes.
    pub(super) more: Vec<String>,
}

/// A variable with its declared type and its definition.
pub(super) struct Variable {
    pub(super) ty: String,
    pub(super) definition: String,
    /// Whether it switches fields: its value is never null.
    pub(super) switch: bool,
}

/// Writes a document; with a goal, the operation that is meant leads there.
pub(crate) fn generate(world: &'static World, tape: &[u16], goal: Option<Goal>) -> Generated {
    Writer::new(world, tape).document(goal)
}

/// Writes a document that is valid but for one mistake, made after so many selections; `None` where it never could be.
pub(crate) fn generate_wrong(
    world: &'static World,
    tape: &[u16],
    mistake: Mistake,
    after: usize,
) -> Option<Generated> {
    let mut writer = Writer::new(world, tape);
    writer.mistake = Some((mistake, after));
    let mut generated = writer.document(None);
    (writer.mistake.is_none() || spoil(&mut generated, mistake)).then_some(generated)
}

/// Spoils one value of a variable; `None` where there is none.
pub(crate) fn generate_wrong_variable(
    world: &'static World,
    tape: &[u16],
    which: usize,
) -> Option<(Generated, String)> {
    let mut writer = Writer::new(world, tape);
    let mut generated = writer.document(None);
    writer.tape = tape;
    let (name, ty) = generated
        .declared
        .get(which % generated.declared.len().max(1))?
        .clone();
    if ty.ends_with('!') && writer.chance(4) && !generated.document.contains(&format!("${name}: {ty} =")) {
        generated.variables.shift_remove(&name)?;
        return Some((generated, format!("{ty} absent")));
    }
    let wrong = writer.wrong_json(TypeRef(&ty))?;
    let what = format!("{ty} = {wrong}");
    generated.variables.insert(name, wrong);
    Some((generated, what))
}

const TYPE: &str = "{ name kind isOneOf fields { name args { name defaultValue type { name } } \
    type { ...on __Type { name kind ofType { name kind ofType { name ofType { kind } } } } } } \
    inputFields { name defaultValue type { kind name } } possibleTypes { name } interfaces { name } enumValues { name } }";

const SCHEMA: &str =
    "__schema { __typename queryType { name } mutationType { name } subscriptionType { name } }";

impl<'t> Writer<'t> {
    fn new(world: &'static World, tape: &'t [u16]) -> Self {
        Self {
            world,
            types: world.types,
            tape,
            whole_tape: tape,
            budget: 60,
            fragments: Vec::new(),
            keys: HashMap::new(),
            plain: HashMap::new(),
            unique: 0,
            variables: Vec::new(),
            used: Vec::new(),
            given: Map::new(),
            mistake: None,
            more: Vec::new(),
        }
    }

    fn document(&mut self, goal: Option<Goal>) -> Generated {
        let meant = self.operation(goal);
        let mut operations = vec![meant];
        let mut name = None;
        if self.chance(4) {
            for _ in 0..self.choose(3) {
                operations.push(self.operation(None));
            }
            name = Some("O0".to_owned());
        }
        let declared = operations[0].1.variables.iter();
        let declared = declared
            .map(|number| (format!("v{number}"), self.variables[*number].ty.clone()))
            .collect();
        let rotated = self.choose(operations.len());
        let mut parts: Vec<String> = operations
            .iter()
            .enumerate()
            .map(|(number, (kind, part))| self.print_operation(kind, name.as_ref().map(|_| number), part))
            .collect();
        parts.rotate_left(rotated);
        // One operation need not be named to be meant.
        if operations.len() == 1 && self.chance(2) {
            name = None;
        }
        for (index, (condition, part)) in self.fragments.iter().enumerate() {
            parts.push(format!("fragment F{index} on {condition} {}", part.text));
        }
        parts.append(&mut self.more);
        Generated {
            document: parts.join("\n"),
            name,
            declared,
            variables: std::mem::take(&mut self.given),
        }
    }

    /// A choice below `n`.
    pub(super) fn choose(&mut self, n: usize) -> usize {
        let Some((first, rest)) = self.tape.split_first() else {
            return 0;
        };
        self.tape = rest;
        usize::from(*first) % n
    }

    pub(super) fn chance(&mut self, of: usize) -> bool {
        self.choose(of) == of - 1
    }

    fn operation(&mut self, goal: Option<Goal>) -> (String, Part) {
        let query = self.types.query();
        let mut roots = vec![query];
        roots.extend(self.types.mutation);
        roots.retain(|root| goal.is_none_or(|(ty, _)| self.world.distance(root.name, ty).is_some()));
        let root = roots[usize::from(self.chance(3)) % roots.len()];
        let kind = if self
            .types
            .mutation
            .is_some_and(|mutation| std::ptr::eq(mutation, root))
            && (!std::ptr::eq(query, root) || self.chance(3))
        {
            "mutation"
        } else {
            "query"
        };
        self.used.push(BTreeSet::new());
        let introspects = kind == "query";
        let context = self.context();
        let set = self.root_set(root, introspects, goal);
        let part = Part {
            text: format!("{context} {set}"),
            variables: self.used.pop().unwrap(),
        };
        (kind.to_owned(), part)
    }

    fn print_operation(&self, kind: &str, number: Option<usize>, part: &Part) -> String {
        let mut text = kind.to_owned();
        if let Some(number) = number {
            let _ = write!(text, " O{number}");
        }
        let definitions = part
            .variables
            .iter()
            .map(|number| self.variables[*number].definition.as_str());
        let definitions: Vec<&str> = definitions.collect();
        if !definitions.is_empty() {
            let _ = write!(text, "({})", definitions.join(", "));
        }
        if text == "query" && part.text.starts_with(" {") {
            text.clear();
        }
        text + &part.text
    }

    /// Directives of the tables stand on operations.
    fn context(&mut self) -> String {
        let mut text = String::new();
        for directive in self.types.directives {
            if self.chance(5) {
                let _ = write!(text, " @{}{}", directive.name, self.arguments(directive.args));
            }
        }
        text
    }

    fn root_set(&mut self, root: &'static ObjectType, introspects: bool, goal: Option<Goal>) -> String {
        let set = self.set(root.name, 6, goal);
        if !introspects || !self.chance(12) {
            return set;
        }
        let introspection = match self.choose(4) {
            3 => SCHEMA.to_owned(),
            choice => {
                let names: Vec<&str> = self
                    .types
                    .objects
                    .iter()
                    .map(|object| object.name)
                    .chain(self.types.interfaces.iter().map(|interface| interface.name))
                    .chain(self.types.unions.iter().map(|union| union.name))
                    .chain(self.types.enums.iter().map(|enumeration| enumeration.name))
                    .chain(self.types.inputs.iter().map(|input| input.name))
                    .chain(["Decimal", "Nothing", "__Type"])
                    .collect();
                let name = names[self.choose(names.len())];
                let argument = if choice == 0 {
                    self.variable_of("String!", Json::from(name))
                } else {
                    format!("\"{name}\"")
                };
                self.unique += 1;
                let directives = self.directives();
                format!("i{}: __type(name: {argument}){directives} {TYPE}", self.unique)
            }
        };
        if self.choose(2) == 0 {
            set.replacen('{', &format!("{{ {introspection}"), 1)
        } else {
            format!("{} {introspection} }}", set.strip_suffix('}').unwrap_or(&set))
        }
    }

    /// A selection set for values of a type, which may be abstract.
    fn set(&mut self, scope: &'static str, depth: usize, goal: Option<Goal>) -> String {
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

    fn directives(&mut self) -> String {
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
