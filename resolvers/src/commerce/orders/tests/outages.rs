//! Systems fail on one page and answer on the next: no order twice, none lost that could have been shown, the order stands.

use crate::commerce::orders::position::{Position, Way};
use crate::commerce::orders::tests::driver::{Asking, Got, Outage, first, last};
use crate::commerce::orders::tests::world::{Choices, Links, World, on_worlds};

/// The most pages in a row on which nobody answers.
const PATIENCE: usize = 20;

fn page_through(tape: &[u16], way: Way) {
    let (mut of_world, mut choices) = Choices::in_turns(tape);
    let world = World::new(&mut of_world, Links::All);
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
        let next = next
            .filter(|_| more)
            .map(|edge| got.mark_with_gap(edge, &mut choices));
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

/// Five systems; one order has records of systems 0, 1 and 2, the others are of systems 3 and 4. `down` says who does not
/// answer on which page; what is shown is told page by page, the order of three records as `x`.
fn tell(records: [usize; 3], others: &[usize], pages: &[(usize, &[usize])]) -> String {
    let all: [&[&str]; 3] = [&["b", "c"], &["a", "c"], &["a", "b"]];
    tell_linked(records, all, others, pages)
}

fn tell_linked(
    records: [usize; 3],
    references: [&[&str]; 3],
    others: &[usize],
    pages: &[(usize, &[usize])],
) -> String {
    let mut world = World::of(5);
    for (source, at) in records.into_iter().enumerate() {
        let references = references[source].iter().map(|number| (*number).into());
        world.add(source, 0, ["a", "b", "c"][source], at, references.collect());
    }
    for (order, at) in others.iter().enumerate() {
        world.add(3, order + 1, &format!("o{order}"), *at, Vec::new());
    }
    let mut told = Vec::new();
    let mut from = None;
    for (size, down) in pages {
        let mut asking = Asking::new(&world);
        down.iter()
            .for_each(|source| asking.outages[*source] = Outage::Down);
        let got = asking.page(first(*size, from));
        let orders = got.orders();
        let name = |order: &usize| match order {
            0 => "x".to_owned(),
            order => (order - 1).to_string(),
        };
        told.push(orders.iter().map(name).collect::<Vec<_>>().join(" "));
        from = orders.len().checked_sub(1).map(|edge| got.mark(edge));
    }
    told.join(" | ")
}

#[test]
fn an_order_whose_copy_was_passed_is_shown_in_its_place_though_its_system_fails_there() {
    // The identity record is at 5, a copy at 8, the last at 3.
    let others = [9, 7, 6, 4, 2];
    let check = |pages: &[(usize, &[usize])], expected: &str| {
        assert_eq!(tell([5, 8, 3], &others, pages), expected);
    };
    check(&[(2, &[]), (2, &[]), (9, &[])], "0 1 | 2 x | 3 4");
    check(&[(2, &[]), (2, &[0]), (9, &[])], "0 1 | 2 x | 3 4");
    check(&[(2, &[]), (1, &[1]), (9, &[0])], "0 1 | 2 | x 3 4");
    // Nobody knows it where it stands; then its last record is left.
    check(&[(2, &[]), (2, &[0, 1, 2]), (9, &[])], "0 1 | 2 3 | x 4");
}

#[test]
fn an_order_stays_remembered_until_a_record_of_it_can_be_shown() {
    // As before, with one more page before the last record.
    let others = [9, 7, 6, 4, 3, 3, 1];
    let pages: [(usize, &[usize]); 4] = [(2, &[]), (2, &[0, 1, 2]), (1, &[0]), (9, &[0])];
    assert_eq!(tell([5, 8, 2], &others, &pages), "0 1 | 2 3 | 4 | 5 x 6");
}

#[test]
fn an_order_shown_by_its_copy_is_not_shown_again_and_one_that_was_missed_is_shown_by_it() {
    let others = [9, 7, 6, 4, 2];
    let shown = tell([5, 8, 3], &others, &[(2, &[0]), (2, &[]), (9, &[])]);
    assert_eq!(shown, "0 x | 1 2 | 3 4");
    let missed = tell([8, 5, 3], &others, &[(2, &[0]), (9, &[])]);
    assert_eq!(missed, "0 1 | 2 x 3 4");
    let known = tell([8, 5, 3], &others, &[(2, &[]), (9, &[0])]);
    assert_eq!(known, "0 x | 1 2 3 4");
}

#[test]
fn what_is_learned_of_an_order_after_it_was_shown_is_remembered() {
    // `c` knows only `b`, and `b` only `a`: once `b` was seen, `a` is known to be the order that `c` was.
    let links: [&[&str]; 3] = [&[], &["a"], &["b"]];
    let pages: [(usize, &[usize]); 3] = [(2, &[1]), (2, &[]), (9, &[1, 2])];
    let told = tell_linked([2, 4, 8], links, &[9, 7, 6, 4, 1], &pages);
    assert_eq!(told, "0 x | 1 2 | 3 4");
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
    on_worlds("outages, forwards", 1_200, 1_000, |tape| {
        page_through(tape, Way::Older)
    });
}

#[test]
fn backwards_nothing_is_lost_or_shown_twice() {
    on_worlds("outages, backwards", 1_200, 1_000, |tape| {
        page_through(tape, Way::Newer)
    });
}
