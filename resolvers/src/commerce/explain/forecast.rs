//! The forecast of an operation that is ready: walked once for its limits, and once more for who wants to be told.

use crate::commerce::context::Context;
use crate::commerce::explain::cost::{Cost, is_allowed};
use crate::commerce::explain::plan::{Explanation, Record};
use crate::commerce::explain::sources::{SourceId, Sources};
use crate::commerce::explain::tally::{Question, Tally};
use crate::commerce::explain::walk::{Path, Told, Walk};
use crate::commerce::gateway::Gateway;
use crate::engine::Ready;

/// One operation in its context, before anything is asked.
#[derive(Clone, Copy)]
pub(crate) struct Forecast<'a> {
    pub(crate) gateway: &'a Gateway,
    pub(crate) context: &'a Context,
    pub(crate) ready: &'a Ready,
}

impl Told for Tally<'_> {
    fn told(&mut self, question: &Question, _: &Path<'_>) {
        self.add(question);
    }
}

/// When the record of the customer who asks is asked for first.
struct FirstAsked {
    source: SourceId,
    time: Option<u32>,
}

impl Told for FirstAsked {
    fn told(&mut self, question: &Question, _: &Path<'_>) {
        if question.source == self.source {
            let time = question.wave - 1;
            self.time = Some(self.time.map_or(time, |first| first.min(time)));
        }
    }
}

impl<'a> Forecast<'a> {
    /// Whether it is within all limits.
    pub(crate) fn is_allowed(self) -> bool {
        let sources = self.sources();
        let tally = self.walk(Tally::new(sources));
        is_allowed(&tally, sources, self.gateway.limits())
    }

    pub(crate) fn cost(self) -> Cost {
        let sources = self.sources();
        let tally = self.walk(Tally::new(sources));
        Cost::new(&tally, sources, self.gateway.limits())
    }

    pub(crate) fn explanation(self, operation: Option<&str>) -> Explanation {
        let sources = self.sources();
        let record = self.walk(Record::default());
        let tally = record.tally(sources);
        Explanation {
            operation: operation.map(str::to_owned),
            channel: self.context.channel.name.clone(),
            waves: record.waves(&tally, sources),
            cost: Cost::new(&tally, sources, self.gateway.limits()),
        }
    }

    fn sources(self) -> &'a Sources {
        self.gateway.sources()
    }

    fn walk<T: Told>(self, told: T) -> T {
        let Self {
            gateway,
            context,
            ready,
        } = self;
        let mut walk = Walk::new(gateway, context, ready, told);
        // Prices wait for the customer's record, and a later field may ask for it earlier than the first that waits.
        let is_customer = context
            .identity
            .as_ref()
            .is_some_and(|identity| identity.customer.is_some());
        if let Some(source) = gateway.sources().customers.filter(|_| is_customer) {
            let first = FirstAsked { source, time: None };
            walk.record_at = Walk::new(gateway, context, ready, first).run(ready).time;
        }
        walk.run(ready)
    }
}
