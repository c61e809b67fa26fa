//! Random documents on random data: the engine and async-graphql's executor answer the same.
//!
//! Compared are the bytes of `data`, so also the order of fields, and the set of error paths. Locations and messages are
//! not: the reference has its own words, and reports a merged field once per place.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::documents::generate;
use crate::reference;
use crate::run::{ENGINE, run_with};
use crate::world::Seed;

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().build().unwrap();
}

/// 1 200 documents per property, 2 400 in all, unless `PROPTEST_CASES` says otherwise (256, its own default, does not).
fn config() -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if config.cases == 256 {
        config.cases = 1_200;
    }
    config.max_shrink_iters = 20_000;
    config.failure_persistence = None;
    config
}

fn check(tape: &[u16], seed: Seed) {
    let generated = generate(tape);
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let context = || format!("{}\nvariables: {:?}", generated.document, generated.variables);
            let ran = run_with(
                &ENGINE,
                &generated.document,
                None,
                &generated.variables,
                seed,
                true,
                |_| None,
            )
            .await
            .unwrap_or_else(|errors| panic!("refused: {errors:?}\n{}", context()));
            let (data, errors) = reference::run(&generated.document, &generated.variables, seed).await;
            assert_eq!(ran.data, data, "data differs (left: engine)\n{}", context());
            let paths: BTreeSet<String> = ran.paths().into_iter().collect();
            assert_eq!(paths, errors, "errors differ (left: engine)\n{}", context());
            assert_eq!(
                paths.len(),
                ran.errors.len(),
                "an error is reported twice\n{}",
                context()
            );
        });
    });
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn answers_like_async_graphql_when_nothing_fails(tape in vec(any::<u16>(), 0..500), hash: u64) {
        check(&tape, Seed { hash, failures: 0 });
    }

    #[test]
    fn answers_like_async_graphql_when_things_fail(tape in vec(any::<u16>(), 0..500), hash: u64, failures in 1u8..60) {
        check(&tape, Seed { hash, failures });
    }
}
