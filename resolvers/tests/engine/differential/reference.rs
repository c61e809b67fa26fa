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
//! The completion of bare references is the engine's own notion: `resolve` says it in the simplest form there is.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo};
use async_graphql::parser::types::DocumentOperations;
use async_graphql::{
    Name, QueryPathNode, QueryPathSegment, Request, ServerError, ServerResult, Value as Constant,
};
use serde_json::{Map, Value as Json};
use skuery_schema::input::Args;

use super::data::{INJECTED, Place, Question};
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
    pub(super) items: HashMap<Path, Result<(), Option<String>>>,
    pub(crate) errors: BTreeMap<Path, Noted>,
    /// What is null although it has fields: references.
    pub(crate) gone: HashMap<Path, Gone>,
    /// Whether a reference turned out to be null.
    pub(super) some_gone: bool,
    pub(super) questions: Vec<Question>,
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

pub(super) type Shared = Arc<Mutex<Notes>>;

/// The message of an injected error; each executor has its own words for the others.
pub(crate) fn injected(message: &str) -> Option<String> {
    message.starts_with(INJECTED).then(|| message.to_owned())
}

/// What came of an operation.
pub(crate) struct Answered {
    pub(crate) data: String,
    /// The paths of errors, with the messages of those that were injected.
    pub(crate) errors: BTreeMap<Path, Option<String>>,
    /// The arguments of each directive of the tables, where it stands on the operation.
    pub(crate) context: Vec<Option<Args>>,
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
    let given = variables(world.types, &operation.node, given)?;
    // Those of the tables are for the resolvers, and the executor does not know them.
    let directives = std::mem::take(&mut operation.node.directives);
    let context = world.types.directives.iter().map(|table| {
        let directive = directives
            .iter()
            .find(|directive| directive.node.name.node == table.name)?;
        let value = |name: &str| {
            let value = directive.node.get_argument(name)?.node.clone();
            let known = |name: Name| given.get(&name).cloned().ok_or(());
            value.into_const_with(known).ok()
        };
        arguments(world.types, table.args, &value)
    });
    let context = context.collect();
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
        context,
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
pub(super) const OWN_WORDS: &str = "";

pub(super) fn path_of(node: &QueryPathNode<'_>) -> Path {
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
