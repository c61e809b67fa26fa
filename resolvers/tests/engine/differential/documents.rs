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
pub(super) struct Part {
    pub(super) text: String,
    /// Numbers of the variables in it, and in the fragments it spreads.
    pub(super) variables: BTreeSet<usize>,
}

pub(crate) struct Writer<'t> {
    pub(super) world: &'static World,
    pub(super) types: &'static SchemaTypes,
    pub(super) tape: &'t [u16],
    /// The tape from its beginning: a mistake is drawn from there, wherever the document has got to.
    pub(super) whole_tape: &'t [u16],
    /// Fields, fragments and input fields still to be written.
    pub(super) budget: usize,
    pub(super) fragments: Vec<(&'static str, Part)>,
    /// Arguments and input fields still to be given although they may be left out.
    pub(super) generous: usize,
    /// Response keys with a number per field, arguments and form of the value, so that what shares a key can be merged.
    pub(super) keys: HashMap<(&'static str, String, String), usize>,
    /// Which arguments and form a field has where it stands under its own name.
    pub(super) plain: HashMap<&'static str, (String, String)>,
    pub(super) unique: usize,
    pub(super) variables: Vec<Variable>,
    /// The variables of the parts being written, the innermost last.
    pub(super) used: Vec<BTreeSet<usize>>,
    pub(super) given: Map<String, Json>,
    /// A mistake still to be made, after so many selections.
    pub(super) mistake: Option<(Mistake, usize)>,
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
            generous: 0,
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
        let several = if self.chance(4) { 1 + self.choose(3) } else { 0 };
        let mut name = (several > 0).then(|| "O0".to_owned());
        let mut operations = vec![self.operation(goal)];
        for _ in 1..several {
            operations.push(self.operation(None));
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
        let introspects = self.chance(8) && introspects;
        let before = self.choose(2) == 0;
        let choice = self.choose(4);
        let number = self.choose(1 << 10);
        let set = self.set(root.name, 6, goal);
        if !introspects {
            return set;
        }
        let introspection = match choice {
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
                let name = names[number % names.len()];
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
        if before {
            set.replacen('{', &format!("{{ {introspection}"), 1)
        } else {
            format!("{} {introspection} }}", set.strip_suffix('}').unwrap_or(&set))
        }
    }
}
