//! Where records and orders stand in the list, and in which direction a page goes through it.

use std::cmp::Reverse;
use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};

use crate::commerce::orders::trail::Hashes;
use crate::port::orders::OrderRecord;

/// A place in the list: the newest first; equally new ones by their source's precedence, then by number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Position {
    at: Reverse<Timestamp>,
    pub(crate) source: usize,
    pub(crate) number: Arc<str>,
}

impl Position {
    pub(crate) fn new(at: Timestamp, source: usize, number: Arc<str>) -> Self {
        Self {
            at: Reverse(at),
            source,
            number,
        }
    }

    pub(crate) fn of(record: &Known) -> Self {
        Self::new(
            record.record.placed_at,
            record.source,
            record.record.number.clone(),
        )
    }

    pub(crate) fn at(&self) -> Timestamp {
        self.at.0
    }
}

/// A record with the number of the source it is from.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) source: usize,
    pub(crate) record: Arc<OrderRecord>,
    /// Made when first needed, once for all waves of a page.
    pub(crate) hashes: Arc<OnceLock<Hashes>>,
}

impl Known {
    pub(crate) fn new(source: usize, record: Arc<OrderRecord>) -> Self {
        Self {
            source,
            record,
            hashes: Arc::default(),
        }
    }
}

/// The direction of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From new to old.
    Older,
    /// From old to new.
    Newer,
}

impl Way {
    /// Whether `position` still lies ahead of one who stands at `at`.
    pub(crate) fn is_ahead(self, at: &Position, position: &Position) -> bool {
        match self {
            Self::Older => position > at,
            Self::Newer => position < at,
        }
    }

    /// The one that is met first.
    pub(crate) fn first<'a>(self, positions: impl Iterator<Item = &'a Position>) -> Option<&'a Position> {
        match self {
            Self::Older => positions.min(),
            Self::Newer => positions.max(),
        }
    }
}

pub(crate) fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
