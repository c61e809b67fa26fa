//! How often a watched key is asked for.

use std::time::Duration;

use tokio::time::Instant;

/// Bounds of polling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two calls for a key that moves.
    pub least: Duration,
    /// Between two calls for a key that does not.
    pub most: Duration,
    /// The most keys that are watched at a source.
    pub keys: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            least: Duration::from_secs(5),
            most: Duration::from_secs(60),
            keys: 20_000,
        }
    }
}

impl Pace {
    pub(super) fn start(&self, now: Instant) -> Rhythm {
        Rhythm {
            every: self.least,
            due: now + self.least,
        }
    }
}

/// One key's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rhythm {
    every: Duration,
    due: Instant,
}

impl Rhythm {
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// What is due soon goes along with what is due now: fewer calls.
    pub(super) fn is_due(&self, now: Instant, pace: &Pace) -> bool {
        self.due <= now + pace.least / 4
    }

    /// It is under way; should its answer be lost, it is due again as if it had not changed.
    pub(super) fn asked(&mut self, now: Instant) {
        self.due = now + self.every;
    }

    /// It has moved.
    pub(super) fn faster(&mut self, now: Instant, pace: &Pace) {
        self.every = (self.every / 2).max(pace.least);
        self.due = now + self.every;
    }

    /// It has not moved, or could not be asked for.
    pub(super) fn slower(&mut self, now: Instant, pace: &Pace) {
        self.every = (self.every * 3 / 2).min(pace.most);
        self.due = now + self.every;
    }

    /// It is known to have moved.
    pub(super) fn hurry(&mut self, now: Instant) {
        self.due = now;
    }
}
