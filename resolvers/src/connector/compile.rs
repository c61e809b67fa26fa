//! Compiles a mapping against its settings. Every mistake is found here, before the gateway starts, and named by lookup
//! and field.

mod acts;
mod order;
mod sets;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::connector::act::{Act, is_act};
use crate::connector::answer::{AnswerPlan, Failure};
use crate::connector::config::{ConfigError, Role};
use crate::connector::machine::{Lookup, Question, Resolve};
use crate::connector::mapping::{
    Ability, AnswerSpec, LookupSpec, Mapping, ModeSpec, Protocol, RequestSpec, StatusMeaning, TableSpec,
};
use crate::connector::path::Path;
use crate::connector::record::LOOKUPS;
use crate::connector::request::{Purpose, RequestPlan};
use crate::connector::table::Table;
use crate::connector::template::{Target, Template};
use crate::connector::vars::NAMES;
use crate::error::ErrorKind;
use crate::port::PortLookup;

/// A mapping under compilation.
pub(crate) struct Compiler<'a> {
    pub(crate) mapping: &'a Mapping,
    pub(crate) settings: &'a Map<String, Json>,
}

impl Compiler<'_> {
    pub(crate) fn lookups(&self) -> Result<HashMap<PortLookup, Lookup>, ConfigError> {
        let mut lookups = HashMap::new();
        for (name, spec) in &self.mapping.lookups {
            let Some(lookup) = LOOKUPS.into_iter().find(|lookup| lookup.as_str() == name) else {
                let known: Vec<&str> = LOOKUPS.iter().map(|lookup| lookup.as_str()).collect();
                return Err(ConfigError::new(
                    format!("lookups.{name}"),
                    format!("unknown lookup, use {}", known.join(", ")),
                ));
            };
            if is_act(lookup) || !self.is_served(name, spec)? {
                continue;
            }
            let compiled = self
                .lookup(lookup, spec)
                .map_err(|problem| ConfigError::new(format!("lookups.{name}"), problem))?;
            lookups.insert(lookup, compiled);
        }
        if self.mapping.lookups.is_empty() {
            return Err(ConfigError::new("lookups", "none declared"));
        }
        Ok(lookups)
    }

    /// Whether the settings it needs are given.
    fn is_served(&self, name: &str, spec: &LookupSpec) -> Result<bool, ConfigError> {
        let Some(missing) = spec.needs.iter().find(|name| !self.settings.contains_key(*name)) else {
            return Ok(true);
        };
        if self.mapping.settings.contains_key(missing) {
            return Ok(false);
        }
        Err(ConfigError::new(
            format!("lookups.{name}.needs"),
            format!("`{missing}` is not among the declared settings"),
        ))
    }

    pub(crate) fn tables(&self) -> Result<BTreeMap<String, Table>, ConfigError> {
        self.mapping
            .tables
            .iter()
            .map(|(name, spec)| Ok((name.clone(), self.table(name, spec)?)))
            .collect()
    }

    pub(crate) fn table(&self, name: &str, spec: &TableSpec) -> Result<Table, ConfigError> {
        let compile = || -> Result<Table, String> {
            Ok(Table::new(
                name.to_owned(),
                self.request(&spec.request, Purpose::Read)?,
                Path::new(&spec.items)?,
                Path::new(&spec.code)?,
                spec.id.as_deref().map(Path::new).transpose()?,
            ))
        };
        compile().map_err(|problem| ConfigError::new(format!("tables.{name}"), problem))
    }

    pub(crate) fn failures(&self) -> Result<Vec<Failure>, ConfigError> {
        self.mapping
            .failures
            .iter()
            .map(|spec| Failure::new(spec).map_err(|problem| ConfigError::new("failures", problem)))
            .collect()
    }

    pub(crate) fn statuses(&self) -> Arc<[(u16, Option<ErrorKind>)]> {
        self.mapping
            .statuses
            .iter()
            .map(|(status, meaning)| {
                let kind = match meaning {
                    StatusMeaning::Absent => None,
                    StatusMeaning::Rejected => Some(ErrorKind::Rejected),
                    StatusMeaning::Overloaded => Some(ErrorKind::Overloaded),
                    StatusMeaning::Unavailable => Some(ErrorKind::Unavailable),
                };
                (*status, kind)
            })
            .collect()
    }

    fn lookup(&self, lookup: PortLookup, spec: &LookupSpec) -> Result<Lookup, String> {
        if spec.keys.max == 0 || spec.keys.url_bytes < 200 {
            return Err("keys: max must be at least 1, url_bytes at least 200".to_owned());
        }
        if lookup == PortLookup::Prices && spec.mode.is_none() {
            return Err("mode: missing, use calculated or rows".to_owned());
        }
        if spec.choice.is_some() && (lookup != PortLookup::Prices || spec.mode != Some(ModeSpec::Rows)) {
            return Err("choice: only prices with `mode: rows` are chosen among".to_owned());
        }
        acts::refuse_what_is_not_its_own(lookup, spec)?;
        order::check_abilities(lookup, spec)?;
        let mut questions = Vec::with_capacity(spec.alternatives.len() + 1);
        for alternative in &spec.alternatives {
            let answer = alternative.answer.as_ref().unwrap_or(&spec.answer);
            let when = format!("{{{{ {} }}}}", alternative.when);
            questions.push(Question {
                when: Some(
                    Template::new(&when, Target::Json, &NAMES)
                        .map_err(|problem| format!("when: {problem}"))?,
                ),
                ..self.question(lookup, spec, &alternative.request, answer)?
            });
        }
        questions.push(self.question(lookup, spec, &spec.request, &spec.answer)?);
        let count = match &spec.count {
            Some(count) => Some((
                self.request(&count.request, Purpose::Read)?,
                Path::new(&count.path)?,
            )),
            None => None,
        };
        let compiled = Lookup {
            lookup,
            keys: spec.keys.clone(),
            mode: spec.mode.unwrap_or(ModeSpec::Rows),
            choice: spec.choice.unwrap_or_default(),
            per_location: spec.per_location,
            unlisted_is_none: spec.unlisted_is_none,
            abilities: self.abilities(spec)?,
            resolve: self.resolve(spec)?,
            questions,
            count,
        };
        order::check(&compiled, self.mapping.protocol)?;
        Ok(compiled)
    }

    fn abilities(&self, spec: &LookupSpec) -> Result<Vec<Ability>, String> {
        let mut abilities = spec.abilities.clone();
        for (ability, setting) in &spec.ability_needs {
            if !self.mapping.settings.contains_key(setting) {
                return Err(format!(
                    "ability_needs: `{setting}` is not among the declared settings"
                ));
            }
            if !self.settings.contains_key(setting) {
                abilities.retain(|known| known != ability);
            }
        }
        Ok(abilities)
    }

    fn question(
        &self,
        lookup: PortLookup,
        spec: &LookupSpec,
        request: &RequestSpec,
        answer: &AnswerSpec,
    ) -> Result<Question, String> {
        let request = self
            .request(request, Purpose::Read)
            .map_err(|problem| format!("request.{problem}"))?;
        Ok(Question {
            when: None,
            from_start: !request.uses("paging.offset") && !request.uses("paging.page"),
            request,
            answer: AnswerPlan::new(answer, lookup, spec.keys.one_by_one, self.settings)?,
        })
    }

    fn resolve(&self, spec: &LookupSpec) -> Result<Vec<Resolve>, String> {
        spec.resolve
            .iter()
            .map(|(name, resolve)| {
                if !self.mapping.tables.contains_key(&resolve.table) {
                    return Err(format!("resolve.{name}: no table `{}`", resolve.table));
                }
                let code = Template::new(&resolve.code, Target::Text, &NAMES)
                    .map_err(|problem| format!("resolve.{name}: {problem}"))?;
                Ok(Resolve {
                    name: name.clone(),
                    table: resolve.table.clone(),
                    code,
                })
            })
            .collect()
    }

    fn request(&self, spec: &RequestSpec, purpose: Purpose) -> Result<RequestPlan, String> {
        let common = self.mapping.headers.iter();
        match self.mapping.protocol {
            Protocol::Rest => RequestPlan::rest(spec, common, purpose),
            Protocol::Jsonrpc => {
                let path = self.mapping.rpc_path.as_deref().ok_or("rpc_path: missing")?;
                RequestPlan::rpc(spec, path, common)
            }
        }
    }
}

/// The roles a mapping serves: a catalogue needs at least variants or products.
pub(crate) fn served(lookups: &HashMap<PortLookup, Lookup>, acts: &HashMap<PortLookup, Act>) -> Vec<Role> {
    let serves = |lookup| lookups.contains_key(&lookup);
    let mut roles = Vec::new();
    if serves(PortLookup::Products) || serves(PortLookup::Variants) {
        roles.push(Role::Catalog);
    }
    if serves(PortLookup::Prices) {
        roles.push(Role::Prices);
    }
    if serves(PortLookup::Stock) {
        roles.push(Role::Stock);
    }
    if serves(PortLookup::Customers) || serves(PortLookup::Credit) {
        roles.push(Role::Customers);
    }
    if serves(PortLookup::Orders) || acts.contains_key(&PortLookup::PlaceOrder) {
        roles.push(Role::Orders);
    }
    if acts.contains_key(&PortLookup::Capture) {
        roles.push(Role::Payments);
    }
    roles
}
