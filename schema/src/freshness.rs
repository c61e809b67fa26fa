//! Where a live value came from and how old it is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::SystemName;
use crate::object;
use crate::table::Value;

/// Where a live value came from and how old it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Freshness {
    /// The system that gave it.
    pub system: SystemName,
    /// When it was fetched, by the gateway's clock.
    pub fetched_at: Timestamp,
    /// Its age when the answer was made, in milliseconds.
    pub age_ms: i32,
    /// How it was served.
    pub state: FreshnessState,
}

/// How a value was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FreshnessState {
    /// Asked of the system for this request.
    Live,
    /// From the gateway's cache, within its time.
    Cached,
    /// Past its time.
    Stale,
}

object! {
    /// Where a live value came from and how old it is.
    Freshness, "Freshness";
    /// The configured name of the system that gave it.
    own system: "String!" => |freshness, _| Value::Str(freshness.system.as_str());
    /// When it was fetched, by the gateway's clock.
    own fetchedAt: "DateTime!" => |freshness, _| Value::DateTime(freshness.fetched_at);
    /// Its age in milliseconds when this answer was made.
    own ageMs: "Int!" => |freshness, _| Value::Int(freshness.age_ms);
    /// How it was served. STALE: past its time, served because the system did not answer, or while it is being asked again.
    own state: "FreshnessState!" => |freshness, _| Value::Name(match freshness.state {
        FreshnessState::Live => "LIVE",
        FreshnessState::Cached => "CACHED",
        FreshnessState::Stale => "STALE",
    });
}
