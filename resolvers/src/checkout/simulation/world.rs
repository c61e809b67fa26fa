//! The systems around the gateway, with what really lies in them, and the wires that lose, delay and repeat.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use skuery_schema::ids::{LocationCode, Sku, SystemName};
use tokio::time::{Instant, sleep, sleep_until};

use crate::checkout::run::later;
use crate::checkout::simulation::chance::Chance;
use crate::error::{ErrorKind, LookupError};
use crate::port::Call;
use crate::port::order_entry::{ExternalNumber, OrderDraft, Refusal};
use crate::port::payments::AuthorizationState;
use crate::port::reservations::ReservationLine;

/// What one seed decides for the whole of its run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) external_number: ExternalNumber,
    pub(super) rejects_oversell: bool,
    pub(super) visibility_delay: Duration,
    /// How long the depot's figures lag behind the order system.
    pub(super) depot_delay: Duration,
    pub(super) captures: bool,
    /// In percent of calls.
    pub(super) faults: u64,
    pub(super) replicas: usize,
    /// Whether the order system now and then takes other lines than it was sent.
    pub(super) garbles: bool,
}

/// Everything outside the gateway.
pub(super) struct World {
    pub(super) terms: Terms,
    state: Mutex<State>,
    began: Instant,
    faulty: AtomicBool,
}

pub(super) struct State {
    pub(super) chance: Chance,
    pub(super) prices: BTreeMap<Sku, Decimal>,
    /// What lay where at the beginning.
    pub(super) start: BTreeMap<(Sku, LocationCode), Decimal>,
    /// What other channels bought of it.
    pub(super) bought_elsewhere: BTreeMap<(Sku, LocationCode), Decimal>,
    pub(super) reservations: BTreeMap<Arc<str>, Reserving>,
    pub(super) orders: Vec<ErpOrder>,
    /// What the order system decided of a number when it first saw it.
    pub(super) refusals: BTreeMap<Arc<str>, Option<Refusal>>,
    pub(super) payments: BTreeMap<Arc<str>, Payment>,
    pub(super) blocked: bool,
    pub(super) violations: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Reserving {
    pub(super) lines: Vec<ReservationLine>,
    pub(super) until: Timestamp,
    pub(super) order: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
pub(super) struct ErpOrder {
    pub(super) draft: OrderDraft,
    pub(super) number: Arc<str>,
    pub(super) complete: bool,
    pub(super) garbled: bool,
    pub(super) accepted_at: Timestamp,
    pub(super) visible_at: Timestamp,
}

#[derive(Clone, Debug)]
pub(super) struct Payment {
    pub(super) amount: Decimal,
    pub(super) state: AuthorizationState,
    /// The key under which it was captured.
    pub(super) captured: Option<Arc<str>>,
}

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Trip {
    Read,
    Write,
    Order,
    /// The wire does not repeat it by itself.
    OrderOnce,
}

/// How a call goes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Fine,
    /// The work is not done.
    Refused,
    /// The work is done, and the answer is lost.
    Lost,
    /// The work is done long after, and no answer comes.
    Late,
    /// The work is done twice.
    Twice,
    /// Nothing happens, and no answer comes.
    Swallowed,
}

impl World {
    pub(super) fn new(terms: Terms, state: State) -> Arc<Self> {
        Arc::new(Self {
            terms,
            state: Mutex::new(state),
            began: Instant::now(),
            faulty: AtomicBool::new(true),
        })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The true time.
    pub(super) fn now(&self) -> Timestamp {
        let begin = Timestamp::from_second(1_790_000_000).unwrap();
        begin + SignedDuration::try_from(self.began.elapsed()).unwrap()
    }

    pub(super) fn calm_down(&self) {
        self.faulty.store(false, Ordering::SeqCst);
    }

    pub(super) fn is_faulty(&self) -> bool {
        self.faulty.load(Ordering::SeqCst)
    }

    pub(super) fn percent(&self, percent: u64) -> bool {
        self.state().chance.percent(percent)
    }

    pub(super) fn between(&self, least: u64, most: u64) -> u64 {
        self.state().chance.between(least, most)
    }

    /// A little while.
    pub(super) async fn pause(&self, most_ms: u64) {
        let wait = self.between(0, most_ms);
        sleep(Duration::from_millis(wait)).await;
    }

    fn fate(&self, trip: Trip) -> Fate {
        let faults = match trip {
            // Otherwise hardly a cart would come as far as an order.
            Trip::Read => self.terms.faults / 4,
            Trip::Write => self.terms.faults,
            Trip::Order | Trip::OrderOnce => 2 * self.terms.faults,
        };
        if !self.is_faulty() || !self.percent(faults) {
            return Fate::Fine;
        }
        match self.between(0, 4) {
            0 => Fate::Refused,
            1 => Fate::Lost,
            2 => Fate::Late,
            3 if trip != Trip::OrderOnce => Fate::Twice,
            3 => Fate::Lost,
            _ => Fate::Swallowed,
        }
    }

    /// A call over the wire. What has left arrives, whether or not the caller lives to hear of it.
    pub(super) async fn wire<T: Send + 'static>(
        self: &Arc<Self>,
        system: &SystemName,
        call: Call,
        trip: Trip,
        work: impl Fn(&mut State, Timestamp) -> T + Send + 'static,
    ) -> Result<T, LookupError> {
        let fate = self.fate(trip);
        let (there, back) = (self.between(1, 150), self.between(1, 150));
        let latest = call.deadline.saturating_duration_since(Instant::now());
        // The order system is done with a call within its caller's time.
        let late = self.between(1, (latest.as_millis() as u64).saturating_sub(1000).max(1));
        let world = self.clone();
        let served = tokio::spawn(async move {
            let delay = match fate {
                Fate::Late => late,
                _ => there,
            };
            sleep(Duration::from_millis(delay)).await;
            let answer = match fate {
                Fate::Refused | Fate::Swallowed => None,
                _ => Some(work(&mut world.state(), world.now())),
            };
            if fate == Fate::Twice {
                sleep(Duration::from_millis(late)).await;
                work(&mut world.state(), world.now());
            }
            answer
        });
        let failed = |kind| LookupError::new(kind, system, "simulated", "as the seed wants it");
        match fate {
            Fate::Late | Fate::Swallowed => {
                sleep_until(call.deadline).await;
                return Err(failed(ErrorKind::Timeout));
            }
            Fate::Twice => {
                // The answer of the first.
                sleep(Duration::from_millis(there + back)).await;
                let again = served.await.unwrap();
                return again.ok_or_else(|| failed(ErrorKind::Unavailable));
            }
            Fate::Fine | Fate::Refused | Fate::Lost => {}
        }
        let answer = served.await.unwrap();
        sleep(Duration::from_millis(back)).await;
        match answer {
            Some(answer) if fate == Fate::Fine => Ok(answer),
            _ => Err(failed(ErrorKind::Unavailable)),
        }
    }
}

impl State {
    /// What the warehouse would still promise.
    pub(super) fn free_in_warehouse(&self, sku: &Sku, location: &LocationCode, now: Timestamp) -> Decimal {
        let key = (sku.clone(), location.clone());
        let of = |map: &BTreeMap<_, Decimal>| map.get(&key).copied().unwrap_or_default();
        let live = self.reservations.values().filter(|held| held.is_live(now));
        let lines = live.flat_map(|held| &held.lines);
        let reserved: Decimal = lines
            .filter(|line| line.sku == *sku && line.location == *location)
            .map(|line| line.quantity)
            .sum();
        of(&self.start) - of(&self.bought_elsewhere) - reserved
    }

    /// What orders took from a place until a moment.
    pub(super) fn ordered(&self, sku: &Sku, location: &LocationCode, until: Timestamp) -> Decimal {
        let orders = self.orders.iter().filter(|order| order.accepted_at <= until);
        let lines = orders.flat_map(|order| &order.draft.lines);
        let here = lines.filter(|line| line.sku == *sku && line.location.as_ref() == Some(location));
        here.map(|line| line.quantity).sum()
    }

    /// What lay there and no other channel bought.
    pub(super) fn stock(&self, sku: &Sku, location: &LocationCode) -> Decimal {
        let key = (sku.clone(), location.clone());
        let of = |map: &BTreeMap<_, Decimal>| map.get(&key).copied().unwrap_or_default();
        of(&self.start) - of(&self.bought_elsewhere)
    }
}

impl Reserving {
    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        self.order.is_some() || self.until > now
    }
}

/// When an order accepted now is shown at the latest.
pub(super) fn shown_at(now: Timestamp, delay: Duration, chance: &mut Chance) -> Timestamp {
    let wait = chance.between(0, delay.as_millis() as u64);
    later(now, Duration::from_millis(wait))
}
