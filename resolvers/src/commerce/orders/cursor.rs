//! The cursor of an order: its place, and what one who goes on from there must remember. The bytes are signed and bound to
//! the list's owner and filter by `commerce::cursor`.

use jiff::Timestamp;

use crate::commerce::orders::position::{Position, Way};
use crate::commerce::orders::trail::{Missing, Trace, Trail};

/// A cursor, read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) place: Position,
    /// About how many seconds lie between two orders here; 0 where it is not known.
    pub(crate) gap_secs: u32,
    /// For one who goes on to older orders.
    pub(crate) older: Trail,
    /// For one who goes on to newer orders.
    pub(crate) newer: Trail,
}

/// Changes whenever the form does, so that an old cursor is refused and never misread.
const FORM: u8 = 1;
/// The most traces, and missing sources, of one trail that are read.
const MOST: u64 = 1_000;

impl Mark {
    pub(crate) fn trail(&self, way: Way) -> &Trail {
        match way {
            Way::Older => &self.older,
            Way::Newer => &self.newer,
        }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut writer = Writer(vec![FORM]);
        writer.position(&self.place, 0);
        writer.number(self.gap_secs.into());
        let at = self.place.at().as_second();
        for trail in [&self.older, &self.newer] {
            writer.count(trail.traces.len());
            for trace in &trail.traces {
                writer.seconds(trace.reach, at);
                writer.count(trace.tokens.len());
                trace.tokens.iter().for_each(|token| writer.token(*token));
                writer.count(usize::from(trace.pending.is_some()) + 2 * usize::from(trace.is_needed));
                if let Some(position) = &trace.pending {
                    writer.position(position, at);
                }
            }
            writer.count(trail.missing.len());
            for missing in &trail.missing {
                writer.token(missing.source);
                writer.seconds(missing.newest, at);
                writer.seconds(missing.oldest, at);
            }
        }
        writer.0
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        if reader.byte()? != FORM {
            return None;
        }
        let place = reader.position(0)?;
        let gap_secs = u32::try_from(reader.number()?).ok()?;
        let at = place.at().as_second();
        let older = reader.trail(at)?;
        let newer = reader.trail(at)?;
        reader.0.is_empty().then_some(Self {
            place,
            gap_secs,
            older,
            newer,
        })
    }
}

struct Writer(Vec<u8>);

impl Writer {
    /// Seven bits a byte, the lowest first.
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    /// Near to `base`, so that few bytes are needed; the sign is the lowest bit.
    fn seconds(&mut self, seconds: i64, base: i64) {
        let apart = seconds.saturating_sub(base);
        self.number(((apart << 1) ^ (apart >> 63)) as u64);
    }

    fn token(&mut self, token: u64) {
        self.0.extend_from_slice(&token.to_be_bytes()[2..]);
    }

    fn position(&mut self, position: &Position, base: i64) {
        self.seconds(position.at().as_second(), base);
        let nanos = position.at().subsec_nanosecond();
        self.seconds(nanos.into(), 0);
        self.count(position.source);
        self.count(position.number.len());
        self.0.extend_from_slice(position.number.as_bytes());
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn count(&mut self) -> Option<usize> {
        let count = self.number().filter(|count| *count <= MOST)?;
        usize::try_from(count).ok()
    }

    fn seconds(&mut self, base: i64) -> Option<i64> {
        let number = self.number()?;
        let apart = (number >> 1) as i64 ^ -((number & 1) as i64);
        base.checked_add(apart)
    }

    fn token(&mut self) -> Option<u64> {
        let bytes = self.bytes(6)?;
        Some(
            bytes
                .iter()
                .fold(0, |token, byte| (token << 8) | u64::from(*byte)),
        )
    }

    fn position(&mut self, base: i64) -> Option<Position> {
        let seconds = self.seconds(base)?;
        let nanos = i32::try_from(self.seconds(0)?).ok()?;
        let source = self.count()?;
        let length = self.count()?;
        let number = std::str::from_utf8(self.bytes(length)?).ok()?;
        Some(Position::new(
            Timestamp::new(seconds, nanos).ok()?,
            source,
            number.into(),
        ))
    }

    fn trail(&mut self, at: i64) -> Option<Trail> {
        let mut trail = Trail::default();
        for _ in 0..self.count()? {
            let reach = self.seconds(at)?;
            let tokens = (0..self.count()?).map(|_| self.token()).collect::<Option<_>>()?;
            let flags = self.count()?;
            let pending = match flags & 1 {
                0 => None,
                _ => Some(self.position(at)?),
            };
            trail.traces.push(Trace {
                reach,
                pending,
                is_needed: flags & 2 != 0,
                tokens,
            });
        }
        for _ in 0..self.count()? {
            trail.missing.push(Missing {
                source: self.token()?,
                newest: self.seconds(at)?,
                oldest: self.seconds(at)?,
            });
        }
        Some(trail)
    }
}
