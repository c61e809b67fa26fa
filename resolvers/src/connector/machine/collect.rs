//! Gathers the rows of an answer under the keys they were asked for.

use std::collections::HashMap;

use crate::error::LookupError;

/// By position in the asked list: nothing, the rows, or why there are none.
pub(crate) type Rows<R> = Vec<Option<Result<Vec<R>, LookupError>>>;

/// Rows by key. Several of our keys may be one key of the system.
pub(super) struct Collect<'a, R> {
    positions: HashMap<&'a str, Vec<usize>>,
    pub(super) rows: Rows<R>,
    pub(super) foreign: u64,
}

impl<'a, R: Clone> Collect<'a, R> {
    pub(super) fn new(keys: &'a [String]) -> Self {
        let mut positions: HashMap<&str, Vec<usize>> = HashMap::with_capacity(keys.len());
        for (position, key) in keys.iter().enumerate() {
            positions.entry(key).or_default().push(position);
        }
        Self {
            positions,
            rows: vec![None; keys.len()],
            foreign: 0,
        }
    }

    pub(super) fn knows(&self, key: &str) -> bool {
        self.positions.contains_key(key)
    }

    pub(super) fn begin(&mut self, key: &str) {
        for position in self.positions.get(key).into_iter().flatten() {
            self.rows[*position].get_or_insert_with(|| Ok(Vec::new()));
        }
    }

    pub(super) fn add(&mut self, key: &str, record: R) {
        for position in self.positions.get(key).into_iter().flatten() {
            if let Some(Ok(rows)) = &mut self.rows[*position] {
                rows.push(record.clone());
            }
        }
    }

    pub(super) fn fail(&mut self, key: &str, error: LookupError) {
        for position in self.positions.get(key).into_iter().flatten() {
            self.rows[*position] = Some(Err(error.clone()));
        }
    }
}
