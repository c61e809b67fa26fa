//! A question of one object, as far as its answer still concerns the walk.

use crate::engine::answer::Answer;
use crate::engine::gather::internal;
use crate::engine::plan::{PlannedAsk, TypeSelection};

/// An answer whose content is still to be walked.
#[derive(Clone, Copy)]
pub(super) struct Open<'p> {
    pub(super) slot: usize,
    pub(super) selection: &'p TypeSelection,
    pub(super) ask: &'p PlannedAsk,
}

impl Open<'_> {
    /// The completion of an object is an object of the same type, nothing, or an error. That it needed none can only be
    /// said at once: the object itself is not kept for later.
    pub(super) fn fitting(&self, answer: Answer, at_once: bool) -> Answer {
        if self.ask.field.is_some() {
            return answer;
        }
        match answer {
            Answer::Null | Answer::Error(_) => answer,
            Answer::This if at_once => answer,
            Answer::Object(whole) if whole.object_type().name == self.selection.object.name => {
                Answer::Object(whole)
            }
            _ => Answer::Error(internal("a completion that does not fit the object")),
        }
    }
}
