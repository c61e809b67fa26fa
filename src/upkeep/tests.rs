//! When rounds come, and what does not end them.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::Instant;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Counts rounds that take so long, and the most at once.
#[derive(Default)]
struct Rounds {
    begun: AtomicUsize,
    under_way: AtomicUsize,
    most: AtomicUsize,
}

impl Rounds {
    async fn one(self: Arc<Self>, takes: Duration, next: Next) -> Next {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        sleep(takes).await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        next
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }
}

/// Runs rounds for so long; how many began.
async fn during(whole: Duration, takes: Duration, next: Next) -> Arc<Rounds> {
    let rounds: Arc<Rounds> = Arc::default();
    let (_stop, stopped) = watch::channel(false);
    let repeating = repeat(SECOND, stopped, {
        let rounds = rounds.clone();
        move || rounds.clone().one(takes, next)
    });
    assert!(timeout(whole, repeating).await.is_err(), "it goes on");
    rounds
}

#[tokio::test(start_paused = true)]
async fn a_round_comes_at_once_and_then_about_every_second() {
    let rounds = during(Duration::from_secs(100), Duration::ZERO, Next::Later).await;
    assert!((84..=126).contains(&rounds.begun()), "{} rounds", rounds.begun());
    let rounds = during(Duration::from_millis(100), Duration::ZERO, Next::Later).await;
    assert_eq!(rounds.begun(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_round_is_never_overtaken_by_the_next() {
    let rounds = during(Duration::from_secs(100), Duration::from_secs(9), Next::Later).await;
    assert!((9..=12).contains(&rounds.begun()), "{} rounds", rounds.begun());
    assert_eq!(rounds.most.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn as_long_as_there_is_more_rounds_follow_each_other() {
    let rounds = during(SECOND, Duration::from_millis(100), Next::AtOnce).await;
    assert!(rounds.begun() >= 9, "{} rounds", rounds.begun());
}

#[tokio::test(start_paused = true)]
async fn the_end_waits_for_the_round_under_way_and_for_no_pause() {
    for (takes, waited) in [(Duration::from_millis(700), 700), (Duration::ZERO, 100)] {
        let rounds: Arc<Rounds> = Arc::default();
        let (stop, stopped) = watch::channel(false);
        let begun = Instant::now();
        let repeating = tokio::spawn(repeat(Duration::from_hours(1), stopped, {
            let rounds = rounds.clone();
            move || rounds.clone().one(takes, Next::Later)
        }));
        sleep(Duration::from_millis(100)).await;
        stop.send(true).expect("it listens");
        repeating.await.expect("no panic");
        assert_eq!(begun.elapsed().as_millis(), waited);
        assert_eq!(rounds.begun(), 1);
        assert_eq!(rounds.under_way.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn a_round_that_panics_or_fails_is_an_error_like_any_other() {
    // Without the panic hook, whose output would only be noise.
    let broken = contained(async { std::panic::resume_unwind(Box::new("on request")) });
    assert!(broken.await.is_err());
    let failed = contained(async { Err("on request".into()) });
    assert_eq!(failed.await.expect_err("it failed").to_string(), "on request");
    assert_eq!(
        contained(async { Ok(Next::AtOnce) }).await.ok(),
        Some(Next::AtOnce)
    );
}
