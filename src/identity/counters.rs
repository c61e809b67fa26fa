//! How many tokens were accepted, and how many refused for which reason.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::identity::refusal::{Reason, Refusal};

/// Only ever counts up.
#[derive(Debug, Default)]
pub(super) struct Counters {
    accepted: AtomicU64,
    no_keys: AtomicU64,
    reasons: [AtomicU64; Reason::ALL.len()],
}

impl Counters {
    pub(super) fn accepted(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self, refusal: Refusal) {
        let counter = match refusal {
            Refusal::Token(reason) => &self.reasons[reason as usize],
            Refusal::NoKeys => &self.no_keys,
            // The token itself is good, or there is none.
            Refusal::NobodyActs | Refusal::NotStaff | Refusal::NoCustomer => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn outcomes(&self) -> Vec<(&'static str, u64)> {
        let mut outcomes = vec![
            ("accepted", self.accepted.load(Ordering::Relaxed)),
            ("no_keys", self.no_keys.load(Ordering::Relaxed)),
        ];
        let reasons = Reason::ALL.iter().zip(&self.reasons);
        outcomes.extend(reasons.map(|(reason, count)| (reason.as_str(), count.load(Ordering::Relaxed))));
        outcomes
    }
}
