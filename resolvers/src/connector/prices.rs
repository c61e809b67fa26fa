//! The prices port over a mapping.

use std::sync::Arc;

use foldhash::HashMapExt as _;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use skuery_schema::ids::{Currency, Sku, SystemName};
use skuery_schema::price::{PriceChoice, PriceKind};

use crate::connector::build::constant;
use crate::connector::languages::Chain;
use crate::connector::machine::Machine;
use crate::connector::mapping::{ChoiceSpec, ModeSpec};
use crate::connector::reader::Reader;
use crate::connector::template::Target;
use crate::connector::vars::Vars;
use crate::door::fault::Fault;
use crate::error::{ErrorKind, LookupError};
use crate::port::{Answer, ByKey, Call, Effort, Port, PortLookup, PriceGroup, PriceMode, PriceRow, Prices};

pub(crate) struct MappedPrices {
    pub(crate) machine: Arc<Machine>,
    pub(crate) mode: ModeSpec,
    pub(crate) choice: ChoiceSpec,
    /// Whether the mapping makes use of the customer.
    pub(crate) per_customer: bool,
}

impl Port for MappedPrices {
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

impl Prices for MappedPrices {
    fn price_mode(&self) -> PriceMode {
        match self.mode {
            ModeSpec::Calculated => PriceMode::Calculated,
            ModeSpec::Rows => PriceMode::Rows,
        }
    }

    fn price_choice(&self) -> PriceChoice {
        match (self.mode, self.choice) {
            (ModeSpec::Calculated, _) => PriceChoice::System,
            (ModeSpec::Rows, ChoiceSpec::Lowest) => PriceChoice::Lowest,
            (ModeSpec::Rows, ChoiceSpec::FirstMatch) => PriceChoice::FirstMatch,
        }
    }

    fn per_customer(&self) -> bool {
        self.per_customer
    }

    fn prices<'a>(
        &'a self,
        call: Call,
        group: &'a PriceGroup,
        keys: &'a [Sku],
    ) -> Answer<'a, ByKey<Sku, Arc<[PriceRow]>>> {
        Box::pin(self.ask(call, group, keys))
    }
}

impl MappedPrices {
    async fn ask(
        &self,
        call: Call,
        group: &PriceGroup,
        keys: &[Sku],
    ) -> Result<ByKey<Sku, Arc<[PriceRow]>>, LookupError> {
        let machine = &*self.machine;
        if keys.is_empty() {
            return Ok(ByKey::default());
        }
        let fail = |fault| machine.error(PortLookup::Prices.as_str(), fault);
        let lookup = machine.lookup(PortLookup::Prices)?;
        let lists = match &group.price_list {
            Some(code) => price_lists(machine, code.as_str(), group.currency).map_err(fail)?,
            None => Vec::new(),
        };
        let vars = variables(machine, group, &lists);
        let asked = keys
            .iter()
            .map(|sku| machine.sku_key(sku.as_str()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(fail)?;
        let read = |reader: &Reader<'_>, _: &str| {
            if is_foreign(reader, group, &lists)? {
                machine.foreign_row(PortLookup::Prices.as_str());
                return Ok(None);
            }
            price(reader, group.currency)
        };
        let rows = machine
            .ask(call, lookup, vars, &Chain::default(), &asked, read)
            .await?;
        let mut prices = ByKey::with_capacity(keys.len());
        for (sku, rows) in keys.iter().zip(rows) {
            let rows = match rows {
                None => continue,
                Some(Ok(rows)) => self.settle(rows).map_err(fail),
                Some(Err(error)) => Err(error),
            };
            match rows {
                Ok(rows) if rows.is_empty() => {}
                rows => {
                    prices.insert(sku.clone(), rows.map(Arc::from));
                }
            }
        }
        Ok(prices)
    }

    /// Equal rows are one. A calculated price is one price: two different ones contradict each other.
    fn settle(&self, rows: Vec<PriceRow>) -> Result<Vec<PriceRow>, Fault> {
        if rows.len() < 2 {
            return Ok(rows);
        }
        let mut settled: Vec<PriceRow> = Vec::with_capacity(rows.len());
        for row in rows {
            if !settled.contains(&row) {
                settled.push(row);
            }
        }
        if self.mode == ModeSpec::Calculated && settled.len() > 1 {
            return Err(Fault::invalid_answer(
                "the answer holds two different prices for one key",
            ));
        }
        Ok(settled)
    }
}

fn variables(machine: &Machine, group: &PriceGroup, lists: &[Json]) -> Vars {
    let mut more = vec![("currency", json!(group.currency.as_str()))];
    if group.price_list.is_some() {
        more.push(("price_list", lists.first().cloned().unwrap_or(Json::Null)));
        more.push(("price_lists", json!(lists)));
    }
    if let Some(customer) = &group.customer {
        more.push(("customer", json!(customer.as_str())));
    }
    if let Some(quantity) = group.quantity {
        more.push(("quantity", json!(quantity.to_string())));
    }
    if let Some(unit) = &group.unit {
        more.push(("unit", json!(unit)));
    }
    if let Some(date) = group.date {
        more.push(("date", json!(date.to_string())));
    }
    machine.vars().with(more)
}

/// The system's price lists for ours; a name may hold the currency, as `RETAIL-{{ settings.currency }}` does.
fn price_lists(machine: &Machine, code: &str, currency: Currency) -> Result<Vec<Json>, Fault> {
    let Some(lists) = machine.price_lists.get(code) else {
        return Ok(vec![json!(code)]);
    };
    let name = |list: &String| {
        // Most are names as they stand, which need no template.
        if !list.contains(['{', '\n']) {
            return Ok(json!(list));
        }
        let mut settings = machine.settings.clone();
        settings.insert("currency".to_owned(), json!(currency.as_str()));
        let source = list.replace("{{ currency }}", "{{ settings.currency }}");
        constant(&source, Target::Text, &settings)
            .map(Json::String)
            .map_err(|error| Fault::new(ErrorKind::Rejected, error.to_string()))
    };
    lists.as_slice().iter().map(name).collect()
}

/// Whether a row names another customer than the asked one, or a price list that was not asked for: its price is another
/// customer's. The asked customer's own row may be of any list.
fn is_foreign(reader: &Reader<'_>, group: &PriceGroup, asked: &[Json]) -> Result<bool, Fault> {
    let wanted = group.customer.as_ref().map(|customer| customer.as_str());
    let of_another = |named: &str| (!named.is_empty()).then_some(wanted != Some(named));
    if let Some(is_foreign) = reader.seen("customer", of_another)?.flatten() {
        return Ok(is_foreign);
    }
    let was_asked = |named: &str| asked.iter().any(|list| list.as_str() == Some(named));
    Ok(reader.seen("price_list", was_asked)? == Some(false))
}

/// One row. `None` where the system states no price, or one in another currency.
fn price(reader: &Reader<'_>, wanted: Currency) -> Result<Option<PriceRow>, Fault> {
    if reader.switch("skip")? == Some(true) {
        return Ok(None);
    }
    match reader.seen("currency", |currency| currency == wanted.as_str())? {
        Some(true) => {}
        Some(false) => return Ok(None),
        None => return Err(Fault::invalid_value("a value is not a currency")),
    }
    let discount_percent = reader.decimal("discount_percent")?.filter(|it| !it.is_zero());
    let list_price = reader.decimal("list_price")?;
    let mut before_discount = reader.decimal("before_discount")?;
    let mut price = reader.decimal("price")?;
    if price.is_none() {
        price = discounted(list_price, discount_percent)?;
        if discount_percent.is_some() {
            before_discount = before_discount.or(list_price);
        }
    }
    let mut net = reader.decimal("net")?;
    let mut gross = reader.decimal("gross")?;
    if price.is_some() {
        match reader.switch("includes_tax")?.unwrap_or(false) {
            true => gross = price,
            false => net = price,
        }
    }
    if net.is_none() && gross.is_none() {
        return Ok(None);
    }
    let amounts = [net, gross, before_discount];
    if amounts.iter().flatten().any(Decimal::is_sign_negative) {
        return Err(Fault::invalid_value("a price is negative"));
    }
    let price_quantity = reader.decimal("price_quantity")?.unwrap_or(Decimal::ONE);
    if price_quantity <= Decimal::ZERO {
        return Err(Fault::invalid_value("a price is for no quantity"));
    }
    let minimum_quantity = reader.decimal("minimum_quantity")?.unwrap_or_default();
    Ok(Some(PriceRow {
        minimum_quantity: minimum_quantity.max(Decimal::ZERO),
        net,
        gross,
        before_discount,
        discount_percent,
        currency: wanted,
        price_quantity,
        unit: reader.text("unit")?.filter(|unit| !unit.is_empty()),
        kind: kind(reader)?,
        valid_from: reader.date("valid_from")?,
        valid_until: reader.date("valid_until")?,
    }))
}

/// The list price less its discount, exactly: a hundredth of a percent adds digits, never rounds any away.
fn discounted(list_price: Option<Decimal>, percent: Option<Decimal>) -> Result<Option<Decimal>, Fault> {
    let (Some(list_price), Some(percent)) = (list_price, percent) else {
        return Ok(list_price);
    };
    if percent.is_sign_negative() || percent > Decimal::ONE_HUNDRED {
        return Err(Fault::invalid_value("a discount is not between 0 and 100"));
    }
    let factor = (Decimal::ONE_HUNDRED - percent) / Decimal::ONE_HUNDRED;
    list_price
        .checked_mul(factor)
        .map(|price| Some(price.normalize()))
        .ok_or_else(|| Fault::invalid_value("a price is too large"))
}

fn kind(reader: &Reader<'_>) -> Result<PriceKind, Fault> {
    let kind = reader.seen("kind", |word| {
        Some(match word {
            "price_list" => PriceKind::PriceList,
            "base" => PriceKind::Base,
            "group" => PriceKind::Group,
            "contract" => PriceKind::Contract,
            "campaign" => PriceKind::Campaign,
            _ => return None,
        })
    })?;
    kind.unwrap_or(Some(PriceKind::PriceList))
        .ok_or_else(|| Fault::invalid_value("a price is of unknown kind"))
}
