//! The engine behind the ports: asks a lookup's questions and hands back answers by key.

mod acting;
mod collect;
mod effort;
mod exchange;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use serde_json::{Map, Value as Json, json};
use skuery_schema::ids::{LocationCode, SystemName};

use crate::connector::act::Act;
use crate::connector::answer::{AnswerPlan, Failure};
use crate::connector::config::OneOrMany;
use crate::connector::convert;
use crate::connector::document::Document;
use crate::connector::languages::Chain;
use crate::connector::machine::collect::Collect;
use crate::connector::machine::exchange::Asked;
use crate::connector::mapping::{Ability, ChoiceSpec, KeysSpec, ModeSpec};
use crate::connector::path::Path;
use crate::connector::reader::Reader;
use crate::connector::request::{Prepared, RequestPlan};
use crate::connector::table::Table;
use crate::connector::template::Template;
use crate::connector::vars::Vars;
use crate::door::Upstream;
use crate::door::fault::Fault;
use crate::error::{ErrorKind, LookupError};
use crate::port::{Call, PortLookup};

pub(crate) use crate::connector::machine::acting::End;
pub(crate) use crate::connector::machine::collect::Rows;

/// One system's compiled mapping with its configuration.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) system: SystemName,
    pub(crate) upstream: Upstream,
    pub(crate) is_rpc: bool,
    pub(crate) settings: Map<String, Json>,
    /// The variables that are the same in every request.
    pub(crate) constants: Vars,
    pub(crate) languages: BTreeMap<String, String>,
    pub(crate) locations: Vec<LocationCode>,
    pub(crate) location_keys: HashMap<LocationCode, Json>,
    pub(crate) price_lists: BTreeMap<String, OneOrMany>,
    pub(crate) sku: Option<Template>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) statuses: Arc<[(u16, Option<ErrorKind>)]>,
    pub(crate) tables: BTreeMap<String, Table>,
    pub(crate) sample: Option<Table>,
    pub(crate) lookups: HashMap<PortLookup, Lookup>,
    pub(crate) acts: HashMap<PortLookup, Act>,
    /// Currencies whose minor unit the system counts otherwise than ISO 4217.
    pub(crate) minor_units: Map<String, Json>,
}

#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) lookup: PortLookup,
    pub(crate) keys: KeysSpec,
    pub(crate) mode: ModeSpec,
    pub(crate) choice: ChoiceSpec,
    pub(crate) per_location: bool,
    pub(crate) unlisted_is_none: bool,
    pub(crate) abilities: Vec<Ability>,
    pub(crate) resolve: Vec<Resolve>,
    pub(crate) questions: Vec<Question>,
    pub(crate) count: Option<(RequestPlan, Path)>,
}

#[derive(Debug)]
pub(crate) struct Resolve {
    pub(crate) name: String,
    pub(crate) table: String,
    pub(crate) code: Template,
}

/// A request and the meaning of its answer; the last of a lookup has no condition.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) when: Option<Template>,
    pub(crate) request: RequestPlan,
    pub(crate) answer: AnswerPlan,
    /// Whether the request does not tell where to begin, so that every answer begins with the first row.
    pub(crate) from_start: bool,
}

impl Question {
    /// Whether it hangs on this variable, whatever its answer means.
    pub(crate) fn asks(&self, name: &str) -> bool {
        self.when.as_ref().is_some_and(|when| when.uses(name)) || self.request.uses(name)
    }
}

impl Lookup {
    /// Whether its questions, or the meaning of their answers, hang on this variable.
    pub(crate) fn uses(&self, name: &str) -> bool {
        let in_question = |question: &Question| question.asks(name) || question.answer.record.uses(name);
        self.questions.iter().any(in_question) || self.resolve.iter().any(|it| it.code.uses(name))
    }
}

/// The request for the keys at one place of the asked list.
struct Written {
    keys: Range<usize>,
    vars: Vars,
    first: Result<Prepared, Fault>,
}

/// What came back for the keys at one place of the asked list.
struct Part {
    keys: Range<usize>,
    vars: Vars,
    pages: Result<Vec<Document>, LookupError>,
}

impl Machine {
    pub(crate) fn lookup(&self, lookup: PortLookup) -> Result<&Lookup, LookupError> {
        self.lookups.get(&lookup).ok_or_else(|| {
            self.error(
                lookup.as_str(),
                Fault::new(ErrorKind::Unsupported, "the connector does not serve this lookup"),
            )
        })
    }

    pub(crate) fn max_keys(&self, lookup: PortLookup) -> usize {
        self.lookups.get(&lookup).map_or(1, |lookup| lookup.keys.max)
    }

    pub(crate) fn error(&self, operation: &'static str, fault: Fault) -> LookupError {
        fault.into_error(&self.system, operation)
    }

    /// The variables every request has.
    pub(crate) fn vars(&self) -> Vars {
        let today = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date();
        self.constants.with([("today", json!(today.to_string()))])
    }

    /// Our SKU as the system's key.
    pub(crate) fn sku_key(&self, sku: &str) -> Result<String, Fault> {
        let Some(template) = &self.sku else {
            return Ok(sku.to_owned());
        };
        Ok(template.filled("key", sku)?.unwrap_or_default())
    }

    /// Counts a row that nobody asked for, and says so without its values.
    pub(crate) fn foreign_row(&self, operation: &'static str) {
        self.foreign_rows(operation, 1);
    }

    /// Counts rows that nobody asked for, and says so without their values.
    pub(crate) fn foreign_rows(&self, operation: &'static str, rows: u64) {
        self.upstream.count_foreign_rows(rows);
        tracing::warn!(system = %self.system, operation, rows, "an answer held rows of another owner; they were dropped");
    }

    /// Our code of the system's location, where it is configured.
    pub(crate) fn our_location(&self, key: &str) -> Option<LocationCode> {
        let is_that = |theirs: &Json| convert::text(theirs.into()).is_ok_and(|theirs| *theirs == *key);
        self.location_keys
            .iter()
            .find(|(_, theirs)| is_that(theirs))
            .map(|(ours, _)| ours.clone())
    }

    /// Asks for `keys` and reads each row with `read`; `None` from `read` means the row says nothing.
    pub(crate) async fn ask<R: Clone>(
        &self,
        call: Call,
        lookup: &Lookup,
        vars: Vars,
        chain: &Chain,
        keys: &[String],
        read: impl Fn(&Reader<'_>, &str) -> Result<Option<R>, Fault>,
    ) -> Result<Rows<R>, LookupError> {
        let vars = self.resolve(call, lookup, vars).await?;
        let question = self.question(lookup, &vars)?;
        let parts = self.parts(call, lookup, question, &vars, keys).await;
        let all_failed = parts.iter().all(|part| part.pages.is_err());
        let mut collect = Collect::new(keys);
        for part in parts {
            match part.pages {
                Ok(pages) => {
                    for page in &pages {
                        self.collect(lookup, question, &part.vars, chain, page, &mut collect, &read)?;
                    }
                }
                Err(error) if all_failed => return Err(error),
                Err(error) => {
                    for position in part.keys {
                        collect.rows[position] = Some(Err(error.clone()));
                    }
                }
            }
        }
        if collect.foreign > 0 {
            self.upstream.count_foreign_rows(collect.foreign);
            tracing::warn!(
                system = %self.system,
                operation = lookup.lookup.as_str(),
                rows = collect.foreign,
                "an answer held rows for keys nobody asked for; they were dropped"
            );
        }
        Ok(collect.rows)
    }

    #[expect(clippy::too_many_arguments, reason = "one inner step of `ask`")]
    fn collect<R>(
        &self,
        lookup: &Lookup,
        question: &Question,
        vars: &Vars,
        chain: &Chain,
        page: &Document,
        collect: &mut Collect<'_, R>,
        read: &impl Fn(&Reader<'_>, &str) -> Result<Option<R>, Fault>,
    ) -> Result<(), LookupError>
    where
        R: Clone,
    {
        let operation = lookup.lookup.as_str();
        let fail = |fault: Fault| self.error(operation, fault);
        let constants = question.answer.constants(vars).map_err(fail)?;
        for item in question.answer.items(page.root()).map_err(fail)? {
            let item = item.node();
            let Some(key) = question.answer.key(item, chain).map_err(fail)? else {
                collect.foreign += 1;
                continue;
            };
            let Some(mut known) = collect.begin(&key) else {
                collect.foreign += 1;
                continue;
            };
            for row in question.answer.rows(item).map_err(fail)? {
                let reader = question.answer.reader(item, row.node(), &constants, chain);
                match read(&reader, &key) {
                    Ok(Some(record)) => known.add(record),
                    Ok(None) => {}
                    Err(fault) => known.fail(&fail(fault)),
                }
            }
        }
        Ok(())
    }

    /// Looks up the ids the lookup needs, all at once.
    pub(crate) async fn resolve(&self, call: Call, lookup: &Lookup, vars: Vars) -> Result<Vars, LookupError> {
        self.resolved(call, lookup.lookup.as_str(), &lookup.resolve, vars)
            .await
    }

    async fn resolved(
        &self,
        call: Call,
        operation: &'static str,
        resolve: &[Resolve],
        vars: Vars,
    ) -> Result<Vars, LookupError> {
        if resolve.is_empty() {
            return Ok(vars);
        }
        let mut ids = Map::new();
        let wanted = resolve.iter().map(|resolve| {
            let vars = &vars;
            async move {
                let code = resolve
                    .code
                    .text(vars.template())
                    .map_err(|fault| self.error(operation, fault))?;
                let (Some(code), Some(table)) = (code, self.tables.get(&resolve.table)) else {
                    return Ok(None);
                };
                let id = table.id(self, call, &code).await?;
                Ok(Some((resolve.name.clone(), id)))
            }
        });
        for found in futures_util::future::join_all(wanted).await {
            ids.extend(found?);
        }
        Ok(vars.with([("ids", Json::Object(ids))]))
    }

    pub(crate) fn question<'a>(&self, lookup: &'a Lookup, vars: &Vars) -> Result<&'a Question, LookupError> {
        let fail = |fault| self.error(lookup.lookup.as_str(), fault);
        for question in &lookup.questions {
            let holds = match &question.when {
                Some(when) => when.json(vars.template()).map_err(fail)? == Some(json!(true)),
                None => true,
            };
            if holds {
                return Ok(question);
            }
        }
        Err(fail(Fault::new(ErrorKind::Unsupported, "no request fits")))
    }

    /// Splits the keys as the lookup says and asks for all parts, as many at once as the gate has places.
    async fn parts(
        &self,
        call: Call,
        lookup: &Lookup,
        question: &Question,
        vars: &Vars,
        keys: &[String],
    ) -> Vec<Part> {
        let asked = self.split(lookup, question, vars, keys).into_iter();
        let asked = asked.map(|Written { keys, vars, first }| async move {
            let asked = Asked {
                lookup,
                question,
                vars: &vars,
                keys: keys.len(),
            };
            let pages = self.pages_from(call, asked, first, None).await;
            Part { keys, vars, pages }
        });
        stream::iter(asked)
            .buffer_unordered(self.upstream.concurrency())
            .collect()
            .await
    }

    /// Requests with as many keys as the lookup allows and an address has room for.
    fn split(&self, lookup: &Lookup, question: &Question, vars: &Vars, keys: &[String]) -> Vec<Written> {
        let write = |keys: Range<usize>, own: (&'static str, Json)| {
            let vars = vars.with([own]);
            let first = self.first(question, &vars);
            Written { keys, vars, first }
        };
        if lookup.keys.one_by_one {
            let one = |position: usize| write(position..position + 1, ("key", json!(keys[position])));
            return (0..keys.len()).map(one).collect();
        }
        let whole = 0..keys.len();
        let mut waiting = vec![whole];
        let mut ready = Vec::new();
        while let Some(range) = waiting.pop() {
            let written = write(range.clone(), ("keys", json!(keys[range.clone()])));
            let is_too_long =
                |request: &Prepared| request.url.as_str().len() > lookup.keys.url_bytes && range.len() > 1;
            if written.first.as_ref().is_ok_and(is_too_long) {
                let middle = range.start + range.len() / 2;
                waiting.push(middle..range.end);
                waiting.push(range.start..middle);
            } else {
                ready.push(written);
            }
        }
        ready
    }
}
