//! Does what an act says: its requests in order, each once, and tells a known end from all that is none.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value as Json, json};

use crate::connector::act::{Act, Meaning, Sign, Step};
use crate::connector::answer::{self, AnswerPlan};
use crate::connector::decode;
use crate::connector::document::Document;
use crate::connector::languages::Chain;
use crate::connector::machine::Machine;
use crate::connector::node::Node;
use crate::connector::reader::Reader;
use crate::connector::vars::Vars;
use crate::door::fault::Fault;
use crate::door::{Reply, Request};
use crate::error::{ErrorKind, LookupError};
use crate::port::order_entry::{Refusal, RefusalReason};
use crate::port::{Call, PortLookup};

/// The longest text of a system that clients are shown.
const LONGEST_MESSAGE: usize = 300;

/// How an act ended, where that is known.
#[derive(Debug)]
pub(crate) enum End {
    /// The last step's answer.
    Done(Json),
    Short,
    Absent,
    Duplicate,
    Settled,
    Refused(Refusal),
}

/// What one reply says.
enum Said {
    Goes(Json),
    Ends(End),
}

impl Machine {
    pub(crate) fn act(&self, lookup: PortLookup) -> Result<&Act, LookupError> {
        self.acts.get(&lookup).ok_or_else(|| {
            let fault = Fault::new(ErrorKind::Unsupported, "the connector does not serve this");
            self.error(lookup.as_str(), fault)
        })
    }

    /// Sends the requests of an act, each once. The variables come back with the answers of all steps.
    pub(crate) async fn perform(
        &self,
        call: Call,
        act: &Act,
        vars: Vars,
    ) -> Result<(End, Vars), LookupError> {
        let operation = act.operation();
        let mut vars = self.resolved(call, operation, &act.resolve, vars).await?;
        let mut answers = Map::new();
        let mut last = Json::Null;
        for step in &act.steps {
            if !self.is_due(operation, step, &vars)? {
                continue;
            }
            match self.take_step(call, act, step, &vars, &answers).await? {
                Said::Ends(end) => return Ok((end, vars)),
                Said::Goes(answer) => {
                    answers.insert(step.name.clone(), answer.clone());
                    vars = vars.with([("answers", Json::Object(answers.clone()))]);
                    last = answer;
                }
            }
        }
        Ok((End::Done(last), vars))
    }

    /// The pages of all places that an act looks in, each with what its answers mean.
    pub(crate) async fn look<'a>(
        &self,
        call: Call,
        act: &'a Act,
        vars: &Vars,
    ) -> Result<Vec<(&'a AnswerPlan, Document)>, LookupError> {
        let operation = act.operation();
        let vars = &self.resolved(call, operation, &act.resolve, vars.clone()).await?;
        let first = act.steps.iter().map(|step| (step, &act.answer));
        let places = first.chain(act.also.iter().map(|(step, plan)| (step, plan)));
        let mut found = Vec::new();
        for (step, plan) in places {
            for page in self.all_pages(call, act, step, plan, vars).await? {
                found.push((plan, page));
            }
        }
        Ok(found)
    }

    async fn all_pages(
        &self,
        call: Call,
        act: &Act,
        step: &Step,
        plan: &AnswerPlan,
        vars: &Vars,
    ) -> Result<Vec<Document>, LookupError> {
        let fail = |fault| self.error(act.operation(), fault);
        let mut request = step.request.prepare(self.upstream.base(), vars).map_err(fail)?;
        let mut pages = Vec::new();
        loop {
            let sent = self.written(act, step, request.clone());
            let page = self
                .upstream
                .send(call, sent, |reply| {
                    answer::read(reply, &self.failures, self.is_rpc)
                })
                .await?;
            let next = self.linked(&plan.paging, &page).map_err(fail)?;
            pages.push(page);
            match next {
                None => return Ok(pages),
                Some(_) if pages.len() >= plan.paging.max_pages => {
                    return Err(fail(Fault::invalid_answer("the answer has too many pages")));
                }
                Some(url) => request.url = url,
            }
        }
    }

    async fn take_step(
        &self,
        call: Call,
        act: &Act,
        step: &Step,
        vars: &Vars,
        answers: &Map<String, Json>,
    ) -> Result<Said, LookupError> {
        let prepared = step
            .request
            .prepare(self.upstream.base(), vars)
            .map_err(|fault| self.error(act.operation(), fault))?;
        let request = self.written(act, step, prepared);
        self.upstream
            .send(call, request, |reply| self.judge(act, step, reply, vars, answers))
            .await
    }

    fn written(&self, act: &Act, step: &Step, prepared: crate::connector::request::Prepared) -> Request {
        Request {
            statuses: Arc::clone(&step.statuses),
            until_deadline: step.writes,
            ..self.request(act.operation(), 1, prepared)
        }
    }

    fn is_due(&self, operation: &'static str, step: &Step, vars: &Vars) -> Result<bool, LookupError> {
        let Some(when) = &step.when else {
            return Ok(true);
        };
        let holds = when
            .json(vars.template())
            .map_err(|fault| self.error(operation, fault))?;
        Ok(holds == Some(json!(true)))
    }

    /// A declared sign ends the act; without one only a success that is understood goes on.
    fn judge(
        &self,
        act: &Act,
        step: &Step,
        reply: Reply,
        vars: &Vars,
        answers: &Map<String, Json>,
    ) -> Result<Said, Fault> {
        let status = reply.status;
        let is_empty = reply.body.is_empty() && !self.is_rpc;
        let whole = if is_empty {
            Ok(Document::null())
        } else {
            decode::json(reply)
        };
        if step.may_end {
            let nothing = Document::null();
            let known = whole.as_ref().unwrap_or(&nothing).root();
            for sign in &act.signs {
                if self.shows(sign, step, status, known, vars, answers)? {
                    return Ok(Said::Ends(end(&sign.meaning, known)));
                }
            }
        }
        if !status.is_success() {
            return Err(Fault::from_status(status));
        }
        if is_empty {
            return Ok(Said::Goes(Json::Null));
        }
        answer::understood(whole?, &self.failures, self.is_rpc)
            .map(|answer| Said::Goes(answer.root().to_json()))
    }

    fn shows(
        &self,
        sign: &Sign,
        step: &Step,
        status: StatusCode,
        whole: Node<'_>,
        vars: &Vars,
        answers: &Map<String, Json>,
    ) -> Result<bool, Fault> {
        let fits = match sign.status {
            Some(wanted) => status.as_u16() == wanted,
            None => status.is_success(),
        };
        if !fits {
            return Ok(false);
        }
        if let Some((path, test)) = &sign.at
            && !path.find(whole).is_some_and(|found| test.holds(found.node()))
        {
            return Ok(false);
        }
        let Some(when) = &sign.when else {
            return Ok(true);
        };
        let mut answers = answers.clone();
        let answer = if self.is_rpc {
            whole.get("result")
        } else {
            Some(whole)
        };
        answers.insert(step.name.clone(), answer.map(Node::to_json).unwrap_or_default());
        let vars = vars.with([("answers", Json::Object(answers))]);
        Ok(when.json(vars.template())? == Some(json!(true)))
    }

    /// Reads the one record of an act's answer.
    pub(crate) fn read_one<T>(
        &self,
        act: &Act,
        answer: &Json,
        vars: &Vars,
        read: impl FnOnce(&Reader<'_>) -> Result<T, Fault>,
    ) -> Result<T, LookupError> {
        let chain = Chain::default();
        let record = || {
            let constants = act.answer.constants(vars)?;
            let items = act.answer.items(answer)?;
            match items.as_slice() {
                [item] => read(&act.answer.reader(item.node(), item.node(), &constants, &chain)),
                [] => Err(Fault::invalid_answer("the answer holds nothing")),
                _ => Err(Fault::invalid_answer(
                    "the answer holds several of what can only be one",
                )),
            }
        };
        // An illegal value is no answer here: what was done is known as a whole or not at all.
        record().map_err(|fault| self.error(act.operation(), fault.of_the_whole()))
    }
}

fn end(meaning: &Meaning, whole: Node<'_>) -> End {
    match meaning {
        Meaning::Short => End::Short,
        Meaning::Absent => End::Absent,
        Meaning::Duplicate => End::Duplicate,
        Meaning::Settled => End::Settled,
        Meaning::Refused {
            reason,
            message,
            message_path,
        } => {
            let theirs = message_path.as_ref().and_then(|path| path.find(whole));
            let theirs = theirs
                .as_ref()
                .and_then(|text| text.node().as_str())
                .and_then(shown);
            let words = || message.clone().unwrap_or_else(|| Arc::from(usual_words(*reason)));
            End::Refused(Refusal {
                reason: *reason,
                message: theirs.unwrap_or_else(words),
            })
        }
    }
}

/// A system's text as a client may see it: in one line and of bounded length.
fn shown(text: &str) -> Option<Arc<str>> {
    let line: Vec<&str> = text
        .split(|one: char| one.is_control() || one.is_whitespace())
        .collect();
    let line: Vec<&str> = line.into_iter().filter(|word| !word.is_empty()).collect();
    let line: String = line.join(" ").chars().take(LONGEST_MESSAGE).collect();
    (!line.is_empty()).then(|| Arc::from(line))
}

fn usual_words(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::OutOfStock => "There is not enough stock for this order.",
        RefusalReason::Credit => "The customer's credit does not allow this order.",
        RefusalReason::Price => "A price of this order is not accepted.",
        RefusalReason::Other => "The order is refused.",
    }
}
