//! Which variables decide what an operation selects.

use async_graphql::parser::types::{
    Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};

/// The variables that decide whether something is selected, in order of appearance. Fragments of other operations do not
/// count: this operation need not declare their variables.
pub(crate) fn switches(document: &ExecutableDocument, operation: &OperationDefinition) -> Vec<String> {
    let mut names = Vec::new();
    let mut spread: Vec<&str> = Vec::new();
    selection_switches(&operation.selection_set.node, &mut names, &mut spread);
    let mut next = 0;
    while let Some(name) = spread.get(next) {
        next += 1;
        if let Some(fragment) = document.fragments.get(*name) {
            selection_switches(&fragment.node.selection_set.node, &mut names, &mut spread);
        }
    }
    names
}

fn selection_switches<'a>(set: &'a SelectionSet, names: &mut Vec<String>, spread: &mut Vec<&'a str>) {
    for item in &set.items {
        let (directives, inner) = match &item.node {
            Selection::Field(field) => (&field.node.directives, Some(&field.node.selection_set)),
            Selection::InlineFragment(fragment) => {
                (&fragment.node.directives, Some(&fragment.node.selection_set))
            }
            Selection::FragmentSpread(fragment) => {
                let name = fragment.node.fragment_name.node.as_str();
                if !spread.contains(&name) {
                    spread.push(name);
                }
                (&fragment.node.directives, None)
            }
        };
        for directive in directives {
            if let Some(name) = switch(&directive.node)
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        if let Some(inner) = inner {
            selection_switches(&inner.node, names, spread);
        }
    }
}

fn switch(directive: &Directive) -> Option<String> {
    if !matches!(directive.name.node.as_str(), "skip" | "include") {
        return None;
    }
    match &directive.get_argument("if")?.node {
        async_graphql_value::Value::Variable(name) => Some(name.to_string()),
        _ => None,
    }
}
