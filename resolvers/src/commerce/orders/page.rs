//! The page that a merge comes to, with a cursor at each order.

use jiff::Timestamp;
use skuery_schema::error::FieldError;
use skuery_schema::order::Order;

use crate::commerce::orders::cursor::Mark;
use crate::commerce::orders::merge::{Cluster, Merge, Reach, View};
use crate::commerce::orders::position::{Position, Way, earlier, later};
use crate::commerce::orders::trail::{Trace, Trail, tokens};

/// What can be shown.
pub(crate) struct MergedPage {
    /// Newest first.
    pub(crate) edges: Vec<MergedEdge>,
    pub(crate) has_next: bool,
    pub(crate) has_previous: bool,
    /// Why a source's orders are not in it, by source.
    pub(crate) failures: Vec<Option<FieldError>>,
    /// How many orders of a source were read, where it should have been read further.
    pub(crate) cut: Vec<Option<usize>>,
}

pub(crate) struct MergedEdge {
    pub(crate) order: Order,
    pub(crate) mark: Mark,
}

/// An order with its place on the page.
struct Shown {
    cluster: usize,
    place: Position,
    order: Order,
}

impl Merge {
    /// The page, once there are no more questions.
    pub(crate) fn page(self) -> MergedPage {
        let View {
            clusters,
            mut shown,
            reach,
        } = self.view();
        let size = self.window.size;
        let more = match self.window.keeps_last() {
            true => {
                let surplus = shown.len().saturating_sub(size);
                shown.drain(..surplus);
                surplus > 0
            }
            false => {
                let surplus = shown.len() > size;
                shown.truncate(size);
                // Where a source could not be read on, the page after this one goes on.
                surplus || (matches!(reach, Reach::Until(_)) && !shown.is_empty())
            }
        };
        let mut shown: Vec<Shown> = shown
            .into_iter()
            .map(|(cluster, order)| Shown {
                place: clusters[cluster]
                    .place
                    .clone()
                    .unwrap_or_else(|| clusters[cluster].identity.clone()),
                cluster,
                order,
            })
            .collect();
        if self.window.way() == Way::Newer {
            shown.reverse();
        }
        let (has_next, has_previous) = match self.window.is_last {
            false => (more, self.window.after.is_some()),
            true => (self.window.before.is_some(), more),
        };
        let marks = Marks::new(&self, &clusters, &shown, (has_next, has_previous)).all();
        let edges = shown.into_iter().zip(marks);
        MergedPage {
            edges: edges
                .map(|(shown, mark)| MergedEdge {
                    order: shown.order,
                    mark,
                })
                .collect(),
            has_next,
            has_previous,
            cut: self
                .readers
                .iter()
                .map(|reader| (reader.cut && !reader.failed).then_some(reader.read))
                .collect(),
            failures: self.failures,
        }
    }
}

/// Makes the cursors of a page.
struct Marks<'a> {
    merge: &'a Merge,
    clusters: &'a [Cluster],
    /// Newest first.
    places: Vec<Position>,
    /// Which of the places a cluster has.
    edges: Vec<Option<usize>>,
    /// Which clusters matter to the cursors; none where nothing can be joined, so that nothing needs to be remembered.
    near: Vec<usize>,
    gap_secs: u32,
    /// Where the page begins and ends; `None` where the list itself does.
    newest: Option<Timestamp>,
    oldest: Option<Timestamp>,
}

impl<'a> Marks<'a> {
    fn new(
        merge: &'a Merge,
        clusters: &'a [Cluster],
        shown: &[Shown],
        (has_next, has_previous): (bool, bool),
    ) -> Self {
        let mut edges = vec![None; clusters.len()];
        for (edge, shown) in shown.iter().enumerate() {
            edges[shown.cluster] = Some(edge);
        }
        let places: Vec<Position> = shown.iter().map(|shown| shown.place.clone()).collect();
        let mut marks = Self {
            gap_secs: gap(&places),
            newest: places.first().map(Position::at).filter(|_| has_previous),
            oldest: places.last().map(Position::at).filter(|_| has_next),
            near: Vec::new(),
            merge,
            clusters,
            places,
            edges,
        };
        if merge.merged.sources.len() > 1 {
            let near = (0..clusters.len()).filter(|number| marks.is_near(&clusters[*number]));
            marks.near = near.collect();
        }
        marks
    }

    fn all(&self) -> Vec<Mark> {
        let trail = |way, place: &Position| match self.merge.merged.sources.len() > 1 {
            true => self.trail(way, place),
            false => Trail::default(),
        };
        let mark = |place: &Position| Mark {
            place: place.clone(),
            gap_secs: self.gap_secs,
            older: trail(Way::Older, place),
            newer: trail(Way::Newer, place),
        };
        self.places.iter().map(mark).collect()
    }

    /// Whether a cluster can have records on both sides of any place of the page.
    fn is_near(&self, cluster: &Cluster) -> bool {
        let (Some(first), Some(last)) = (self.places.first(), self.places.last()) else {
            return false;
        };
        let window = self.merge.merged.join_window;
        earlier(cluster.newest, window) <= first.at() && later(cluster.oldest, window) >= last.at()
    }

    /// What one who goes on from `place` must remember.
    fn trail(&self, way: Way, place: &Position) -> Trail {
        let window = self.merge.merged.join_window;
        let sources = &self.merge.merged.sources;
        let nothing = Trail::default();
        let carried = self
            .merge
            .window
            .origin(way)
            .map_or(&nothing, |mark| mark.trail(way));
        let mut trail = Trail {
            traces: Vec::new(),
            missing: carried.missing.clone(),
        };
        let (newest, oldest) = self.passed(way, place);
        for (source, failure) in self.merge.failures.iter().enumerate() {
            if failure.is_some() {
                trail.miss(&sources[source], newest, oldest);
            }
        }
        let is_degraded = !trail.missing.is_empty();
        let is_own_way = way == self.merge.window.way();
        let mut traces: Vec<Option<Trace>> = carried.traces.iter().cloned().map(Some).collect();
        let mut found = Vec::new();
        for number in self.near.iter().copied() {
            let cluster = &self.clusters[number];
            if is_own_way {
                self.follow(cluster, is_degraded, &mut traces);
                if cluster.remembered.is_shown {
                    continue;
                }
            }
            let lies_ahead = |id: &Position| way.is_ahead(place, id);
            let is_shown = self.edges[number].is_some_and(|edge| !lies_ahead(&self.places[edge]));
            // Going the other way, it would stand at its identity record.
            let place_then = match is_own_way {
                true => cluster.place.as_ref(),
                false => Some(&cluster.identity),
            };
            let is_still_to_come = !is_shown && place_then.is_some_and(lies_ahead);
            // A record that was passed need not answer again on this page.
            let was_pending = is_own_way && !cluster.remembered.pending.is_empty();
            let has_passed = was_pending || !cluster.ids.iter().all(lies_ahead);
            let is_pending = is_still_to_come && has_passed;
            if !is_shown && !is_pending {
                continue;
            }
            let is_known_ahead = is_pending || cluster.ids.iter().any(lies_ahead);
            found.push(Trace {
                reach: match way {
                    Way::Older => cluster.newest.as_second(),
                    Way::Newer => cluster.oldest.as_second(),
                },
                pending: is_pending.then(|| cluster.identity.clone()),
                is_needed: is_degraded || is_known_ahead,
                // Copies that are known are known by number.
                tokens: tokens(&cluster.members, sources, is_degraded || !is_known_ahead),
            });
        }
        trail.traces = found;
        trail.traces.extend(traces.into_iter().flatten());
        trail.bounded(way, place, window)
    }

    /// What a carried trace becomes when its order has been read again.
    fn follow(&self, cluster: &Cluster, is_degraded: bool, traces: &mut [Option<Trace>]) {
        for number in &cluster.remembered.traces {
            let is_pending = traces[*number]
                .as_ref()
                .is_some_and(|trace| trace.pending.is_some());
            if is_pending && cluster.place.is_some() {
                // It has been shown since, or is pending anew.
                traces[*number] = None;
            } else if let Some(trace) = &mut traces[*number] {
                trace.learn(&tokens(&cluster.members, &self.merge.merged.sources, is_degraded));
            }
        }
    }

    /// The time that one has passed who comes to `place` through this page.
    fn passed(&self, way: Way, place: &Position) -> (Timestamp, Timestamp) {
        let origin = self.merge.window.origin(way).map(|mark| mark.place.at());
        match way {
            Way::Older => {
                let newest = origin.or(self.newest).unwrap_or(Timestamp::MAX);
                (newest.max(place.at()), place.at())
            }
            Way::Newer => {
                let oldest = origin.or(self.oldest).unwrap_or(Timestamp::MIN);
                (place.at(), oldest.min(place.at()))
            }
        }
    }
}

/// How many seconds lie between two orders of the page.
fn gap(places: &[Position]) -> u32 {
    let (Some(first), Some(last)) = (places.first(), places.last()) else {
        return 0;
    };
    let steps = i64::try_from(places.len().saturating_sub(1)).unwrap_or(i64::MAX);
    let span = first.at().duration_since(last.at()).as_secs();
    span.checked_div(steps)
        .and_then(|gap| u32::try_from(gap).ok())
        .unwrap_or(0)
}
