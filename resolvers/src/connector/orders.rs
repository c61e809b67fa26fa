//! The orders port over a mapping: every answer is checked for its owner before it decides anything.

mod content;
mod stretch;

use std::sync::Arc;

use foldhash::HashMapExt as _;
use serde_json::{Value as Json, json};
use skuery_schema::ids::SystemName;

use crate::connector::languages::Chain;
use crate::connector::machine::{Lookup, Machine, Question};
use crate::connector::mapping::Ability;
use crate::connector::order_record;
use crate::connector::orders::stretch::Rows;
use crate::connector::reader::Reader;
use crate::connector::shipments;
use crate::connector::vars::Vars;
use crate::door::fault::Fault;
use crate::error::{ErrorKind, LookupError};
use crate::port::orders::{
    DocumentBody, DocumentKey, DocumentRecord, FulfillmentRecord, OrderAbilities, OrderList, OrderPage,
    OrderQuestion, OrderRecord, Orders, Owner, Which,
};
use crate::port::{Answer, Answers, ByKey, Call, Effort, Port, PortLookup};

/// The most orders with one number, or known to another system by one number, that are read.
const SAME_NUMBER: usize = 200;

pub(crate) struct MappedOrders {
    pub(crate) machine: Arc<Machine>,
}

impl Port for MappedOrders {
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

impl Orders for MappedOrders {
    fn order_abilities(&self) -> OrderAbilities {
        let find = |lookup| self.machine.lookups.get(&lookup);
        let past = find(PortLookup::PastOrders);
        let lists: Vec<&Lookup> = find(PortLookup::Orders).into_iter().chain(past).collect();
        // What only one of two lists can do would leave half of the orders out.
        let can = |ability| lists.iter().all(|list| list.abilities.contains(&ability));
        OrderAbilities {
            company: can(Ability::Company),
            past: past.is_some(),
            reference: can(Ability::Reference),
            fulfillments: find(PortLookup::OrderFulfillments).is_some(),
            documents: find(PortLookup::OrderDocuments).is_some(),
            document: find(PortLookup::Document).is_some(),
        }
    }

    fn orders<'a>(
        &'a self,
        call: Call,
        owner: &'a Owner,
        question: &'a OrderQuestion,
    ) -> Answer<'a, OrderPage> {
        Box::pin(self.page(call, owner, question))
    }

    fn fulfillments<'a>(
        &'a self,
        call: Call,
        owner: &'a Owner,
        keys: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<[FulfillmentRecord]>> {
        let read = |reader: &Reader<'_>| shipments::fulfillment(&self.machine, reader);
        Box::pin(self.parts(call, PortLookup::OrderFulfillments, owner, keys, read))
    }

    fn documents<'a>(
        &'a self,
        call: Call,
        owner: &'a Owner,
        keys: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<[DocumentRecord]>> {
        Box::pin(self.parts(call, PortLookup::OrderDocuments, owner, keys, shipments::document))
    }

    fn document<'a>(&'a self, call: Call, key: &'a DocumentKey) -> Answer<'a, DocumentBody> {
        Box::pin(content::open(&self.machine, call, key))
    }
}

/// What an owner asks of a list, and so what every row of the answer must be.
struct Asked<'a> {
    lookup: PortLookup,
    owner: &'a Owner,
    which: &'a Which,
}

impl MappedOrders {
    async fn page(
        &self,
        call: Call,
        owner: &Owner,
        question: &OrderQuestion,
    ) -> Result<OrderPage, LookupError> {
        let machine = &*self.machine;
        let asked = Asked {
            lookup: match question.list {
                OrderList::Orders => PortLookup::Orders,
                OrderList::Past => PortLookup::PastOrders,
            },
            owner,
            which: &question.which,
        };
        let lookup = machine.lookup(asked.lookup)?;
        asked
            .within(self.order_abilities())
            .map_err(|fault| machine.error(asked.lookup.as_str(), fault))?;
        let vars = machine.vars().with(owner_vars(owner)).with(asked.vars());
        let vars = machine.resolve(call, lookup, vars).await?;
        let question = machine.question(lookup, &vars)?;
        let rows = match asked.which {
            Which::Placed { offset, limit, .. } => {
                stretch::rows(machine, call, lookup, question, &vars, (*offset, *limit)).await?
            }
            Which::Number(_) | Which::Reference(_) => Rows {
                pages: machine.pages(call, lookup, question, &vars, 1).await?,
                skip: 0,
                limit: usize::MAX,
            },
        };
        asked
            .read(machine, question, &vars, &rows)
            .map_err(|fault| machine.error(asked.lookup.as_str(), fault))
    }

    /// What belongs to orders by number, and is asked for apart.
    async fn parts<R: Clone + PartialEq>(
        &self,
        call: Call,
        lookup: PortLookup,
        owner: &Owner,
        keys: &[Arc<str>],
        read: impl Fn(&Reader<'_>) -> Result<Option<R>, Fault>,
    ) -> Result<ByKey<Arc<str>, Arc<[R]>>, LookupError> {
        let machine = &*self.machine;
        if keys.is_empty() {
            return Ok(ByKey::default());
        }
        let asked: Vec<String> = keys.iter().map(|number| number.to_string()).collect();
        let vars = machine.vars().with(owner_vars(owner));
        let owned = |reader: &Reader<'_>, _: &str| {
            let (name, _) = owner_field(owner);
            if reader.has(name) && !order_record::is_of(reader, owner)? {
                machine.foreign_row(lookup.as_str());
                return Ok(None);
            }
            read(reader)
        };
        let plan = machine.lookup(lookup)?;
        let rows = machine
            .ask(call, plan, vars, &Chain::default(), &asked, owned)
            .await?;
        let mut found = ByKey::with_capacity(keys.len());
        for (number, rows) in keys.iter().zip(rows) {
            let parts = match rows {
                None => continue,
                Some(Ok(rows)) => distinct(rows)
                    .map(Arc::from)
                    .map_err(|fault| machine.error(lookup.as_str(), fault)),
                Some(Err(error)) => Err(error),
            };
            if !parts.as_ref().is_ok_and(|parts: &Arc<[R]>| parts.is_empty()) {
                found.insert(Arc::clone(number), parts);
            }
        }
        Ok(found)
    }
}

impl Asked<'_> {
    /// Refuses what the mapping does not say it can: its answer would be to another question.
    fn within(&self, abilities: OrderAbilities) -> Result<(), Fault> {
        let unsupported = match (self.owner, self.which) {
            (Owner::Company(_), _) if !abilities.company => "orders of a company",
            (_, Which::Reference(_)) if !abilities.reference => "orders by another system's number",
            _ => return Ok(()),
        };
        Err(Fault::new(
            ErrorKind::Unsupported,
            format!("the connector does not serve {unsupported}"),
        ))
    }

    fn vars(&self) -> Vec<(&'static str, Json)> {
        let day =
            |moment: &jiff::Timestamp| json!(moment.to_zoned(jiff::tz::TimeZone::UTC).date().to_string());
        match self.which {
            Which::Number(number) => vec![("number", json!(number))],
            Which::Reference(reference) => vec![("reference", json!(reference))],
            Which::Placed { since, until, .. } => {
                let mut vars = Vec::with_capacity(4);
                if let Some(since) = since {
                    vars.push(("since", json!(since.to_string())));
                    vars.push(("since_day", day(since)));
                }
                if let Some(until) = until {
                    vars.push(("until", json!(until.to_string())));
                    vars.push(("until_day", day(until)));
                }
                vars
            }
        }
    }

    /// The orders among the rows. A row that cannot be read fails the page: a list with a silent gap is worse.
    fn read(
        &self,
        machine: &Machine,
        question: &Question,
        vars: &Vars,
        rows: &Rows,
    ) -> Result<OrderPage, Fault> {
        let rows = rows.items(&question.answer)?;
        if !matches!(self.which, Which::Placed { .. }) && rows.len() > SAME_NUMBER {
            let words = format!("more than {SAME_NUMBER} orders of one number");
            return Err(Fault::invalid_answer(words));
        }
        let constants = question.answer.constants(vars)?;
        let chain = Chain::default();
        let mut page = OrderPage {
            orders: Vec::with_capacity(rows.len()),
            seen: rows.len(),
        };
        let mut foreign = 0;
        for (row, count) in rows.iter().zip(1_u32..) {
            let reader = question.answer.reader(row.node(), row.node(), &constants, &chain);
            let unreadable = |fault: Fault| fault.at(&format!("order {count} of the page")).of_the_whole();
            if !order_record::is_of(&reader, self.owner).map_err(unreadable)? {
                foreign += 1;
                continue;
            }
            let Some(order) = order_record::order(machine, &reader).map_err(unreadable)? else {
                continue;
            };
            if !self.wants(&order) {
                foreign += 1;
                continue;
            }
            if self.is_within(&order, reader.is_day("placed_at"))
                && !page.orders.iter().any(|known| **known == order)
            {
                page.orders.push(Arc::new(order));
            }
        }
        if foreign > 0 {
            machine.foreign_rows(self.lookup.as_str(), foreign);
        }
        self.in_order(page)
    }

    /// Whether it is an order of the number asked for.
    fn wants(&self, order: &OrderRecord) -> bool {
        match self.which {
            Which::Number(number) => order.number == *number,
            Which::Reference(reference) => order.references.contains(reference),
            Which::Placed { .. } => true,
        }
    }

    /// Whether it lies in the stretch. Where only the day is known, the day decides.
    fn is_within(&self, order: &OrderRecord, is_day: bool) -> bool {
        let Which::Placed { since, until, .. } = self.which else {
            return true;
        };
        let day = |moment: jiff::Timestamp| moment.to_zoned(jiff::tz::TimeZone::UTC).date();
        let not_before = since.is_none_or(|since| match is_day {
            true => day(order.placed_at) >= day(since),
            false => order.placed_at >= since,
        });
        not_before && until.is_none_or(|until| order.placed_at <= until)
    }

    /// Pages are put together by time, so one in another order would lose orders without a word.
    fn in_order(&self, page: OrderPage) -> Result<OrderPage, Fault> {
        let is_stretch = matches!(self.which, Which::Placed { .. });
        if is_stretch && !page.orders.is_sorted_by(|a, b| a.placed_at >= b.placed_at) {
            return Err(Fault::invalid_answer(
                "the orders are not sorted by `placed_at`, newest first",
            ));
        }
        Ok(page)
    }
}

/// Equal ones are one; two different ones of one number stay, since only the system knows what they mean.
fn distinct<R: PartialEq>(rows: Vec<R>) -> Result<Vec<R>, Fault> {
    let mut settled: Vec<R> = Vec::with_capacity(rows.len());
    for row in rows {
        if !settled.contains(&row) {
            settled.push(row);
        }
    }
    if settled.len() > shipments::MOST {
        return Err(Fault::invalid_answer(format!(
            "more than {} of one order",
            shipments::MOST
        )));
    }
    Ok(settled)
}

/// The variable, and the value of a row, that tell an owner.
fn owner_field(owner: &Owner) -> (&'static str, &str) {
    match owner {
        Owner::Customer(number) => ("customer", number.as_str()),
        Owner::Company(number) => ("company", number.as_str()),
    }
}

fn owner_vars(owner: &Owner) -> [(&'static str, Json); 1] {
    let (name, number) = owner_field(owner);
    [(name, json!(number))]
}
