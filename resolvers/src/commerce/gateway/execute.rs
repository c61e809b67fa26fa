//! One request in small steps: understood, forecast, executed, explained.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use skuery_schema::commerce;
use skuery_schema::error::ErrorCode;
use tokio::time::Instant;

use crate::commerce::context::{Context, named_channel};
use crate::commerce::explain::forecast::Forecast;
use crate::commerce::explain::plan::Explanation;
use crate::commerce::explain::trace::RequestTrace;
use crate::commerce::gateway::{Gateway, GraphqlRequest};
use crate::commerce::questions::Notes;
use crate::commerce::request::CommerceRequest;
use crate::engine::{Operation, Ready, RequestError, Response};

/// Why a request was not executed.
#[derive(Clone, Debug, PartialEq)]
pub struct NotExecuted {
    /// At least one.
    pub errors: Vec<RequestError>,
    /// For the first error's `extensions`: the cost for which it was refused, and the plan if it was asked for.
    pub extensions: Map<String, Json>,
    /// Whether it was refused only because its transport may not change anything.
    pub changes: bool,
}

impl From<Vec<RequestError>> for NotExecuted {
    fn from(errors: Vec<RequestError>) -> Self {
        Self {
            errors,
            extensions: Map::new(),
            changes: false,
        }
    }
}

impl From<RequestError> for NotExecuted {
    fn from(error: RequestError) -> Self {
        vec![error].into()
    }
}

/// A request that has been understood, before anything is asked.
pub(super) struct Prepared {
    pub(super) operation: Arc<Operation>,
    pub(super) ready: Ready,
    pub(super) context: Context,
}

impl Gateway {
    /// Answers one query or mutation; the errors are those of a request that cannot be executed at all, as a subscription
    /// cannot be where only one response can be given.
    pub async fn execute(&self, request: &GraphqlRequest) -> Result<Response, NotExecuted> {
        let prepared = self.prepare_single(request).await?;
        self.check_cost(&prepared, request)?;
        self.run(prepared, request).await
    }

    /// Prepares what one response answers.
    pub(super) async fn prepare_single(&self, request: &GraphqlRequest) -> Result<Prepared, NotExecuted> {
        let prepared = self.prepare(request).await?;
        if prepared.operation.is_subscription() {
            let message = "a subscription needs a transport for streams: graphql-transport-ws, or an Accept of \
                           text/event-stream or multipart/mixed";
            return Err(RequestError::new(ErrorCode::OperationNotAllowed, message).into());
        }
        Ok(prepared)
    }

    /// Runs what was prepared and may be run.
    pub(super) async fn run(
        &self,
        prepared: Prepared,
        request: &GraphqlRequest,
    ) -> Result<Response, NotExecuted> {
        let mut members = Members::default();
        self.foretell(&prepared, request, &mut members);
        let Prepared {
            operation,
            ready,
            context,
        } = prepared;
        let trace = request.explain.trace.then(RequestTrace::begin);
        let notes = Notes {
            trace: trace.clone(),
            reuse: request.reuse.clone(),
        };
        let mut resolvers = CommerceRequest::new(self, context, notes);
        let mut response = self
            .engine
            .execute(&operation, ready, &request.variables, &mut resolvers)
            .await?;
        if let Some(trace) = trace {
            members.add("trace", &trace.written());
        }
        if !members.0.is_empty() {
            response.extend(&members.0);
        }
        Ok(response)
    }

    /// What a request would ask, and what that may cost: all but asking. It is not refused for its cost.
    ///
    /// # Errors
    ///
    /// Those of a request that cannot be executed, but for its cost.
    pub async fn explain(&self, request: &GraphqlRequest) -> Result<Explanation, Vec<RequestError>> {
        let prepared = self.prepare(request).await.map_err(|refused| refused.errors)?;
        Ok(self.forecast(&prepared).explanation(prepared.operation.name()))
    }

    /// Chooses the context, and makes the operation ready with its variables.
    pub(super) async fn prepare(&self, request: &GraphqlRequest) -> Result<Prepared, NotExecuted> {
        let one = |error: RequestError| vec![error];
        let deadline = Instant::now() + self.limits.deadline;
        let identity = request.identity.as_deref();
        self.explain_access
            .admit(request.explain, identity)
            .map_err(one)?;
        let default = match &request.channel {
            Some(name) => named_channel(&self.channels, name).map_err(one)?,
            None => self.default_channel(identity),
        };
        let (query, name) = (&request.query, request.operation_name.as_deref());
        let operation = self.engine.prepare(query, name).await.map_err(|mut errors| {
            let is_invalid = |error: &RequestError| error.code == ErrorCode::GraphqlValidationFailed;
            if errors.iter().any(is_invalid) {
                errors.extend(self.engine.missing(query, name, &request.variables));
            }
            errors
        })?;
        if request.only_reads && operation.is_mutation() {
            let message = "a request by GET changes nothing: send a mutation by POST";
            let error = RequestError::new(ErrorCode::OperationNotAllowed, message);
            return Err(NotExecuted {
                changes: true,
                ..error.into()
            });
        }
        if let Some(identity) = identity {
            identity.audit(operation.name());
        }
        let variables = operation.coerce_variables(&commerce::TYPES, &request.variables)?;
        let in_context = &commerce::TYPES.directives[0];
        let chosen = operation
            .directive(&commerce::TYPES, in_context.name, in_context.args, &variables)
            .map_err(one)?;
        let context = Context::new(
            &self.channels,
            &default,
            chosen.as_ref(),
            request.identity.clone(),
            deadline,
        )
        .map_err(one)?;
        let ready = self.engine.ready(&operation, &variables)?;
        Ok(Prepared {
            operation,
            ready,
            context,
        })
    }

    pub(super) fn forecast<'a>(&'a self, prepared: &'a Prepared) -> Forecast<'a> {
        Forecast {
            gateway: self,
            context: &prepared.context,
            ready: &prepared.ready,
        }
    }

    /// Refuses what may cost more than is allowed, with its cost.
    pub(super) fn check_cost(
        &self,
        prepared: &Prepared,
        request: &GraphqlRequest,
    ) -> Result<(), NotExecuted> {
        let forecast = self.forecast(prepared);
        if forecast.is_allowed() {
            return Ok(());
        }
        let cost = forecast.cost();
        let Some(exceeded) = cost.exceeded() else {
            return Ok(());
        };
        let mut refused = NotExecuted::from(exceeded.error());
        let mut tell = |name: &str, value: serde_json::Result<Json>| {
            refused
                .extensions
                .extend(value.ok().map(|value| (name.to_owned(), value)));
        };
        if let Some(system) = &exceeded.system {
            tell("system", serde_json::to_value(system));
        }
        tell("cost", serde_json::to_value(&cost));
        if request.explain.plan {
            let explanation = forecast.explanation(prepared.operation.name());
            tell("plan", serde_json::to_value(&explanation));
        }
        Err(refused)
    }

    /// What is told before anything is asked.
    fn foretell(&self, prepared: &Prepared, request: &GraphqlRequest, members: &mut Members) {
        if request.explain.cost {
            members.add("cost", &self.forecast(prepared).cost());
        }
        if request.explain.plan {
            let name = prepared.operation.name();
            members.add("plan", &self.forecast(prepared).explanation(name));
        }
    }
}

/// Members of a response's `extensions`, as JSON without its braces.
#[derive(Default)]
struct Members(Vec<u8>);

impl Members {
    fn add<T: Serialize>(&mut self, name: &str, value: &T) {
        let Ok(value) = serde_json::to_string(value) else {
            return;
        };
        if !self.0.is_empty() {
            self.0.push(b',');
        }
        self.0.extend_from_slice(format!("\"{name}\":{value}").as_bytes());
    }
}
