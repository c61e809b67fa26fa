//! The section `explain`: who may see plans and traces.

use serde::Deserialize;
use skuery_resolvers::commerce::explain::access::{Audience, ExplainAccess};

/// Who may see what of a request's inside. The cost is for anybody.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExplainConfig {
    /// `extensions.plan`.
    pub plan: AudienceConfig,
    /// `extensions.trace`.
    pub trace: AudienceConfig,
}

/// Who may see it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudienceConfig {
    /// Nobody.
    Nobody,
    /// Who has the permission `staff`.
    #[default]
    Staff,
    /// Anybody.
    Anyone,
}

impl From<ExplainConfig> for ExplainAccess {
    fn from(config: ExplainConfig) -> Self {
        Self {
            plan: config.plan.into(),
            trace: config.trace.into(),
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
