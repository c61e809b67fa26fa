//! A body as its row of entries is made.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use smallvec::SmallVec;

use super::{Entry, Kind, Large, SMALL, Tape};

/// How serde_json names the one member of a number that keeps its digits.
pub(super) const NUMBER: &str = "$serde_json::private::Number";

impl Tape {
    /// Also tells whether an object has a name twice.
    pub(super) fn read(body: &str) -> Result<(Self, bool), serde_json::Error> {
        let mut building = Building {
            body,
            tape: Self::default(),
            has_twins: false,
        };
        building.tape.entries.reserve(body.len() / 16);
        let mut json = serde_json::Deserializer::from_str(body);
        Value(&mut building).deserialize(&mut json)?;
        json.end()?;
        Ok((building.tape, building.has_twins))
    }
}

struct Building<'de> {
    body: &'de str,
    tape: Tape,
    has_twins: bool,
}

impl<'de> Building<'de> {
    fn push<E: serde::de::Error>(&mut self, kind: Kind, at: usize, len: usize) -> Result<(), E> {
        let small = |number| u32::try_from(number).map_err(|_| E::custom("too long"));
        let (at, len) = (small(at)?, small(len)?);
        self.tape.entries.push(Entry { kind, at, len });
        Ok(())
    }

    /// Where a text stands in the body, if it does.
    fn place(&self, text: &str) -> Option<usize> {
        let at = (text.as_ptr() as usize).checked_sub(self.body.as_ptr() as usize)?;
        (at + text.len() <= self.body.len()).then_some(at)
    }

    fn borrowed<E: serde::de::Error>(&mut self, text: &'de str) -> Result<(), E> {
        match self.place(text) {
            // At the very end of the body a span would be one of the text behind it.
            Some(at) if at < self.body.len() => self.push(Kind::Text, at, text.len()),
            _ => self.copied(Kind::Text, text),
        }
    }

    fn copied<E: serde::de::Error>(&mut self, kind: Kind, text: &str) -> Result<(), E> {
        let at = self.body.len() + self.tape.more.len();
        self.tape.more.push_str(text);
        self.push(kind, at, text.len())
    }

    /// Room for a list or object, whose end is not known yet.
    fn open<E: serde::de::Error>(&mut self) -> Result<usize, E> {
        let at = self.tape.entries.len();
        self.push(Kind::Null, 0, 0)?;
        Ok(at)
    }

    fn close<E: serde::de::Error>(&mut self, at: usize, kind: Kind, len: u32) -> Result<(), E> {
        let small = |number| u32::try_from(number).map_err(|_| E::custom("too long"));
        let end = small(self.tape.entries.len())?;
        let first = small(at)? + 1;
        self.tape.entries[at] = Entry { kind, at: end, len };
        if kind != Kind::Object {
            return Ok(());
        }
        if len > SMALL {
            let large = small(self.tape.large.len())?;
            let sorted = small(self.tape.sorted.len())?;
            self.sort(first, len);
            self.tape.large.push(Large { end, sorted });
            self.tape.entries[at] = Entry {
                kind: Kind::Large,
                at: large,
                len,
            };
        } else {
            self.has_twins |= self.has_twins_among(first, len);
        }
        Ok(())
    }

    fn has_twins_among(&self, first: u32, len: u32) -> bool {
        let mut names: SmallVec<[Entry; SMALL as usize]> = SmallVec::new();
        for key in self.tape.keys(first, len) {
            let name = self.tape.entries[key as usize];
            let is_twin = |other: &Entry| {
                other.len == name.len
                    && self.tape.bytes(self.body, *other) == self.tape.bytes(self.body, name)
            };
            if names.iter().any(is_twin) {
                return true;
            }
            names.push(name);
        }
        false
    }

    fn sort(&mut self, first: u32, len: u32) {
        let name = |key: u32| self.tape.bytes(self.body, self.tape.entries[key as usize]);
        // How a name begins decides nearly always, and is a number.
        let begins = |key: u32| {
            let mut start = [0; 8];
            let name = name(key);
            let shown = name.len().min(start.len());
            start[..shown].copy_from_slice(&name[..shown]);
            (u64::from_be_bytes(start), key)
        };
        let mut keys: Vec<(u64, u32)> = self.tape.keys(first, len).map(begins).collect();
        keys.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| name(a.1).cmp(name(b.1))));
        let is_twins = |pair: &[(u64, u32)]| pair[0].0 == pair[1].0 && name(pair[0].1) == name(pair[1].1);
        self.has_twins |= keys.windows(2).any(is_twins);
        self.tape.sorted.extend(keys.into_iter().map(|(_, key)| key));
    }
}

struct Value<'b, 'de>(&'b mut Building<'de>);

impl<'de> DeserializeSeed<'de> for Value<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.0.push(Kind::Null, 0, 0)
    }

    fn visit_bool<E: serde::de::Error>(self, switch: bool) -> Result<(), E> {
        self.0.push(if switch { Kind::True } else { Kind::False }, 0, 0)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.0.copied(Kind::Number, &number.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.0.copied(Kind::Number, &number.to_string())
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<(), E> {
        self.0.borrowed(text)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.0.copied(Kind::Text, text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let at = self.0.open()?;
        let mut len = 0;
        while items.next_element_seed(Value(self.0))?.is_some() {
            len += 1;
        }
        self.0.close(at, Kind::List, len)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let at = self.0.open()?;
        let mut len = 0;
        while let Some(key) = members.next_key_seed(Key(self.0))? {
            if key == IsKey::OfNumber {
                self.0.tape.entries.truncate(at);
                let digits: String = members.next_value()?;
                return self.0.copied(Kind::Number, &digits);
            }
            members.next_value_seed(Value(self.0))?;
            len += 1;
        }
        self.0.close(at, Kind::Object, len)
    }
}

struct Key<'b, 'de>(&'b mut Building<'de>);

#[derive(PartialEq, Eq)]
enum IsKey {
    OfMember,
    /// Not a name in the body: serde_json hands over a number.
    OfNumber,
}

impl<'de> DeserializeSeed<'de> for Key<'_, 'de> {
    type Value = IsKey;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<IsKey, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Key<'_, 'de> {
    type Value = IsKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, name: &'de str) -> Result<IsKey, E> {
        if name == NUMBER && self.0.place(name).is_none() {
            return Ok(IsKey::OfNumber);
        }
        self.0.borrowed(name).map(|()| IsKey::OfMember)
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<IsKey, E> {
        self.0.copied(Kind::Text, name).map(|()| IsKey::OfMember)
    }
}
