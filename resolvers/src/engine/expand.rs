//! How large a document becomes when its fragments are expanded, counted without expanding it.
//!
//! Fragments that spread others twice double at every step: validation and planning would walk each copy, so a few hundred
//! bytes could keep them busy for minutes. Each fragment is counted once here.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use skuery_schema::error::ErrorCode;

use crate::engine::operation::RequestError;
use crate::engine::plan::PLANNED_FIELDS;

/// Deeper than validation lets a document be; it only keeps the counting itself from the end of the stack.
const DEPTH: usize = 64;

/// Refuses a document that selects more fields than can be planned.
pub(crate) fn check(document: &ExecutableDocument) -> Result<(), RequestError> {
    let mut expansion = Expansion {
        document,
        fragments: HashMap::new(),
    };
    let operations = document
        .operations
        .iter()
        .map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document
        .fragments
        .values()
        .map(|fragment| &fragment.node.selection_set.node);
    for set in operations.chain(fragments) {
        if expansion.fields(set, 0) > PLANNED_FIELDS {
            return Err(too_complex(Vec::new()));
        }
    }
    let mut introspection = Introspection { document, walked: 0 };
    for (_, operation) in document.operations.iter() {
        if introspection.is_too_deep(&operation.node.selection_set.node, None, 0) {
            return Err(RequestError {
                code: ErrorCode::QueryTooComplex,
                message: "introspection goes round in circles: its lists nest too deeply".to_owned(),
                locations: Vec::new(),
            });
        }
    }
    Ok(())
}

/// The refusal of an operation that selects too much.
pub(crate) fn too_complex(locations: Vec<(usize, usize)>) -> RequestError {
    RequestError {
        code: ErrorCode::QueryTooComplex,
        message: format!(
            "the operation selects more than {PLANNED_FIELDS} fields once fragments are expanded"
        ),
        locations,
    }
}

/// The lists of the introspection schema that lead back to types: each level multiplies the answer.
const CIRCLES: [&str; 5] = ["fields", "possibleTypes", "interfaces", "inputFields", "types"];
/// Tools nest two, `types` and one list of a type; no more is needed to describe a schema.
const CIRCLE_DEPTH: usize = 3;

struct Introspection<'a> {
    document: &'a ExecutableDocument,
    /// Fields looked at so far. Documents that stay within [`PLANNED_FIELDS`] end before this does.
    walked: usize,
}

impl Introspection<'_> {
    /// `inside` is how many circling lists surround the set within an introspection field; `None` outside.
    fn is_too_deep(&mut self, set: &SelectionSet, inside: Option<usize>, depth: usize) -> bool {
        // A cycle of fragments ends here; validation refuses it.
        if depth > DEPTH {
            return false;
        }
        set.items.iter().any(|item| {
            self.walked += 1;
            if self.walked > PLANNED_FIELDS * 2 {
                return true;
            }
            match &item.node {
                Selection::Field(field) => {
                    let inside = circles(field.node.name.node.as_str(), inside);
                    inside.is_some_and(|lists| lists > CIRCLE_DEPTH)
                        || self.is_too_deep(&field.node.selection_set.node, inside, depth + 1)
                }
                Selection::InlineFragment(fragment) => {
                    self.is_too_deep(&fragment.node.selection_set.node, inside, depth + 1)
                }
                Selection::FragmentSpread(spread) => {
                    match self.document.fragments.get(&spread.node.fragment_name.node) {
                        Some(fragment) => {
                            self.is_too_deep(&fragment.node.selection_set.node, inside, depth + 1)
                        }
                        None => false,
                    }
                }
            }
        })
    }
}

fn circles(field: &str, inside: Option<usize>) -> Option<usize> {
    match inside {
        None if matches!(field, "__schema" | "__type") => Some(0),
        None => None,
        Some(lists) if CIRCLES.contains(&field) => Some(lists + 1),
        Some(lists) => Some(lists),
    }
}

struct Expansion<'a> {
    document: &'a ExecutableDocument,
    /// Fields of a fragment once it has been counted; a fragment being counted stands with 0, so that a cycle ends.
    fragments: HashMap<&'a str, usize>,
}

impl<'a> Expansion<'a> {
    fn fields(&mut self, set: &'a SelectionSet, depth: usize) -> usize {
        if depth > DEPTH {
            return usize::MAX;
        }
        let mut count: usize = 0;
        for item in &set.items {
            let fields = match &item.node {
                Selection::Field(field) => self
                    .fields(&field.node.selection_set.node, depth + 1)
                    .saturating_add(1),
                Selection::InlineFragment(fragment) => {
                    self.fields(&fragment.node.selection_set.node, depth + 1)
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str(), depth)
                }
            };
            count = count.saturating_add(fields);
        }
        count
    }

    fn fragment(&mut self, name: &'a str, depth: usize) -> usize {
        if let Some(fields) = self.fragments.get(name) {
            return *fields;
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return 0;
        };
        self.fragments.insert(name, 0);
        let fields = self.fields(&fragment.node.selection_set.node, depth + 1);
        self.fragments.insert(name, fields);
        fields
    }
}
