//! How long an answer may be used again by who keeps it, such as a CDN: as long as every value in it is fresh, and only
//! where everybody who does not sign in gets the same.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use skuery_schema::freshness::FreshnessState;
use skuery_schema::lookup;
use skuery_schema::table::Lookup;
use tokio::time::Instant;

use crate::loader::{Outcome, Scope, Want};

/// Filled while a request is answered.
#[derive(Debug, Default)]
pub struct Reuse(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    is_forbidden: bool,
    /// The least of all; `None` while no value was used.
    fresh_until: Option<Instant>,
}

impl Reuse {
    /// How much longer the answer holds; `None` where nobody may keep it. Zero also where nothing says how long: it may be
    /// kept, but not used without asking whether it still holds.
    pub fn left(&self, now: Instant) -> Option<Duration> {
        let noted = self.lock();
        let left = |until: Instant| until.saturating_duration_since(now);
        (!noted.is_forbidden).then(|| noted.fresh_until.map_or(Duration::ZERO, left))
    }

    /// A field is asked for. What hangs on who asks, on what only the asker knows, or on the moment is never kept.
    pub(crate) fn asked(&self, lookup: Lookup) {
        let is_for_anybody = matches!(
            lookup,
            lookup::NODE
                | lookup::NODES
                | lookup::PRODUCT_BY
                | lookup::PRODUCT
                | lookup::PRODUCTS
                | lookup::PRODUCT_VARIANTS
                | lookup::VARIANT
                | lookup::VARIANT_BY_SKU
                | lookup::VARIANTS
                | lookup::CATEGORY
                | lookup::CATEGORY_BY
                | lookup::CATEGORY_ROOTS
                | lookup::CATEGORY_CHILDREN
                | lookup::CATEGORY_PATH
                | lookup::CATEGORY_PRODUCTS
                | lookup::FACETS
                | lookup::ATTRIBUTE_LABEL
                | lookup::EXTERNAL_IDS
                | lookup::LOCATION
                | lookup::LOCATIONS
                | lookup::PRICE
                | lookup::PRICE_RANGE
                | lookup::AVAILABILITY
        );
        if !is_for_anybody {
            self.lock().is_forbidden = true;
        }
    }

    /// A value is used. An absence says nothing of its time; one that failed or is past its time is not to be spread.
    pub(crate) fn note<V>(&self, scope: &Scope, want: Want, outcome: &Outcome<V>, now: Instant) {
        let is_own = matches!(scope, Scope::Customer(_) | Scope::Company(_));
        let until = match outcome {
            Ok(Some(loaded)) if loaded.state != FreshnessState::Stale => {
                let accepted = want.max_age.and_then(|most| loaded.fetched.checked_add(most));
                Some(accepted.map_or(loaded.fresh_until, |accepted| accepted.min(loaded.fresh_until)))
            }
            Ok(None) => Some(now),
            Ok(Some(_)) | Err(_) => None,
        };
        let noted = &mut *self.lock();
        match until {
            Some(until) if !is_own => {
                noted.fresh_until = Some(noted.fresh_until.map_or(until, |least| least.min(until)));
            }
            _ => noted.is_forbidden = true,
        }
    }

    /// A plain lock: held for a comparison, never across an await.
    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
