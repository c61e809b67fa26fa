//! The time that one piece of work has, and its clock.

use std::future::Future;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use skuery_schema::ids::SystemName;
use tokio::time::Instant;

use crate::error::{ErrorKind, LookupError};
use crate::port::{Call, PortLookup};

/// How long after its end a piece of work is surely over: others take over then.
const GRACE: Duration = Duration::from_secs(5);

/// One piece of work: begun at a moment of the wall clock, and going on with the steady one, so that a clock that is set
/// meanwhile changes nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    began: Timestamp,
    since: Instant,
    time: Duration,
}

impl Run {
    /// Begins now, with so much time.
    pub(crate) fn begin(now: Timestamp, time: Duration) -> Self {
        Self {
            began: now,
            since: Instant::now(),
            time,
        }
    }

    /// When it began.
    pub(crate) fn began(&self) -> Timestamp {
        self.began
    }

    /// The moment.
    pub(crate) fn now(&self) -> Timestamp {
        later(self.began, self.since.elapsed())
    }

    /// When its time is up.
    pub(crate) fn deadline(&self) -> Instant {
        self.since + self.time
    }

    /// Whether its time is up.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.deadline()
    }

    /// The lease for it: its time and some.
    pub(crate) fn lease(&self) -> Duration {
        self.time + GRACE
    }

    /// From when on others may take over what is worked on now.
    pub(crate) fn abandoned_at(&self) -> Timestamp {
        later(self.began, self.lease())
    }

    /// Asks a system. It is not waited for beyond the time, even if its connector would.
    pub(crate) async fn ask<T>(
        &self,
        system: &SystemName,
        lookup: PortLookup,
        answer: impl Future<Output = Result<T, LookupError>>,
    ) -> Result<T, LookupError> {
        match tokio::time::timeout_at(self.deadline(), answer).await {
            Ok(answer) => answer,
            Err(_) => Err(LookupError::new(
                ErrorKind::Timeout,
                system,
                lookup.as_str(),
                "the time for it is up",
            )),
        }
    }

    /// What a call of this work respects.
    pub(crate) fn call(&self) -> Call {
        Call::checkout(self.deadline())
    }
}

/// A moment later; the end of time where there is none.
pub(crate) fn later(moment: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait)
        .ok()
        .and_then(|wait| moment.checked_add(wait).ok())
        .unwrap_or(Timestamp::MAX)
}
