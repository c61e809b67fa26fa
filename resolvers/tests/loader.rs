//! What the loader promises: batching, sharing, caching, freshness and scope, against a source that misbehaves on request.
//!
//! Time is tokio's and paused, but for `landings`, so every age and every number of calls is exact.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod loader {
    mod fake;

    mod batching;
    mod bounds;
    mod failures;
    mod forgetting;
    mod freshness;
    mod interleavings;
    mod landings;
    mod order;
    mod scopes;
    mod sharing;
    mod traces;
}
