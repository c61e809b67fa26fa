//! The field tables as async-graphql's type system: validation, introspection and SDL come from there.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::pin::Pin;

use async_graphql::indexmap::{IndexMap, IndexSet};
use async_graphql::registry::{
    __DirectiveLocation, Deprecation, MetaDirective, MetaEnumValue, MetaField, MetaInputValue, MetaType,
    MetaTypeId, Registry,
};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType as AsyncObject, OutputType, Positioned, Response,
    Schema, SchemaBuilder, ServerResult, SubscriptionType, Value, futures_util::Stream,
    parser::types::Field as AstField, resolver_utils::resolve_container,
};

use crate::commerce;
use crate::scalar;
use crate::table::{Argument, Field, ObjectType, SchemaTypes};

/// A set of types that can be served.
pub trait Tables: Send + Sync + 'static {
    /// The types. Every field of a root is live: the root has no value to read from.
    const TYPES: &'static SchemaTypes;
}

/// The commerce schema.
pub struct Commerce;

impl Tables for Commerce {
    const TYPES: &'static SchemaTypes = &commerce::TYPES;
}

/// async-graphql's view of the tables. It validates and introspects; execution is the engine's.
pub type TypeSystem<T> = Schema<Root<T>, MutationRoot<T>, SubscriptionRoot<T>>;

/// The form in which a type system can still be configured.
pub type TypeSystemBuilder<T> = SchemaBuilder<Root<T>, MutationRoot<T>, SubscriptionRoot<T>>;

/// The type system of `T`.
pub fn type_system<T: Tables>() -> TypeSystemBuilder<T> {
    Schema::build(
        Root(PhantomData),
        MutationRoot(PhantomData),
        SubscriptionRoot(PhantomData),
    )
    .disable_suggestions()
}

/// The commerce schema in SDL, as `schema/schema.graphql` holds it.
pub fn sdl() -> String {
    let sdl = type_system::<Commerce>().finish().sdl();
    let lines: Vec<&str> = sdl.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim())
}

/// The query root for async-graphql: it registers every type of the tables and resolves nothing by itself.
pub struct Root<T>(PhantomData<T>);

impl<T: Tables> OutputType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::TYPES.query().name)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            register(registry, T::TYPES);
            object(T::TYPES.query())
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<AstField>,
    ) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl<T: Tables> ContainerType for Root<T> {
    async fn resolve_field(&self, _ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        Ok(None)
    }
}

impl<T: Tables> AsyncObject for Root<T> {}

/// The mutation root for async-graphql, where the tables have one; like the query root it resolves nothing.
pub struct MutationRoot<T>(PhantomData<T>);

impl<T: Tables> OutputType for MutationRoot<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::TYPES.mutation.map_or("EmptyMutation", |table| table.name))
    }

    /// The query root registers its type, as one of the tables.
    fn create_type_info(_registry: &mut Registry) -> String {
        Self::type_name().into_owned()
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<AstField>,
    ) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl<T: Tables> ContainerType for MutationRoot<T> {
    fn is_empty() -> bool {
        T::TYPES.mutation.is_none()
    }

    async fn resolve_field(&self, _ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        Ok(None)
    }
}

impl<T: Tables> AsyncObject for MutationRoot<T> {}

/// The subscription root for async-graphql, where the tables have one; like the other roots it resolves nothing.
pub struct SubscriptionRoot<T>(PhantomData<T>);

impl<T: Tables> SubscriptionType for SubscriptionRoot<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(
            T::TYPES
                .subscription
                .map_or("EmptySubscription", |table| table.name),
        )
    }

    /// The query root registers its type, as one of the tables.
    fn create_type_info(_registry: &mut Registry) -> String {
        Self::type_name().into_owned()
    }

    fn is_empty() -> bool {
        T::TYPES.subscription.is_none()
    }

    fn create_field_stream<'a>(
        &'a self,
        _ctx: &'a Context<'_>,
    ) -> Option<Pin<Box<dyn Stream<Item = Response> + Send + 'a>>> {
        None
    }
}

fn register(registry: &mut Registry, types: &SchemaTypes) {
    for table in &types.objects[1..] {
        registry.types.insert(table.name.to_owned(), object(table));
        for interface in table.implements {
            registry.add_implements(table.name, interface);
        }
    }
    for interface in types.interfaces {
        let possible = types
            .possible(interface.name)
            .iter()
            .map(|table| table.name.to_owned())
            .collect();
        registry
            .types
            .insert(interface.name.to_owned(), self::interface(interface, possible));
    }
    for union in types.unions {
        registry.types.insert(union.name.to_owned(), self::union(union));
    }
    for enumeration in types.enums {
        registry
            .types
            .insert(enumeration.name.to_owned(), self::enumeration(enumeration));
    }
    for input in types.inputs {
        registry.types.insert(input.name.to_owned(), self::input(input));
    }
    for scalar in types.scalars {
        registry
            .types
            .insert(scalar.name.to_owned(), self::scalar(scalar));
    }
    for directive in types.directives {
        registry.add_directive(MetaDirective {
            name: directive.name.to_owned(),
            description: Some(words(directive.description)),
            locations: vec![
                __DirectiveLocation::QUERY,
                __DirectiveLocation::MUTATION,
                __DirectiveLocation::SUBSCRIPTION,
            ],
            args: arguments(directive.args),
            is_repeatable: false,
            visible: None,
            composable: None,
        });
    }
}

/// Doc comments carry a space before each line.
fn words(description: &str) -> String {
    description.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn object(table: &ObjectType) -> MetaType {
    MetaType::Object {
        name: table.name.to_owned(),
        description: Some(words(table.description)),
        fields: fields(table.fields),
        cache_control: Default::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        is_subscription: false,
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

fn fields(fields: &[Field]) -> IndexMap<String, MetaField> {
    fields
        .iter()
        .map(|field| {
            let mut meta = MetaField::new(field.name, field.ty);
            meta.description = Some(words(field.description));
            meta.args = arguments(field.args);
            (field.name.to_owned(), meta)
        })
        .collect()
}

fn arguments(args: &[Argument]) -> IndexMap<String, MetaInputValue> {
    args.iter()
        .map(|argument| {
            let mut meta = MetaInputValue::new(argument.name, argument.ty);
            meta.description = Some(words(argument.description));
            meta.default_value = argument.default.map(str::to_owned);
            (argument.name.to_owned(), meta)
        })
        .collect()
}

fn interface(interface: &crate::table::InterfaceType, possible_types: IndexSet<String>) -> MetaType {
    MetaType::Interface {
        name: interface.name.to_owned(),
        description: Some(words(interface.description)),
        fields: fields(interface.fields),
        possible_types,
        extends: false,
        inaccessible: false,
        tags: Vec::new(),
        keys: None,
        visible: None,
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

fn union(union: &crate::table::UnionType) -> MetaType {
    MetaType::Union {
        name: union.name.to_owned(),
        description: Some(words(union.description)),
        possible_types: union.members.iter().map(|&member| member.to_owned()).collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        directive_invocations: Vec::new(),
    }
}

fn enumeration(enumeration: &crate::table::EnumType) -> MetaType {
    let value = |&(name, description): &(&str, &str)| {
        let mut meta = MetaEnumValue::new(name);
        meta.description = Some(words(description));
        meta.deprecation = Deprecation::NoDeprecated;
        (name.to_owned(), meta)
    };
    MetaType::Enum {
        name: enumeration.name.to_owned(),
        description: Some(words(enumeration.description)),
        enum_values: enumeration.values.iter().map(value).collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

fn input(input: &crate::table::InputType) -> MetaType {
    MetaType::InputObject {
        name: input.name.to_owned(),
        description: Some(words(input.description)),
        input_fields: arguments(input.fields),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        oneof: input.one_of,
        directive_invocations: Vec::new(),
    }
}

fn scalar(scalar: &crate::table::ScalarType) -> MetaType {
    let name = scalar.name;
    MetaType::Scalar {
        name: name.to_owned(),
        description: Some(words(scalar.description)),
        is_valid: Some(std::sync::Arc::new(move |value: &Value| {
            scalar::parse(name, value).is_some()
        })),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        specified_by_url: scalar.specified_by.map(str::to_owned),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}
