//! Which stretches of time a page reads: one to older orders, as many as it takes to newer ones.

use jiff::{SignedDuration, Timestamp};

use crate::commerce::orders::merge::Merge;
use crate::commerce::orders::position::{Way, earlier, later};

/// The first stretch backwards, in seconds for each order, where the cursor does not tell.
const USUAL_GAP: i64 = 7 * 86_400;

impl Merge {
    /// The first (with older orders, the only) stretch, from one join window beyond the cursors.
    pub(super) fn first_stretch(&mut self) -> (Option<Timestamp>, Option<Timestamp>) {
        let window = self.merged.join_window;
        let lowest = self.merged.filter.placed_from.map(|from| earlier(from, window));
        let before = self.window.before.as_ref();
        let above_before = before.map(|mark| earlier(mark.place.at(), window));
        // `None` is no bound, so the tighter of two is the later one.
        let since = above_before.into_iter().chain(lowest).max();
        let until = self.upper_bound();
        match (self.window.way(), before) {
            (Way::Newer, Some(mark)) => {
                let gap = match mark.gap_secs {
                    0 => USUAL_GAP,
                    gap => i64::from(gap),
                };
                let orders = i64::try_from(self.window.size + 1).unwrap_or(i64::MAX);
                self.step = SignedDuration::from_secs(gap.saturating_mul(orders).saturating_mul(2));
                let end = later(later(mark.place.at(), window), self.step);
                (since, self.end_of_stretch(end, until))
            }
            _ => (since, until),
        }
    }

    /// The last stretch has no end but the list's own.
    fn end_of_stretch(&self, end: Timestamp, bound: Option<Timestamp>) -> Option<Timestamp> {
        match bound {
            Some(bound) => Some(end.min(bound)),
            None => (end < self.merged.now).then_some(end),
        }
    }

    /// Nothing above can matter to the page.
    fn upper_bound(&self) -> Option<Timestamp> {
        let window = self.merged.join_window;
        let after = self.window.after.as_ref();
        let after = after.map(|mark| later(mark.place.at(), window));
        let highest = self.merged.filter.placed_to.map(|to| later(to, window));
        after.into_iter().chain(highest).min()
    }

    /// All sources have been read to the end of the stretch.
    pub(super) fn raise_ceiling(&mut self) {
        self.ceiling = self.stretch;
        self.is_at_top = self.stretch == self.upper_bound();
    }

    /// Goes on above the stretch that has been read, four times as far.
    pub(super) fn widen(&mut self) {
        self.step = self.step.checked_mul(4).unwrap_or(SignedDuration::MAX);
        let since = self.stretch;
        let end = later(since.unwrap_or(Timestamp::MAX), self.step);
        let until = self.end_of_stretch(end, self.upper_bound());
        self.stretch = until;
        for reader in &mut self.readers {
            reader.turn_to(since, until);
        }
    }
}
