//! Which records are one order.

use std::collections::HashMap;

use jiff::SignedDuration;

use crate::commerce::orders::position::Known;
use crate::commerce::written::Written;
use crate::port::orders::OrderRecord;

/// A record's references that can be another system's number.
pub(crate) fn references(record: &OrderRecord) -> impl Iterator<Item = &str> {
    record
        .references
        .iter()
        .map(|reference| &**reference)
        .filter(|reference| reference.is_writable())
}

/// Groups records into orders. `system_of` says which system a source is of. Records further apart than `window` are not
/// linked to each other.
pub(crate) fn join(
    records: &[Known],
    system_of: impl Fn(usize) -> usize,
    window: SignedDuration,
) -> Vec<Vec<usize>> {
    let mut by_number: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut by_reference: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, known) in records.iter().enumerate() {
        by_number.entry(&known.record.number).or_default().push(index);
        for reference in references(&known.record) {
            by_reference.entry(reference).or_default().push(index);
        }
    }
    let near = |a: usize, b: usize| {
        let apart = records[a]
            .record
            .placed_at
            .duration_since(records[b].record.placed_at);
        apart.abs() <= window
    };
    let same_system = |a: usize, b: usize| system_of(records[a].source) == system_of(records[b].source);
    let mut sets = Sets((0..records.len()).collect());
    for numbered in by_number.values() {
        link(numbered, numbered, &mut sets, |a, b| {
            same_system(a, b) && near(a, b)
        });
    }
    for (reference, referring) in &by_reference {
        let elsewhere = |a: usize, b: usize| !same_system(a, b) && near(a, b);
        link(referring, referring, &mut sets, elsewhere);
        if let Some(numbered) = by_number.get(reference) {
            link(referring, numbered, &mut sets, elsewhere);
        }
    }
    sets.groups()
}

fn link(left: &[usize], right: &[usize], sets: &mut Sets, linked: impl Fn(usize, usize) -> bool) {
    for &a in left {
        for &b in right {
            if a != b && linked(a, b) {
                sets.unite(a, b);
            }
        }
    }
}

/// Disjoint sets; each index points to another of its set, or to itself.
struct Sets(Vec<usize>);

impl Sets {
    fn root(&mut self, mut index: usize) -> usize {
        while self.0[index] != index {
            self.0[index] = self.0[self.0[index]];
            index = self.0[index];
        }
        index
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        // The lower index stays the root, so that groups come out in the order of the records.
        self.0[a.max(b)] = a.min(b);
    }

    fn groups(mut self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut place = HashMap::new();
        for index in 0..self.0.len() {
            let root = self.root(index);
            let at = *place.entry(root).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[at].push(index);
        }
        groups
    }
}
