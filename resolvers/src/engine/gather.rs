//! Waves: walks what is known, collects every lookup it needs, lets them leave together, and walks the answers.
//!
//! Objects whose lookups must be answered are numbered in the order in which the walk meets them. Everything that one
//! answer brings is walked in one go, so its objects have consecutive numbers; the writer walks the same values in the
//! same order and finds them again by counting. No map, no path, no reference into an answer is kept.
//!
//! Questions are asked after the walk, field by field: the code behind one field fits a processor's instruction cache.

mod columns;
mod open;

use std::any::Any;
use std::sync::Arc;

use skuery_schema::error::{ErrorCode, FieldError};
use skuery_schema::input::Args;
use skuery_schema::table::{Object, ObjectType, Value};

use crate::engine::answer::{Answer, Ask, Asked, Request, Ticket};
use crate::engine::gather::columns::Columns;
use crate::engine::gather::open::Open;
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
                self.visit_alone(&root, &plan.root, request);
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
        while !self.open.is_empty() {
            let open = std::mem::take(&mut self.open);
            // Taken out while they are walked, and put back for the writer.
            let take = |open: &Open<'_>| std::mem::replace(&mut self.slots[open.slot].answer, Answer::Null);
            let answers: Vec<Answer> = open.iter().map(take).collect();
            let mut columns = Columns::default();
            for (open, answer) in open.iter().zip(&answers) {
                self.walk(open, answer, &mut columns, request);
            }
            self.ask_later(columns, request);
            for (open, answer) in open.iter().zip(answers) {
                self.slots[open.slot].answer = answer;
            }
        }
    }

    fn walk<'o>(
        &mut self,
        open: &Open<'p>,
        answer: &'o Answer,
        columns: &mut Columns<'o, 'p>,
        request: &mut dyn Request,
    ) {
        let Open { slot, selection, ask } = *open;
        self.slots[slot].first_node = self.nodes.len();
        match (ask.field.map(|field| &selection.fields[field]), answer) {
            (None, Answer::Object(object)) => {
                self.fields(&**object, selection, Part::Whole, columns, request);
            }
            (None, _) => {}
            (Some(field), answer) => {
                if let Some(selection) = field.selection.as_ref().filter(|selection| selection.live) {
                    self.answer(answer, &field.shape, selection, columns, request);
                }
            }
        }
    }

    /// Walks only what the shape lets the writer write.
    fn answer<'o>(
        &mut self,
        answer: &'o Answer,
        shape: &Shape,
        selection: &'p Selection,
        columns: &mut Columns<'o, 'p>,
        request: &mut dyn Request,
    ) {
        match (answer, shape) {
            (Answer::Object(object), Shape::Value { .. }) => {
                self.visit(&**object, selection, columns, request);
            }
            (Answer::List(items), Shape::List { item: shape, .. }) => {
                for item in items.iter() {
                    self.answer(item, shape, selection, columns, request);
                }
            }
            (Answer::Flawed(flawed), _) => self.answer(&flawed.0, shape, selection, columns, request),
            _ => {}
        }
    }

    /// Walks an object that lives no longer than this.
    fn visit_alone(&mut self, object: &dyn Object, selection: &'p Selection, request: &mut dyn Request) {
        let mut columns = Columns::default();
        self.visit(object, selection, &mut columns, request);
        self.ask_later(columns, request);
    }

    fn visit<'o>(
        &mut self,
        object: &'o dyn Object,
        selection: &'p Selection,
        columns: &mut Columns<'o, 'p>,
        request: &mut dyn Request,
    ) {
        let Some(selection) = selection.of(object.object_type()) else {
            return;
        };
        if !selection.live {
            return;
        }
        let node = needs_node(selection, object).then(|| self.number(object, selection, columns, request));
        let completed = node
            .filter(|_| selection.whole)
            .map(|node| self.nodes[node].first_slot);
        let part = match completed.map(|slot| &self.slots[slot].answer) {
            None | Some(Answer::This) => Part::Both,
            Some(_) => Part::Own,
        };
        self.fields(object, selection, part, columns, request);
        if let Some(node) = node {
            self.nodes[node].end = self.nodes.len();
        }
    }

    /// Gives an object its number and places for its answers. Its completion is asked for at once: the walk goes another
    /// way where none is needed.
    fn number<'o>(
        &mut self,
        object: &'o dyn Object,
        selection: &'p TypeSelection,
        columns: &mut Columns<'o, 'p>,
        request: &mut dyn Request,
    ) -> usize {
        let node = self.nodes.len();
        let first_slot = self.slots.len();
        self.nodes.push(Node { first_slot, end: 0 });
        self.slots.extend(selection.asks.iter().map(|_| Slot {
            answer: Answer::Null,
            first_node: 0,
        }));
        for (column, ask) in selection.asks.iter().enumerate() {
            let slot = first_slot + column;
            let open = Open { slot, selection, ask };
            match ask.field {
                None => self.slots[slot].answer = self.begin(object, open, request),
                Some(_) => columns.add(column, object, open),
            }
        }
        node
    }

    fn ask_later(&mut self, columns: Columns<'_, 'p>, request: &mut dyn Request) {
        for (object, open) in columns.by_field() {
            self.slots[open.slot].answer = self.begin(object, open, request);
        }
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

    fn fields<'o>(
        &mut self,
        object: &'o dyn Object,
        selection: &'p TypeSelection,
        part: Part,
        columns: &mut Columns<'o, 'p>,
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
                self.value(object.read(index, args), &field.shape, inner, columns, request);
            }
        }
    }

    fn value<'o>(
        &mut self,
        value: Value<'o>,
        shape: &Shape,
        selection: &'p Selection,
        columns: &mut Columns<'o, 'p>,
        request: &mut dyn Request,
    ) {
        match (value, shape) {
            (Value::Object(object), Shape::Value { .. }) => self.visit(object, selection, columns, request),
            (Value::Made(object), Shape::Value { .. }) => self.visit_alone(&*object, selection, request),
            (Value::List(list), Shape::List { item, .. }) => {
                for index in 0..list.len() {
                    self.value(list.at(index), item, selection, columns, request);
                }
            }
            (Value::Items(items), Shape::List { item: shape, .. }) => {
                for item in items {
                    self.value(item, shape, selection, columns, request);
                }
            }
            _ => {}
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
