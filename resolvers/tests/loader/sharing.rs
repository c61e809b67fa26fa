//! Equal questions are asked once, and nobody who leaves takes the answer away from the others.

use std::sync::atomic::Ordering;

use futures_util::future::join_all;
use skuery_resolvers::loader::Loader;

use crate::loader::fake::*;

#[tokio::test(start_paused = true)]
async fn asks_once_for_a_thousand_equal_requests_on_a_cold_cache() {
    let loader = loader_of(100, policy());
    loader.source().takes(20);
    let asking = (0..1000).map(|_| ask_one(&loader, 1, ANY));
    let answers = join_all(asking).await;
    assert!(answers.iter().all(|answer| answer == "g/1 #0 live 20ms"));
    assert_eq!(loader.source().keys(), [[1]]);
    let counters = loader.counters();
    assert_eq!(counters.fetched.load(Ordering::Relaxed), 1);
    assert_eq!(counters.shared.load(Ordering::Relaxed), 999);
}

#[test]
fn asks_once_for_a_thousand_equal_requests_on_several_threads() {
    for _ in 0..20 {
        let threads = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(4)
            .enable_time()
            .build()
            .unwrap();
        let loader = threads.block_on(async {
            let loader = loader_of(100, policy());
            let tasks = (0..1000).map(|_| {
                let loader = loader.clone();
                tokio::spawn(async move { ask_one(&loader, 1, ANY).await })
            });
            for answer in join_all(tasks.collect::<Vec<_>>()).await {
                assert!(answer.unwrap().starts_with("g/1 #0"));
            }
            loader
        });
        assert_eq!(loader.source().keys(), [[1]]);
    }
}

#[tokio::test(start_paused = true)]
async fn asks_for_keys_under_way_only_once() {
    let loader = loader_of(100, policy());
    loader.source().takes(20);
    let first = start(&loader, &g(), &[1, 2], ANY).await;
    let second = start(&loader, &g(), &[2, 3], ANY).await;
    assert_eq!(first.await.unwrap(), ["g/1 #0 live 20ms", "g/2 #0 live 20ms"]);
    assert_eq!(second.await.unwrap()[0], "g/2 #0 live 25ms");
    assert_eq!(loader.source().keys(), [vec![1, 2], vec![3]]);
}

#[tokio::test(start_paused = true)]
async fn answers_in_the_order_of_the_question_and_repeated_keys_too() {
    let loader = loader_of(100, policy());
    let answers = ask(&loader, &g(), &[3, 1, 3, 2], ANY).await;
    let keys: Vec<_> = answers.iter().map(|answer| &answer[..3]).collect();
    assert_eq!(keys, ["g/3", "g/1", "g/3", "g/2"]);
    assert_eq!(loader.source().keys(), [[3, 1, 2]]);
    assert!(ask(&loader, &g(), &[], ANY).await.is_empty());
    assert_eq!(loader.source().count(), 1, "no keys, no call");
}

#[tokio::test(start_paused = true)]
async fn takes_the_answer_of_a_call_that_landed_since_the_asker_looked() {
    let loader = loader_of(100, policy());
    assert!(loader.peek(&g(), &1, ANY).is_none());
    ask_one(&loader, 1, ANY).await;
    let late = loader.load(&g(), &[1], ANY, patient()).await;
    assert_eq!(show(&late[0]), "g/1 #0 cached 0ms");
    assert_eq!(loader.source().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_leaves_disturbs_nobody() {
    let loader = loader_of(100, policy());
    loader.source().takes(20);
    let first = start(&loader, &g(), &[1], ANY).await;
    let second = start(&loader, &g(), &[1], ANY).await;
    first.abort();
    assert_eq!(second.await.unwrap(), ["g/1 #0 live 20ms"]);
    assert_eq!(loader.source().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn keeps_an_answer_that_nobody_waits_for_any_more() {
    let loader = loader_of(100, policy());
    loader.source().takes(20);
    start(&loader, &g(), &[1], ANY).await.abort();
    start(&loader, &g(), &[2], ANY).await.abort();
    pass(100).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #0 cached 100ms");
    assert_eq!(
        ask_one(&loader, 2, ANY).await,
        "g/2 #1 cached 95ms",
        "even when it still waited for company"
    );
    assert_eq!(loader.source().count(), 2);
}

#[tokio::test(start_paused = true)]
async fn each_waiter_waits_until_its_own_deadline_and_the_late_answer_is_kept() {
    let loader = loader_of(100, policy());
    loader.source().takes(100);
    let hasty = by_deadline(&loader, 30);
    let patient = by_deadline(&loader, 500);
    let ((hasty, left), (patient, _)) = tokio::join!(hasty, patient);
    assert_eq!((hasty.as_str(), left), ("timeout", 30));
    assert_eq!(patient, "g/1 #0 live 100ms");
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #0 cached 100ms");
    assert_eq!(loader.source().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn keys_that_arrived_in_time_are_answered_when_others_are_late() {
    let loader = loader_of(100, policy());
    let until = tokio::time::Instant::now() + ms(50);
    loader.source().takes(20);
    let quick = start(&loader, &g(), &[1], ANY).await;
    loader.source().takes(500);
    let outcomes = loader.load(&g(), &[1, 2], ANY, until).await;
    let shown: Vec<_> = outcomes.iter().map(show).collect();
    assert_eq!(shown, ["g/1 #0 live 50ms", "timeout"]);
    quick.await.unwrap();
}

async fn by_deadline(loader: &Loader<Fake>, millis: u64) -> (String, u128) {
    let start = tokio::time::Instant::now();
    let outcomes = loader.load(&g(), &[1], ANY, start + ms(millis)).await;
    (show(&outcomes[0]), start.elapsed().as_millis())
}
