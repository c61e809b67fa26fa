//! What is known of a lookup's calls before any is made: from its mapping alone.

use crate::connector::machine::{Machine, Question};
use crate::port::{Effort, PortLookup};

impl Machine {
    /// How many calls a question comes to. Ids that are looked up before it are not counted: they are kept.
    pub(crate) fn effort(&self, lookup: PortLookup) -> Effort {
        if let Some(act) = self.acts.get(&lookup) {
            return Effort {
                steps: act.steps.len() + act.also.len(),
                ..Effort::default()
            };
        }
        let Some(plan) = self.lookups.get(&lookup) else {
            return Effort::default();
        };
        let any = |is: fn(&Question) -> bool| plan.questions.iter().any(is);
        let has_pages = |question: &Question| {
            let paging = &question.answer.paging;
            paging.next.is_some() || paging.page_size.is_some()
        };
        Effort {
            one_by_one: plan.keys.one_by_one,
            page: any(has_pages).then_some(plan.keys.max),
            whole_pages: any(|question| question.answer.paging.whole_pages),
            from_start: any(|question| question.from_start),
            counts_apart: plan.count.is_some(),
            steps: 1,
        }
    }

    /// Whether every answer of a lookup, if there is one, reads this field.
    pub(crate) fn reads(&self, lookup: PortLookup, field: &str) -> bool {
        let reads = |question: &Question| question.answer.record.fields.has(field);
        let plan = self.lookups.get(&lookup);
        plan.is_none_or(|plan| plan.questions.iter().all(reads))
    }
}
