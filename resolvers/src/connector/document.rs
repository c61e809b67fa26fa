//! An answer as it is kept while it is read: one row of entries over the body, no allocation a key or a text.
//!
//! Entries lie in the order of the body, each list and object knows where it ends, so that what nobody reads is stepped
//! over. Texts are spans of the body; numbers and texts with escapes are spans of one further text behind it. A member is
//! looked for one by one in a small object; a large one has its names sorted, so that no answer costs time squared.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::connector::node::Node;

/// Objects with more members than this are searched by sorted names.
const SMALL: u32 = 16;
/// How serde_json names the one member of a number that keeps its digits.
const NUMBER: &str = "$serde_json::private::Number";

/// One answer, parsed. Every object has each name once: of several, the last counts, at the place of the first.
#[derive(Debug)]
pub(crate) struct Document {
    body: String,
    tape: Tape,
    root: u32,
}

/// What is known of a body without the body.
#[derive(Debug, Default)]
struct Tape {
    entries: Vec<Entry>,
    /// What does not stand in the body as it is; spans count on from the body's end.
    more: String,
    large: Vec<Large>,
    /// The keys' entries of all large objects, sorted by name within each.
    sorted: Vec<u32>,
}

/// A value, or a member's name before its value.
#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: Kind,
    /// Of a text or number, where its span begins; of a list or small object, the entry after it; of a large object, its
    /// place in `large`.
    at: u32,
    /// Bytes, elements or members.
    len: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    False,
    True,
    Number,
    Text,
    List,
    Object,
    Large,
}

#[derive(Clone, Copy, Debug)]
struct Large {
    end: u32,
    sorted: u32,
}

impl Document {
    /// Reads one JSON value and nothing after it, nested at most as deep as serde_json allows. What is something else
    /// comes back as it was.
    pub(crate) fn new(body: String) -> Result<Self, String> {
        match Tape::read(&body) {
            Ok((tape, false)) => Ok(Self::whole(body, tape)),
            Ok((_, true)) => Self::settled(&body).ok_or(body),
            Err(_) => Err(body),
        }
    }

    /// Rare enough for the long way: serde_json's own value has each name once.
    fn settled(body: &str) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_str(body).ok()?;
        let body = value.to_string();
        let (tape, _) = Tape::read(&body).ok()?;
        Some(Self::whole(body, tape))
    }

    /// The answer that says nothing.
    pub(crate) fn null() -> Self {
        let mut tape = Tape::default();
        tape.entries.push(Entry {
            kind: Kind::Null,
            at: 0,
            len: 0,
        });
        Self::whole(String::new(), tape)
    }

    fn whole(body: String, tape: Tape) -> Self {
        Self { body, tape, root: 0 }
    }

    /// The whole value.
    pub(crate) fn root(&self) -> Node<'_> {
        Node::Read(self, self.root)
    }

    /// Only the member of this name; `None` where there is none.
    pub(crate) fn only(mut self, name: &str) -> Option<Self> {
        self.root = self.member(self.root, name)?;
        Some(self)
    }

    pub(super) fn kind(&self, at: u32) -> Kind {
        self.entry(at).kind
    }

    /// The text, or a number's digits.
    pub(super) fn text(&self, at: u32) -> &str {
        self.tape.text(&self.body, self.entry(at))
    }

    /// How many elements or members.
    pub(super) fn len(&self, at: u32) -> u32 {
        self.entry(at).len
    }

    /// The entry after a value, whatever is inside it.
    pub(super) fn after(&self, at: u32) -> u32 {
        self.tape.after(at)
    }

    /// The value of a member.
    pub(super) fn member(&self, object: u32, name: &str) -> Option<u32> {
        let entry = self.entry(object);
        match entry.kind {
            Kind::Object => {
                let mut key = object + 1;
                for _ in 0..entry.len {
                    if self.text(key) == name {
                        return Some(key + 1);
                    }
                    key = self.after(key + 1);
                }
                None
            }
            Kind::Large => {
                let from = self.tape.large[entry.at as usize].sorted as usize;
                let keys = &self.tape.sorted[from..from + entry.len as usize];
                let found = keys.binary_search_by(|key| self.text(*key).cmp(name));
                found.ok().map(|found| keys[found] + 1)
            }
            _ => None,
        }
    }

    fn entry(&self, at: u32) -> Entry {
        self.tape.entries[at as usize]
    }
}

impl Tape {
    /// Also tells whether an object has a name twice.
    fn read(body: &str) -> Result<(Self, bool), serde_json::Error> {
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

    fn text<'a>(&'a self, body: &'a str, entry: Entry) -> &'a str {
        let (at, len) = (entry.at as usize, entry.len as usize);
        match at.checked_sub(body.len()) {
            None => &body[at..at + len],
            Some(at) => &self.more[at..at + len],
        }
    }

    fn after(&self, at: u32) -> u32 {
        let entry = self.entries[at as usize];
        match entry.kind {
            Kind::List | Kind::Object => entry.at,
            Kind::Large => self.large[entry.at as usize].end,
            _ => at + 1,
        }
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
        let text = |key: u32| self.tape.text(self.body, self.tape.entries[key as usize]);
        let mut key = first;
        for count in 0..len {
            let mut earlier = first;
            for _ in 0..count {
                if text(earlier) == text(key) {
                    return true;
                }
                earlier = self.tape.after(earlier + 1);
            }
            key = self.tape.after(key + 1);
        }
        false
    }

    fn sort(&mut self, first: u32, len: u32) {
        let mut keys = Vec::with_capacity(len as usize);
        let mut key = first;
        for _ in 0..len {
            keys.push(key);
            key = self.tape.after(key + 1);
        }
        let text = |key: &u32| self.tape.text(self.body, self.tape.entries[*key as usize]);
        keys.sort_unstable_by(|a, b| text(a).cmp(text(b)));
        self.has_twins |= keys.windows(2).any(|pair| text(&pair[0]) == text(&pair[1]));
        self.tape.sorted.extend(keys);
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

#[cfg(test)]
mod tests;
