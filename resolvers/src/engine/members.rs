//! Whether every field of an input object is given once: the specification's "Input Object Field Uniqueness".
//!
//! The parser keeps only one of them, so they are looked for in the document's text: an order for one piece and for two
//! is an order for neither.

use std::collections::HashSet;

use skuery_schema::error::ErrorCode;

use crate::engine::operation::RequestError;
use crate::screen::lexer::{Kind, Lexer};
use crate::screen::place;

/// Refuses a document, which has been parsed, with a field that is given twice in one input object.
pub(crate) fn check(document: &str) -> Result<(), RequestError> {
    let mut lexer = Lexer::new(document);
    // Values stand within parentheses only. The names of an object that is open; `None` for other brackets.
    let mut open: Vec<Option<HashSet<&str>>> = Vec::new();
    let mut last = None;
    while let Some(token) = lexer.token() {
        match token.kind {
            Kind::Mark(b'(') => open.push(None),
            Kind::Mark(b'{') if !open.is_empty() => open.push(Some(HashSet::new())),
            Kind::Mark(b'[') if !open.is_empty() => open.push(None),
            Kind::Mark(b')' | b'}' | b']') => drop(open.pop()),
            Kind::Mark(b':') => {
                if let (Some(Some(names)), Some((name, at))) = (open.last_mut(), last)
                    && !names.insert(name)
                {
                    let message = format!("`{name}` is given more than once in one input object");
                    let at = vec![place(document, at)];
                    return Err(RequestError::new(ErrorCode::GraphqlValidationFailed, message).at(at));
                }
            }
            _ => {}
        }
        last = match token.kind {
            Kind::Name => document.get(token.from..token.to).map(|name| (name, token.from)),
            _ => None,
        };
    }
    Ok(())
}
