//! While every system answers, pages are exactly the reference's, in both directions.

use skuery_schema::input::Input;

use crate::commerce::orders::filter::OrderFilter;
use crate::commerce::orders::tests::driver::{Asking, Got, first, last};
use crate::commerce::orders::tests::world::{Choices, Links, World, on_worlds, time};
use crate::commerce::orders::window::Window;

/// From the first page to the last, while orders arrive; what arrives is above and not shown.
fn forwards(tape: &[u16]) {
    let (mut of_world, mut choices) = Choices::in_turns(tape);
    let mut world = World::new(&mut of_world, Links::Chain);
    let expected: Vec<usize> = world.list().into_iter().map(|(_, order)| order).collect();
    let arrives = choices.pick(2) == 1;
    let mut shown = Vec::new();
    let mut after = None;
    loop {
        let size = 1 + choices.pick(12);
        let got = Asking::new(&world).page(first(size, after.clone()));
        assert_eq!(got.page.has_previous, after.is_some());
        shown.extend(got.orders());
        if !got.page.has_next {
            break;
        }
        assert_eq!(got.orders().len(), size, "a page with another after it is full");
        after = Some(got.mark(size - 1));
        if arrives {
            for _ in 0..choices.pick(3) {
                let at = world.end();
                world.place(&mut choices, Links::Chain, at);
            }
            for _ in 0..choices.pick(3) {
                world.copy_late(&mut choices);
            }
        }
    }
    assert_eq!(shown, expected);
}

/// From the last page to the first.
fn backwards(tape: &[u16]) {
    let (mut of_world, mut choices) = Choices::in_turns(tape);
    let world = World::new(&mut of_world, Links::Chain);
    let expected: Vec<usize> = world.list().into_iter().map(|(_, order)| order).collect();
    let mut shown = Vec::new();
    let mut before = None;
    loop {
        let size = 1 + choices.pick(12);
        let got = Asking::new(&world).page(last(size, before.clone()));
        assert_eq!(got.page.has_next, before.is_some());
        let mut page = got.orders();
        page.append(&mut shown);
        shown = page;
        if !got.page.has_previous {
            break;
        }
        assert_eq!(got.orders().len(), size, "a page with another before it is full");
        before = Some(got.mark_with_gap(0, &mut choices));
    }
    assert_eq!(shown, expected);
}

/// Anywhere from cursors of any page before, in any direction, between any two of them, with and without a filter.
fn anywhere(tape: &[u16]) {
    let (mut of_world, mut choices) = Choices::in_turns(tape);
    let world = World::new(&mut of_world, Links::Chain);
    let (mut fields, mut bounds) = (Vec::new(), (None, None));
    if choices.pick(2) == 1 {
        let statuses = vec![Input::Text("RECEIVED".into()), Input::Text("COMPLETED".into())];
        fields.push(("statuses", Input::List(statuses)));
    }
    if choices.pick(3) == 1 {
        let (from, length) = (choices.pick(60), choices.pick(60));
        bounds = (Some(time(from)), Some(time(from + length)));
        fields.push(("placedFrom", Input::DateTime(time(from))));
        fields.push(("placedTo", Input::DateTime(time(from + length))));
    }
    let filter = OrderFilter::read(Some(&Input::Object(fields))).expect("a filter");
    let list: Vec<usize> = world
        .list()
        .into_iter()
        .filter(|(_, order)| !filter.is_selective() || order % 3 != 1)
        .filter(|(place, _)| bounds.0.is_none_or(|from| place.at() >= from))
        .filter(|(place, _)| bounds.1.is_none_or(|to| place.at() <= to))
        .map(|(_, order)| order)
        .collect();
    let mut cursors = Vec::new();
    for _ in 0..4 {
        let mut cursor = || match choices.pick(2) {
            0 => None,
            _ => cursors.get(choices.pick(cursors.len().max(1))).cloned(),
        };
        let (after, before) = (cursor(), cursor());
        let size = 1 + choices.pick(12);
        let is_last = choices.pick(2) == 1;
        let start = after.as_ref().map_or(0, |(place, _)| place + 1);
        let end = before.as_ref().map_or(list.len(), |(place, _)| *place);
        let slice = list.get(start..end).unwrap_or(&[]);
        let surplus = slice.len().saturating_sub(size);
        let (expected, at) = match is_last {
            false => (&slice[..slice.len() - surplus], start),
            true => (&slice[surplus..], start + surplus),
        };
        let window = Window {
            after: after.as_ref().map(|(_, mark)| mark).cloned(),
            before: before.as_ref().map(|(_, mark)| mark).cloned(),
            size,
            is_last,
        };
        let mut asking = Asking::new(&world);
        asking.filter = filter.clone();
        let got: Got = asking.page(window);
        assert_eq!(got.orders(), expected, "{size} of {slice:?}");
        let flags = match is_last {
            false => (surplus > 0, after.is_some()),
            true => (before.is_some(), surplus > 0),
        };
        assert_eq!((got.page.has_next, got.page.has_previous), flags);
        for edge in 0..expected.len() {
            cursors.push((at + edge, got.mark_with_gap(edge, &mut choices)));
        }
    }
}

#[test]
fn pages_forwards_are_the_list() {
    on_worlds("forwards", 420, 1_000, forwards);
}

#[test]
fn pages_backwards_are_the_list() {
    on_worlds("backwards", 420, 1_000, backwards);
}

#[test]
fn pages_from_anywhere_are_slices_of_the_list() {
    on_worlds("anywhere", 420, 1_000, anywhere);
}
