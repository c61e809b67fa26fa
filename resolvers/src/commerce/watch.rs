//! Polling for those who watch: one poller per source, scope and group asks for all that anybody watches there.
//!
//! Equal keys of all subscribers are one key here. A key is asked for more often where it moves and less often where it
//! does not; keys that are due at about the same time leave in one call, and the call waits behind every query's. What
//! comes back is compared, and only a difference wakes the subscribers.

mod mailbox;
mod pace;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

pub(crate) use crate::commerce::watch::mailbox::Mailbox;
pub use crate::commerce::watch::pace::Pace;

use crate::commerce::watch::pace::Rhythm;
use crate::loader::{Loader, Outcome, Scoped, Source, Want};

/// What one subscriber depends on: a question to a source.
pub(crate) type Depends<S> = (Scoped<<S as Source>::Group>, <S as Source>::Key);

/// All pollers of one source.
pub(crate) struct Watch<S: Source>(Arc<Inner<S>>);

struct Inner<S: Source> {
    loader: Loader<S>,
    pace: Pace,
    state: Mutex<State<S>>,
}

struct State<S: Source> {
    wards: HashMap<Scoped<S::Group>, Ward<S>>,
    /// How many keys are watched in all.
    keys: usize,
    /// Counts differences, so that who was asking meanwhile knows that it may have seen the older value.
    differences: u64,
    listeners: u64,
}

/// The keys that one poller asks for.
struct Ward<S: Source> {
    keys: HashMap<S::Key, Watched<S::Value>>,
    /// Something is due earlier than the poller thinks.
    sooner: Arc<Notify>,
}

struct Watched<V> {
    seen: Option<Seen<V>>,
    /// The number of its last difference.
    differed: u64,
    rhythm: Rhythm,
    listeners: Vec<Listener>,
}

struct Listener {
    number: u64,
    mailbox: Weak<Mailbox>,
    slot: usize,
}

/// What an answer comes to when answers are compared.
#[derive(Clone, PartialEq)]
enum Seen<V> {
    Value(V),
    Absent,
    Failed,
}

/// Ends its listener when dropped; with the last of a key its polling ends.
pub(crate) struct Watching<S: Source> {
    inner: Arc<Inner<S>>,
    on: Depends<S>,
    number: u64,
}

/// More keys are watched than is allowed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMany {
    pub(crate) allowed: usize,
}

impl<S> Watch<S>
where
    S: Source,
    S::Value: PartialEq,
{
    pub(crate) fn new(loader: Loader<S>, pace: Pace) -> Self {
        let state = State {
            wards: HashMap::new(),
            keys: 0,
            differences: 0,
            listeners: 0,
        };
        Self(Arc::new(Inner {
            loader,
            pace,
            state: Mutex::new(state),
        }))
    }

    /// How many keys are polled for.
    pub(crate) fn keys(&self) -> usize {
        self.0.lock().keys
    }

    /// To be read before what is watched is read; see [`Self::add`].
    pub(crate) fn differences(&self) -> u64 {
        self.0.lock().differences
    }

    /// Posts `slot` whenever the answer differs from the one before. `since` is what [`Self::differences`] gave before the
    /// subscriber read the answer: what has differed after that is posted at once.
    pub(crate) fn add(
        &self,
        on: &Depends<S>,
        mailbox: &Arc<Mailbox>,
        slot: usize,
        since: u64,
    ) -> Result<Watching<S>, TooMany> {
        let (scoped, key) = on;
        let mut state = self.0.lock();
        let is_watched = state
            .wards
            .get(scoped)
            .is_some_and(|ward| ward.keys.contains_key(key));
        if !is_watched && state.keys >= self.0.pace.keys {
            return Err(TooMany {
                allowed: self.0.pace.keys,
            });
        }
        state.listeners += 1;
        let number = state.listeners;
        let is_new_ward = !state.wards.contains_key(scoped);
        let ward = state.wards.entry(scoped.clone()).or_insert_with(|| Ward {
            keys: HashMap::new(),
            sooner: Arc::default(),
        });
        let watched = ward.keys.entry(key.clone()).or_insert_with(|| Watched {
            seen: None,
            differed: 0,
            rhythm: self.0.pace.start(Instant::now()),
            listeners: Vec::new(),
        });
        watched.listeners.push(Listener {
            number,
            mailbox: Arc::downgrade(mailbox),
            slot,
        });
        if watched.differed > since {
            mailbox.post(slot);
        }
        ward.sooner.notify_one();
        let sooner = ward.sooner.clone();
        state.keys += usize::from(!is_watched);
        drop(state);
        if is_new_ward {
            tokio::spawn(poll(Arc::downgrade(&self.0), scoped.clone(), sooner));
        }
        Ok(Watching {
            inner: self.0.clone(),
            on: on.clone(),
            number,
        })
    }

    /// Asks for these keys soon, in all scopes: something has changed them.
    pub(crate) fn hurry(&self, keys: &[S::Key]) {
        let now = Instant::now();
        for ward in self.0.lock().wards.values_mut() {
            let mut is_hurried = false;
            for key in keys {
                if let Some(watched) = ward.keys.get_mut(key) {
                    watched.rhythm.hurry(now);
                    is_hurried = true;
                }
            }
            if is_hurried {
                ward.sooner.notify_one();
            }
        }
    }
}

impl<S: Source> Inner<S> {
    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Source> Drop for Watching<S> {
    fn drop(&mut self) {
        let (scoped, key) = &self.on;
        let mut state = self.inner.lock();
        let Some(ward) = state.wards.get_mut(scoped) else {
            return;
        };
        let Some(watched) = ward.keys.get_mut(key) else {
            return;
        };
        watched
            .listeners
            .retain(|listener| listener.number != self.number);
        if !watched.listeners.is_empty() {
            return;
        }
        ward.keys.remove(key);
        if ward.keys.is_empty() {
            // Its poller wakes and finds nothing to do.
            ward.sooner.notify_one();
            state.wards.remove(scoped);
        }
        state.keys -= 1;
    }
}

/// One poller, until nobody watches any of its keys. It holds nothing while it sleeps.
async fn poll<S>(inner: Weak<Inner<S>>, scoped: Scoped<S::Group>, sooner: Arc<Notify>)
where
    S: Source,
    S::Value: PartialEq,
{
    loop {
        let Some(next) = inner.upgrade().and_then(|inner| inner.next(&scoped, &sooner)) else {
            return;
        };
        tokio::select! {
            () = sleep_until(next) => {}
            () = sooner.notified() => continue,
        }
        let Some(inner) = inner.upgrade() else { return };
        inner.ask(&scoped).await;
    }
}

impl<S> Inner<S>
where
    S: Source,
    S::Value: PartialEq,
{
    /// When the first key is due; `None` when this poller's ward is gone, perhaps replaced by another's.
    fn next(&self, scoped: &Scoped<S::Group>, sooner: &Arc<Notify>) -> Option<Instant> {
        let state = self.lock();
        let ward = state.wards.get(scoped)?;
        if !Arc::ptr_eq(&ward.sooner, sooner) {
            return None;
        }
        ward.keys.values().map(|watched| watched.rhythm.due()).min()
    }

    /// Asks for all keys that are due, and tells whom that concerns.
    async fn ask(&self, scoped: &Scoped<S::Group>) {
        let due = self.due(scoped);
        if due.is_empty() {
            return;
        }
        let deadline = Instant::now() + self.loader.policy().call_timeout;
        // What queries have brought meanwhile is as good.
        let want = Want {
            max_age: Some(self.pace.least / 2),
        };
        let outcomes = self.loader.load_behind(scoped, &due, want, deadline).await;
        let mut state = self.lock();
        let State {
            wards, differences, ..
        } = &mut *state;
        let Some(ward) = wards.get_mut(scoped) else {
            return;
        };
        let now = Instant::now();
        for (key, outcome) in due.iter().zip(outcomes) {
            if let Some(watched) = ward.keys.get_mut(key)
                && watched.note(outcome.into(), &self.pace, now)
            {
                *differences += 1;
                watched.differed = *differences;
                watched.tell();
            }
        }
    }

    fn due(&self, scoped: &Scoped<S::Group>) -> Vec<S::Key> {
        let now = Instant::now();
        let mut state = self.lock();
        let Some(ward) = state.wards.get_mut(scoped) else {
            return Vec::new();
        };
        let due = ward
            .keys
            .iter_mut()
            .filter(|(_, watched)| watched.rhythm.is_due(now, &self.pace));
        due.map(|(key, watched)| {
            watched.rhythm.asked(now);
            key.clone()
        })
        .collect()
    }
}

impl<V: PartialEq> Watched<V> {
    /// Whether this answer differs from the one before. Before the first there is none to compare with, so its subscribers
    /// look once more.
    fn note(&mut self, seen: Seen<V>, pace: &Pace, now: Instant) -> bool {
        let differs = self.seen.as_ref() != Some(&seen);
        let moves = differs && self.seen.is_some() && seen != Seen::Failed;
        match moves {
            true => self.rhythm.faster(now, pace),
            false => self.rhythm.slower(now, pace),
        }
        self.seen = Some(seen);
        differs
    }

    fn tell(&self) {
        for listener in &self.listeners {
            if let Some(mailbox) = listener.mailbox.upgrade() {
                mailbox.post(listener.slot);
            }
        }
    }
}

impl<V> From<Outcome<V>> for Seen<V> {
    fn from(outcome: Outcome<V>) -> Self {
        match outcome {
            Ok(Some(loaded)) => Self::Value(loaded.value),
            Ok(None) => Self::Absent,
            Err(_) => Self::Failed,
        }
    }
}
