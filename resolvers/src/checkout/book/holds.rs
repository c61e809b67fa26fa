//! Holds: stock is divided in one step, and whatever is held ends.

use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;
use skuery_schema::checkout::HoldKind;

use crate::checkout::book::{Book, HoldRow, after};
use crate::checkout::ledger::{HoldWish, Holding, Lease, LedgerError, StockPlace, Taken};
use crate::checkout::record::{HeldLine, Hold, HoldState};

impl HoldRow {
    fn is_live(&self) -> bool {
        matches!(self.hold.state, HoldState::Reserving | HoldState::Held)
    }

    /// Whether it keeps stock from others now.
    fn counts(&self, now: Timestamp) -> bool {
        match self.hold.state {
            HoldState::Reserving | HoldState::Held => self.hold.until > now,
            HoldState::Ordered => true,
            HoldState::Released | HoldState::Expired | HoldState::Failed => false,
        }
    }

    /// Whether a figure of the place contains the order on this hold already.
    fn is_contained(&self, place: &StockPlace) -> bool {
        self.accepted_at
            .is_some_and(|accepted| place.read_at > after(accepted, place.reflects_after))
    }

    fn has_system_lines(&self) -> bool {
        self.hold.lines.iter().any(|line| line.kind == HoldKind::System)
    }

    fn is_of(&self, wish: &HoldWish<'_>) -> bool {
        self.hold.buyer == *wish.buyer && *self.hold.checkout_id == *wish.checkout_id
    }
}

impl Book {
    /// Divides stock.
    pub fn hold(
        &mut self,
        wish: &HoldWish<'_>,
        decide: &(dyn Fn(&Taken) -> Vec<HeldLine> + Send + Sync),
    ) -> Result<Holding, LedgerError> {
        if self.holds.contains_key(&*wish.id) {
            return Err(LedgerError::Damaged(format!("hold {} is there already", wish.id)));
        }
        // What is counted as over here is over for its owner, too, whatever the owner's clock says.
        let over = self
            .holds
            .values()
            .filter(|row| row.is_live() && row.hold.until <= wish.now && !row.is_of(wish));
        let over: Vec<_> = over.map(|row| row.hold.id.clone()).collect();
        for id in over {
            self.end(&id, HoldState::Expired, wish.now)?;
        }
        let lines = decide(&self.taken(wish));
        let replaced = self.replace_earlier(wish)?;
        if lines.is_empty() {
            return Ok(Holding { hold: None, replaced });
        }
        let reserving = lines.iter().any(|line| line.kind == HoldKind::System);
        let hold = Hold {
            id: wish.id.clone(),
            buyer: wish.buyer.clone(),
            checkout_id: wish.checkout_id.into(),
            lines,
            state: if reserving {
                HoldState::Reserving
            } else {
                HoldState::Held
            },
            created_at: wish.now,
            until: wish.until,
        };
        let row = HoldRow {
            hold: hold.clone(),
            order: None,
            accepted_at: None,
            ended_at: None,
            claimed_until: None,
            released_at: None,
        };
        self.holds.insert(wish.id.clone(), row);
        let kind = if reserving { "reserving" } else { "held" };
        self.write_event("hold", &wish.id, kind, &hold, wish.now)?;
        Ok(Holding {
            hold: Some(hold),
            replaced,
        })
    }

    /// `Reserving` becomes `Held`.
    pub fn confirm_hold(&mut self, id: &str, until: Timestamp, now: Timestamp) -> Result<bool, LedgerError> {
        let Some(row) = self.holds.get_mut(id) else {
            return Ok(false);
        };
        if row.hold.state != HoldState::Reserving || row.hold.until <= now {
            return Ok(false);
        }
        row.hold.state = HoldState::Held;
        row.hold.until = until;
        self.hold_event(id, "held", now)?;
        Ok(true)
    }

    /// Moves the end of a hold.
    pub fn extend_hold(
        &mut self,
        id: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Hold>, LedgerError> {
        let Some(row) = self.holds.get_mut(id) else {
            return Ok(None);
        };
        if row.hold.state != HoldState::Held || row.hold.until <= now {
            return Ok(None);
        }
        row.hold.until = until;
        let hold = row.hold.clone();
        self.hold_event(id, "extended", now)?;
        Ok(Some(hold))
    }

    /// Ends a hold; the hold as it was.
    pub fn end_hold(
        &mut self,
        id: &str,
        state: HoldState,
        now: Timestamp,
    ) -> Result<Option<Hold>, LedgerError> {
        let was = match self.holds.get(id) {
            Some(row) if row.is_live() => row.hold.clone(),
            _ => return Ok(None),
        };
        self.end(id, state, now)?;
        Ok(Some(was))
    }

    /// A hold by id.
    pub fn find_hold(&self, id: &str) -> Option<Hold> {
        self.holds.get(id).map(|row| row.hold.clone())
    }

    /// Everything of kind `Gateway` that counts now.
    pub fn leases(&self, now: Timestamp) -> Vec<Lease> {
        let mut leases = Vec::new();
        for row in self.holds.values().filter(|row| row.counts(now)) {
            let ordered = row.hold.state == HoldState::Ordered;
            let held = row.hold.lines.iter();
            leases.extend(
                held.filter(|line| line.kind == HoldKind::Gateway)
                    .map(|line| Lease {
                        hold: row.hold.id.clone(),
                        buyer: row.hold.buyer.clone(),
                        sku: line.sku.clone(),
                        location: line.location.clone(),
                        quantity: line.quantity,
                        since: row.hold.created_at,
                        until: (!ordered).then_some(row.hold.until),
                        accepted_at: row.accepted_at,
                    }),
            );
        }
        leases
    }

    /// Ends holds by time, and gives out what stock systems are to be told of.
    pub fn claim_ended(
        &mut self,
        now: Timestamp,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Hold>, LedgerError> {
        let over = self
            .holds
            .values()
            .filter(|row| row.is_live() && row.hold.until <= now);
        let over: Vec<_> = over.map(|row| row.hold.id.clone()).collect();
        for id in over {
            self.end(&id, HoldState::Expired, now)?;
        }
        let open = self.holds.values_mut().filter(|row| {
            row.ended_at.is_some()
                && row.released_at.is_none()
                && row.claimed_until.is_none_or(|claimed| claimed <= now)
                && row.has_system_lines()
        });
        let mut claimed = Vec::new();
        for row in open.take(limit) {
            row.claimed_until = Some(after(now, lease));
            claimed.push(row.hold.clone());
        }
        Ok(claimed)
    }

    /// Notes that an ended hold was given back.
    pub fn note_released(&mut self, id: &str, now: Timestamp) -> Result<(), LedgerError> {
        match self.holds.get_mut(id) {
            Some(row) if row.ended_at.is_some() && row.released_at.is_none() => row.released_at = Some(now),
            _ => return Ok(()),
        }
        self.hold_event(id, "given_back", now)
    }

    /// Ends a hold whatever it is, as its order's refusal does, too.
    pub(super) fn end(&mut self, id: &str, state: HoldState, now: Timestamp) -> Result<(), LedgerError> {
        let Some(row) = self.holds.get_mut(id) else {
            return Err(LedgerError::Damaged(format!("hold {id} is not there")));
        };
        row.hold.state = state;
        row.ended_at = Some(now);
        let kind = match state {
            HoldState::Released => "released",
            HoldState::Expired => "expired",
            HoldState::Failed => "failed",
            HoldState::Reserving | HoldState::Held | HoldState::Ordered => {
                return Err(LedgerError::Damaged(format!("hold {id} cannot end as {state:?}")));
            }
        };
        self.hold_event(id, kind, now)
    }

    pub(super) fn hold_event(&mut self, id: &str, kind: &str, now: Timestamp) -> Result<(), LedgerError> {
        let Some(hold) = self.find_hold(id) else {
            return Err(LedgerError::Damaged(format!("hold {id} is not there")));
        };
        self.write_event("hold", id, kind, &hold, now)
    }

    /// What others hold at the wish's places. The cart's own earlier hold is about to go and does not count.
    fn taken(&self, wish: &HoldWish<'_>) -> Taken {
        let mut taken = Taken::new();
        for row in self.holds.values().filter(|row| row.counts(wish.now)) {
            if row.is_live() && row.is_of(wish) {
                continue;
            }
            for line in row
                .hold
                .lines
                .iter()
                .filter(|line| line.kind == HoldKind::Gateway)
            {
                let place = wish
                    .places
                    .iter()
                    .find(|place| place.sku == line.sku && place.location == line.location);
                if place.is_some_and(|place| !row.is_contained(place)) {
                    *taken
                        .entry((line.sku.clone(), line.location.clone()))
                        .or_insert(Decimal::ZERO) += line.quantity;
                }
            }
        }
        taken
    }

    fn replace_earlier(&mut self, wish: &HoldWish<'_>) -> Result<Option<Hold>, LedgerError> {
        let earlier = self.holds.values().find(|row| row.is_live() && row.is_of(wish));
        let Some(id) = earlier.map(|row| row.hold.id.clone()) else {
            return Ok(None);
        };
        self.end(&id, HoldState::Released, wish.now)?;
        Ok(self.find_hold(&id))
    }
}
