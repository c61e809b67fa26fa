//! Which documents were asked for before, as far as a small table can tell.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};

/// How many documents are remembered at most; a later one takes the place of an earlier one. 64 KiB.
const PLACES: usize = 16 * 1024;

/// A mark per document, in a place that its hash chooses. The hash has a secret, so nobody can aim at a place.
pub(super) struct Seen {
    secret: RandomState,
    marks: Box<[AtomicU32]>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            secret: RandomState::new(),
            marks: (0..PLACES).map(|_| AtomicU32::new(0)).collect(),
        }
    }
}

impl Seen {
    pub(super) fn hash(&self, document: &str, name: Option<&str>) -> u64 {
        self.secret.hash_one((document, name))
    }

    /// Whether this was seen before; from now on it was. Wrong once in four thousand million documents.
    pub(super) fn again(&self, hash: u64) -> bool {
        let place = usize::try_from(hash % PLACES as u64).expect("a place of the table");
        // 0 is the mark of no document.
        let mark = u32::try_from(hash >> 32).expect("the upper half").max(1);
        self.marks[place].swap(mark, Ordering::Relaxed) == mark
    }
}
