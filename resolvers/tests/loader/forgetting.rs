//! What has changed is asked again: no answer of a call that began before is served or kept, whatever is under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use skuery_resolvers::loader::{Loader, Policy, Scope, Scoped, Source};
use skuery_resolvers::port::{self, ByKey, Call};
use skuery_schema::ids::{CompanyNumber, SystemName};

use crate::loader::fake::*;

#[tokio::test(start_paused = true)]
async fn a_forgotten_key_is_asked_again_in_every_scope_and_group() {
    let loader = loader_of(1000, policy());
    let places = [public("g"), public("h"), listed("gold", "g")];
    for place in &places {
        ask(&loader, place, &[1], ANY).await;
    }
    loader.forget(&[1]);
    for (number, place) in places.iter().enumerate() {
        let answer = ask(&loader, place, &[1], ANY).await.remove(0);
        assert!(answer.contains(&format!("#{}", 3 + number)), "{answer}");
        let again = ask(&loader, place, &[1], ANY).await.remove(0);
        assert!(
            again.contains(&format!("#{} cached", 3 + number)),
            "and then kept: {again}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn other_keys_stay() {
    let loader = loader_of(1000, policy());
    let keys: Vec<u32> = (0..200).collect();
    ask(&loader, &g(), &keys, ANY).await;
    loader.forget(&[7, 8]);
    let kept = keys.iter().filter(|key| loader.peek(&g(), key, ANY).is_some());
    let kept: Vec<&u32> = kept.collect();
    assert!(!kept.contains(&&7) && !kept.contains(&&8));
    assert!(
        kept.len() >= 190,
        "keys that share a slot are few, and {} stayed",
        kept.len()
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_under_way_is_given_to_who_waits_but_not_kept() {
    let loader = loader_of(100, policy());
    loader.source().takes(50);
    let waiting = start(&loader, &g(), &[1], ANY).await;
    pass(20).await;
    loader.forget(&[1]);
    assert_eq!(
        waiting.await.unwrap(),
        ["g/1 #0 live 50ms"],
        "with the age it has"
    );
    assert!(loader.peek(&g(), &1, ANY).is_none());
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #1 live 50ms");
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #1 cached 50ms");
}

#[tokio::test(start_paused = true)]
async fn who_asks_afterwards_does_not_share_the_call_that_left_before() {
    let loader = loader_of(100, policy());
    loader.source().takes(50);
    let before = start(&loader, &g(), &[1], ANY).await;
    loader.forget(&[1]);
    let after = start(&loader, &g(), &[1], ANY).await;
    let also_after = start(&loader, &g(), &[1], ANY).await;
    assert_eq!(before.await.unwrap(), ["g/1 #0 live 50ms"]);
    assert!(after.await.unwrap()[0].starts_with("g/1 #1 live"));
    assert!(
        also_after.await.unwrap()[0].starts_with("g/1 #1 live"),
        "those share theirs"
    );
    assert_eq!(loader.source().count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_still_waits_for_company_leaves_afterwards_and_is_kept() {
    let loader = loader_of(100, policy());
    loader.source().takes(50);
    let first = start(&loader, &g(), &[1], ANY).await;
    let waiting = start(&loader, &g(), &[2], ANY).await;
    assert_eq!(loader.source().count(), 1, "the second waits in its window");
    loader.forget(&[2]);
    first.await.unwrap();
    waiting.await.unwrap();
    assert!(ask_one(&loader, 2, ANY).await.starts_with("g/2 #1 cached"));
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_from_before_takes_no_place_of_a_newer_one() {
    let loader = loader_of(100, policy());
    loader.source().takes(500);
    let slow = start(&loader, &g(), &[1], ANY).await;
    loader.forget(&[1]);
    loader.source().takes(10);
    let quick = start(&loader, &g(), &[1], ANY).await;
    assert!(quick.await.unwrap()[0].starts_with("g/1 #1 live"));
    slow.await.unwrap();
    assert!(ask_one(&loader, 1, ANY).await.starts_with("g/1 #1 cached"));
}

#[tokio::test(start_paused = true)]
async fn an_absence_is_forgotten_too() {
    let loader = loader_of(100, policy());
    loader.source().mood().forgets = vec![1];
    assert_eq!(ask_one(&loader, 1, ANY).await, "absent");
    loader.source().mood().forgets.clear();
    assert_eq!(ask_one(&loader, 1, ANY).await, "absent", "it is remembered");
    loader.forget(&[1]);
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #1 live 0ms");
}

#[tokio::test(start_paused = true)]
async fn an_absence_under_way_is_not_kept() {
    let loader = loader_of(100, policy());
    loader.source().mood().forgets = vec![1];
    loader.source().takes(50);
    let waiting = start(&loader, &g(), &[1], ANY).await;
    loader.forget(&[1]);
    loader.source().mood().forgets.clear();
    assert_eq!(waiting.await.unwrap(), ["absent"]);
    assert!(ask_one(&loader, 1, ANY).await.starts_with("g/1 #1 live"));
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_answer_is_not_served_stale_either() {
    let hour = Duration::from_secs(3600);
    let loader = loader_of(
        100,
        Policy {
            fresh: ms(10),
            stale_while_revalidate: hour,
            stale_if_error: hour,
            ..policy()
        },
    );
    ask(&loader, &g(), &[1, 2], ANY).await;
    pass(20).await;
    loader.source().then(Then::Fails);
    assert_eq!(ask_one(&loader, 2, ANY).await, "g/2 #0 stale 20ms");
    loader.forget(&[1]);
    assert_eq!(ask_one(&loader, 1, ANY).await, "unavailable");
}

fn customer(number: u32) -> Scoped<String> {
    listed(&format!("list-{number}"), "g")
}

fn company(number: &str) -> Scoped<String> {
    Scoped::new(Scope::Company(CompanyNumber::new(number)), "g".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_scope_is_forgotten_with_all_its_keys_and_others_stay() {
    let loader = loader_of(100, policy());
    for number in 0..100 {
        ask(&loader, &customer(number), &[1, 2], ANY).await;
    }
    loader.forget_scope(customer(5).scope());
    assert!(loader.peek(&customer(5), &1, ANY).is_none());
    assert!(loader.peek(&customer(5), &2, ANY).is_none());
    let kept = (0..100).filter(|number| loader.peek(&customer(*number), &1, ANY).is_some());
    let kept = kept.count();
    assert!((90..100).contains(&kept), "{kept} of 99 others stayed");
}

#[tokio::test(start_paused = true)]
async fn companies_are_forgotten_together_and_nobody_else() {
    let loader = loader_of(100, policy());
    for place in [company("A"), company("B"), customer(1), g()] {
        ask(&loader, &place, &[1], ANY).await;
    }
    loader.forget_companies();
    let kept = |place: Scoped<String>| loader.peek(&place, &1, ANY).is_some();
    assert!(!kept(company("A")) && !kept(company("B")));
    assert!(kept(customer(1)) && kept(g()));
}

/// A figure that changes behind the loader's back.
struct Changing(SystemName, Arc<AtomicU64>);

impl Source for Changing {
    type Group = ();
    type Key = u32;
    type Value = u64;

    fn system(&self) -> &SystemName {
        &self.0
    }

    fn operation(&self) -> &'static str {
        "tests"
    }

    fn max_keys(&self) -> usize {
        10
    }

    fn fetch<'a>(&'a self, _: Call, (): &'a (), keys: &'a [u32]) -> port::Answer<'a, ByKey<u32, u64>> {
        Box::pin(async move {
            let seen = self.1.load(Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok(keys.iter().map(|key| (*key, Ok(seen))).collect())
        })
    }

    fn weight(&self, _: &u64) -> usize {
        8
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_changes_and_forgets_never_reads_what_was_before() {
    let figure = Arc::new(AtomicU64::new(0));
    let loader = Loader::new(Changing(SystemName::new("fake"), figure.clone()), policy());
    let public = || Scoped::new(Scope::Public, ());
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let loader = loader.clone();
            tokio::spawn(async move {
                loop {
                    loader.load(&public(), &[1], ANY, patient()).await;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let mut kept = 0;
    for change in 1..=2_000 {
        figure.store(change, Ordering::SeqCst);
        loader.forget(&[1]);
        let read = || async {
            let outcome = match loader.peek(&public(), &1, ANY) {
                Some(outcome) => outcome,
                None => loader.load(&public(), &[1], ANY, patient()).await.remove(0),
            };
            outcome.unwrap().unwrap().value
        };
        assert_eq!(read().await, change);
        assert_eq!(read().await, change);
        kept += usize::from(loader.peek(&public(), &1, ANY).is_some());
    }
    readers.iter().for_each(|reader| reader.abort());
    assert!(
        kept > 1_000,
        "what is read afterwards is kept: {kept} of 2000 times"
    );
}
