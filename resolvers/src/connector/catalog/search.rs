//! A page of matches: systems that take any offset, and systems that count whole pages.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use skuery_schema::catalog::ProductContent;
use skuery_schema::ids::ProductCode;

use super::variables;
use crate::connector::content;
use crate::connector::document::Document;
use crate::connector::languages::Chain;
use crate::connector::machine::{Lookup, Machine, Question};
use crate::connector::mapping::Ability;
use crate::connector::node::{self, Node};
use crate::connector::reader::Reader;
use crate::connector::vars::Vars;
use crate::door::fault::Fault;
use crate::error::LookupError;
use crate::port::{Call, Locales, PortLookup, Search, SearchAbilities, SearchPage};

const OPERATION: &str = "search";

type Found = (ProductCode, Arc<ProductContent>);

pub(super) async fn page(
    machine: &Machine,
    call: Call,
    locales: &Locales,
    search: &Search,
) -> Result<SearchPage, LookupError> {
    let lookup = machine.lookup(PortLookup::Search)?;
    let chain = Chain::new(locales, &machine.languages);
    let vars = variables(machine, &chain).with([("search", question(search))]);
    let vars = machine.resolve(call, lookup, vars).await?;
    let question = machine.question(lookup, &vars)?;
    let asked = async {
        if question.answer.paging.whole_pages {
            whole_pages(machine, call, question, &vars, &chain, search).await
        } else {
            from_offset(machine, call, question, &vars, &chain, search).await
        }
    };
    let (page, counted) =
        futures_util::future::join(asked, count(machine, call, lookup, &vars, search)).await;
    let mut page = page?;
    page.total = counted?.or(page.total);
    Ok(page)
}

pub(super) fn abilities(machine: &Machine) -> SearchAbilities {
    let Ok(lookup) = machine.lookup(PortLookup::Search) else {
        return SearchAbilities::default();
    };
    let can = |ability| lookup.abilities.contains(&ability);
    SearchAbilities {
        search: true,
        text: can(Ability::Text),
        categories: can(Ability::Categories),
        brands: can(Ability::Brands),
        attributes: can(Ability::Attributes),
        updated_since: can(Ability::UpdatedSince),
        count: can(Ability::Count),
        more_needs_count: can(Ability::Count)
            && lookup
                .questions
                .iter()
                .any(|question| question.answer.paging.whole_pages),
    }
}

/// All records of a question that has no keys.
pub(super) async fn all<R>(
    machine: &Machine,
    call: Call,
    lookup: PortLookup,
    vars: Vars,
    chain: &Chain,
    read: impl Fn(&Reader<'_>) -> Result<R, Fault>,
) -> Result<Vec<R>, LookupError> {
    let plan = machine.lookup(lookup)?;
    let vars = machine.resolve(call, plan, vars).await?;
    let question = machine.question(plan, &vars)?;
    let pages = machine.pages(call, plan, question, &vars, 1).await?;
    let mut records = Vec::new();
    for page in &pages {
        let found = rows(question, page, &vars, chain, &read);
        records.extend(found.map_err(|fault| machine.error(lookup.as_str(), fault))?);
    }
    Ok(records)
}

fn question(search: &Search) -> Json {
    let attributes: Vec<Json> = search
        .attributes
        .iter()
        .map(|condition| {
            json!({
                "code": condition.code,
                "one_of": condition.one_of,
                "min": condition.min.map(|min| min.to_string()),
                "max": condition.max.map(|max| max.to_string()),
            })
        })
        .collect();
    json!({
        "text": search.text,
        "categories": search.categories,
        "brands": search.brands,
        "attributes": attributes,
        "updated_since": search.updated_since.map(|since| since.to_string()),
        "count": search.count,
    })
}

/// One row more than wanted tells whether more follow.
async fn from_offset(
    machine: &Machine,
    call: Call,
    question: &Question,
    vars: &Vars,
    chain: &Chain,
    search: &Search,
) -> Result<SearchPage, LookupError> {
    let paging = json!({"offset": search.offset, "limit": search.limit + 1, "page": 1});
    let vars = vars.with([("paging", paging)]);
    let answer = machine.one(call, OPERATION, 1, &question.request, &vars).await?;
    let mut products = products(machine, question, &answer, &vars, chain)?;
    let more = products.len() > search.limit;
    products.truncate(search.limit);
    Ok(SearchPage {
        products,
        more,
        total: total(machine, question, &answer, search)?,
    })
}

/// Where the system counts pages, an offset between two of them needs both.
async fn whole_pages(
    machine: &Machine,
    call: Call,
    question: &Question,
    vars: &Vars,
    chain: &Chain,
    search: &Search,
) -> Result<SearchPage, LookupError> {
    let limit = search.limit.max(1);
    let skip = search.offset % limit;
    let first = search.offset / limit;
    let count = if skip == 0 { 1 } else { 2 };
    let asked = (first..first + count).map(|page| {
        let paging = json!({"page": page + 1, "offset": page * limit, "limit": limit});
        let vars = vars.with([("paging", paging)]);
        async move { machine.one(call, OPERATION, 1, &question.request, &vars).await }
    });
    let answers: Vec<Document> = futures_util::future::try_join_all(asked).await?;
    let mut found = Vec::new();
    for answer in &answers {
        found.extend(products(machine, question, answer, vars, chain)?);
    }
    let last_is_followed = match (&question.answer.paging.next, answers.last()) {
        (Some(next), Some(last)) => next.find(last.root()).is_some_and(|next| !next.node().is_null()),
        _ => found.len() == limit * count,
    };
    let mut wanted: Vec<Found> = found.into_iter().skip(skip).collect();
    let more = wanted.len() > search.limit || last_is_followed;
    wanted.truncate(search.limit);
    let total = match answers.first() {
        Some(answer) => total(machine, question, answer, search)?,
        None => None,
    };
    Ok(SearchPage {
        products: wanted,
        more,
        total,
    })
}

fn products(
    machine: &Machine,
    question: &Question,
    answer: &Document,
    vars: &Vars,
    chain: &Chain,
) -> Result<Vec<Found>, LookupError> {
    let read = |reader: &Reader<'_>| {
        let code = question.answer.key(reader.row, chain)?;
        let code = code.ok_or_else(|| Fault::invalid_answer("a match has no code"))?;
        let product = content::product(reader, &code)?;
        Ok((ProductCode::new(&*code), product))
    };
    rows(question, answer, vars, chain, &read).map_err(|fault| machine.error(OPERATION, fault))
}

fn rows<R>(
    question: &Question,
    page: &Document,
    vars: &Vars,
    chain: &Chain,
    read: &impl Fn(&Reader<'_>) -> Result<R, Fault>,
) -> Result<Vec<R>, Fault> {
    let items = question.answer.items(page.root())?;
    let constants = question.answer.constants(vars)?;
    items
        .iter()
        .map(|item| {
            read(
                &question
                    .answer
                    .reader(item.node(), item.node(), &constants, chain),
            )
        })
        .collect()
}

fn total(
    machine: &Machine,
    question: &Question,
    answer: &Document,
    search: &Search,
) -> Result<Option<u64>, LookupError> {
    let Some(path) = question.answer.total.as_ref().filter(|_| search.count) else {
        return Ok(None);
    };
    number(path.find(answer.root()).as_ref().map(node::Found::node))
        .map_err(|fault| machine.error(OPERATION, fault))
}

async fn count(
    machine: &Machine,
    call: Call,
    lookup: &Lookup,
    vars: &Vars,
    search: &Search,
) -> Result<Option<u64>, LookupError> {
    let Some((request, path)) = lookup.count.as_ref().filter(|_| search.count) else {
        return Ok(None);
    };
    let answer = machine.one(call, OPERATION, 1, request, vars).await?;
    number(path.find(answer.root()).as_ref().map(node::Found::node))
        .map_err(|fault| machine.error(OPERATION, fault))
}

fn number(found: Option<Node<'_>>) -> Result<Option<u64>, Fault> {
    match found.filter(|found| !found.is_null()) {
        None => Ok(None),
        Some(number) => number
            .as_u64()
            .map(Some)
            .ok_or_else(|| Fault::invalid_answer("the number of matches is no number")),
    }
}
