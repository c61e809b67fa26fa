//! Equal keys of different scopes and groups never share a call, a flight or an entry.

use crate::loader::fake::*;

#[tokio::test(start_paused = true)]
async fn equal_keys_of_different_scopes_are_different_calls() {
    let loader = loader_of(100, policy());
    loader.source().takes(20);
    let scopes = [public("g"), listed("A", "g"), listed("B", "g")];
    let mut asking = Vec::new();
    for scoped in &scopes {
        asking.push(start(&loader, scoped, &[1, 2], ANY).await);
    }
    let mut answers = Vec::new();
    for asking in asking {
        answers.push(asking.await.unwrap().remove(0));
    }
    assert_eq!(
        answers,
        ["g/1 #0 live 20ms", "g/1 #1 live 20ms", "g/1 #2 live 20ms"]
    );
    assert_eq!(loader.source().keys(), [[1, 2], [1, 2], [1, 2]]);
}

#[tokio::test(start_paused = true)]
async fn equal_keys_of_different_scopes_are_different_entries() {
    let loader = loader_of(100, policy());
    ask(&loader, &listed("A", "g"), &[1], ANY).await;
    for scoped in [
        public("g"),
        listed("B", "g"),
        listed("a", "g"),
        listed("", "g"),
        listed("A", "h"),
    ] {
        assert!(loader.peek(&scoped, &1, ANY).is_none(), "{scoped:?}");
    }
    assert!(loader.peek(&listed("A", "g"), &1, ANY).is_some());
}

#[tokio::test(start_paused = true)]
async fn an_absence_in_one_scope_says_nothing_about_another() {
    let loader = loader_of(100, policy());
    loader.source().mood().forgets = vec![1];
    assert_eq!(ask(&loader, &listed("A", "g"), &[1], ANY).await, ["absent"]);
    loader.source().mood().forgets.clear();
    assert_eq!(
        ask(&loader, &listed("B", "g"), &[1], ANY).await,
        ["g/1 #1 live 0ms"]
    );
    assert_eq!(ask(&loader, &listed("A", "g"), &[1], ANY).await, ["absent"]);
}

#[tokio::test(start_paused = true)]
async fn a_kept_answer_of_another_scope_never_stands_in_for_a_failed_one() {
    let policy = skuery_resolvers::loader::Policy {
        stale_if_error: ms(60_000),
        ..policy()
    };
    let loader = loader_of(100, policy);
    ask(&loader, &public("g"), &[1], ANY).await;
    loader.source().then(Then::Fails);
    assert_eq!(ask(&loader, &listed("A", "g"), &[1], ANY).await, ["unavailable"]);
}

#[tokio::test(start_paused = true)]
async fn windows_of_different_groups_leave_as_different_calls() {
    let loader = loader_of(2, policy());
    loader.source().takes(50);
    let mut asking = vec![start(&loader, &public("g"), &[1], ANY).await];
    for group in ["g", "h"] {
        asking.push(start(&loader, &public(group), &[2], ANY).await);
    }
    asking.push(start(&loader, &listed("A", "g"), &[3], ANY).await);
    assert_eq!(loader.source().count(), 1, "one key each: no call is full");
    for asking in asking {
        asking.await.unwrap();
    }
    let mut calls: Vec<_> = loader
        .source()
        .calls()
        .into_iter()
        .map(|asked| (asked.group, asked.keys))
        .collect();
    calls.sort();
    let expected = [("g", vec![1]), ("g", vec![2]), ("g", vec![3]), ("h", vec![2])];
    assert_eq!(calls, expected.map(|(group, keys)| (group.to_owned(), keys)));
}
