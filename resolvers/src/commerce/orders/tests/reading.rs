//! How much is asked for a page, and what happens at the bounds.

use crate::commerce::orders::filter::OrderFilter;
use crate::commerce::orders::merge::Merge;
use crate::commerce::orders::tests::driver::{Asking, Got, Outage, first, last, merged};
use crate::commerce::orders::tests::world::{Choices, Links, WINDOW, World};
use crate::port::orders::Which;

/// `orders` orders of the first of `systems` systems, 5 days apart.
fn world(systems: u16, orders: usize) -> World {
    let mut tape = vec![systems - 1];
    tape.extend(vec![0; usize::from(systems) * 2 + usize::from(systems)]);
    let mut choices = Choices::new(&tape);
    let mut world = World::new(&mut choices, Links::All);
    for order in 0..orders {
        world.place(&mut choices, Links::All, order * 20);
    }
    assert_eq!(world.sources.len(), usize::from(systems));
    world
}

fn page(world: &World, size: usize, from: Option<&Got>) -> Got {
    let after = from.map(|got| got.mark(got.page.edges.len() - 1));
    Asking::new(world).page(first(size, after))
}

#[test]
fn ordinary_pages_need_one_wave() {
    for systems in [1, 3] {
        let world = world(systems, 60);
        let one = page(&world, 20, None);
        let two = page(&world, 20, Some(&one));
        let three = page(&world, 20, Some(&two));
        assert_eq!(
            (one.waves, two.waves, three.waves),
            (1, 1, 1),
            "{systems} systems"
        );
        assert!(!three.page.has_next);
        let before = Some(two.mark(0));
        let back = Asking::new(&world).page(last(20, before));
        assert_eq!(back.orders(), one.orders());
        assert_eq!(back.waves, 1, "{systems} systems, backwards");
    }
}

#[test]
fn a_source_that_may_not_be_read_further_is_named_and_the_next_page_goes_on() {
    let world = world(2, 60);
    let mut asking = Asking::new(&world);
    asking.left = vec![25, 25];
    let got = asking.page(first(40, None));
    assert_eq!(got.page.cut, [Some(25), None], "the second list is empty");
    assert!(got.page.has_next);
    let shown = got.orders();
    assert_eq!(shown, (60 - shown.len()..60).rev().collect::<Vec<_>>());
    assert!(shown.len() > 20, "all but the last few, which could have copies");
    let next = page(&world, 30, Some(&got));
    assert_eq!(
        next.orders(),
        (60 - shown.len() - 30..60 - shown.len())
            .rev()
            .collect::<Vec<_>>()
    );
    assert_eq!(next.page.cut, [None, None]);
}

#[test]
fn a_request_that_has_read_its_orders_asks_no_more() {
    let world = world(2, 10);
    let mut merge = Merge::new(merged(&world, OrderFilter::default(), WINDOW), first(5, None));
    assert!(merge.questions(&mut [0, 0]).is_empty());
    let page = merge.page();
    assert!(page.edges.is_empty());
    assert_eq!(page.cut[0], Some(0));
}

#[test]
fn what_was_not_there_to_read_may_still_be_read() {
    let world = world(2, 3);
    let mut left = vec![100, 100];
    let mut merge = Merge::new(merged(&world, OrderFilter::default(), WINDOW), first(5, None));
    for (source, which) in merge.questions(&mut left) {
        let page = world.answer(source, &which);
        merge.take(source, Ok(Some(&page)), &mut left);
    }
    assert_eq!(left, [97, 100]);
}

#[test]
fn only_sources_that_hide_something_are_asked_again() {
    let mut world = world(2, 200);
    // The second system has one old order only.
    let mut choices = Choices::new(&[1]);
    world.place(&mut choices, Links::All, 0);
    let mut left = vec![1_000, 1_000];
    let mut merge = Merge::new(merged(&world, OrderFilter::default(), WINDOW), first(100, None));
    let mut asked = Vec::new();
    loop {
        let questions = merge.questions(&mut left);
        if questions.is_empty() {
            break;
        }
        for (source, which) in questions {
            let Which::Placed { limit, .. } = &which else {
                panic!("a stretch");
            };
            asked.push((source, *limit));
            let mut page = world.answer(source, &which);
            if source == 0 {
                // Short pages that are full all the same.
                page.orders.truncate(40);
                page.seen = if page.orders.len() == 40 {
                    *limit
                } else {
                    page.seen
                };
            }
            merge.take(source, Ok(Some(&page)), &mut left);
        }
    }
    assert_eq!(asked[..2], [(0, 110), (1, 110)]);
    assert!(asked[2..].iter().all(|(source, _)| *source == 0), "{asked:?}");
    assert!(asked.len() > 2, "{asked:?}");
}

#[test]
fn a_page_without_any_answer_is_empty_and_has_no_other() {
    let world = world(3, 10);
    for is_last in [false, true] {
        let mut asking = Asking::new(&world);
        asking.outages = vec![Outage::Down; 3];
        let mut window = first(5, None);
        window.is_last = is_last;
        let got = asking.page(window);
        assert!(got.page.edges.is_empty());
        assert!((0..3).all(|source| got.failed(source)));
        assert!(!got.page.has_next && !got.page.has_previous);
    }
}
