//! What an operation may cost: calls and keys of each system, and whether that is allowed.

use serde::Serialize;
use skuery_schema::error::ErrorCode;
use skuery_schema::ids::SystemName;

use crate::commerce::explain::sources::Sources;
use crate::commerce::explain::tally::{Sum, Tally};
use crate::commerce::gateway::Limits;
use crate::engine::RequestError;

/// The most that an operation costs from a cold cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// The least number of times it waits.
    pub waves: u32,
    /// Calls of all systems.
    pub calls: u64,
    /// How many are allowed.
    pub max_calls: u64,
    /// Keys in all these calls.
    pub keys: u64,
    /// How many are allowed.
    pub max_keys: u64,
    /// By system, in order of names; none that is not asked.
    pub systems: Vec<SystemCost>,
}

/// The part of one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemCost {
    /// Its configured name.
    pub system: SystemName,
    /// Its calls.
    pub calls: u64,
    /// How many are allowed, where that is limited for it alone.
    pub max_calls: Option<u64>,
    /// Keys in these calls.
    pub keys: u64,
}

/// A limit that an operation exceeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// Its name in the configuration, such as `limits.cost_calls`.
    pub limit: String,
    /// The system it is of; `None` for a limit of all together.
    pub system: Option<SystemName>,
    /// What the operation may need.
    pub found: u64,
    /// What is allowed.
    pub allowed: u64,
}

impl Cost {
    pub(super) fn new(tally: &Tally<'_>, sources: &Sources, limits: &Limits) -> Self {
        let groups = tally.groups();
        let mut all = Sum::default();
        let mut sums = vec![Sum::default(); sources.systems.len()];
        for ((source, ..), sum) in groups.iter() {
            all.add(*sum);
            sums[sources.of(*source).system].add(*sum);
        }
        let asked = sources.systems.iter().zip(sums);
        let asked = asked.filter(|(_, sum)| sum.calls > 0);
        let mut systems: Vec<SystemCost> = asked
            .map(|(system, sum)| SystemCost {
                system: system.name.clone(),
                calls: sum.calls,
                max_calls: system.max_calls,
                keys: sum.keys,
            })
            .collect();
        systems.sort_by(|one, other| one.system.as_str().cmp(other.system.as_str()));
        Self {
            waves: tally.waves(),
            calls: all.calls,
            max_calls: limits.cost_calls,
            keys: all.keys,
            max_keys: limits.cost_keys,
            systems,
        }
    }

    /// The first limit that is exceeded.
    pub fn exceeded(&self) -> Option<Exceeded> {
        let exceeded = |limit: &str, found, allowed| Exceeded {
            limit: limit.to_owned(),
            system: None,
            found,
            allowed,
        };
        if self.calls > self.max_calls {
            return Some(exceeded("limits.cost_calls", self.calls, self.max_calls));
        }
        if self.keys > self.max_keys {
            return Some(exceeded("limits.cost_keys", self.keys, self.max_keys));
        }
        self.systems.iter().find_map(|cost| {
            let allowed = cost.max_calls.filter(|allowed| cost.calls > *allowed)?;
            Some(Exceeded {
                limit: format!("systems.{}.upstream.cost_calls", cost.system),
                system: Some(cost.system.clone()),
                found: cost.calls,
                allowed,
            })
        })
    }
}

impl Exceeded {
    /// As clients see it.
    pub fn error(&self) -> RequestError {
        let Self {
            limit,
            system,
            found,
            allowed,
        } = self;
        let whose = system.as_ref().map(ToString::to_string);
        let whose = whose.as_deref().unwrap_or("all systems");
        let what = match limit.ends_with("keys") {
            true => "keys in calls",
            false => "calls",
        };
        RequestError {
            code: ErrorCode::QueryTooComplex,
            message: format!(
                "this operation may need {found} {what} of {whose}, and `{limit}` allows {allowed}; ask for less at once"
            ),
            locations: Vec::new(),
        }
    }
}

/// Whether a tally is within all limits. Looked at on every request, so nothing is put together for it.
pub(super) fn is_allowed(tally: &Tally<'_>, sources: &Sources, limits: &Limits) -> bool {
    let groups = tally.groups();
    let mut all = Sum::default();
    groups.iter().for_each(|(_, sum)| all.add(*sum));
    if all.calls > limits.cost_calls || all.keys > limits.cost_keys {
        return false;
    }
    let limited = sources.systems.iter().enumerate();
    let mut limited = limited.filter_map(|(number, system)| Some((number, system.max_calls?)));
    limited.all(|(number, allowed)| {
        let own = groups
            .iter()
            .filter(|((source, ..), _)| sources.of(*source).system == number);
        own.map(|(_, sum)| sum.calls).fold(0, u64::saturating_add) <= allowed
    })
}
