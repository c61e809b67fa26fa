//! A random world: systems with lists, orders with copies, and what a list answers.
//!
//! Choices are read from a tape of numbers. At its end every choice is 0, the plainest, so proptest shrinks a world by
//! shortening its tape.

use std::cell::Cell;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use rust_decimal::Decimal;
use skuery_schema::ids::{Currency, SystemName};
use skuery_schema::order_words::{FulfillmentStatus, OrderChannel, OrderStatus, PaymentStatus};
use skuery_schema::price::{Money, TaxedMoney};

use crate::commerce::orders::merge::MergeSource;
use crate::commerce::orders::position::{Known, Position};
use crate::port::orders::{OrderList, OrderPage, OrderRecord, Which};

/// The join window of every world.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_hours(72);
/// Times are multiples of this, so that there are many ties.
const TICK: i64 = 6 * 3600;
const TICKS_OF_WINDOW: usize = 12;

/// The worlds are the same on every run.
const SEED: u64 = 0x5ca1_ab1e;

/// So many runs of a property, or as many as `PROPTEST_CASES` says.
pub(super) fn config(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if config.cases == 256 {
        config.cases = cases;
    }
    config.max_shrink_iters = 20_000;
    config.failure_persistence = None;
    config.rng_seed = RngSeed::Fixed(SEED);
    config
}

/// Runs a property on random tapes, and says on how many. A failure names the seed and the shortest tape that fails.
pub(super) fn on_worlds(name: &str, cases: u32, longest: usize, property: fn(&[u16])) {
    let ran = Cell::new(0);
    let tapes = vec(any::<u16>(), 0..longest);
    let result = TestRunner::new(config(cases)).run(&tapes, |tape| {
        ran.set(ran.get() + 1);
        property(&tape);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{name}, seed {SEED:#x}: {error}");
    }
    println!("{name}: {} worlds, seed {SEED:#x}", ran.get());
}

pub(super) struct Choices<'t> {
    tape: &'t [u16],
    at: usize,
    step: usize,
}

impl<'t> Choices<'t> {
    pub(super) fn new(tape: &'t [u16]) -> Self {
        Self { tape, at: 0, step: 1 }
    }

    /// Choices for a world and choices for what is done in it, in turns, so that a large world does not use up the tape.
    pub(super) fn in_turns(tape: &'t [u16]) -> (Self, Self) {
        let from = |at| Self { tape, at, step: 2 };
        (from(0), from(1))
    }

    /// One of `count`, from 0.
    pub(super) fn pick(&mut self, count: usize) -> usize {
        let choice = self.tape.get(self.at).copied().unwrap_or(0);
        self.at += self.step;
        usize::from(choice) % count.max(1)
    }

    /// True once in `of`.
    pub(super) fn rarely(&mut self, of: usize) -> bool {
        self.pick(of) == of - 1
    }
}

/// A row of a list: a record, or somebody else's, which the connector drops.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) source: usize,
    pub(super) order: Option<usize>,
    pub(super) record: Arc<OrderRecord>,
}

pub(super) struct World {
    pub(super) sources: Arc<[MergeSource]>,
    /// Lists whose stretches begin and end with whole days.
    by_day: Vec<bool>,
    pub(super) rows: Vec<Row>,
    orders: usize,
}

/// How copies of an order know each other.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Links {
    /// Each some other one.
    Chain,
    /// Each every other one, so that any two of them can be joined when a third cannot be read.
    All,
}

impl World {
    pub(super) fn new(choices: &mut Choices<'_>, links: Links) -> Self {
        let mut sources = Vec::new();
        for system in 0..1 + choices.pick(4) {
            let lists = [OrderList::Orders, OrderList::Past];
            for list in &lists[..1 + choices.pick(2)] {
                sources.push(MergeSource {
                    system,
                    name: SystemName::new(format!("s{system}")),
                    list: *list,
                    most: [250, 7, 3][choices.pick(3)],
                });
            }
        }
        let mut world = Self {
            by_day: sources.iter().map(|_| choices.rarely(4)).collect(),
            sources: sources.into(),
            rows: Vec::new(),
            orders: 0,
        };
        // Dense or sparse.
        let ticks = [20, 60, 400][choices.pick(3)];
        for _ in 0..choices.pick(40) {
            let at = choices.pick(ticks);
            world.place(choices, links, at);
        }
        for _ in 0..choices.pick(6) {
            let source = choices.pick(world.sources.len());
            let at = choices.pick(ticks);
            world.rows.push(Row {
                source,
                order: None,
                record: record("foreign", time(at), 0, Vec::new()),
            });
        }
        world
    }

    /// Systems with one empty list each.
    pub(super) fn of(systems: usize) -> Self {
        let source = |system| MergeSource {
            system,
            name: SystemName::new(format!("s{system}")),
            list: OrderList::Orders,
            most: 250,
        };
        Self {
            by_day: vec![false; systems],
            sources: (0..systems).map(source).collect(),
            rows: Vec::new(),
            orders: 0,
        }
    }

    /// An order whose records are placed from `at` ticks on.
    pub(super) fn place(&mut self, choices: &mut Choices<'_>, links: Links, at: usize) {
        let order = self.orders;
        self.orders += 1;
        let first = choices.pick(self.sources.len());
        if choices.rarely(4) {
            // Systems number on their own: the same number elsewhere is another order.
            let number = format!("same-{}", at % 3);
            if !self.has_near(first, &number, at) {
                self.add(first, order, &number, at, Vec::new());
                return;
            }
        }
        let mut chosen = vec![first];
        for _ in 0..choices.pick(self.sources.len().min(4)) {
            let next = choices.pick(self.sources.len());
            if !chosen.contains(&next) {
                chosen.push(next);
            }
        }
        let shared = format!("shared-{order}");
        let mut references: Vec<Vec<Arc<str>>> = vec![Vec::new(); chosen.len()];
        let number = |source: usize| format!("{}-{order}", self.sources[source].name);
        for copy in 1..chosen.len() {
            let others = match links {
                Links::All => 0..copy,
                Links::Chain => {
                    let other = choices.pick(copy);
                    other..other + 1
                }
            };
            for other in others {
                if self.sources[chosen[copy]].system == self.sources[chosen[other]].system {
                    continue;
                }
                match choices.pick(3) {
                    0 => references[copy].push(number(chosen[other]).into()),
                    1 => references[other].push(number(chosen[copy]).into()),
                    _ => {
                        references[copy].push(shared.as_str().into());
                        references[other].push(shared.as_str().into());
                    }
                }
            }
        }
        let numbers: Vec<String> = chosen.iter().map(|source| number(*source)).collect();
        for ((source, number), references) in chosen.into_iter().zip(numbers).zip(references) {
            let skew = choices.pick(TICKS_OF_WINDOW + 1);
            self.add(source, order, &number, at + skew, references);
        }
    }

    /// A record of an order that its system gets late. It comes after the others in precedence, and knows them all.
    pub(super) fn copy_late(&mut self, choices: &mut Choices<'_>) {
        let order = choices.pick(self.orders);
        let own: Vec<Row> = self
            .rows
            .iter()
            .filter(|row| row.order == Some(order))
            .cloned()
            .collect();
        let Some(last) = own.iter().max_by_key(|row| row.source) else {
            return;
        };
        let source = last.source + 1;
        let is_new = source < self.sources.len()
            && self.sources[source].system != self.sources[last.source].system
            && !last.record.number.starts_with("same");
        if !is_new {
            return;
        }
        let at = tick(own[0].record.placed_at);
        let spread = own.iter().map(|row| tick(row.record.placed_at));
        let (low, high) = (spread.clone().min().unwrap_or(at), spread.max().unwrap_or(at));
        let room = TICKS_OF_WINDOW - (high - low);
        let at = high - choices.pick(high - low + 1) + choices.pick(room + 1).min(room);
        let at = at.min(low + TICKS_OF_WINDOW);
        let references = own.iter().map(|row| row.record.number.clone()).collect();
        let number = format!("late-{order}");
        self.add(source, order, &number, at, references);
    }

    fn has_near(&self, source: usize, number: &str, at: usize) -> bool {
        let system = self.sources[source].system;
        self.rows.iter().any(|row| {
            let apart = tick(row.record.placed_at).abs_diff(at);
            self.sources[row.source].system == system
                && *row.record.number == *number
                && apart <= TICKS_OF_WINDOW
        })
    }

    pub(super) fn add(
        &mut self,
        source: usize,
        order: usize,
        number: &str,
        at: usize,
        references: Vec<Arc<str>>,
    ) {
        self.rows.push(Row {
            source,
            order: Some(order),
            record: record(number, time(at), order, references),
        });
    }

    /// The first tick after everything.
    pub(super) fn end(&self) -> usize {
        let last = self.rows.iter().map(|row| tick(row.record.placed_at)).max();
        last.map_or(0, |last| last + 1)
    }

    /// What a list answers.
    pub(super) fn answer(&self, source: usize, which: &Which) -> OrderPage {
        let Which::Placed {
            since,
            until,
            offset,
            limit,
        } = which
        else {
            panic!("only stretches are asked for here");
        };
        let day = |at: Timestamp| at.as_second().div_euclid(86_400);
        let is_within = |at: Timestamp| match self.by_day[source] {
            true => {
                since.is_none_or(|since| day(at) >= day(since))
                    && until.is_none_or(|until| day(at) <= day(until))
            }
            false => since.is_none_or(|since| at >= since) && until.is_none_or(|until| at <= until),
        };
        let mut rows: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| row.source == source && is_within(row.record.placed_at))
            .collect();
        // Ties in an order of the system's own.
        let own = |row: &Row| row.record.number.bytes().rev().collect::<Vec<u8>>();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.record.placed_at), own(row)));
        let rows: Vec<&Row> = rows.into_iter().skip(*offset).take(*limit).collect();
        OrderPage {
            seen: rows.len(),
            orders: rows
                .iter()
                .filter(|row| row.order.is_some())
                .map(|row| row.record.clone())
                .collect(),
        }
    }

    // ------------------------------------------------------------ the reference

    /// The positions of an order's records.
    pub(super) fn records(&self, order: usize) -> Vec<Position> {
        let own = self.rows.iter().filter(|row| row.order == Some(order));
        own.map(|row| Position::of(&Known::new(row.source, row.record.clone())))
            .collect()
    }

    /// The position of an order's identity record.
    pub(super) fn identity(&self, order: usize) -> Position {
        let records = self.records(order).into_iter();
        let first = records.min_by_key(|id| (id.source, id.at(), id.number.clone()));
        first.expect("every order has a record")
    }

    /// All orders as they stand when every system answers.
    pub(super) fn list(&self) -> Vec<(Position, usize)> {
        let mut list: Vec<(Position, usize)> = (0..self.orders)
            .map(|order| (self.identity(order), order))
            .collect();
        list.sort();
        list
    }
}

pub(crate) fn time(tick: usize) -> Timestamp {
    let seconds = i64::try_from(tick).expect("few ticks") * TICK;
    Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
}

fn tick(at: Timestamp) -> usize {
    usize::try_from((at.as_second() - 1_700_000_000) / TICK).expect("a tick")
}

pub(crate) fn record(
    number: &str,
    placed_at: Timestamp,
    order: usize,
    references: Vec<Arc<str>>,
) -> Arc<OrderRecord> {
    let currency = Currency::parse("EUR").expect("a currency");
    let money = TaxedMoney {
        net: Some(Money {
            amount: Decimal::ONE,
            currency,
        }),
        gross: None,
        tax: None,
        tax_rate: None,
    };
    let statuses = [
        OrderStatus::Received,
        OrderStatus::Confirmed,
        OrderStatus::Completed,
    ];
    Arc::new(OrderRecord {
        number: number.into(),
        references,
        channel: Some(OrderChannel::Web),
        placed_at,
        status: statuses[order % 3],
        payment_status: PaymentStatus::Unknown,
        fulfillment_status: FulfillmentStatus::Unknown,
        source_status: None,
        customer_reference: Some(order.to_string().into()),
        lines: Vec::new(),
        subtotal: money,
        shipping: None,
        total: money,
        shipping_address: None,
        billing_address: None,
        fulfillments: None,
        documents: None,
        updated_at: None,
    })
}
