//! The customers port over a mapping.

use std::fmt::Debug;
use std::sync::Arc;

use foldhash::HashMapExt as _;
use serde_json::json;
use skuery_schema::customer::{Company, CustomerContent};
use skuery_schema::ids::{CompanyNumber, Currency, CustomerNumber, PriceListCode, SystemName};

use crate::connector::address::addresses;
use crate::connector::catalog::only;
use crate::connector::languages::Chain;
use crate::connector::machine::Machine;
use crate::connector::reader::Reader;
use crate::door::fault::Fault;
use crate::error::LookupError;
use crate::port::customers::{CreditRecord, CustomerAbilities, CustomerRecord, Customers};
use crate::port::{Answers, ByKey, Call, Effort, Port, PortLookup};

pub(crate) struct MappedCustomers {
    pub(crate) machine: Arc<Machine>,
}

impl Port for MappedCustomers {
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

impl Customers for MappedCustomers {
    fn customer_abilities(&self) -> CustomerAbilities {
        let serves = |lookup| self.machine.lookups.contains_key(&lookup);
        CustomerAbilities {
            customers: serves(PortLookup::Customers),
            credit: serves(PortLookup::Credit),
        }
    }

    fn customers<'a>(
        &'a self,
        call: Call,
        keys: &'a [CustomerNumber],
    ) -> Answers<'a, CustomerNumber, Arc<CustomerRecord>> {
        let read = |reader: &Reader<'_>| customer(&self.machine, reader).map(Arc::new).map(Some);
        Box::pin(self.ask(call, PortLookup::Customers, keys, read))
    }

    fn credit<'a>(
        &'a self,
        call: Call,
        keys: &'a [CustomerNumber],
    ) -> Answers<'a, CustomerNumber, CreditRecord> {
        Box::pin(self.ask(call, PortLookup::Credit, keys, credit))
    }
}

impl MappedCustomers {
    /// Rows are matched by the customer's number: a row of another customer is dropped and counted.
    async fn ask<R: Clone + Debug>(
        &self,
        call: Call,
        lookup: PortLookup,
        keys: &[CustomerNumber],
        read: impl Fn(&Reader<'_>) -> Result<Option<R>, Fault>,
    ) -> Result<ByKey<CustomerNumber, R>, LookupError> {
        let machine = &*self.machine;
        if keys.is_empty() {
            return Ok(ByKey::default());
        }
        let asked: Vec<String> = keys.iter().map(|number| number.as_str().to_owned()).collect();
        // One call is about one customer, so a mapping may also name it as prices and orders do.
        let vars = match asked.as_slice() {
            [only] => machine.vars().with([("customer", json!(only))]),
            _ => machine.vars(),
        };
        let plan = machine.lookup(lookup)?;
        let rows = machine
            .ask(call, plan, vars, &Chain::default(), &asked, |reader, _| {
                read(reader)
            })
            .await?;
        let mut found = ByKey::with_capacity(keys.len());
        for (number, rows) in keys.iter().zip(rows) {
            let record = match rows {
                None => continue,
                Some(Err(error)) => Err(error),
                Some(Ok(rows)) => match only(rows) {
                    Ok(Some(record)) => Ok(record),
                    Ok(None) => continue,
                    Err(fault) => Err(machine.error(lookup.as_str(), fault)),
                },
            };
            found.insert(number.clone(), record);
        }
        Ok(found)
    }
}

fn customer(machine: &Machine, reader: &Reader<'_>) -> Result<CustomerRecord, Fault> {
    let currency = currency(reader)?;
    let discount_percent = reader.decimal("discount_percent")?;
    if discount_percent.is_some_and(|percent| percent.is_sign_negative() || percent > 100.into()) {
        return Err(Fault::invalid_value("a discount is not between 0 and 100"));
    }
    let price_list = reader
        .filled("price_list")?
        .map(|list| our_price_list(machine, &list, currency));
    Ok(CustomerRecord {
        content: Arc::new(CustomerContent {
            name: reader.filled("name")?,
            email: reader.filled("email")?,
            company: company(reader)?,
            addresses: addresses(reader, "addresses")?,
        }),
        price_list,
        individual_prices: reader.switch("individual_prices")?,
        discount_percent: discount_percent.filter(|percent| !percent.is_zero()),
        currency,
    })
}

/// A company is known by its number; without a name it is called by that.
fn company(reader: &Reader<'_>) -> Result<Option<Company>, Fault> {
    let Some(number) = reader.filled("company_number")? else {
        return Ok(None);
    };
    Ok(Some(Company {
        name: reader
            .filled("company_name")?
            .unwrap_or_else(|| Arc::clone(&number)),
        number: CompanyNumber::new(number),
        vat_number: reader.filled("vat_number")?,
    }))
}

/// Our code of the system's list: where exactly one of ours is that list and no other. A list among several of ours would
/// open the others too, so it is taken as it is.
fn our_price_list(machine: &Machine, theirs: &str, currency: Option<Currency>) -> PriceListCode {
    let is_that = |list: &str| match currency {
        Some(currency) => list.replace("{{ currency }}", currency.as_str()) == theirs,
        None => list == theirs,
    };
    let mut ours = machine
        .price_lists
        .iter()
        .filter(|(_, lists)| matches!(lists.as_slice(), [only] if is_that(only)))
        .map(|(code, _)| code.as_str());
    match (ours.next(), ours.next()) {
        (Some(code), None) => PriceListCode::new(code),
        _ => PriceListCode::new(theirs),
    }
}

/// The credit of a customer; without a limit the system keeps none.
fn credit(reader: &Reader<'_>) -> Result<Option<CreditRecord>, Fault> {
    let missing = |name: &str| Fault::invalid_value(format!("a record has no {name}"));
    let Some(limit) = reader.decimal("limit")? else {
        return Ok(None);
    };
    Ok(Some(CreditRecord {
        limit,
        used: reader.decimal("used")?.ok_or_else(|| missing("used"))?,
        currency: currency(reader)?.ok_or_else(|| missing("currency"))?,
        blocked: reader.switch("blocked")?.unwrap_or(false),
    }))
}

/// The currency of a record, where it has one.
pub(crate) fn currency(reader: &Reader<'_>) -> Result<Option<Currency>, Fault> {
    reader
        .filled("currency")?
        .map(|code| {
            Currency::parse(&code)
                .ok_or_else(|| Fault::invalid_value("a value is not a currency").at("currency"))
        })
        .transpose()
}
