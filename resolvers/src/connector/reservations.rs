//! The reservations port over a mapping.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use skuery_schema::ids::{Sku, SystemName};

use crate::connector::machine::{End, Machine};
use crate::connector::reader::Reader;
use crate::connector::vars::Vars;
use crate::door::fault::Fault;
use crate::error::{ErrorKind, LookupError};
use crate::port::reservations::{Reservation, ReservationLine, ReservationWish, Reservations, Reserved};
use crate::port::{Answer, Call, Effort, Port, PortLookup};

/// The most lines of a reservation that is read back.
const MOST_LINES: usize = 10_000;

pub(crate) struct MappedReservations {
    pub(crate) machine: Arc<Machine>,
}

impl Port for MappedReservations {
    fn system(&self) -> &SystemName {
        &self.machine.system
    }

    fn max_keys(&self, lookup: PortLookup) -> usize {
        self.machine.max_keys(lookup)
    }

    fn effort(&self, lookup: PortLookup) -> Effort {
        self.machine.effort(lookup)
    }
}

impl Reservations for MappedReservations {
    fn reserve<'a>(&'a self, call: Call, wish: &'a ReservationWish) -> Answer<'a, Reserved> {
        Box::pin(async move {
            let lookup = PortLookup::Reserve;
            let lines = wish.lines.iter().map(|line| self.line(line));
            let lines: Result<Vec<Json>, Fault> = lines.collect();
            let lines = lines.map_err(|fault| self.machine.error(lookup.as_str(), fault))?;
            let vars = self.vars(&wish.reference).with([
                ("lines", Json::Array(lines)),
                ("until", json!(wish.until.to_string())),
            ]);
            let act = self.machine.act(lookup)?;
            let (end, vars) = self.machine.perform(call, act, vars).await?;
            match end {
                // A mapping that reads nothing out of the answer needs no record in it.
                End::Done(_) if act.answer.record.fields.is_empty() => {
                    Ok(Reserved::Held { until: wish.until })
                }
                End::Done(answer) => {
                    let until = |reader: &Reader<'_>| reader.moment("until");
                    let until = self.machine.read_one(act, &answer, &vars, until)?;
                    Ok(Reserved::Held {
                        until: until.unwrap_or(wish.until),
                    })
                }
                End::Short => Ok(Reserved::Short),
                _ => Err(self.unexpected(lookup)),
            }
        })
    }

    fn reservation<'a>(&'a self, call: Call, reference: &'a str) -> Answer<'a, Option<Reservation>> {
        Box::pin(async move {
            let act = self.machine.act(PortLookup::Reservation)?;
            let (end, vars) = self.machine.perform(call, act, self.vars(reference)).await?;
            match end {
                End::Done(answer) => {
                    let read = |reader: &Reader<'_>| self.reservation_of(reader);
                    self.machine.read_one(act, &answer, &vars, read).map(Some)
                }
                End::Absent => Ok(None),
                _ => Err(self.unexpected(PortLookup::Reservation)),
            }
        })
    }

    fn release<'a>(&'a self, call: Call, reference: &'a str) -> Answer<'a, ()> {
        Box::pin(self.simply(call, PortLookup::ReleaseReservation, self.vars(reference)))
    }

    fn commit<'a>(&'a self, call: Call, reference: &'a str, order_number: &'a str) -> Answer<'a, ()> {
        let vars = self.vars(reference).with([("order_number", json!(order_number))]);
        Box::pin(self.simply(call, PortLookup::CommitReservation, vars))
    }
}

impl MappedReservations {
    fn vars(&self, reference: &str) -> Vars {
        self.machine.vars().with([("reference", json!(reference))])
    }

    /// What holds nothing is given back already.
    async fn simply(&self, call: Call, lookup: PortLookup, vars: Vars) -> Result<(), LookupError> {
        let act = self.machine.act(lookup)?;
        match self.machine.perform(call, act, vars).await?.0 {
            End::Done(_) | End::Absent => Ok(()),
            _ => Err(self.unexpected(lookup)),
        }
    }

    fn line(&self, line: &ReservationLine) -> Result<Json, Fault> {
        let location = self.machine.location_keys.get(&line.location).ok_or_else(|| {
            Fault::new(
                ErrorKind::Unsupported,
                "a location is not one of the system's own",
            )
        })?;
        Ok(json!({
            "sku": self.machine.sku_key(line.sku.as_str())?,
            "location": location,
            "location_code": line.location.as_str(),
            "quantity": line.quantity.to_string(),
        }))
    }

    fn reservation_of(&self, reader: &Reader<'_>) -> Result<Reservation, Fault> {
        let line = |reader: &Reader<'_>| -> Result<Option<ReservationLine>, Fault> {
            let location = self.machine.our_location(&reader.needed("location")?);
            let quantity = reader.decimal("quantity")?;
            Ok(Some(ReservationLine {
                sku: Sku::new(reader.needed("sku")?),
                location: location.ok_or_else(|| Fault::invalid_value("a location is not configured"))?,
                quantity: quantity.ok_or_else(|| Fault::invalid_value("a line has no quantity"))?,
            }))
        };
        let lines = reader.records("lines", MOST_LINES, line)?;
        Ok(Reservation {
            lines: lines.ok_or_else(|| Fault::invalid_value("a reservation has no lines"))?,
            until: reader.moment("until")?,
        })
    }

    fn unexpected(&self, lookup: PortLookup) -> LookupError {
        let fault = Fault::invalid_answer("the answer means something else than is asked here");
        self.machine.error(lookup.as_str(), fault)
    }
}
