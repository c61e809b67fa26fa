//! Several requests that came as one: together they may cost what one may.

use futures_util::future::join_all;
use serde_json::Value as Json;
use tokio::time::Instant;

use crate::commerce::explain::cost::Cost;
use crate::commerce::gateway::execute::Prepared;
use crate::commerce::gateway::{Gateway, GraphqlRequest, NotExecuted};
use crate::engine::Response;

impl Gateway {
    /// Answers requests together. Queries run at once; as soon as one changes something, all run one after the other, in
    /// their order: what a client asks after a change is to show it. A request that cannot be executed is no fault of the
    /// others.
    ///
    /// # Errors
    ///
    /// Where they would cost too much together; then none is executed.
    pub async fn execute_all(
        &self,
        requests: &[GraphqlRequest],
    ) -> Result<Vec<Result<Response, NotExecuted>>, NotExecuted> {
        let mut all = Vec::with_capacity(requests.len());
        for request in requests {
            all.push((request, self.prepare_single(request).await));
        }
        self.check_costs(all.iter().filter_map(|(_, prepared)| prepared.as_ref().ok()))?;
        let changes = |prepared: &Prepared| prepared.operation.is_mutation();
        let in_turn = all
            .iter()
            .any(|(_, prepared)| prepared.as_ref().is_ok_and(changes));
        if !in_turn {
            let runs = all
                .into_iter()
                .map(async |(request, prepared)| self.run(prepared?, request).await);
            return Ok(join_all(runs).await);
        }
        let mut answered = Vec::with_capacity(all.len());
        for (request, prepared) in all {
            answered.push(match prepared {
                Ok(mut prepared) => {
                    // What came before took its own time.
                    prepared.context.deadline = Instant::now() + self.limits().deadline;
                    self.run(prepared, request).await
                }
                Err(refused) => Err(refused),
            });
        }
        Ok(answered)
    }

    fn check_costs<'a>(&self, all: impl Iterator<Item = &'a Prepared>) -> Result<(), NotExecuted> {
        let costs = all.map(|prepared| self.forecast(prepared).cost());
        let Some(cost) = costs.reduce(Cost::and) else {
            return Ok(());
        };
        let Some(exceeded) = cost.exceeded() else {
            return Ok(());
        };
        let mut refused = NotExecuted::from(exceeded.error());
        let told = serde_json::to_value(&cost).unwrap_or(Json::Null);
        refused.extensions.insert("cost".to_owned(), told);
        Err(refused)
    }
}
