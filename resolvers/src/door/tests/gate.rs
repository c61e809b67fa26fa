//! The bound of calls in flight and the queue before it.

use std::time::Duration;

use futures_util::future::join_all;

use super::server::{Server, Step, reply};
use super::{ask, call, upstream};
use crate::door::Auth;
use crate::door::limits::UpstreamConfig;
use crate::error::ErrorKind;

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
