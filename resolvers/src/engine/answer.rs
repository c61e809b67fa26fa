//! What the engine asks of a request's resolvers, and what it gets.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use skuery_schema::error::FieldError;
use skuery_schema::input::Args;
use skuery_schema::table::{Lookup, Object};

use crate::engine::plan::Selection;

/// The answer to one lookup of one object.
#[derive(Clone)]
pub enum Answer {
    /// There is none.
    Null,
    /// The object itself is the answer: it needed no completion.
    This,
    /// Text.
    Text(Arc<str>),
    /// An object.
    Object(Arc<dyn Object>),
    /// A list, an answer per item.
    List(Arc<[Answer]>),
    /// It could not be answered.
    Error(FieldError),
    /// It could be answered in part: the value stands, with an error beside it at the same path.
    Flawed(Arc<(Answer, FieldError)>),
}

impl Answer {
    /// A list of objects without misses.
    pub fn objects<T: Object>(objects: impl IntoIterator<Item = T>) -> Self {
        Self::List(
            objects
                .into_iter()
                .map(|object| Self::Object(Arc::new(object)))
                .collect(),
        )
    }

    /// An object.
    pub fn object(object: impl Object) -> Self {
        Self::Object(Arc::new(object))
    }
}

/// One question, as the plan poses it for one object.
pub struct Ask<'a> {
    /// Which lookup.
    pub lookup: Lookup,
    /// The object whose field it is, or which is to be completed.
    pub parent: &'a dyn Object,
    /// The field's arguments.
    pub args: &'a Args,
    /// What is selected of the answer; `None` for leaves.
    pub selection: Option<&'a Selection>,
}

/// What becomes of a question.
pub enum Asked {
    /// Answered from what is at hand.
    Ready(Answer),
    /// Collected for the next wave.
    Later(Ticket),
}

/// The receipt for a collected question; only meaningful to the request that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(pub usize);

/// One request's resolvers. The engine collects all questions of a wave with `ask`, lets them leave together with `wave`,
/// and fetches each answer once.
pub trait Request: Send {
    /// Answers from what is at hand, or collects the question. Must not wait.
    fn ask(&mut self, ask: Ask<'_>) -> Asked;

    /// Sends all collected questions at once and waits for them.
    fn wave(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// The answer of a collected question, after its wave; or the next question that it led to.
    fn answer(&mut self, ticket: Ticket) -> Asked;
}
