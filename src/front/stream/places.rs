//! The places of subscriptions over HTTP: in all, and for one address. What is counted of subscriptions is counted here.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::front::accept::Address;

/// The ways of subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::front) enum Transport {
    WebSocket,
    Sse,
    Multipart,
}

impl Transport {
    pub(in crate::front) const ALL: [Self; 3] = [Self::WebSocket, Self::Sse, Self::Multipart];

    pub(in crate::front) fn as_str(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::Sse => "sse",
            Self::Multipart => "multipart",
        }
    }
}

/// How many subscriptions there may be over HTTP at once.
#[derive(Clone, Copy, Debug)]
pub struct StreamLimits {
    /// In all.
    pub all: usize,
    /// From one address.
    pub per_address: Option<usize>,
}

/// The subscriptions over HTTP, and what is counted of all.
#[derive(Debug)]
pub struct Streams {
    limits: StreamLimits,
    taken: Arc<Mutex<Taken>>,
    too_slow: Arc<[AtomicU64; Transport::ALL.len()]>,
}

/// Held for a few instructions, never across an await.
#[derive(Debug, Default)]
struct Taken {
    by_transport: [usize; Transport::ALL.len()],
    by_address: HashMap<Address, usize>,
}

/// Why there is no place, with the most that are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    All(usize),
    OfAddress(usize),
}

/// One place, until it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    taken: Arc<Mutex<Taken>>,
    too_slow: Arc<[AtomicU64; Transport::ALL.len()]>,
    transport: Transport,
    address: Option<Address>,
}

impl Streams {
    /// None yet.
    pub fn new(limits: StreamLimits) -> Self {
        Self {
            limits,
            taken: Arc::default(),
            too_slow: Arc::default(),
        }
    }

    /// A place for somebody at this address.
    pub(super) fn take(&self, transport: Transport, address: Option<Address>) -> Result<Held, Full> {
        let mut taken = lock(&self.taken);
        if taken.by_transport.iter().sum::<usize>() >= self.limits.all {
            return Err(Full::All(self.limits.all));
        }
        if let Some(address) = address {
            let own = taken.by_address.entry(address).or_default();
            if let Some(most) = self.limits.per_address
                && *own >= most
            {
                return Err(Full::OfAddress(most));
            }
            *own += 1;
        }
        taken.by_transport[transport as usize] += 1;
        Ok(Held {
            taken: self.taken.clone(),
            too_slow: self.too_slow.clone(),
            transport,
            address,
        })
    }

    /// How many there are.
    pub(in crate::front) fn open(&self, transport: Transport) -> usize {
        lock(&self.taken).by_transport[transport as usize]
    }

    /// How many clients were dropped because they took nothing.
    pub(in crate::front) fn too_slow(&self, transport: Transport) -> u64 {
        self.too_slow[transport as usize].load(Ordering::Relaxed)
    }

    pub(in crate::front) fn note_too_slow(&self, transport: Transport) {
        self.too_slow[transport as usize].fetch_add(1, Ordering::Relaxed);
    }
}

impl Held {
    /// Its client is dropped because it took nothing.
    pub(super) fn note_too_slow(&self) {
        self.too_slow[self.transport as usize].fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        taken.by_transport[self.transport as usize] -= 1;
        if let Some(address) = self.address
            && let Entry::Occupied(mut own) = taken.by_address.entry(address)
        {
            match own.get() {
                1 => {
                    own.remove();
                }
                _ => *own.get_mut() -= 1,
            }
        }
    }
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}
