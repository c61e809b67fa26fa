//! "CompleteValue" of the specification: answers and values by the shape of their field's type.

use std::io::Write as _;

use serde_json::Value as Json;
use skuery_schema::error::FieldError;
use skuery_schema::table::{Object, Value};

use crate::engine::answer::Answer;
use crate::engine::digits;
use crate::engine::gather::{internal, needs_node};
use crate::engine::json::Place;
use crate::engine::plan::{PlannedField, Selection, Shape, TypeSelection};
use crate::engine::write::{Failed, Writer};

impl<'a> Writer<'a> {
    pub(super) fn answer(
        &mut self,
        field: &'a PlannedField,
        shape: &'a Shape,
        answer: &Answer,
        place: &Place<'_>,
        counter: &mut usize,
    ) -> Result<(), Failed> {
        match (answer, shape) {
            (Answer::Null | Answer::This, _) => self.null(field, shape, place),
            (Answer::Object(object), Shape::Value { .. }) => {
                self.object(field, shape, &**object, place, counter)
            }
            (Answer::Text(text), Shape::Value { .. }) => {
                self.text(text);
                Ok(())
            }
            (Answer::Error(error), _) => self.failed(field, shape, error, place),
            (Answer::Flawed(flawed), _) => {
                self.record(field, &flawed.1, place);
                self.answer(field, shape, &flawed.0, place, counter)
            }
            (Answer::List(answers), Shape::List { non_null, item }) => {
                self.list(*non_null, answers.iter(), place, |writer, answer, place| {
                    writer.answer(field, item, answer, place, counter)
                })
            }
            (Answer::List(_), Shape::Value { .. }) => self.misfit(field, shape, place),
            (Answer::Object(_) | Answer::Text(_), Shape::List { .. }) => self.misfit(field, shape, place),
        }
    }

    #[inline(always)]
    pub(super) fn value(
        &mut self,
        field: &'a PlannedField,
        shape: &'a Shape,
        value: Value<'_>,
        place: &Place<'_>,
        counter: &mut usize,
    ) -> Result<(), Failed> {
        if let Shape::List { non_null, item } = shape {
            return self.items(field, shape, (*non_null, item), value, place, counter);
        }
        match value {
            Value::Str(text) => self.text(text),
            Value::Decimal(number) => self.quoted(|out| digits::decimal(out, number)),
            Value::Name(name) => self.quoted(|out| out.extend_from_slice(name.as_bytes())),
            Value::Int(number) => digits::int(&mut self.out, number),
            Value::Boolean(boolean) => self
                .out
                .extend_from_slice(if boolean { b"true" } else { b"false" }),
            Value::Object(object) => return self.object(field, shape, object, place, counter),
            Value::Null | Value::Json(Json::Null) => return self.null(field, shape, place),
            Value::Made(object) => return self.object(field, shape, &*object, place, counter),
            Value::Text(text) => self.text(&text),
            Value::DateTime(instant) => self.instant(instant),
            Value::Date(date) => self.quoted(|out| drop(write!(out, "{date}"))),
            Value::Json(json) => self.json(json),
            Value::Error(error) => return self.failed(field, shape, &error, place),
            // Named, and so moved: what is moved out wherever it owns something is not dropped for each leaf.
            Value::Items(_items) => return self.misfit(field, shape, place),
            Value::List(_) => return self.misfit(field, shape, place),
        }
        Ok(())
    }

    fn misfit(&mut self, field: &'a PlannedField, shape: &Shape, place: &Place<'_>) -> Result<(), Failed> {
        let message = match shape {
            Shape::List { .. } => "one value where a list fits",
            Shape::Value { .. } => "a list where one value fits",
        };
        self.failed(field, shape, &internal(message), place)
    }

    fn items(
        &mut self,
        field: &'a PlannedField,
        shape: &'a Shape,
        (non_null, item): (bool, &'a Shape),
        value: Value<'_>,
        place: &Place<'_>,
        counter: &mut usize,
    ) -> Result<(), Failed> {
        match value {
            Value::List(list) => {
                let items = (0..list.len()).map(|index| list.at(index));
                self.list(non_null, items, place, |writer, value, place| {
                    writer.value(field, item, value, place, counter)
                })
            }
            Value::Items(items) => self.list(non_null, items.into_iter(), place, |writer, value, place| {
                writer.value(field, item, value, place, counter)
            }),
            Value::Null => self.null(field, shape, place),
            Value::Error(error) => self.failed(field, shape, &error, place),
            _ => self.misfit(field, shape, place),
        }
    }

    fn list<T>(
        &mut self,
        non_null: bool,
        items: impl Iterator<Item = T>,
        place: &Place<'_>,
        mut write: impl FnMut(&mut Self, T, &Place<'_>) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        let start = self.out.len();
        let mut result = Ok(());
        self.out.push(b'[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            if write(self, item, &Place::Index(place, index)).is_err() {
                result = Err(Failed);
            }
        }
        self.out.push(b']');
        if result.is_err() && !non_null {
            self.out.truncate(start);
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        result
    }

    fn object(
        &mut self,
        field: &'a PlannedField,
        shape: &'a Shape,
        object: &dyn Object,
        place: &Place<'_>,
        counter: &mut usize,
    ) -> Result<(), Failed> {
        let selection = field
            .selection
            .as_ref()
            .and_then(|selection: &Selection| selection.of(object.object_type()));
        let Some(selection) = selection else {
            return self.failed(
                field,
                shape,
                &internal("a value of a type that does not fit"),
                place,
            );
        };
        if let Some(gone) = self.gone(object, selection, counter) {
            return match gone {
                Some(error) => self.failed(field, shape, error, place),
                None => self.null(field, shape, place),
            };
        }
        let start = self.out.len();
        let result = self.members(object, selection, place, counter);
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
    ) -> Option<Option<&'a FieldError>> {
        if !selection.whole || !needs_node(selection, object) {
            return None;
        }
        let execution = self.execution;
        let node = execution.nodes[*counter];
        let gone = match &execution.slots[node.first_slot].answer {
            Answer::Null => None,
            Answer::Error(error) if !object.object_type().stands_bare => Some(error),
            _ => return None,
        };
        *counter = node.end;
        Some(gone)
    }
}
