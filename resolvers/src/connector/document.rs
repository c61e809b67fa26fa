//! An answer as it is kept while it is read: one row of entries over the body, no allocation a key or a text.
//!
//! Entries lie in the order of the body, each list and object knows where it ends, so that what nobody reads is stepped
//! over. Texts and numbers are spans of the body; texts with escapes are spans of one further text behind it. A member is
//! looked for one by one in a small object; a large one has its names sorted, so that no answer costs time squared.

use crate::connector::node::Node;

mod building;

/// Objects with more members than this are searched by sorted names.
const SMALL: u32 = 64;

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
    /// Of a text: see `tag`.
    tag: u16,
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
            tag: 0,
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
            Kind::Object => self.member_of_small(object, entry, name.as_bytes()),
            Kind::Large => {
                let from = self.tape.large[entry.at as usize].sorted as usize;
                let keys = &self.tape.sorted[from..from + entry.len as usize];
                let found = keys.binary_search_by(|key| self.text(*key).cmp(name));
                found.ok().map(|found| keys[found] + 1)
            }
            _ => None,
        }
    }

    fn member_of_small(&self, object: u32, entry: Entry, name: &[u8]) -> Option<u32> {
        let (tag, len) = (tag(name), name.len());
        let is_it = |key: &Entry| {
            key.tag == tag && key.len as usize == len && self.tape.bytes(&self.body, *key) == name
        };
        let first = object + 1;
        let entries = &self.tape.entries[first as usize..entry.at as usize];
        if entries.len() == entry.len as usize * 2 {
            // A row of plain values, as most are: every other entry is a name.
            let (members, _) = entries.as_chunks::<2>();
            let found = members.iter().position(|[key, _]| is_it(key))?;
            return Some(first + small(found) * 2 + 1);
        }
        let mut key = first;
        while let Some([name, value]) = entries[(key - first) as usize..].first_chunk() {
            if is_it(name) {
                return Some(key + 1);
            }
            key = self.tape.end_of(*value, key + 1);
        }
        None
    }

    fn entry(&self, at: u32) -> Entry {
        self.tape.entries[at as usize]
    }
}

impl Tape {
    fn text<'a>(&'a self, body: &'a str, entry: Entry) -> &'a str {
        let (at, len) = (entry.at as usize, entry.len as usize);
        match at.checked_sub(body.len()) {
            None => &body[at..at + len],
            Some(at) => &self.more[at..at + len],
        }
    }

    /// The names of an object whose first is given.
    fn keys(&self, first: u32, len: u32) -> impl Iterator<Item = u32> {
        let mut next = first;
        (0..len).map(move |_| {
            let key = next;
            next = self.after(key + 1);
            key
        })
    }

    fn bytes<'a>(&'a self, body: &'a str, entry: Entry) -> &'a [u8] {
        let (at, len) = (entry.at as usize, entry.len as usize);
        match at.checked_sub(body.len()) {
            None => &body.as_bytes()[at..at + len],
            Some(at) => &self.more.as_bytes()[at..at + len],
        }
    }

    fn after(&self, at: u32) -> u32 {
        self.end_of(self.entries[at as usize], at)
    }

    fn end_of(&self, entry: Entry, at: u32) -> u32 {
        match entry.kind {
            Kind::List | Kind::Object => entry.at,
            Kind::Large => self.large[entry.at as usize].end,
            _ => at + 1,
        }
    }
}

/// Nothing here is longer than the body twice, whose length was looked at.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How a text begins and ends, by which most names differ already.
fn tag(text: &[u8]) -> u16 {
    match (text.first(), text.last()) {
        (Some(first), Some(last)) => u16::from_be_bytes([*first, *last]),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
