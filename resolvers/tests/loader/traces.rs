//! What an asker that wants to know is told: how each key was answered, and which calls were made for it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use skuery_resolvers::loader::trace::{LookupRecord, LookupTrace};
use skuery_resolvers::loader::{Loader, Policy, Scoped, Want};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::loader::fake::*;

/// Asks as requests do, traced: `3 keys: 1 hit, 2 fetched, 2 batched; call of 2/2 20ms`. Counts of nothing are left out;
/// a call is told with its own keys among those it carried.
async fn told(loader: &Loader<Fake>, scoped: &Scoped<String>, keys: &[u32], want: Want) -> String {
    show(&trace(loader, scoped, keys, want, patient()).await.record())
}

async fn trace(
    loader: &Loader<Fake>,
    scoped: &Scoped<String>,
    keys: &[u32],
    want: Want,
    deadline: Instant,
) -> Arc<LookupTrace> {
    let trace = Arc::default();
    let is_missing = |key: &&u32| {
        loader
            .peek_traced(scoped, key, want, Instant::now(), Some(&trace))
            .is_none()
    };
    let missing: Vec<u32> = keys.iter().filter(is_missing).copied().collect();
    if !missing.is_empty() {
        loader
            .load_traced(scoped, &missing, want, deadline, Some(&trace))
            .await;
    }
    trace
}

/// Asks in a task of its own, traced, and returns when the question has been put.
async fn begin(loader: &Loader<Fake>, keys: &[u32]) -> JoinHandle<String> {
    let (loader, keys) = (loader.clone(), keys.to_vec());
    let asking = tokio::spawn(async move { told(&loader, &g(), &keys, ANY).await });
    settle().await;
    asking
}

fn show(record: &LookupRecord) -> String {
    let counts = [
        (record.hit, "hit"),
        (record.absent, "absent"),
        (record.stale, "stale"),
        (record.shared, "shared"),
        (record.fetched, "fetched"),
        (record.failed, "failed"),
        (record.batched, "batched"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, name)| format!("{count} {name}")).collect();
    let mut shown = format!("{} keys: {}", record.keys(), counts.join(", "));
    for call in &record.calls {
        shown += &format!("; call of {}/{}", call.own, call.keys);
        shown += &match &call.end {
            None => " under way".to_owned(),
            Some(end) => match end.failed {
                None => format!(" {}ms", end.took.as_millis()),
                Some(kind) => format!(" {} after {}ms", kind.as_str(), end.took.as_millis()),
            },
        };
    }
    shown
}

fn revalidating() -> Policy {
    Policy {
        stale_while_revalidate: ms(30_000),
        ..policy()
    }
}

#[tokio::test(start_paused = true)]
async fn keys_of_one_question_are_fetched_in_one_call() {
    let loader = loader_of(100, policy());
    loader.source().takes(20);
    assert_eq!(
        told(&loader, &g(), &[1, 2, 3], ANY).await,
        "3 keys: 3 fetched, 3 batched; call of 3/3 20ms"
    );
    assert_eq!(
        told(&loader, &g(), &[4], ANY).await,
        "1 keys: 1 fetched; call of 1/1 20ms"
    );
}

#[tokio::test(start_paused = true)]
async fn every_call_is_told_with_its_keys() {
    let loader = loader_of(2, policy());
    loader.source().takes(20);
    assert_eq!(
        told(&loader, &g(), &[1, 2, 3], ANY).await,
        "3 keys: 3 fetched, 2 batched; call of 2/2 20ms; call of 1/1 20ms"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_is_a_hit_and_a_kept_absence_is_one_too() {
    let loader = loader_of(100, policy());
    loader.source().mood().forgets = vec![2];
    ask(&loader, &g(), &[1, 2], ANY).await;
    assert_eq!(
        told(&loader, &g(), &[1, 2, 3], ANY).await,
        "3 keys: 2 hit, 1 absent, 1 fetched; call of 1/1 0ms"
    );
}

#[tokio::test(start_paused = true)]
async fn what_landed_since_the_peek_is_a_hit() {
    let loader = loader_of(100, policy());
    let trace: Arc<LookupTrace> = Arc::default();
    assert!(
        loader
            .peek_traced(&g(), &1, ANY, Instant::now(), Some(&trace))
            .is_none()
    );
    ask_one(&loader, 1, ANY).await;
    loader.load_traced(&g(), &[1], ANY, patient(), Some(&trace)).await;
    assert_eq!(show(&trace.record()), "1 keys: 1 hit");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_call_of_another_shares_it() {
    let loader = loader_of(100, policy());
    loader.source().takes(20);
    let first = begin(&loader, &[1, 2]).await;
    let second = begin(&loader, &[2, 3]).await;
    assert_eq!(
        first.await.unwrap(),
        "2 keys: 2 fetched, 2 batched; call of 2/2 20ms"
    );
    assert_eq!(
        second.await.unwrap(),
        "2 keys: 1 shared, 1 fetched; call of 1/1 20ms"
    );
}

#[tokio::test(start_paused = true)]
async fn keys_of_others_in_the_same_call_show_as_a_number() {
    let loader = loader_of(100, policy());
    loader.source().takes(20);
    let _under_way = start(&loader, &g(), &[1], ANY).await;
    let first = begin(&loader, &[2]).await;
    let untraced = start(&loader, &g(), &[3, 4], ANY).await;
    let second = begin(&loader, &[5, 6]).await;
    assert_eq!(
        first.await.unwrap(),
        "1 keys: 1 fetched, 1 batched; call of 1/5 20ms"
    );
    assert_eq!(
        second.await.unwrap(),
        "2 keys: 2 fetched, 2 batched; call of 2/5 20ms"
    );
    untraced.await.unwrap();
    assert_eq!(loader.source().keys(), [vec![1], vec![2, 3, 4, 5, 6]]);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_is_told_as_a_call_that_nobody_waited_for() {
    let loader = loader_of(100, revalidating());
    ask_one(&loader, 1, ANY).await;
    pass(60_000).await;
    loader.source().takes(20);
    let first = trace(&loader, &g(), &[1], ANY, patient()).await;
    let second = trace(&loader, &g(), &[1], ANY, patient()).await;
    assert_eq!(show(&first.record()), "1 keys: 1 stale; call of 1/1 under way");
    assert_eq!(show(&second.record()), "1 keys: 1 stale", "one refresh is enough");
    pass(20).await;
    assert_eq!(show(&first.record()), "1 keys: 1 stale; call of 1/1 20ms");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_stands_in_for_a_failed_call_is_stale() {
    let policy = Policy {
        stale_if_error: ms(60_000),
        ..policy()
    };
    let loader = loader_of(100, policy);
    ask_one(&loader, 1, ANY).await;
    pass(60_000).await;
    loader.source().then(Then::Fails);
    assert_eq!(
        told(&loader, &g(), &[1, 2], ANY).await,
        "2 keys: 1 stale, 1 failed, 2 batched; call of 2/2 unavailable after 0ms"
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_value_is_illegal_has_failed_and_its_call_has_not() {
    let loader = loader_of(100, policy());
    loader.source().mood().breaks = vec![2];
    assert_eq!(
        told(&loader, &g(), &[1, 2], ANY).await,
        "2 keys: 1 fetched, 1 failed, 2 batched; call of 2/2 0ms"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_outlives_the_request_is_under_way() {
    let loader = loader_of(100, policy());
    loader.source().takes(50);
    let trace = trace(&loader, &g(), &[1], ANY, Instant::now() + ms(10)).await;
    assert_eq!(show(&trace.record()), "1 keys: 1 failed; call of 1/1 under way");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_too_slow_or_panics_has_failed() {
    let loader = loader_of(100, policy());
    loader.source().then(Then::Hangs);
    assert_eq!(
        told(&loader, &g(), &[1], ANY).await,
        "1 keys: 1 failed; call of 1/1 timeout after 5000ms"
    );
    loader.source().then(Then::Panics);
    assert_eq!(
        told(&loader, &g(), &[2], ANY).await,
        "1 keys: 1 failed; call of 1/1 under way",
        "nobody could say how it ended"
    );
}

#[tokio::test(start_paused = true)]
async fn asking_to_be_told_changes_neither_answers_nor_counters() {
    let counted = |loader: &Loader<Fake>| {
        let counters = loader.counters();
        [
            &counters.hits,
            &counters.stale,
            &counters.shared,
            &counters.fetched,
        ]
        .map(|counter| counter.load(Ordering::Relaxed))
    };
    let (traced, untraced) = (loader_of(2, revalidating()), loader_of(2, revalidating()));
    for keys in [[1, 2, 3], [1, 4, 5], [2, 5, 6]] {
        told(&traced, &g(), &keys, ANY).await;
        ask(&untraced, &g(), &keys, ANY).await;
        tokio::time::advance(Duration::from_secs(35)).await;
    }
    settle().await;
    assert_eq!(counted(&traced), counted(&untraced));
    assert_eq!(traced.source().keys(), untraced.source().keys());
}
