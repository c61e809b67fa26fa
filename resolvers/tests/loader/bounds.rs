//! What the loader keeps is bounded, and the unknown never pushes out the known.

use skuery_resolvers::loader::{Loader, Policy};

use crate::loader::fake::*;

fn kept(loader: &Loader<Fake>, keys: std::ops::Range<u32>) -> usize {
    keys.filter(|key| loader.peek(&g(), key, ANY).is_some()).count()
}

#[tokio::test(start_paused = true)]
async fn the_cache_is_bounded_by_bytes() {
    let loader = loader_weighing(
        10_000,
        1000,
        Policy {
            max_bytes: 1_000_000,
            ..policy()
        },
    );
    let keys: Vec<u32> = (0..10_000).collect();
    ask(&loader, &g(), &keys, ANY).await;
    let kept = kept(&loader, 0..10_000);
    // Eviction runs a little behind the writes.
    assert!((1..1_000).contains(&kept), "{kept} answers of 10 kB in 1 MB");
}

#[tokio::test(start_paused = true)]
async fn a_value_of_any_weight_is_answered() {
    let loader = loader_weighing(
        usize::MAX,
        1000,
        Policy {
            max_bytes: 1_000_000,
            ..policy()
        },
    );
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #0 live 0ms");
}

/// All products of a large category, say.
#[tokio::test(start_paused = true)]
async fn one_answer_may_be_most_of_the_cache() {
    let loader = loader_weighing(
        60 << 20,
        1000,
        Policy {
            max_bytes: 64 << 20,
            ..policy()
        },
    );
    ask_one(&loader, 1, ANY).await;
    ask_one(&loader, 1, ANY).await;
    assert_eq!(loader.source().count(), 1);
    ask_one(&loader, 2, ANY).await;
    assert_eq!(kept(&loader, 0..10), 1, "two do not fit");
}

#[tokio::test(start_paused = true)]
async fn a_cache_of_no_size_still_shares_calls() {
    let loader = loader_of(
        100,
        Policy {
            max_bytes: 0,
            max_negative: 0,
            ..policy()
        },
    );
    loader.source().takes(20);
    let first = start(&loader, &g(), &[1], ANY).await;
    let second = start(&loader, &g(), &[1], ANY).await;
    assert_eq!(first.await.unwrap(), second.await.unwrap());
    assert_eq!(loader.source().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_scan_over_invented_keys_pushes_no_answer_out() {
    let loader = loader_weighing(
        1_000,
        1000,
        Policy {
            max_bytes: 200_000,
            max_negative: 100,
            ..policy()
        },
    );
    let known: Vec<u32> = (0..100).collect();
    let invented: Vec<u32> = (1_000..50_000).collect();
    ask(&loader, &g(), &known, ANY).await;
    loader.source().mood().forgets_from = Some(1_000);
    let answers = ask(&loader, &g(), &invented, ANY).await;
    assert!(answers.iter().all(|answer| answer == "absent"));
    assert_eq!(kept(&loader, 0..100), 100);
    let remembered = kept(&loader, 1_000..50_000);
    assert!(
        remembered < 2_000,
        "{remembered} absences remembered where 100 are allowed"
    );
}
