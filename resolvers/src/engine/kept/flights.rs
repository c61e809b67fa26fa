//! Documents that are being prepared, so that requests for one wait for each other instead of doing the same work.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::engine::operation::{Operation, RequestError};

type Outcome = Result<Arc<Operation>, Vec<RequestError>>;

/// Those under way: hardly more than there are threads.
#[derive(Default)]
pub(super) struct Flights(Mutex<Vec<Arc<Flight>>>);

struct Flight {
    hash: u64,
    document: Box<str>,
    name: Option<Box<str>>,
    outcome: OnceCell<Outcome>,
}

/// A request's part in a flight, which ends with the last of them.
pub(super) struct Joined<'a> {
    flights: &'a Flights,
    flight: Arc<Flight>,
}

impl Flights {
    /// Joins the flight of this document, or begins it.
    pub(super) fn join(&self, hash: u64, document: &str, name: Option<&str>) -> Joined<'_> {
        // A short critical section without await.
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |flight: &&Arc<Flight>| {
            flight.hash == hash && *flight.document == *document && flight.name.as_deref() == name
        };
        let flight = match flights.iter().find(same) {
            Some(flight) => flight.clone(),
            None => {
                let flight = Arc::new(Flight {
                    hash,
                    document: document.into(),
                    name: name.map(Into::into),
                    outcome: OnceCell::new(),
                });
                flights.push(flight.clone());
                flight
            }
        };
        Joined {
            flights: self,
            flight,
        }
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Joined<'_> {
    /// What comes of it: of `prepare`, unless another request of the flight does that.
    pub(super) async fn outcome(&self, prepare: impl Future<Output = Outcome>) -> Outcome {
        self.flight.outcome.get_or_init(|| prepare).await.clone()
    }
}

impl Drop for Joined<'_> {
    fn drop(&mut self) {
        let mut flights = self.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What has landed is to be looked for in the cache. Otherwise it goes on with whoever else waits: one of those is
        // counted beside this request and the list itself.
        let ends = self.flight.outcome.initialized() || Arc::strong_count(&self.flight) == 2;
        if ends {
            flights.retain(|flight| !Arc::ptr_eq(flight, &self.flight));
        }
    }
}
