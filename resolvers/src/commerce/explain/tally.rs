//! Counts what a walk of the plan asks: cheap enough for every request.

use crate::commerce::explain::few::Few;
use crate::commerce::explain::sources::{SourceId, Sources};

/// One question of a walk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) source: SourceId,
    pub(super) scope: ScopeKind,
    /// Everything but the key that changes the answer: questions of one group share calls.
    pub(super) group: u64,
    /// Which keys they are: the same set is asked for once.
    pub(super) set: u64,
    pub(super) keys: u64,
    /// From 1; of the first round.
    pub(super) wave: u32,
    /// How many calls it takes in all rounds; `None` for as many as its group has batches.
    pub(super) calls: Option<u64>,
    /// How often it may be asked before it is answered, a wave each.
    pub(super) rounds: u32,
}

/// Whose answer it is, without saying whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScopeKind {
    Public,
    PriceList,
    Customer,
    Company,
}

impl ScopeKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::PriceList => "price_list",
            Self::Customer => "customer",
            Self::Company => "company",
        }
    }
}

/// Calls and keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) calls: u64,
    pub(super) keys: u64,
}

impl Sum {
    pub(super) fn add(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.keys = self.keys.saturating_add(other.keys);
    }
}

/// A source, a group, a set, and the wave where answers are not kept from wave to wave.
type SetKey = (SourceId, u64, u64, u32);

/// What is asked of one set.
#[derive(Clone, Copy)]
struct Asked {
    keys: u64,
    wave: u32,
    calls: Option<u64>,
}

/// A source, a group, and the wave in which it leaves.
pub(super) type GroupKey = (SourceId, u64, u32);

/// Keys that share calls, and what is beside them.
#[derive(Clone, Copy, Default)]
struct Group {
    batched: u64,
    other: Sum,
}

/// What a walk has asked so far.
pub(super) struct Tally<'s> {
    sources: &'s Sources,
    sets: Few<SetKey, Asked>,
}

impl<'s> Tally<'s> {
    pub(super) fn new(sources: &'s Sources) -> Self {
        Self {
            sources,
            sets: Few::new(),
        }
    }

    pub(super) fn add(&mut self, question: &Question) {
        let asked = self.sets.entry(
            self.set(question),
            Asked {
                keys: question.keys,
                wave: question.wave,
                calls: question.calls,
            },
        );
        asked.wave = asked.wave.min(question.wave);
        asked.keys = asked.keys.max(question.keys);
    }

    fn set(&self, question: &Question) -> SetKey {
        // What is not kept is asked again in a later wave.
        let wave = match self.sources.of(question.source).keeps() {
            true => 0,
            false => question.wave,
        };
        (question.source, question.group, question.set, wave)
    }

    /// The group in which a question that was added leaves.
    pub(super) fn group_of(&self, question: &Question) -> GroupKey {
        let asked = self.sets.get(&self.set(question));
        let wave = asked.map_or(question.wave, |asked| asked.wave);
        (question.source, question.group, wave)
    }

    /// The calls and keys of every group.
    pub(super) fn groups(&self) -> Few<GroupKey, Sum> {
        let mut groups: Few<GroupKey, Group> = Few::new();
        for ((source, group, ..), asked) in self.sets.iter() {
            let group = groups.entry((*source, *group, asked.wave), Group::default());
            match asked.calls {
                Some(calls) => group.other.add(Sum {
                    calls,
                    keys: asked.keys,
                }),
                None => group.batched = group.batched.saturating_add(asked.keys),
            }
        }
        let mut sums = Few::new();
        for (key, group) in groups.iter() {
            let sum: &mut Sum = sums.entry(*key, group.other);
            sum.add(Sum {
                calls: self.sources.of(key.0).calls(group.batched),
                keys: group.batched,
            });
        }
        sums
    }

    /// How often the operation waits at least.
    pub(super) fn waves(&self) -> u32 {
        let waves = self.sets.iter().map(|(_, asked)| asked.wave);
        waves.max().unwrap_or(0)
    }
}
