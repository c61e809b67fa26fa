//! Conditions on orders. They hold for the order as it is shown, put together from all its records.

use std::sync::Arc;

use jiff::Timestamp;
use skuery_schema::error::FieldError;
use skuery_schema::input::Input;
use skuery_schema::order::Order;

use crate::commerce::orders::position::Known;
use crate::commerce::written::Written;

/// Conditions; all must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct OrderFilter {
    statuses: Vec<Arc<str>>,
    channels: Vec<Arc<str>>,
    pub(crate) placed_from: Option<Timestamp>,
    pub(crate) placed_to: Option<Timestamp>,
    sku: Option<Arc<str>>,
    /// In lower case.
    query: Option<Arc<str>>,
}

impl OrderFilter {
    /// Reads the argument.
    pub(crate) fn read(filter: Option<&Input>) -> Result<Self, FieldError> {
        let Some(filter) = filter else {
            return Ok(Self::default());
        };
        let texts = |name| filter.field(name).and_then(Input::as_texts).unwrap_or_default();
        let at = |name| filter.field(name).and_then(Input::as_timestamp);
        let (placed_from, placed_to) = (at("placedFrom"), at("placedTo"));
        if let (Some(from), Some(to)) = (placed_from, placed_to)
            && from > to
        {
            return Err(FieldError::bad_input("filter.placedFrom: is later than placedTo"));
        }
        Ok(Self {
            statuses: texts("statuses"),
            channels: texts("channels"),
            placed_from,
            placed_to,
            sku: written("sku", filter)?,
            query: written("query", filter)?.map(|query| query.to_lowercase().into()),
        })
    }

    /// Whether more has to be read than is shown.
    pub(crate) fn is_selective(&self) -> bool {
        let Self {
            statuses,
            channels,
            sku,
            query,
            placed_from: _,
            placed_to: _,
        } = self;
        !statuses.is_empty() || !channels.is_empty() || sku.is_some() || query.is_some()
    }

    /// Whether an order is wanted.
    pub(crate) fn wants(&self, order: &Order, members: &[Known]) -> bool {
        let one_of = |names: &[Arc<str>], name: &str| names.is_empty() || names.iter().any(|n| **n == *name);
        one_of(&self.statuses, order.status.name())
            && one_of(&self.channels, order.channel.name())
            && self.placed_from.is_none_or(|from| order.placed_at >= from)
            && self.placed_to.is_none_or(|to| order.placed_at <= to)
            && self.sku.as_ref().is_none_or(|sku| has_sku(order, sku))
            && self
                .query
                .as_ref()
                .is_none_or(|query| mentions(order, members, query))
    }
}

fn written(name: &str, filter: &Input) -> Result<Option<Arc<str>>, FieldError> {
    let Some(text) = filter.field(name).and_then(Input::as_text) else {
        return Ok(None);
    };
    let text = text.trim();
    match text.is_writable() {
        true => Ok(Some(text.into())),
        false => Err(FieldError::bad_input(format!(
            "filter.{name}: 1 to 255 bytes of text are needed"
        ))),
    }
}

fn has_sku(order: &Order, sku: &str) -> bool {
    order.lines.iter().any(|line| line.sku.as_str() == sku)
}

/// A reference is a number too: of a marketplace, say, that is not connected.
fn mentions(order: &Order, members: &[Known], query: &str) -> bool {
    let records = members.iter().map(|known| &known.record);
    let numbers = records.flat_map(|record| std::iter::once(&record.number).chain(&record.references));
    numbers
        .chain(&order.customer_reference)
        .any(|text| text.to_lowercase().contains(query))
}
