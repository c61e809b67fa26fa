//! The schema as files: the exported SDL is current, and it keeps the public contract.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as it says"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "one variable of the environment lets this test write the exported SDL"
)]

use std::collections::BTreeSet;
use std::fs;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    ConstDirective, FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use skuery_schema::system::sdl;

const EXPORTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
const CONTRACT: &str = include_str!("contract.graphql");

/// What the contract names and the gateway does not serve yet. A name alone stands for the type with everything in it, a
/// dotted name for a field with its arguments, `@key` for the directive wherever it stands.
const NOT_YET: &[&str] = &[
    "@key",
    // Content.
    "Query.page",
    "ContentPage",
    // Orders as they change.
    "Subscription.orderChanged",
];

#[test]
fn the_exported_schema_is_current() {
    let current = sdl();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(EXPORTED, &current).unwrap();
    }
    let exported = fs::read_to_string(EXPORTED).unwrap_or_default();
    assert!(
        exported == current,
        "schema/schema.graphql is not what the tables say; write it anew with `UPDATE=1 cargo test -p skuery-schema`"
    );
}

#[test]
fn the_contract_is_served_but_for_what_is_listed() {
    let (contract, served) = (statements(CONTRACT), statements(&sdl()));
    let missing: Vec<&Statement> = contract.difference(&served).collect();
    let unlisted: Vec<&str> = missing
        .iter()
        .filter(|statement| !NOT_YET.iter().any(|entry| statement.belongs_to(entry)))
        .map(|statement| statement.text.as_str())
        .collect();
    assert!(
        unlisted.is_empty(),
        "the contract says, and the schema does not:\n{}",
        unlisted.join("\n")
    );

    let stale: Vec<&str> = NOT_YET
        .iter()
        .copied()
        .filter(|entry| {
            !missing.iter().any(|statement| statement.belongs_to(entry))
                || served
                    .iter()
                    .any(|statement| contract.contains(statement) && statement.belongs_to(entry))
        })
        .collect();
    assert!(
        stale.is_empty(),
        "served now, or not in the contract; strike off the list: {stale:?}"
    );
}

#[test]
fn what_is_added_to_the_contract_need_not_be_given() {
    let (contract, served) = (statements(CONTRACT), statements(&sdl()));
    let owners: BTreeSet<&str> = contract
        .iter()
        .map(|statement| statement.owner.as_str())
        .collect();
    let demanded: Vec<&str> = served
        .difference(&contract)
        .filter(|statement| statement.required && owners.contains(statement.owner.as_str()))
        .map(|statement| statement.text.as_str())
        .collect();
    assert!(
        demanded.is_empty(),
        "clients of the contract do not give these:\n{}",
        demanded.join("\n")
    );
}

#[test]
fn a_difference_in_any_part_of_a_definition_is_found() {
    let base = "type A implements I { f(a: Int = 1): [Int!] } interface I { f: Int } union U = A | B type B { f: Int } \
                enum E { X Y } input O @oneOf { a: Int b: Int = 2 } directive @d(a: Int) on QUERY | MUTATION scalar S";
    for (from, to) in [
        (" implements I", ""),
        ("a: Int = 1", "a: Int = 2"),
        ("a: Int = 1", "a: Int! = 1"),
        ("[Int!]", "[Int]"),
        ("[Int!]", "[Int!]!"),
        ("A | B", "A"),
        ("X Y", "X"),
        (" @oneOf", ""),
        ("b: Int = 2", "b: Int"),
        ("@d(a: Int)", "@d(a: String)"),
        ("QUERY | MUTATION", "QUERY"),
        ("scalar S", "scalar T"),
        ("interface I", "type I"),
    ] {
        let changed = base.replacen(from, to, 1);
        let lost = statements(base).difference(&statements(&changed)).count();
        assert!(lost > 0, "`{from}` became `{to}` unnoticed");
    }
}

/// One thing that a schema says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Statement {
    text: String,
    /// The type, or `Type.field`, of which it is said.
    owner: String,
    /// Whether a client must give it: an argument or input field that is not null and has no default.
    required: bool,
}

impl Statement {
    fn belongs_to(&self, entry: &str) -> bool {
        if entry.starts_with('@') {
            return self.text.contains(&format!(" {entry}("));
        }
        self.owner == entry || (!entry.contains('.') && self.owner.split('.').next() == Some(entry))
    }
}

fn statements(sdl: &str) -> BTreeSet<Statement> {
    let document = parse_schema(sdl).unwrap();
    let mut all = Statements::default();
    for definition in document.definitions {
        match definition {
            TypeSystemDefinition::Schema(schema) => {
                let schema = schema.node;
                for (operation, root) in [
                    ("query", schema.query),
                    ("mutation", schema.mutation),
                    ("subscription", schema.subscription),
                ] {
                    if let Some(root) = root {
                        all.say(
                            &format!("schema.{operation}"),
                            format!("schema {operation}: {}", root.node),
                        );
                    }
                }
            }
            TypeSystemDefinition::Type(definition) => all.of_type(&definition.node),
            TypeSystemDefinition::Directive(directive) => {
                let directive = directive.node;
                let name = format!("@{}", directive.name.node);
                for location in directive.locations {
                    all.say(&name, format!("directive {name} on {:?}", location.node));
                }
                all.inputs(&name, &directive.arguments);
            }
        }
    }
    all.0
}

#[derive(Default)]
struct Statements(BTreeSet<Statement>);

impl Statements {
    fn say(&mut self, owner: &str, text: String) {
        self.0.insert(Statement {
            text,
            owner: owner.to_owned(),
            required: false,
        });
    }

    fn of_type(&mut self, definition: &TypeDefinition) {
        let name = definition.name.node.as_str();
        match &definition.kind {
            TypeKind::Scalar => self.say(name, format!("scalar {name}")),
            TypeKind::Object(object) => {
                self.say(name, format!("type {name}"));
                self.interfaces(name, &object.implements);
                self.fields(name, &object.fields);
            }
            TypeKind::Interface(interface) => {
                self.say(name, format!("interface {name}"));
                self.interfaces(name, &interface.implements);
                self.fields(name, &interface.fields);
            }
            TypeKind::Union(union) => {
                for member in &union.members {
                    self.say(name, format!("union {name} = {}", member.node));
                }
            }
            TypeKind::Enum(enumeration) => {
                for value in &enumeration.values {
                    self.say(name, format!("enum {name} {{ {} }}", value.node.value.node));
                }
            }
            TypeKind::InputObject(input) => {
                self.say(name, format!("input {name}"));
                self.inputs(name, &input.fields);
            }
        }
        self.directives(name, &definition.directives);
    }

    fn interfaces(&mut self, owner: &str, names: &[Positioned<async_graphql::Name>]) {
        for interface in names {
            self.say(owner, format!("{owner} implements {}", interface.node));
        }
    }

    fn fields(&mut self, owner: &str, fields: &[Positioned<FieldDefinition>]) {
        for field in fields {
            let path = format!("{owner}.{}", field.node.name.node);
            self.say(&path, format!("{path}: {}", field.node.ty.node));
            self.inputs(&path, &field.node.arguments);
            self.directives(&path, &field.node.directives);
        }
    }

    fn inputs(&mut self, owner: &str, values: &[Positioned<InputValueDefinition>]) {
        for value in values {
            let value = &value.node;
            let mut text = format!("{owner}({}): {}", value.name.node, value.ty.node);
            if let Some(default) = &value.default_value {
                text.push_str(&format!(" = {}", default.node));
            }
            let required = !value.ty.node.nullable && value.default_value.is_none();
            self.0.insert(Statement {
                text,
                owner: owner.to_owned(),
                required,
            });
        }
    }

    fn directives(&mut self, owner: &str, directives: &[Positioned<ConstDirective>]) {
        for directive in directives {
            let arguments: Vec<String> = directive
                .node
                .arguments
                .iter()
                .map(|(name, value)| format!("{}: {}", name.node, value.node))
                .collect();
            let name = &directive.node.name.node;
            self.say(owner, format!("{owner} @{name}({})", arguments.join(", ")));
        }
    }
}
