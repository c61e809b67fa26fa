//! A body as its row of entries is made.
//!
//! Rows of a list are nearly always alike, so the names of the one before say what to expect: a name that comes as
//! foretold is compared instead of read, and an object of foretold names has none of them twice.

use hifijson::escape::Lex as _;
use hifijson::num::Lex as _;
use hifijson::str::LexWrite as _;
use hifijson::token::{Expect, Lex};
use hifijson::{Error, Read as _, SliceLexer};
use smallvec::SmallVec;

use super::{Entry, Kind, Large, SMALL, Tape, small, tag};

/// How deep lists and objects may lie in one another; as serde_json has it.
const DEPTH: u32 = 127;
/// How many names are looked at for one that did not come as foretold.
const AHEAD: u32 = 4;

impl Tape {
    /// Also tells whether an object has a name twice.
    pub(super) fn read(body: &str) -> Result<(Self, bool), Error> {
        // Spans count on from the body's end, by as many bytes at most.
        if u32::try_from(body.len().saturating_mul(2)).is_err() {
            return Err(Error::Depth);
        }
        let mut building = Building {
            body,
            tape: Self::default(),
            has_twins: false,
        };
        building.tape.entries.reserve(body.len() / 10);
        SliceLexer::new(body.as_bytes()).exactly_one(Lex::ws_peek, |next, lexer| {
            building.value(next, lexer, None, DEPTH)
        })?;
        Ok((building.tape, building.has_twins))
    }
}

struct Building<'b> {
    body: &'b str,
    tape: Tape,
    has_twins: bool,
}

/// The names of an object that has been read, as those of another that is read now.
#[derive(Clone, Copy)]
struct Foretold {
    key: u32,
    left: u32,
    /// All names came as foretold, or later ones of the foretold.
    held: bool,
}

/// A text as it is read: where it stands in the body, or what it is without its escapes, behind what there is of `more`.
struct Text<'b, 'm> {
    plain: &'b [u8],
    more: &'m mut String,
    has_escapes: bool,
}

impl<'b> Building<'b> {
    /// `like` is a value that this one may resemble.
    fn value(
        &mut self,
        next: u8,
        lexer: &mut SliceLexer<'b>,
        like: Option<u32>,
        depth: u32,
    ) -> Result<(), Error> {
        match next {
            b'"' => {
                let text = self.text(lexer.discarded())?;
                self.tape.entries.push(text);
            }
            b'0'..=b'9' | b'-' => {
                let at = self.place(lexer);
                lexer.num_ignore().validate()?;
                let len = self.place(lexer) - at;
                self.push(Kind::Number, at, len);
            }
            b'[' => self.list(lexer.discarded(), like, depth.checked_sub(1).ok_or(Error::Depth)?)?,
            b'{' => self.object(lexer.discarded(), like, depth.checked_sub(1).ok_or(Error::Depth)?)?,
            b'a'..=b'z' => match lexer.null_or_bool().ok_or(Expect::Value)? {
                None => self.push(Kind::Null, 0, 0),
                Some(false) => self.push(Kind::False, 0, 0),
                Some(true) => self.push(Kind::True, 0, 0),
            },
            _ => return Err(Expect::Value.into()),
        }
        Ok(())
    }

    fn list(&mut self, lexer: &mut SliceLexer<'b>, like: Option<u32>, depth: u32) -> Result<(), Error> {
        let at = self.open();
        let has_items = |like: &u32| {
            let like = self.tape.entries[*like as usize];
            like.kind == Kind::List && like.len > 0
        };
        let mut before = like.filter(has_items).map(|like| like + 1);
        let mut len = 0;
        lexer.seq(b']', Lex::ws_peek, |next, lexer| {
            let here = small(self.tape.entries.len());
            self.value(next, lexer, before, depth)?;
            before = Some(here);
            len += 1;
            Ok::<_, Error>(())
        })?;
        self.close(at, Kind::List, len);
        Ok(())
    }

    fn object(&mut self, lexer: &mut SliceLexer<'b>, like: Option<u32>, depth: u32) -> Result<(), Error> {
        let at = self.open();
        let mut foretold = self.foretold(like);
        let mut len = 0;
        loop {
            let like = match self.as_foretold(lexer, &mut foretold, len == 0) {
                Some(value) => Some(value),
                None if next_name(lexer, len == 0)? => self.name(lexer, &mut foretold)?,
                None => break,
            };
            let next = lexer.ws_peek().ok_or(Expect::Value)?;
            self.value(next, lexer, like, depth)?;
            len += 1;
        }
        self.close(at, Kind::Object, len);
        if len > SMALL {
            self.sort(at, len);
        } else if !foretold.held {
            self.has_twins |= self.has_twins_among(at + 1, len);
        }
        Ok(())
    }

    fn foretold(&self, like: Option<u32>) -> Foretold {
        let like = like.map(|like| (like + 1, self.tape.entries[like as usize]));
        let (key, left) = match like {
            Some((key, entry)) if matches!(entry.kind, Kind::Object | Kind::Large) => (key, entry.len),
            _ => (0, 0),
        };
        let held = true;
        Foretold { key, left, held }
    }

    /// Reads a name with all that stands around it, if that comes byte for byte as it did where it is foretold from: the
    /// comma, unless it is the first, the quotes and the colon. The value that its own may resemble comes back.
    fn as_foretold(
        &mut self,
        lexer: &mut SliceLexer<'b>,
        foretold: &mut Foretold,
        is_first: bool,
    ) -> Option<u32> {
        if foretold.left == 0 {
            return None;
        }
        let name = self.tape.entries[foretold.key as usize];
        let (at, before) = (name.at as usize, if is_first { 1 } else { 2 });
        let around = self
            .body
            .as_bytes()
            .get(at.checked_sub(before)?..at + name.len as usize + 2)?;
        let is_whole = match around {
            [b'"', .., b'"', b':'] => is_first,
            [b',', b'"', .., b'"', b':'] => !is_first,
            _ => false,
        };
        let rest = lexer.as_slice();
        if !is_whole || !rest.starts_with(around) {
            return None;
        }
        *lexer = SliceLexer::new(&rest[around.len()..]);
        self.tape.entries.push(name);
        Some(self.pass(foretold))
    }

    /// A member's name, of which the opening quote is read, and the colon. Where it is one of the next that were
    /// foretold, the value that its own may resemble comes back.
    fn name(&mut self, lexer: &mut SliceLexer<'b>, foretold: &mut Foretold) -> Result<Option<u32>, Error> {
        let name = self.text(lexer)?;
        self.tape.entries.push(name);
        lexer.expect(Lex::ws_peek, b':').ok_or(Expect::Colon)?;
        let mut ahead = *foretold;
        for _ in 0..foretold.left.min(AHEAD) {
            let known = self.tape.entries[ahead.key as usize];
            let value = self.pass(&mut ahead);
            if self.is_same(known, name) {
                *foretold = ahead;
                return Ok(Some(value));
            }
        }
        foretold.held = false;
        Ok(None)
    }

    /// Goes on to the next name, and tells the value of this one.
    fn pass(&self, foretold: &mut Foretold) -> u32 {
        let value = foretold.key + 1;
        foretold.key = self.tape.after(value);
        foretold.left -= 1;
        value
    }

    fn is_same(&self, one: Entry, other: Entry) -> bool {
        (one.len, one.tag) == (other.len, other.tag)
            && self.tape.bytes(self.body, one) == self.tape.bytes(self.body, other)
    }

    /// A text of which the opening quote is read.
    fn text(&mut self, lexer: &mut SliceLexer<'b>) -> Result<Entry, Error> {
        let (at, rest) = (self.place(lexer), lexer.as_slice());
        // Nearly every text ends at the next quote and is what stands there.
        if let Some(end) = end_of_plain(rest) {
            *lexer = SliceLexer::new(&rest[end + 1..]);
            return Ok(text_entry(at, &rest[..end]));
        }
        let before = self.tape.more.len();
        let text = Text {
            plain: &[],
            more: &mut self.tape.more,
            has_escapes: false,
        };
        let text = lexer.str_fold(text, Text::go_on, Text::escape)?;
        if !text.has_escapes {
            return Ok(text_entry(at, text.plain));
        }
        let at = small(self.body.len() + before);
        Ok(text_entry(at, &self.tape.more.as_bytes()[before..]))
    }

    /// How far the body is read.
    fn place(&self, lexer: &SliceLexer<'b>) -> u32 {
        small(self.body.len() - lexer.as_slice().len())
    }

    fn push(&mut self, kind: Kind, at: u32, len: u32) {
        let tag = 0;
        self.tape.entries.push(Entry { kind, tag, at, len });
    }

    /// Room for a list or object, whose end is not known yet.
    fn open(&mut self) -> u32 {
        let at = small(self.tape.entries.len());
        self.push(Kind::Null, 0, 0);
        at
    }

    fn close(&mut self, at: u32, kind: Kind, len: u32) {
        let (tag, end) = (0, small(self.tape.entries.len()));
        self.tape.entries[at as usize] = Entry {
            kind,
            tag,
            at: end,
            len,
        };
    }

    fn has_twins_among(&self, first: u32, len: u32) -> bool {
        let mut names: SmallVec<[Entry; SMALL as usize]> = SmallVec::new();
        for key in self.tape.keys(first, len) {
            let name = self.tape.entries[key as usize];
            if names.iter().any(|other| self.is_same(*other, name)) {
                return true;
            }
            names.push(name);
        }
        false
    }

    /// Makes an object that is closed a large one.
    fn sort(&mut self, object: u32, len: u32) {
        let name = |key: u32| self.tape.bytes(self.body, self.tape.entries[key as usize]);
        // How a name begins decides nearly always, and is a number.
        let begins = |key: u32| {
            let mut start = [0; 8];
            let name = name(key);
            let shown = name.len().min(start.len());
            start[..shown].copy_from_slice(&name[..shown]);
            (u64::from_be_bytes(start), key)
        };
        let mut keys: Vec<(u64, u32)> = self.tape.keys(object + 1, len).map(begins).collect();
        keys.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| name(a.1).cmp(name(b.1))));
        let is_twins = |pair: &[(u64, u32)]| pair[0].0 == pair[1].0 && name(pair[0].1) == name(pair[1].1);
        self.has_twins |= keys.windows(2).any(is_twins);
        let large = small(self.tape.large.len());
        self.tape.large.push(Large {
            end: self.tape.entries[object as usize].at,
            sorted: small(self.tape.sorted.len()),
        });
        self.tape.sorted.extend(keys.into_iter().map(|(_, key)| key));
        let entry = &mut self.tape.entries[object as usize];
        (entry.kind, entry.at) = (Kind::Large, large);
    }
}

impl<'b> Text<'b, '_> {
    fn go_on(bytes: &mut &'b [u8], text: &mut Self) -> Result<(), Error> {
        if text.has_escapes {
            text.push(bytes)?;
        } else {
            text.plain = bytes;
        }
        Ok(())
    }

    fn escape(lexer: &mut SliceLexer<'b>, text: &mut Self) -> Result<(), Error> {
        if !text.has_escapes {
            text.has_escapes = true;
            text.push(text.plain)?;
        }
        let cut_off = || hifijson::str::Error::Escape(hifijson::escape::Error::Eof);
        let kind = lexer.take_next().ok_or_else(cut_off)?;
        let character = lexer.escape(kind).map_err(hifijson::str::Error::Escape)?;
        text.more.push(character);
        Ok(())
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let text = str::from_utf8(bytes).map_err(hifijson::str::Error::Utf8)?;
        self.more.push_str(text);
        Ok(())
    }
}

/// Goes on to the opening quote of the next member's name and past it; false at the end of the object.
fn next_name(lexer: &mut SliceLexer<'_>, is_first: bool) -> Result<bool, Error> {
    match lexer.ws_peek() {
        Some(b'}') => {
            lexer.take_next();
            return Ok(false);
        }
        Some(b',') if !is_first => {
            lexer.take_next();
        }
        _ if is_first => {}
        _ => return Err(Expect::CommaOrEnd.into()),
    }
    lexer.expect(Lex::ws_peek, b'"').ok_or(Expect::String)?;
    Ok(true)
}

/// Where a text ends that is what stands in the body: no escapes, and nothing that JSON wants escaped.
fn end_of_plain(rest: &[u8]) -> Option<usize> {
    let (words, last) = rest.as_chunks::<8>();
    let in_words = words.iter().enumerate().find_map(|(at, word)| {
        let special = specials(u64::from_le_bytes(*word));
        (special != 0).then(|| at * 8 + special.trailing_zeros() as usize / 8)
    });
    let in_last = || {
        let is_special = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
        last.iter().position(is_special).map(|at| words.len() * 8 + at)
    };
    in_words.or_else(in_last).filter(|end| rest[*end] == b'"')
}

/// The high bit of the first byte that is a quote, a backslash or a control character, and perhaps of bytes after it: a
/// byte from which something larger is subtracted borrows, as Mycroft's test for a zero byte has it.
fn specials(word: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let below = |word: u64, limit: u8| word.wrapping_sub(EACH * u64::from(limit)) & !word;
    let is = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    (below(word, b' ') | is(b'"') | is(b'\\')) & (EACH << 7)
}

fn text_entry(at: u32, text: &[u8]) -> Entry {
    Entry {
        kind: Kind::Text,
        tag: tag(text),
        at,
        len: small(text.len()),
    }
}
