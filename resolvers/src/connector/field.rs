//! One value of a record, compiled: where it comes from, what counts as nothing, how words are translated.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::connector::build::constant_value;
use crate::connector::jq::Jq;
use crate::connector::mapping::{FieldSpec, ReadAs};
use crate::connector::node::{Found, Node};
use crate::connector::path::Path;
use crate::connector::record::Shape;
use crate::connector::template::{Target, Template, is_single};
use crate::connector::tree::Tree;
use crate::connector::vars::{NAMES, Vars};
use crate::door::fault::Fault;

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) source: Source,
    pub(crate) read_as: ReadAs,
    pub(crate) link: Option<Template>,
    absent: Vec<Json>,
    only_where: Option<(Path, Json)>,
    words: BTreeMap<String, Json>,
    default: Option<Tree>,
}

#[derive(Debug)]
pub(crate) enum Source {
    Path(Path),
    Jq(Jq),
    /// One attribute of the value list.
    Attribute(String),
    /// Several; all where none are named.
    Attributes(Option<Vec<String>>),
    /// Only the default, over the call's variables.
    Constant,
}

impl Field {
    /// `None` where the field hangs on a setting that is not given.
    pub(crate) fn new(
        spec: &FieldSpec,
        shape: Shape,
        settings: &Map<String, Json>,
    ) -> Result<Option<Self>, String> {
        let Some(source) = source(spec, settings)? else {
            return Ok(None);
        };
        let read_as = spec.read_as.unwrap_or(shape.usual());
        if !shape.allows(read_as) {
            return Err(format!("as: {read_as:?} does not fit, it is a {shape:?}").to_lowercase());
        }
        let default = spec.default.as_ref().or(spec.value.as_ref());
        let default = default.map(|default| Tree::new(default, &NAMES)).transpose()?;
        Ok(Some(Self {
            source,
            read_as,
            link: link(spec, settings)?,
            absent: spec.absent.clone(),
            only_where: match &spec.only_where {
                Some(condition) => Some((Path::new(&condition.path)?, condition.is.clone())),
                None => None,
            },
            words: words(spec),
            default,
        }))
    }

    /// What stands for nothing in every row of a call. It depends on the call only, so it is worked out once, not per row.
    pub(crate) fn constant(&self, vars: &Vars) -> Result<Option<Json>, Fault> {
        match &self.default {
            Some(default) => default.render(vars),
            None => Ok(None),
        }
    }

    /// Whether what stands for nothing names this variable.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.default.as_ref().is_some_and(|default| default.uses(name))
    }

    /// Whether there may be a text for each language.
    pub(crate) fn depends_on_language(&self) -> bool {
        self.read_as == ReadAs::Localized || matches!(self.source, Source::Attribute(_))
    }

    /// The value in a row, before it is read; `None` where nothing is there.
    pub(crate) fn raw<'a>(
        &'a self,
        row: Node<'a>,
        constant: Option<&'a Json>,
    ) -> Result<Option<Found<'a>>, Fault> {
        let at = |json: &'a Json| Found::At(json.into());
        let found = match &self.source {
            _ if !self.holds(row) => None,
            Source::Path(path) => path.find(row),
            Source::Jq(filter) => filter.first(row)?.map(Found::made),
            Source::Attribute(_) | Source::Attributes(_) | Source::Constant => None,
        };
        let found = found.filter(|found| !found.node().is_null() && !self.is_absent(found.node()));
        let found = if self.words.is_empty() {
            found
        } else {
            found.and_then(|found| self.word(found.node())).map(at)
        };
        Ok(found.or_else(|| constant.map(at)))
    }

    fn is_absent(&self, value: Node<'_>) -> bool {
        self.absent.iter().any(|absent| value.is(absent))
    }

    fn holds(&self, row: Node<'_>) -> bool {
        self.only_where
            .as_ref()
            .is_none_or(|(path, is)| path.find(row).is_some_and(|found| found.node().is(is)))
    }

    fn word(&self, value: Node<'_>) -> Option<&Json> {
        let word = match value.as_str() {
            Some(text) => self.words.get(text),
            None => self.words.get(&value.to_json().to_string()),
        };
        word.or_else(|| self.words.get("*"))
    }
}

/// Ours for the system's.
fn words(spec: &FieldSpec) -> BTreeMap<String, Json> {
    let word = |(theirs, ours): (&String, &String)| (theirs.clone(), Json::String(ours.clone()));
    spec.words.iter().map(word).collect()
}

fn source(spec: &FieldSpec, settings: &Map<String, Json>) -> Result<Option<Source>, String> {
    let given = [
        spec.path.is_some(),
        spec.jq.is_some(),
        spec.attribute.is_some(),
        spec.attributes.is_some(),
        spec.value.is_some(),
    ];
    if given.iter().filter(|given| **given).count() != 1 {
        return Err("needs one of path, jq, attribute, attributes, value".to_owned());
    }
    if let Some(path) = &spec.path {
        return Ok(Some(Source::Path(Path::new(path)?)));
    }
    if let Some(filter) = &spec.jq {
        return Ok(Some(Source::Jq(Jq::new(filter)?)));
    }
    if let Some(attribute) = &spec.attribute {
        return Ok(match constant_value(attribute, settings)? {
            Some(Json::String(code)) => Some(Source::Attribute(code)),
            Some(_) => return Err(format!("`{attribute}` is not a text")),
            None => None,
        });
    }
    let Some(attributes) = &spec.attributes else {
        return Ok(Some(Source::Constant));
    };
    if attributes == "*" {
        return Ok(Some(Source::Attributes(None)));
    }
    match constant_value(attributes, settings)? {
        Some(Json::Array(codes)) => {
            let codes: Option<Vec<String>> = codes
                .iter()
                .map(|code| code.as_str().map(str::to_owned))
                .collect();
            let codes = codes.ok_or(format!("`{attributes}` is not a list of texts"))?;
            Ok(Some(Source::Attributes(Some(codes))))
        }
        Some(Json::String(all)) if all == "*" => Ok(Some(Source::Attributes(None))),
        Some(_) => Err(format!("`{attributes}` is neither a list of texts nor `*`")),
        None => Ok(None),
    }
}

/// The template of an address; one that is a setting is that setting's text.
fn link(spec: &FieldSpec, settings: &Map<String, Json>) -> Result<Option<Template>, String> {
    let Some(link) = &spec.link else {
        return Ok(None);
    };
    let source = if is_single(link) {
        constant_value(link, settings)?
    } else {
        Some(Json::String(link.clone()))
    };
    match source {
        Some(Json::String(source)) => Ok(Some(
            Template::new(&source, Target::Link, &["value"]).map_err(|problem| format!("link: {problem}"))?,
        )),
        Some(_) => Err(format!("link: `{link}` is not a text")),
        None => Ok(None),
    }
}
