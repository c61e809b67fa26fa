//! How large a document becomes when its fragments are put in place, counted without doing it.
//!
//! Fragments that spread others twice double at every step, so that whoever walks each copy never comes to an end. Each is
//! counted once here, after those it spreads; the stack is as deep as there are fragments.

use std::collections::HashMap;

use skuery_schema::error::ErrorCode;

use crate::engine::RequestError;
use crate::screen::definition::{Definition, Size, Spread};
use crate::screen::{Limits, place, too_complex};

/// Tools nest two, `types` and one list of a type; no more is needed to describe a schema.
const INTROSPECTION_CIRCLES: usize = 3;

#[derive(Clone, Copy)]
enum State {
    New,
    /// Being counted: a spread of it goes round in a circle.
    Begun,
    Counted(Size),
}

/// A definition being counted.
struct Counting {
    definition: usize,
    /// Its spreads that are counted.
    spreads: usize,
    size: Size,
}

/// Refuses a document of which a definition exceeds a limit once fragments are put in place.
pub(super) fn check(
    document: &str,
    definitions: &[Definition<'_>],
    limits: &Limits,
) -> Result<(), RequestError> {
    let fragments = definitions.iter().enumerate();
    let fragments: HashMap<&str, usize> = fragments
        .filter_map(|(number, definition)| Some((definition.fragment?, number)))
        .collect();
    let mut states = vec![State::New; definitions.len()];
    let mut stack: Vec<Counting> = Vec::new();
    for root in 0..definitions.len() {
        if let State::New = states[root] {
            stack.push(begin(root, definitions, &mut states));
        }
        while let Some(counting) = stack.last_mut() {
            let Some(spread) = definitions[counting.definition].spreads.get(counting.spreads) else {
                if counting.size.introspection.known > INTROSPECTION_CIRCLES {
                    let at = definitions[counting.definition].at;
                    return Err(introspection_in_circles(place(document, at)));
                }
                states[counting.definition] = State::Counted(counting.size);
                stack.pop();
                continue;
            };
            // One that is not defined is for validation to refuse.
            let Some(fragment) = fragments.get(spread.fragment) else {
                counting.spreads += 1;
                continue;
            };
            match states[*fragment] {
                State::New => stack.push(begin(*fragment, definitions, &mut states)),
                State::Begun => return Err(circle(document, spread)),
                State::Counted(size) => {
                    counting.spreads += 1;
                    counting.size = put_in(counting.size, spread, size);
                    definitions[counting.definition]
                        .check(limits, counting.size)
                        .map_err(|excess| too_complex(excess).at(vec![place(document, spread.at)]))?;
                }
            }
        }
    }
    Ok(())
}

fn begin(definition: usize, definitions: &[Definition<'_>], states: &mut [State]) -> Counting {
    states[definition] = State::Begun;
    Counting {
        definition,
        spreads: 0,
        size: definitions[definition].size,
    }
}

/// The size of a definition with a fragment in the place of one of its spreads.
fn put_in(mut size: Size, spread: &Spread<'_>, fragment: Size) -> Size {
    size.selections = size.selections.saturating_add(fragment.selections);
    size.aliases = size.aliases.saturating_add(fragment.aliases);
    size.nesting = size.nesting.max(spread.nesting.saturating_add(fragment.nesting));
    if !spread.set.in_field {
        size.root_fields = size.root_fields.saturating_add(fragment.root_fields);
    }
    let circles = spread.set.circles.saturating_add(fragment.introspection.possible);
    let known = match spread.set.in_introspection {
        true => circles,
        false => fragment.introspection.known,
    };
    size.introspection.known = size.introspection.known.max(known);
    size.introspection.possible = size.introspection.possible.max(circles);
    size
}

fn introspection_in_circles(at: (usize, usize)) -> RequestError {
    let message = "introspection goes round in circles: its lists nest too deeply";
    RequestError::new(ErrorCode::QueryTooComplex, message).at(vec![at])
}

/// A fragment that spreads itself has no size, and no walk through it an end.
fn circle(document: &str, spread: &Spread<'_>) -> RequestError {
    let message = format!("fragment \"{}\" spreads itself", spread.fragment);
    RequestError::new(ErrorCode::GraphqlValidationFailed, message).at(vec![place(document, spread.at)])
}
