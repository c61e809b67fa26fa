//! The catalogue port over a mapping.

mod search;

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use foldhash::HashMapExt as _;
use serde_json::json;
use skuery_schema::catalog::{CategoryContent, ProductContent, VariantContent};
use skuery_schema::ids::{CategoryCode, ProductCode, Sku, SystemName};

use crate::connector::content;
use crate::connector::languages::Chain;
use crate::connector::machine::{Machine, Rows};
use crate::connector::reader::Reader;
use crate::connector::vars::Vars;
use crate::door::fault::Fault;
use crate::error::LookupError;
use crate::port::{
    Answer, ByKey, Call, Catalog, Effort, Locales, Port, PortLookup, Search, SearchAbilities, SearchPage,
};

pub(crate) struct MappedCatalog {
    pub(crate) machine: Arc<Machine>,
}

impl Port for MappedCatalog {
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

impl Catalog for MappedCatalog {
    fn products<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [ProductCode],
    ) -> Answer<'a, ByKey<ProductCode, Arc<ProductContent>>> {
        Box::pin(async move {
            let asked = texts(keys, ProductCode::as_str);
            let by_position = keys.to_vec();
            let read = |reader: &Reader<'_>, key: &str| content::product(reader, key);
            self.single(call, PortLookup::Products, locales, asked, by_position, read)
                .await
        })
    }

    fn products_by_slug<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [Arc<str>],
    ) -> Answer<'a, ByKey<Arc<str>, (ProductCode, Arc<ProductContent>)>> {
        Box::pin(async move {
            let asked = texts(keys, |slug| slug);
            let read = |reader: &Reader<'_>, _: &str| {
                let code = reader.needed("code")?;
                let product = content::product(reader, &code)?;
                Ok((ProductCode::new(code), product))
            };
            self.single(
                call,
                PortLookup::ProductsBySlug,
                locales,
                asked,
                keys.to_vec(),
                read,
            )
            .await
        })
    }

    fn variants<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [Sku],
    ) -> Answer<'a, ByKey<Sku, Arc<VariantContent>>> {
        Box::pin(async move {
            let machine = &*self.machine;
            let asked: Result<Vec<String>, Fault> =
                keys.iter().map(|sku| machine.sku_key(sku.as_str())).collect();
            let asked = asked.map_err(|fault| machine.error(PortLookup::Variants.as_str(), fault))?;
            let read = |reader: &Reader<'_>, _: &str| content::variant(reader);
            self.single(call, PortLookup::Variants, locales, asked, keys.to_vec(), read)
                .await
        })
    }

    fn variants_of<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [ProductCode],
    ) -> Answer<'a, ByKey<ProductCode, Vec<(Sku, Arc<VariantContent>)>>> {
        Box::pin(async move {
            let asked = texts(keys, ProductCode::as_str);
            let read = |reader: &Reader<'_>| {
                // What has no SKU cannot be bought.
                let Some(sku) = reader.filled("sku")? else {
                    return Ok(None);
                };
                let variant = content::variant(reader)?;
                Ok(Some((Sku::new(sku), variant)))
            };
            let vars = self.vars(locales);
            let rows = self
                .rows(call, PortLookup::VariantsOf, locales, vars, &asked, read)
                .await?;
            Ok(self.lists(PortLookup::VariantsOf, keys.to_vec(), rows))
        })
    }

    fn categories<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [CategoryCode],
    ) -> Answer<'a, ByKey<CategoryCode, Arc<CategoryContent>>> {
        Box::pin(async move {
            let asked = texts(keys, CategoryCode::as_str);
            let read = |reader: &Reader<'_>, key: &str| content::category(reader, key);
            self.single(call, PortLookup::Categories, locales, asked, keys.to_vec(), read)
                .await
        })
    }

    fn category_children<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [Option<CategoryCode>],
    ) -> Answer<'a, ByKey<Option<CategoryCode>, Vec<(CategoryCode, Arc<CategoryContent>)>>> {
        Box::pin(self.children(call, locales, keys))
    }

    fn attribute_labels<'a>(
        &'a self,
        call: Call,
        locales: &'a Locales,
        keys: &'a [Arc<str>],
    ) -> Answer<'a, ByKey<Arc<str>, Arc<str>>> {
        Box::pin(async move {
            let asked = texts(keys, |code| code);
            let read =
                |reader: &Reader<'_>, key: &str| Ok(reader.text("label")?.unwrap_or_else(|| Arc::from(key)));
            self.single(
                call,
                PortLookup::AttributeLabels,
                locales,
                asked,
                keys.to_vec(),
                read,
            )
            .await
        })
    }

    fn search<'a>(&'a self, call: Call, locales: &'a Locales, search: &'a Search) -> Answer<'a, SearchPage> {
        Box::pin(search::page(&self.machine, call, locales, search))
    }

    fn search_abilities(&self) -> SearchAbilities {
        search::abilities(&self.machine)
    }

    fn names_variants(&self) -> bool {
        let machine = &*self.machine;
        machine.reads(PortLookup::Products, "variants") && machine.reads(PortLookup::Search, "variants")
    }
}

impl MappedCatalog {
    fn vars(&self, locales: &Locales) -> Vars {
        variables(&self.machine, &Chain::new(locales, &self.machine.languages))
    }

    /// One record a key. Equal ones are one, different ones contradict each other.
    async fn single<K: Eq + Hash, R: Clone + Debug>(
        &self,
        call: Call,
        lookup: PortLookup,
        locales: &Locales,
        asked: Vec<String>,
        keys: Vec<K>,
        read: impl Fn(&Reader<'_>, &str) -> Result<R, Fault>,
    ) -> Result<ByKey<K, R>, LookupError> {
        let machine = &*self.machine;
        let chain = Chain::new(locales, &machine.languages);
        let plan = machine.lookup(lookup)?;
        let vars = self.vars(locales);
        let rows = if asked.is_empty() {
            Vec::new()
        } else {
            machine
                .ask(call, plan, vars, &chain, &asked, |reader, key| {
                    read(reader, key).map(Some)
                })
                .await?
        };
        let mut found = ByKey::with_capacity(keys.len());
        for (key, rows) in keys.into_iter().zip(rows) {
            let record = match rows {
                None => continue,
                Some(Err(error)) => Err(error),
                Some(Ok(rows)) => match only(rows) {
                    Ok(Some(record)) => Ok(record),
                    Ok(None) => continue,
                    Err(fault) => Err(machine.error(lookup.as_str(), fault)),
                },
            };
            found.insert(key, record);
        }
        Ok(found)
    }

    async fn rows<R: Clone>(
        &self,
        call: Call,
        lookup: PortLookup,
        locales: &Locales,
        vars: Vars,
        asked: &[String],
        read: impl Fn(&Reader<'_>) -> Result<Option<R>, Fault>,
    ) -> Result<Rows<R>, LookupError> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let machine = &*self.machine;
        let chain = Chain::new(locales, &machine.languages);
        let plan = machine.lookup(lookup)?;
        machine
            .ask(call, plan, vars, &chain, asked, |reader, _| read(reader))
            .await
    }

    /// Lists of children. No child at all is an empty list: the systems do not tell that from an unknown parent.
    fn lists<K: Eq + Hash, C: Eq + Debug, V: Debug>(
        &self,
        lookup: PortLookup,
        keys: Vec<K>,
        rows: Rows<(C, V)>,
    ) -> ByKey<K, Vec<(C, V)>> {
        let fail = |fault| self.machine.error(lookup.as_str(), fault);
        keys.into_iter()
            .zip(rows)
            .map(|(key, rows)| {
                let list = match rows {
                    None => Ok(Vec::new()),
                    Some(Ok(rows)) => distinct(rows).map_err(fail),
                    Some(Err(error)) => Err(error),
                };
                (key, list)
            })
            .collect()
    }

    async fn children(
        &self,
        call: Call,
        locales: &Locales,
        keys: &[Option<CategoryCode>],
    ) -> Result<ByKey<Option<CategoryCode>, Vec<(CategoryCode, Arc<CategoryContent>)>>, LookupError> {
        let lookup = PortLookup::CategoryChildren;
        let codes: Vec<CategoryCode> = keys.iter().flatten().cloned().collect();
        let asked = texts(&codes, CategoryCode::as_str);
        let read = |reader: &Reader<'_>| child(reader).map(Some);
        let below = self.rows(call, lookup, locales, self.vars(locales), &asked, read);
        let roots_wanted = keys.iter().any(Option::is_none);
        // Roots have no parent to match by: the request asks for them alone, so every row is one.
        let roots = async {
            if !roots_wanted {
                return Ok(Vec::new());
            }
            let vars = self.vars(locales).with([("roots", json!(true))]);
            let chain = Chain::new(locales, &self.machine.languages);
            search::all(&self.machine, call, lookup, vars, &chain, child).await
        };
        let (below, roots) = futures_util::future::join(below, roots).await;
        let parents = codes.into_iter().map(Some).collect();
        let mut children = self.lists(lookup, parents, below?);
        if roots_wanted {
            let roots = distinct(roots?).map_err(|fault| self.machine.error(lookup.as_str(), fault))?;
            children.insert(None, Ok(roots));
        }
        Ok(children)
    }
}

fn child(reader: &Reader<'_>) -> Result<(CategoryCode, Arc<CategoryContent>), Fault> {
    let code = reader.needed("code")?;
    let category = content::category(reader, &code)?;
    Ok((CategoryCode::new(code), category))
}

fn variables(machine: &Machine, chain: &Chain) -> Vars {
    let locales = chain.theirs();
    machine
        .vars()
        .with([("locale", json!(locales.first())), ("locales", json!(locales))])
}

fn texts<K>(keys: &[K], text: impl Fn(&K) -> &str) -> Vec<String> {
    keys.iter().map(|key| text(key).to_owned()).collect()
}

/// The one record among equal ones. They are compared as written, which is slow but happens only on duplicates.
pub(crate) fn only<R: Debug>(rows: Vec<R>) -> Result<Option<R>, Fault> {
    let mut rows = rows.into_iter();
    let Some(first) = rows.next() else {
        return Ok(None);
    };
    for row in rows {
        if format!("{row:?}") != format!("{first:?}") {
            return Err(Fault::invalid_answer(
                "the answer holds two different records for one key",
            ));
        }
    }
    Ok(Some(first))
}

fn distinct<C: Eq + Debug, V: Debug>(rows: Vec<(C, V)>) -> Result<Vec<(C, V)>, Fault> {
    let mut list: Vec<(C, V)> = Vec::with_capacity(rows.len());
    for row in rows {
        match list.iter().find(|known| known.0 == row.0) {
            None => list.push(row),
            Some(known) if format!("{known:?}") == format!("{row:?}") => {}
            Some(_) => {
                return Err(Fault::invalid_answer(
                    "the answer holds two different records for one key",
                ));
            }
        }
    }
    Ok(list)
}
