//! The section `explain`: who may see plans and traces.

use serde::Deserialize;
use skuery_resolvers::commerce::explain::access::{Audience, ExplainAccess};

/// Who may see what of a request's inside. The cost is for anybody. What is left out is for staff, and in production for
/// nobody.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExplainConfig {
    /// `extensions.plan`.
    pub plan: Option<AudienceConfig>,
    /// `extensions.trace`.
    pub trace: Option<AudienceConfig>,
}

/// Who may see it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudienceConfig {
    /// Nobody.
    Nobody,
    /// Who has the permission `staff`.
    Staff,
    /// Anybody.
    Anyone,
}

impl ExplainConfig {
    pub(super) fn access(self, production: bool) -> ExplainAccess {
        let usual = match production {
            true => Audience::Nobody,
            false => Audience::Staff,
        };
        ExplainAccess {
            plan: self.plan.map_or(usual, Into::into),
            trace: self.trace.map_or(usual, Into::into),
        }
    }
}

impl From<AudienceConfig> for Audience {
    fn from(config: AudienceConfig) -> Self {
        match config {
            AudienceConfig::Nobody => Self::Nobody,
            AudienceConfig::Staff => Self::Staff,
            AudienceConfig::Anyone => Self::Anyone,
        }
    }
}
