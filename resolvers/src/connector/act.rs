//! What is done in a system rather than only asked, compiled: its requests in order, and the signs in their answers.
//!
//! The rule of all of them: only a sign that the mapping declares is an end that is known. Everything else that is no
//! plain success is an error, and an error never says that nothing happened.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::connector::answer::AnswerPlan;
use crate::connector::machine::Resolve;
use crate::connector::node::Node;
use crate::connector::path::Path;
use crate::connector::request::RequestPlan;
use crate::connector::template::Template;
use crate::error::ErrorKind;
use crate::port::PortLookup;
use crate::port::order_entry::RefusalReason;

/// The lookups that are such.
pub(crate) const ACTS: [PortLookup; 10] = [
    PortLookup::Reserve,
    PortLookup::Reservation,
    PortLookup::ReleaseReservation,
    PortLookup::CommitReservation,
    PortLookup::PlaceOrder,
    PortLookup::PlacedOrders,
    PortLookup::FinishOrder,
    PortLookup::Authorization,
    PortLookup::Capture,
    PortLookup::Void,
];

pub(crate) fn is_act(lookup: PortLookup) -> bool {
    ACTS.contains(&lookup)
}

/// Whether it only looks, though it belongs to something that is done.
pub(crate) fn only_looks(lookup: PortLookup) -> bool {
    matches!(
        lookup,
        PortLookup::Reservation | PortLookup::PlacedOrders | PortLookup::Authorization
    )
}

#[derive(Debug)]
pub(crate) struct Act {
    pub(crate) lookup: PortLookup,
    pub(crate) resolve: Vec<Resolve>,
    pub(crate) steps: Vec<Step>,
    /// In the order they are tried.
    pub(crate) signs: Vec<Sign>,
    /// Of the last step's answer.
    pub(crate) answer: AnswerPlan,
    /// Further places to look in, each with what its answer means.
    pub(crate) also: Vec<(Step, AnswerPlan)>,
}

impl Act {
    pub(crate) fn operation(&self) -> &'static str {
        self.lookup.as_str()
    }

    /// Whether any of its requests names this variable.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.steps.iter().any(|step| step.request.uses(name))
            || self.resolve.iter().any(|resolve| resolve.code.uses(name))
    }
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) when: Option<Template>,
    /// Whether something may be there after it that a lost answer would leave behind.
    pub(crate) writes: bool,
    /// Whether signs are looked for: no longer once something of an order is there, or a refusal would be a lie.
    pub(crate) may_end: bool,
    pub(crate) request: RequestPlan,
    /// What its statuses mean; those of signs are handed to the reader.
    pub(crate) statuses: Arc<[(u16, Option<ErrorKind>)]>,
}

#[derive(Debug)]
pub(crate) struct Sign {
    pub(crate) status: Option<u16>,
    pub(crate) at: Option<(Path, Test)>,
    pub(crate) when: Option<Template>,
    pub(crate) meaning: Meaning,
}

#[derive(Debug)]
pub(crate) enum Test {
    /// Not null.
    There,
    Is(Json),
    Contains(String),
}

impl Test {
    pub(crate) fn holds(&self, found: Node<'_>) -> bool {
        match self {
            Self::There => !found.is_null(),
            Self::Is(wanted) => found.is(wanted),
            Self::Contains(part) => found.as_str().is_some_and(|text| text.contains(part.as_str())),
        }
    }
}

#[derive(Debug)]
pub(crate) enum Meaning {
    Short,
    Absent,
    Duplicate,
    Settled,
    Refused {
        reason: RefusalReason,
        message: Option<Arc<str>>,
        message_path: Option<Path>,
    },
}
