//! One look at what a client sends before any parser sees it: documents and variables within limits pass, all others are
//! refused where the first limit is exceeded.
//!
//! A parser that recurses over nested brackets, or a validator that walks every copy of a fragment, can be kept busy for
//! minutes, or brought down, by a few hundred bytes. What is counted here is counted by a pass from left to right that
//! neither recurses nor goes back, and fragments are counted once each, however often they are spread.
//!
//! Nothing here judges whether a document is right: what is malformed passes within the limits, and the parser says what
//! is wrong with it. Where the specification and the parser behind this disagree on what a document means (it ends a broken
//! block string at its second quote, for one), it is read as the parser reads it, so that nothing can hide from either.

mod definition;
mod expansion;
pub(crate) mod lexer;
mod outline;
mod variables;

use skuery_schema::error::ErrorCode;

use crate::engine::RequestError;

pub use variables::variables;

/// What a request may hold. The names are those of the configuration's section `limits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Length of the document, in bytes of UTF-8.
    pub document_bytes: usize,
    /// Names, numbers, texts and punctuation.
    pub tokens: usize,
    /// Selection sets in each other, fragments put in their places.
    pub selection_nesting: usize,
    /// Lists and objects in each other in one value, and brackets of a type.
    pub literal_nesting: usize,
    /// Items of one list, in the document or in the variables.
    pub keys: usize,
    /// Aliases of one operation, fragments put in their places.
    pub aliases: usize,
    /// Fields that one operation selects at its root, fragments put in their places.
    pub root_fields: usize,
    /// Directives in one place.
    pub directives_per_place: usize,
    /// Directives of the whole document.
    pub directives: usize,
    /// Fields, inline fragments and spreads of one operation, fragments put in their places.
    pub selections: usize,
    /// Operations of one document.
    pub document_operations: usize,
    /// Fragments that one document defines.
    pub document_fragments: usize,
    /// Variables that one operation declares, or that are given with a request.
    pub variables: usize,
    /// Length of the variables' JSON, in bytes.
    pub variables_bytes: usize,
    /// Lists and objects in each other in the variables' JSON.
    pub variables_nesting: usize,
}

impl Default for Limits {
    /// Several times what pages of shops and the tools of developers send: the usual introspection query nests 18
    /// selection sets and has some 200 tokens, the variables of a cart of 250 lines have 50 000 bytes.
    fn default() -> Self {
        Self {
            document_bytes: 131_072,
            tokens: 5_000,
            selection_nesting: 20,
            literal_nesting: 16,
            keys: 250,
            aliases: 100,
            root_fields: 20,
            directives_per_place: 8,
            directives: 50,
            selections: 2_000,
            document_operations: 10,
            document_fragments: 50,
            variables: 100,
            variables_bytes: 131_072,
            variables_nesting: 32,
        }
    }
}

/// A limit that was exceeded, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// Its key in the configuration's section `limits`.
    pub limit: &'static str,
    /// The most that is allowed.
    pub allowed: usize,
    /// What was counted until the request was refused; there may be more.
    pub found: usize,
}

/// Screens a whole document, with all its operations.
///
/// # Errors
///
/// `QUERY_TOO_COMPLEX` with [`RequestError::excess`] for the first limit that is exceeded. `GRAPHQL_VALIDATION_FAILED` for
/// fragments in circles, which have no size, and `GRAPHQL_PARSE_FAILED` for a fragment with the name `on`.
pub fn document(document: &str, limits: &Limits) -> Result<(), RequestError> {
    within("document_bytes", limits.document_bytes, document.len()).map_err(too_complex)?;
    let definitions = outline::read(document, limits)?;
    expansion::check(document, &definitions, limits)
}

fn within(limit: &'static str, allowed: usize, found: usize) -> Result<(), Excess> {
    match found > allowed {
        true => Err(Excess {
            limit,
            allowed,
            found,
        }),
        false => Ok(()),
    }
}

fn too_complex(excess: Excess) -> RequestError {
    refusal(ErrorCode::QueryTooComplex, excess)
}

fn refusal(code: ErrorCode, excess: Excess) -> RequestError {
    let Excess {
        limit,
        allowed,
        found,
    } = excess;
    let message = format!("limits.{limit}: at least {found}, and at most {allowed} are allowed");
    RequestError {
        excess: Some(excess),
        ..RequestError::new(code, message)
    }
}

/// Line and column of a byte of a document, from 1; columns count characters.
pub(crate) fn place(document: &str, at: usize) -> (usize, usize) {
    let before = document.get(..at).unwrap_or(document);
    let mut line = 1;
    let mut begin = 0;
    let bytes = before.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        let is_pair = *byte == b'\r' && bytes.get(index + 1) == Some(&b'\n');
        if matches!(byte, b'\n' | b'\r') && !is_pair {
            line += 1;
            begin = index + 1;
        }
    }
    (line, before[begin..].chars().count() + 1)
}

#[cfg(test)]
mod tests;
