//! One question to one port for many keys: split into calls of at most so many keys, all at once, each until the deadline.

use std::collections::HashSet;
use std::future::Future;
use std::hash::Hash;

use foldhash::HashMapExt as _;
use futures_util::future::join_all;
use tokio::time::{Instant, timeout_at};

use crate::error::{ErrorKind, LookupError};
use crate::port::{Answers, ByKey, Call, Key, Port, PortLookup};

/// Every key once, in the order of first mention.
pub(super) fn distinct<'a, K: Clone + Eq + Hash + 'a>(keys: impl Iterator<Item = &'a K>) -> Vec<K> {
    let mut seen = HashSet::new();
    keys.filter(|key| seen.insert(*key)).cloned().collect()
}

/// Asks for the keys. A failed call is the error of each of its keys; an absent key is unknown to the system.
pub(super) async fn in_calls<'a, P, K, V>(
    port: &P,
    lookup: PortLookup,
    deadline: Instant,
    keys: &'a [K],
    ask: impl Fn(Call, &'a [K]) -> Answers<'a, K, V>,
) -> ByKey<K, V>
where
    P: Port + ?Sized,
    K: Key,
{
    let calls = keys.chunks(port.max_keys(lookup).max(1)).map(|keys| {
        let answers = ask(Call::checkout(deadline), keys);
        async move { (keys, in_time(port, lookup, deadline, answers).await) }
    });
    let mut all = ByKey::with_capacity(keys.len());
    for (keys, answers) in join_all(calls).await {
        match answers {
            Ok(answers) => all.extend(answers),
            Err(error) => all.extend(keys.iter().map(|key| (key.clone(), Err(error.clone())))),
        }
    }
    all
}

/// The answer, or an error when the asker's time is up before it.
pub(crate) async fn in_time<T, P: Port + ?Sized>(
    port: &P,
    lookup: PortLookup,
    deadline: Instant,
    answer: impl Future<Output = Result<T, LookupError>>,
) -> Result<T, LookupError> {
    match timeout_at(deadline, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(LookupError::new(
            ErrorKind::Timeout,
            port.system(),
            lookup.as_str(),
            "the checkout's time is up",
        )),
    }
}
