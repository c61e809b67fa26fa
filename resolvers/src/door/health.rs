//! Whether a system is well, judged by its latest calls only: no probe of our own adds load to a sick system.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::door::fault::Fault;
use crate::error::ErrorKind;

/// The state of a system as seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Not asked yet.
    Unknown,
    /// The latest calls all went well.
    Up,
    /// Some of the latest calls failed.
    Degraded,
    /// The last calls in a row all failed.
    Down,
}

/// How many of the latest outcomes count.
const REMEMBERED: usize = 20;
/// So many good calls in a row mean up again.
const UP_AFTER: usize = 3;
/// So many failures in a row mean down.
const DOWN_AFTER: usize = 3;

#[derive(Debug)]
pub(super) struct Watch {
    latest: VecDeque<bool>,
    state: Health,
    since: Timestamp,
}

impl Watch {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            latest: VecDeque::with_capacity(REMEMBERED),
            state: Health::Unknown,
            since: now,
        }
    }

    pub(super) fn record(&mut self, fault: Option<&Fault>, now: Timestamp) {
        let Some(well) = tells_of_health(fault) else {
            return;
        };
        if self.latest.len() == REMEMBERED {
            self.latest.pop_front();
        }
        self.latest.push_back(well);
        let state = self.judge();
        if state != self.state {
            self.state = state;
            self.since = now;
        }
    }

    pub(super) fn state(&self) -> (Health, Timestamp) {
        (self.state, self.since)
    }

    fn judge(&self) -> Health {
        let failed_in_a_row = self.latest.iter().rev().take_while(|well| !**well).count();
        if failed_in_a_row >= DOWN_AFTER {
            Health::Down
        } else if self.latest.iter().rev().take(UP_AFTER).all(|well| *well) {
            Health::Up
        } else {
            Health::Degraded
        }
    }
}

/// A refused question says nothing about the system's health, nor does our own full queue; a refused login does.
fn tells_of_health(fault: Option<&Fault>) -> Option<bool> {
    let Some(fault) = fault else {
        return Some(true);
    };
    match fault.kind() {
        ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::InvalidAnswer => Some(false),
        ErrorKind::Rejected if fault.is_refused_login() => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_in_a_row_mean_down_and_twenty_good_answers_heal() {
        let start = Timestamp::UNIX_EPOCH;
        let mut watch = Watch::new(start);
        assert_eq!(watch.state(), (Health::Unknown, start));
        watch.record(None, start);
        assert_eq!(watch.state().0, Health::Up);
        let later = Timestamp::from_second(60).expect("a valid second");
        watch.record(Some(&Fault::new(ErrorKind::Timeout, "slow")), later);
        assert_eq!(watch.state(), (Health::Degraded, later));
        let gone = Fault::new(ErrorKind::Unavailable, "gone");
        watch.record(Some(&gone), later);
        watch.record(Some(&Fault::new(ErrorKind::Rejected, "a bad question")), later);
        assert_eq!(watch.state().0, Health::Degraded);
        watch.record(Some(&gone), later);
        assert_eq!(watch.state().0, Health::Down);
        watch.record(None, later);
        assert_eq!(watch.state().0, Health::Degraded);
        for _ in 0..20 {
            watch.record(None, later);
        }
        assert_eq!(watch.state().0, Health::Up);
    }
}
