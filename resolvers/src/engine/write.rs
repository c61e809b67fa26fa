//! The writer: JSON straight from typed values, with the specification's null propagation and error paths.
//!
//! An error truncates the buffer to where the nearest nullable value began. Siblings of a failed field are still walked,
//! so that counting stays in step with the gathering walk.

mod scalars;
mod values;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use skuery_schema::error::FieldError;
use skuery_schema::table::Object;

use crate::engine::Response;
use crate::engine::answer::Answer;
use crate::engine::gather::{Execution, internal, needs_node};
use crate::engine::json::{Place, Recorded, write_error, write_path};
use crate::engine::plan::{PlannedAsk, PlannedField, Read, Shape, TypeSelection};

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
    let written = root.map_or(Err(Failed), |root| {
        writer.members(&execution.root, root, &Place::Root, &mut 0)
    });
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
    let place = Place::Key(&Place::Root, &field.key);
    let written = writer.field(field, root, &mut source, &place, &mut 0);
    written.is_err() || writer.too_long || writer.out.len() > LONGEST
}

/// The value is null although it must not be; an error has been recorded.
struct Failed;

struct Writer<'a> {
    execution: &'a Execution<'a>,
    introspected: &'a Map<String, Json>,
    out: Vec<u8>,
    errors: Vec<Recorded>,
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

    /// The members of an object. Inlined into what writes objects, and so are fields and leaves: a call for each would cost
    /// more than they do.
    #[inline(always)]
    fn members(
        &mut self,
        object: &dyn Object,
        selection: &'a TypeSelection,
        place: &Place<'_>,
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
        if selection.fields.is_empty() {
            self.out.push(b'{');
        }
        let mut result = Ok(());
        for field in &selection.fields {
            field.opening.write(&mut self.out);
            let place = Place::Key(place, &field.key);
            if self
                .field(field, selection, &mut source, &place, counter)
                .is_err()
            {
                result = Err(Failed);
            }
        }
        self.out.push(b'}');
        result
    }

    #[inline(always)]
    fn field(
        &mut self,
        field: &'a PlannedField,
        selection: &'a TypeSelection,
        source: &mut Source<'_>,
        place: &Place<'_>,
        counter: &mut usize,
    ) -> Result<(), Failed> {
        let execution = self.execution;
        let args = match &execution.args[field.args] {
            Ok(args) => args,
            Err(error) => return self.failed(field, &field.shape, error, place),
        };
        let (object, index, counter) = match field.read {
            Read::Own(index) => (source.object, index, counter),
            Read::Whole(index) => match source.completed {
                Completed::Itself => (source.object, index, counter),
                Completed::By(whole) => (whole, index, &mut source.whole_counter),
                Completed::Failed(error) => return self.failed(field, &field.shape, error, place),
            },
            Read::Live(ask) => {
                debug_assert!(ask < selection.asks.len());
                let slot = &execution.slots[source.first_slot + ask];
                let counter = &mut slot.first_node.clone();
                return self.answer(field, &field.shape, &slot.answer, place, counter);
            }
            Read::Typename => {
                self.text(source.object.object_type().name);
                return Ok(());
            }
            Read::Introspection => {
                let value = self.introspected.get(&*field.key);
                self.json(value.unwrap_or(&serde_json::Value::Null));
                return Ok(());
            }
        };
        self.value(field, &field.shape, object.read(index, args), place, counter)
    }

    fn null(&mut self, field: &'a PlannedField, shape: &Shape, place: &Place<'_>) -> Result<(), Failed> {
        if shape.non_null() {
            let error = internal("null for a field that is never null");
            return self.failed(field, shape, &error, place);
        }
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    #[cold]
    fn failed(
        &mut self,
        field: &'a PlannedField,
        shape: &Shape,
        error: &FieldError,
        place: &Place<'_>,
    ) -> Result<(), Failed> {
        self.record(field, error, place);
        self.out.extend_from_slice(b"null");
        if shape.non_null() { Err(Failed) } else { Ok(()) }
    }

    /// A position has one error, the first: a flawed value that turns out to be null has its reason already.
    fn record(&mut self, field: &PlannedField, error: &FieldError, place: &Place<'_>) {
        let path = write_path(place);
        if self.errors.last().is_none_or(|last| last.path != path) {
            self.errors
                .push(Recorded::new(error.clone(), path, field.location));
        }
    }
}
