//! What serves while a new configuration is read, and is used on where that comes to the same.

use std::sync::Arc;

use skuery_resolvers::commerce::gateway::Gateway;
use skuery_resolvers::connector::System;

use crate::identity::Verifier;

/// The systems and the verifier that serve now; none at start.
#[derive(Default)]
pub struct Running {
    systems: Vec<System>,
    identity: Option<Arc<Verifier>>,
}

impl Running {
    /// What this gateway asks, and who verifies its clients' tokens.
    pub fn of(gateway: &Gateway, identity: Option<&Arc<Verifier>>) -> Self {
        Self {
            systems: gateway.systems().to_vec(),
            identity: identity.cloned(),
        }
    }

    /// The system that serves now, with its login, its turns and its counters, where this one is made of the same.
    pub(super) fn or_new_system(&self, new: System) -> System {
        let same = self.systems.iter().find(|system| system.is_same(&new));
        same.cloned().unwrap_or(new)
    }

    /// The verifier that serves now, with the keys that it has fetched, where this one is made of the same.
    pub(super) fn or_new_verifier(&self, new: Arc<Verifier>) -> Arc<Verifier> {
        let same = self.identity.iter().find(|identity| identity.is_same(&new));
        same.cloned().unwrap_or(new)
    }
}
