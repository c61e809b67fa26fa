//! The reference: async-graphql's dynamic executor over the same tables and the same data.
//!
//! It collects and merges fields, applies fragments and conditions, and orders the response. What it does not do as the
//! specification says is done around it, in the extension and in [`settle`]:
//! - any error nulls all data, and a null in place of a non-null value passes: here each error is written down with its
//!   path and null goes to the nearest nullable position afterwards;
//! - it does not coerce input (see `reference_input`), and `@skip`/`@include` do not see defaults of variables: they are
//!   filled in before;
//! - a type condition naming a union does not hold for its members: it is spelled out, one fragment per member;
//! - it merges lists of objects one level deep only: the generator gives fields with lists of lists unique aliases.
//!
//! The completion of bare references is the engine's own notion: `complete` says it in the simplest form there is.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

use async_graphql::dynamic::{FieldValue, ResolverContext, Schema};
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo};
use async_graphql::parser::types::DocumentOperations;
use async_graphql::{
    Error, Name, QueryPathNode, QueryPathSegment, Request, ServerError, ServerResult, ValidationMode,
    Value as Constant, Variables,
};
use serde_json::{Map, Value as Json};
use skuery_resolvers::engine::Answer;
use skuery_schema::table::{Object, ObjectType, Source, TypeRef, Value};

use crate::reference_input::arguments;
use crate::reference_schema::{schema, spell_out};
use crate::tables::{Item, Leaf, Ref, Root, Strict, TYPES};
use crate::world::{Seed, answer};

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    schema()
        .extension(NoteErrors)
        .validation_mode(ValidationMode::Fast)
        .finish()
        .unwrap()
});

type Path = Vec<Json>;

/// What happened at the positions of one response.
#[derive(Default)]
struct Notes {
    types: HashMap<Path, String>,
    /// Items that are null or failed: they are not to be resolved.
    items: HashMap<Path, bool>,
    errors: BTreeSet<String>,
    paths: HashMap<String, Path>,
    /// References that turned out to name nothing (`false`), or failed as a whole (`true`).
    gone: HashMap<Path, bool>,
}

impl Notes {
    fn error(&mut self, path: Path) {
        let dotted = crate::run::dotted(&path);
        self.errors.insert(dotted.clone());
        self.paths.insert(dotted, path);
    }
}

type Shared = Arc<Mutex<Notes>>;

/// Data as JSON text, and the paths of its errors.
pub(crate) async fn run(
    document: &str,
    variables: &Map<String, Json>,
    root: Seed,
) -> (String, BTreeSet<String>) {
    let mut document = async_graphql::parser::parse_query(document).unwrap();
    spell_out(&mut document);
    let notes = Shared::default();
    let mut given = Variables::from_json(Json::Object(variables.clone()));
    let DocumentOperations::Single(operation) = &document.operations else {
        panic!("one operation")
    };
    for variable in &operation.node.variable_definitions {
        let name = &variable.node.name.node;
        if let Some(default) = &variable.node.default_value
            && !given.contains_key(name)
        {
            given.insert(name.clone(), default.node.clone());
        }
    }
    let mut request = Request::new("").variables(given).data(notes.clone()).data(root);
    request.set_parsed_query(document);
    let response = SCHEMA.execute(request).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    let data = response.data.into_json().unwrap();
    settle(data, &mut notes.lock().unwrap())
}

/// Puts null where references are gone and where errors end up.
fn settle(mut data: Json, notes: &mut Notes) -> (String, BTreeSet<String>) {
    let mut gone: Vec<(Path, bool)> = notes.gone.drain().collect();
    gone.sort_by_key(|(path, _)| path.len());
    let mut kept: Vec<Path> = Vec::new();
    for (path, failed) in gone {
        if kept.iter().any(|above| path.starts_with(above)) {
            continue;
        }
        let below: Vec<String> = notes
            .paths
            .iter()
            .filter(|(_, error)| error.starts_with(&path))
            .map(|(dotted, _)| dotted.clone())
            .collect();
        for dotted in below {
            notes.paths.remove(&dotted);
            notes.errors.remove(&dotted);
        }
        put_null(&mut data, &path);
        if failed || notes.types[&path].ends_with('!') {
            notes.error(path.clone());
        }
        kept.push(path);
    }
    for path in notes.paths.values() {
        let mut end = path.len();
        while end > 0 && notes.types[&path[..end]].ends_with('!') {
            end -= 1;
        }
        put_null(&mut data, &path[..end]);
    }
    (data.to_string(), std::mem::take(&mut notes.errors))
}

fn put_null(data: &mut Json, path: &[Json]) {
    let mut at = data;
    for step in path {
        at = match (at, step) {
            (Json::Object(fields), Json::String(key)) => &mut fields[key.as_str()],
            (Json::Array(items), Json::Number(index)) => &mut items[index.as_u64().unwrap() as usize],
            _ => return,
        };
    }
    *at = Json::Null;
}

struct NoteErrors;

impl ExtensionFactory for NoteErrors {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for NoteErrors {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Constant>> {
        if info.is_for_introspection {
            return next.run(ctx, info).await;
        }
        let path = path_of(info.path_node);
        let notes = ctx.data_unchecked::<Shared>();
        let ty = info.return_type.to_owned();
        let item = {
            let mut notes = notes.lock().unwrap();
            notes.types.insert(path.clone(), ty.clone());
            notes.items.get(&path).copied()
        };
        let result = match item {
            None => next.run(ctx, info).await,
            Some(false) => Ok(None),
            Some(true) => Err(ServerError::new("failed", None)),
        };
        let failed = match &result {
            Err(_) => true,
            Ok(None | Some(Constant::Null)) => ty.ends_with('!'),
            Ok(_) => false,
        };
        if failed {
            notes.lock().unwrap().error(path);
        }
        Ok(result.unwrap_or_default())
    }
}

fn path_of(node: &QueryPathNode<'_>) -> Path {
    let mut path = Vec::new();
    let mut at = Some(node);
    while let Some(node) = at {
        path.push(match node.segment {
            QueryPathSegment::Name(name) => Json::from(name),
            QueryPathSegment::Index(index) => Json::from(index),
        });
        at = node.parent;
    }
    path.reverse();
    path
}

/// An object on its way through the executor.
#[derive(Clone)]
struct Held {
    object: Arc<dyn Object>,
    whole: Option<Arc<dyn Object>>,
}

/// A value whose parts no longer borrow anything.
enum Tree {
    Null,
    Error,
    Leaf(Constant),
    Object(Held),
    List(Vec<Tree>),
}

fn tree_of(value: Value<'_>, root: Seed) -> Tree {
    match value {
        Value::Null => Tree::Null,
        Value::Error(_) => Tree::Error,
        Value::Boolean(value) => Tree::Leaf(value.into()),
        Value::Int(value) => Tree::Leaf(value.into()),
        Value::Str(value) => Tree::Leaf(value.into()),
        Value::Text(value) => Tree::Leaf(value.into()),
        Value::Name(value) => Tree::Leaf(Constant::Enum(Name::new(value))),
        Value::Decimal(value) => Tree::Leaf(value.to_string().into()),
        Value::DateTime(value) => Tree::Leaf(value.to_string().into()),
        Value::Date(value) => Tree::Leaf(value.to_string().into()),
        Value::Json(value) => Tree::Leaf(Constant::from_json(value.clone()).unwrap()),
        Value::Object(object) => held(own(object), root),
        Value::Made(object) => held(Arc::from(object), root),
        Value::List(list) => Tree::List(
            (0..list.len())
                .map(|index| tree_of(list.at(index), root))
                .collect(),
        ),
        Value::Items(items) => Tree::List(items.into_iter().map(|item| tree_of(item, root)).collect()),
    }
}

fn tree_of_answer(answer: Answer, root: Seed) -> Tree {
    match answer {
        Answer::Null | Answer::This => Tree::Null,
        Answer::Error(_) => Tree::Error,
        Answer::Flawed(_) => unreachable!("the random data has no such answers; an example test has"),
        Answer::Text(text) => Tree::Leaf(text.to_string().into()),
        Answer::Object(object) => held(object, root),
        Answer::List(items) => Tree::List(
            items
                .iter()
                .map(|item| tree_of_answer(item.clone(), root))
                .collect(),
        ),
    }
}

fn own(object: &dyn Object) -> Arc<dyn Object> {
    let any = object.as_any();
    if let Some(item) = any.downcast_ref::<Item>() {
        return Arc::new(Item::new(item.seed));
    }
    if let Some(leaf) = any.downcast_ref::<Leaf>() {
        return Arc::new(Leaf(leaf.0));
    }
    if let Some(reference) = any.downcast_ref::<Ref>() {
        return Arc::new(reference.clone());
    }
    Arc::new(any.downcast_ref::<Strict>().unwrap().clone())
}

/// A reference of which nothing is known is completed at once: it may name nothing.
fn held(object: Arc<dyn Object>, root: Seed) -> Tree {
    if object.is_known() {
        return Tree::Object(Held { object, whole: None });
    }
    complete(&Held { object, whole: None }, root)
}

/// The reference with its whole object; null when it names nothing; an error when it does not stand without.
fn complete(held: &Held, root: Seed) -> Tree {
    let table = held.object.object_type();
    let Some(lookup) = table.whole.filter(|_| !held.object.is_whole()) else {
        return Tree::Object(Held {
            whole: Some(held.object.clone()),
            ..held.clone()
        });
    };
    match answer(lookup, &*held.object, &Default::default(), root) {
        Answer::Null => Tree::Null,
        Answer::Error(_) if !table.stands_bare => Tree::Error,
        Answer::Object(whole) => Tree::Object(Held {
            whole: Some(whole),
            ..held.clone()
        }),
        _ => Tree::Object(held.clone()),
    }
}

/// One field of one object.
pub(crate) fn resolve<'a>(
    ctx: ResolverContext<'a>,
    table: &'static ObjectType,
    index: usize,
) -> Result<Option<FieldValue<'a>>, Error> {
    let field = &table.fields[index];
    let root = *ctx.data_unchecked::<Seed>();
    let notes = ctx.data_unchecked::<Shared>();
    let path = path_of(ctx.ctx.path_node.as_ref().unwrap());
    let given = ctx.args.as_index_map();
    let args = arguments(field.args, &|name| given.get(name).cloned()).ok_or_else(|| Error::new("input"))?;
    let parent = ctx.parent_value.downcast_ref::<Held>();
    let tree = match field.source {
        Source::Own => tree_of(parent.unwrap().object.read(index, &args), root),
        Source::Live(lookup) => {
            let object: &dyn Object = parent.map_or(&Root, |held| &*held.object);
            tree_of_answer(answer(lookup, object, &args, root), root)
        }
        Source::Whole => match complete(parent.unwrap(), root) {
            Tree::Object(Held {
                whole: Some(whole), ..
            }) => tree_of(whole.read(index, &args), root),
            Tree::Object(_) => Tree::Error,
            gone => {
                let above = path[..path.len() - 1].to_vec();
                notes
                    .lock()
                    .unwrap()
                    .gone
                    .insert(above, matches!(gone, Tree::Error));
                Tree::Null
            }
        },
    };
    match tree {
        Tree::Null => Ok(None),
        Tree::Error => Err(Error::new("failed")),
        tree => Ok(Some(place(tree, TypeRef(field.ty), path, notes))),
    }
}

/// A value as async-graphql takes it; null and failed items are noted.
fn place(tree: Tree, ty: TypeRef<'_>, path: Path, notes: &Shared) -> FieldValue<'static> {
    match tree {
        Tree::Null | Tree::Error => {
            let failed = matches!(tree, Tree::Error);
            notes.lock().unwrap().items.insert(path, failed);
            FieldValue::NULL
        }
        Tree::Leaf(value) => FieldValue::value(value),
        Tree::List(items) => {
            let item = ty.item().unwrap();
            FieldValue::list(items.into_iter().enumerate().map(|(index, tree)| {
                let mut path = path.clone();
                path.push(index.into());
                place(tree, item, path, notes)
            }))
        }
        Tree::Object(held) => {
            let name = held.object.object_type().name;
            let value = FieldValue::owned_any(held);
            if TYPES.object(ty.name()).is_some() {
                value
            } else {
                value.with_type(name)
            }
        }
    }
}
