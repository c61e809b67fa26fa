//! Walks a plan as an execution would, with numbers of objects in place of objects.
//!
//! `engine::gather` is the walk that this one foretells: an object's lookups are asked when it is met, its own fields are
//! read at once, those of its completion a wave later. What a lookup asks and brings is said in the modules beside this one.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::sync::Arc;

use skuery_schema::error::FieldError;
use skuery_schema::input::{Args, Input};
use skuery_schema::lookup;
use skuery_schema::table::Lookup;

use crate::commerce::context::Context;
use crate::commerce::explain::assumed;
use crate::commerce::explain::sources::{SourceId, Sources};
use crate::commerce::explain::tally::{Question, ScopeKind};
use crate::commerce::gateway::Gateway;
use crate::engine::Ready;
use crate::engine::plan::{PlannedField, Read, Selection, Shape, TypeSelection};

/// Who is told of every question.
pub(super) trait Told {
    fn told(&mut self, question: &Question, path: &Path<'_>);
}

/// Where a field stands in the response, without the indexes of lists.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    above: Option<&'a Path<'a>>,
    key: &'a str,
}

impl Path<'_> {
    /// As `products.nodes.variants`.
    pub(super) fn dotted(&self) -> String {
        match self.above {
            Some(above) if !above.key.is_empty() => format!("{}.{}", above.dotted(), self.key),
            _ => self.key.to_owned(),
        }
    }
}

/// How much is known of an object when it is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Its key alone.
    Bare,
    /// Its key, and that it exists.
    Known,
    /// All of it.
    Whole,
}

/// Objects of one type at one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Objects {
    pub(super) count: u64,
    /// How many waves have gone by when they are met.
    pub(super) time: u32,
    pub(super) state: State,
    /// Which objects they are: the same at two places have the same number.
    pub(super) set: u64,
    /// The most different ones among them.
    pub(super) different: u64,
    /// How many items their lists hold, where an argument has said so; 0 where it has not.
    pub(super) items: u64,
    /// Whether all matches of a search have been read for them.
    pub(super) is_scanned: bool,
}

impl Objects {
    pub(super) fn new(count: u64, time: u32, set: u64) -> Self {
        Self {
            count,
            time,
            state: State::Bare,
            set,
            different: count,
            items: 0,
            is_scanned: false,
        }
    }

    pub(super) fn whole(self) -> Self {
        let state = State::Whole;
        Self { state, ..self }
    }

    pub(super) fn known(self) -> Self {
        let state = State::Known;
        Self { state, ..self }
    }
}

/// A walk through one plan.
pub(super) struct Walk<'a, T> {
    pub(super) gateway: &'a Gateway,
    pub(super) sources: &'a Sources,
    pub(super) context: &'a Context,
    args: &'a [Result<Arc<Args>, FieldError>],
    pub(super) told: T,
    /// When the record of the customer who asks is asked for first, if that is known.
    pub(super) record_at: Option<u32>,
    waves: u32,
    /// How many lists of orders have been asked for, and how many orders by number.
    pub(super) order_pages: usize,
    pub(super) order_searches: usize,
}

impl<'a, T: Told> Walk<'a, T> {
    pub(super) fn new(gateway: &'a Gateway, context: &'a Context, ready: &'a Ready, told: T) -> Self {
        Self {
            gateway,
            sources: gateway.sources(),
            context,
            args: &ready.args,
            told,
            record_at: None,
            waves: 0,
            order_pages: 0,
            order_searches: 0,
        }
    }

    /// Walks the whole plan; what was told comes back.
    pub(super) fn run(mut self, ready: &Ready) -> T {
        let plan = &ready.plan;
        let path = Path { above: None, key: "" };
        let root = Objects::new(1, 0, 0).whole();
        match plan.root.of(plan.root_type) {
            Some(root_fields) if plan.serial => {
                // Each field begins when the one before it has come to its end.
                for ask in &root_fields.asks {
                    let time = self.waves;
                    self.live(
                        root_fields,
                        ask.lookup,
                        ask.field,
                        Objects { time, ..root },
                        &path,
                    );
                }
            }
            Some(root_fields) => self.fields(root_fields, root, &path),
            None => {}
        }
        self.told
    }

    // ------------------------------------------------------------ the plan

    /// Objects whose type the plan alone decides.
    pub(super) fn visit(&mut self, selection: Option<&Selection>, objects: Objects, path: &Path<'_>) {
        for selection in selection.into_iter().flat_map(|selection| &selection.by_type) {
            self.fields(selection, objects, path);
        }
    }

    /// Objects of one type.
    pub(super) fn fields(&mut self, selection: &TypeSelection, objects: Objects, path: &Path<'_>) {
        if !selection.live || objects.count == 0 {
            return;
        }
        let mut completed = objects;
        for ask in &selection.asks {
            if ask.field.is_some() {
                self.live(selection, ask.lookup, ask.field, objects, path);
                continue;
            }
            let stands = match objects.state {
                State::Bare => false,
                State::Known => !selection.uses_whole,
                State::Whole => true,
            };
            if !stands {
                completed = self.complete(ask.lookup, objects, path);
            }
        }
        for field in &selection.fields {
            let Some(inner) = field.selection.as_ref().filter(|inner| inner.live) else {
                continue;
            };
            let holder = match field.read {
                Read::Own(_) => objects,
                Read::Whole(_) => completed,
                Read::Typename | Read::Introspection | Read::Live(_) => continue,
            };
            let Ok(args) = &self.args[field.args] else {
                continue;
            };
            let held = held(selection.object.name, field, args, holder);
            self.visit(Some(inner), held, &path.to(field));
        }
    }

    fn live(
        &mut self,
        selection: &TypeSelection,
        lookup: Lookup,
        field: Option<usize>,
        objects: Objects,
        path: &Path<'_>,
    ) {
        let Some(field) = field.map(|field| &selection.fields[field]) else {
            return;
        };
        let Ok(args) = &self.args[field.args] else {
            return;
        };
        let ask = Asking {
            lookup,
            field,
            args,
            objects,
        };
        self.ask(&ask, &path.to(field));
    }

    /// The completion of references.
    fn complete(&mut self, lookup: Lookup, objects: Objects, path: &Path<'_>) -> Objects {
        let Objects { count, set, time, .. } = objects;
        let catalog = self.sources.catalog.as_ref();
        let source = match lookup {
            lookup::CUSTOMER => {
                let time = self.record(time, None, path);
                return Objects { time, ..objects }.whole();
            }
            lookup::PRODUCT => catalog.map(|catalog| catalog.products),
            lookup::VARIANT => catalog.map(|catalog| catalog.variants),
            lookup::CATEGORY => catalog.map(|catalog| catalog.categories),
            _ => None,
        };
        if let Some(source) = source {
            self.tell(public(source, set, count, time), path);
        }
        let time = time + 1;
        Objects { time, ..objects }.whole()
    }

    fn ask(&mut self, ask: &Asking<'_>, path: &Path<'_>) {
        match ask.lookup {
            lookup::PRICE | lookup::PRICE_RANGE | lookup::AVAILABILITY => self.ask_live(ask, path),
            lookup::AVAILABILITY_CHANGED | lookup::PRICE_CHANGED => self.ask_change(ask, path),
            lookup::VIEWER | lookup::CUSTOMER_PRICE_LIST | lookup::CREDIT => self.ask_account(ask, path),
            lookup::ORDER_BY | lookup::ORDERS | lookup::ORDER_FULFILLMENTS | lookup::ORDER_DOCUMENTS => {
                self.ask_orders(ask, path);
            }
            lookup::VERIFY_CHECKOUT
            | lookup::EXTEND_CHECKOUT
            | lookup::RELEASE_CHECKOUT
            | lookup::PLACE_ORDER
            | lookup::PLACED_ORDER => self.ask_checkout(ask, path),
            lookup::NODE | lookup::NODES => self.ask_nodes(ask, path),
            _ => self.ask_catalog(ask, path),
        }
    }

    // ------------------------------------------------------------ telling

    /// Tells of a question that takes at least one key.
    pub(super) fn tell(&mut self, question: Question, path: &Path<'_>) {
        if question.keys == 0 {
            return;
        }
        self.waves = self.waves.max(question.wave);
        self.told.told(&question, path);
    }
}

/// A live field being asked for, of so many objects.
pub(super) struct Asking<'a> {
    pub(super) lookup: Lookup,
    pub(super) field: &'a PlannedField,
    pub(super) args: &'a Args,
    pub(super) objects: Objects,
}

impl Asking<'_> {
    pub(super) fn selection(&self) -> Option<&Selection> {
        self.field.selection.as_ref()
    }

    /// Whether a field of this name is selected of the answer.
    pub(super) fn selects(&self, name: &str) -> bool {
        self.selection().is_some_and(|selection| selection.selects(name))
    }

    /// The set of what this field brings: the same for the same field of the same objects with the same arguments.
    pub(super) fn set(&self) -> u64 {
        let lookup = mix(self.objects.set, self.lookup.0.into());
        mix(lookup, self.field.args as u64)
    }
}

impl<'a> Path<'a> {
    fn to<'b>(&'b self, field: &'b PlannedField) -> Path<'b> {
        Path {
            above: Some(self),
            key: &field.key,
        }
    }
}

/// A question for keys of the catalogue, in batches.
pub(super) fn public(source: SourceId, set: u64, keys: u64, time: u32) -> Question {
    Question {
        source,
        scope: ScopeKind::Public,
        group: 0,
        set,
        keys,
        wave: time + 1,
        calls: None,
        rounds: 1,
    }
}

/// The objects that others hold in a field that is read.
fn held(object: &str, field: &PlannedField, args: &Args, holder: Objects) -> Objects {
    let is_list = matches!(field.shape, Shape::List { .. });
    let brought = match is_list {
        false => holder.count,
        true if holder.items > 0 => holder.count.saturating_mul(holder.items),
        true => assumed::list(object, field.name).by(holder.count),
    };
    match (object, field.name) {
        // The same products by two names.
        ("ProductConnection" | "OrderConnection", "nodes" | "edges") => {
            let set = mix(holder.set, PAGE);
            Objects::new(brought, holder.time, set).whole()
        }
        ("ProductEdge" | "OrderEdge", "node") => holder,
        ("Product" | "ProductVariant", "attributes" | "attribute" | "options") => {
            labelled(field.args, args, brought, holder)
        }
        _ => Objects {
            // What one object is made of knows what the object knows.
            items: if is_list { 0 } else { holder.items },
            ..Objects::new(brought, holder.time, mix(holder.set, hash(field.name)))
        },
    }
}

/// Attributes and options: their labels are asked for by code, and codes are the same for all products.
fn labelled(number: usize, args: &Args, count: u64, holder: Objects) -> Objects {
    let own = mix(CODES, number as u64);
    let (set, different) = match args.get(0) {
        Some(Input::List(codes)) => (own, codes.len() as u64),
        Some(_) => (own, 1),
        None => (CODES, assumed::ATTRIBUTES),
    };
    Objects {
        different: different.min(count),
        ..Objects::new(count, holder.time, set)
    }
}

/// Sets of their own.
const PAGE: u64 = 1;
const CODES: u64 = 2;

/// A number for a name or another value of the plan.
pub(super) fn hash(value: impl Hash) -> u64 {
    // Always the same, so that a forecast is.
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

/// One number of two.
pub(super) fn mix(one: u64, other: u64) -> u64 {
    (one.rotate_left(5) ^ other).wrapping_mul(0x517c_c1b7_2722_0a95)
}
