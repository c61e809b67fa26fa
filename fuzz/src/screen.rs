//! A document or variables of arbitrary text: what passes the screen is within the limits as its parser understands it.

use std::collections::HashMap;

use async_graphql::parser::types::{Directive, ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Positioned};
use async_graphql_value::Value as Literal;
use serde_json::Value as Json;
use skuery_resolvers::engine::RequestError;
use skuery_resolvers::screen::{self, Limits};

/// Reached by a few bytes.
const SMALL: Limits = Limits {
    document_bytes: 2_000,
    tokens: 200,
    selection_nesting: 4,
    literal_nesting: 3,
    keys: 4,
    aliases: 4,
    root_fields: 3,
    directives_per_place: 2,
    directives: 5,
    selections: 20,
    document_operations: 2,
    document_fragments: 3,
    variables: 3,
    variables_bytes: 500,
    variables_nesting: 3,
};

/// Screens it as a document and as variables, with small limits and with the usual ones.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for limits in [SMALL, Limits::default()] {
        match screen::document(text, &limits) {
            Ok(()) => {
                if let Ok(parsed) = async_graphql::parser::parse_query(text) {
                    check_document(text, &parsed, &limits);
                }
            }
            Err(error) => told(&error),
        }
        match screen::variables(text, &limits) {
            Ok(()) => {
                if let Ok(parsed) = serde_json::from_str(text) {
                    check_variables(&parsed, &limits);
                }
            }
            Err(error) => told(&error),
        }
    }
}

/// A refusal says which limit, and that more was found than it allows.
fn told(error: &RequestError) {
    assert!(!error.message.is_empty());
    if let Some(excess) = error.excess {
        assert!(excess.found > excess.allowed, "{error:?}");
        assert!(error.message.contains(excess.limit), "{error:?}");
    }
}

// Documents

fn check_document(text: &str, parsed: &ExecutableDocument, limits: &Limits) {
    assert!(text.len() <= limits.document_bytes);
    assert!(
        parsed.operations.iter().count() <= limits.document_operations,
        "operations"
    );
    assert!(parsed.fragments.len() <= limits.document_fragments, "fragments");
    let mut counter = Counter {
        parsed,
        limits,
        fragments: HashMap::new(),
    };
    let sizes: Vec<Size> = parsed
        .operations
        .iter()
        .map(|(_, operation)| {
            counter.directives(&operation.node.directives);
            assert!(
                operation.node.variable_definitions.len() <= limits.variables,
                "variables"
            );
            counter.size(&operation.node.selection_set.node)
        })
        .collect();
    for size in sizes {
        assert!(size.selections <= limits.selections, "{size:?}");
        assert!(size.aliases <= limits.aliases, "{size:?}");
        assert!(size.fields <= limits.root_fields, "{size:?}");
        assert!(size.nesting <= limits.selection_nesting, "{size:?}");
    }
    for fragment in parsed.fragments.values() {
        counter.directives(&fragment.node.directives);
        counter.size(&fragment.node.selection_set.node);
    }
}

/// What a selection set comes to with all fragments put in their places.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    selections: usize,
    aliases: usize,
    /// Of the set itself, not of those within.
    fields: usize,
    nesting: usize,
}

struct Counter<'a> {
    parsed: &'a ExecutableDocument,
    limits: &'a Limits,
    fragments: HashMap<&'a str, Size>,
}

impl<'a> Counter<'a> {
    fn size(&mut self, set: &'a SelectionSet) -> Size {
        let mut size = Size::default();
        for item in &set.items {
            size.selections += 1;
            match &item.node {
                Selection::Field(field) => {
                    size.fields += 1;
                    size.aliases += usize::from(field.node.alias.is_some());
                    self.directives(&field.node.directives);
                    self.arguments(&field.node.arguments);
                    let inner = self.size(&field.node.selection_set.node);
                    size.selections += inner.selections;
                    size.aliases += inner.aliases;
                    size.nesting = size.nesting.max(inner.nesting);
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.node.directives);
                    let inner = self.size(&fragment.node.selection_set.node);
                    size.put(inner);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives);
                    let inner = self.fragment(&spread.node.fragment_name.node);
                    size.put(inner);
                }
            }
        }
        size.nesting += usize::from(!set.items.is_empty());
        size
    }

    /// Circles do not pass, so this ends.
    fn fragment(&mut self, name: &'a Name) -> Size {
        if let Some(size) = self.fragments.get(name.as_str()) {
            return *size;
        }
        let Some(fragment) = self.parsed.fragments.get(name) else {
            return Size::default();
        };
        let size = self.size(&fragment.node.selection_set.node);
        self.fragments.insert(name, size);
        size
    }

    fn directives(&self, directives: &[Positioned<Directive>]) {
        assert!(
            directives.len() <= self.limits.directives_per_place,
            "directives of a place"
        );
        for directive in directives {
            self.arguments(&directive.node.arguments);
        }
    }

    fn arguments(&self, arguments: &[(Positioned<Name>, Positioned<Literal>)]) {
        for (_, value) in arguments {
            assert!(
                depth(&value.node, self.limits.keys) <= self.limits.literal_nesting,
                "literals"
            );
        }
    }
}

impl Size {
    /// A fragment's own set is the one that it is put into.
    fn put(&mut self, fragment: Self) {
        self.selections += fragment.selections;
        self.aliases += fragment.aliases;
        self.fields += fragment.fields;
        self.nesting = self.nesting.max(fragment.nesting.saturating_sub(1));
    }
}

fn depth(value: &Literal, most: usize) -> usize {
    match value {
        Literal::List(items) => {
            assert!(items.len() <= most, "items of a list");
            1 + items.iter().map(|item| depth(item, most)).max().unwrap_or(0)
        }
        Literal::Object(fields) => 1 + fields.values().map(|field| depth(field, most)).max().unwrap_or(0),
        _ => 0,
    }
}

// Variables

fn check_variables(parsed: &Json, limits: &Limits) {
    assert!(
        json_depth(parsed, limits.keys) <= limits.variables_nesting,
        "nesting"
    );
    if let Json::Object(members) = parsed {
        assert!(members.len() <= limits.variables, "variables");
    }
}

fn json_depth(value: &Json, most: usize) -> usize {
    match value {
        Json::Array(items) => {
            assert!(items.len() <= most, "items of a list");
            1 + items.iter().map(|item| json_depth(item, most)).max().unwrap_or(0)
        }
        Json::Object(fields) => {
            1 + fields
                .values()
                .map(|field| json_depth(field, most))
                .max()
                .unwrap_or(0)
        }
        _ => 0,
    }
}
