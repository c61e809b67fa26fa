//! Tables as a schema of async-graphql's dynamic executor, and documents as it can take them.

use std::borrow::Cow;
use std::collections::HashMap;

use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, FieldValue, InputObject, InputValue, Interface, InterfaceField,
    Object as Dynamic, ResolverContext, Scalar, Schema, SchemaBuilder, Subscription, SubscriptionField,
    SubscriptionFieldFuture, TypeRef as DynamicType, Union,
};
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, FragmentDefinition, InlineFragment, Selection, SelectionSet,
    TypeCondition,
};
use async_graphql::{Name, Positioned};
use futures_util::stream::empty;
use skuery_schema::table::{Argument, Field as TableField, ObjectType, SchemaTypes, TypeRef, UnionType};

use super::reference_input::constant;
use super::resolve::resolve;

/// `... on Union { … }` becomes one fragment per member.
pub(crate) fn spell_out(types: &SchemaTypes, document: &mut ExecutableDocument) {
    let fragments = document.fragments.clone();
    let of_union = |name: &Name| types.unions.iter().find(|union| union.name == name.as_str());
    fn visit(
        set: &mut SelectionSet,
        fragments: &HashMap<Name, Positioned<FragmentDefinition>>,
        of_union: &dyn Fn(&Name) -> Option<&'static UnionType>,
    ) {
        let mut items = Vec::new();
        for mut item in std::mem::take(&mut set.items) {
            let spelled = match &mut item.node {
                Selection::Field(field) => {
                    visit(&mut field.node.selection_set.node, fragments, of_union);
                    None
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let union = condition.and_then(|condition| of_union(&condition.node.on.node));
                    visit(&mut fragment.node.selection_set.node, fragments, of_union);
                    union.map(|union| (union, fragment.node.clone(), fragment.pos))
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = &fragments[&spread.node.fragment_name.node];
                    let union = of_union(&fragment.node.type_condition.node.on.node);
                    union.map(|union| {
                        let mut set = fragment.node.selection_set.clone();
                        visit(&mut set.node, fragments, of_union);
                        let inline = InlineFragment {
                            type_condition: None,
                            directives: spread.node.directives.clone(),
                            selection_set: set,
                        };
                        (union, inline, spread.pos)
                    })
                }
            };
            let Some((union, fragment, pos)) = spelled else {
                items.push(item);
                continue;
            };
            for member in union.members {
                let mut fragment = fragment.clone();
                let on = Positioned::new(Name::new(member), pos);
                fragment.type_condition = Some(Positioned::new(TypeCondition { on }, pos));
                items.push(Positioned::new(
                    Selection::InlineFragment(Positioned::new(fragment, pos)),
                    pos,
                ));
            }
        }
        set.items = items;
    }
    for fragment in document.fragments.values_mut() {
        visit(&mut fragment.node.selection_set.node, &fragments, &of_union);
    }
    let operations: Vec<_> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![operation],
        DocumentOperations::Multiple(operations) => operations.values_mut().collect(),
    };
    for operation in operations {
        visit(&mut operation.node.selection_set.node, &fragments, &of_union);
    }
}

fn type_of(ty: TypeRef<'_>) -> DynamicType {
    if ty.non_null() {
        return DynamicType::NonNull(Box::new(type_of(TypeRef(&ty.0[..ty.0.len() - 1]))));
    }
    match ty.item() {
        Some(item) => DynamicType::List(Box::new(type_of(item))),
        None => DynamicType::Named(Cow::Owned(ty.0.to_owned())),
    }
}

fn input_value(argument: &Argument) -> InputValue {
    let value =
        InputValue::new(argument.name, type_of(TypeRef(argument.ty))).description(argument.description);
    match argument.default {
        Some(default) => value.default_value(constant(default)),
        None => value,
    }
}

fn object(table: &'static ObjectType) -> Dynamic {
    let mut object = Dynamic::new(table.name);
    for interface in table.implements {
        object = object.implement(*interface);
    }
    for (index, TableField { name, ty, args, .. }) in table.fields.iter().enumerate() {
        let mut field = Field::new(*name, type_of(TypeRef(ty)), move |ctx| {
            FieldFuture::Future(Box::pin(std::future::ready(resolve(ctx, table, index))))
        });
        for argument in *args {
            field = field.argument(input_value(argument));
        }
        object = object.field(field);
    }
    object
}

/// Only its types are compared: a stream has no one answer.
fn watched(table: &'static ObjectType) -> Subscription {
    let fields = table.fields.iter().map(|field| {
        let ty = type_of(TypeRef(field.ty));
        let arguments = field.args.iter().map(input_value);
        arguments.fold(
            SubscriptionField::new(field.name, ty, nothing),
            SubscriptionField::argument,
        )
    });
    fields.fold(Subscription::new(table.name), Subscription::field)
}

type Nothing = async_graphql::Result<FieldValue<'static>>;

fn nothing(_: ResolverContext<'_>) -> SubscriptionFieldFuture<'_> {
    SubscriptionFieldFuture::new(async { Ok(empty::<Nothing>()) })
}

/// The schema without its extension.
pub(crate) fn schema(types: &'static SchemaTypes) -> SchemaBuilder {
    let mutation = types.mutation.map(|table| table.name);
    let subscription = types.subscription.map(|table| table.name);
    let mut schema = Schema::build(types.query().name, mutation, subscription).limit_recursive_depth(64);
    for table in types.objects {
        schema = match subscription == Some(table.name) {
            true => schema.register(watched(table)),
            false => schema.register(object(table)),
        };
    }
    for table in types.interfaces {
        let mut interface = Interface::new(table.name);
        for field in table.fields {
            interface = interface.field(InterfaceField::new(field.name, type_of(TypeRef(field.ty))));
        }
        schema = schema.register(interface);
    }
    for table in types.unions {
        let union = table
            .members
            .iter()
            .fold(Union::new(table.name), |union, member| {
                union.possible_type(*member)
            });
        schema = schema.register(union);
    }
    for table in types.enums {
        let items = table.values.iter().map(|(name, _)| EnumItem::new(*name));
        schema = schema.register(Enum::new(table.name).items(items));
    }
    for table in types.inputs {
        let mut input = InputObject::new(table.name);
        if table.one_of {
            input = input.oneof();
        }
        for field in table.fields {
            input = input.field(input_value(field));
        }
        schema = schema.register(input);
    }
    for table in types.scalars {
        schema = schema.register(Scalar::new(table.name));
    }
    schema
}
