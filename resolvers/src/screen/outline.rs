//! What a document consists of, as far as its limits need it: a few counts and the spreads of every definition.
//!
//! The reader follows the grammar with one state and a stack that is as deep as the limits allow. What the grammar does
//! not allow is counted as well as it can be; the parser stops there.

use std::mem;

use skuery_schema::error::ErrorCode;

use crate::engine::RequestError;
use crate::screen::definition::{Definition, Set, Size, Spread};
use crate::screen::lexer::{Kind, Lexer, Token};
use crate::screen::{Excess, Limits, place, too_complex, within};

/// What the next token means, beside what it is by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Anything,
    /// `...` was read.
    Fragment,
    /// `... on` was read.
    Type,
    /// An alias and its colon were read.
    Field,
    /// `@` was read.
    Directive,
    /// A directive's name was read, so `(` begins its arguments.
    Arguments,
    /// `fragment` was read.
    FragmentName,
}

/// An open bracket outside of selection sets.
#[derive(Clone, Copy, Default)]
struct Bracket {
    is_list: bool,
    /// What stands in it, where it is a list.
    items: usize,
}

struct Reader<'d> {
    document: &'d str,
    limits: &'d Limits,
    definitions: Vec<Definition<'d>>,
    /// Whether the last definition has not ended.
    is_defining: bool,
    /// The open selection sets.
    sets: Vec<Set>,
    /// The set that the next `{` opens.
    next: Set,
    /// The open brackets of arguments, values, and declarations of variables.
    brackets: Vec<Bracket>,
    /// Whether the outermost of them declares variables.
    is_declaring: bool,
    expected: Expected,
    /// The place of a refusal.
    at: usize,
    /// Where the last selection begins.
    selection: usize,
    tokens: usize,
    directives: usize,
    directives_here: usize,
    operations: usize,
    fragments: usize,
}

/// Reads a whole document; the error is the first limit that it exceeds without its fragments being put in place.
pub(super) fn read<'d>(document: &'d str, limits: &'d Limits) -> Result<Vec<Definition<'d>>, RequestError> {
    let mut reader = Reader {
        document,
        limits,
        definitions: Vec::new(),
        is_defining: false,
        sets: Vec::new(),
        next: Set::default(),
        brackets: Vec::new(),
        is_declaring: false,
        expected: Expected::Anything,
        at: 0,
        selection: 0,
        tokens: 0,
        directives: 0,
        directives_here: 0,
        operations: 0,
        fragments: 0,
    };
    let mut lexer = Lexer::new(document);
    while let Some(token) = lexer.token() {
        if let Err(excess) = reader.read(token) {
            return Err(too_complex(excess).at(vec![place(document, reader.at)]));
        }
        if reader.is_named_on() {
            let message = "a fragment cannot have the name `on`";
            let refused = RequestError::new(ErrorCode::GraphqlParseFailed, message);
            return Err(refused.at(vec![place(document, reader.at)]));
        }
    }
    Ok(reader.definitions)
}

impl<'d> Reader<'d> {
    fn text(&self, token: Token) -> &'d str {
        self.document.get(token.from..token.to).unwrap_or("")
    }

    fn read(&mut self, token: Token) -> Result<(), Excess> {
        self.at = token.from;
        self.tokens += 1;
        within("tokens", self.limits.tokens, self.tokens)?;
        let expected = mem::replace(&mut self.expected, Expected::Anything);
        if token.kind == Kind::Mark(b'@') {
            return self.directive();
        }
        if !self.brackets.is_empty() {
            return self.read_value(token);
        }
        match (token.kind, expected) {
            (Kind::Name, Expected::Directive) => self.expected = Expected::Arguments,
            (Kind::Mark(b'(' | b'['), _) => {
                self.is_declaring = self.sets.is_empty() && expected != Expected::Arguments;
                self.brackets.push(Bracket::default());
            }
            (Kind::Mark(b'{'), _) => return self.open(token),
            _ if self.sets.is_empty() => return self.read_head(token, expected),
            _ => return self.read_selection(token, expected),
        }
        Ok(())
    }

    fn directive(&mut self) -> Result<(), Excess> {
        self.expected = Expected::Directive;
        self.directives += 1;
        self.directives_here += 1;
        within(
            "directives_per_place",
            self.limits.directives_per_place,
            self.directives_here,
        )?;
        within("directives", self.limits.directives, self.directives)
    }

    // Arguments, values, and declarations of variables.

    fn read_value(&mut self, token: Token) -> Result<(), Excess> {
        match token.kind {
            Kind::Mark(open @ (b'(' | b'[' | b'{')) => {
                self.item(1)?;
                let nesting = self.brackets.len();
                self.brackets.push(Bracket {
                    is_list: open == b'[',
                    items: 0,
                });
                within("literal_nesting", self.limits.literal_nesting, nesting)
            }
            Kind::Mark(b')' | b']' | b'}') => {
                self.brackets.pop();
                if self.is_declaring && self.brackets.is_empty() {
                    self.directives_here = 0;
                }
                Ok(())
            }
            Kind::Mark(b'$') if self.is_declaring && self.brackets.len() == 1 => self.declare(),
            Kind::Name => {
                let glued = glued_words(self.text(token));
                self.tokens += glued;
                within("tokens", self.limits.tokens, self.tokens)?;
                self.item(1 + glued)
            }
            Kind::Number | Kind::Text => self.item(1),
            _ => Ok(()),
        }
    }

    fn item(&mut self, more: usize) -> Result<(), Excess> {
        match self.brackets.last_mut() {
            Some(list) if list.is_list => {
                list.items += more;
                within("keys", self.limits.keys, list.items)
            }
            _ => Ok(()),
        }
    }

    fn declare(&mut self) -> Result<(), Excess> {
        self.directives_here = 0;
        let limit = self.limits.variables;
        let Some(definition) = self.definitions.last_mut() else {
            return Ok(());
        };
        definition.variables += 1;
        within("variables", limit, definition.variables)
    }

    // Definitions, up to their selection set.

    fn read_head(&mut self, token: Token, expected: Expected) -> Result<(), Excess> {
        if token.kind != Kind::Name {
            return Ok(());
        }
        let text = self.text(token);
        if expected == Expected::FragmentName {
            self.name_fragment(text);
            return Ok(());
        }
        if self.is_defining {
            return Ok(());
        }
        // The parser needs no space between a keyword and a name.
        let fragment = text.strip_prefix("fragment");
        self.define(token, fragment)?;
        if fragment == Some("") {
            self.expected = Expected::FragmentName;
        }
        Ok(())
    }

    fn define(&mut self, token: Token, fragment: Option<&'d str>) -> Result<(), Excess> {
        self.is_defining = true;
        self.directives_here = 0;
        self.definitions.push(Definition {
            at: token.from,
            fragment,
            size: Size::default(),
            spreads: Vec::new(),
            variables: 0,
        });
        match fragment {
            Some(_) => {
                self.fragments += 1;
                let allowed = self.limits.document_fragments;
                within("document_fragments", allowed, self.fragments)
            }
            None => {
                self.operations += 1;
                let allowed = self.limits.document_operations;
                within("document_operations", allowed, self.operations)
            }
        }
    }

    fn name_fragment(&mut self, name: &'d str) {
        if let Some(definition) = self.definitions.last_mut() {
            definition.fragment = Some(name);
        }
    }

    /// The specification does not allow it, and the parser does: it could be spread where a type condition seems to stand.
    fn is_named_on(&self) -> bool {
        let last = self.definitions.last();
        self.sets.is_empty() && last.is_some_and(|last| last.fragment == Some("on"))
    }

    // Selection sets.

    fn open(&mut self, token: Token) -> Result<(), Excess> {
        self.directives_here = 0;
        if self.sets.is_empty() {
            if !self.is_defining {
                self.define(token, None)?;
            }
            self.next = Set::default();
        }
        let set = self.next;
        self.sets.push(set);
        let nesting = self.sets.len();
        self.grow(|size| {
            size.nesting = size.nesting.max(nesting);
            size.introspection.possible = size.introspection.possible.max(set.circles);
            if set.in_introspection {
                size.introspection.known = size.introspection.known.max(set.circles);
            }
        })
    }

    fn close(&mut self) {
        self.sets.pop();
        self.is_defining = !self.sets.is_empty();
        self.next = self.sets.last().copied().unwrap_or_default();
        self.directives_here = 0;
    }

    fn read_selection(&mut self, token: Token, expected: Expected) -> Result<(), Excess> {
        let set = self.sets.last().copied().unwrap_or_default();
        match (token.kind, expected) {
            (Kind::Mark(b'}'), _) => {
                self.close();
                Ok(())
            }
            (Kind::Spread, _) => {
                self.expected = Expected::Fragment;
                self.selection = token.from;
                self.next = set;
                self.select(false)
            }
            (Kind::Name, Expected::Fragment) => {
                self.spread(token, set);
                Ok(())
            }
            (Kind::Name, Expected::Type) => Ok(()),
            (Kind::Name, _) => {
                self.next = set.of(self.text(token));
                match expected {
                    Expected::Field => Ok(()),
                    _ => {
                        self.selection = token.from;
                        self.select(!set.in_field)
                    }
                }
            }
            (Kind::Mark(b':'), _) => {
                self.expected = Expected::Field;
                self.at = self.selection;
                self.grow(|size| size.aliases += 1)
            }
            _ => Ok(()),
        }
    }

    fn select(&mut self, is_root_field: bool) -> Result<(), Excess> {
        self.directives_here = 0;
        self.grow(|size| {
            size.selections += 1;
            size.root_fields += usize::from(is_root_field);
        })
    }

    fn grow(&mut self, by: impl FnOnce(&mut Size)) -> Result<(), Excess> {
        let Some(definition) = self.definitions.last_mut() else {
            return Ok(());
        };
        by(&mut definition.size);
        definition.check(self.limits, definition.size)
    }

    fn spread(&mut self, token: Token, set: Set) {
        let fragment = self.text(token);
        if fragment == "on" {
            self.expected = Expected::Type;
            return;
        }
        let nesting = self.sets.len();
        if let Some(definition) = self.definitions.last_mut() {
            definition.spreads.push(Spread {
                fragment,
                at: self.selection,
                set,
                nesting,
            });
        }
    }
}

/// How many values the parser reads in front of what looks like one name: it needs no space behind `true`, `false` and
/// `null`.
fn glued_words(mut name: &str) -> usize {
    let mut words = 0;
    while let Some(rest) = ["true", "false", "null"]
        .iter()
        .find_map(|word| name.strip_prefix(word))
        .filter(|rest| !rest.is_empty())
    {
        name = rest;
        words += 1;
    }
    words
}
