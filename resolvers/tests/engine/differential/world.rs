//! A set of tables with the engine and the reference over it.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql::ValidationMode;
use async_graphql::dynamic::Schema;
use skuery_resolvers::engine::Engine;
use skuery_resolvers::screen::Limits;
use skuery_schema::system::{Commerce, Tables};
use skuery_schema::table::{Field, ObjectType, SchemaTypes, TypeRef};

use super::reference::NoteErrors;
use super::reference_schema::schema;
use crate::changes::Changing;

/// Tables with all that is needed to compare.
pub(crate) struct World {
    pub(crate) name: &'static str,
    pub(crate) types: &'static SchemaTypes,
    pub(crate) engine: Engine,
    pub(crate) reference: Schema,
    /// Every field of every object type, by type and name.
    pub(crate) fields: Vec<(&'static str, &'static Field)>,
    /// How many fields lead from one type to another, where any do.
    distances: HashMap<(&'static str, &'static str), usize>,
}

/// The commerce schema, all of it.
pub(crate) static COMMERCE: LazyLock<World> = LazyLock::new(World::new::<Commerce>);

/// The test schema, which has what the commerce schema has not: lists of lists, several interfaces, arguments of every
/// type, input objects within others. Whatever can be asked of it can be changed.
pub(crate) static SMALL: LazyLock<World> = LazyLock::new(World::new::<Changing>);

impl World {
    fn new<T: Tables>() -> Self {
        let types = T::TYPES;
        let reference = schema(types)
            .extension(NoteErrors)
            .validation_mode(ValidationMode::Fast)
            .finish();
        // Validation and execution are compared, not the limits before them.
        let limits = Limits {
            root_fields: 1_000,
            aliases: 10_000,
            selections: 100_000,
            ..Limits::default()
        };
        let distances = distances(types);
        // What only a subscription leads to is not asked.
        let is_asked = |object: &&&ObjectType| {
            let roots = [Some(types.query()), types.mutation];
            let mut roots = roots.into_iter().flatten().map(|root| root.name);
            roots.any(|root| root == object.name || distances.contains_key(&(root, object.name)))
        };
        let objects = types.objects.iter().filter(is_asked);
        Self {
            name: if std::ptr::eq(types, Commerce::TYPES) {
                "commerce"
            } else {
                "small"
            },
            types,
            engine: Engine::new::<T>(1 << 20).with_limits(limits),
            reference: reference.unwrap(),
            fields: objects
                .flat_map(|object| object.fields.iter().map(|field| (object.name, field)))
                .collect(),
            distances,
        }
    }

    /// How many fields lead from values of a type, which may be abstract, to an object type.
    pub(crate) fn distance(&self, from: &str, to: &str) -> Option<usize> {
        let from = self.types.possible(from);
        from.iter()
            .filter_map(|object| self.distances.get(&(object.name, lookup_name(self.types, to)?)))
            .min()
            .copied()
    }
}

fn lookup_name(types: &SchemaTypes, name: &str) -> Option<&'static str> {
    types.object(name).map(|object| object.name)
}

fn distances(types: &SchemaTypes) -> HashMap<(&'static str, &'static str), usize> {
    let mut distances: HashMap<_, usize> = types
        .objects
        .iter()
        .map(|object| ((object.name, object.name), 0))
        .collect();
    loop {
        let before = distances.len();
        let mut found = Vec::new();
        for object in types.objects {
            let next = object
                .fields
                .iter()
                .flat_map(|field| types.possible(TypeRef(field.ty).name()));
            for next in next {
                let reached = distances.iter().filter(|((from, _), _)| *from == next.name);
                found.extend(reached.map(|((_, to), steps)| ((object.name, *to), steps + 1)));
            }
        }
        for (pair, steps) in found {
            let known = distances.entry(pair).or_insert(steps);
            *known = steps.min(*known);
        }
        // Each round looks one field further, so what is new is never nearer than what is known.
        if distances.len() == before {
            return distances;
        }
    }
}
