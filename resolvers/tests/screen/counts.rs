//! What a parsed document holds: the plainest way of counting it, by walking every copy of every fragment.

use async_graphql::Positioned;
use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet, Type,
};
use async_graphql_value::Value;
use skuery_resolvers::screen::Limits;

/// The limits that a document just stays within.
pub(crate) fn count(document: &ExecutableDocument) -> Limits {
    let mut count = Count {
        document,
        most: nothing(),
    };
    for (_, operation) in document.operations.iter() {
        count.operation(&operation.node);
    }
    for fragment in document.fragments.values() {
        count.directives(&fragment.node.directives, 0);
        // The root of a fragment is wherever it is spread.
        count.definition(&fragment.node.selection_set.node);
    }
    count.most.document_fragments = document.fragments.len();
    count.most
}

fn nothing() -> Limits {
    Limits {
        document_bytes: 0,
        tokens: 0,
        selection_nesting: 0,
        literal_nesting: 0,
        keys: 0,
        aliases: 0,
        root_fields: 0,
        directives_per_place: 0,
        directives: 0,
        selections: 0,
        document_operations: 0,
        document_fragments: 0,
        variables: 0,
        variables_bytes: 0,
        variables_nesting: 0,
    }
}

struct Count<'d> {
    document: &'d ExecutableDocument,
    most: Limits,
}

/// What one definition holds once its fragments are put in place.
#[derive(Default)]
struct Size {
    selections: usize,
    aliases: usize,
    root_fields: usize,
    nesting: usize,
}

impl<'d> Count<'d> {
    fn operation(&mut self, operation: &'d OperationDefinition) {
        self.most.document_operations += 1;
        let variables = &operation.variable_definitions;
        self.most.variables = self.most.variables.max(variables.len());
        for variable in variables {
            self.ty(&variable.node.var_type.node, 0);
            // The brackets of their arguments stand in those of the declarations.
            self.directives(&variable.node.directives, 1);
            if let Some(default) = &variable.node.default_value {
                self.value(&default.node.clone().into_value(), 0);
            }
        }
        self.directives(&operation.directives, 0);
        let root_fields = self.definition(&operation.selection_set.node);
        self.most.root_fields = self.most.root_fields.max(root_fields);
    }

    /// Gives the fields at its root.
    fn definition(&mut self, set: &'d SelectionSet) -> usize {
        self.written(set);
        let mut size = Size::default();
        self.expanded(set, 1, true, &mut size);
        let most = &mut self.most;
        most.selections = most.selections.max(size.selections);
        most.aliases = most.aliases.max(size.aliases);
        most.selection_nesting = most.selection_nesting.max(size.nesting);
        size.root_fields
    }

    /// What counts once, however often it is spread.
    fn written(&mut self, set: &SelectionSet) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    self.directives(&field.node.directives, 0);
                    field
                        .node
                        .arguments
                        .iter()
                        .for_each(|(_, value)| self.value(&value.node, 0));
                    self.written(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.node.directives, 0);
                    self.written(&fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => self.directives(&spread.node.directives, 0),
            }
        }
    }

    fn expanded(&self, set: &SelectionSet, nesting: usize, is_root: bool, size: &mut Size) {
        if set.items.is_empty() {
            return;
        }
        size.nesting = size.nesting.max(nesting);
        for item in &set.items {
            size.selections += 1;
            match &item.node {
                Selection::Field(field) => {
                    size.aliases += usize::from(field.node.alias.is_some());
                    size.root_fields += usize::from(is_root);
                    self.expanded(&field.node.selection_set.node, nesting + 1, false, size);
                }
                Selection::InlineFragment(fragment) => {
                    self.expanded(&fragment.node.selection_set.node, nesting + 1, is_root, size);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        let set = &fragment.node.selection_set.node;
                        self.expanded(set, nesting + 1, is_root, size);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &[Positioned<Directive>], nesting: usize) {
        self.most.directives += directives.len();
        self.most.directives_per_place = self.most.directives_per_place.max(directives.len());
        for directive in directives {
            if !directive.node.arguments.is_empty() {
                self.nests(nesting);
            }
            for (_, value) in &directive.node.arguments {
                self.value(&value.node, nesting);
            }
        }
    }

    fn value(&mut self, value: &Value, nesting: usize) {
        match value {
            Value::List(items) => {
                self.nests(nesting + 1);
                self.most.keys = self.most.keys.max(items.len());
                items.iter().for_each(|item| self.value(item, nesting + 1));
            }
            Value::Object(members) => {
                self.nests(nesting + 1);
                members
                    .values()
                    .for_each(|member| self.value(member, nesting + 1));
            }
            _ => {}
        }
    }

    fn ty(&mut self, ty: &Type, nesting: usize) {
        if let BaseType::List(item) = &ty.base {
            self.nests(nesting + 1);
            self.most.keys = self.most.keys.max(1);
            self.ty(item, nesting + 1);
        }
    }

    fn nests(&mut self, nesting: usize) {
        self.most.literal_nesting = self.most.literal_nesting.max(nesting);
    }
}
