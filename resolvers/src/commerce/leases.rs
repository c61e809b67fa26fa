//! What the gateway itself holds for carts and orders, so that stock is not shown to others that cannot have it.
//!
//! The board is a copy of the ledger's leases in memory: read by every availability, renewed after every change of this
//! gateway's own and every second for those of other replicas. When the ledger cannot be read, the last copy holds;
//! holds in it still end by their time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_schema::ids::{ChannelName, CustomerNumber, LocationCode, Sku};
use tokio::sync::Mutex;

use crate::checkout::ledger::{Kept, Lease, LedgerError};
use crate::checkout::systems::StockSystem;

/// All leases, and how long each location's figures may lack an accepted order.
pub(crate) struct LeaseBoard {
    reader: Reader,
    reflects_after: HashMap<LocationCode, Duration>,
    leases: RwLock<Arc<Leases>>,
    /// Something has changed since the copy was made.
    is_behind: AtomicBool,
    /// One reading at a time, so that an earlier one never replaces a later one.
    renewing: Mutex<()>,
}

/// Reads all leases that count at a moment.
pub(crate) type Reader = Box<dyn Fn(Timestamp) -> Kept<'static, Vec<Lease>> + Send + Sync>;

/// The leases at one moment.
#[derive(Default)]
pub(crate) struct Leases(HashMap<Sku, Vec<Lease>>);

/// Who is shown a figure.
pub(crate) struct Looker<'a> {
    pub(crate) channel: &'a ChannelName,
    pub(crate) customer: Option<&'a CustomerNumber>,
}

/// The figure that leases are subtracted from.
pub(crate) struct FigureAt<'a> {
    pub(crate) sku: &'a Sku,
    pub(crate) location: &'a LocationCode,
    /// When the call began that brought it.
    pub(crate) read_at: Timestamp,
}

impl LeaseBoard {
    pub(crate) fn new(reader: Reader, systems: &[StockSystem]) -> Self {
        let reflects_after = systems.iter().flat_map(|system| {
            let locations = system.port.locations().iter();
            locations.map(|location| (location.clone(), system.reflects_after))
        });
        Self {
            reader,
            reflects_after: reflects_after.collect(),
            leases: RwLock::default(),
            is_behind: AtomicBool::new(true),
            renewing: Mutex::new(()),
        }
    }

    /// The leases as they were last read.
    pub(crate) fn leases(&self) -> Arc<Leases> {
        self.leases.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that the ledger has changed.
    pub(crate) fn fall_behind(&self) {
        self.is_behind.store(true, Ordering::Release);
    }

    /// Reads the ledger unless that has happened since the last change. When it returns well, all that this gateway had
    /// changed before it was called is on the board.
    pub(crate) async fn catch_up(&self, now: Timestamp) -> Result<(), LedgerError> {
        // A reading under way may be the one that brings it.
        let _turn = self.renewing.lock().await;
        match self.is_behind.load(Ordering::Acquire) {
            true => self.read(now).await,
            false => Ok(()),
        }
    }

    /// Reads the ledger in any case.
    pub(crate) async fn renew(&self, now: Timestamp) -> Result<(), LedgerError> {
        let _turn = self.renewing.lock().await;
        self.read(now).await
    }

    async fn read(&self, now: Timestamp) -> Result<(), LedgerError> {
        // Before the question: what changes while it is under way is read again.
        self.is_behind.store(false, Ordering::Release);
        let read = (self.reader)(now).await;
        let leases = read.inspect_err(|_| self.fall_behind())?;
        *self.leases.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Leases::of(leases));
        Ok(())
    }

    /// What of a figure belongs to others than who looks at it.
    pub(crate) fn held(
        &self,
        leases: &Leases,
        figure: &FigureAt<'_>,
        looker: &Looker<'_>,
        now: Timestamp,
    ) -> Decimal {
        let Some(leases) = leases.0.get(figure.sku) else {
            return Decimal::ZERO;
        };
        let reflects_after = self.reflects_after.get(figure.location).copied();
        let reflects_after = reflects_after.unwrap_or_default();
        leases
            .iter()
            .filter(|lease| lease.location == *figure.location)
            .filter(|lease| counts(lease, figure.read_at, reflects_after, now) && !is_own(lease, looker))
            .map(|lease| lease.quantity)
            .sum()
    }
}

impl Leases {
    fn of(leases: Vec<Lease>) -> Self {
        let mut by_sku: HashMap<Sku, Vec<Lease>> = HashMap::new();
        for lease in leases {
            by_sku.entry(lease.sku.clone()).or_default().push(lease);
        }
        Self(by_sku)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many leases of carts and of orders there are.
    pub(crate) fn count(&self, now: Timestamp) -> (usize, usize) {
        let all = self.0.values().flatten();
        all.fold((0, 0), |(carts, orders), lease| match lease.until {
            Some(until) => (carts + usize::from(until > now), orders),
            None => (carts, orders + 1),
        })
    }
}

/// A hold counts until it ends. An order counts until the figure can contain it: one in doubt has not been accepted.
fn counts(lease: &Lease, read_at: Timestamp, reflects_after: Duration, now: Timestamp) -> bool {
    match (lease.until, lease.accepted_at) {
        (Some(until), _) => until > now,
        (None, None) => true,
        (None, Some(accepted_at)) => accepted_at
            .checked_add(reflects_after)
            .is_ok_and(|contained_from| contained_from >= read_at),
    }
}

/// A customer may still have what its own cart holds; what it has ordered is gone for it, too. Guests cannot be told apart:
/// what one holds is not shown to any.
fn is_own(lease: &Lease, looker: &Looker<'_>) -> bool {
    lease.until.is_some()
        && looker.customer.is_some()
        && lease.buyer.customer.as_ref() == looker.customer
        && lease.buyer.channel == *looker.channel
}

#[cfg(test)]
mod tests;
