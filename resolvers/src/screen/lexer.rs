//! The tokens of a document, by the lexical grammar of the GraphQL specification.
//!
//! Every byte is read a bounded number of times: each token begins where the last one ended, and the one look ahead, for the
//! end of a block string, is not repeated once it has failed.

#[cfg(test)]
use std::cell::Cell;

/// A token's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Name,
    Number,
    /// A string or a block string.
    Text,
    /// `...`
    Spread,
    /// Punctuation of one byte, or a byte that is none of GraphQL's.
    Mark(u8),
}

/// A token and the bytes it takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

pub(crate) struct Lexer<'d> {
    bytes: &'d [u8],
    at: usize,
    /// No block string that begins further on has an end.
    no_block_ends: bool,
    #[cfg(test)]
    pub(crate) reads: Cell<usize>,
}

impl<'d> Lexer<'d> {
    pub(crate) fn new(document: &'d str) -> Self {
        Self {
            bytes: document.as_bytes(),
            at: 0,
            no_block_ends: false,
            #[cfg(test)]
            reads: Cell::new(0),
        }
    }

    /// The next token; `None` at the end.
    pub(crate) fn token(&mut self) -> Option<Token> {
        let first = self.skip_ignored()?;
        let from = self.at;
        let kind = match first {
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => self.name(),
            b'0'..=b'9' | b'-' => self.number(),
            b'"' => self.text(),
            b'.' if self.byte(from + 1) == Some(b'.') && self.byte(from + 2) == Some(b'.') => {
                self.at += 3;
                Kind::Spread
            }
            mark => {
                self.at += 1;
                Kind::Mark(mark)
            }
        };
        Some(Token {
            kind,
            from,
            to: self.at,
        })
    }

    /// Goes past white space, commas, comments and byte order marks, and gives the byte that follows.
    fn skip_ignored(&mut self) -> Option<u8> {
        loop {
            match self.byte(self.at)? {
                b' ' | b'\t' | b'\n' | b'\r' | b',' => self.at += 1,
                b'#' => self.skip_line(),
                0xef if self.byte(self.at + 1) == Some(0xbb) && self.byte(self.at + 2) == Some(0xbf) => {
                    self.at += 3;
                }
                // The rest of a character that is none of GraphQL's; its first byte stands for it.
                0x80..=0xbf => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// To the end of the line, which is not taken.
    fn skip_line(&mut self) {
        while self.byte(self.at).is_some_and(|byte| !is_line_end(byte)) {
            self.at += 1;
        }
    }

    fn name(&mut self) -> Kind {
        while let Some(b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9') = self.byte(self.at) {
            self.at += 1;
        }
        Kind::Name
    }

    /// A zero stands alone, so `00` is two numbers.
    fn number(&mut self) -> Kind {
        let is_negative = self.byte(self.at) == Some(b'-');
        let first = self.at + usize::from(is_negative);
        match self.byte(first) {
            Some(b'0') => self.at = first + 1,
            Some(b'1'..=b'9') => self.at = self.after_digits(first),
            _ => {
                self.at = first;
                return Kind::Mark(b'-');
            }
        }
        if self.byte(self.at) == Some(b'.') && self.is_digit(self.at + 1) {
            self.at = self.after_digits(self.at + 1);
        }
        if let Some(b'e' | b'E') = self.byte(self.at) {
            let signed = matches!(self.byte(self.at + 1), Some(b'+' | b'-'));
            let digits = self.at + 1 + usize::from(signed);
            if self.is_digit(digits) {
                self.at = self.after_digits(digits);
            }
        }
        Kind::Number
    }

    fn is_digit(&self, at: usize) -> bool {
        self.byte(at).is_some_and(|byte| byte.is_ascii_digit())
    }

    fn after_digits(&self, mut at: usize) -> usize {
        while self.is_digit(at) {
            at += 1;
        }
        at
    }

    fn text(&mut self) -> Kind {
        let is_block = self.byte(self.at + 1) == Some(b'"') && self.byte(self.at + 2) == Some(b'"');
        let end = match is_block && !self.no_block_ends {
            true => self.block_end(self.at + 3),
            false => None,
        };
        match end {
            Some(end) => self.at = end,
            // Without an end it is none: the parser reads an empty string, and goes on at the third quote.
            None if is_block => {
                self.no_block_ends = true;
                self.at += 2;
            }
            None => self.at = self.line_text_end(self.at + 1),
        }
        Kind::Text
    }

    /// Behind the `"""` that ends a block string.
    ///
    /// From any other start behind this one the same backslashes escape the same quotes, because a start is itself three
    /// quotes and so never lies within an escape. Where this finds no end, nothing further on has one.
    fn block_end(&self, mut at: usize) -> Option<usize> {
        let mut quotes = 0;
        loop {
            match self.byte(at)? {
                b'"' => quotes += 1,
                b'\\' if self.quotes(at + 1) => {
                    at += 3;
                    quotes = 0;
                }
                _ => quotes = 0,
            }
            at += 1;
            if quotes == 3 {
                return Some(at);
            }
        }
    }

    fn quotes(&self, at: usize) -> bool {
        (at..at + 3).all(|at| self.byte(at) == Some(b'"'))
    }

    /// Behind the quote that ends a string, or, where it is broken, at the end of its line: no parser goes past it.
    fn line_text_end(&self, mut at: usize) -> usize {
        loop {
            match self.byte(at) {
                Some(b'"') => return at + 1,
                Some(b'\\') if self.byte(at + 1).is_some_and(|byte| !is_line_end(byte)) => at += 2,
                Some(byte) if !is_line_end(byte) => at += 1,
                _ => return at,
            }
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        #[cfg(test)]
        self.reads.set(self.reads.get() + 1);
        self.bytes.get(at).copied()
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}
