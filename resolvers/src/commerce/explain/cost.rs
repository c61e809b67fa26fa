//! What an operation may cost: calls and keys of each system, and whether that is allowed.

use serde::Serialize;
use skuery_schema::error::ErrorCode;
use skuery_schema::ids::SystemName;

use crate::commerce::explain::sources::Sources;
use crate::commerce::explain::tally::{Sum, Tally};
use crate::commerce::gateway::Limits;
use crate::engine::RequestError;
use crate::screen::Excess;

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
    /// Which, and by how much.
    pub excess: Excess,
    /// The system whose own limit it is; `None` for one of all together.
    pub system: Option<SystemName>,
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

    /// What both cost together; how often they wait is that of the longer one.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.waves = self.waves.max(other.waves);
        self.calls = self.calls.saturating_add(other.calls);
        self.keys = self.keys.saturating_add(other.keys);
        for cost in other.systems {
            match self.systems.iter_mut().find(|own| own.system == cost.system) {
                Some(own) => {
                    own.calls = own.calls.saturating_add(cost.calls);
                    own.keys = own.keys.saturating_add(cost.keys);
                }
                None => self.systems.push(cost),
            }
        }
        self
    }

    /// The first limit that is exceeded.
    pub fn exceeded(&self) -> Option<Exceeded> {
        let of_all = [
            ("cost_calls", self.calls, self.max_calls),
            ("cost_keys", self.keys, self.max_keys),
        ];
        let of_all = of_all
            .into_iter()
            .map(|(limit, found, allowed)| (None, limit, found, allowed));
        let of_systems = self.systems.iter().filter_map(|cost| {
            let system = Some(cost.system.clone());
            Some((system, "cost_calls", cost.calls, cost.max_calls?))
        });
        let mut all = of_all.chain(of_systems);
        let (system, limit, found, allowed) = all.find(|(_, _, found, allowed)| found > allowed)?;
        let count = |number| usize::try_from(number).unwrap_or(usize::MAX);
        Some(Exceeded {
            excess: Excess {
                limit,
                allowed: count(allowed),
                found: count(found),
            },
            system,
        })
    }
}

impl Exceeded {
    /// As clients see it.
    pub fn error(&self) -> RequestError {
        let Excess {
            limit,
            allowed,
            found,
        } = self.excess;
        let what = match limit {
            "cost_keys" => "keys in calls",
            _ => "calls",
        };
        let message = match &self.system {
            Some(system) => format!(
                "systems.{system}.upstream.{limit}: the operation may need {found} {what} of `{system}`, and at most {allowed} are allowed"
            ),
            None => format!(
                "limits.{limit}: the operation may need {found} {what} of systems, and at most {allowed} are allowed"
            ),
        };
        RequestError {
            excess: Some(self.excess),
            ..RequestError::new(ErrorCode::QueryTooComplex, message)
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
