//! Waves: walks what is known, collects every lookup it needs, lets them leave together, and walks the answers.
//!
//! Objects whose lookups must be answered are numbered in the order in which the walk meets them. Everything that one
//! answer brings is walked in one go, so its objects have consecutive numbers; the writer walks the same values in the
//! same order and finds them again by counting. No map, no path, no reference into an answer is kept.

use std::any::Any;
use std::sync::Arc;

use skuery_schema::error::{ErrorCode, FieldError};
use skuery_schema::input::Args;
use skuery_schema::table::{Object, ObjectType, Value};

use crate::engine::answer::{Answer, Ask, Asked, Request, Ticket};
use crate::engine::plan::{Plan, PlannedAsk, Read, Selection, Shape, TypeSelection};
use crate::engine::write;

/// One run of a plan: what has been answered so far.
pub(crate) struct Execution<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) root: Root,
    pub(crate) args: &'p [Result<Arc<Args>, FieldError>],
    pub(crate) nodes: Vec<Node>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) waves: u32,
    pending: Vec<(Open<'p>, Ticket)>,
    open: Vec<Open<'p>>,
}

/// The value of a root, which holds nothing: all its fields are live.
#[derive(Clone, Copy)]
pub(crate) struct Root(pub(crate) &'static ObjectType);

impl Object for Root {
    fn object_type(&self) -> &'static ObjectType {
        self.0
    }

    fn read<'a>(&'a self, _field: usize, _args: &Args) -> Value<'a> {
        Value::Error(internal("a root has nothing to read"))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// An object with lookups: its answers start at `first_slot`; the objects it owns end before `end`.
#[derive(Clone, Copy)]
pub(crate) struct Node {
    pub(crate) first_slot: usize,
    pub(crate) end: usize,
}

/// One answer, and the number of the first object met in it.
pub(crate) struct Slot {
    pub(crate) answer: Answer,
    pub(crate) first_node: usize,
}

/// An answer whose content is still to be walked.
#[derive(Clone, Copy)]
struct Open<'p> {
    slot: usize,
    selection: &'p TypeSelection,
    ask: &'p PlannedAsk,
}

/// Which fields of an object a walk reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Own,
    Whole,
    Both,
}

impl<'p> Execution<'p> {
    /// `args` are the plan's, read with the variables.
    pub(crate) fn new(plan: &'p Plan, args: &'p [Result<Arc<Args>, FieldError>]) -> Self {
        Self {
            plan,
            root: Root(plan.root_type),
            args,
            nodes: Vec::new(),
            slots: Vec::new(),
            waves: 0,
            pending: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Runs until nothing is left to ask.
    pub(crate) async fn run(&mut self, request: &mut dyn Request) {
        let root = self.root;
        let plan = self.plan;
        match plan.root.of(root.0) {
            Some(selection) if plan.serial && needs_node(selection, &root) => {
                self.one_by_one(selection, request).await;
            }
            _ => {
                self.visit(&root, &plan.root, request);
                self.settle(request).await;
            }
        }
    }

    /// Runs the root's fields one after the other, each to its end. After one that failed where it must not, none is
    /// begun: nobody would be told what became of it.
    async fn one_by_one(&mut self, selection: &'p TypeSelection, request: &mut dyn Request) {
        let root = self.root;
        // All answers of one object stand side by side, so there is room for them before the first is asked.
        self.nodes.push(Node {
            first_slot: 0,
            end: 0,
        });
        self.slots.extend(selection.asks.iter().map(|_| Slot {
            answer: Answer::Error(not_begun()),
            first_node: 0,
        }));
        for (slot, ask) in selection.asks.iter().enumerate() {
            let open = Open { slot, selection, ask };
            self.slots[slot].answer = self.begin(&root, open, request);
            self.settle(request).await;
            if write::fails(self, selection, ask) {
                break;
            }
        }
        self.nodes[0].end = self.nodes.len();
    }

    /// Walks what has been answered and asks what that leads to, until nothing is left. Each wave waits once, for all its
    /// lookups together.
    async fn settle(&mut self, request: &mut dyn Request) {
        self.walk_open(request);
        while !self.pending.is_empty() {
            self.waves += 1;
            request.wave().await;
            for (open, ticket) in std::mem::take(&mut self.pending) {
                match request.answer(ticket) {
                    Asked::Ready(answer) => {
                        self.slots[open.slot].answer = open.fitting(answer, false);
                        self.open.push(open);
                    }
                    Asked::Later(ticket) => self.pending.push((open, ticket)),
                }
            }
            self.walk_open(request);
        }
    }

    fn walk_open(&mut self, request: &mut dyn Request) {
        let mut next = 0;
        while next < self.open.len() {
            let Open { slot, selection, ask } = self.open[next];
            next += 1;
            self.slots[slot].first_node = self.nodes.len();
            // Taken out while it is walked, and put back for the writer.
            let answer = std::mem::replace(&mut self.slots[slot].answer, Answer::Null);
            match (ask.field.map(|field| &selection.fields[field]), &answer) {
                (None, Answer::Object(object)) => self.fields(&**object, selection, Part::Whole, request),
                (None, _) => {}
                (Some(field), answer) => {
                    if let Some(selection) = field.selection.as_ref().filter(|selection| selection.live) {
                        self.answer(answer, &field.shape, selection, request);
                    }
                }
            }
            self.slots[slot].answer = answer;
        }
        self.open.clear();
    }

    /// Walks only what the shape lets the writer write.
    fn answer(
        &mut self,
        answer: &Answer,
        shape: &Shape,
        selection: &'p Selection,
        request: &mut dyn Request,
    ) {
        match (answer, shape) {
            (Answer::Object(object), Shape::Value { .. }) => self.visit(&**object, selection, request),
            (Answer::List(items), Shape::List { item: shape, .. }) => {
                for item in items.iter() {
                    self.answer(item, shape, selection, request);
                }
            }
            (Answer::Flawed(flawed), _) => self.answer(&flawed.0, shape, selection, request),
            _ => {}
        }
    }

    fn visit(&mut self, object: &dyn Object, selection: &'p Selection, request: &mut dyn Request) {
        let Some(selection) = selection.of(object.object_type()) else {
            return;
        };
        if !selection.live {
            return;
        }
        let node = needs_node(selection, object).then(|| self.ask_all(object, selection, request));
        let completed = node
            .filter(|_| selection.whole)
            .map(|node| self.nodes[node].first_slot);
        let part = match completed.map(|slot| &self.slots[slot].answer) {
            None | Some(Answer::This) => Part::Both,
            Some(_) => Part::Own,
        };
        self.fields(object, selection, part, request);
        if let Some(node) = node {
            self.nodes[node].end = self.nodes.len();
        }
    }

    fn ask_all(
        &mut self,
        object: &dyn Object,
        selection: &'p TypeSelection,
        request: &mut dyn Request,
    ) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node {
            first_slot: self.slots.len(),
            end: 0,
        });
        for ask in &selection.asks {
            let open = Open {
                slot: self.slots.len(),
                selection,
                ask,
            };
            let answer = self.begin(object, open, request);
            self.slots.push(Slot {
                answer,
                first_node: 0,
            });
        }
        node
    }

    /// Asks one question: its answer, as far as it is at hand.
    fn begin(&mut self, object: &dyn Object, open: Open<'p>, request: &mut dyn Request) -> Answer {
        match self.ask(object, open.selection, open.ask, request) {
            Asked::Ready(answer) => {
                self.open.push(open);
                open.fitting(answer, true)
            }
            Asked::Later(ticket) => {
                self.pending.push((open, ticket));
                Answer::Null
            }
        }
    }

    fn ask(
        &self,
        object: &dyn Object,
        selection: &'p TypeSelection,
        ask: &'p PlannedAsk,
        request: &mut dyn Request,
    ) -> Asked {
        let Some(field) = ask.field.map(|field| &selection.fields[field]) else {
            if stands_whole(selection, object) {
                return Asked::Ready(Answer::This);
            }
            return request.ask(Ask {
                lookup: ask.lookup,
                parent: object,
                args: &Args::default(),
                selection: None,
            });
        };
        match &self.args[field.args] {
            Ok(args) => request.ask(Ask {
                lookup: ask.lookup,
                parent: object,
                args,
                selection: field.selection.as_ref(),
            }),
            Err(error) => Asked::Ready(Answer::Error(error.clone())),
        }
    }

    fn fields(
        &mut self,
        object: &dyn Object,
        selection: &'p TypeSelection,
        part: Part,
        request: &mut dyn Request,
    ) {
        for field in &selection.fields {
            let Some(inner) = field.selection.as_ref().filter(|inner| inner.live) else {
                continue;
            };
            let index = match (field.read, part) {
                (Read::Own(index), Part::Own | Part::Both)
                | (Read::Whole(index), Part::Whole | Part::Both) => index,
                _ => continue,
            };
            if let Ok(args) = &self.args[field.args] {
                self.value(&object.read(index, args), &field.shape, inner, request);
            }
        }
    }

    fn value(
        &mut self,
        value: &Value<'_>,
        shape: &Shape,
        selection: &'p Selection,
        request: &mut dyn Request,
    ) {
        match (value, shape) {
            (Value::Object(object), Shape::Value { .. }) => self.visit(*object, selection, request),
            (Value::Made(object), Shape::Value { .. }) => self.visit(&**object, selection, request),
            (Value::List(list), Shape::List { item, .. }) => {
                (0..list.len()).for_each(|index| self.value(&list.at(index), item, selection, request))
            }
            (Value::Items(items), Shape::List { item: shape, .. }) => items
                .iter()
                .for_each(|item| self.value(item, shape, selection, request)),
            _ => {}
        }
    }
}

impl Open<'_> {
    /// The completion of an object is an object of the same type, nothing, or an error. That it needed none can only be
    /// said at once: the object itself is not kept for later.
    fn fitting(&self, answer: Answer, at_once: bool) -> Answer {
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

/// Whether an object has lookups of its own, and so a number. Gathering and writing must agree.
pub(crate) fn needs_node(selection: &TypeSelection, object: &dyn Object) -> bool {
    let live_fields = selection.asks.len() > usize::from(selection.whole);
    live_fields || (selection.whole && !stands_whole(selection, object))
}

/// Whether nothing is missing of the object for what is selected.
fn stands_whole(selection: &TypeSelection, object: &dyn Object) -> bool {
    object.is_whole() || (object.is_known() && !selection.uses_whole)
}

/// For a change that was not made because one before it failed.
fn not_begun() -> FieldError {
    FieldError {
        code: ErrorCode::OperationNotAllowed,
        message: "not begun, because a field before it failed".into(),
        system: None,
        retryable: true,
    }
}

/// For a fault that a value's own invariants should exclude.
pub(crate) fn internal(message: &str) -> FieldError {
    FieldError {
        code: ErrorCode::Internal,
        message: message.into(),
        system: None,
        retryable: false,
    }
}
