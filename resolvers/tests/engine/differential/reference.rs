//! The reference: async-graphql's dynamic executor over the same tables and the same data.
//!
//! It collects and merges fields, applies fragments and conditions, and orders the response. What it does not do as the
//! specification says is done around it, in the extension and in `settle`:
//! - any error nulls all data, and a null in place of a non-null value passes: here each error is written down with its
//!   path and null goes to the nearest nullable position afterwards;
//! - it does not coerce input (see `reference_input`), and `@skip`/`@include` do not see defaults of variables: they are
//!   filled in before;
//! - a type condition naming a union does not hold for its members: it is spelled out, one fragment per member;
//! - it merges lists of objects one level deep only: the generator gives fields with lists of lists unique aliases.
//!
//! The completion of bare references is the engine's own notion: `complete` says it in the simplest form there is.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use async_graphql::dynamic::{FieldValue, ResolverContext};
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo};
use async_graphql::parser::types::DocumentOperations;
use async_graphql::{
    Error, Name, QueryPathNode, QueryPathSegment, Request, ServerError, ServerResult, Value as Constant,
};
use serde_json::{Map, Value as Json};
use skuery_resolvers::engine::Answer;
use skuery_schema::error::FieldError;
use skuery_schema::input::Args;
use skuery_schema::table::{Lookup, Object, ObjectType, Source, TypeRef, Value};

use super::data::{Drawn, Form, INJECTED, Place, Question, answer, question};
use super::reference_input::{arguments, variables};
use super::reference_schema::spell_out;
use super::settle::{Path, Step, settle};
use super::world::World;

/// What happened at the positions of one response.
#[derive(Default)]
pub(crate) struct Notes {
    /// The type of every position that was reached.
    pub(crate) types: HashMap<Path, String>,
    /// Items that are null or failed: they are not to be resolved.
    items: HashMap<Path, Result<(), Option<String>>>,
    pub(crate) errors: BTreeMap<Path, Noted>,
    /// What is null although it has fields: references.
    pub(crate) gone: HashMap<Path, Gone>,
    /// Whether a reference turned out to be null.
    some_gone: bool,
    questions: Vec<Question>,
    reached: Vec<(String, String)>,
}

/// Why a reference is null.
pub(crate) enum Gone {
    /// It names nothing.
    Nothing,
    /// It could not be completed and does not stand without.
    Failed(Option<String>),
}

/// An error at one position.
pub(crate) struct Noted {
    /// `None` for the executor's own words.
    pub(crate) message: Option<String>,
    /// Whether there is no value beside it.
    pub(crate) no_value: bool,
}

impl Notes {
    /// There is one error at a position: the first.
    pub(crate) fn error(&mut self, path: &Path, message: Option<String>, no_value: bool) {
        let noted = self.errors.entry(path.clone()).or_insert(Noted {
            message,
            no_value: false,
        });
        noted.no_value |= no_value;
    }
}

type Shared = Arc<Mutex<Notes>>;

/// The message of an injected error; each executor has its own words for the others.
pub(crate) fn injected(message: &str) -> Option<String> {
    message.starts_with(INJECTED).then(|| message.to_owned())
}

fn message(error: &FieldError) -> Option<String> {
    injected(&error.message)
}

/// What came of an operation.
pub(crate) struct Answered {
    pub(crate) data: String,
    /// The paths of errors, with the messages of those that were injected.
    pub(crate) errors: BTreeMap<Path, Option<String>>,
    /// All that had to be asked, in no order.
    pub(crate) questions: Vec<Question>,
    /// Whether a reference turned out to be null: the engine asks for its fields before it can know.
    pub(crate) some_gone: bool,
    /// The fields that had a value, by type and name.
    pub(crate) reached: Vec<(String, String)>,
}

/// Runs an operation of a valid document; `None` when a variable is not of its type.
pub(crate) async fn run(
    world: &'static World,
    document: &str,
    name: Option<&str>,
    given: &Map<String, Json>,
    root: Place,
) -> Option<Answered> {
    let mut document = async_graphql::parser::parse_query(document).unwrap();
    spell_out(world.types, &mut document);
    let operations = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![(None, operation)],
        DocumentOperations::Multiple(operations) => operations
            .iter_mut()
            .map(|(name, operation)| (Some(name.to_string()), operation))
            .collect(),
    };
    let mut picked = operations
        .into_iter()
        .filter(|(known, _)| name.is_none() || known.as_deref() == name);
    let operation = picked.next().unwrap().1;
    // Those of the tables are for the resolvers, and the executor does not know them.
    operation.node.directives.clear();
    let given = variables(world.types, &operation.node, given)?;
    let serial = operation.node.ty == async_graphql::parser::types::OperationType::Mutation;
    drop(picked);
    let notes = Shared::default();
    let mut request = Request::new("").variables(given).data(notes.clone()).data(root);
    if let Some(name) = name {
        request = request.operation_name(name);
    }
    request.set_parsed_query(document);
    let response = world.reference.execute(request).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    let data = response.data.into_json().unwrap();
    let mut notes = std::mem::take(&mut *notes.lock().unwrap());
    let data = settle(data, &mut notes, serial);
    Some(Answered {
        data: data.to_string(),
        errors: notes
            .errors
            .into_iter()
            .map(|(path, noted)| (path, noted.message))
            .collect(),
        questions: notes.questions,
        some_gone: notes.some_gone,
        reached: notes.reached,
    })
}

pub(crate) struct NoteErrors;

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
        let field = (info.parent_type.to_owned(), info.name.to_owned());
        let is_field = matches!(info.path_node.segment, QueryPathSegment::Name(_));
        let item = {
            let mut notes = notes.lock().unwrap();
            notes.types.insert(path.clone(), ty.clone());
            notes.items.get(&path).cloned()
        };
        let result = match item {
            None => next.run(ctx, info).await,
            Some(Ok(())) => Ok(None),
            Some(Err(message)) => Err(ServerError::new(message.unwrap_or(OWN_WORDS.to_owned()), None)),
        };
        let mut notes = notes.lock().unwrap();
        match &result {
            Err(error) => notes.error(&path, injected(&error.message), true),
            Ok(None | Some(Constant::Null)) if ty.ends_with('!') => notes.error(&path, None, true),
            Ok(None | Some(Constant::Null)) => {}
            Ok(Some(_)) if is_field => notes.reached.push(field),
            Ok(Some(_)) => {}
        }
        Ok(result.unwrap_or_default())
    }
}

/// Stands for what the executor says itself.
const OWN_WORDS: &str = "";

fn path_of(node: &QueryPathNode<'_>) -> Path {
    let mut path = Vec::new();
    let mut at = Some(node);
    while let Some(node) = at {
        path.push(match node.segment {
            QueryPathSegment::Name(name) => Step::Key(name.to_owned()),
            QueryPathSegment::Index(index) => Step::Index(index),
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
    whole: Completion,
}

/// What is known of a reference's whole object.
#[derive(Clone)]
enum Completion {
    NotAsked,
    By(Arc<dyn Object>),
    /// With the message, unless it is the executor's own matter.
    Failed(Option<String>),
}

/// A value whose parts no longer borrow anything.
enum Tree {
    Null,
    /// With the message, unless it is the executor's own matter.
    Error(Option<String>),
    /// A value with an error beside it.
    Flawed(Box<Tree>, Option<String>),
    Leaf(Constant),
    Object(Held),
    List(Vec<Tree>),
}

/// What resolving one field takes.
struct Resolving<'a> {
    root: Place,
    notes: &'a Shared,
}

impl Resolving<'_> {
    fn tree_of(&self, value: Value<'_>) -> Tree {
        match value {
            Value::Null => Tree::Null,
            Value::Error(error) => Tree::Error(message(&error)),
            Value::Boolean(value) => Tree::Leaf(value.into()),
            Value::Int(value) => Tree::Leaf(value.into()),
            Value::Str(value) => Tree::Leaf(value.into()),
            Value::Text(value) => Tree::Leaf(value.into()),
            Value::Name(value) => Tree::Leaf(Constant::Enum(Name::new(value))),
            Value::Decimal(value) => Tree::Leaf(value.to_string().into()),
            Value::DateTime(value) => Tree::Leaf(value.to_string().into()),
            Value::Date(value) => Tree::Leaf(value.to_string().into()),
            Value::Json(value) => Tree::Leaf(Constant::from_json(value.clone()).unwrap()),
            Value::Object(object) => {
                let drawn: &Drawn = object.as_any().downcast_ref().unwrap();
                self.held(Arc::new(drawn.again()))
            }
            Value::Made(object) => self.held(Arc::from(object)),
            Value::List(list) => Tree::List(
                (0..list.len())
                    .map(|index| self.tree_of(list.at(index)))
                    .collect(),
            ),
            Value::Items(items) => Tree::List(items.into_iter().map(|item| self.tree_of(item)).collect()),
        }
    }

    /// An answer must have the form of the field's type: lists where it has lists, objects of its types.
    fn tree_of_answer(&self, answer: &Answer, ty: TypeRef<'_>) -> Tree {
        let types = self.root.types;
        match (answer, ty.item()) {
            (Answer::Null | Answer::This, _) => Tree::Null,
            (Answer::Error(error), _) => Tree::Error(message(error)),
            (Answer::Flawed(flawed), _) => {
                Tree::Flawed(Box::new(self.tree_of_answer(&flawed.0, ty)), message(&flawed.1))
            }
            (Answer::List(items), Some(item)) => Tree::List(
                items
                    .iter()
                    .map(|answer| self.tree_of_answer(answer, item))
                    .collect(),
            ),
            (Answer::Text(text), None) => Tree::Leaf(text.to_string().into()),
            (Answer::Object(object), None) if types.applies(object.object_type(), ty.name()) => {
                self.held(object.clone())
            }
            _ => Tree::Error(None),
        }
    }

    /// A reference of which nothing is known is completed at once: it may name nothing.
    fn held(&self, object: Arc<dyn Object>) -> Tree {
        let known = object.is_known();
        let held = Held {
            object,
            whole: Completion::NotAsked,
        };
        if known {
            Tree::Object(held)
        } else {
            self.complete(&held)
        }
    }

    /// The reference with its whole object; null when it names nothing; an error when it does not stand without.
    fn complete(&self, held: &Held) -> Tree {
        let object = &held.object;
        let with = |whole| {
            Tree::Object(Held {
                object: object.clone(),
                whole,
            })
        };
        let table = object.object_type();
        let Some(lookup) = table.whole.filter(|_| !object.is_whole()) else {
            return with(Completion::By(object.clone()));
        };
        let answer = self.ask(lookup, &**object, &Args::default());
        if !(matches!(answer, Answer::Object(_)) || table.stands_bare && !matches!(answer, Answer::Null)) {
            self.notes.lock().unwrap().some_gone = true;
        }
        match answer {
            Answer::Null => Tree::Null,
            Answer::Object(whole) => with(Completion::By(whole)),
            Answer::Error(error) if table.stands_bare => with(Completion::Failed(message(&error))),
            Answer::Error(error) => Tree::Error(message(&error)),
            _ if table.stands_bare => with(Completion::Failed(None)),
            _ => Tree::Error(None),
        }
    }

    fn ask(&self, lookup: Lookup, object: &dyn Object, args: &Args) -> Answer {
        let asked = question(lookup, object, args, self.root);
        self.notes.lock().unwrap().questions.push(asked);
        answer(lookup, object, args, self.root)
    }
}

/// One field of one object.
pub(crate) fn resolve<'a>(
    ctx: ResolverContext<'a>,
    table: &'static ObjectType,
    index: usize,
) -> Result<Option<FieldValue<'a>>, Error> {
    let field = &table.fields[index];
    let root = *ctx.data_unchecked::<Place>();
    let notes = ctx.data_unchecked::<Shared>();
    let resolving = Resolving { root, notes };
    let path = path_of(ctx.ctx.path_node.as_ref().unwrap());
    let given = ctx.args.as_index_map();
    let args = arguments(root.types, field.args, &|name| given.get(name).cloned())
        .ok_or_else(|| Error::new(OWN_WORDS))?;
    let parent = ctx.parent_value.downcast_ref::<Held>();
    let ty = TypeRef(field.ty);
    let tree = match field.source {
        Source::Own => resolving.tree_of(parent.unwrap().object.read(index, &args)),
        Source::Live(lookup) => {
            let at_root = Drawn::new(table, root, Form::Whole);
            let object = parent.map_or(&at_root as &dyn Object, |held| &*held.object);
            resolving.tree_of_answer(&resolving.ask(lookup, object, &args), ty)
        }
        Source::Whole => match resolving.complete(parent.unwrap()) {
            Tree::Object(Held { whole, .. }) => match whole {
                Completion::By(whole) => resolving.tree_of(whole.read(index, &args)),
                Completion::Failed(message) => Tree::Error(message),
                Completion::NotAsked => unreachable!("it was completed"),
            },
            gone => {
                let above = path[..path.len() - 1].to_vec();
                let message = match gone {
                    Tree::Error(message) => Gone::Failed(message),
                    _ => Gone::Nothing,
                };
                notes.lock().unwrap().gone.insert(above, message);
                Tree::Null
            }
        },
    };
    place(tree, ty, path, &resolving).map_err(|message| Error::new(message.unwrap_or(OWN_WORDS.to_owned())))
}

/// A value as async-graphql takes it, or the message of its error; null and failed items are noted.
fn place(
    tree: Tree,
    ty: TypeRef<'_>,
    path: Path,
    resolving: &Resolving<'_>,
) -> Result<Option<FieldValue<'static>>, Option<String>> {
    Ok(Some(match tree {
        Tree::Null => return Ok(None),
        Tree::Error(message) => return Err(message),
        Tree::Flawed(tree, message) => {
            resolving.notes.lock().unwrap().error(&path, message, false);
            return place(*tree, ty, path, resolving);
        }
        Tree::Leaf(value) => FieldValue::value(value),
        Tree::List(items) => {
            let item = ty.item().unwrap();
            FieldValue::list(items.into_iter().enumerate().map(|(index, tree)| {
                let mut path = path.clone();
                path.push(Step::Index(index));
                let noted = path.clone();
                let item = match place(tree, item, path, resolving) {
                    Ok(Some(value)) => return value,
                    Ok(None) => Ok(()),
                    Err(message) => Err(message),
                };
                resolving.notes.lock().unwrap().items.insert(noted, item);
                FieldValue::NULL
            }))
        }
        Tree::Object(held) => {
            let name = held.object.object_type().name;
            let value = FieldValue::owned_any(held);
            if resolving.root.types.object(ty.name()).is_some() {
                value
            } else {
                value.with_type(name)
            }
        }
    }))
}
