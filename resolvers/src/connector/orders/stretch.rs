//! The rows of a stretch of orders, however the system counts them: by offset, by whole pages, from the start, by links.

use serde_json::json;

use crate::connector::answer::AnswerPlan;
use crate::connector::document::Document;
use crate::connector::machine::{Lookup, Machine, Question};
use crate::connector::node::Found;
use crate::connector::vars::Vars;
use crate::door::fault::Fault;
use crate::error::LookupError;
use crate::port::Call;

/// Pages, and which of their rows were asked for.
pub(super) struct Rows {
    pub(super) pages: Vec<Document>,
    pub(super) skip: usize,
    pub(super) limit: usize,
}

impl Rows {
    /// The rows that were asked for.
    pub(super) fn items<'a>(&'a self, answer: &AnswerPlan) -> Result<Vec<Found<'a>>, Fault> {
        let mut rows = Vec::new();
        for page in &self.pages {
            rows.extend(answer.items(page.root())?);
        }
        Ok(rows.into_iter().skip(self.skip).take(self.limit).collect())
    }
}

/// `limit` rows from `offset` on; fewer only where no more follow. A system that gives fewer rows at a time than wanted is
/// asked again, so that a short page never looks like the end.
pub(super) async fn rows(
    machine: &Machine,
    call: Call,
    lookup: &Lookup,
    question: &Question,
    vars: &Vars,
    (offset, limit): (usize, usize),
) -> Result<Rows, LookupError> {
    let fail = |words: &str| machine.error(lookup.lookup.as_str(), Fault::invalid_answer(words));
    let paging = &question.answer.paging;
    let has_links = paging.next.is_some();
    // The size of whole pages must not change from call to call, or their numbers would mean other rows.
    let size = lookup.keys.max;
    let (start, skip) = match (question.from_start, paging.whole_pages) {
        (true, _) => (0, offset),
        (false, true) => (offset / size * size, offset % size),
        (false, false) => (offset, 0),
    };
    let wanted = skip + limit;
    let mut pages: Vec<Document> = Vec::new();
    let mut rows = 0;
    while rows < wanted {
        if pages.len() >= paging.max_pages {
            return Err(fail("the answer has too many pages"));
        }
        let asked = match paging.whole_pages {
            true => size,
            false => size.min(wanted - rows),
        };
        let enough = if question.from_start { wanted } else { asked };
        let at = start + rows;
        let here = json!({"offset": at, "limit": asked, "page": at / size + 1});
        let vars = vars.with([("paging", here)]);
        let more = machine
            .pages_until(call, lookup, question, &vars, 1, Some(enough))
            .await?;
        let found =
            count(&question.answer, &more).map_err(|fault| machine.error(lookup.lookup.as_str(), fault))?;
        pages.extend(more);
        rows += found;
        if found < if has_links { enough } else { asked } {
            break;
        }
        if found > asked && !has_links {
            return Err(fail("the system handed over more orders than it was asked for"));
        }
        if question.from_start && rows < wanted {
            return Err(fail(
                "the system gives no more orders at a time, and the request has no `paging.offset`",
            ));
        }
    }
    Ok(Rows { pages, skip, limit })
}

fn count(answer: &AnswerPlan, pages: &[Document]) -> Result<usize, Fault> {
    let mut rows = 0;
    for page in pages {
        rows += answer.items(page.root())?.len();
    }
    Ok(rows)
}
