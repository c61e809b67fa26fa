//! Start-up checks: does the system let us in, does it know the names we were configured with, does each role answer.
//!
//! They catch what otherwise fails silently, such as stock that is zero everywhere because a location's key is wrong.
//! In doubt they pass: a false alarm would keep a working shop from starting.

mod accounts;

use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::ids::{Currency, PriceListCode, ProductCode, Sku};

use crate::connector::machine::Machine;
use crate::connector::{CheckResult, System};
use crate::error::{ErrorKind, LookupError};
use crate::port::{Call, Catalog, Locales, PortLookup, PriceGroup, Prices, Search, Stock, StockGroup};

/// The most articles that are tried.
const SAMPLE: usize = 50;

type Outcome = Result<String, String>;

/// Asked where no real article is known; no system has it.
const NOBODY: &str = "skuery-self-check";

pub(super) async fn all(system: &System, machine: &Machine, call: Call) -> Vec<CheckResult> {
    let mut results = Vec::new();
    let mut note = |name: &str, outcome: Outcome| {
        results.push(CheckResult {
            name: name.to_owned(),
            outcome,
        });
    };
    match system.upstream.log_in(call).await {
        Ok(()) => note("login", Ok("accepted".to_owned())),
        Err(error) => {
            // Nothing else can work, and more tries might lock the account.
            note("login", Err(words(&error)));
            return results;
        }
    }
    let known = match sample(machine, call).await {
        Ok(skus) => skus,
        Err(error) => {
            note("sample", Err(words(&error)));
            Vec::new()
        }
    };
    if let Some(catalog) = &system.catalog {
        note(
            "catalog",
            catalog_answers(machine, &**catalog, call, &known).await,
        );
    }
    if let Some(prices) = &system.prices {
        let currency = currency(machine, call).await;
        note(
            "prices",
            prices_answer(&**prices, call, None, currency, &known).await,
        );
        for code in machine.price_lists.keys() {
            let list = PriceListCode::new(code.as_str());
            let outcome = prices_answer(&**prices, call, Some(list), currency, &known).await;
            note(&format!("prices.{code}"), outcome);
        }
    }
    if let Some(stock) = &system.stock {
        note("stock", stock_answers(&**stock, call, &known).await);
    }
    if let Some(customers) = &system.customers {
        note("customers", accounts::customers_answer(&**customers, call).await);
    }
    if let Some(orders) = &system.orders {
        note("orders", accounts::orders_answer(&**orders, call).await);
    }
    for (name, outcome) in accounts::checkout_answers(system, call).await {
        note(name, outcome);
    }
    results
}

/// Whether a price list that a channel sells by has any price in the channel's currency.
pub(super) async fn price_list(
    prices: &dyn Prices,
    machine: &Machine,
    call: Call,
    list: Option<&PriceListCode>,
    currency: Currency,
) -> CheckResult {
    let name = match list {
        Some(code) => format!("price list {code} in {currency}"),
        None => format!("base prices in {currency}"),
    };
    let outcome = async {
        let known = sample(machine, call).await.map_err(|error| words(&error))?;
        let (found, said) = priced(prices, call, list.cloned(), currency, &known).await?;
        match (known.len(), found) {
            (0, _) => Ok("answers".to_owned()),
            (_, 0) => Err(format!("{said}: is the list's code right?")),
            _ => Ok(said),
        }
    };
    CheckResult {
        name,
        outcome: outcome.await,
    }
}

/// Some SKUs the system has, where the mapping says how to find them.
async fn sample(machine: &Machine, call: Call) -> Result<Vec<Sku>, LookupError> {
    let Some(table) = &machine.sample else {
        return Ok(Vec::new());
    };
    let codes = table.ids(machine, call, None).await?;
    Ok(codes
        .keys()
        .take(SAMPLE)
        .map(|code| Sku::new(Arc::clone(code)))
        .collect())
}

async fn catalog_answers(machine: &Machine, catalog: &dyn Catalog, call: Call, known: &[Sku]) -> Outcome {
    let language = machine.languages.keys().next().map_or("en", String::as_str);
    let locales = Locales(Arc::from([Arc::from(language)]));
    if machine.lookups.contains_key(&PortLookup::Search) {
        let search = Search {
            text: None,
            categories: Vec::new(),
            brands: Vec::new(),
            attributes: Vec::new(),
            updated_since: None,
            offset: 0,
            limit: 1,
            count: false,
        };
        let page = catalog
            .search(call, &locales, &search)
            .await
            .map_err(|error| words(&error))?;
        if page.products.is_empty() {
            return Err("the listing is empty".to_owned());
        }
    }
    if machine.lookups.contains_key(&PortLookup::Products) {
        let codes = [ProductCode::new(NOBODY)];
        let products = catalog.products(call, &locales, &codes).await;
        products.map_err(|error| words(&error))?;
    }
    if !machine.lookups.contains_key(&PortLookup::Variants) {
        return Ok("products answer".to_owned());
    }
    let variants = catalog
        .variants(call, &locales, &asked(known))
        .await
        .map_err(|error| words(&error))?;
    illegal(variants.values().find_map(|variant| variant.as_ref().err()))?;
    match (known.len(), variants.len()) {
        (0, _) => Ok("answers".to_owned()),
        (_, 0) => Err("none of the system's own SKUs is found as a variant".to_owned()),
        (all, found) => Ok(format!("{found} of {all} sampled variants found")),
    }
}

/// A currency the system is likely to have: its own setting, one of its table, the euro.
async fn currency(machine: &Machine, call: Call) -> Option<Currency> {
    let setting = machine.settings.get("currency").and_then(|it| it.as_str());
    if let Some(currency) = setting.and_then(Currency::parse) {
        return Some(currency);
    }
    let resolved = machine.lookups.get(&PortLookup::Prices).and_then(|lookup| {
        let by_table = lookup.resolve.iter().find(|it| it.name == "currency")?;
        machine.tables.get(&by_table.table)
    });
    let Some(table) = resolved else {
        return Currency::parse("EUR");
    };
    let codes = table.ids(machine, call, None).await.ok()?;
    let mut codes: Vec<Currency> = codes.keys().filter_map(|code| Currency::parse(code)).collect();
    codes.sort_by_key(|code| (code.as_str() != "EUR", *code));
    codes.first().copied()
}

async fn prices_answer(
    prices: &dyn Prices,
    call: Call,
    price_list: Option<PriceListCode>,
    currency: Option<Currency>,
    known: &[Sku],
) -> Outcome {
    let Some(currency) = currency else {
        return Ok("not asked: no currency is known".to_owned());
    };
    // No price in this currency is no fault: the shop may sell in others.
    let (_, said) = priced(prices, call, price_list, currency, known).await?;
    Ok(said)
}

/// How many of the sampled SKUs have a price, and that in words.
async fn priced(
    prices: &dyn Prices,
    call: Call,
    price_list: Option<PriceListCode>,
    currency: Currency,
    known: &[Sku],
) -> Result<(usize, String), String> {
    let group = PriceGroup {
        customer: None,
        price_list,
        currency,
        quantity: Some(Decimal::ONE),
        unit: None,
        date: None,
    };
    let found = prices
        .prices(call, &group, &asked(known))
        .await
        .map_err(|error| words(&error))?;
    illegal(found.values().find_map(|price| price.as_ref().err()))?;
    let said = format!(
        "{} of {} sampled SKUs have a price in {currency}",
        found.len(),
        known.len()
    );
    Ok((found.len(), said))
}

async fn stock_answers(stock: &dyn Stock, call: Call, known: &[Sku]) -> Outcome {
    let locations = stock.locations();
    if locations.is_empty() {
        return Err("no locations are configured, so no stock would ever be shown".to_owned());
    }
    let groups: Vec<StockGroup> = if stock.per_location() {
        let group = |location| StockGroup {
            location: Some(location),
        };
        locations.iter().cloned().map(group).collect()
    } else {
        vec![StockGroup { location: None }]
    };
    let skus = asked(known);
    let mut empty: Vec<&str> = locations.iter().map(|code| code.as_str()).collect();
    let mut unlisted = empty.clone();
    for group in &groups {
        let figures = stock
            .stock(call, group, &skus)
            .await
            .map_err(|error| match &group.location {
                Some(location) => format!("{location}: {}", words(&error)),
                None => words(&error),
            })?;
        illegal(figures.values().find_map(|figures| figures.as_ref().err()))?;
        for figure in figures.values().flatten().flat_map(|figures| figures.iter()) {
            unlisted.retain(|code| *code != figure.location.as_str());
            let holds_some =
                !figure.available.is_zero() || figure.on_hand.is_some_and(|on_hand| !on_hand.is_zero());
            if holds_some {
                empty.retain(|code| *code != figure.location.as_str());
            }
        }
    }
    if known.is_empty() || empty.is_empty() {
        return Ok("answers".to_owned());
    }
    if !unlisted.is_empty() {
        let unlisted = unlisted.join(", ");
        return Err(format!("no sampled article lists {unlisted}: check the key"));
    }
    let shown = empty.join(", ");
    if empty.len() == locations.len() {
        return Err(format!(
            "none of the system's own SKUs has stock at any location ({shown}): check their keys"
        ));
    }
    Ok(format!("answers; no sampled SKU has stock at {shown}"))
}

fn asked(known: &[Sku]) -> Vec<Sku> {
    match known {
        [] => vec![Sku::new(NOBODY)],
        known => known.to_vec(),
    }
}

fn illegal(error: Option<&LookupError>) -> Result<(), String> {
    match error {
        Some(error) if error.kind() != ErrorKind::InvalidValue => Err(words(error)),
        _ => Ok(()),
    }
}

fn words(error: &LookupError) -> String {
    format!("{error}: {}", error.detail())
}
