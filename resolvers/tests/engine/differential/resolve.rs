//! How the reference answers one field: the tables' values and the lookups' answers, as async-graphql takes them.

use std::sync::Arc;

use async_graphql::dynamic::{FieldValue, ResolverContext};
use async_graphql::{Error, Name, Value as Constant};
use skuery_resolvers::engine::Answer;
use skuery_schema::error::FieldError;
use skuery_schema::input::Args;
use skuery_schema::table::{Lookup, Object, ObjectType, Source, TypeRef, Value};

use super::data::{Drawn, Form, Place, answer, question};
use super::reference::{Gone, OWN_WORDS, Shared, injected, path_of};
use super::reference_input::arguments;
use super::settle::{Path, Step};

fn message(error: &FieldError) -> Option<String> {
    injected(&error.message)
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
    let args = arguments(root.types, field.args, &|name| given.get(name).cloned());
    let args = args.ok_or_else(|| Error::new(OWN_WORDS));
    let parent = ctx.parent_value.downcast_ref::<Held>();
    let ty = TypeRef(field.ty);
    let tree = match field.source {
        Source::Own => resolving.tree_of(parent.unwrap().object.read(index, &args?)),
        Source::Live(lookup) => {
            let at_root = Drawn::new(table, root, Form::Whole);
            let object = parent.map_or(&at_root as &dyn Object, |held| &*held.object);
            resolving.tree_of_answer(&resolving.ask(lookup, object, &args?), ty)
        }
        // A reference may be gone whatever its fields are asked with.
        Source::Whole => match resolving.complete(parent.unwrap()) {
            Tree::Object(Held { whole, .. }) => match whole {
                Completion::By(whole) => resolving.tree_of(whole.read(index, &args?)),
                Completion::Failed(message) => {
                    args?;
                    Tree::Error(message)
                }
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
