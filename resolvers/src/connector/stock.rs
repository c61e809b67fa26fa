//! The stock port over a mapping.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt as _};
use serde_json::{Value as Json, json};
use skuery_schema::ids::{LocationCode, Sku, SystemName};

use crate::connector::convert;
use crate::connector::languages::Chain;
use crate::connector::machine::Machine;
use crate::connector::reader::Reader;
use crate::connector::vars::Vars;
use crate::door::fault::Fault;
use crate::error::{ErrorKind, LookupError};
use crate::port::{Answer, ByKey, Call, Effort, Port, PortLookup, Stock, StockFigure, StockGroup};

pub(crate) struct MappedStock {
    pub(crate) machine: Arc<Machine>,
    pub(crate) per_location: bool,
    pub(crate) unlisted_is_none: bool,
}

impl Port for MappedStock {
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

impl Stock for MappedStock {
    fn per_location(&self) -> bool {
        self.per_location
    }

    fn unlisted_is_none(&self) -> bool {
        self.unlisted_is_none
    }

    fn locations(&self) -> &[LocationCode] {
        &self.machine.locations
    }

    fn stock<'a>(
        &'a self,
        call: Call,
        group: &'a StockGroup,
        keys: &'a [Sku],
    ) -> Answer<'a, ByKey<Sku, Arc<[StockFigure]>>> {
        Box::pin(self.ask(call, group, keys))
    }
}

impl MappedStock {
    async fn ask(
        &self,
        call: Call,
        group: &StockGroup,
        keys: &[Sku],
    ) -> Result<ByKey<Sku, Arc<[StockFigure]>>, LookupError> {
        let machine = &*self.machine;
        if keys.is_empty() {
            return Ok(ByKey::default());
        }
        let fail = |fault| machine.error(PortLookup::Stock.as_str(), fault);
        let lookup = machine.lookup(PortLookup::Stock)?;
        let vars = self.variables(group).map_err(fail)?;
        let asked = keys
            .iter()
            .map(|sku| machine.sku_key(sku.as_str()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(fail)?;
        let places = places(machine).map_err(fail)?;
        let read = |reader: &Reader<'_>, _: &str| figure(reader, group, &places);
        let rows = machine
            .ask(call, lookup, vars, &Chain::default(), &asked, read)
            .await?;
        let mut stock = ByKey::with_capacity(keys.len());
        for (sku, rows) in keys.iter().zip(rows) {
            let figures = match rows {
                None => continue,
                Some(Ok(rows)) => settle(rows).map_err(fail),
                Some(Err(error)) => Err(error),
            };
            stock.insert(sku.clone(), figures.map(Arc::from));
        }
        Ok(stock)
    }

    fn variables(&self, group: &StockGroup) -> Result<Vars, Fault> {
        let machine = &*self.machine;
        let keys: Vec<&Json> = machine
            .locations
            .iter()
            .filter_map(|code| machine.location_keys.get(code))
            .collect();
        let mut more = vec![("locations", json!(keys))];
        match (&group.location, self.per_location) {
            (Some(code), _) => {
                let key = machine
                    .location_keys
                    .get(code)
                    .ok_or_else(|| Fault::new(ErrorKind::Unsupported, "a location is not configured here"))?;
                more.push(("location", key.clone()));
                more.push(("locations", json!([key])));
            }
            (None, false) => {}
            (None, true) => {
                return Err(Fault::new(
                    ErrorKind::Unsupported,
                    "this system answers one location a call",
                ));
            }
        }
        Ok(machine.vars().with(more))
    }
}

/// Our location for each of the system's keys.
fn places(machine: &Machine) -> Result<HashMap<Arc<str>, LocationCode>, Fault> {
    machine
        .location_keys
        .iter()
        .map(|(code, key)| Ok((convert::text(key.into())?, code.clone())))
        .collect()
}

/// One figure; `None` for a location that is not asked for.
fn figure(
    reader: &Reader<'_>,
    group: &StockGroup,
    places: &HashMap<Arc<str>, LocationCode>,
) -> Result<Option<StockFigure>, Fault> {
    let ours = reader.seen("location", |key| places.get(key))?;
    let location = match (ours, &group.location) {
        (Some(ours), wanted) => match ours {
            Some(code) if wanted.as_ref().is_none_or(|wanted| wanted == code) => code.clone(),
            _ => return Ok(None),
        },
        (None, Some(wanted)) if !reader.has("location") => wanted.clone(),
        (None, _) => return Err(Fault::invalid_value("a figure names no location")),
    };
    let available = reader
        .decimal("available")?
        .ok_or_else(|| Fault::invalid_value("a figure names no available quantity"))?;
    let incoming = match reader.date("incoming_date")? {
        Some(date) => vec![(date, reader.decimal("incoming_quantity")?)],
        None => Vec::new(),
    };
    Ok(Some(StockFigure {
        location,
        available,
        on_hand: reader.decimal("on_hand")?,
        reserved: reader.decimal("reserved")?,
        incoming,
    }))
}

/// One figure a location: equal ones are one, different ones contradict each other.
fn settle(rows: Vec<StockFigure>) -> Result<Vec<StockFigure>, Fault> {
    let is_first = |at: usize| rows[..at].iter().all(|row| row.location != rows[at].location);
    if (1..rows.len()).all(is_first) {
        return Ok(rows);
    }
    let mut settled: Vec<StockFigure> = Vec::with_capacity(rows.len());
    for row in rows {
        match settled.iter().find(|figure| figure.location == row.location) {
            None => settled.push(row),
            Some(known) if *known == row => {}
            Some(_) => {
                return Err(Fault::invalid_answer(
                    "the answer holds two different figures for one location",
                ));
            }
        }
    }
    Ok(settled)
}
