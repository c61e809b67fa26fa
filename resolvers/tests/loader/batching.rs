//! Which keys travel together, and when they leave.

use crate::loader::fake::*;

#[tokio::test(start_paused = true)]
async fn the_first_call_leaves_without_delay() {
    let loader = loader_of(100, policy());
    assert_eq!(
        ask(&loader, &g(), &[1, 2], ANY).await,
        ["g/1 #0 live 0ms", "g/2 #0 live 0ms"]
    );
    assert_eq!(
        ask_one(&loader, 3, ANY).await,
        "g/3 #1 live 0ms",
        "and again when it has landed"
    );
}

#[tokio::test(start_paused = true)]
async fn splits_what_exceeds_the_limit_of_one_call() {
    let loader = loader_of(4, policy());
    let keys: Vec<u32> = (0..10).collect();
    let answers = ask(&loader, &g(), &keys, ANY).await;
    assert_eq!(
        loader.source().keys(),
        [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8, 9]]
    );
    assert!(
        answers
            .iter()
            .zip(&keys)
            .all(|(answer, key)| answer.starts_with(&format!("g/{key} ")))
    );
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_nothing_means_one_key_a_call() {
    let loader = loader_of(0, policy());
    loader.source().takes(20);
    let first = start(&loader, &g(), &[1, 2], ANY).await;
    let second = start(&loader, &g(), &[3, 4], ANY).await;
    first.await.unwrap();
    assert_eq!(second.await.unwrap().len(), 2);
    assert_eq!(loader.source().keys(), [[1], [2], [3], [4]]);
}

#[tokio::test(start_paused = true)]
async fn while_a_call_is_under_way_keys_wait_a_window_and_leave_together() {
    let loader = loader_of(100, policy());
    loader.source().takes(50);
    let mut asking = vec![start(&loader, &g(), &[1], ANY).await];
    for key in 2..=4 {
        asking.push(start(&loader, &g(), &[key], ANY).await);
        pass(1).await;
    }
    assert_eq!(loader.source().count(), 1, "the window is open");
    pass(2).await;
    assert_eq!(loader.source().keys(), [vec![1], vec![2, 3, 4]]);
    for asking in asking {
        asking.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn later_keys_do_not_hold_a_window_open() {
    let loader = loader_of(1000, policy());
    loader.source().then(Then::Hangs);
    let mut asking = vec![start(&loader, &g(), &[0], ANY).await];
    for key in 1..=20 {
        asking.push(start(&loader, &g(), &[key], ANY).await);
        pass(1).await;
    }
    let lengths: Vec<_> = loader.source().keys().iter().map(Vec::len).collect();
    assert_eq!(
        lengths,
        [1, 5, 5, 5, 5],
        "a window lasts five milliseconds, whoever still comes"
    );
    asking.iter().for_each(|asking| asking.abort());
}

#[tokio::test(start_paused = true)]
async fn a_full_call_leaves_before_its_window_ends() {
    let loader = loader_of(3, policy());
    loader.source().takes(50);
    let first = start(&loader, &g(), &[1], ANY).await;
    let second = start(&loader, &g(), &[2, 3], ANY).await;
    assert_eq!(loader.source().count(), 1);
    let third = start(&loader, &g(), &[4, 5], ANY).await;
    assert_eq!(
        loader.source().keys(),
        [vec![1], vec![2, 3, 4]],
        "at once; the rest waits on"
    );
    pass(5).await;
    assert_eq!(loader.source().keys()[2], [5]);
    for asking in [first, second, third] {
        asking.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_flushed_batch_does_not_cut_short_the_next_window() {
    let loader = loader_of(2, policy());
    loader.source().takes(50);
    let first = start(&loader, &g(), &[1], ANY).await;
    let second = start(&loader, &g(), &[2], ANY).await;
    pass(3).await;
    let third = start(&loader, &g(), &[3], ANY).await;
    assert_eq!(loader.source().keys(), [vec![1], vec![2, 3]]);
    let fourth = start(&loader, &g(), &[4], ANY).await;
    pass(3).await;
    assert_eq!(
        loader.source().count(),
        2,
        "the first window's end is not the second's"
    );
    let fifth = start(&loader, &g(), &[5], ANY).await;
    assert_eq!(loader.source().keys()[2], [4, 5]);
    for asking in [first, second, third, fourth, fifth] {
        asking.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn keys_still_waiting_leave_with_the_next_asker_when_no_call_is_under_way() {
    let loader = loader_of(100, policy());
    loader.source().takes(2);
    let first = start(&loader, &g(), &[1], ANY).await;
    let second = start(&loader, &g(), &[2], ANY).await;
    first.await.unwrap();
    let third = start(&loader, &g(), &[3], ANY).await;
    assert_eq!(loader.source().keys(), [vec![1], vec![2, 3]]);
    second.await.unwrap();
    third.await.unwrap();
    pass(20).await;
    assert_eq!(
        loader.source().count(),
        2,
        "the window that ended meanwhile sends nothing"
    );
}

#[tokio::test(start_paused = true)]
async fn requests_of_one_wave_need_as_few_calls_as_the_limit_allows() {
    let loader = loader_of(100, policy());
    loader.source().takes(50);
    let keys: Vec<u32> = (0..300).collect();
    ask(&loader, &g(), &keys, ANY).await;
    assert_eq!(loader.source().count(), 3);
}

#[tokio::test(start_paused = true)]
async fn every_call_carries_its_own_deadline() {
    let loader = loader_of(100, policy());
    let begin = tokio::time::Instant::now();
    loader.source().takes(50);
    let first = start(&loader, &g(), &[1], ANY).await;
    ask_one(&loader, 2, ANY).await;
    first.await.unwrap();
    let deadlines: Vec<_> = loader
        .source()
        .calls()
        .iter()
        .map(|asked| (asked.deadline - begin).as_millis())
        .collect();
    assert_eq!(deadlines, [5000, 5005]);
}
