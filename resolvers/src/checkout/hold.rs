//! Divides stock among the lines of a cart and holds it, in the ledger and at the stock systems that reserve.
//!
//! ```text
//! ledger.hold (one transaction) ─▶ nothing at systems: held
//!                               └▶ Reserving ─▶ every system reserves ─▶ all held: Held
//!                                                                     ├▶ one is short: given up, read again, once more
//!                                                                     └▶ an answer is lost: Failed, given back later
//! ```
//!
//! Whatever happens between two of these steps, the ledger knows the reference under which a system may hold something,
//! and the worker gives it back.

mod cart;
mod reserve;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use skuery_schema::ids::{Sku, SystemName};

use crate::checkout::Checkout;
use crate::checkout::allocate::Allotment;
use crate::checkout::fault;
use crate::checkout::hold::reserve::held_skus;
use crate::checkout::ledger::{HoldWish, Holding, LedgerError, Taken};
use crate::checkout::reader::ReadWish;
use crate::checkout::record::{Hold, HoldState};
use crate::checkout::run::Run;
use crate::commerce::context::Context;
use crate::error::LookupError;

pub(crate) use cart::{Cart, CartLine};
pub(crate) use reserve::{Reserving, by_system, has_reservations};

/// How stock was divided.
pub(crate) struct Division {
    /// In the order of the lines; nothing for a refused line.
    pub(crate) allotments: Vec<Allotment>,
    /// What others hold.
    pub(crate) taken: Taken,
    /// The hold; `None` where none was wanted, or the cart cannot be ordered.
    pub(crate) hold: Option<Hold>,
}

/// Why nothing is held. What systems may hold nevertheless is given back by the worker.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The ledger did not do it.
    Ledger(LedgerError),
    /// A stock system did not answer.
    System(LookupError),
    /// Somebody else verifies the same cart, and has replaced the hold.
    Overtaken,
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

/// What the rounds of one holding have in common.
#[derive(Default)]
struct Rounds {
    /// Whether the cart had an earlier hold.
    replaced: bool,
    /// Earlier holds of the cart whose reservations still stand at their systems.
    earlier: Vec<Hold>,
    /// How often a system has been short.
    short: BTreeMap<SystemName, u32>,
    /// Articles of a system that was short in spite of fresh figures: they are read as none from then on.
    emptied: Vec<(SystemName, HashSet<Sku>)>,
}

impl Checkout {
    /// Divides and holds. The cart's earlier hold is given back, whether or not there is a new one.
    pub(crate) async fn hold(
        &self,
        context: &Context,
        cart: &mut Cart<'_>,
        run: &Run,
    ) -> Result<Division, Trouble> {
        let mut rounds = Rounds::default();
        // Every round after the first was caused by an earlier hold, or by a system that was short: at most twice each.
        for _ in 0..2 * (self.parts.systems.stock.len() + 1) {
            let (division, replaced) = self.divide(cart, run).await?;
            rounds.replaced |= replaced.is_some();
            rounds.earlier.extend(replaced.filter(has_reservations));
            let is_in_own_way = !rounds.earlier.is_empty() && division.is_short(cart);
            if is_in_own_way {
                // What the cart itself has reserved is missing in the figures.
                self.start_over(&division, &mut rounds, run).await?;
                self.read_again(context, cart, &rounds, run).await;
                continue;
            }
            let Some(hold) = division.hold.as_ref().filter(|hold| has_reservations(hold)) else {
                self.give_back_all(&rounds.earlier, run).await;
                self.tell(cart, &division, rounds.replaced);
                return Ok(division);
            };
            let outcome = self.reserve(hold, hold.until, run).await;
            fault::point("after_reserve");
            match outcome {
                Reserving::Held(until) => {
                    if !self.parts.ledger.confirm_hold(&hold.id, until, run.now()).await? {
                        // Who replaced it may have given back before the systems held it.
                        let _ = self.give_back(hold, run).await;
                        return Err(Trouble::Overtaken);
                    }
                    fault::point("after_confirm");
                    self.give_back_all(&rounds.earlier, run).await;
                    self.tell(cart, &division, rounds.replaced);
                    return Ok(division.until(until));
                }
                Reserving::Short(systems) => {
                    self.fail(hold, run).await?;
                    // All have answered, so nothing can arrive after this.
                    let _ = self.give_back(hold, run).await;
                    self.give_back_earlier(&mut rounds, run).await?;
                    rounds.were_short(hold, systems);
                    self.read_again(context, cart, &rounds, run).await;
                }
                Reserving::Unknown(error, held) => {
                    self.fail(hold, run).await?;
                    // The answer that was lost may still become a reservation: the worker gives that back later.
                    self.release_at(hold, &held, run).await;
                    self.give_back_all(&rounds.earlier, run).await;
                    return Err(Trouble::System(error));
                }
            }
        }
        // Others take this cart's place again and again.
        Err(Trouble::Overtaken)
    }

    /// One transaction: what is taken is told, and what is decided is written.
    async fn divide(&self, cart: &Cart<'_>, run: &Run) -> Result<(Division, Option<Hold>), Trouble> {
        let places = cart.stock_places();
        let wish = HoldWish {
            id: new_id(),
            buyer: cart.buyer,
            checkout_id: cart.checkout_id,
            places: &places,
            until: cart.until,
            now: run.now(),
        };
        let decided: Mutex<Option<(Vec<Allotment>, Taken)>> = Mutex::new(None);
        let decide = |taken: &Taken| {
            let allotments = cart.allot(taken);
            let lines = match cart.reserve && cart.is_orderable(&allotments) {
                true => cart.held_lines(&allotments),
                false => Vec::new(),
            };
            // Not held across an await; the ledger may decide again, and then the last decision is the one written.
            *decided.lock().unwrap_or_else(PoisonError::into_inner) = Some((allotments, taken.clone()));
            lines
        };
        let Holding { hold, replaced } = self.parts.ledger.hold(&wish, &decide).await?;
        fault::point("after_hold");
        let decided = decided.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Some((allotments, taken)) = decided else {
            return Err(Trouble::Ledger(LedgerError::Damaged(
                "a hold was not decided".into(),
            )));
        };
        let division = Division {
            allotments,
            taken,
            hold,
        };
        Ok((division, replaced))
    }

    /// Fresh figures for another round.
    async fn read_again(&self, context: &Context, cart: &mut Cart<'_>, rounds: &Rounds, run: &Run) {
        let wishes = cart.wishes();
        let wish = ReadWish {
            lines: &wishes,
            pickup: cart.pickup,
            elsewhere: cart.pickup.is_some(),
            credit: false,
            deadline: run.deadline(),
        };
        let places = self.places(context, wish).await;
        for (line, (places, elsewhere)) in cart.lines.iter_mut().zip(places) {
            line.reading.places = places;
            line.reading.elsewhere = elsewhere;
        }
        for (system, skus) in &rounds.emptied {
            cart.empty(system, skus);
        }
    }

    /// Gives the round's hold up and the earlier ones back.
    async fn start_over(&self, division: &Division, rounds: &mut Rounds, run: &Run) -> Result<(), Trouble> {
        if let Some(hold) = &division.hold {
            self.fail(hold, run).await?;
            // No system was asked for it.
            let _ = self.parts.ledger.note_released(&hold.id, run.now()).await;
        }
        self.give_back_earlier(rounds, run).await
    }

    async fn give_back_earlier(&self, rounds: &mut Rounds, run: &Run) -> Result<(), Trouble> {
        for hold in std::mem::take(&mut rounds.earlier) {
            self.give_back(&hold, run).await.map_err(Trouble::System)?;
        }
        Ok(())
    }

    async fn give_back_all(&self, holds: &[Hold], run: &Run) {
        for hold in holds {
            // What fails here is done by the worker.
            let _ = self.give_back(hold, run).await;
        }
    }

    async fn fail(&self, hold: &Hold, run: &Run) -> Result<(), Trouble> {
        self.parts
            .ledger
            .end_hold(&hold.id, HoldState::Failed, run.now())
            .await?;
        Ok(())
    }

    /// Others must no longer be shown what is held now, and are shown again what is not.
    fn tell(&self, cart: &Cart<'_>, division: &Division, replaced: bool) {
        if division.hold.is_some() || replaced {
            self.parts.changes.stock_changed(&cart.skus());
        }
    }
}

impl Rounds {
    fn were_short(&mut self, hold: &Hold, systems: Vec<SystemName>) {
        for system in systems {
            let times = self.short.entry(system.clone()).or_default();
            *times += 1;
            if *times > 1 {
                self.emptied.push((system.clone(), held_skus(hold, &system)));
            }
        }
    }
}

/// Nobody can guess it: whoever knows it could give the reservation back at the stock system.
fn new_id() -> Arc<str> {
    #[cfg(test)]
    if let Some(id) = test_ids::next() {
        return id;
    }
    format!("{:032x}", rand::random::<u128>()).into()
}

impl Division {
    /// Whether a line got less than asked for from what is there.
    fn is_short(&self, cart: &Cart<'_>) -> bool {
        let mut lines = cart.lines.iter().zip(&self.allotments);
        lines.any(|(line, allotment)| line.orderable.is_some() && allotment.there < line.input.quantity)
    }

    fn until(self, until: Timestamp) -> Self {
        let hold = self.hold.map(|hold| Hold {
            state: HoldState::Held,
            until,
            ..hold
        });
        Self { hold, ..self }
    }
}

/// Ids in a row, for tests whose seed must repeat every order of things.
#[cfg(test)]
pub(crate) mod test_ids {
    use std::cell::Cell;
    use std::sync::Arc;

    thread_local! {
        static NEXT: Cell<Option<u64>> = const { Cell::new(None) };
    }

    /// From now on, on this thread.
    pub(crate) fn restart() {
        NEXT.set(Some(0));
    }

    pub(super) fn next() -> Option<Arc<str>> {
        let number = NEXT.get()?;
        NEXT.set(Some(number + 1));
        Some(format!("hold-{number:06}").into())
    }
}
