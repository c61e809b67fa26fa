//! Systems fail on one page and answer on the next: no order twice, none lost that could have been shown, the order stands.

use crate::commerce::orders::position::{Position, Way};
use crate::commerce::orders::tests::driver::{Asking, Got, Outage, first, last};
use crate::commerce::orders::tests::world::{Choices, Links, World, on_worlds};

/// The most pages in a row on which nobody answers.
const PATIENCE: usize = 20;

fn page_through(tape: &[u16], way: Way) {
    let mut choices = Choices::new(tape);
    let world = World::new(&mut choices, Links::All);
    let mut shown: Vec<(usize, Position)> = Vec::new();
    let mut pages: Vec<(Option<Position>, Vec<bool>)> = Vec::new();
    let mut from = None;
    let mut silent = 0;
    loop {
        let size = 1 + choices.pick(12);
        let mut asking = Asking::new(&world);
        for outage in &mut asking.outages {
            *outage = match (silent < PATIENCE, choices.pick(4)) {
                (true, 2) => Outage::Down,
                (true, 3) => Outage::AfterFirst,
                _ => Outage::Up,
            };
        }
        let got: Got = asking.page(match way {
            Way::Older => first(size, from.clone()),
            Way::Newer => last(size, from.clone()),
        });
        let up: Vec<bool> = (0..world.sources.len())
            .map(|source| !got.failed(source))
            .collect();
        if !up.contains(&true) {
            assert!(got.page.edges.is_empty(), "nobody answered");
            silent += 1;
            continue;
        }
        silent = 0;
        let mut edges: Vec<(usize, Position)> = got
            .orders()
            .into_iter()
            .zip(got.page.edges.iter().map(|edge| edge.mark.place.clone()))
            .collect();
        let (more, next) = match way {
            Way::Older => (got.page.has_next, edges.len().checked_sub(1)),
            Way::Newer => {
                edges.reverse();
                (got.page.has_previous, edges.len().checked_sub(1).map(|_| 0))
            }
        };
        shown.extend(edges);
        let next = next.filter(|_| more).map(|edge| got.mark(edge));
        pages.push((next.as_ref().map(|mark| mark.place.clone()), up));
        match next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    for pair in shown.windows(2) {
        let [(_, here), (_, next)] = pair else { continue };
        assert!(way.is_ahead(here, next), "{here:?} before {next:?}");
    }
    for (order, _) in world.list().into_iter().map(|(place, order)| (order, place)) {
        let times = shown.iter().filter(|(shown, _)| *shown == order).count();
        assert!(
            times <= 1,
            "order {order} is shown {times} times: {:?}",
            world.records(order)
        );
        assert!(
            times == 1 || !must_be_shown(&world, order, &pages, way),
            "order {order} is lost: {:?}",
            world.records(order)
        );
    }
}

/// What is promised: its identity record's source answered when that was passed, or its last record's.
fn must_be_shown(world: &World, order: usize, pages: &[(Option<Position>, Vec<bool>)], way: Way) -> bool {
    let was_up = |record: &Position| {
        let is_on = |(end, _): &&(Option<Position>, Vec<bool>)| {
            end.as_ref().is_none_or(|end| !way.is_ahead(end, record))
        };
        let page = pages.iter().find(is_on);
        page.is_some_and(|(_, up)| up[record.source])
    };
    let records = world.records(order);
    let last = match way {
        Way::Older => records.iter().max(),
        Way::Newer => records.iter().min(),
    };
    was_up(&world.identity(order)) || last.is_some_and(was_up)
}

#[test]
fn forwards_nothing_is_lost_or_shown_twice() {
    on_worlds("outages, forwards", 420, 600, |tape| {
        page_through(tape, Way::Older)
    });
}

#[test]
fn backwards_nothing_is_lost_or_shown_twice() {
    on_worlds("outages, backwards", 420, 600, |tape| {
        page_through(tape, Way::Newer)
    });
}
