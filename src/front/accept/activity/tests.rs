//! What a look shows of a connection, as time goes by; the clock is tokio's and paused.

use std::time::Duration;

use tokio::time::advance;

use super::*;
use crate::front::accept::limits::Http2Limits;
use crate::front::accept::proxies::Proxies;

const HEADER: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(75);
const WRITE: Duration = Duration::from_secs(30);

fn limits() -> Limits {
    Limits {
        connections: 10,
        connections_per_address: None,
        proxies: Proxies::default(),
        handshake: HEADER,
        header: HEADER,
        idle: IDLE,
        write: WRITE,
        drain_delay: Duration::ZERO,
        grace: WRITE,
        http2: Http2Limits {
            streams: 100,
            header_bytes: 16_384,
            pending_resets: 20,
            faults: 100,
            broken_off: 2,
            ping_after: WRITE,
            ping_timeout: WRITE,
        },
    }
}

/// Looks as the connection's task does until something is amiss, and says after how many seconds.
async fn amiss(activity: &Activity) -> (Look, u64) {
    let begin = Instant::now();
    for _ in 0..1_000 {
        match activity.look(&limits()) {
            Look::Well(next) => advance(next - Instant::now()).await,
            other => return (other, (Instant::now() - begin).as_secs()),
        }
    }
    panic!("nothing is ever amiss");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_come_ends_http1_and_leaves_http2_idle() {
    let over = (Look::Over(End::HeaderTimeout), 10);
    assert_eq!(amiss(&Activity::new(Protocol::Http1)).await, over);
    assert_eq!(amiss(&Activity::new(Protocol::Http2)).await, (Look::Idle, 75));
}

#[tokio::test(start_paused = true)]
async fn a_head_that_comes_slowly_is_not_given_more_time() {
    let activity = Activity::new(Protocol::Http1);
    for _ in 0..9 {
        advance(Duration::from_secs(1)).await;
        activity.heard();
    }
    assert_eq!(amiss(&activity).await, (Look::Over(End::HeaderTimeout), 1));
}

#[tokio::test(start_paused = true)]
async fn between_requests_a_connection_may_be_idle_and_the_next_head_has_its_own_time() {
    let activity = Activity::new(Protocol::Http1);
    activity.begin().finish();
    advance(Duration::from_secs(70)).await;
    activity.heard();
    advance(Duration::from_secs(8)).await;
    activity.heard();
    assert!(matches!(activity.look(&limits()), Look::Well(_)));
    activity.begin().finish();
    assert_eq!(amiss(&activity).await, (Look::Idle, 75));
    activity.end();
    assert_eq!(
        amiss(&activity).await,
        (Look::Over(End::Idle), 30),
        "and did not end by itself"
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_may_run_for_as_long_as_it_takes() {
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let activity = Activity::new(protocol);
        let running = activity.begin();
        for _ in 0..100 {
            advance(Duration::from_secs(60)).await;
            assert!(matches!(activity.look(&limits()), Look::Well(_)));
        }
        drop(running);
        assert_eq!(amiss(&activity).await, (Look::Idle, 75));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_dropped_and_one_that_takes_little_is_not() {
    let stalled = Look::Over(End::WriteTimeout);
    let activity = Activity::new(Protocol::Http1);
    let _running = activity.begin();
    for _ in 0..10 {
        activity.blocked();
        advance(Duration::from_secs(29)).await;
        assert!(matches!(activity.look(&limits()), Look::Well(_)));
        activity.taken();
    }
    activity.blocked();
    advance(Duration::from_secs(5)).await;
    activity.blocked();
    assert_eq!(
        amiss(&activity).await,
        (stalled, 25),
        "since it took something last"
    );
}

#[tokio::test(start_paused = true)]
async fn one_answer_that_is_not_taken_is_seen_beside_others_that_are() {
    let activity = Activity::new(Protocol::Http2);
    let (stalled, taken) = (activity.begin(), activity.begin());
    stalled.given();
    for _ in 0..5 {
        taken.given();
        advance(Duration::from_secs(5)).await;
        taken.asked();
        assert!(matches!(activity.look(&limits()), Look::Well(_)));
    }
    assert_eq!(amiss(&activity).await, (Look::Over(End::WriteTimeout), 5));
    drop(stalled);
    assert!(matches!(activity.look(&limits()), Look::Well(_)));
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_an_answer_may_take_longer_than_a_connection_may_be_idle() {
    let activity = Activity::new(Protocol::Http1);
    activity.begin().finish();
    activity.heard();
    for _ in 0..20 {
        advance(Duration::from_secs(9)).await;
        activity.taken();
        assert!(matches!(activity.look(&limits()), Look::Well(_)));
    }
    assert_eq!(amiss(&activity).await, (Look::Over(End::HeaderTimeout), 10));
}

#[test]
fn requests_that_are_broken_off_count_against_those_that_are_not() {
    let activity = Activity::new(Protocol::Http2);
    let limits = limits();
    for _ in 0..5 {
        activity.begin().finish();
    }
    for _ in 0..7 {
        drop(activity.begin());
        assert!(!activity.is_abused(&limits));
    }
    drop(activity.begin());
    assert!(activity.is_abused(&limits));
}

#[test]
fn a_head_under_way_is_answered_before_the_end() {
    let activity = Activity::new(Protocol::Http1);
    assert!(!activity.end(), "the first request is coming");
    let running = activity.begin();
    assert!(activity.end());
    drop(running);
    activity.heard();
    assert!(!activity.end());
    assert!(Activity::new(Protocol::Http2).end());
}
