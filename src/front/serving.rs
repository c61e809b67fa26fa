//! What is served at the moment: it is replaced whole, and what began on the old one ends on it.

use std::sync::Arc;

use axum::Router;
use tokio::sync::watch;

use super::process::Process;
use super::{Front, Limits};

/// One configuration as it is served.
#[derive(Clone)]
pub struct Generation {
    /// All routes.
    pub routes: Router,
    /// What they share.
    pub front: Arc<Front>,
    /// Bounds of connections that are accepted from now on.
    pub limits: Limits,
}

/// What is served at the moment.
pub struct Serving(watch::Sender<Generation>);

impl Serving {
    /// Serves this until it is replaced.
    pub fn new(first: Generation) -> Self {
        Self(watch::Sender::new(first))
    }

    /// Serves another from the next request on. Sockets of the old one end as soon as nothing runs on them: their clients
    /// come back, and find the new one.
    pub fn replace(&self, next: Generation) {
        if self.process().is_draining() {
            next.front.sockets.stop();
        }
        let old = self.0.send_replace(next);
        old.front.sockets.stop();
    }

    /// What the routes share at the moment.
    pub fn front(&self) -> Arc<Front> {
        self.0.borrow().front.clone()
    }

    /// What holds through all of them.
    pub fn process(&self) -> Arc<Process> {
        self.0.borrow().front.life.process().clone()
    }

    pub(super) fn routes(&self) -> Router {
        self.0.borrow().routes.clone()
    }

    pub(super) fn limits(&self) -> Limits {
        self.0.borrow().limits.clone()
    }

    /// Those of earlier ones were told when those were replaced.
    pub(super) fn stop_sockets(&self) {
        self.front().sockets.stop();
    }
}
