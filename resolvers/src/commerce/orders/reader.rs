//! How far one source has been read for one page.

use jiff::Timestamp;

use crate::port::orders::{OrderPage, Which};

/// The reading of one source: one stretch of its history, a part at a time.
#[derive(Debug)]
pub(crate) struct Reader {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    offset: usize,
    /// How many to ask for next.
    next: usize,
    /// How many were asked for last.
    asked: usize,
    /// The most one question may ask for.
    most: usize,
    /// How many orders it gave for this page.
    pub(crate) read: usize,
    /// Whether the stretch has been read to its end.
    pub(crate) done: bool,
    /// When the last record that it gave was placed; nothing is known of it further down.
    pub(crate) horizon: Option<Timestamp>,
    /// Whether it failed; then it is not asked again for this page.
    pub(crate) failed: bool,
    /// Whether it was not read further because the page may not read more of it, or of a source beside it.
    pub(crate) cut: bool,
}

impl Reader {
    pub(crate) fn new(since: Option<Timestamp>, until: Option<Timestamp>, first: usize, most: usize) -> Self {
        Self {
            since,
            until,
            offset: 0,
            next: first,
            asked: 0,
            most: most.max(1),
            read: 0,
            done: false,
            horizon: None,
            failed: false,
            cut: false,
        }
    }

    /// Whether it counts for what may be shown.
    pub(crate) fn is_open(&self) -> bool {
        !self.failed && !self.done
    }

    /// Whether something may follow at or below `at`… that is, whether it has not been read past it.
    pub(crate) fn hides(&self, at: Timestamp) -> bool {
        self.is_open() && self.horizon.is_none_or(|horizon| horizon >= at)
    }

    /// The next question; each asks for twice as many as the one before. `left` is how many orders of this source the page
    /// may still read, at least one.
    pub(crate) fn question(&mut self, left: &mut usize) -> Which {
        let limit = self.next.min(self.most).min(*left);
        *left -= limit;
        self.asked = limit;
        self.next = self.next.saturating_mul(2);
        // Nothing was sold through any of these systems before 1970, and some cannot count further back.
        let countable = |at: Option<Timestamp>| at.map(|at| at.max(Timestamp::UNIX_EPOCH));
        Which::Placed {
            since: countable(self.since),
            until: countable(self.until),
            offset: self.offset,
            limit,
        }
    }

    pub(crate) fn take(&mut self, page: &OrderPage, left: &mut usize) {
        *left += self.asked.saturating_sub(page.seen);
        self.read += page.seen;
        self.offset += page.seen;
        self.done = page.seen < self.asked;
        if let Some(last) = page.orders.last() {
            self.horizon = Some(last.placed_at);
        }
    }

    pub(crate) fn fail(&mut self, left: &mut usize) {
        *left += self.asked;
        self.failed = true;
    }

    /// Goes on with another stretch.
    pub(crate) fn turn_to(&mut self, since: Option<Timestamp>, until: Option<Timestamp>) {
        self.since = since;
        self.until = until;
        self.offset = 0;
        self.done = false;
        self.horizon = None;
    }
}
