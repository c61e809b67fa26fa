//! The places of connections: in all, and for one address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::address::Address;
use super::limits::Limits;

/// Who has a place.
#[derive(Default)]
pub(in crate::front) struct Places {
    /// Held for a few instructions, never across an await.
    by_address: Mutex<HashMap<Address, usize>>,
    taken: watch::Sender<usize>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    All,
    OfAddress,
}

/// A connection's place among the connections. Requests carry it, so that a socket can keep it for as long as it lives.
#[derive(Clone)]
pub(in crate::front) struct Place {
    #[expect(dead_code, reason = "held, not read")]
    held: Arc<Held>,
    /// Whom it is counted for.
    pub(in crate::front) address: Address,
}

struct Held {
    places: Arc<Places>,
    address: Address,
}

impl Places {
    /// A place for somebody at this address.
    pub(super) fn take(self: &Arc<Self>, from: IpAddr, limits: &Limits) -> Result<Place, Full> {
        let address = Address::from(from);
        let mut by_address = self.by_address();
        if self.taken() >= limits.connections {
            return Err(Full::All);
        }
        let own = by_address.get(&address).copied().unwrap_or_default();
        if limits.connections_per_address.is_some_and(|most| own >= most) {
            return Err(Full::OfAddress);
        }
        by_address.insert(address, own + 1);
        self.taken.send_modify(|taken| *taken += 1);
        let places = self.clone();
        Ok(Place {
            held: Arc::new(Held { places, address }),
            address,
        })
    }

    /// How many are taken.
    pub(in crate::front) fn taken(&self) -> usize {
        *self.taken.borrow()
    }

    /// Waits until none is taken.
    pub(super) async fn empty(&self) {
        let mut taken = self.taken.subscribe();
        // The sender is here, so this is no error.
        let _ = taken.wait_for(|taken| *taken == 0).await;
    }

    fn by_address(&self) -> MutexGuard<'_, HashMap<Address, usize>> {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut by_address = self.places.by_address();
        if let Entry::Occupied(mut own) = by_address.entry(self.address) {
            match own.get() {
                1 => {
                    own.remove();
                }
                _ => *own.get_mut() -= 1,
            }
        }
        self.places.taken.send_modify(|taken| *taken -= 1);
    }
}

#[cfg(test)]
mod tests;
