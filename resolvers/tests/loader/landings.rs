//! Calls for one key that land at once on several threads: what is kept is what the newest of them said, be it an answer
//! or an absence. Here time is real, as threads are.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use skuery_resolvers::loader::{Loader, Policy, Source, Want};
use skuery_resolvers::port::{self, ByKey, Call};
use skuery_schema::ids::SystemName;
use tokio::time::Instant;

use crate::loader::fake::{g, ms, policy};

const KEYS: u32 = 4;
const CALL_TIMEOUT: Duration = Duration::from_secs(20);

/// Knows a key in some calls and not in others, and remembers the newest call for each key.
struct Fickle {
    system: SystemName,
    calls: AtomicU64,
    newest: Mutex<HashMap<u32, (Instant, bool)>>,
}

impl Source for Fickle {
    type Group = String;
    type Key = u32;
    type Value = ();

    fn system(&self) -> &SystemName {
        &self.system
    }

    fn operation(&self) -> &'static str {
        "tests"
    }

    fn max_keys(&self) -> usize {
        1
    }

    fn fetch<'a>(&'a self, call: Call, _: &'a String, keys: &'a [u32]) -> port::Answer<'a, ByKey<u32, ()>> {
        // What the loader takes as the age of the answer.
        let began = call.deadline - CALL_TIMEOUT;
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            tokio::time::sleep(ms(number % 3)).await;
            let is_known = number.is_multiple_of(2);
            let mut newest = self.newest.lock().unwrap();
            for key in keys {
                let newest = newest.entry(*key).or_insert((began, is_known));
                if began >= newest.0 {
                    *newest = (began, is_known);
                }
            }
            drop(newest);
            let known = keys.iter().filter(|_| is_known);
            Ok(known.map(|key| (*key, Ok(()))).collect())
        })
    }

    fn weight(&self, (): &()) -> usize {
        1
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_calls_that_land_at_once_the_newest_is_kept() {
    const LIVE: Want = Want {
        max_age: Some(Duration::ZERO),
    };
    for _ in 0..40 {
        let source = Fickle {
            system: SystemName::new("fickle"),
            calls: AtomicU64::new(0),
            newest: Mutex::default(),
        };
        let policy = Policy {
            call_timeout: CALL_TIMEOUT,
            batch_window: ms(0),
            ..policy()
        };
        let loader = Loader::new(source, policy);
        let ask = |_| {
            let loader = loader.clone();
            tokio::spawn(async move {
                for key in (0..KEYS).cycle().take(20) {
                    let outcome = loader
                        .load(&g(), &[key], LIVE, Instant::now() + CALL_TIMEOUT)
                        .await;
                    assert!(outcome[0].is_ok());
                }
            })
        };
        let askers: Vec<_> = (0..16).map(ask).collect();
        for asker in askers {
            asker.await.unwrap();
        }
        let newest = loader.source().newest.lock().unwrap();
        for (key, (began, is_known)) in &*newest {
            let kept = loader.peek(&g(), key, Want::default()).unwrap().unwrap();
            assert_eq!(kept.as_ref().map(|kept| kept.fetched), is_known.then_some(*began));
        }
    }
}
