//! Calls land in any order; what is kept is always what was asked last.

use skuery_resolvers::loader::Policy;

use crate::loader::fake::*;

/// Starts a slow call and, a little later, a quick one for the same key; returns when both have landed.
async fn overtake(loader: &skuery_resolvers::loader::Loader<Fake>, older: Mood, newer: Mood) -> [String; 2] {
    *loader.source().mood() = Mood {
        takes: ms(100),
        ..older
    };
    let older = start(loader, &g(), &[1], ANY).await;
    pass(10).await;
    *loader.source().mood() = Mood {
        takes: ms(10),
        ..newer
    };
    let newer = start(loader, &g(), &[1], NOW).await;
    let newer = newer.await.unwrap().remove(0);
    [older.await.unwrap().remove(0), newer]
}

fn forgetful() -> Mood {
    Mood {
        forgets: vec![1],
        ..Mood::default()
    }
}

#[tokio::test(start_paused = true)]
async fn an_older_answer_never_replaces_a_newer_one() {
    let loader = loader_of(100, policy());
    let seen = overtake(&loader, Mood::default(), Mood::default()).await;
    assert_eq!(
        seen,
        ["g/1 #0 live 100ms", "g/1 #1 live 10ms"],
        "each asker hears its own call"
    );
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #1 cached 85ms");
}

#[tokio::test(start_paused = true)]
async fn an_older_absence_never_replaces_a_newer_answer() {
    let loader = loader_of(100, policy());
    let seen = overtake(&loader, forgetful(), Mood::default()).await;
    assert_eq!(seen, ["absent", "g/1 #1 live 10ms"]);
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #1 cached 85ms");
}

#[tokio::test(start_paused = true)]
async fn an_older_answer_never_replaces_a_newer_absence() {
    let policy = Policy {
        stale_while_revalidate: ms(60_000),
        stale_if_error: ms(60_000),
        ..policy()
    };
    let loader = loader_of(100, policy);
    let seen = overtake(&loader, Mood::default(), forgetful()).await;
    assert_eq!(seen, ["g/1 #0 live 100ms", "absent"]);
    assert_eq!(ask_one(&loader, 1, ANY).await, "absent");
    loader.source().then(Then::Fails);
    pass(10_000).await;
    assert_eq!(
        ask_one(&loader, 1, ANY).await,
        "unavailable",
        "nor does it come back when the absence is forgotten"
    );
}

#[tokio::test(start_paused = true)]
async fn a_newer_failure_takes_no_older_answer_away() {
    let loader = loader_of(100, policy());
    let seen = overtake(
        &loader,
        Mood::default(),
        Mood {
            then: Then::Fails,
            ..Mood::default()
        },
    )
    .await;
    assert_eq!(seen, ["g/1 #0 live 100ms", "unavailable"]);
    assert_eq!(ask_one(&loader, 1, ANY).await, "g/1 #0 cached 100ms");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_arrived_meanwhile_stands_in_as_current() {
    let loader = loader_of(
        100,
        Policy {
            stale_if_error: ms(1_000),
            ..policy()
        },
    );
    let seen = overtake(
        &loader,
        Mood {
            then: Then::Fails,
            ..Mood::default()
        },
        Mood::default(),
    )
    .await;
    assert_eq!(seen, ["g/1 #1 cached 85ms", "g/1 #1 live 10ms"]);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_an_older_call_does_not_end_a_newer_flight() {
    let loader = loader_of(100, policy());
    *loader.source().mood() = Mood {
        takes: ms(20),
        then: Then::Fails,
        ..Mood::default()
    };
    let older = start(&loader, &g(), &[1], ANY).await;
    *loader.source().mood() = Mood {
        takes: ms(100),
        ..Mood::default()
    };
    let newer = start(&loader, &g(), &[1], NOW).await;
    assert_eq!(older.await.unwrap(), ["unavailable"]);
    pass(10).await;
    let joins = start(&loader, &g(), &[1], ANY).await;
    assert_eq!(newer.await.unwrap(), ["g/1 #1 live 100ms"]);
    assert_eq!(joins.await.unwrap(), ["g/1 #1 live 100ms"]);
    assert_eq!(loader.source().count(), 2);
}
