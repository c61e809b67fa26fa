//! The writer: JSON straight from typed values, with the specification's null propagation and error paths.
//!
//! An error truncates the buffer to where the nearest nullable value began. Siblings of a failed field are still walked,
//! so that counting stays in step with the gathering walk.

mod scalars;

use std::io::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use skuery_schema::error::FieldError;
use skuery_schema::table::{Object, Value};

use crate::engine::Response;
use crate::engine::answer::Answer;
use crate::engine::digits;
use crate::engine::gather::{Execution, internal, needs_node};
use crate::engine::json::{Recorded, Step, write_error, write_path};
use crate::engine::plan::{PlannedAsk, PlannedField, Read, Selection, Shape, TypeSelection};

/// The longest response: a document that asks for the same page a thousand times must not fill the memory.
const LONGEST: usize = 16 * 1024 * 1024;
const MOST_ERRORS: usize = 50_000;

/// Writes the response of a finished execution, unless it is too long; `capacity` is how long it will probably be.
pub(crate) fn response(
    execution: &Execution<'_>,
    introspected: &Map<String, Json>,
    capacity: usize,
) -> Option<Response> {
    let mut writer = Writer::new(execution, introspected, capacity);
    writer.out.extend_from_slice(b"{\"data\":");
    let start = writer.out.len();
    let root = execution.plan.root.of(execution.root.0);
    let written = root.map_or(Err(Failed), |root| writer.object(&execution.root, root, &mut 0));
    if written.is_err() {
        writer.out.truncate(start);
        writer.out.extend_from_slice(b"null");
    }
    writer.finish()
}

/// Whether a root's field, which has been run to its end, leaves no data at all: it is null although it must not be, or
/// longer than a response may be.
pub(crate) fn fails(execution: &Execution<'_>, root: &TypeSelection, ask: &PlannedAsk) -> bool {
    let Some(field) = ask.field.map(|field| &root.fields[field]) else {
        return false;
    };
    let introspected = Map::new();
    let mut writer = Writer::new(execution, &introspected, 0);
    let mut source = Source {
        object: &execution.root,
        completed: Completed::Itself,
        first_slot: 0,
        whole_counter: 0,
    };
    let written = writer.field(field, root, &mut source, &mut 0);
    written.is_err() || writer.too_long || writer.out.len() > LONGEST
}

/// The value is null although it must not be; an error has been recorded.
struct Failed;

struct Writer<'a> {
    execution: &'a Execution<'a>,
    introspected: &'a Map<String, Json>,
    out: Vec<u8>,
    errors: Vec<Recorded>,
    path: Vec<Step<'a>>,
    /// The last instant written: what one call brought has one.
    instant: (Timestamp, Vec<u8>),
    too_long: bool,
}

/// Where the fields of one object are read from, and the counters of the walks they continue.
struct Source<'v> {
    object: &'v dyn Object,
    completed: Completed<'v>,
    first_slot: usize,
    whole_counter: usize,
}

/// What became of the completion of an object.
enum Completed<'v> {
    Itself,
    By(&'v dyn Object),
    Failed(&'v FieldError),
}

impl<'a> Writer<'a> {
    fn new(execution: &'a Execution<'a>, introspected: &'a Map<String, Json>, capacity: usize) -> Self {
        Self {
            execution,
            introspected,
            out: Vec::with_capacity(capacity),
            errors: Vec::new(),
            path: Vec::new(),
            instant: (Timestamp::UNIX_EPOCH, Vec::new()),
            too_long: false,
        }
    }

    fn finish(mut self) -> Option<Response> {
        if !self.errors.is_empty() {
            self.out.extend_from_slice(b",\"errors\":[");
            for (index, recorded) in self.errors.iter().enumerate() {
                if index > 0 {
                    self.out.push(b',');
                }
                write_error(&mut self.out, recorded);
            }
            self.out.push(b']');
        }
        self.out.push(b'}');
        let errors = self.errors.into_iter().map(|recorded| recorded.error).collect();
        (!self.too_long && self.out.len() <= LONGEST).then_some(Response {
            body: self.out,
            waves: self.execution.waves,
            errors,
        })
    }

    fn object(
        &mut self,
        object: &dyn Object,
        selection: &'a TypeSelection,
        counter: &mut usize,
    ) -> Result<(), Failed> {
        self.too_long |= self.out.len() > LONGEST || self.errors.len() > MOST_ERRORS;
        if self.too_long {
            // Nothing will be sent, so the walks need not stay in step.
            return Ok(());
        }
        let mut source = Source {
            object,
            completed: Completed::Itself,
            first_slot: 0,
            whole_counter: 0,
        };
        let execution = self.execution;
        if needs_node(selection, object) {
            let node = execution.nodes[*counter];
            *counter += 1;
            source.first_slot = node.first_slot;
            if selection.whole {
                let slot = &execution.slots[node.first_slot];
                source.whole_counter = slot.first_node;
                source.completed = match &slot.answer {
                    Answer::Object(whole) => Completed::By(&**whole),
                    Answer::Error(error) => Completed::Failed(error),
                    _ => Completed::Itself,
                };
            }
        }
        self.out.push(b'{');
        let mut result = Ok(());
        for (index, field) in selection.fields.iter().enumerate() {
            // No comma before the first.
            self.out
                .extend_from_slice(&field.quoted_key[usize::from(index == 0)..]);
            self.path.push(Step::Key(&field.key));
            if self.field(field, selection, &mut source, counter).is_err() {
                result = Err(Failed);
            }
            self.path.pop();
        }
        self.out.push(b'}');
        result
    }

    fn field(
        &mut self,
        field: &'a PlannedField,
        selection: &'a TypeSelection,
        source: &mut Source<'_>,
        counter: &mut usize,
    ) -> Result<(), Failed> {
        let execution = self.execution;
        let args = match &execution.args[field.args] {
            Ok(args) => args,
            Err(error) => return self.failed(field, &field.shape, error.clone()),
        };
        match field.read {
            Read::Typename => {
                self.text(source.object.object_type().name);
                Ok(())
            }
            Read::Introspection => {
                let value = self.introspected.get(&*field.key).unwrap_or(&Json::Null);
                self.json(value);
                Ok(())
            }
            Read::Own(index) => {
                let value = source.object.read(index, args);
                self.value(field, &field.shape, value, counter)
            }
            Read::Whole(index) => match source.completed {
                Completed::Itself => {
                    let value = source.object.read(index, args);
                    self.value(field, &field.shape, value, counter)
                }
                Completed::By(whole) => {
                    let value = whole.read(index, args);
                    self.value(field, &field.shape, value, &mut source.whole_counter)
                }
                Completed::Failed(error) => self.failed(field, &field.shape, error.clone()),
            },
            Read::Live(ask) => {
                debug_assert!(ask < selection.asks.len());
                let slot = &execution.slots[source.first_slot + ask];
                self.answer(field, &field.shape, &slot.answer, &mut slot.first_node.clone())
            }
        }
    }

    fn answer(
        &mut self,
        field: &'a PlannedField,
        shape: &'a Shape,
        answer: &Answer,
        counter: &mut usize,
    ) -> Result<(), Failed> {
        match (answer, shape) {
            (Answer::Null | Answer::This, _) => self.null(field, shape),
            (Answer::Text(text), _) => self.value(field, shape, Value::Str(text), counter),
            (Answer::Object(object), _) => self.value(field, shape, Value::Object(&**object), counter),
            (Answer::Error(error), _) => self.failed(field, shape, error.clone()),
            (Answer::Flawed(flawed), _) => {
                self.record(field, flawed.1.clone());
                self.answer(field, shape, &flawed.0, counter)
            }
            (Answer::List(answers), Shape::List { non_null, item }) => {
                self.list(*non_null, answers.len(), |writer, index| {
                    writer.answer(field, item, &answers[index], counter)
                })
            }
            (Answer::List(_), Shape::Value { .. }) => {
                self.failed(field, shape, internal("a list where one value fits"))
            }
        }
    }

    /// "CompleteValue" of the specification.
    fn value(
        &mut self,
        field: &'a PlannedField,
        shape: &'a Shape,
        value: Value<'_>,
        counter: &mut usize,
    ) -> Result<(), Failed> {
        if let Shape::List { non_null, item } = shape {
            return match value {
                Value::Null => self.null(field, shape),
                Value::Error(error) => self.failed(field, shape, error),
                Value::List(list) => self.list(*non_null, list.len(), |writer, index| {
                    writer.value(field, item, list.at(index), counter)
                }),
                Value::Items(items) => {
                    let mut items: Vec<Option<Value<'_>>> = items.into_iter().map(Some).collect();
                    self.list(*non_null, items.len(), |writer, index| {
                        let value = items[index].take().unwrap_or(Value::Null);
                        writer.value(field, item, value, counter)
                    })
                }
                _ => self.failed(field, shape, internal("one value where a list fits")),
            };
        }
        match value {
            Value::Null | Value::Json(Json::Null) => return self.null(field, shape),
            Value::Error(error) => return self.failed(field, shape, error),
            Value::Object(object) => return self.nested(field, shape, object, counter),
            Value::Made(object) => return self.nested(field, shape, &*object, counter),
            Value::List(_) | Value::Items(_) => {
                return self.failed(field, shape, internal("a list where one value fits"));
            }
            Value::Boolean(boolean) => self
                .out
                .extend_from_slice(if boolean { b"true" } else { b"false" }),
            Value::Int(number) => digits::int(&mut self.out, number),
            Value::Str(text) => self.text(text),
            Value::Text(text) => self.text(&text),
            Value::Name(name) => self.quoted(|out| out.extend_from_slice(name.as_bytes())),
            Value::Decimal(number) => self.quoted(|out| digits::decimal(out, number)),
            Value::DateTime(instant) => self.instant(instant),
            Value::Date(date) => self.quoted(|out| drop(write!(out, "{date}"))),
            Value::Json(json) => self.json(json),
        }
        Ok(())
    }

    fn list(
        &mut self,
        non_null: bool,
        len: usize,
        mut item: impl FnMut(&mut Self, usize) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        let start = self.out.len();
        let mut result = Ok(());
        self.out.push(b'[');
        for index in 0..len {
            if index > 0 {
                self.out.push(b',');
            }
            self.path.push(Step::Index(index));
            if item(self, index).is_err() {
                result = Err(Failed);
            }
            self.path.pop();
        }
        self.out.push(b']');
        if result.is_err() && !non_null {
            self.out.truncate(start);
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        result
    }

    fn nested(
        &mut self,
        field: &'a PlannedField,
        shape: &'a Shape,
        object: &dyn Object,
        counter: &mut usize,
    ) -> Result<(), Failed> {
        let selection = field
            .selection
            .as_ref()
            .and_then(|selection: &Selection| selection.of(object.object_type()));
        let Some(selection) = selection else {
            return self.failed(field, shape, internal("a value of a type that does not fit"));
        };
        if let Some(gone) = self.gone(object, selection, counter) {
            return match gone {
                Some(error) => self.failed(field, shape, error),
                None => self.null(field, shape),
            };
        }
        let start = self.out.len();
        let result = self.object(object, selection, counter);
        if result.is_err() && !shape.non_null() {
            self.out.truncate(start);
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        result
    }

    /// Whether a reference turned out to name nothing, or could not be completed and does not stand without.
    fn gone(
        &self,
        object: &dyn Object,
        selection: &TypeSelection,
        counter: &mut usize,
    ) -> Option<Option<FieldError>> {
        if !selection.whole || !needs_node(selection, object) {
            return None;
        }
        let node = self.execution.nodes[*counter];
        let gone = match &self.execution.slots[node.first_slot].answer {
            Answer::Null => None,
            Answer::Error(error) if !object.object_type().stands_bare => Some(error.clone()),
            _ => return None,
        };
        *counter = node.end;
        Some(gone)
    }

    fn null(&mut self, field: &'a PlannedField, shape: &Shape) -> Result<(), Failed> {
        if shape.non_null() {
            return self.failed(field, shape, internal("null for a field that is never null"));
        }
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn failed(&mut self, field: &'a PlannedField, shape: &Shape, error: FieldError) -> Result<(), Failed> {
        self.record(field, error);
        self.out.extend_from_slice(b"null");
        if shape.non_null() { Err(Failed) } else { Ok(()) }
    }

    /// A position has one error, the first: a flawed value that turns out to be null has its reason already.
    fn record(&mut self, field: &PlannedField, error: FieldError) {
        let path = write_path(&self.path);
        if self.errors.last().is_none_or(|last| last.path != path) {
            self.errors.push(Recorded::new(error, path, field.location));
        }
    }
}
