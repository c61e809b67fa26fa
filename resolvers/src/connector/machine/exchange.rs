//! Requests sent and answers received: one, or all pages of one.

use std::sync::Arc;

use serde_json::json;
use url::Url;

use crate::connector::answer::{self, Paging};
use crate::connector::document::Document;
use crate::connector::machine::{Lookup, Machine, Question};
use crate::connector::request::{Prepared, RequestPlan};
use crate::connector::vars::Vars;
use crate::door::Request;
use crate::door::fault::Fault;
use crate::error::{ErrorKind, LookupError};
use crate::port::Call;

/// What one request and its further pages are about.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) lookup: &'a Lookup,
    pub(super) question: &'a Question,
    pub(super) vars: &'a Vars,
    /// How many keys it carries.
    pub(super) keys: usize,
}

impl Machine {
    /// All pages of one request. More pages than allowed fail it: half an answer would look like absent keys.
    pub(crate) async fn pages(
        &self,
        call: Call,
        lookup: &Lookup,
        question: &Question,
        vars: &Vars,
        keys: usize,
    ) -> Result<Vec<Document>, LookupError> {
        self.pages_until(call, lookup, question, vars, keys, None).await
    }

    /// The pages of one request until they hold `enough` items, or all of them.
    pub(crate) async fn pages_until(
        &self,
        call: Call,
        lookup: &Lookup,
        question: &Question,
        vars: &Vars,
        keys: usize,
        enough: Option<usize>,
    ) -> Result<Vec<Document>, LookupError> {
        let asked = Asked {
            lookup,
            question,
            vars,
            keys,
        };
        let first = self.first(question, vars);
        self.pages_from(call, asked, first, enough).await
    }

    /// The first page's request.
    pub(super) fn first(&self, question: &Question, vars: &Vars) -> Result<Prepared, Fault> {
        self.numbered(question, vars, 0)
    }

    /// The same for a question whose first request is written already.
    pub(super) async fn pages_from(
        &self,
        call: Call,
        asked: Asked<'_>,
        first: Result<Prepared, Fault>,
        enough: Option<usize>,
    ) -> Result<Vec<Document>, LookupError> {
        let Asked {
            lookup,
            question,
            vars,
            keys,
        } = asked;
        let operation = lookup.lookup.as_str();
        let fail = |fault| self.error(operation, fault);
        let mut pages: Vec<Document> = Vec::new();
        let mut request = first.map_err(fail)?;
        let mut items = 0;
        loop {
            let sent = request.clone();
            let Some(page) = self.send(call, operation, keys, sent).await? else {
                return Ok(pages);
            };
            let next = self
                .next(question, vars, request, &page, pages.len() + 1)
                .map_err(fail)?;
            if enough.is_some() {
                items += question.answer.items(page.root()).map_err(fail)?.len();
            }
            pages.push(page);
            match next {
                None => return Ok(pages),
                Some(_) if enough.is_some_and(|enough| items >= enough) => return Ok(pages),
                Some(_) if pages.len() >= question.answer.paging.max_pages => {
                    return Err(fail(Fault::invalid_answer("the answer has too many pages")));
                }
                Some(next) => request = next,
            }
        }
    }

    /// One request for one answer; null where the status says that nothing is there.
    pub(crate) async fn one(
        &self,
        call: Call,
        operation: &'static str,
        keys: usize,
        request: &RequestPlan,
        vars: &Vars,
    ) -> Result<Document, LookupError> {
        let request = request
            .prepare(self.upstream.base(), vars)
            .map_err(|fault| self.error(operation, fault))?;
        let answer = self.send(call, operation, keys, request).await?;
        Ok(answer.unwrap_or_else(Document::null))
    }

    /// The request for the page after this one, if there is any.
    fn next(
        &self,
        question: &Question,
        vars: &Vars,
        request: Prepared,
        page: &Document,
        number: usize,
    ) -> Result<Option<Prepared>, Fault> {
        let paging = &question.answer.paging;
        if paging.next.is_some() {
            let url = self.linked(paging, page)?;
            return Ok(url.map(|url| Prepared { url, ..request }));
        }
        let Some(size) = paging.page_size else {
            return Ok(None);
        };
        let is_full = question.answer.items(page.root())?.len() >= size;
        is_full.then(|| self.numbered(question, vars, number)).transpose()
    }

    /// The address of the page after this one, where the answer names it.
    pub(super) fn linked(&self, paging: &Paging, page: &Document) -> Result<Option<Url>, Fault> {
        let link = paging.next.as_ref().and_then(|path| path.find(page.root()));
        let Some(link) = link.as_ref().and_then(|link| link.node().as_str()) else {
            return Ok(None);
        };
        let url = self
            .upstream
            .base()
            .join(link)
            .map_err(|_| Fault::invalid_answer("the next page has no address"))?;
        // Headers may only travel to the system itself; the door refuses other origins as well.
        if url.origin() != self.upstream.base().origin() {
            return Err(Fault::new(
                ErrorKind::Rejected,
                "the next page is at another system",
            ));
        }
        Ok(Some(url))
    }

    /// The request for a page by its number, from 0, for systems that count.
    fn numbered(&self, question: &Question, vars: &Vars, page: usize) -> Result<Prepared, Fault> {
        let base = self.upstream.base();
        let Some(size) = question.answer.paging.page_size else {
            return question.request.prepare(base, vars);
        };
        let paging = json!({"page": page + 1, "offset": page * size, "limit": size});
        question.request.prepare(base, &vars.with([("paging", paging)]))
    }

    /// A written request with what the door wants to know of it.
    pub(crate) fn request(&self, operation: &'static str, keys: usize, prepared: Prepared) -> Request {
        Request {
            operation,
            keys,
            method: prepared.method,
            url: prepared.url,
            headers: prepared.headers,
            body: prepared.body,
            statuses: Arc::clone(&self.statuses),
            until_deadline: false,
        }
    }

    /// `None` where the status says that nothing is there.
    async fn send(
        &self,
        call: Call,
        operation: &'static str,
        keys: usize,
        request: Prepared,
    ) -> Result<Option<Document>, LookupError> {
        let request = self.request(operation, keys, request);
        self.upstream
            .send(call, request, |reply| {
                if !reply.status.is_success() {
                    return Ok(None);
                }
                answer::read(reply, &self.failures, self.is_rpc).map(Some)
            })
            .await
    }
}
