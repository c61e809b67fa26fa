//! Promises of polling, over a source that counts its calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use skuery_schema::ids::SystemName;
use tokio::time::{advance, sleep, timeout};

use super::*;
use crate::error::{ErrorKind, LookupError};
use crate::loader::{Policy, Scope};
use crate::port::{Answer, ByKey, Call, Priority};

const LEAST: Duration = Duration::from_secs(4);
const MOST: Duration = Duration::from_secs(32);

#[derive(Default)]
struct Shelf {
    figures: HashMap<&'static str, i32>,
    is_down: bool,
    calls: Vec<(Priority, Vec<&'static str>)>,
}

struct Shelves {
    system: SystemName,
    shelf: Arc<Mutex<Shelf>>,
}

impl Source for Shelves {
    type Group = ();
    type Key = &'static str;
    type Value = i32;

    fn system(&self) -> &SystemName {
        &self.system
    }
    fn operation(&self) -> &'static str {
        "stock"
    }
    fn max_keys(&self) -> usize {
        100
    }
    fn weight(&self, _: &i32) -> usize {
        4
    }
    fn fetch<'a>(
        &'a self,
        call: Call,
        _: &'a (),
        keys: &'a [&'static str],
    ) -> Answer<'a, ByKey<&'static str, i32>> {
        let mut shelf = self.shelf.lock().expect("a lock");
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        shelf.calls.push((call.priority, sorted));
        let answer = match shelf.is_down {
            true => Err(LookupError::new(
                ErrorKind::Unavailable,
                &self.system,
                "stock",
                "down",
            )),
            false => {
                let found = keys
                    .iter()
                    .filter_map(|key| Some((*key, Ok(*shelf.figures.get(key)?))));
                Ok(found.collect())
            }
        };
        Box::pin(async move { answer })
    }
}

struct Shop {
    shelf: Arc<Mutex<Shelf>>,
    watch: Watch<Shelves>,
}

impl Shop {
    fn new(keys: usize) -> Self {
        let shelf: Arc<Mutex<Shelf>> = Arc::default();
        let source = Shelves {
            system: SystemName::from("wms"),
            shelf: shelf.clone(),
        };
        let policy = Policy {
            fresh: Duration::from_secs(1),
            stale_while_revalidate: Duration::ZERO,
            stale_if_error: Duration::ZERO,
            negative: Duration::ZERO,
            jitter_percent: 0,
            max_bytes: 1_000_000,
            max_negative: 100,
            call_timeout: Duration::from_secs(1),
            batch_window: Duration::from_millis(1),
        };
        let pace = Pace {
            least: LEAST,
            most: MOST,
            keys,
        };
        Self {
            shelf,
            watch: Watch::new(Loader::new(source, policy), pace),
        }
    }

    fn set(&self, key: &'static str, figure: i32) {
        self.shelf.lock().expect("a lock").figures.insert(key, figure);
    }

    fn add(
        &self,
        key: &'static str,
        mailbox: &Arc<Mailbox>,
        slot: usize,
    ) -> Result<Watching<Shelves>, TooMany> {
        let since = self.watch.differences();
        self.watch
            .add(&(Scoped::new(Scope::Public, ()), key), mailbox, slot, since)
    }

    fn calls(&self) -> usize {
        self.shelf.lock().expect("a lock").calls.len()
    }
}

/// One that has been told everything.
async fn reader(slots: usize) -> Arc<Mailbox> {
    let mailbox = Arc::new(Mailbox::full(slots));
    for _ in 0..slots {
        mailbox.take().await;
    }
    mailbox
}

async fn next(mailbox: &Mailbox) -> Option<usize> {
    timeout(2 * MOST, mailbox.take()).await.ok()
}

#[tokio::test(start_paused = true)]
async fn all_who_watch_share_one_call_that_waits_behind_queries() {
    let shop = Shop::new(100);
    shop.set("a", 1);
    shop.set("b", 2);
    let (one, other) = (reader(2).await, reader(1).await);
    let _watching = [
        shop.add("a", &one, 0),
        shop.add("b", &one, 1),
        shop.add("a", &other, 0),
    ];
    sleep(LEAST + LEAST / 2).await;
    let shelf = shop.shelf.lock().expect("a lock");
    assert_eq!(shelf.calls, [(Priority::Background, vec!["a", "b"])]);
}

#[tokio::test(start_paused = true)]
async fn a_difference_wakes_those_who_watch_it_and_nobody_else() {
    let shop = Shop::new(100);
    shop.set("a", 1);
    shop.set("b", 2);
    let (of_a, of_b) = (reader(1).await, reader(1).await);
    let _watching = [shop.add("a", &of_a, 0), shop.add("b", &of_b, 0)];
    // Before the first answer there is none to compare with.
    assert_eq!((next(&of_a).await, next(&of_b).await), (Some(0), Some(0)));
    shop.set("a", 5);
    assert_eq!(next(&of_a).await, Some(0));
    assert_eq!(next(&of_b).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_a_difference_and_so_is_its_end() {
    let shop = Shop::new(100);
    shop.set("a", 1);
    let mailbox = reader(1).await;
    let _watching = shop.add("a", &mailbox, 0);
    assert_eq!(next(&mailbox).await, Some(0));
    shop.shelf.lock().expect("a lock").is_down = true;
    assert_eq!(next(&mailbox).await, Some(0));
    assert_eq!(next(&mailbox).await, None, "still down");
    shop.shelf.lock().expect("a lock").is_down = false;
    assert_eq!(next(&mailbox).await, Some(0));
}

#[tokio::test(start_paused = true)]
async fn what_differed_after_the_reader_looked_is_told_at_once() {
    let shop = Shop::new(100);
    shop.set("a", 1);
    let first = reader(1).await;
    let _watching = shop.add("a", &first, 0);
    let since = shop.watch.differences();
    assert_eq!(next(&first).await, Some(0), "the poller has seen a difference");
    let late = reader(1).await;
    let on = (Scoped::new(Scope::Public, ()), "a");
    let _late = shop.watch.add(&on, &late, 0, since);
    assert_eq!(timeout(Duration::ZERO, late.take()).await, Ok(0));
}

#[tokio::test(start_paused = true)]
async fn what_does_not_move_is_asked_for_less_and_less_often() {
    let shop = Shop::new(100);
    shop.set("a", 1);
    let mailbox = reader(1).await;
    let _watching = shop.add("a", &mailbox, 0);
    sleep(20 * MOST).await;
    let still = shop.calls();
    assert!(
        (20..30).contains(&still),
        "{still} calls in twenty of the longest pauses"
    );
    shop.watch.hurry(&["a"]);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(shop.calls(), still + 1, "who knows that it moves can hurry");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_once_nobody_watches() {
    let shop = Shop::new(100);
    shop.set("a", 1);
    let mailbox = reader(2).await;
    let one = shop.add("a", &mailbox, 0);
    let other = shop.add("a", &mailbox, 1);
    drop(one);
    assert_eq!(shop.watch.keys(), 1);
    drop(other);
    assert_eq!(shop.watch.keys(), 0);
    advance(10 * MOST).await;
    sleep(MOST).await;
    assert_eq!(shop.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn more_keys_than_allowed_are_refused_and_those_that_are_watched_are_not() {
    let shop = Shop::new(1);
    let mailbox = reader(3).await;
    let _first = shop.add("a", &mailbox, 0);
    assert_eq!(shop.add("b", &mailbox, 1).err(), Some(TooMany { allowed: 1 }));
    assert!(shop.add("a", &mailbox, 2).is_ok());
}

#[tokio::test]
async fn a_slow_reader_finds_each_slot_once() {
    let mailbox = Mailbox::full(2);
    for _ in 0..1_000 {
        mailbox.post(1);
        mailbox.post(0);
    }
    assert_eq!((mailbox.take().await, mailbox.take().await), (0, 1));
    assert!(timeout(Duration::ZERO, mailbox.take()).await.is_err());
}
