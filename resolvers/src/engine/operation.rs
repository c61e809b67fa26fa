//! A prepared operation: a validated document, its variables, and its plans.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Value as Literal;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::{Name, Positioned, ServerError, Variables as RawVariables};
use serde_json::Map;
use skuery_schema::error::ErrorCode;
use skuery_schema::input::{Args, Input};
use skuery_schema::table::{Argument, ObjectType, SchemaTypes, TypeRef};

use crate::engine::coerce;
use crate::engine::compile::Compiler;
use crate::engine::kept::{DocumentKey, Named};
use crate::engine::plan::Plan;
use crate::engine::switches::switches;
use crate::engine::weight;
use crate::screen::Excess;

/// A request that cannot be executed at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    /// What to branch on.
    pub code: ErrorCode,
    /// What is wrong and where.
    pub message: String,
    /// Line and column, from 1.
    pub locations: Vec<(usize, usize)>,
    /// The limit that was exceeded, where it is one of those that can be configured.
    pub excess: Option<Excess>,
}

impl RequestError {
    /// An error without a place in the document.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            locations: Vec::new(),
            excess: None,
        }
    }

    /// An error of input without a place in the document.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadUserInput, message)
    }

    /// The same, with its places.
    #[must_use]
    pub fn at(self, locations: Vec<(usize, usize)>) -> Self {
        Self { locations, ..self }
    }

    pub(crate) fn validation(error: ServerError) -> Self {
        let locations = error.locations.iter().map(|at| (at.line, at.column)).collect();
        Self::new(ErrorCode::GraphqlValidationFailed, error.message).at(locations)
    }
}

/// Coerced variables by name; absent ones are not in the map.
pub type Variables = HashMap<String, Input>;

/// More variants of a plan than anybody's `@include` switches need.
const PLANS: usize = 64;

/// A validated operation.
pub struct Operation {
    key: DocumentKey,
    /// The fragments; the operations have been taken out of it.
    document: ExecutableDocument,
    definition: Positioned<OperationDefinition>,
    variables: Vec<Variable>,
    switches: Vec<String>,
    plans: Mutex<HashMap<Vec<bool>, Arc<Plan>>>,
    /// What it takes of memory with the plans it has so far, in bytes; estimated.
    weight: AtomicU64,
    /// The most that plans may make it weigh; further ones are made each time.
    most_weight: u64,
    last_bytes: AtomicUsize,
}

struct Variable {
    name: String,
    ty: String,
    default: Option<async_graphql::Value>,
    location: (usize, usize),
}

impl Variable {
    fn weight(&self) -> usize {
        let default = self.default.as_ref().map_or(0, weight::constant);
        size_of::<Self>() + weight::text(&self.name) + weight::text(&self.ty) + default
    }
}

impl Operation {
    /// What its document calls it.
    pub fn name(&self) -> Option<&str> {
        self.key.named.name()
    }

    /// Whether it is answered by a stream of responses.
    pub fn is_subscription(&self) -> bool {
        self.definition.node.ty == OperationType::Subscription
    }

    /// Whether it is there to change something.
    pub fn is_mutation(&self) -> bool {
        self.definition.node.ty == OperationType::Mutation
    }

    /// Prepares one operation of an already validated document. Plans may make it weigh `most_weight` bytes.
    pub(crate) fn new(
        types: &'static SchemaTypes,
        text: &str,
        mut document: ExecutableDocument,
        name: Option<&str>,
        most_weight: u64,
    ) -> Result<Self, Vec<RequestError>> {
        let (named, definition) = take(&mut document, name).map_err(|error| vec![error])?;
        let variables: Vec<Variable> = definition
            .node
            .variable_definitions
            .iter()
            .map(|variable| Variable {
                name: variable.node.name.node.to_string(),
                ty: variable.node.var_type.node.to_string(),
                default: variable
                    .node
                    .default_value
                    .as_ref()
                    .map(|value| value.node.clone()),
                location: place(&variable.pos),
            })
            .collect();
        let switches = switches(&document, &definition.node);
        let variable_bytes = variables.iter().map(Variable::weight);
        let bytes = size_of::<Self>()
            + weight::text(text)
            + weight::document(&document, &definition)
            + variable_bytes.sum::<usize>()
            + switches
                .iter()
                .map(|name| size_of::<String>() + weight::text(name))
                .sum::<usize>();
        let operation = Self {
            key: DocumentKey {
                document: text.into(),
                named,
            },
            definition,
            variables,
            switches,
            plans: Mutex::default(),
            weight: AtomicU64::new(bytes as u64),
            most_weight,
            last_bytes: AtomicUsize::new(4096),
            document,
        };
        if operation.switches.is_empty() {
            operation.plan(types, &Variables::new())?;
        }
        Ok(operation)
    }

    pub(crate) fn key(&self) -> &DocumentKey {
        &self.key
    }

    /// What it takes of memory with the plans it has so far, in bytes; estimated.
    pub fn weight(&self) -> u64 {
        self.weight.load(Ordering::Relaxed)
    }

    /// Reads variables by their declared types ("CoerceVariableValues" of the specification).
    pub fn coerce_variables(
        &self,
        types: &SchemaTypes,
        given: &Map<String, serde_json::Value>,
    ) -> Result<Variables, Vec<RequestError>> {
        let mut coerced = Variables::new();
        let mut errors = Vec::new();
        for variable in &self.variables {
            let ty = TypeRef(&variable.ty);
            let given = given.get(&variable.name);
            if let Some(input) = given.and_then(|json| coerce::texts(ty, json)) {
                coerced.insert(variable.name.clone(), input);
                continue;
            }
            let value = match given {
                Some(json) => Literal::from_json(json.clone())
                    .map_err(|error| error.to_string())
                    .map(Some),
                None => Ok(variable.default.clone()),
            };
            let result = match value {
                Ok(Some(value)) => coerce::constant(types, ty, &value).map(Some),
                Ok(None) if ty.non_null() => Err(format!("a value of type {} is required", variable.ty)),
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            };
            match result {
                Ok(Some(input)) => {
                    coerced.insert(variable.name.clone(), input);
                }
                Ok(None) => {}
                Err(error) => {
                    let error = RequestError::bad_input(format!("variable ${}: {error}", variable.name));
                    errors.push(error.at(vec![variable.location]));
                }
            }
        }
        if errors.is_empty() {
            Ok(coerced)
        } else {
            Err(errors)
        }
    }

    /// The arguments of a directive on the operation, if it stands there.
    pub fn directive(
        &self,
        types: &SchemaTypes,
        name: &str,
        table: &'static [Argument],
        variables: &Variables,
    ) -> Result<Option<Args>, RequestError> {
        let Some(directive) = self
            .definition
            .node
            .directives
            .iter()
            .find(|d| d.node.name.node == name)
        else {
            return Ok(None);
        };
        let given = &directive.node.arguments;
        coerce::arguments(types, table, given, variables)
            .map(Some)
            .map_err(|message| {
                RequestError::bad_input(format!("@{name}: {message}")).at(vec![place(&directive.pos)])
            })
    }

    /// The plan for these variables: it depends on those that switch `@skip` and `@include`.
    pub(crate) fn plan(
        &self,
        types: &'static SchemaTypes,
        variables: &Variables,
    ) -> Result<Arc<Plan>, Vec<RequestError>> {
        let mut switched = Vec::with_capacity(self.switches.len());
        for name in &self.switches {
            let Some(Input::Boolean(on)) = variables.get(name) else {
                let message = format!("variable ${name} decides what is selected: it must be true or false");
                return Err(vec![RequestError::bad_input(message)]);
            };
            switched.push(*on);
        }
        // A short critical section without await: a lookup in a map of a few entries.
        if let Some(plan) = self
            .plans
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&switched)
        {
            return Ok(plan.clone());
        }
        let conditions = self
            .switches
            .iter()
            .map(String::as_str)
            .zip(switched.iter().copied())
            .collect();
        let plan = Compiler::new(types, &self.document, conditions)
            .compile(&self.definition.node)
            .map(Arc::new)
            .map_err(|error| vec![error])?;
        let weighs = (weight::plan(&plan) + switched.capacity() + weight::PLAN_ENTRY) as u64;
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        // The only plan stays with its operation, which is not kept when it is too heavy with it.
        let fits = self.switches.is_empty() || self.weight() + weighs <= self.most_weight;
        if plans.len() < PLANS && fits && plans.insert(switched, plan.clone()).is_none() {
            self.weight.fetch_add(weighs, Ordering::Relaxed);
        }
        Ok(plan)
    }

    /// The variables as they were given, completed by their defaults.
    pub(crate) fn raw_variables(&self, given: &Map<String, serde_json::Value>) -> RawVariables {
        let mut raw = RawVariables::from_json(serde_json::Value::Object(given.clone()));
        for variable in &self.variables {
            if let Some(default) = &variable.default
                && !given.contains_key(&variable.name)
            {
                raw.insert(Name::new(&variable.name), default.clone());
            }
        }
        raw
    }

    /// What room to make for an answer: the next one is usually about as long as the last.
    pub(crate) fn usual_bytes(&self) -> usize {
        let last = self.last_bytes.load(Ordering::Relaxed);
        last + last / 16
    }

    pub(crate) fn answered(&self, bytes: usize) {
        self.last_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn document(&self) -> &ExecutableDocument {
        &self.document
    }

    pub(crate) fn definition(&self) -> &Positioned<OperationDefinition> {
        &self.definition
    }
}

pub(crate) fn place(pos: &async_graphql::Pos) -> (usize, usize) {
    (pos.line, pos.column)
}

/// Takes the operation that [`pick`] finds out of its document, and all others with it.
fn take(
    document: &mut ExecutableDocument,
    name: Option<&str>,
) -> Result<(Named, Positioned<OperationDefinition>), RequestError> {
    let none = DocumentOperations::Multiple(HashMap::new());
    match std::mem::replace(&mut document.operations, none) {
        DocumentOperations::Single(operation) => Ok((Named::Not, operation)),
        DocumentOperations::Multiple(operations) => {
            let only = operations.len() == 1;
            let picked = operations
                .into_iter()
                .find(|(own, _)| only || name == Some(own.as_str()));
            let (own, operation) = picked.ok_or_else(|| unknown(name))?;
            let own = Arc::from(own.as_str());
            let named = if only { Named::Only(own) } else { Named::Among(own) };
            Ok((named, operation))
        }
    }
}

/// "GetOperation" of the specification, as far as the types have a root for it.
pub(crate) fn pick<'a>(
    types: &SchemaTypes,
    operations: &'a DocumentOperations,
    name: Option<&str>,
) -> Result<&'a Positioned<OperationDefinition>, RequestError> {
    let picked = match (operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next()
        }
        (DocumentOperations::Multiple(_), None) => None,
    };
    let Some(operation) = picked else {
        return Err(unknown(name));
    };
    if root(types, operation.node.ty).is_none() {
        let message = format!("{} operations are not served here", operation.node.ty);
        let error = RequestError::new(ErrorCode::OperationNotAllowed, message);
        return Err(error.at(vec![place(&operation.pos)]));
    }
    Ok(operation)
}

fn unknown(name: Option<&str>) -> RequestError {
    RequestError::bad_input(match name {
        Some(name) => format!("the document holds no operation named `{name}`"),
        None => "the document holds several operations: `operationName` must name one".to_owned(),
    })
}

/// The type that an operation selects from; `None` when such operations are not served.
pub(crate) fn root(types: &SchemaTypes, operation: OperationType) -> Option<&'static ObjectType> {
    match operation {
        OperationType::Query => Some(types.query()),
        OperationType::Mutation => types.mutation,
        OperationType::Subscription => types.subscription,
    }
}
