//! Field tables: one definition per type, read by the type system, the plan compiler and the writer.
//!
//! An object is plain data that can read one of its fields by number. What a field is called, its type, arguments and
//! description stand beside the reader in the same table, so a field is written once.

use std::any::Any;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::error::FieldError;
use crate::input::Args;

/// A value of an object type of the schema.
pub trait Object: Any + Send + Sync {
    /// The type's table.
    fn object_type(&self) -> &'static ObjectType;

    /// Reads field number `field` of the table. Only for fields that are read from the value.
    fn read<'a>(&'a self, field: usize, args: &Args) -> Value<'a>;

    /// Whether this value holds everything its table reads from it. A bare reference (a SKU, a product code) does not:
    /// the engine asks the type's `whole` lookup for the rest.
    fn is_whole(&self) -> bool {
        true
    }

    /// Whether a bare reference is known to exist, so that a selection of its key alone needs no question.
    fn is_known(&self) -> bool {
        true
    }

    /// For the resolvers, which know the concrete type behind a lookup.
    fn as_any(&self) -> &dyn Any;
}

/// What a field holds.
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// `Boolean`.
    Boolean(bool),
    /// `Int`.
    Int(i32),
    /// `String`, `ID`, `URL`: borrowed text.
    Str(&'a str),
    /// Text made for this answer.
    Text(String),
    /// An enum value.
    Name(&'static str),
    /// `Decimal`.
    Decimal(Decimal),
    /// `DateTime`.
    DateTime(Timestamp),
    /// `Date`.
    Date(Date),
    /// `JSON`.
    Json(&'a serde_json::Value),
    /// An object that the parent owns.
    Object(&'a dyn Object),
    /// An object made for this answer.
    Made(Box<dyn Object>),
    /// A list the parent owns.
    List(&'a dyn List),
    /// A list made for this answer.
    Items(Vec<Value<'a>>),
    /// The field has no value because something failed.
    Error(FieldError),
}

impl<'a> Value<'a> {
    /// Borrowed text or null.
    pub fn text(text: Option<&'a Arc<str>>) -> Self {
        text.map_or(Self::Null, |text| Self::Str(text))
    }

    /// A decimal or null.
    pub fn decimal(number: Option<Decimal>) -> Self {
        number.map_or(Self::Null, Self::Decimal)
    }

    /// An object or null.
    pub fn object<T: Object>(object: Option<&'a T>) -> Self {
        object.map_or(Self::Null, |object| Self::Object(object))
    }

    /// A list of texts.
    pub fn texts<T: AsRef<str>>(texts: &'a [T]) -> Self {
        Self::Items(texts.iter().map(|text| Self::Str(text.as_ref())).collect())
    }
}

/// A list of objects that its owner keeps.
pub trait List: Send + Sync {
    /// How many items.
    fn len(&self) -> usize;
    /// Item number `index`, from 0.
    fn at(&self, index: usize) -> Value<'_>;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Object> List for Vec<T> {
    fn len(&self) -> usize {
        Vec::len(self)
    }
    fn at(&self, index: usize) -> Value<'_> {
        Value::Object(&self[index])
    }
}

impl<T: Object> List for Arc<[T]> {
    fn len(&self) -> usize {
        <[T]>::len(self)
    }
    fn at(&self, index: usize) -> Value<'_> {
        Value::Object(&self[index])
    }
}

/// The table of an object type.
#[derive(Debug)]
pub struct ObjectType {
    /// GraphQL name.
    pub name: &'static str,
    /// Public documentation.
    pub description: &'static str,
    /// Interfaces it implements.
    pub implements: &'static [&'static str],
    /// The lookup that completes a bare reference.
    pub whole: Option<Lookup>,
    /// Whether a reference whose completion failed still stands, its own fields null with an error each; otherwise
    /// the reference itself is null with one error.
    pub stands_bare: bool,
    /// The fields, in order.
    pub fields: &'static [Field],
}

/// One field of a table.
#[derive(Debug)]
pub struct Field {
    /// GraphQL name.
    pub name: &'static str,
    /// Public documentation.
    pub description: &'static str,
    /// Type in SDL notation, such as `[Category!]`.
    pub ty: &'static str,
    /// Arguments, in order.
    pub args: &'static [Argument],
    /// Where the value comes from.
    pub source: Source,
}

/// Where a field's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// From the value at hand, even a bare one.
    Own,
    /// From the whole value: a bare reference is completed first.
    Whole,
    /// From a lookup of its own.
    Live(Lookup),
}

/// The number of a lookup; the resolvers know what it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lookup(pub u16);

/// One argument, or one field of an input object.
#[derive(Debug)]
pub struct Argument {
    /// GraphQL name.
    pub name: &'static str,
    /// Public documentation.
    pub description: &'static str,
    /// Type in SDL notation.
    pub ty: &'static str,
    /// Default in SDL notation.
    pub default: Option<&'static str>,
}

/// An interface.
#[derive(Debug)]
pub struct InterfaceType {
    /// GraphQL name.
    pub name: &'static str,
    /// Public documentation.
    pub description: &'static str,
    /// Its fields; where they come from is the implementing types' matter.
    pub fields: &'static [Field],
}

/// A union.
#[derive(Debug)]
pub struct UnionType {
    /// GraphQL name.
    pub name: &'static str,
    /// Public documentation.
    pub description: &'static str,
    /// Its object types.
    pub members: &'static [&'static str],
}

/// An enum.
#[derive(Debug)]
pub struct EnumType {
    /// GraphQL name.
    pub name: &'static str,
    /// Public documentation.
    pub description: &'static str,
    /// Values with their documentation.
    pub values: &'static [(&'static str, &'static str)],
}

/// An input object.
#[derive(Debug)]
pub struct InputType {
    /// GraphQL name.
    pub name: &'static str,
    /// Public documentation.
    pub description: &'static str,
    /// Whether exactly one field must be given (`@oneOf`).
    pub one_of: bool,
    /// The fields.
    pub fields: &'static [Argument],
}

/// A scalar beside the five of the specification.
#[derive(Debug)]
pub struct ScalarType {
    /// GraphQL name.
    pub name: &'static str,
    /// Public documentation.
    pub description: &'static str,
    /// Where its format is specified.
    pub specified_by: Option<&'static str>,
}

/// A directive that stands on operations.
#[derive(Debug)]
pub struct OperationDirective {
    /// GraphQL name.
    pub name: &'static str,
    /// Public documentation.
    pub description: &'static str,
    /// Arguments.
    pub args: &'static [Argument],
}

/// All types of one schema.
#[derive(Debug)]
pub struct SchemaTypes {
    /// The object types; the first is the query root.
    pub objects: &'static [&'static ObjectType],
    /// The mutation root, which is one of the object types; `None` when nothing can be changed.
    pub mutation: Option<&'static ObjectType>,
    /// The subscription root, which is one of the object types; `None` when nothing can be watched.
    pub subscription: Option<&'static ObjectType>,
    /// The interfaces.
    pub interfaces: &'static [InterfaceType],
    /// The unions.
    pub unions: &'static [UnionType],
    /// The enums.
    pub enums: &'static [EnumType],
    /// The input objects.
    pub inputs: &'static [InputType],
    /// The scalars.
    pub scalars: &'static [ScalarType],
    /// The directives on operations.
    pub directives: &'static [OperationDirective],
}

impl SchemaTypes {
    /// The query root.
    pub fn query(&self) -> &'static ObjectType {
        self.objects[0]
    }

    /// An object type by name.
    pub fn object(&self, name: &str) -> Option<&'static ObjectType> {
        self.objects.iter().copied().find(|object| object.name == name)
    }

    /// A field of an object or interface type by name.
    pub fn field(&self, of: &str, name: &str) -> Option<&'static Field> {
        let interface = || self.interfaces.iter().find(|interface| interface.name == of);
        let fields = match self.object(of) {
            Some(object) => object.fields,
            None => interface()?.fields,
        };
        fields.iter().find(|field| field.name == name)
    }

    /// The object types a value of the named object, interface or union type can have.
    pub fn possible(&self, name: &str) -> Vec<&'static ObjectType> {
        if let Some(object) = self.object(name) {
            return vec![object];
        }
        if let Some(union) = self.unions.iter().find(|union| union.name == name) {
            return union
                .members
                .iter()
                .filter_map(|member| self.object(member))
                .collect();
        }
        self.objects
            .iter()
            .copied()
            .filter(|object| object.implements.contains(&name))
            .collect()
    }

    /// Whether a type condition naming `condition` holds for values of `object`.
    pub fn applies(&self, object: &ObjectType, condition: &str) -> bool {
        object.name == condition
            || object.implements.contains(&condition)
            || self
                .unions
                .iter()
                .any(|union| union.name == condition && union.members.contains(&object.name))
    }

    /// An input object by name.
    pub fn input(&self, name: &str) -> Option<&'static InputType> {
        self.inputs.iter().find(|input| input.name == name)
    }

    /// An enum by name.
    pub fn enumeration(&self, name: &str) -> Option<&'static EnumType> {
        self.enums.iter().find(|enumeration| enumeration.name == name)
    }
}

/// A type in SDL notation, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeRef<'a>(pub &'a str);

impl<'a> TypeRef<'a> {
    /// Whether null is not allowed.
    pub fn non_null(self) -> bool {
        self.0.ends_with('!')
    }

    /// The item type of a list.
    pub fn item(self) -> Option<TypeRef<'a>> {
        let nullable = self.0.strip_suffix('!').unwrap_or(self.0);
        nullable.strip_prefix('[')?.strip_suffix(']').map(TypeRef)
    }

    /// The innermost name.
    pub fn name(self) -> &'a str {
        self.0.trim_matches(|c| matches!(c, '[' | ']' | '!'))
    }
}
