//! What a run has exercised, counted in the documents themselves, so that a test that has become blind fails.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, Field, OperationType, Selection, SelectionSet,
};
use async_graphql_value::Value as Literal;
use serde_json::Value as Json;
use skuery_schema::table::{Argument, TypeRef};

use super::data::INJECTED;
use super::documents::Generated;
use super::reference::Answered;
use super::required::required;
use super::settle::{Path, Step, path_of_error};
use super::world::World;
use crate::run::Ran;

/// How often each thing of a kind was met.
#[derive(Default)]
pub(crate) struct Coverage {
    met: BTreeMap<&'static str, BTreeMap<String, usize>>,
    documents: usize,
    without_data: usize,
}

impl Coverage {
    pub(crate) fn meet(&mut self, kind: &'static str, name: impl Into<String>) {
        *self.met.entry(kind).or_default().entry(name.into()).or_default() += 1;
    }

    /// Counts a document that was answered.
    pub(crate) fn answered(&mut self, world: &World, generated: &Generated, ran: &Ran, reference: &Answered) {
        self.documents += 1;
        let document = async_graphql::parser::parse_query(&generated.document).unwrap();
        let data: Json = serde_json::from_str(&ran.data).unwrap();
        self.without_data += usize::from(!has_data(&data));
        for (ty, field) in &reference.reached {
            self.meet("fields with a value", format!("{ty}.{field}"));
        }
        for error in &ran.errors {
            self.error(error, &data);
        }
        for (name, ty) in &generated.declared {
            let given = match generated.variables.get(name) {
                None => "absent",
                Some(Json::Null) => "null",
                Some(_) => "given",
            };
            if let Some(value) = generated.variables.get(name) {
                self.given(world, TypeRef(ty).name(), value);
            }
            self.meet("variables, by type", ty.replace('!', ""));
            self.meet("variables, by what is given", given);
        }
        let several = matches!(&document.operations, DocumentOperations::Multiple(all) if all.len() > 1);
        let operation = match (&document.operations, &generated.name) {
            (DocumentOperations::Single(operation), _) => operation,
            (DocumentOperations::Multiple(all), Some(name)) => &all[name.as_str()],
            (DocumentOperations::Multiple(all), None) => all.values().next().unwrap(),
        };
        let operation = &operation.node;
        let named = ["one", "one of several"][usize::from(several)];
        self.meet("operations", format!("{} {named}", operation.ty));
        let root = match operation.ty {
            OperationType::Mutation => world.types.mutation.unwrap(),
            _ => world.types.query(),
        };
        for directive in &operation.directives {
            let table = world
                .types
                .directives
                .iter()
                .find(|table| table.name == directive.node.name.node);
            for (name, value) in &directive.node.arguments {
                let on = format!("@{}", directive.node.name.node);
                self.argument(world, &on, table.unwrap().args, name.node.as_str(), &value.node);
            }
        }
        let mut walk = Walk {
            coverage: self,
            world,
            document: &document,
            spread: HashSet::new(),
        };
        walk.set(&operation.selection_set.node, root.name);
        walk.merged(&operation.selection_set.node);
    }

    fn error(&mut self, error: &Json, data: &Json) {
        let path = path_of_error(error);
        let message = error["message"].as_str().unwrap();
        let kind = if message.starts_with(INJECTED) {
            "injected"
        } else if error["extensions"]["code"] == "BAD_USER_INPUT" {
            "argument refused"
        } else {
            message
        };
        let place = match path.last() {
            Some(Step::Index(_)) => "item",
            _ => "field",
        };
        let end = match reaches(data, &path) {
            Some(Json::Null) => "null",
            Some(_) => "beside its value",
            None => "null above",
        };
        self.meet("errors", format!("{kind}, {place}, {end}"));
    }

    /// An argument or an input field, and those within its value.
    fn argument(&mut self, world: &World, on: &str, table: &[Argument], name: &str, value: &Literal) {
        let argument = table.iter().find(|argument| argument.name == name).unwrap();
        self.meet("arguments and input fields", format!("{on}.{name}"));
        let form = match value {
            Literal::Variable(_) => "variable",
            Literal::Null => "null",
            Literal::List(_) => "list",
            Literal::Object(_) => "object",
            _ if TypeRef(argument.ty).item().is_some() => "one value for a list",
            _ => "plain",
        };
        self.meet("arguments, by form", form);
        self.within(world, TypeRef(argument.ty).name(), value);
    }

    fn within(&mut self, world: &World, name: &str, value: &Literal) {
        match value {
            Literal::List(items) => items.iter().for_each(|item| self.within(world, name, item)),
            Literal::Object(members) => {
                let Some(input) = world.types.input(name) else {
                    return;
                };
                for (member, value) in members {
                    self.argument(world, name, input.fields, member.as_str(), value);
                }
            }
            Literal::Enum(value) => self.meet("enum values given", format!("{name}.{value}")),
            _ => {}
        }
    }

    /// Input fields that the value of a variable gives.
    fn given(&mut self, world: &World, name: &str, value: &Json) {
        match (value, world.types.input(name)) {
            (Json::Array(items), _) => items.iter().for_each(|item| self.given(world, name, item)),
            (Json::Object(members), Some(input)) => {
                for (member, value) in members {
                    let field = input.fields.iter().find(|field| field.name == member).unwrap();
                    self.meet("arguments and input fields", format!("{name}.{member}"));
                    self.given(world, TypeRef(field.ty).name(), value);
                }
            }
            _ => {}
        }
    }

    /// Numbers of the fields that have never had a value.
    pub(crate) fn unmet_fields(&self, world: &World) -> Vec<usize> {
        let met = &self.met["fields with a value"];
        let fields = world.fields.iter().enumerate();
        fields
            .filter(|(_, (ty, field))| !met.contains_key(&format!("{ty}.{}", field.name)))
            .map(|(number, _)| number)
            .collect()
    }

    /// What has been counted, and whether anything that must not be missing is.
    pub(crate) fn report(&self, world: &World) -> Result<String, String> {
        let mut report = format!(
            "{}: {} documents, {} without data",
            world.name, self.documents, self.without_data
        );
        for (kind, met) in &self.met {
            let _ = write!(report, "\n  {kind}: {}", met.len());
            if met.len() <= 24 {
                let each: Vec<String> = met
                    .iter()
                    .map(|(name, times)| format!("{name} ({times})"))
                    .collect();
                let _ = write!(report, ": {}", each.join("; "));
            }
        }
        let mut required: Vec<(usize, String)> = required(world)
            .into_iter()
            .map(|(kind, name)| {
                let times = self.met.get(kind).and_then(|met| met.get(&name));
                (times.copied().unwrap_or_default(), format!("{kind}: {name}"))
            })
            .collect();
        required.sort();
        let rarest: Vec<String> = required
            .iter()
            .take(4)
            .map(|(times, name)| format!("{name} ({times})"))
            .collect();
        let _ = write!(
            report,
            "\n  rarest of {} that must be met: {}",
            required.len(),
            rarest.join("; ")
        );
        let mut missing: Vec<String> = required
            .into_iter()
            .filter(|(times, _)| *times == 0)
            .map(|(_, name)| name)
            .collect();
        if self.without_data * 3 > self.documents {
            missing.push("a third of the documents has no data at all".to_owned());
        }
        if missing.is_empty() {
            Ok(report)
        } else {
            Err(format!("{report}\nnever met:\n  {}", missing.join("\n  ")))
        }
    }
}

/// The value at a path, where there is one.
fn reaches<'a>(data: &'a Json, path: &Path) -> Option<&'a Json> {
    path.iter().try_fold(data, |at, step| match step {
        Step::Key(key) => at.get(key),
        Step::Index(index) => at.get(index),
    })
}

/// Whether anything but nulls and names of types is in it.
fn has_data(data: &Json) -> bool {
    match data {
        Json::Null => false,
        Json::Object(fields) => fields
            .iter()
            .any(|(key, value)| !matches!(key.as_str(), "__typename" | "t") && has_data(value)),
        Json::Array(items) => items.iter().any(has_data),
        _ => true,
    }
}

struct Walk<'a> {
    coverage: &'a mut Coverage,
    world: &'a World,
    document: &'a ExecutableDocument,
    spread: HashSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn set(&mut self, set: &'a SelectionSet, scope: &str) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    self.directives(&field.node.directives, "field");
                    self.field(&field.node, scope);
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.node.directives, "inline fragment");
                    let condition = fragment.node.type_condition.as_ref();
                    let inner = condition.map_or(scope, |condition| condition.node.on.node.as_str());
                    self.condition(scope, inner);
                    self.set(&fragment.node.selection_set.node, inner);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives, "spread");
                    let name = &spread.node.fragment_name.node;
                    let fragment = &self.document.fragments[name].node;
                    let inner = fragment.type_condition.node.on.node.as_str();
                    self.condition(scope, inner);
                    if self.spread.insert(name) {
                        self.set(&fragment.selection_set.node, inner);
                    }
                }
            }
        }
    }

    fn condition(&mut self, scope: &str, inner: &str) {
        if scope != inner {
            if self.world.types.object(inner).is_none() {
                self.coverage.meet("abstract type conditions", inner);
            }
            self.coverage
                .meet("type conditions", format!("{inner} within {scope}"));
        }
    }

    fn field(&mut self, field: &'a Field, scope: &str) {
        let name = field.name.node.as_str();
        if name.starts_with("__") {
            self.coverage.meet("introspection", name);
            return;
        }
        let possible = self.world.types.possible(scope);
        for object in &possible {
            self.coverage
                .meet("fields selected", format!("{}.{name}", object.name));
        }
        let table = possible[0]
            .fields
            .iter()
            .find(|field| field.name == name)
            .unwrap();
        let on = format!("{scope}.{name}");
        for (argument, value) in &field.arguments {
            self.coverage
                .argument(self.world, &on, table.args, argument.node.as_str(), &value.node);
        }
        self.set(&field.selection_set.node, TypeRef(table.ty).name());
    }

    fn directives(&mut self, directives: &[Positioned<Directive>], place: &str) {
        for directive in directives {
            let directive = &directive.node;
            let condition = match directive.get_argument("if").map(|value| &value.node) {
                Some(Literal::Boolean(condition)) => condition.to_string(),
                _ => "variable".to_owned(),
            };
            self.coverage.meet(
                "directives",
                format!("@{} {condition} on {place}", directive.name.node),
            );
        }
    }

    /// Counts response keys that stand in a selection more than once, in it or in its fragments.
    fn merged(&mut self, set: &'a SelectionSet) {
        let mut keys: BTreeMap<&str, Vec<&Field>> = BTreeMap::new();
        let mut sets = vec![set];
        let mut spread = HashSet::new();
        while let Some(set) = sets.pop() {
            for item in &set.items {
                match &item.node {
                    Selection::Field(field) => keys
                        .entry(&field.node.response_key().node)
                        .or_default()
                        .push(&field.node),
                    Selection::InlineFragment(fragment) => sets.push(&fragment.node.selection_set.node),
                    Selection::FragmentSpread(fragment) => {
                        let name = &fragment.node.fragment_name.node;
                        if spread.insert(name) {
                            sets.push(&self.document.fragments[name].node.selection_set.node);
                        }
                    }
                }
            }
        }
        for fields in keys.values() {
            let leaf = fields[0].selection_set.node.items.is_empty();
            if fields.len() > 1 {
                self.coverage
                    .meet("merged fields", if leaf { "leaves" } else { "objects" });
            }
            fields
                .iter()
                .for_each(|field| self.merged(&field.selection_set.node));
        }
    }
}
