//! A map that has no entries on the heap while they are few, for what is counted on every request.

use std::collections::HashMap;
use std::hash::Hash;

/// How many entries stand side by side.
const NEAR: usize = 16;

/// A map: its first entries are found by looking at each, those beyond by their hash.
pub(super) struct Few<K, V> {
    near: [Option<(K, V)>; NEAR],
    far: HashMap<K, V>,
}

impl<K: Copy + Eq + Hash, V: Copy> Few<K, V> {
    pub(super) fn new() -> Self {
        Self {
            near: [None; NEAR],
            far: HashMap::new(),
        }
    }

    /// The value of a key, which is `fresh` when it has none yet.
    pub(super) fn entry(&mut self, key: K, fresh: V) -> &mut V {
        let place = self.near.iter().position(|entry| match entry {
            Some((known, _)) => *known == key,
            None => true,
        });
        match place {
            Some(place) => &mut self.near[place].get_or_insert((key, fresh)).1,
            None => self.far.entry(key).or_insert(fresh),
        }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        let near = self.near.iter().flatten().find(|(known, _)| known == key);
        near.map(|(_, value)| value).or_else(|| self.far.get(key))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let near = self.near.iter().flatten().map(|(key, value)| (key, value));
        near.chain(&self.far)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_entries_are_found_as_few_are() {
        let mut few = Few::new();
        for round in 1..=3_u64 {
            for key in 0..100_u64 {
                *few.entry(key, 0) += key * round;
            }
        }
        assert_eq!(few.iter().count(), 100);
        assert_eq!(few.get(&3), Some(&18));
        assert_eq!(few.get(&99), Some(&594));
        assert_eq!(few.get(&100), None);
    }
}
