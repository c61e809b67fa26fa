//! The places of connections: in all, and for one address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use tokio::sync::watch;

use super::address::Address;
use super::limits::Limits;
use super::proxies::Proxies;

/// Who has a place.
#[derive(Default)]
pub(in crate::front) struct Places {
    /// Held for a few instructions, never across an await.
    by_address: Mutex<HashMap<Address, usize>>,
    taken: watch::Sender<usize>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::front) enum Full {
    All,
    OfAddress,
}

/// A connection's place among the connections. Requests carry it, so that a socket can keep it for as long as it lives.
#[derive(Clone)]
pub(in crate::front) struct Place {
    held: Arc<Held>,
    /// Whose it is, or who asks through it.
    pub(in crate::front) address: Address,
}

struct Held {
    places: Arc<Places>,
    /// Whom it is counted for.
    share: Option<Share>,
    /// Of a connection of trusted proxies.
    through: Option<Through>,
}

/// What a socket holds for as long as it lives.
pub(in crate::front) struct SocketPlace {
    _share: Option<Share>,
    _place: Place,
}

/// One of those that an address may have.
struct Share {
    places: Arc<Places>,
    address: Address,
}

/// What is known of those who ask through a proxy.
struct Through {
    proxies: Proxies,
    /// The most sockets of one of them.
    per_address: Option<usize>,
}

impl Places {
    /// A place for somebody at this address. The share of an address is not counted for a trusted proxy, which speaks for
    /// many.
    pub(super) fn take(self: &Arc<Self>, from: IpAddr, limits: &Limits) -> Result<Place, Full> {
        let address = Address::from(from);
        let through = limits.proxies.has(from).then(|| Through {
            proxies: limits.proxies.clone(),
            per_address: limits.connections_per_address,
        });
        let mut by_address = self.by_address();
        if self.taken() >= limits.connections {
            return Err(Full::All);
        }
        let share = match through {
            Some(_) => None,
            None => Some(self.share(&mut by_address, address, limits.connections_per_address)?),
        };
        self.taken.send_modify(|taken| *taken += 1);
        let places = self.clone();
        Ok(Place {
            held: Arc::new(Held {
                places,
                share,
                through,
            }),
            address,
        })
    }

    fn share(
        self: &Arc<Self>,
        by_address: &mut HashMap<Address, usize>,
        address: Address,
        most: Option<usize>,
    ) -> Result<Share, Full> {
        let own = by_address.get(&address).copied().unwrap_or_default();
        if most.is_some_and(|most| own >= most) {
            return Err(Full::OfAddress);
        }
        by_address.insert(address, own + 1);
        let places = self.clone();
        Ok(Share { places, address })
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

impl Place {
    /// The same for a request with these headers: who asks through a trusted proxy is told apart.
    pub(super) fn of(&self, headers: &HeaderMap) -> Self {
        let through = self.held.through.as_ref();
        let client = through.and_then(|through| through.proxies.client(headers));
        Self {
            held: self.held.clone(),
            address: client.unwrap_or(self.address),
        }
    }

    /// For a socket: one through a trusted proxy is counted for who asked for it.
    pub(in crate::front) fn for_socket(self) -> Result<SocketPlace, Full> {
        let places = &self.held.places;
        let share = match &self.held.through {
            None => None,
            Some(through) => {
                let mut by_address = places.by_address();
                Some(places.share(&mut by_address, self.address, through.per_address)?)
            }
        };
        Ok(SocketPlace {
            _share: share,
            _place: self,
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Whoever hears that the place is free may take the share as well.
        self.share = None;
        self.places.taken.send_modify(|taken| *taken -= 1);
    }
}

impl Drop for Share {
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
    }
}

#[cfg(test)]
mod tests;
