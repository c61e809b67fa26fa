//! What an asker accepts, and what it gets.

use std::time::Duration;

use jiff::Timestamp;
use skuery_schema::freshness::{Freshness, FreshnessState};
use skuery_schema::ids::SystemName;
use tokio::time::Instant;

use crate::error::LookupError;

/// What the asker accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Want {
    /// The oldest acceptable answer; `None` leaves it to the policy. Zero asks the system itself.
    pub max_age: Option<Duration>,
}

impl Want {
    /// Whether an answer of this age will do. An `age` of zero is still not the system itself.
    pub(crate) fn accepts(self, age: Duration) -> bool {
        self.max_age.is_none_or(|limit| age <= limit && !limit.is_zero())
    }
}

/// An answer with its age.
#[derive(Clone, Debug)]
pub struct Loaded<V> {
    /// The answer.
    pub value: V,
    /// When its call began, on tokio's clock.
    pub fetched: Instant,
    /// When its call began, on the wall clock.
    pub fetched_at: Timestamp,
    /// How it is served.
    pub state: FreshnessState,
    /// Until when it is served to others without asking, on tokio's clock.
    pub fresh_until: Instant,
}

impl<V> Loaded<V> {
    /// How old it is, without the answer.
    pub(crate) fn age(self) -> Loaded<()> {
        Loaded {
            value: (),
            fetched: self.fetched,
            fetched_at: self.fetched_at,
            state: self.state,
            fresh_until: self.fresh_until,
        }
    }

    /// As clients see it.
    pub fn freshness(&self, system: &SystemName, now: Instant) -> Freshness {
        let age = now.saturating_duration_since(self.fetched);
        Freshness {
            system: system.clone(),
            fetched_at: self.fetched_at,
            age_ms: i32::try_from(age.as_millis()).unwrap_or(i32::MAX),
            state: self.state,
        }
    }
}

/// The answer to one lookup: `Ok(None)` when the system does not know the key.
pub type Outcome<V> = Result<Option<Loaded<V>>, LookupError>;
