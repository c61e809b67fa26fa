//! The `upstream` section that every system has: how hard and how long it may be asked.

use serde::Deserialize;

/// Limits of one system. All times are per call; a request's own deadline always wins.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpstreamConfig {
    /// The most calls in flight at once.
    pub concurrency: usize,
    /// How long one call may take, from its first byte out to its last byte in.
    pub attempt_timeout_ms: u64,
    /// How long a connection may take to open.
    pub connect_timeout_ms: u64,
    /// How long a call may wait for its turn before it is refused as overloaded.
    pub queue_timeout_ms: u64,
    /// How long a login may take; some systems hash passwords for seconds.
    pub login_timeout_ms: u64,
    /// The largest answer, after decompression.
    pub max_response_bytes: usize,
    /// The most calls of it that one operation may need; without it only the limit of all systems together holds.
    pub cost_calls: Option<u64>,
}

impl Default for UpstreamConfig {
    fn default() -> Self {
        Self {
            concurrency: 8,
            attempt_timeout_ms: 2_000,
            connect_timeout_ms: 300,
            queue_timeout_ms: 1_000,
            login_timeout_ms: 10_000,
            max_response_bytes: 8 * 1024 * 1024,
            cost_calls: None,
        }
    }
}

impl UpstreamConfig {
    /// Refuses values with which no call could succeed; names the key.
    pub fn validate(&self) -> Result<(), String> {
        if !(1..=1024).contains(&self.concurrency) {
            return Err(format!(
                "concurrency: {} is not allowed, use 1 to 1024",
                self.concurrency
            ));
        }
        let times = [
            ("attempt_timeout_ms", self.attempt_timeout_ms),
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("queue_timeout_ms", self.queue_timeout_ms),
            ("login_timeout_ms", self.login_timeout_ms),
        ];
        for (name, value) in times {
            if !(1..=600_000).contains(&value) {
                return Err(format!("{name}: {value} is not allowed, use 1 to 600000"));
            }
        }
        if !(1_024..=1_073_741_824).contains(&self.max_response_bytes) {
            return Err(format!(
                "max_response_bytes: {} is not allowed, use 1024 to 1073741824",
                self.max_response_bytes
            ));
        }
        if self.cost_calls == Some(0) {
            return Err("cost_calls: 0 is not allowed, use 1 or more".to_owned());
        }
        Ok(())
    }
}
