//! Tables of codes and the system's ids: loaded once, loaded again on a miss, but at most once a minute.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

use crate::connector::convert;
use crate::connector::machine::Machine;
use crate::connector::node::Node;
use crate::connector::path::Path;
use crate::connector::request::RequestPlan;
use crate::door::fault::Fault;
use crate::error::{ErrorKind, LookupError};
use crate::port::Call;

/// The operation's name in metrics and errors.
pub(crate) const OPERATION: &str = "table";
/// An unknown code does not reload the table more often than this.
const REFRESH: Duration = Duration::from_secs(60);
/// After a failure nobody loads again for so long.
const BACKOFF: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) request: RequestPlan,
    pub(crate) items: Path,
    pub(crate) code: Path,
    pub(crate) id: Option<Path>,
    /// An async lock, held while the table loads: the others wait for the same load, and if the loader is cancelled the
    /// next in line takes over.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    loaded: Option<(Instant, Ids)>,
    failed: Option<(Instant, LookupError)>,
}

/// `None` marks a code that stands for several ids: guessing would show another list's prices.
type Ids = Arc<HashMap<Arc<str>, Option<Json>>>;

impl Table {
    pub(crate) fn new(name: String, request: RequestPlan, items: Path, code: Path, id: Option<Path>) -> Self {
        Self {
            name,
            request,
            items,
            code,
            id,
            state: Mutex::default(),
        }
    }

    /// The id of a code.
    pub(crate) async fn id(&self, machine: &Machine, call: Call, code: &str) -> Result<Json, LookupError> {
        let ids = self.ids(machine, call, Some(code)).await?;
        let problem = match ids.get(code) {
            Some(Some(id)) => return Ok(id.clone()),
            Some(None) => "stands for several ids",
            None => "is not known to the system",
        };
        Err(machine.error(
            OPERATION,
            Fault::new(
                ErrorKind::Rejected,
                format!("a code of table `{}` {problem}", self.name),
            ),
        ))
    }

    /// All ids; loads them when there are none yet, or when `wanted` is missing and the last load is a minute old.
    pub(crate) async fn ids(
        &self,
        machine: &Machine,
        call: Call,
        wanted: Option<&str>,
    ) -> Result<Ids, LookupError> {
        let load = async {
            let mut state = self.state.lock().await;
            if let Some((when, ids)) = &state.loaded {
                let known = wanted.is_none_or(|code| ids.contains_key(code));
                if known || when.elapsed() < REFRESH {
                    return Ok(Arc::clone(ids));
                }
            }
            if let Some((when, error)) = &state.failed
                && when.elapsed() < BACKOFF
            {
                return Err(error.clone());
            }
            let result = self.load(machine, call).await;
            match &result {
                Ok(ids) => {
                    state.loaded = Some((Instant::now(), Arc::clone(ids)));
                    state.failed = None;
                }
                Err(error) => state.failed = Some((Instant::now(), error.clone())),
            }
            result
        };
        timeout_at(call.deadline, load).await.unwrap_or_else(|_| {
            Err(machine.error(OPERATION, Fault::new(ErrorKind::Timeout, "no table in time")))
        })
    }

    async fn load(&self, machine: &Machine, call: Call) -> Result<Ids, LookupError> {
        let vars = machine.vars();
        let answer = machine.one(call, OPERATION, 0, &self.request, &vars).await?;
        self.read(answer.root())
            .map(Arc::new)
            .map_err(|fault| machine.error(OPERATION, fault))
    }

    fn read(&self, answer: Node<'_>) -> Result<HashMap<Arc<str>, Option<Json>>, Fault> {
        let items = self.items.find(answer);
        let Some(items) = items.as_ref().and_then(|items| items.node().items()) else {
            return Err(Fault::invalid_answer("a table's answer is no list"));
        };
        let mut ids = HashMap::with_capacity(items.len());
        for item in items {
            let Some(code) = self.code.find(item).filter(|code| !code.node().is_null()) else {
                continue;
            };
            let id = match &self.id {
                Some(id) => id.find(item).map(|id| id.node().to_json()),
                None => Some(code.node().to_json()),
            };
            let code = convert::text(code.node())?;
            ids.entry(code)
                .and_modify(|known| {
                    if *known != id {
                        *known = None;
                    }
                })
                .or_insert(id);
        }
        Ok(ids)
    }
}
