//! The merge of many sources into one page: says what to ask, takes the answers, and shows what is safe to show.
//!
//! `questions` and `take` alternate until there are no more questions; then `page` is what can be shown.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use skuery_schema::error::FieldError;
use skuery_schema::ids::SystemName;
use skuery_schema::order::Order;

use crate::commerce::orders::assemble::Assembly;
use crate::commerce::orders::cursor::Mark;
use crate::commerce::orders::filter::OrderFilter;
use crate::commerce::orders::join::join;
use crate::commerce::orders::position::{Known, Position, Way, earlier, later};
use crate::commerce::orders::reader::Reader;
use crate::commerce::orders::trail::{Remembered, Trail, TrailIndex};
use crate::commerce::orders::window::Window;
use crate::port::orders::{OrderList, OrderPage, Which};

/// Read beside a page's own orders, so that copies rarely need a second wave.
const MARGIN: usize = 10;
/// Read at first where a filter leaves out what is read.
const SELECTIVE: usize = 100;

/// One list of one system. Sources are in the order of precedence of identity.
#[derive(Clone, Debug)]
pub(crate) struct MergeSource {
    /// The system's number, in the general order of precedence.
    pub(crate) system: usize,
    pub(crate) name: SystemName,
    pub(crate) list: OrderList,
    /// The most orders that one question may ask for.
    pub(crate) most: usize,
}

/// What is merged, whatever the page.
#[derive(Clone)]
pub(crate) struct Merged {
    pub(crate) sources: Arc<[MergeSource]>,
    pub(crate) join_window: SignedDuration,
    pub(crate) assembly: Arc<Assembly>,
    pub(crate) filter: OrderFilter,
    pub(crate) now: Timestamp,
}

/// A page being put together.
pub(crate) struct Merge {
    pub(super) merged: Merged,
    pub(super) window: Window,
    pub(super) readers: Vec<Reader>,
    pub(super) failures: Vec<Option<FieldError>>,
    known: Vec<Known>,
    seen: HashSet<(usize, Arc<str>, Timestamp)>,
    is_started: bool,
    /// Going to newer orders: all sources have been read from the cursor up to here.
    pub(super) ceiling: Option<Timestamp>,
    /// Going to newer orders: the end of the stretch that is being read; `None` has no end.
    pub(super) stretch: Option<Timestamp>,
    /// Going to newer orders: nothing that could be on this page is above the ceiling.
    pub(super) is_at_top: bool,
    pub(super) step: SignedDuration,
}

/// The records of one order as far as they have been read, and where it is to be shown.
pub(crate) struct Cluster {
    pub(crate) members: Vec<Known>,
    /// The positions of the records, and of those that the cursor remembers.
    pub(crate) ids: Vec<Position>,
    pub(crate) identity: Position,
    pub(crate) newest: Timestamp,
    pub(crate) oldest: Timestamp,
    pub(crate) remembered: Remembered,
    /// `None` when it is not to be shown from here on.
    pub(crate) place: Option<Position>,
}

/// What is known after a wave.
pub(super) struct View {
    pub(super) clusters: Vec<Cluster>,
    /// What can be shown, in the direction of the page: at most one more than the page holds, unless all are wanted.
    pub(super) shown: Vec<(usize, Order)>,
    pub(super) reach: Reach,
}

/// How far the view reaches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reach {
    /// The page is full, and it is known whether more follow.
    Full,
    /// Nothing more can follow.
    End,
    /// Sources must be read past this before more can be shown.
    Until(Timestamp),
}

/// How many orders every source is asked for at first.
pub(crate) fn first_question(sources: usize, page: usize, from_cursor: bool, leaves_out: bool) -> usize {
    let margin = match sources {
        // One more to know whether more follow, one that may have ties below, and the cursor's own.
        0 | 1 => 3,
        _ if from_cursor => 2 * MARGIN,
        _ => MARGIN,
    };
    match leaves_out {
        true => SELECTIVE.max(page + margin),
        false => page + margin,
    }
}

impl Merge {
    pub(crate) fn new(mut merged: Merged, window: Window) -> Self {
        if merged.sources.len() < 2 {
            // Nothing can be joined, so nothing needs to be waited for.
            merged.join_window = SignedDuration::ZERO;
        }
        let first = first_question(
            merged.sources.len(),
            window.size,
            window.from().is_some(),
            merged.filter.is_selective() || window.keeps_last(),
        );
        let mut merge = Self {
            readers: Vec::new(),
            failures: vec![None; merged.sources.len()],
            known: Vec::new(),
            seen: HashSet::new(),
            is_started: false,
            ceiling: None,
            stretch: None,
            is_at_top: false,
            step: SignedDuration::ZERO,
            merged,
            window,
        };
        let (since, until) = merge.first_stretch();
        merge.stretch = until;
        let reader = |source: &MergeSource| Reader::new(since, until, first, source.most);
        merge.readers = merge.merged.sources.iter().map(reader).collect();
        merge
    }

    /// What to ask next, all at once; nothing when the page is ready. `left` is how many orders of each source the page
    /// may still read.
    pub(crate) fn questions(&mut self, left: &mut [usize]) -> Vec<(usize, Which)> {
        if !self.is_started {
            self.is_started = true;
            return self.ask(left, |_| true);
        }
        match self.window.way() {
            Way::Older => match self.view().reach {
                Reach::Full | Reach::End => Vec::new(),
                Reach::Until(threshold) => self.ask(left, |reader| reader.hides(threshold)),
            },
            Way::Newer => {
                if self.readers.iter().any(Reader::is_open) {
                    return self.ask(left, |_| true);
                }
                self.raise_ceiling();
                match self.view().reach {
                    Reach::Full | Reach::End => Vec::new(),
                    Reach::Until(_) => {
                        self.widen();
                        self.ask(left, |_| true)
                    }
                }
            }
        }
    }

    /// Takes the answer to the question that a source was asked last.
    pub(crate) fn take(
        &mut self,
        source: usize,
        answer: Result<Option<&OrderPage>, FieldError>,
        left: &mut [usize],
    ) {
        let reader = &mut self.readers[source];
        match answer {
            Ok(page) => {
                let nothing = OrderPage::default();
                let page = page.unwrap_or(&nothing);
                reader.take(page, &mut left[source]);
                for record in &page.orders {
                    if self
                        .seen
                        .insert((source, record.number.clone(), record.placed_at))
                    {
                        self.known.push(Known::new(source, record.clone()));
                    }
                }
            }
            Err(error) => {
                reader.fail(&mut left[source]);
                self.failures[source] = Some(error);
                // What it gave before would only cut the page short.
                self.known.retain(|known| known.source != source);
            }
        }
    }

    fn ask(&mut self, left: &mut [usize], wanted: impl Fn(&Reader) -> bool) -> Vec<(usize, Which)> {
        let wanted = |reader: &Reader| reader.is_open() && wanted(reader);
        let mut readers = self.readers.iter().enumerate();
        if readers.any(|(source, reader)| wanted(reader) && left[source] == 0) {
            // The others could be read on, but nothing below this one's horizon could be shown: all of them end here.
            for reader in self.readers.iter_mut().filter(|reader| wanted(reader)) {
                reader.cut = true;
            }
            return Vec::new();
        }
        let mut questions = Vec::new();
        for (source, reader) in self.readers.iter_mut().enumerate() {
            if wanted(reader) {
                questions.push((source, reader.question(&mut left[source])));
            }
        }
        questions
    }

    // ------------------------------------------------------------ what is known

    /// Joins what has been read, and walks it in the direction of the page as far as it is complete.
    pub(super) fn view(&self) -> View {
        let way = self.window.way();
        let clusters = self.clusters();
        let mut walk: Vec<usize> = (0..clusters.len())
            .filter(|cluster| clusters[*cluster].place.is_some())
            .collect();
        walk.sort_by(|a, b| clusters[*a].place.cmp(&clusters[*b].place));
        if way == Way::Newer {
            walk.reverse();
        }
        let mut shown = Vec::new();
        for index in walk {
            let cluster = &clusters[index];
            if !self.is_complete(cluster) {
                let reach = Reach::Until(earlier(cluster.newest, self.merged.join_window));
                return View {
                    clusters,
                    shown,
                    reach,
                };
            }
            let is_past = |to: &Mark| {
                let place = cluster.place.as_ref();
                place.is_some_and(|place| *place == to.place || way.is_ahead(&to.place, place))
            };
            if self.window.to().is_some_and(is_past) {
                return View {
                    clusters,
                    shown,
                    reach: Reach::End,
                };
            }
            let order = self.merged.assembly.order(&cluster.members, &self.merged.sources);
            if self.merged.filter.wants(&order, &cluster.members) {
                shown.push((index, order));
            }
            if shown.len() > self.window.size && !self.window.keeps_last() {
                return View {
                    clusters,
                    shown,
                    reach: Reach::Full,
                };
            }
        }
        View {
            clusters,
            shown,
            reach: self.reach(),
        }
    }

    /// How far everything goes that was read, when all of it is complete.
    fn reach(&self) -> Reach {
        match self.window.way() {
            Way::Newer if self.is_at_top => Reach::End,
            Way::Newer => Reach::Until(self.ceiling.unwrap_or(Timestamp::MIN)),
            Way::Older => {
                let open = self.readers.iter().filter(|reader| reader.is_open());
                let horizon = open.map(|reader| reader.horizon.unwrap_or(Timestamp::MAX)).max();
                horizon.map_or(Reach::End, |horizon| {
                    Reach::Until(earlier(horizon, self.merged.join_window))
                })
            }
        }
    }

    /// Whether no further record of it can come, and nothing before it.
    fn is_complete(&self, cluster: &Cluster) -> bool {
        let window = self.merged.join_window;
        match self.window.way() {
            Way::Older => {
                let lowest = earlier(cluster.newest, window);
                !self.readers.iter().any(|reader| reader.hides(lowest))
            }
            Way::Newer => {
                let highest = later(cluster.oldest, window);
                self.is_at_top || self.ceiling.is_some_and(|ceiling| highest <= ceiling)
            }
        }
    }

    fn clusters(&self) -> Vec<Cluster> {
        let sources = &self.merged.sources;
        let system_of = |source: usize| sources[source].system;
        let nothing = Trail::default();
        let trail = self.window.from().map(|mark| mark.trail(self.window.way()));
        let index = trail.unwrap_or(&nothing).index();
        let of = |members: Vec<usize>| {
            members
                .into_iter()
                .map(|member| self.known[member].clone())
                .collect()
        };
        join(&self.known, system_of, self.merged.join_window)
            .into_iter()
            .map(|members| self.cluster(of(members), &index))
            .collect()
    }

    fn cluster(&self, mut members: Vec<Known>, index: &TrailIndex<'_>) -> Cluster {
        members.sort_by_key(Position::of);
        let remembered = index.remembers(&members, &self.merged.sources, self.merged.join_window);
        let mut ids: Vec<Position> = members.iter().map(Position::of).collect();
        ids.extend(remembered.pending.iter().cloned());
        let first = &members[0];
        // Of several records of the first source, the oldest: one that comes later changes nothing.
        let identity = ids.iter().min_by_key(|id| (id.source, id.at(), &id.number));
        let identity = identity.cloned().unwrap_or_else(|| Position::of(first));
        let times = || members.iter().map(|known| known.record.placed_at);
        Cluster {
            newest: times().max().unwrap_or(first.record.placed_at),
            oldest: times().min().unwrap_or(first.record.placed_at),
            place: self.place(&ids, &identity, &remembered, index.trail),
            ids,
            identity,
            remembered,
            members,
        }
    }

    fn place(
        &self,
        ids: &[Position],
        identity: &Position,
        remembered: &Remembered,
        trail: &Trail,
    ) -> Option<Position> {
        let Some(from) = self.window.from() else {
            return Some(identity.clone());
        };
        let way = self.window.way();
        if remembered.is_shown {
            return None;
        }
        if way.is_ahead(&from.place, identity) {
            return Some(identity.clone());
        }
        let was_passed_over = !remembered.pending.is_empty() || trail.misses(identity, &self.merged.sources);
        let ahead = ids.iter().filter(|id| way.is_ahead(&from.place, id));
        was_passed_over.then(|| way.first(ahead).cloned()).flatten()
    }
}
