//! What a question costs in calls.

/// How many calls of the system one question of a port comes to, as far as that is known beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Each key is a call of its own.
    pub one_by_one: bool,
    /// The most rows of one answer, where those that follow are asked for by another call.
    pub page: Option<usize>,
    /// Pages are counted, so that a stretch between two of them takes both.
    pub whole_pages: bool,
    /// A stretch is always read from its beginning.
    pub from_start: bool,
    /// The number of all matches is a call of its own.
    pub counts_apart: bool,
    /// How many calls follow each other, where something is done.
    pub steps: usize,
}

impl Default for Effort {
    /// One question is one call.
    fn default() -> Self {
        Self {
            one_by_one: false,
            page: None,
            whole_pages: false,
            from_start: false,
            counts_apart: false,
            steps: 1,
        }
    }
}
