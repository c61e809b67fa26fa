//! A plan as it is told: waves, and in each its lookups with their fields, systems and calls.

use std::collections::HashMap;

use serde::Serialize;
use skuery_schema::ids::{ChannelName, SystemName};

use crate::commerce::explain::cost::Cost;
use crate::commerce::explain::sources::{SourceId, Sources};
use crate::commerce::explain::tally::{Question, Tally};
use crate::commerce::explain::walk::{Path, Told};
use crate::loader::Policy;

/// The most fields that are named of one lookup: a plan must not be longer than the answer.
const MOST_FIELDS: usize = 25;

/// What an operation will ask, as far as that is known before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What the document calls the operation.
    pub operation: Option<String>,
    /// The channel it runs in.
    pub channel: ChannelName,
    /// The waves in order; empty when no system is asked.
    pub waves: Vec<ExplainedWave>,
    /// What it costs.
    pub cost: Cost,
}

/// Lookups that leave together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedWave {
    /// From 1.
    pub wave: u32,
    /// In the order in which the plan comes to them.
    pub lookups: Vec<ExplainedLookup>,
}

/// One kind of question, with all that share its calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedLookup {
    /// As in mappings and metrics.
    pub lookup: &'static str,
    /// Who is asked.
    pub system: SystemName,
    /// Whose answer it is: `public`, `price_list`, `customer` or `company`.
    pub scope: &'static str,
    /// The response paths that need it, without list indexes; the first of them where they are many.
    pub fields: Vec<String>,
    /// How many fields need it that are not named.
    pub other_fields: usize,
    /// The most keys.
    pub keys: u64,
    /// The most keys of one call.
    pub batch: u64,
    /// The most calls.
    pub calls: u64,
    /// How often it may be asked before it is answered.
    pub rounds: u32,
    /// How long answers are kept; `None` for what passes every cache.
    pub cache: Option<ExplainedCache>,
}

/// A cache policy in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedCache {
    /// Served from the cache without asking.
    pub fresh_secs: u64,
    /// After that: served at once while the system is asked again.
    pub stale_while_revalidate_secs: u64,
    /// Served when the system does not answer.
    pub stale_if_error_secs: u64,
    /// How long it is remembered that the system does not know a key.
    pub negative_secs: u64,
}

impl From<&Policy> for ExplainedCache {
    fn from(policy: &Policy) -> Self {
        Self {
            fresh_secs: policy.fresh.as_secs(),
            stale_while_revalidate_secs: policy.stale_while_revalidate.as_secs(),
            stale_if_error_secs: policy.stale_if_error.as_secs(),
            negative_secs: policy.negative.as_secs(),
        }
    }
}

/// Writes down every question of a walk, with the field that asks it.
#[derive(Default)]
pub(super) struct Record {
    questions: Vec<(Question, Option<String>)>,
    named: HashMap<(SourceId, u64), usize>,
}

impl Told for Record {
    fn told(&mut self, question: &Question, path: &Path<'_>) {
        let named = self.named.entry((question.source, question.group)).or_default();
        *named += 1;
        let path = (*named <= MOST_FIELDS).then(|| path.dotted());
        self.questions.push((*question, path));
    }
}

impl Record {
    pub(super) fn tally<'s>(&self, sources: &'s Sources) -> Tally<'s> {
        let mut tally = Tally::new(sources);
        self.questions
            .iter()
            .for_each(|(question, _)| tally.add(question));
        tally
    }

    pub(super) fn waves(self, tally: &Tally<'_>, sources: &Sources) -> Vec<ExplainedWave> {
        let sums = tally.groups();
        let mut waves: Vec<ExplainedWave> = (1..=tally.waves())
            .map(|wave| ExplainedWave {
                wave,
                lookups: Vec::new(),
            })
            .collect();
        let mut places: HashMap<_, usize> = HashMap::new();
        for (question, path) in self.questions {
            let group = tally.group_of(&question);
            let (source, _, wave) = group;
            let lookups = &mut waves[wave as usize - 1].lookups;
            let place = *places.entry(group).or_insert_with(|| {
                let source = sources.of(source);
                let sum = sums.get(&group).copied().unwrap_or_default();
                lookups.push(ExplainedLookup {
                    lookup: source.lookup,
                    system: sources.systems[source.system].name.clone(),
                    scope: question.scope.as_str(),
                    fields: Vec::new(),
                    other_fields: 0,
                    keys: sum.keys,
                    batch: source.batch,
                    calls: sum.calls,
                    rounds: question.rounds,
                    cache: source.policy.as_ref().map(Into::into),
                });
                lookups.len() - 1
            });
            let lookup = &mut lookups[place];
            lookup.rounds = lookup.rounds.max(question.rounds);
            match path {
                Some(path) if lookup.fields.contains(&path) => {}
                Some(path) => lookup.fields.push(path),
                None => lookup.other_fields += 1,
            }
        }
        waves
    }
}
