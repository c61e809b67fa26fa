//! Endless test data without storage: every object is a seed, and every value is drawn from the seed of its object, its
//! field and its arguments. Both executors draw the same.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use skuery_resolvers::engine::Answer;
use skuery_schema::error::{ErrorCode, FieldError};
use skuery_schema::input::Args;
use skuery_schema::table::{Lookup, Object, Value};

use crate::tables::{Item, Leaf, Ref, Strict, lookup};

/// Where values are drawn from, and how often they fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Seed {
    pub(crate) hash: u64,
    /// Out of 256.
    pub(crate) failures: u8,
}

/// FNV-1a, so that examples see the same data with every compiler.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 29)
    }
}

impl Seed {
    pub(crate) fn at(self, tag: impl Hash) -> Self {
        let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
        (self.hash, tag).hash(&mut hasher);
        Self {
            hash: hasher.finish(),
            ..self
        }
    }

    /// A number below `n`.
    pub(crate) fn below(self, n: u64) -> u64 {
        (self.hash >> 16) % n
    }

    fn fails(self) -> bool {
        self.at("fails").below(256) < u64::from(self.failures)
    }

    fn missing(self) -> bool {
        self.at("missing").below(256) < u64::from(self.failures)
    }

    /// A value, null or an error. Null falls on fields that are never null as well: the executor must find it.
    pub(crate) fn or_fail<'a>(self, tag: &str, make: impl FnOnce(Seed) -> Value<'a>) -> Value<'a> {
        let seed = self.at(tag);
        if seed.fails() {
            Value::Error(failure())
        } else if seed.missing() {
            Value::Null
        } else {
            make(seed)
        }
    }

    /// A list of up to two such values.
    pub(crate) fn list<'a>(self, tag: &str, make: impl Fn(Seed) -> Value<'a>) -> Value<'a> {
        self.or_fail(tag, |seed| {
            let items = (0..seed.below(3)).map(|index| seed.or_fail(&index.to_string(), &make));
            Value::Items(items.collect())
        })
    }
}

pub(crate) fn failure() -> FieldError {
    FieldError {
        code: ErrorCode::SystemUnavailable,
        message: "it does not answer".into(),
        system: Some("erp".into()),
        retryable: true,
    }
}

/// One of the types of the union and the interfaces.
pub(crate) fn any(seed: Seed, kinds: u64) -> Box<dyn Object> {
    match seed.at("kind").below(kinds) {
        0 => Box::new(Item::new(seed)),
        1 => Box::new(Ref::new(seed)),
        2 => Box::new(Strict::new(seed)),
        _ => Box::new(Leaf(seed)),
    }
}

/// The seed of any object of the test schema; the query root is drawn from `root`.
pub(crate) fn seed_of(object: &dyn Object, root: Seed) -> Seed {
    let any = object.as_any();
    None.or_else(|| any.downcast_ref::<Item>().map(|item| item.seed))
        .or_else(|| any.downcast_ref::<Leaf>().map(|leaf| leaf.0))
        .or_else(|| any.downcast_ref::<Ref>().map(|reference| reference.0.seed))
        .or_else(|| any.downcast_ref::<Strict>().map(|strict| strict.0.seed))
        .unwrap_or(root)
}

/// What a lookup answers: the same for the same question.
pub(crate) fn answer(lookup: Lookup, parent: &dyn Object, args: &Args, root: Seed) -> Answer {
    let seed = seed_of(parent, root).at((lookup, format!("{args:?}")));
    match lookup {
        lookup::WHOLE_REF => or_fail(seed, |seed| Answer::object(Ref::whole(seed))),
        lookup::WHOLE_STRICT => or_fail(seed, |seed| Answer::object(Strict::whole(seed))),
        lookup::ITEM => or_fail(seed, |seed| Answer::object(Item::new(seed))),
        lookup::ITEMS => list(seed, |seed| Answer::object(Item::new(seed))),
        lookup::GRID => list(seed, |seed| list(seed, |seed| Answer::object(Item::new(seed)))),
        lookup::TEXT => or_fail(seed, |seed| {
            Answer::Text(format!("text {}", seed.below(100)).into())
        }),
        lookup::LEAF => or_fail(seed, |seed| Answer::object(Leaf(seed))),
        lookup::REF => or_fail(seed, |seed| Answer::object(Ref::new(seed))),
        lookup::REFS => list(seed, |seed| Answer::object(Ref::new(seed))),
        lookup::STRICT => or_fail(seed, |seed| Answer::object(Strict::new(seed))),
        lookup::NODES => list(seed, |seed| Answer::Object(Arc::from(any(seed, 3)))),
        lookup::ANYS => list(seed, |seed| Answer::Object(Arc::from(any(seed, 4)))),
        _ => unreachable!("no such lookup: {lookup:?}"),
    }
}

fn or_fail(seed: Seed, make: impl FnOnce(Seed) -> Answer) -> Answer {
    if seed.fails() {
        Answer::Error(failure())
    } else if seed.missing() {
        Answer::Null
    } else {
        make(seed)
    }
}

fn list(seed: Seed, make: impl Fn(Seed) -> Answer) -> Answer {
    or_fail(seed, |seed| {
        let items = (0..seed.below(3)).map(|index| or_fail(seed.at(index), &make));
        Answer::List(items.collect())
    })
}
