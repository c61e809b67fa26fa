//! The section `batching`: several requests in one body.

use serde::Deserialize;

/// The most that may be allowed: a batch is screened whole before it is executed.
const MOST: usize = 100;

/// Several requests in one body.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchingConfig {
    /// How many may come together.
    pub most: usize,
}

impl BatchingConfig {
    /// Refuses numbers that mean nothing, or that would not protect; the error is the key and what is wrong with it.
    pub(super) fn check(self) -> Result<(), (String, String)> {
        match self.most {
            1..=MOST => Ok(()),
            most => Err((
                "batching.most".to_owned(),
                format!("{most} is not allowed, use 1 to {MOST}"),
            )),
        }
    }
}
