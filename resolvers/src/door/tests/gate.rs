//! The bound of calls in flight and the queue before it.

use std::time::Duration;

use futures_util::future::join_all;

use super::server::{Server, Step, reply};
use super::{ask, call, upstream};
use crate::door::limits::UpstreamConfig;
use crate::door::{Auth, Upstream};
use crate::error::{ErrorKind, LookupError};
use crate::port::Call;
use crate::port::wire::{Wire, noted};

fn slowly() -> Vec<Step> {
    let mut steps = vec![Step::Wait(Duration::from_secs(1))];
    steps.extend(reply(200, "application/json", b"[]"));
    steps
}

fn limits(concurrency: usize, queue_timeout_ms: u64) -> UpstreamConfig {
    UpstreamConfig {
        concurrency,
        queue_timeout_ms,
        ..UpstreamConfig::default()
    }
}

#[tokio::test(start_paused = true)]
async fn the_system_never_sees_more_calls_than_allowed() {
    let server = Server::start(|_| slowly()).await;
    let upstream = upstream(&server.url, limits(4, 60_000), Auth::None);
    let calls = (0..40).map(|_| ask(&upstream, call(120)));
    let results = join_all(calls).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(server.peak(), 4);
    assert_eq!(upstream.snapshot().peak_in_flight, 4);
    assert_eq!(upstream.snapshot().queue_rejections, 0);
}

#[tokio::test(start_paused = true)]
async fn who_waits_too_long_is_refused_as_overloaded() {
    let server = Server::start(|_| slowly()).await;
    let upstream = upstream(&server.url, limits(2, 200), Auth::None);
    let calls = (0..10).map(|_| ask(&upstream, call(120)));
    let results = join_all(calls).await;
    let overloaded = results
        .iter()
        .filter(|result| matches!(result, Err(error) if error.kind() == ErrorKind::Overloaded));
    assert_eq!(overloaded.count(), 8);
    assert_eq!(server.seen().len(), 2, "the refused ones never left");
    assert_eq!(upstream.snapshot().queue_rejections, 8);
}

#[tokio::test(start_paused = true)]
async fn who_made_a_call_is_told_whether_it_left_and_how_long_it_queued() {
    let server = Server::start(|_| slowly()).await;
    let upstream = upstream(&server.url, limits(1, 1_500), Auth::None);
    let calls = (0..3).map(|_| noted(ask(&upstream, call(120))));
    let mut wires: Vec<Wire> = join_all(calls).await.into_iter().map(|(_, wire)| wire).collect();
    wires.sort_by_key(|wire| wire.queued);
    assert_eq!(
        wires[0],
        Wire {
            requests: 1,
            queued: Duration::ZERO
        }
    );
    assert_eq!(wires[1].requests, 1);
    assert!((1_000..1_500).contains(&wires[1].queued.as_millis()), "{wires:?}");
    assert_eq!(wires[2].requests, 0, "the refused one never left");
    assert!(wires[2].queued >= Duration::from_millis(1_500));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_wins_over_every_configured_time() {
    let server = Server::start(|_| vec![Step::Hang]).await;
    let mut limits = limits(2, 60_000);
    limits.attempt_timeout_ms = 60_000;
    let upstream = upstream(&server.url, limits, Auth::None);
    let started = tokio::time::Instant::now();
    let error = ask(&upstream, call(1)).await.expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_gives_its_place_back() {
    let server = Server::start(|_| slowly()).await;
    let upstream = upstream(&server.url, limits(1, 60_000), Auth::None);
    let leaver = ask(&upstream, call(120));
    assert!(
        tokio::time::timeout(Duration::from_millis(500), leaver)
            .await
            .is_err()
    );
    assert_eq!(upstream.snapshot().in_flight, 0);
    assert_eq!(upstream.snapshot().operations["prices"].cancelled, 1);
    assert!(ask(&upstream, call(120)).await.is_ok());
}

/// Asks for a checkout, with time enough.
async fn ask_for_checkout(upstream: &Upstream) -> Result<usize, LookupError> {
    let deadline = call(120).deadline;
    ask(upstream, Call::checkout(deadline)).await
}

/// Answers the calls' numbers in the order in which they ended; number 0 is a checkout that asks last.
async fn order_of_ten_and_a_checkout(upstream: &Upstream) -> Vec<(usize, bool)> {
    let (sender, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let mut asking = Vec::new();
    for number in 1..=10 {
        asking.push((
            number,
            tokio::spawn(ask_and_tell(upstream.clone(), number, sender.clone())),
        ));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let checkout = tokio::spawn(ask_and_tell(upstream.clone(), 0, sender.clone()));
    drop(sender);
    let mut order = Vec::new();
    while let Some(one) = ended.recv().await {
        order.push(one);
    }
    checkout.await.expect("it ends");
    order
}

async fn ask_and_tell(
    upstream: Upstream,
    number: usize,
    ended: tokio::sync::mpsc::UnboundedSender<(usize, bool)>,
) {
    let result = match number {
        0 => ask_for_checkout(&upstream).await,
        _ => ask(&upstream, call(120)).await,
    };
    ended.send((number, result.is_ok())).expect("somebody listens");
}

#[tokio::test(start_paused = true)]
async fn a_checkout_goes_before_ten_queries_that_wait_already() {
    let server = Server::start(|_| slowly()).await;
    let upstream = upstream(&server.url, limits(1, 60_000), Auth::None);
    let order = order_of_ten_and_a_checkout(&upstream).await;
    let numbers: Vec<usize> = order.iter().map(|(number, _)| *number).collect();
    assert_eq!(
        numbers,
        [1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        "who is in stays in, the checkout is next, the queries keep their order"
    );
    assert!(order.iter().all(|(_, went_well)| *went_well));
    assert_eq!(server.peak(), 1, "the bound holds for a checkout too");
}

#[tokio::test(start_paused = true)]
async fn queries_behind_checkouts_are_refused_in_time_and_leave_nothing_behind() {
    let server = Server::start(|_| slowly()).await;
    let upstream = upstream(&server.url, limits(1, 2_500), Auth::None);
    let first = tokio::spawn({
        let upstream = upstream.clone();
        async move { ask_for_checkout(&upstream).await }
    });
    tokio::time::sleep(Duration::from_millis(1)).await;
    let query = tokio::spawn({
        let upstream = upstream.clone();
        async move { ask(&upstream, call(120)).await }
    });
    tokio::time::sleep(Duration::from_millis(1)).await;
    let checkouts = (0..2).map(|_| ask_for_checkout(&upstream));
    assert!(join_all(checkouts).await.iter().all(Result::is_ok));
    first.await.expect("it ends").expect("it had the place");
    let refused = query
        .await
        .expect("it ends")
        .expect_err("three checkouts took three seconds");
    assert_eq!(refused.kind(), ErrorKind::Overloaded);
    let snapshot = upstream.snapshot();
    assert_eq!(
        (snapshot.in_flight, snapshot.queued, snapshot.queue_rejections),
        (0, 0, 1)
    );
    assert!(ask(&upstream, call(120)).await.is_ok(), "the place is free again");
}

#[tokio::test(start_paused = true)]
async fn a_place_is_never_lost_to_waiters_that_leave() {
    let server = Server::start(|_| slowly()).await;
    let upstream = upstream(&server.url, limits(2, 60_000), Auth::None);
    // Some leave while they wait, some at the moment that a place comes free, some while they are served.
    let calls = (0..200).map(|number: u64| {
        let upstream = upstream.clone();
        async move {
            let patience = Duration::from_millis(100 * (number % 40) + 1);
            let asking = async {
                match number % 3 {
                    0 => ask_for_checkout(&upstream).await,
                    _ => ask(&upstream, call(120)).await,
                }
            };
            let _ = tokio::time::timeout(patience, asking).await;
        }
    });
    join_all(calls).await;
    let snapshot = upstream.snapshot();
    assert_eq!((snapshot.in_flight, snapshot.queued), (0, 0));
    assert_eq!(snapshot.peak_in_flight, 2);
    let both = tokio::time::timeout(
        Duration::from_millis(1_500),
        join_all([ask(&upstream, call(120)), ask(&upstream, call(120))]),
    );
    let both = both
        .await
        .expect("both places are there, so they are served at once");
    assert!(both.iter().all(Result::is_ok));
}
