//! How old an answer may be: the policy's times, the asker's max age, the source's shortening, jitter.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use skuery_resolvers::loader::Policy;

use crate::loader::fake::*;

#[tokio::test(start_paused = true)]
async fn an_answer_is_served_until_its_time_is_up() {
    let loader = loader_of(100, policy());
    ask_one(&loader, 1, ANY).await;
    pass(59_999).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #0 cached 59999ms");
    pass(1).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #1 live 0ms");
    assert_eq!(loader.counters().hits.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn an_age_counts_from_the_calls_start() {
    let loader = loader_of(100, policy());
    loader.source().takes(3_000);
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #0 live 3000ms");
    pass(56_999).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #0 cached 59999ms");
    pass(1).await;
    assert!(loader.peek(&g(), &1, ANY).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_max_age_is_honoured_to_the_millisecond() {
    let loader = loader_of(100, policy());
    ask_one(&loader, 1, ANY).await;
    pass(100).await;
    assert_eq!(ask_one(&loader, 1, within(100)).await, "g/1 #0 cached 100ms");
    assert_eq!(ask_one(&loader, 1, within(99)).await, "g/1 #1 live 0ms");
    assert_eq!(
        ask_one(&loader, 1, ANY).await,
        "g/1 #1 cached 0ms",
        "and the others profit"
    );
}

#[tokio::test(start_paused = true)]
async fn a_generous_max_age_does_not_stretch_the_policy() {
    let loader = loader_of(
        100,
        Policy {
            stale_while_revalidate: ms(30_000),
            ..policy()
        },
    );
    ask_one(&loader, 1, ANY).await;
    pass(60_000).await;
    assert_eq!(ask_one(&loader, 1, within(3_600_000)).await, "g/1 #1 live 0ms");
}

#[tokio::test(start_paused = true)]
async fn a_max_age_of_zero_asks_the_system_each_time() {
    let loader = loader_of(100, policy());
    for call in 0..3 {
        assert_eq!(ask_one(&loader, 1, NOW).await, format!("g/1 #{call} live 0ms"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_max_age_of_zero_never_joins_a_call_that_left_before() {
    let loader = loader_of(100, policy());
    loader.source().takes(50);
    let first = start(&loader, &g(), &[1], ANY).await;
    let second = start(&loader, &g(), &[1], NOW).await;
    let third = start(&loader, &g(), &[1], NOW).await;
    assert_eq!(first.await.unwrap(), ["g/1 #0 live 50ms"]);
    assert_eq!(second.await.unwrap(), ["g/1 #1 live 50ms"]);
    assert_eq!(
        third.await.unwrap(),
        ["g/1 #1 live 50ms"],
        "one that still waits leaves after both have asked"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_left_too_long_ago_is_not_joined() {
    let loader = loader_of(100, policy());
    loader.source().takes(1_000);
    let first = start(&loader, &g(), &[1], ANY).await;
    pass(100).await;
    let accepts = start(&loader, &g(), &[1], within(100)).await;
    let refuses = start(&loader, &g(), &[1], within(99)).await;
    let (first, accepts) = (first.await.unwrap(), accepts.await.unwrap());
    assert_eq!(first, ["g/1 #0 live 1000ms"]);
    assert_eq!(accepts, first);
    assert_eq!(refuses.await.unwrap(), ["g/1 #1 live 1000ms"]);
}

#[tokio::test(start_paused = true)]
async fn past_its_time_an_answer_is_served_at_once_while_one_refresh_is_under_way() {
    let loader = loader_of(
        100,
        Policy {
            stale_while_revalidate: ms(30_000),
            ..policy()
        },
    );
    ask_one(&loader, 1, ANY).await;
    pass(60_000).await;
    loader.source().takes(50);
    for _ in 0..10 {
        assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #0 stale 60000ms");
    }
    pass(50).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #1 cached 50ms");
    assert_eq!(loader.source().count(), 2);
    let counters = loader.counters();
    assert_eq!(counters.stale.load(Ordering::Relaxed), 10);
    assert_eq!(
        counters.shared.load(Ordering::Relaxed),
        0,
        "nobody waited for the refresh"
    );
}

#[tokio::test(start_paused = true)]
async fn past_the_time_of_revalidation_an_answer_is_gone() {
    let loader = loader_of(
        100,
        Policy {
            stale_while_revalidate: ms(30_000),
            ..policy()
        },
    );
    ask_one(&loader, 1, ANY).await;
    pass(90_000).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #1 live 0ms");
}

#[tokio::test(start_paused = true)]
async fn a_failed_refresh_is_tried_again_by_the_next_asker() {
    let loader = loader_of(
        100,
        Policy {
            stale_while_revalidate: ms(30_000),
            ..policy()
        },
    );
    ask_one(&loader, 1, ANY).await;
    pass(60_000).await;
    loader.source().then(Then::Fails);
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #0 stale 60000ms");
    settle().await;
    loader.source().then(Then::Answers);
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #0 stale 60000ms");
    settle().await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #2 cached 0ms");
}

#[tokio::test(start_paused = true)]
async fn a_source_can_shorten_the_time_but_not_stretch_it() {
    let loader = loader_of(100, policy());
    loader.source().mood().fresh_for = Some(ms(1_000));
    ask_one(&loader, 1, ANY).await;
    loader.source().mood().fresh_for = Some(ms(3_600_000));
    ask_one(&loader, 2, ANY).await;
    pass(999).await;
    assert_eq!(
        ask_one(&loader, 1, ANY).await,
        "g/1 #0 cached 999ms",
        "settled when it landed"
    );
    pass(1).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #2 live 0ms");
    pass(59_000).await;
    assert_eq!(ask_one(&loader, 2, ANY).await, "g/2 #3 live 0ms");
}

#[tokio::test(start_paused = true)]
async fn what_is_fresh_for_no_time_is_asked_every_time() {
    let policy = Policy {
        stale_while_revalidate: ms(30_000),
        stale_if_error: ms(30_000),
        ..policy()
    };
    let loader = loader_of(100, policy);
    loader.source().mood().fresh_for = Some(Duration::ZERO);
    for call in 0..3 {
        assert_eq!(ask_one(&loader, 1, ANY).await, format!("g/1 #{call} live 0ms"));
    }
    loader.source().then(Then::Fails);
    pass(1_000).await;
    assert_eq!(
        ask_one(&loader, 1, ANY).await,
        "g/1 #2 stale 1000ms",
        "but a failure may still be bridged"
    );
}

#[tokio::test(start_paused = true)]
async fn the_time_of_revalidation_shrinks_with_the_freshness() {
    let loader = loader_of(
        100,
        Policy {
            stale_while_revalidate: ms(30_000),
            ..policy()
        },
    );
    loader.source().mood().fresh_for = Some(ms(6_000));
    ask_one(&loader, 1, ANY).await;
    pass(8_999).await;
    assert_eq!(
        ask_one(&loader, 1, ANY).await,
        "g/1 #0 stale 8999ms",
        "a tenth as fresh, a tenth as long"
    );
    settle().await;
    pass(9_000).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #2 live 0ms");
}

#[tokio::test(start_paused = true)]
async fn a_value_is_never_served_past_its_end() {
    let policy = Policy {
        stale_while_revalidate: ms(30_000),
        stale_if_error: ms(30_000),
        ..policy()
    };
    let loader = loader_of(100, policy);
    loader.source().mood().good_for = ms(10_000);
    ask_one(&loader, 1, ANY).await;
    loader.source().then(Then::Fails);
    pass(9_999).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #0 cached 9999ms");
    pass(1).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "unavailable");
}

#[tokio::test(start_paused = true)]
async fn jitter_shortens_each_keys_time_by_its_own_share_within_bounds() {
    let loader = loader_of(
        1000,
        Policy {
            jitter_percent: 20,
            ..policy()
        },
    );
    let keys: Vec<u32> = (0..200).collect();
    ask(&loader, &g(), &keys, ANY).await;
    let kept = || {
        keys.iter()
            .filter(|key| loader.peek(&g(), key, ANY).is_some())
            .copied()
            .collect::<BTreeSet<_>>()
    };
    pass(47_999).await;
    assert_eq!(kept().len(), 200, "nothing goes before four fifths of its time");
    pass(6_000).await;
    let half_way = kept();
    assert!(
        (20..180).contains(&half_way.len()),
        "{} of 200 left half way",
        half_way.len()
    );
    assert_eq!(kept(), half_way, "a key's share does not change");
    pass(6_001).await;
    assert!(kept().is_empty(), "nothing stays longer than without jitter");
}

#[tokio::test(start_paused = true)]
async fn endless_times_are_times_too() {
    let endless = Policy {
        fresh: Duration::MAX,
        stale_while_revalidate: Duration::MAX,
        stale_if_error: Duration::MAX,
        negative: Duration::MAX,
        jitter_percent: 100,
        ..policy()
    };
    let loader = loader_of(100, endless);
    loader.source().mood().forgets = vec![2];
    ask(&loader, &g(), &[1, 2], ANY).await;
    loader.source().mood().fresh_for = Some(ms(1));
    ask_one(&loader, 3, ANY).await;
    pass(3_600_000).await;
    assert_eq!(
        ask(&loader, &g(), &[1, 2], ANY).await,
        ["g/1 #0 cached 3600000ms", "absent"]
    );
}
