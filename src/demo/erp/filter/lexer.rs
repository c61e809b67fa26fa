//! Cuts a `$filter` into words, literals and signs.

use super::Literal;
use crate::demo::erp::Refusal;

/// One piece of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    Comma,
    /// A column, an operator, `true` or `false`.
    Word(String),
    Literal(Literal),
}

/// All pieces in order.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Token::Open, &rest[1..]),
            ')' => (Token::Close, &rest[1..]),
            ',' => (Token::Comma, &rest[1..]),
            '\'' => quoted(&rest[1..])?,
            _ => plain(rest)?,
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// A text in single quotes, where two quotes stand for one.
fn quoted(rest: &str) -> Result<(Token, &str), Refusal> {
    let mut text = String::new();
    let mut letters = rest.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != '\'' {
            text.push(letter);
        } else if letters.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else {
            return Ok((Token::Literal(Literal::Text(text)), &rest[at + 1..]));
        }
    }
    Err(Refusal::bad(
        "There is an unterminated string literal in the filter.",
    ))
}

/// A word, a number or a date, up to the next sign or space.
fn plain(rest: &str) -> Result<(Token, &str), Refusal> {
    let end = rest
        .find(|letter: char| letter.is_whitespace() || "(),'".contains(letter))
        .unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    let starts_as_number = word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-');
    if !starts_as_number {
        return Ok((Token::Word(word.to_owned()), after));
    }
    if is_date(word) {
        return Ok((Token::Literal(Literal::Date(word.to_owned())), after));
    }
    let number = word
        .parse()
        .map_err(|_| Refusal::bad(format!("Unrecognized literal '{word}' in the filter.")))?;
    Ok((Token::Literal(Literal::Number(number)), after))
}

/// `2026-01-31`, possibly followed by a time.
fn is_date(word: &str) -> bool {
    let shape = |(at, letter): (usize, u8)| {
        if at == 4 || at == 7 {
            letter == b'-'
        } else {
            letter.is_ascii_digit()
        }
    };
    let has_day = word.len() >= 10 && word.bytes().take(10).enumerate().all(shape);
    has_day && (word.len() == 10 || word.as_bytes()[10] == b'T')
}
