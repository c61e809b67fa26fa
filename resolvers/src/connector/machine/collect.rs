//! Gathers the rows of an answer under the keys they were asked for.

use foldhash::{HashMap, HashMapExt};
use smallvec::SmallVec;

use crate::error::LookupError;

/// By position in the asked list: nothing, the rows, or why there are none.
pub(crate) type Rows<R> = Vec<Option<Result<Vec<R>, LookupError>>>;

/// Rows by key. Several of our keys may be one key of the system.
pub(super) struct Collect<'a, R> {
    places: HashMap<&'a str, Place>,
    pub(super) rows: Rows<R>,
    pub(super) foreign: u64,
}

/// The positions of one key of the system.
type Place = SmallVec<[usize; 1]>;

impl<'a, R: Clone> Collect<'a, R> {
    pub(super) fn new(keys: &'a [String]) -> Self {
        let mut places: HashMap<&str, Place> = HashMap::with_capacity(keys.len());
        for (position, key) in keys.iter().enumerate() {
            places.entry(key).or_default().push(position);
        }
        Self {
            places,
            rows: vec![None; keys.len()],
            foreign: 0,
        }
    }

    /// The key's place for what an item says of it; `None` where nobody asked for it.
    pub(super) fn begin(&mut self, key: &str) -> Option<Item<'_, R>> {
        let positions = self.places.get(key)?;
        for position in positions {
            self.rows[*position].get_or_insert_with(|| Ok(Vec::new()));
        }
        Some(Item {
            positions,
            rows: &mut self.rows,
        })
    }
}

/// What one item of an answer says of the key it is for.
pub(super) struct Item<'c, R> {
    positions: &'c [usize],
    rows: &'c mut Rows<R>,
}

impl<R: Clone> Item<'_, R> {
    pub(super) fn add(&mut self, record: R) {
        let Some((last, others)) = self.positions.split_last() else {
            return;
        };
        for position in others {
            if let Some(Ok(rows)) = &mut self.rows[*position] {
                rows.push(record.clone());
            }
        }
        if let Some(Ok(rows)) = &mut self.rows[*last] {
            rows.push(record);
        }
    }

    pub(super) fn fail(&mut self, error: &LookupError) {
        for position in self.positions {
            self.rows[*position] = Some(Err(error.clone()));
        }
    }
}
