//! A missing key, a failed key and a failed call are three different things; none of them takes the loader down.

use std::sync::atomic::Ordering;

use skuery_resolvers::loader::Policy;

use crate::loader::fake::*;

#[tokio::test(start_paused = true)]
async fn one_broken_or_missing_key_does_not_disturb_the_others() {
    let loader = loader_of(100, policy());
    loader.source().mood().breaks = vec![1];
    loader.source().mood().forgets = vec![2];
    let answers = ask(&loader, &g(), &[1, 2, 3], ANY).await;
    assert_eq!(answers, ["invalid_value", "absent", "g/3 #0 live 0ms"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_call_fails_all_its_waiters_and_is_not_kept() {
    let loader = loader_of(100, policy());
    loader.source().takes(20);
    loader.source().then(Then::Fails);
    let first = start(&loader, &g(), &[1], ANY).await;
    let second = start(&loader, &g(), &[1], ANY).await;
    assert_eq!(first.await.unwrap(), ["unavailable"]);
    assert_eq!(second.await.unwrap(), ["unavailable"]);
    loader.source().then(Then::Answers);
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #1 live 20ms");
}

#[tokio::test(start_paused = true)]
async fn a_failed_call_disturbs_no_other_call() {
    let loader = loader_of(100, policy());
    loader.source().takes(20);
    let first = start(&loader, &g(), &[1], ANY).await;
    loader.source().then(Then::Fails);
    let second = start(&loader, &public("h"), &[1], ANY).await;
    assert_eq!(first.await.unwrap(), ["g/1 #0 live 20ms"]);
    assert_eq!(second.await.unwrap(), ["unavailable"]);
}

#[tokio::test(start_paused = true)]
async fn a_broken_key_is_not_kept() {
    let loader = loader_of(100, policy());
    loader.source().mood().breaks = vec![1];
    assert_eq!(ask_one(&loader, 1, ANY).await, "invalid_value");
    loader.source().mood().breaks.clear();
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #1 live 0ms");
}

#[tokio::test(start_paused = true)]
async fn a_panicking_source_is_an_error_to_every_waiter_and_the_next_load_works() {
    for takes in [0, 20] {
        let loader = loader_of(100, policy());
        loader.source().takes(takes);
        loader.source().then(Then::Panics);
        let first = start(&loader, &g(), &[1, 2], ANY).await;
        let second = start(&loader, &g(), &[2], ANY).await;
        assert_eq!(first.await.unwrap(), ["unavailable", "unavailable"]);
        assert_eq!(second.await.unwrap(), ["unavailable"]);
        let before = loader.source().count();
        loader.source().then(Then::Answers);
        loader.source().takes(0);
        assert_eq!(
            ask_one(&loader, 1, ANY).await,
            format!("g/1 #{before} live 0ms"),
            "and leaves at once"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_ends_by_its_deadline_and_frees_its_keys() {
    let loader = loader_of(100, policy());
    loader.source().then(Then::Hangs);
    let begin = tokio::time::Instant::now();
    assert_eq!(ask_one(&loader, 1, ANY).await, "timeout");
    assert_eq!(begin.elapsed().as_secs(), 5);
    loader.source().then(Then::Answers);
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #1 live 0ms");
}

#[tokio::test(start_paused = true)]
async fn an_absent_key_is_remembered_for_its_time_and_then_asked_again() {
    let loader = loader_of(100, policy());
    loader.source().mood().forgets = vec![1];
    assert_eq!(ask_one(&loader, 1, ANY).await, "absent");
    pass(9_999).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "absent");
    assert_eq!(loader.source().count(), 1);
    assert_eq!(loader.counters().hits.load(Ordering::Relaxed), 1);
    loader.source().mood().forgets.clear();
    pass(1).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #1 live 0ms");
}

#[tokio::test(start_paused = true)]
async fn a_max_age_holds_for_absences_too() {
    let loader = loader_of(100, policy());
    loader.source().mood().forgets = vec![1];
    ask_one(&loader, 1, ANY).await;
    pass(100).await;
    assert_eq!(ask_one(&loader, 1, within(100)).await, "absent");
    assert_eq!(
        loader.source().count(),
        1,
        "an invented SKU with a max age is not asked for every time"
    );
    assert_eq!(ask_one(&loader, 1, within(99)).await, "absent");
    assert_eq!(loader.source().count(), 2);
    assert_eq!(ask_one(&loader, 1, NOW).await, "absent");
    assert_eq!(loader.source().count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_answered_with_a_stale_answer_up_to_the_limit() {
    let loader = loader_of(
        100,
        Policy {
            stale_if_error: ms(30_000),
            ..policy()
        },
    );
    ask_one(&loader, 1, ANY).await;
    loader.source().then(Then::Fails);
    pass(89_999).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #0 stale 89999ms");
    assert_eq!(loader.source().count(), 2, "the system was asked first");
    pass(1).await;
    assert_eq!(ask_one(&loader, 1, ANY).await, "unavailable");
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_never_stands_in_beyond_the_max_age() {
    let loader = loader_of(
        100,
        Policy {
            stale_if_error: ms(30_000),
            ..policy()
        },
    );
    ask_one(&loader, 1, ANY).await;
    loader.source().then(Then::Fails);
    pass(70_000).await;
    assert_eq!(ask_one(&loader, 1, within(70_000)).await, "g/1 #0 stale 70000ms");
    assert_eq!(ask_one(&loader, 1, within(69_999)).await, "unavailable");
    assert_eq!(ask_one(&loader, 1, NOW).await, "unavailable");
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_stands_in_when_the_waiters_time_is_up_by_its_age_at_that_moment() {
    let loader = loader_of(
        100,
        Policy {
            stale_if_error: ms(30_000),
            ..policy()
        },
    );
    ask_one(&loader, 1, ANY).await;
    pass(89_000).await;
    loader.source().then(Then::Hangs);
    let soon = loader
        .load(&g(), &[1], ANY, tokio::time::Instant::now() + ms(900))
        .await;
    assert_eq!(show(&soon[0]), "g/1 #0 stale 89900ms");
    let late = loader
        .load(&g(), &[1], ANY, tokio::time::Instant::now() + ms(200))
        .await;
    assert_eq!(show(&late[0]), "timeout");
}

#[tokio::test(start_paused = true)]
async fn what_the_system_no_longer_knows_is_not_served_stale_afterwards() {
    let loader = loader_of(
        100,
        Policy {
            stale_if_error: ms(3_600_000),
            negative: ms(1),
            ..policy()
        },
    );
    ask_one(&loader, 1, ANY).await;
    loader.source().mood().forgets = vec![1];
    assert_eq!(ask_one(&loader, 1, NOW).await, "absent");
    pass(10).await;
    loader.source().then(Then::Fails);
    assert_eq!(ask_one(&loader, 1, ANY).await, "unavailable");
}
