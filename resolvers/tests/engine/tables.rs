//! The test schema: every kind of type, nullability, list and source that the engine knows.

use jiff::Timestamp;
use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::json;
use skuery_schema::object;
use skuery_schema::system::Tables;
use skuery_schema::table::{
    Argument, EnumType, Field, InputType, InterfaceType, Object, OperationDirective, ScalarType, SchemaTypes,
    Source, UnionType, Value,
};

use crate::world::{Seed, any};

pub(crate) mod lookup {
    //! The lookups of the test schema.
    use skuery_schema::table::Lookup;
    pub(crate) const WHOLE_REF: Lookup = Lookup(1);
    pub(crate) const WHOLE_STRICT: Lookup = Lookup(2);
    pub(crate) const ITEM: Lookup = Lookup(3);
    pub(crate) const ITEMS: Lookup = Lookup(4);
    pub(crate) const GRID: Lookup = Lookup(5);
    pub(crate) const TEXT: Lookup = Lookup(6);
    pub(crate) const LEAF: Lookup = Lookup(7);
    pub(crate) const REF: Lookup = Lookup(8);
    pub(crate) const REFS: Lookup = Lookup(9);
    pub(crate) const STRICT: Lookup = Lookup(10);
    pub(crate) const NODES: Lookup = Lookup(11);
    pub(crate) const ANYS: Lookup = Lookup(12);
}

/// The test schema.
pub(crate) struct Test;

impl Tables for Test {
    const TYPES: &'static SchemaTypes = &TYPES;
}

pub(crate) struct Root;
pub(crate) struct Item {
    pub(crate) seed: Seed,
    leaf: Leaf,
    leaves: Vec<Leaf>,
}
#[derive(Clone)]
pub(crate) struct Leaf(pub(crate) Seed);
/// What a reference is drawn from, and what is known of it.
#[derive(Clone)]
pub(crate) struct Bare {
    pub(crate) seed: Seed,
    whole: bool,
    known: bool,
}
/// A reference that stands although its completion failed.
#[derive(Clone)]
pub(crate) struct Ref(pub(crate) Bare);
/// A reference that does not.
#[derive(Clone)]
pub(crate) struct Strict(pub(crate) Bare);

impl Item {
    pub(crate) fn new(seed: Seed) -> Self {
        let leaves = (0..seed.at("leaves").below(3)).map(|index| Leaf(seed.at(("leaf", index))));
        Self {
            seed,
            leaf: Leaf(seed.at("leaf")),
            leaves: leaves.collect(),
        }
    }
}

impl Bare {
    fn new(seed: Seed) -> Self {
        Self {
            seed,
            whole: seed.at("whole").below(4) == 0,
            known: seed.at("known").below(2) == 0,
        }
    }
    fn whole(seed: Seed) -> Self {
        Self {
            seed,
            whole: true,
            known: true,
        }
    }
}

impl Ref {
    pub(crate) fn new(seed: Seed) -> Self {
        Self(Bare::new(seed))
    }
    pub(crate) fn whole(seed: Seed) -> Self {
        Self(Bare::whole(seed))
    }
}

impl Strict {
    pub(crate) fn new(seed: Seed) -> Self {
        Self(Bare::new(seed))
    }
    pub(crate) fn whole(seed: Seed) -> Self {
        Self(Bare::whole(seed))
    }
}

fn id(seed: Seed) -> Value<'static> {
    Value::Text(format!("{:x}", seed.hash))
}
fn name(seed: Seed) -> Value<'static> {
    seed.or_fail("name", |seed| {
        Value::Text(format!("name \"{}\"\n\u{e5}", seed.below(100)))
    })
}
fn rank(seed: Seed) -> Value<'static> {
    seed.or_fail("rank", |seed| Value::Int(seed.below(1000) as i32 - 500))
}
fn color(seed: Seed) -> Value<'static> {
    seed.or_fail("color", |seed| {
        Value::Name(["RED", "GREEN", "BLUE"][seed.below(3) as usize])
    })
}
fn made(object: impl Object) -> Value<'static> {
    Value::Made(Box::new(object))
}

object! {
    /// The query root.
    Root, "Root";
    /// One item.
    live item(id: "ID", "Its ID."; filter: "Filter", "A filter."): "Item" => lookup::ITEM;
    /// One item that must be there.
    live itemStrict: "Item!" => lookup::ITEM;
    /// Items.
    live items(first: "Int!" = "2", "How many."): "[Item!]!" => lookup::ITEMS;
    /// A list of lists of items.
    live grid: "[[Item!]]" => lookup::GRID;
    /// Text.
    live text(key: "Key!", "A key."): "String" => lookup::TEXT;
    /// Text that must be there.
    live textStrict: "String!" => lookup::TEXT;
    /// A reference.
    live reference(sku: "String!" = "\"a\"", "A SKU."): "Ref" => lookup::REF;
    /// References.
    live refs(skus: "[String!]!", "SKUs."): "[Ref]!" => lookup::REFS;
    /// A strict reference.
    live strict: "Strict" => lookup::STRICT;
    /// Any objects with an ID.
    live nodes: "[Node]" => lookup::NODES;
    /// Anything.
    live anys(color: "Color" = "GREEN", "A colour."): "[Any!]" => lookup::ANYS;
}

object! {
    /// Holds every kind of field itself.
    Item, "Item" implements "Node" & "Named";
    /// Its ID.
    own id: "ID!" => |item, _| id(item.seed);
    /// Its name.
    own name: "String" => |item, _| name(item.seed);
    /// Its rank.
    own rank: "Int!" => |item, _| rank(item.seed);
    /// Yes or no.
    own flag: "Boolean" => |item, _| item.seed.or_fail("flag", |seed| Value::Boolean(seed.below(2) == 0));
    /// A colour.
    own color: "Color" => |item, _| color(item.seed);
    /// A colour that must be there.
    own colorStrict: "Color!" => |item, _| color(item.seed.at("strict"));
    /// An amount.
    own amount: "Decimal!" => |item, _| item.seed.or_fail("amount", |seed| Value::Decimal(Decimal::new(seed.below(99999) as i64, 2)));
    /// An instant.
    own at: "DateTime" => |item, _| item.seed.or_fail("at", |seed| Value::DateTime(Timestamp::from_second(seed.below(2_000_000_000) as i64).unwrap()));
    /// A day.
    own day: "Date" => |item, _| item.seed.or_fail("day", |seed| Value::Date(date(2026, 1, 1 + seed.below(28) as i8)));
    /// An address.
    own url: "URL" => |item, _| item.seed.or_fail("url", |seed| Value::Text(format!("https://a/{}", seed.below(9))));
    /// Anything.
    own json: "JSON" => |item, _| item.seed.or_fail("json", |_| Value::Json(JSON.get_or_init(|| json!({"b": [1, null, "x"], "a": {"c": true}}))));
    /// Texts.
    own words: "[String!]" => |item, _| item.seed.list("words", name);
    /// Texts with gaps.
    own tags: "[String]!" => |item, _| item.seed.list("tags", name);
    /// Numbers in two dimensions.
    own numbers: "[[Int]!]" => |item, _| item.seed.list("numbers", |seed| seed.list("row", rank));
    /// Its arguments as they were read.
    own echo(
        int: "Int" = "3", "A number.";
        ints: "[Int!]", "Numbers.";
        rows: "[[Int]]", "Numbers in two dimensions.";
        text: "String" = "\"a \\\"b\\\"\"", "Text.";
        color: "Color!" = "RED", "A colour.";
        colors: "[Color!]", "Colours.";
        filter: "Filter", "A filter.";
        filters: "[Filter!]", "Filters.";
        key: "Key", "A key.";
        id: "ID", "An ID.";
        decimal: "Decimal" = "\"1\"", "An amount.";
        when: "DateTime", "An instant.";
        day: "Date", "A day.";
        json: "JSON", "Anything.";
        flag: "Boolean" = "true", "Yes or no.";
        float: "Float" = "1.5", "A fraction."
    ): "String!" => |_, args| Value::Text(format!("{args:?}"));
    /// A leaf it holds.
    own leaf: "Leaf" => |item, _| Value::Object(&item.leaf);
    /// A leaf made for the answer.
    own leafStrict: "Leaf!" => |item, _| item.seed.or_fail("leafStrict", |seed| made(Leaf(seed)));
    /// Leaves it holds.
    own leaves: "[Leaf!]!" => |item, _| Value::List(&item.leaves);
    /// Leaves made for the answer.
    own leavesMade: "[Leaf]" => |item, _| item.seed.list("leavesMade", |seed| made(Leaf(seed)));
    /// A list of lists of items.
    own matrix: "[[Item]!]" => |item, _| item.seed.list("matrix", |seed| seed.list("row", |seed| made(Item::new(seed))));
    /// Another item.
    own item: "Item" => |item, _| item.seed.or_fail("item", |seed| made(Item::new(seed)));
    /// A reference.
    own reference: "Ref" => |item, _| item.seed.or_fail("ref", |seed| made(Ref::new(seed)));
    /// References.
    own refs: "[Ref!]" => |item, _| item.seed.list("refs", |seed| made(Ref::new(seed)));
    /// A strict reference.
    own strict: "Strict!" => |item, _| item.seed.or_fail("strict", |seed| made(Strict::new(seed)));
    /// Strict references.
    own stricts: "[Strict]!" => |item, _| item.seed.list("stricts", |seed| made(Strict::new(seed)));
    /// Anything.
    own any: "Any" => |item, _| item.seed.or_fail("any", |seed| Value::Made(any(seed, 4)));
    /// Anything with a name.
    own named: "[Named!]!" => |item, _| item.seed.list("named", |seed| Value::Made(any(seed, 3)));
    /// Anything with an ID.
    own node: "Node" => |item, _| item.seed.or_fail("node", |seed| Value::Made(any(seed, 3)));
    /// An item from elsewhere.
    live later(first: "Int" = "1", "How many."): "Item" => lookup::ITEM;
    /// Items from elsewhere.
    live laters: "[Item!]" => lookup::ITEMS;
    /// A list of lists from elsewhere.
    live laterGrid: "[[Item]]" => lookup::GRID;
    /// Text from elsewhere.
    live laterText(color: "Color", "A colour."): "String!" => lookup::TEXT;
    /// References from elsewhere.
    live laterRefs: "[Ref]" => lookup::REFS;
    /// A strict reference from elsewhere.
    live laterStrict: "Strict!" => lookup::STRICT;
    /// Anything from elsewhere.
    live laterAnys: "[Any]!" => lookup::ANYS;
}

static JSON: std::sync::OnceLock<serde_json::Value> = std::sync::OnceLock::new();

object! {
    /// Has nothing below.
    Leaf, "Leaf";
    /// Its label.
    own label: "String!" => |leaf, _| leaf.0.or_fail("label", |seed| Value::Text(format!("label {}", seed.below(9))));
    /// Its colour.
    own color: "Color" => |leaf, _| color(leaf.0);
    /// A number.
    own rank: "Int" => |leaf, _| rank(leaf.0);
}

object! {
    /// A reference that stands without its completion.
    Ref, "Ref" implements "Node" & "Named" whole lookup::WHOLE_REF, stands true, |reference| reference.0.whole, |reference| reference.0.known;
    /// Its ID.
    own id: "ID!" => |reference, _| id(reference.0.seed);
    /// Its name.
    whole name: "String" => |reference, _| name(reference.0.seed);
    /// Its rank.
    whole rank: "Int!" => |reference, _| rank(reference.0.seed);
    /// An item that the bare reference holds.
    own item: "Item" => |reference, _| reference.0.seed.or_fail("item", |seed| made(Item::new(seed)));
    /// References that only the whole one holds.
    whole refs: "[Ref!]" => |reference, _| reference.0.seed.list("refs", |seed| made(Ref::new(seed)));
    /// Its arguments as they were read.
    whole echo(text: "String" = "null", "Text."): "String" => |reference, args| Value::Text(format!("{:x} {args:?}", reference.0.seed.hash));
    /// A leaf from elsewhere.
    live price(quantity: "Decimal" = "\"1\"", "How many."): "Leaf" => lookup::LEAF;
    /// A reference from elsewhere.
    live other: "Ref" => lookup::REF;
}

object! {
    /// A reference that does not stand without its completion.
    Strict, "Strict" implements "Node" & "Named" whole lookup::WHOLE_STRICT, stands false, |strict| strict.0.whole, |strict| strict.0.known;
    /// Its ID.
    own id: "ID!" => |strict, _| id(strict.0.seed);
    /// Its name.
    whole name: "String" => |strict, _| name(strict.0.seed);
    /// Its rank.
    whole rank: "Int!" => |strict, _| rank(strict.0.seed);
    /// Its leaf.
    whole leaf: "Leaf!" => |strict, _| strict.0.seed.or_fail("leaf", |seed| made(Leaf(seed)));
    /// A reference that the bare one holds.
    own reference: "Ref!" => |strict, _| strict.0.seed.or_fail("ref", |seed| made(Ref::new(seed)));
    /// Text from elsewhere.
    live text: "String" => lookup::TEXT;
    /// Items from elsewhere.
    live items: "[Item]!" => lookup::ITEMS;
}

const fn plain(name: &'static str, ty: &'static str) -> Argument {
    Argument {
        name,
        description: "A value.",
        ty,
        default: None,
    }
}

const fn with_default(name: &'static str, ty: &'static str, default: &'static str) -> Argument {
    Argument {
        name,
        description: "A value.",
        ty,
        default: Some(default),
    }
}

const fn of_interface(name: &'static str, ty: &'static str) -> Field {
    Field {
        name,
        description: "A field.",
        ty,
        args: &[],
        source: Source::Own,
    }
}

const fn scalar(name: &'static str) -> ScalarType {
    ScalarType {
        name,
        description: "A scalar.",
        specified_by: None,
    }
}

pub(crate) static TYPES: SchemaTypes = SchemaTypes {
    objects: &[Root::TABLE, Item::TABLE, Leaf::TABLE, Ref::TABLE, Strict::TABLE],
    mutation: None,
    subscription: None,
    interfaces: &[
        InterfaceType {
            name: "Node",
            description: "Has an ID.",
            fields: &[of_interface("id", "ID!")],
        },
        InterfaceType {
            name: "Named",
            description: "Has a name.",
            fields: &[of_interface("name", "String"), of_interface("rank", "Int!")],
        },
    ],
    unions: &[UnionType {
        name: "Any",
        description: "Anything.",
        members: &["Item", "Leaf", "Ref", "Strict"],
    }],
    enums: &[EnumType {
        name: "Color",
        description: "A colour.",
        values: &[("RED", "Red."), ("GREEN", "Green."), ("BLUE", "Blue.")],
    }],
    inputs: &[
        InputType {
            name: "Filter",
            description: "A filter.",
            one_of: false,
            fields: &[
                plain("color", "Color"),
                with_default("text", "String", "\"x\""),
                with_default("first", "Int!", "7"),
                plain("ints", "[Int]"),
                plain("inner", "Filter"),
                plain("need", "Boolean!"),
                plain("key", "Key"),
            ],
        },
        InputType {
            name: "Key",
            description: "Exactly one key.",
            one_of: true,
            fields: &[
                plain("id", "ID"),
                plain("number", "Int"),
                plain("filter", "Filter"),
            ],
        },
    ],
    scalars: &[
        scalar("Decimal"),
        scalar("DateTime"),
        scalar("Date"),
        scalar("URL"),
        scalar("JSON"),
    ],
    directives: &[OperationDirective {
        name: "inContext",
        description: "The context.",
        args: &[plain("channel", "String")],
    }],
};
