//! Systems in memory. Each counts what it is asked, and can be told to be down, to lose an answer, or to hang.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use skuery_schema::catalog::{UnitOfMeasure, VariantContent};
use skuery_schema::ids::{CategoryCode, CustomerNumber, ProductCode, Sku, SystemName};
use skuery_schema::price::PriceChoice;
use tokio::time::Instant;

use crate::error::{ErrorKind, LookupError};
use crate::port::customers::{CreditRecord, CustomerAbilities, CustomerRecord, Customers};
use crate::port::{
    Answer, Answers, Call, Catalog, CodedCategory, CodedProduct, CodedVariant, Locales, Port, PortLookup,
    PriceGroup, PriceMode, PriceRow, Prices, Search, SearchAbilities, SearchPage,
};

/// What goes wrong with one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// Nothing is done.
    Down,
    /// It is done, and the answer does not arrive.
    LoseAnswer,
    /// Nothing is done, and nobody says so.
    Hang,
    /// It is done, and the answer takes two seconds.
    Slow,
}

/// A wall clock that follows tokio's.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    base: Timestamp,
    started: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            base: "2026-06-15T10:00:00Z".parse().expect("a timestamp"),
            started: Instant::now(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.started.elapsed()).expect("a short time");
        self.base + passed
    }
}

/// What every fake has: a name, a count of calls, and faults to come.
pub(crate) struct Desk {
    pub(crate) system: SystemName,
    pub(crate) most_keys: usize,
    faults: Mutex<VecDeque<(PortLookup, Fault)>>,
    calls: Mutex<Vec<PortLookup>>,
}

impl Desk {
    pub(crate) fn new(system: &str) -> Self {
        Self {
            system: system.into(),
            most_keys: 100,
            faults: Mutex::default(),
            calls: Mutex::default(),
        }
    }

    /// The next call of this lookup goes wrong.
    pub(crate) fn next(&self, lookup: PortLookup, fault: Fault) {
        locked(&self.faults).push_back((lookup, fault));
    }

    /// How often a lookup was asked.
    pub(crate) fn calls(&self, lookup: PortLookup) -> usize {
        locked(&self.calls).iter().filter(|call| **call == lookup).count()
    }

    pub(crate) fn all_calls(&self) -> usize {
        locked(&self.calls).len()
    }

    /// Does the work, unless a fault comes first; the answer is lost where one comes after.
    pub(crate) async fn serve<T>(
        &self,
        lookup: PortLookup,
        work: impl FnOnce() -> Result<T, LookupError>,
    ) -> Result<T, LookupError> {
        locked(&self.calls).push(lookup);
        let fault = {
            let mut faults = locked(&self.faults);
            let next = faults.iter().position(|(of, _)| *of == lookup);
            next.and_then(|next| faults.remove(next)).map(|(_, fault)| fault)
        };
        let down = || {
            LookupError::new(
                ErrorKind::Unavailable,
                &self.system,
                lookup.as_str(),
                "told to fail",
            )
        };
        match fault {
            None => work(),
            Some(Fault::Down) => Err(down()),
            Some(Fault::LoseAnswer) => {
                work()?;
                Err(down())
            }
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Slow) => {
                let answer = work();
                tokio::time::sleep(Duration::from_secs(2)).await;
                answer
            }
        }
    }
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives a fake the name and the bound of its desk.
macro_rules! at_desk {
    ($name:ident) => {
        impl Port for $name {
            fn system(&self) -> &SystemName {
                &self.desk.system
            }

            fn max_keys(&self, _: PortLookup) -> usize {
                self.desk.most_keys
            }
        }
    };
}
pub(crate) use at_desk;

// ---------------------------------------------------------------- prices

/// Rows by whose they are, and of which article.
type PriceRows = HashMap<(Option<CustomerNumber>, Sku), Vec<PriceRow>>;

/// A price system: rows by article, and own rows by customer and article.
pub(crate) struct PriceBook {
    pub(crate) desk: Desk,
    pub(crate) mode: PriceMode,
    pub(crate) rows: Mutex<PriceRows>,
    /// What was asked, in the order of the calls.
    pub(crate) asked: Mutex<Vec<(PriceGroup, Vec<Sku>)>>,
}

at_desk!(PriceBook);

impl PriceBook {
    pub(crate) fn new(mode: PriceMode) -> Self {
        Self {
            desk: Desk::new("erp"),
            mode,
            rows: Mutex::default(),
            asked: Mutex::default(),
        }
    }

    pub(crate) fn set(&self, customer: Option<&str>, sku: &str, rows: Vec<PriceRow>) {
        let key = (customer.map(CustomerNumber::from), sku.into());
        locked(&self.rows).insert(key, rows);
    }
}

impl Prices for PriceBook {
    fn price_mode(&self) -> PriceMode {
        self.mode
    }

    fn price_choice(&self) -> PriceChoice {
        match self.mode {
            PriceMode::Calculated => PriceChoice::System,
            PriceMode::Rows => PriceChoice::Lowest,
        }
    }

    fn per_customer(&self) -> bool {
        true
    }

    fn prices<'a>(
        &'a self,
        _: Call,
        group: &'a PriceGroup,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<[PriceRow]>> {
        Box::pin(self.desk.serve(PortLookup::Prices, || {
            locked(&self.asked).push((group.clone(), keys.to_vec()));
            let rows = locked(&self.rows);
            let of = |sku: &Sku| {
                let own = rows.get(&(group.customer.clone(), sku.clone()));
                let shared = || rows.get(&(None, sku.clone()));
                // One that calculates knows both; one that lists is asked for each apart.
                let found = match self.mode {
                    PriceMode::Calculated => own.or_else(shared)?,
                    PriceMode::Rows => own?,
                };
                let holds =
                    |row: &&PriceRow| group.quantity.is_none_or(|asked| row.minimum_quantity <= asked);
                match self.mode {
                    PriceMode::Rows => Some(found.clone()),
                    PriceMode::Calculated => Some(vec![found.iter().rfind(holds)?.clone()]),
                }
            };
            let rows = keys
                .iter()
                .filter_map(|sku| Some((sku.clone(), Ok(of(sku)?.into()))));
            Ok(rows.collect())
        }))
    }
}

// ---------------------------------------------------------------- catalogue and customers

/// A catalogue that knows articles and how many decimals their quantities have.
pub(crate) struct ArticleList {
    pub(crate) desk: Desk,
    pub(crate) articles: Mutex<HashMap<Sku, u8>>,
}

at_desk!(ArticleList);

impl ArticleList {
    pub(crate) fn new() -> Self {
        Self {
            desk: Desk::new("pim"),
            articles: Mutex::default(),
        }
    }
}

impl Catalog for ArticleList {
    fn variants<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<VariantContent>> {
        Box::pin(self.desk.serve(PortLookup::Variants, || {
            let articles = locked(&self.articles);
            let content = |decimals: u8| VariantContent {
                unit: Some(UnitOfMeasure {
                    code: "PCS".into(),
                    name: "piece".into(),
                    decimals,
                }),
                ..VariantContent::default()
            };
            let known = keys.iter().filter_map(|sku| Some((sku, articles.get(sku)?)));
            Ok(known
                .map(|(sku, decimals)| (sku.clone(), Ok(Arc::new(content(*decimals)))))
                .collect())
        }))
    }

    fn products<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [ProductCode],
    ) -> Answers<'a, ProductCode, Arc<skuery_schema::catalog::ProductContent>> {
        not_asked()
    }

    fn products_by_slug<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, CodedProduct> {
        not_asked()
    }

    fn variants_of<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [ProductCode],
    ) -> Answers<'a, ProductCode, Vec<CodedVariant>> {
        not_asked()
    }

    fn categories<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [CategoryCode],
    ) -> Answers<'a, CategoryCode, Arc<skuery_schema::catalog::CategoryContent>> {
        not_asked()
    }

    fn category_children<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [Option<CategoryCode>],
    ) -> Answers<'a, Option<CategoryCode>, Vec<CodedCategory>> {
        not_asked()
    }

    fn attribute_labels<'a>(
        &'a self,
        _: Call,
        _: &'a Locales,
        _: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<str>> {
        not_asked()
    }

    fn search<'a>(&'a self, _: Call, _: &'a Locales, _: &'a Search) -> Answer<'a, SearchPage> {
        not_asked()
    }

    fn search_abilities(&self) -> SearchAbilities {
        SearchAbilities::default()
    }
}

fn not_asked<'a, T: Send + 'a>() -> Answer<'a, T> {
    unreachable!("checkout does not ask this")
}

/// A CRM.
pub(crate) struct CustomerFile {
    pub(crate) desk: Desk,
    pub(crate) records: Mutex<HashMap<CustomerNumber, CustomerRecord>>,
    pub(crate) blocked: Mutex<HashMap<CustomerNumber, CreditRecord>>,
}

at_desk!(CustomerFile);

impl CustomerFile {
    pub(crate) fn new() -> Self {
        Self {
            desk: Desk::new("crm"),
            records: Mutex::default(),
            blocked: Mutex::default(),
        }
    }
}

impl Customers for CustomerFile {
    fn customer_abilities(&self) -> CustomerAbilities {
        CustomerAbilities {
            customers: true,
            credit: true,
        }
    }

    fn customers<'a>(
        &'a self,
        _: Call,
        keys: &'a [CustomerNumber],
    ) -> Answers<'a, CustomerNumber, Arc<CustomerRecord>> {
        Box::pin(self.desk.serve(PortLookup::Customers, || {
            let records = locked(&self.records);
            let known = keys.iter().filter_map(|key| Some((key, records.get(key)?)));
            Ok(known
                .map(|(key, record)| (key.clone(), Ok(Arc::new(record.clone()))))
                .collect())
        }))
    }

    fn credit<'a>(
        &'a self,
        _: Call,
        keys: &'a [CustomerNumber],
    ) -> Answers<'a, CustomerNumber, CreditRecord> {
        Box::pin(self.desk.serve(PortLookup::Credit, || {
            let records = locked(&self.blocked);
            let known = keys.iter().filter_map(|key| Some((key, records.get(key)?)));
            Ok(known
                .map(|(key, record)| (key.clone(), Ok(record.clone())))
                .collect())
        }))
    }
}
