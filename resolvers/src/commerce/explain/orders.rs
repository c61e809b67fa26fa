//! What lists of orders, single orders and their parts ask.

use skuery_schema::input::Args;
use skuery_schema::lookup;

use crate::commerce::explain::assumed;
use crate::commerce::explain::sources::{KnownOrders, Sources};
use crate::commerce::explain::tally::{Question, ScopeKind};
use crate::commerce::explain::walk::{Asking, Objects, Path, Told, Walk, public};
use crate::commerce::order_sources::MOST_ORDERS;
use crate::commerce::orders::filter::OrderFilter;
use crate::commerce::orders::merge::first_question;
use crate::commerce::orders::window::USUAL_PAGE;
use crate::commerce::request::{MOST_PAGES, MOST_SEARCHES};
use crate::port::Effort;

impl<T: Told> Walk<'_, T> {
    pub(super) fn ask_orders(&mut self, ask: &Asking<'_>, path: &Path<'_>) {
        let found = match ask.lookup {
            lookup::ORDERS => self.page_of_orders(ask, path),
            lookup::ORDER_BY => self.orders_by_number(ask, 1, ask.objects.time, path),
            _ => return self.parts(ask, path),
        };
        if let Some(found) = found {
            self.visit(ask.selection(), found, path);
        }
    }

    /// Whose orders are asked for; `None` where there are none to see.
    fn owner(&self) -> Option<ScopeKind> {
        let identity = self.context.identity.as_ref()?;
        if identity.permissions.approver && identity.company.is_some() {
            return Some(ScopeKind::Company);
        }
        identity.customer.as_ref().map(|_| ScopeKind::Customer)
    }

    // ------------------------------------------------------------ a page

    /// Every list is asked again, for twice as many, until the page is full: at most until so many have been read of it.
    fn page_of_orders(&mut self, ask: &Asking<'_>, path: &Path<'_>) -> Option<Objects> {
        let owner = self.owner()?;
        self.order_pages += 1;
        if self.order_pages > MOST_PAGES {
            return None;
        }
        let size = page_size(ask.args, self.gateway.limits().page)?;
        let is_selective = OrderFilter::read(ask.args.get(0)).ok()?.is_selective();
        let has = |at: usize| ask.args.text(at).is_some();
        let keeps_last = ask.args.int(3).is_some() && !has(4);
        let lists = able(self.sources, owner).map(|orders| orders.lists.len()).sum();
        let first = first_question(lists, size, has(2) || has(4), is_selective || keeps_last);
        let (time, set) = (ask.objects.time, ask.set());
        for (source, page) in able(self.sources, owner).flat_map(|orders| &orders.lists) {
            let effort = self.sources.of(*source).effort;
            let (rounds, calls) = reading(first, self.gateway.limits().scan_orders, *page, effort);
            let question = Question {
                scope: owner,
                calls: Some(calls),
                rounds,
                ..public(*source, set, rounds.into(), time)
            };
            self.tell(question, path);
        }
        Some(Objects {
            items: size as u64,
            ..Objects::new(1, time + 1, set)
        })
    }

    // ------------------------------------------------------------ single orders

    /// Every list is asked for the number, then for the copies of what was found.
    pub(super) fn orders_by_number(
        &mut self,
        ask: &Asking<'_>,
        count: u64,
        time: u32,
        path: &Path<'_>,
    ) -> Option<Objects> {
        let owner = self.owner()?;
        let room = MOST_SEARCHES.saturating_sub(self.order_searches) as u64;
        let count = count.min(room);
        self.order_searches += usize::try_from(count).unwrap_or(usize::MAX);
        let set = ask.set();
        let lists: usize = able(self.sources, owner).map(|orders| orders.lists.len()).sum();
        for orders in able(self.sources, owner) {
            let ways = 1 + u64::from(orders.abilities.reference);
            let copies = match lists {
                0 | 1 => 0,
                _ => assumed::NUMBERS * ways,
            };
            let asked = count.saturating_mul(ways + copies);
            for (source, _) in &orders.lists {
                let question = Question {
                    scope: owner,
                    calls: Some(asked),
                    rounds: 1 + u32::from(copies > 0),
                    ..public(*source, set, asked, time)
                };
                self.tell(question, path);
            }
        }
        Some(Objects::new(count, time + 1, set).whole())
    }

    // ------------------------------------------------------------ parts

    /// Shipments and documents, of every system that keeps them apart.
    fn parts(&mut self, ask: &Asking<'_>, path: &Path<'_>) {
        let Some(owner) = self.owner() else { return };
        let Objects { count, set, time, .. } = ask.objects;
        let sources = self.sources;
        for orders in &sources.orders {
            let source = match ask.lookup {
                lookup::ORDER_FULFILLMENTS => orders.fulfillments,
                _ => orders.documents,
            };
            if let Some(source) = source {
                let question = public(source, set, count, time);
                self.tell(
                    Question {
                        scope: owner,
                        ..question
                    },
                    path,
                );
            }
        }
    }
}

/// The systems that can be asked for an owner's orders.
fn able(sources: &Sources, owner: ScopeKind) -> impl Iterator<Item = &KnownOrders> {
    let can = move |orders: &&KnownOrders| owner == ScopeKind::Customer || orders.abilities.company;
    sources.orders.iter().filter(can)
}

/// `None` where the arguments are refused.
fn page_size(args: &Args, most: usize) -> Option<usize> {
    let (first, last) = (args.int(1), args.int(3));
    if first.is_some() && last.is_some() {
        return None;
    }
    match first.or(last) {
        None => Some(USUAL_PAGE.min(most)),
        Some(size) => usize::try_from(size)
            .ok()
            .filter(|size| (1..=most).contains(size)),
    }
}

/// How often one list is asked at most, and in how many calls.
fn reading(first: usize, most: usize, page: u64, effort: Effort) -> (u32, u64) {
    let (mut left, mut next, mut read) = (most, first, 0);
    let (mut rounds, mut calls) = (0, 0);
    while left > 0 {
        let limit = next.min(MOST_ORDERS).min(left).max(1);
        let wanted = match effort.from_start {
            true => read + limit,
            false => limit,
        };
        rounds += 1;
        calls += (wanted as u64).div_ceil(page) + u64::from(effort.whole_pages);
        left -= limit.min(left);
        read += limit;
        next = next.saturating_mul(2);
    }
    (rounds.max(1), calls.max(1))
}
