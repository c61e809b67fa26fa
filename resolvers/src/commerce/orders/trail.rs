//! What a cursor remembers of what lies behind it: orders by hashes of their numbers, and sources that were missing.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::commerce::orders::join::references;
use crate::commerce::orders::merge::MergeSource;
use crate::commerce::orders::position::{Known, Position, Way};
use crate::port::orders::OrderList;

/// The most orders remembered that outages can make wrong.
const NEEDED: usize = 64;
/// The most orders remembered only for copies that arrive late.
const OTHERS: usize = 16;
/// The most hashes of one order.
const TOKENS: usize = 24;

/// What lies behind one who goes on from a cursor.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Trail {
    pub(crate) traces: Vec<Trace>,
    pub(crate) missing: Vec<Missing>,
}

/// An order of which a record lies behind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trace {
    /// In seconds: the newest of its records when going to older ones, else the oldest.
    pub(crate) reach: i64,
    /// Where it is still to be shown; `None` when it has been shown.
    pub(crate) pending: Option<Position>,
    /// Whether a copy of it is known to lie ahead, or may because a source was missing. Otherwise only a copy that arrives
    /// late could be shown twice without it.
    pub(crate) is_needed: bool,
    /// Its numbers and references, each with its system.
    pub(crate) tokens: Vec<u64>,
}

/// A source that did not answer, and for which time. In seconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Missing {
    pub(crate) source: u64,
    pub(crate) newest: i64,
    pub(crate) oldest: i64,
}

/// What a trail knows of an order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Remembered {
    /// The numbers of the traces.
    pub(crate) traces: Vec<usize>,
    pub(crate) is_shown: bool,
    /// Positions of records that were seen then.
    pub(crate) pending: Vec<Position>,
}

impl Trail {
    /// Its traces by what orders are known by.
    pub(crate) fn index(&self) -> TrailIndex<'_> {
        let mut by_token: HashMap<u64, Vec<usize>> = HashMap::new();
        for (number, trace) in self.traces.iter().enumerate() {
            for token in &trace.tokens {
                by_token.entry(*token).or_default().push(number);
            }
        }
        TrailIndex {
            trail: self,
            by_token,
        }
    }

    /// Whether a source was missing where this position was passed.
    pub(crate) fn misses(&self, position: &Position, sources: &[MergeSource]) -> bool {
        if self.missing.is_empty() {
            return false;
        }
        let Some(source) = sources.get(position.source) else {
            return false;
        };
        let (source, at) = (source_token(source), position.at().as_second());
        let is_missing =
            |missing: &Missing| missing.source == source && missing.oldest <= at && at <= missing.newest;
        self.missing.iter().any(is_missing)
    }

    /// Adds that a source did not answer for a time.
    pub(crate) fn miss(&mut self, source: &MergeSource, newest: Timestamp, oldest: Timestamp) {
        let (newest, oldest) = (newest.as_second(), oldest.as_second());
        let source = source_token(source);
        match self.missing.iter_mut().find(|missing| missing.source == source) {
            Some(missing) => {
                missing.newest = missing.newest.max(newest);
                missing.oldest = missing.oldest.min(oldest);
            }
            None => self.missing.push(Missing {
                source,
                newest,
                oldest,
            }),
        }
    }

    /// Drops what can have no copy ahead of `place`, and what is too much.
    pub(crate) fn bounded(mut self, way: Way, place: &Position, window: SignedDuration) -> Self {
        let (at, window) = (place.at().as_second(), window.as_secs() + 1);
        let in_reach = |newest: i64, oldest: i64| match way {
            Way::Older => oldest - window <= at,
            Way::Newer => newest + window >= at,
        };
        self.missing
            .retain(|missing| in_reach(missing.newest, missing.oldest));
        self.traces.retain(|trace| in_reach(trace.reach, trace.reach));
        self.traces
            .sort_by_key(|trace| (!trace.is_needed, (trace.reach - at).abs()));
        let needed = self.traces.partition_point(|trace| trace.is_needed);
        self.traces.truncate(needed + OTHERS);
        self.traces.drain(needed.min(NEEDED)..needed);
        self
    }
}

/// A trail to look orders up in.
pub(crate) struct TrailIndex<'a> {
    pub(crate) trail: &'a Trail,
    by_token: HashMap<u64, Vec<usize>>,
}

impl TrailIndex<'_> {
    /// What is remembered of an order, by its records.
    pub(crate) fn remembers(
        &self,
        members: &[Known],
        sources: &[MergeSource],
        window: SignedDuration,
    ) -> Remembered {
        let mut remembered = Remembered::default();
        if self.by_token.is_empty() {
            return remembered;
        }
        for known in members {
            let at = known.record.placed_at.as_second();
            for token in &hashes(known, sources).probes {
                for &number in self.by_token.get(token).into_iter().flatten() {
                    let near = (self.trail.traces[number].reach - at).abs() <= window.as_secs() + 1;
                    if near && !remembered.traces.contains(&number) {
                        remembered.traces.push(number);
                    }
                }
            }
        }
        for number in &remembered.traces {
            match &self.trail.traces[*number].pending {
                Some(position) => remembered.pending.push(position.clone()),
                None => remembered.is_shown = true,
            }
        }
        remembered
    }
}

impl Trace {
    /// Adds what else the order is known by.
    pub(crate) fn learn(&mut self, tokens: &[u64]) {
        learn(&mut self.tokens, tokens.iter().copied());
    }
}

// ---------------------------------------------------------------- hashes

#[derive(Clone, Copy)]
enum Kind {
    Number,
    Reference,
    Source,
}

/// What a record is known by, and what another record of its order would be known by.
#[derive(Debug)]
pub(crate) struct Hashes {
    number: u64,
    references: Vec<u64>,
    probes: Vec<u64>,
}

fn hashes<'k>(known: &'k Known, sources: &[MergeSource]) -> &'k Hashes {
    known.hashes.get_or_init(|| Hashes::new(known, sources))
}

/// What records of an order are known by: their numbers, and what may join records that nobody has seen.
pub(crate) fn tokens(members: &[Known], sources: &[MergeSource], with_references: bool) -> Vec<u64> {
    let each = || members.iter().map(|known| hashes(known, sources));
    // Numbers come first: they must not fall to the bound.
    let numbers = each().map(|hashes| hashes.number);
    let references = each().flat_map(|hashes| hashes.references.iter().copied());
    let mut tokens = Vec::new();
    learn(&mut tokens, numbers.chain(references.filter(|_| with_references)));
    tokens
}

fn learn(tokens: &mut Vec<u64>, more: impl Iterator<Item = u64>) {
    for token in more {
        if tokens.len() < TOKENS && !tokens.contains(&token) {
            tokens.push(token);
        }
    }
}

impl Hashes {
    /// Follows the rules of `join`.
    fn new(known: &Known, sources: &[MergeSource]) -> Self {
        let own = &sources[known.source];
        let record = &known.record;
        let number = token(Kind::Number, own.name.as_str(), &record.number);
        let mut probes = vec![number];
        let mut asked = vec![own.system];
        for other in sources {
            if asked.contains(&other.system) {
                continue;
            }
            asked.push(other.system);
            let system = other.name.as_str();
            probes.push(token(Kind::Reference, system, &record.number));
            for reference in references(record) {
                probes.push(token(Kind::Number, system, reference));
                probes.push(token(Kind::Reference, system, reference));
            }
        }
        let reference = |reference| token(Kind::Reference, own.name.as_str(), reference);
        Self {
            number,
            references: references(record).map(reference).collect(),
            probes,
        }
    }
}

fn source_token(source: &MergeSource) -> u64 {
    let list = match source.list {
        OrderList::Orders => "orders",
        OrderList::Past => "past",
    };
    token(Kind::Source, source.name.as_str(), list)
}

/// 48 bits: a cursor holds many.
fn token(kind: Kind, system: &str, text: &str) -> u64 {
    let mut digest = Sha256::new();
    digest.update([kind as u8]);
    digest.update(system.as_bytes());
    digest.update([0]);
    digest.update(text.as_bytes());
    let digest = digest.finalize();
    digest[..6]
        .iter()
        .fold(0, |token, byte| (token << 8) | u64::from(*byte))
}
