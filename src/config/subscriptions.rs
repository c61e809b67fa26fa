//! The section `subscriptions`: how often the systems are asked for those who watch.

use std::time::Duration;

use serde::Deserialize;
use skuery_resolvers::commerce::gateway::Pace;

use crate::front::StreamLimits;

/// Polling for subscribers; all who watch the same are one asker.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubscriptionsConfig {
    /// Between two calls for an article that moves, in seconds.
    pub poll_least_secs: u32,
    /// Between two calls for an article that does not move, in seconds.
    pub poll_most_secs: u32,
    /// The most articles that are watched at each system.
    pub articles: usize,
    /// The most subscriptions at once over HTTP; those over sockets are bounded by the sockets.
    pub streams: usize,
    /// The most of them from one address.
    pub streams_per_address: Option<usize>,
}

impl Default for SubscriptionsConfig {
    fn default() -> Self {
        Self {
            poll_least_secs: 5,
            poll_most_secs: 60,
            articles: 20_000,
            streams: 10_000,
            streams_per_address: None,
        }
    }
}

impl SubscriptionsConfig {
    /// Refuses what means nothing; the error is the key and what is wrong with it.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let wrong = |key: &str, problem: String| Err((format!("subscriptions.{key}"), problem));
        if self.poll_least_secs == 0 {
            return wrong("poll_least_secs", "0 is not allowed, use 1 or more".to_owned());
        }
        if self.poll_most_secs < self.poll_least_secs {
            let least = self.poll_least_secs;
            let problem = format!(
                "{} is less than poll_least_secs, use {least} or more",
                self.poll_most_secs
            );
            return wrong("poll_most_secs", problem);
        }
        if self.articles == 0 {
            return wrong("articles", "0 is not allowed, use 1 or more".to_owned());
        }
        if self.streams == 0 {
            return wrong("streams", "0 is not allowed, use 1 or more".to_owned());
        }
        if self.streams_per_address == Some(0) {
            return wrong(
                "streams_per_address",
                "0 is not allowed, use 1 or more".to_owned(),
            );
        }
        Ok(())
    }

    pub(crate) fn streams(&self) -> StreamLimits {
        StreamLimits {
            all: self.streams,
            per_address: self.streams_per_address,
        }
    }

    pub(super) fn pace(&self) -> Pace {
        Pace {
            least: Duration::from_secs(self.poll_least_secs.into()),
            most: Duration::from_secs(self.poll_most_secs.into()),
            keys: self.articles,
        }
    }
}
