//! What a request gets: one response, or a stream of them.

use std::sync::Arc;

use crate::commerce::gateway::events::Events;
use crate::commerce::gateway::{Gateway, GraphqlRequest, NotExecuted};
use crate::engine;

/// The answer to one request.
pub enum Answer {
    /// Of a query or mutation.
    Response(engine::Response),
    /// Of a subscription.
    Events(Events),
}

impl Gateway {
    /// Answers one request, be it a subscription or not; the errors are those of a request that cannot be executed at all.
    ///
    /// # Errors
    ///
    /// As [`Gateway::execute`], and where more is watched already than is allowed.
    pub async fn answer(self: &Arc<Self>, request: &GraphqlRequest) -> Result<Answer, NotExecuted> {
        let prepared = self.prepare(request).await?;
        self.check_cost(&prepared, request)?;
        if !prepared.operation.is_subscription() {
            return self.run(prepared, request).await.map(Answer::Response);
        }
        let events = Events::new(self.clone(), prepared, &request.variables)?;
        Ok(Answer::Events(events))
    }
}
