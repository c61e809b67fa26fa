//! The questions one wave of one request has for one loader, each asked once.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use futures_util::future::join_all;
use skuery_schema::freshness::Freshness;
use skuery_schema::ids::SystemName;
use tokio::time::Instant;

use crate::commerce::explain::trace::RequestTrace;
use crate::commerce::reuse::Reuse;
use crate::commerce::watch::Depends;
use crate::loader::trace::LookupTrace;
use crate::loader::{Loaded, Loader, Outcome, Scoped, Source, Want};

/// Where an answer will be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    group: usize,
    key: usize,
}

/// What is noted of a request's questions beside their answers.
#[derive(Clone, Default)]
pub(crate) struct Notes {
    /// For who wants to be told what became of each.
    pub(crate) trace: Option<RequestTrace>,
    /// For who may keep the answer.
    pub(crate) reuse: Option<Arc<Reuse>>,
}

pub(crate) struct Questions<'g, S: Source> {
    loader: &'g Loader<S>,
    /// Since the last wave nothing has been waited for: one reading of the clock serves all ages.
    now: Instant,
    groups: Vec<Group<S>>,
    sent: usize,
    traced: Option<Box<Traced<S>>>,
    /// What was asked for, where somebody wants to watch it.
    noted: Option<Vec<Depends<S>>>,
    reuse: Option<Arc<Reuse>>,
}

struct Group<S: Source> {
    scoped: Scoped<S::Group>,
    want: Want,
    keys: Vec<S::Key>,
    places: HashMap<S::Key, usize>,
    outcomes: Vec<Outcome<S::Value>>,
}

/// What is noted of the open wave where the request is traced.
struct Traced<S: Source> {
    request: RequestTrace,
    /// Since something has been asked.
    wave: Option<Arc<LookupTrace>>,
    /// A key that several fields ask counts once.
    counted: HashSet<(Scoped<S::Group>, S::Key, Want)>,
}

/// What asking came to.
pub(crate) enum Found<V> {
    /// The loader had it at hand.
    Now(Outcome<V>),
    /// It will be there after the wave.
    At(At),
}

impl<'g, S: Source> Questions<'g, S> {
    pub(crate) fn new(loader: &'g Loader<S>, now: Instant, notes: &Notes) -> Self {
        let traced = |request: &RequestTrace| Traced {
            request: request.clone(),
            wave: None,
            counted: HashSet::new(),
        };
        Self {
            loader,
            now,
            groups: Vec::new(),
            sent: 0,
            noted: None,
            traced: notes.trace.as_ref().map(traced).map(Box::new),
            reuse: notes.reuse.clone(),
        }
    }

    /// From now on every question is noted.
    pub(crate) fn begin_notes(&mut self) {
        self.noted.get_or_insert_default();
    }

    /// What was asked for since then; nothing is noted any more.
    pub(crate) fn end_notes(&mut self) -> Vec<Depends<S>> {
        self.noted.take().unwrap_or_default()
    }

    /// The loader's answer at hand, or a place in the next wave.
    pub(crate) fn ask(&mut self, scoped: &Scoped<S::Group>, key: &S::Key, want: Want) -> Found<S::Value> {
        if let Some(noted) = &mut self.noted {
            noted.push((scoped.clone(), key.clone()));
        }
        let traced = self.traced.as_deref_mut();
        let trace = traced.and_then(|traced| traced.count(self.loader.source(), scoped, key, want));
        match self.loader.peek_traced(scoped, key, want, self.now, trace) {
            Some(outcome) => {
                if let Some(reuse) = &self.reuse {
                    reuse.note(scoped.scope(), want, &outcome, self.now);
                }
                Found::Now(outcome)
            }
            None => Found::At(self.add(scoped, key, want)),
        }
    }

    fn add(&mut self, scoped: &Scoped<S::Group>, key: &S::Key, want: Want) -> At {
        let open = &mut self.groups[self.sent..];
        let found = open
            .iter()
            .position(|group| group.scoped == *scoped && group.want == want);
        let group = self.sent + found.unwrap_or(open.len());
        if found.is_none() {
            self.groups.push(Group {
                scoped: scoped.clone(),
                want,
                keys: Vec::new(),
                places: HashMap::new(),
                outcomes: Vec::new(),
            });
        }
        let Group { keys, places, .. } = &mut self.groups[group];
        let key = *places.entry(key.clone()).or_insert_with(|| {
            keys.push(key.clone());
            keys.len() - 1
        });
        At { group, key }
    }

    /// Sends everything that has been asked since the last wave, all at once.
    pub(crate) async fn wave(&mut self, deadline: Instant) {
        let loader = self.loader;
        let first = self.sent;
        let trace = self.traced.as_deref_mut().and_then(Traced::close);
        let open = &mut self.groups[self.sent..];
        let began = trace
            .as_ref()
            .filter(|_| !open.is_empty())
            .map(|_| Instant::now());
        let loads = open.iter_mut().map(|group| {
            let trace = trace.as_ref();
            async move {
                group.outcomes = loader
                    .load_traced(&group.scoped, &group.keys, group.want, deadline, trace)
                    .await;
            }
        });
        join_all(loads).await;
        if let (Some(trace), Some(began)) = (trace, began) {
            trace.waited(began.elapsed());
        }
        self.sent = self.groups.len();
        self.now = Instant::now();
        let landed = &self.groups[first..];
        if let Some(reuse) = &self.reuse {
            for group in landed {
                for outcome in &group.outcomes {
                    reuse.note(group.scoped.scope(), group.want, outcome, self.now);
                }
            }
        }
    }

    /// An answer after its wave.
    pub(crate) fn outcome(&self, at: At) -> &Outcome<S::Value> {
        &self.groups[at.group].outcomes[at.key]
    }

    /// The system that is asked.
    pub(crate) fn system(&self) -> &'g SystemName {
        self.loader.source().system()
    }

    /// How old an answer of the system is, as clients see it.
    pub(crate) fn freshness<V>(&self, loaded: &Loaded<V>) -> Freshness {
        loaded.freshness(self.system(), self.now)
    }
}

impl<S: Source> Traced<S> {
    /// The open wave's trace, if this key is not counted there yet.
    fn count(
        &mut self,
        source: &S,
        scoped: &Scoped<S::Group>,
        key: &S::Key,
        want: Want,
    ) -> Option<&Arc<LookupTrace>> {
        let is_new = self.counted.insert((scoped.clone(), key.clone(), want));
        is_new.then(|| {
            let begin = || self.request.lookup(source.system(), source.operation());
            &*self.wave.get_or_insert_with(begin)
        })
    }

    /// The trace of the open wave, which is over for askers.
    fn close(&mut self) -> Option<Arc<LookupTrace>> {
        self.counted.clear();
        self.wave.take()
    }
}
