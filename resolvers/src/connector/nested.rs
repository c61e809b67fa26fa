//! A record's compiled values and the lists of records inside it, such as an order with its lines.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::connector::field::Field;
use crate::connector::jq::Jq;
use crate::connector::mapping::{FieldSpec, ListSpec};
use crate::connector::node::{Found, Node};
use crate::connector::path::Path;
use crate::connector::record::Record;
use crate::connector::vars::Vars;
use crate::door::fault::Fault;

/// A record, compiled.
#[derive(Debug, Default)]
pub(crate) struct RecordPlan {
    pub(crate) fields: Fields,
    pub(crate) lists: BTreeMap<&'static str, ListPlan>,
}

/// The values that the mapping fills. There are few, and they are looked for in every row: a short look through all of
/// them is the quickest.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(&'static str, Field)>);

/// Where the records of a list are, and what they hold.
#[derive(Debug)]
pub(crate) struct ListPlan {
    at: At,
    pub(crate) record: RecordPlan,
}

#[derive(Debug)]
enum At {
    Path(Path),
    Jq(Jq),
}

/// The values that are the same in every row of a call, and those of the lists inside.
#[derive(Debug)]
pub(crate) struct Constants {
    /// At the places of the fields.
    values: Vec<Option<Json>>,
    lists: BTreeMap<&'static str, Constants>,
}

impl RecordPlan {
    /// Compiles against what the record may and must hold; a mistake is named by its place.
    pub(crate) fn new(
        fields: &BTreeMap<String, FieldSpec>,
        lists: &BTreeMap<String, ListSpec>,
        record: &'static Record,
        settings: &Map<String, Json>,
    ) -> Result<Self, String> {
        Ok(Self {
            fields: compile_fields(fields, record, settings)?,
            lists: compile_lists(lists, record, settings)?,
        })
    }

    /// What is the same in every row of a call.
    pub(crate) fn constants(&self, vars: &Vars) -> Result<Constants, Fault> {
        let mut constants = Constants::none();
        for (_, field) in &self.fields.0 {
            constants.values.push(field.constant(vars)?);
        }
        for (name, list) in &self.lists {
            constants.lists.insert(*name, list.record.constants(vars)?);
        }
        Ok(constants)
    }

    /// Whether any value, here or inside, names this variable.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.fields.0.iter().any(|(_, field)| field.uses(name))
            || self.lists.values().any(|list| list.record.uses(name))
    }
}

impl Fields {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Field> {
        self.find(name).map(|(_, field)| field)
    }

    /// A field with its place.
    pub(crate) fn find(&self, name: &str) -> Option<(usize, &Field)> {
        let place = self.0.iter().position(|(known, _)| *known == name)?;
        Some((place, &self.0[place].1))
    }
}

impl ListPlan {
    /// The list in a row; `None` where nothing is there.
    pub(crate) fn find<'a>(&self, row: Node<'a>) -> Result<Option<Found<'a>>, Fault> {
        let found = match &self.at {
            At::Path(path) => path.find(row),
            At::Jq(filter) => filter.first(row)?.map(Found::made),
        };
        Ok(found.filter(|list| !list.node().is_null()))
    }
}

impl Constants {
    pub(crate) const fn none() -> Self {
        Self {
            values: Vec::new(),
            lists: BTreeMap::new(),
        }
    }

    /// That of the field at this place.
    pub(crate) fn at(&self, place: usize) -> Option<&Json> {
        self.values.get(place)?.as_ref()
    }

    /// Those of a list inside.
    pub(crate) fn of(&self, list: &str) -> &Self {
        static NONE: Constants = Constants::none();
        self.lists.get(list).unwrap_or(&NONE)
    }
}

fn compile_fields(
    specs: &BTreeMap<String, FieldSpec>,
    record: &'static Record,
    settings: &Map<String, Json>,
) -> Result<Fields, String> {
    if let Some(name) = specs
        .keys()
        .find(|name| !record.rules().any(|rule| rule.name == *name))
    {
        let known: Vec<&str> = record.rules().map(|rule| rule.name).collect();
        return Err(format!("fields.{name}: unknown, use {}", known.join(", ")));
    }
    let mut fields = Vec::new();
    for rule in record.rules() {
        let field = match specs.get(rule.name) {
            Some(spec) => Field::new(spec, rule.shape, settings)
                .map_err(|problem| format!("fields.{}: {problem}", rule.name))?,
            None => None,
        };
        match field {
            Some(field) => {
                fields.push((rule.name, field));
            }
            None if rule.required => return Err(format!("fields.{}: missing", rule.name)),
            None => {}
        }
    }
    Ok(Fields(fields))
}

fn compile_lists(
    specs: &BTreeMap<String, ListSpec>,
    record: &'static Record,
    settings: &Map<String, Json>,
) -> Result<BTreeMap<&'static str, ListPlan>, String> {
    let mut lists = BTreeMap::new();
    for (name, spec) in specs {
        let Some((name, inner)) = record.lists.iter().find(|(known, _)| known == name) else {
            let known: Vec<&str> = record.lists.iter().map(|(known, _)| *known).collect();
            let known = match known.as_slice() {
                [] => "there are none here".to_owned(),
                known => format!("use {}", known.join(", ")),
            };
            return Err(format!("lists.{name}: unknown, {known}"));
        };
        let list =
            compile_list(spec, inner, settings).map_err(|problem| format!("lists.{name}.{problem}"))?;
        lists.insert(*name, list);
    }
    Ok(lists)
}

fn compile_list(
    spec: &ListSpec,
    record: &'static Record,
    settings: &Map<String, Json>,
) -> Result<ListPlan, String> {
    let at = match (&spec.path, &spec.jq) {
        (Some(path), None) => At::Path(Path::new(path).map_err(|problem| format!("path: {problem}"))?),
        (None, Some(filter)) => At::Jq(Jq::new(filter).map_err(|problem| format!("jq: {problem}"))?),
        _ => return Err("path: needs one of path, jq".to_owned()),
    };
    for (name, field) in &spec.fields {
        if field.attribute.is_some() || field.attributes.is_some() {
            return Err(format!("fields.{name}: a value list is of a whole item only"));
        }
    }
    Ok(ListPlan {
        at,
        record: RecordPlan::new(&spec.fields, &spec.lists, record, settings)?,
    })
}
