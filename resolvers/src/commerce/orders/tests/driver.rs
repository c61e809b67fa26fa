//! Asks a world for pages, as the gateway does.

use std::sync::Arc;

use jiff::SignedDuration;
use skuery_schema::error::{ErrorCode, FieldError};
use skuery_schema::ids::SystemName;

use crate::commerce::orders::assemble::Assembly;
use crate::commerce::orders::cursor::Mark;
use crate::commerce::orders::filter::OrderFilter;
use crate::commerce::orders::merge::{Merge, Merged};
use crate::commerce::orders::page::MergedPage;
use crate::commerce::orders::rules::OrderRules;
use crate::commerce::orders::tests::world::{Choices, WINDOW, World, time};
use crate::commerce::orders::window::Window;

/// When a source does not answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outage {
    Up,
    Down,
    /// It answers once.
    AfterFirst,
}

/// A page as it was shown.
pub(super) struct Got {
    pub(super) page: MergedPage,
    pub(super) waves: usize,
}

impl Got {
    /// The orders, newest first.
    pub(super) fn orders(&self) -> Vec<usize> {
        let numbers = self
            .page
            .edges
            .iter()
            .map(|edge| edge.order.customer_reference.as_deref());
        numbers
            .map(|number| {
                number
                    .and_then(|number| number.parse().ok())
                    .expect("an order's number")
            })
            .collect()
    }

    /// A cursor, through its written form.
    pub(super) fn mark(&self, edge: usize) -> Mark {
        let mark = &self.page.edges[edge].mark;
        let read = Mark::read(&mark.write()).expect("a cursor can be read");
        assert_eq!(read, *mark, "what is read is what was written");
        read
    }

    /// A cursor that may think its orders close together, so that many stretches are read backwards.
    pub(super) fn mark_with_gap(&self, edge: usize, choices: &mut Choices<'_>) -> Mark {
        let mut mark = self.mark(edge);
        if choices.pick(2) == 1 {
            mark.gap_secs = 1 + 3_600 * u32::try_from(choices.pick(48)).expect("a small number");
        }
        mark
    }

    pub(super) fn failed(&self, source: usize) -> bool {
        self.page.failures[source].is_some()
    }
}

pub(super) struct Asking<'w> {
    pub(super) world: &'w World,
    pub(super) filter: OrderFilter,
    pub(super) outages: Vec<Outage>,
    pub(super) left: Vec<usize>,
}

impl<'w> Asking<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        Self {
            filter: OrderFilter::default(),
            outages: vec![Outage::Up; world.sources.len()],
            left: vec![1_000; world.sources.len()],
            world,
        }
    }

    pub(super) fn page(mut self, window: Window) -> Got {
        let merged = merged(self.world, self.filter.clone(), WINDOW);
        let mut merge = Merge::new(merged, window);
        let mut waves = 0;
        let mut asked = vec![0; self.world.sources.len()];
        loop {
            let questions = merge.questions(&mut self.left);
            if questions.is_empty() {
                return Got {
                    page: merge.page(),
                    waves,
                };
            }
            waves += 1;
            assert!(waves < 2_000, "the merge comes to an end");
            for (source, which) in questions {
                asked[source] += 1;
                let fails = match self.outages[source] {
                    Outage::Up => false,
                    Outage::Down => true,
                    Outage::AfterFirst => asked[source] > 1,
                };
                match fails {
                    true => merge.take(source, Err(failure()), &mut self.left),
                    false => {
                        let page = self.world.answer(source, &which);
                        merge.take(source, Ok(Some(&page)), &mut self.left);
                    }
                }
            }
        }
    }
}

pub(super) fn merged(world: &World, filter: OrderFilter, join_window: SignedDuration) -> Merged {
    let systems = world.sources.last().map_or(0, |source| source.system + 1);
    let systems: Vec<SystemName> = (0..systems)
        .map(|system| SystemName::new(format!("s{system}")))
        .collect();
    Merged {
        sources: world.sources.clone(),
        join_window,
        assembly: Arc::new(Assembly {
            ranks: OrderRules::default().ranks(&systems),
            systems,
        }),
        filter,
        now: time(world.end()),
    }
}

pub(super) fn failure() -> FieldError {
    FieldError {
        code: ErrorCode::SystemUnavailable,
        message: "it does not answer".into(),
        system: None,
        retryable: true,
    }
}

pub(super) fn first(size: usize, after: Option<Mark>) -> Window {
    Window {
        after,
        before: None,
        size,
        is_last: false,
    }
}

pub(super) fn last(size: usize, before: Option<Mark>) -> Window {
    Window {
        after: None,
        before,
        size,
        is_last: true,
    }
}
