//! What a cursor opens, and how much it carries.

use proptest::collection::vec;
use proptest::prelude::*;
use skuery_schema::input::{Args, Input};

use crate::commerce::cursor::Cursors;
use crate::commerce::orders::cursor::Mark;
use crate::commerce::orders::tests::driver::{Asking, Outage, first};
use crate::commerce::orders::tests::world::{Choices, Links, World, config};
use crate::commerce::orders::window::Window;

fn marks(outage: Outage, orders: usize) -> Vec<Mark> {
    // Three systems with a list each.
    let mut choices = Choices::new(&[2]);
    let mut world = World::new(&mut choices, Links::All);
    for order in 0..orders {
        // All on one day, each known to all three systems.
        let tape = [0, 0, 2, 1, 2, 2, 2, 0, 1, 2];
        world.place(&mut Choices::new(&tape), Links::All, order % 4);
    }
    let mut asking = Asking::new(&world);
    asking.outages[1] = outage;
    let got = asking.page(first(100, None));
    (0..got.page.edges.len()).map(|edge| got.mark(edge)).collect()
}

#[test]
fn a_cursor_opens_the_same_list_unchanged_only() {
    let cursors = Cursors::new(b"secret");
    let mark = &marks(Outage::Up, 5)[2];
    let cursor = cursors.seal("mine", &mark.write());
    let open = |cursors: &Cursors, question: &str, cursor: &str| Mark::read(&cursors.open(question, cursor)?);
    assert_eq!(open(&cursors, "mine", &cursor).as_ref(), Some(mark));
    assert_eq!(open(&cursors, "another customer's", &cursor), None);
    assert_eq!(open(&Cursors::new(b"other"), "mine", &cursor), None);
    assert_eq!(open(&cursors, "mine", ""), None);
    assert_eq!(cursors.decode("mine", &cursor), None, "not a cursor of products");
    let counted = cursors.encode("mine", 3);
    assert_eq!(open(&cursors, "mine", &counted), None, "nor the other way round");
    for index in 0..cursor.len() {
        let mut changed = cursor.clone().into_bytes();
        changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        assert_eq!(open(&cursors, "mine", &changed), None, "changed at {index}");
    }
}

#[test]
fn cursors_are_short_while_everybody_answers_and_bounded_when_not() {
    let longest = |outage| {
        let marks = marks(outage, 300);
        assert_eq!(marks.len(), 100);
        marks
            .iter()
            .map(|mark| mark.write().len())
            .max()
            .expect("a cursor")
    };
    let (usual, degraded) = (longest(Outage::Up), longest(Outage::Down));
    assert!(usual < 4_500, "{usual} bytes");
    assert!(degraded < 6_500, "{degraded} bytes");
}

#[test]
fn windows_follow_the_relay_specification_and_refuse_the_rest() {
    let mark = marks(Outage::Up, 1).remove(0);
    let read = |args: [Option<Input>; 5]| {
        let open = |cursor: &str| (cursor == "good").then(|| mark.clone());
        Window::read(&Args(args.to_vec()), 1, 100, open)
    };
    let (int, text) = (|n| Some(Input::Int(n)), |t: &str| Some(Input::Text(t.into())));
    let window = read([None, None, None, None, None]).expect("a window");
    assert_eq!((window.size, window.is_last), (20, false));
    let window = read([None, None, None, int(100), text("good")]).expect("a window");
    assert_eq!(
        (window.size, window.is_last, window.before.is_some()),
        (100, true, true)
    );
    let refused = |args, name: &str| {
        let error = read(args).expect_err("refused");
        assert!(
            error.message.starts_with(&format!("{name}:")),
            "{}",
            error.message
        );
    };
    refused([None, int(0), None, None, None], "first");
    refused([None, int(101), None, None, None], "first");
    refused([None, None, None, int(-1), None], "last");
    refused([None, int(1), None, int(1), None], "last");
    refused([None, None, text("bad"), None, None], "after");
    refused([None, None, None, None, text("")], "before");
}

proptest! {
    #![proptest_config(config(2_000))]

    /// The signature keeps such bytes out; should one ever slip through, it is refused like any other.
    #[test]
    fn odd_bytes_are_no_cursor(bytes in vec(any::<u8>(), 0..200), cut in 0_usize..400) {
        if let Some(mark) = Mark::read(&bytes) {
            prop_assert_eq!(Mark::read(&mark.write()), Some(mark));
        }
        let whole = marks(Outage::Up, 2)[1].write();
        if cut < whole.len() {
            prop_assert_eq!(Mark::read(&whole[..cut]), None);
        }
    }
}
