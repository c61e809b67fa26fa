//! One order by number or global ID.
//!
//! Every system is asked the same, with the owner in the question, whatever the number is: an order that does not exist,
//! one of somebody else, and a system that does not exist cost the same calls and give the same answer. Only an order that
//! was found is asked for once more, for its copies.

use std::sync::Arc;
use std::time::Duration;

use skuery_schema::error::FieldError;
use skuery_schema::input::Input;
use skuery_schema::node_id::NodeId;
use skuery_schema::order::Order;

use crate::commerce::order_sources::scoped;
use crate::commerce::orders::join::{join, references};
use crate::commerce::orders::merge::MergeSource;
use crate::commerce::orders::position::Known;
use crate::commerce::questions::Found;
use crate::commerce::request::orders::OrdersStep;
use crate::commerce::request::{CommerceRequest, Next, no_system};
use crate::engine::{Answer, Ask};
use crate::loader::Want;
use crate::port::orders::{OrderPage, OrderQuestion, OrderRecord, Owner, Which};

/// The most orders that one request may ask for by number: each costs a call of every list.
pub(crate) const MOST_SEARCHES: usize = 25;
/// The most questions for copies of one order.
const MOST_COPIES: usize = 24;

/// What is looked for.
#[derive(Clone, Debug)]
struct Sought {
    /// By ID: the system whose number it is. It need not exist.
    system: Option<Arc<str>>,
    number: Arc<str>,
}

/// An order being looked for.
pub(super) struct OrderSearch {
    sought: Sought,
    owner: Owner,
    want: Want,
    sources: Vec<MergeSource>,
    done: Vec<(usize, Which)>,
    asked: Vec<(usize, Which, Found<Arc<OrderPage>>)>,
    known: Vec<Known>,
    failure: Option<FieldError>,
    asks_for_copies: bool,
}

/// Objects by ID, of which some are orders.
pub(super) struct NodesStep(pub(super) Vec<Slot>);

pub(super) enum Slot {
    Ready(Answer),
    Order(Box<OrderSearch>),
}

impl OrderSearch {
    pub(super) fn waits(&self) -> bool {
        self.asked.iter().any(|(_, _, found)| found.waits())
    }
}

impl NodesStep {
    pub(super) fn waits(&self) -> bool {
        self.0.iter().any(|slot| match slot {
            Slot::Ready(_) => false,
            Slot::Order(search) => search.waits(),
        })
    }
}

impl CommerceRequest<'_> {
    pub(super) fn order_by(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let by = ask.args.get(0);
        let key = |name| by.and_then(|by| by.field(name)).and_then(Input::as_text).cloned();
        let id = key("id").map(|id| NodeId::decode(&id).filter(|id| id.type_name == "Order"));
        let sought = match (id, key("number")) {
            (Some(id), _) => id.and_then(|id| Sought::of_key(&id.key)),
            (None, number) => number.map(|number| Sought { system: None, number }),
        };
        self.search(sought, Want::default())
    }

    /// An order of this number that has been placed just now: what is kept of the buyer's orders cannot have it.
    pub(super) fn order_just_placed(&mut self, number: Arc<str>) -> Result<Next, FieldError> {
        let past_the_cache = Want {
            max_age: Some(Duration::ZERO),
        };
        self.search(Some(Sought { system: None, number }), past_the_cache)
    }

    /// The order with this key of a global ID; a key that no ID has is nothing to anybody.
    pub(super) fn order_by_key(&mut self, key: &str) -> Result<Next, FieldError> {
        match Sought::of_key(key) {
            None => Ok(Answer::Null.into()),
            sought => self.search(sought, Want::default()),
        }
    }

    fn search(&mut self, sought: Option<Sought>, want: Want) -> Result<Next, FieldError> {
        let owner = self.owner()?;
        let loaders = &self.gateway.loaders().orders;
        if loaders.systems.is_empty() {
            return Err(no_system("ORDERS"));
        }
        let Some(sought) = sought else {
            return Ok(Answer::Null.into());
        };
        let sources = loaders.sources(&owner);
        if sources.is_empty() {
            let message = "order: no connected system can list the orders of a company";
            return Err(FieldError::bad_input(message));
        }
        self.orders.searches += 1;
        if self.orders.searches > MOST_SEARCHES {
            let message = format!("more than {MOST_SEARCHES} orders by number in one request");
            return Err(FieldError::bad_input(message));
        }
        let mut questions = Vec::new();
        for (source, MergeSource { system, .. }) in sources.iter().enumerate() {
            questions.push((source, Which::Number(sought.number.clone())));
            if loaders.systems[*system].abilities.reference {
                questions.push((source, Which::Reference(sought.number.clone())));
            }
        }
        let mut search = OrderSearch {
            sought,
            owner,
            want,
            sources,
            done: Vec::new(),
            asked: Vec::new(),
            known: Vec::new(),
            failure: None,
            asks_for_copies: false,
        };
        self.send(&mut search, questions);
        Ok(OrdersStep::By(Box::new(search)).into())
    }

    fn send(&mut self, search: &mut OrderSearch, questions: Vec<(usize, Which)>) {
        let scoped = scoped(&search.owner);
        for (source, which) in questions {
            let MergeSource { system, list, .. } = search.sources[source];
            let question = OrderQuestion {
                list,
                which: which.clone(),
            };
            let found = self.orders.ask(&scoped, system, &question, search.want);
            search.done.push((source, which.clone()));
            search.asked.push((source, which, found));
        }
    }

    pub(super) fn go_on_order_by(&mut self, mut search: Box<OrderSearch>) -> Result<Next, FieldError> {
        self.collect(&mut search);
        if !search.asks_for_copies {
            search.asks_for_copies = true;
            let questions = self.copies(&search);
            if !questions.is_empty() {
                self.send(&mut search, questions);
                return Ok(OrdersStep::By(search).into());
            }
        }
        self.found_order(*search).map(Into::into)
    }

    pub(super) fn go_on_nodes(&mut self, nodes: NodesStep) -> Result<Next, FieldError> {
        let mut slots = Vec::with_capacity(nodes.0.len());
        for slot in nodes.0 {
            slots.push(match slot {
                Slot::Ready(answer) => Slot::Ready(answer),
                Slot::Order(search) => {
                    let next = self.go_on_order_by(search);
                    self.slot(next)
                }
            });
        }
        self.go_on_ready_nodes(slots)
    }

    /// The list, unless an order in it has still to be asked for.
    pub(super) fn go_on_ready_nodes(&self, slots: Vec<Slot>) -> Result<Next, FieldError> {
        if slots.iter().all(|slot| matches!(slot, Slot::Ready(_))) {
            let answers = slots.into_iter().map(|slot| match slot {
                Slot::Ready(answer) => answer,
                Slot::Order(_) => Answer::Null,
            });
            return Ok(Answer::List(answers.collect()).into());
        }
        Ok(OrdersStep::Nodes(NodesStep(slots)).into())
    }

    fn collect(&mut self, search: &mut OrderSearch) {
        for (source, which, found) in std::mem::take(&mut search.asked) {
            let MergeSource { system, list, .. } = search.sources[source];
            let page = match self.orders.answer(system, list, found) {
                Ok(page) => page,
                Err(error) => {
                    search.failure.get_or_insert(error);
                    continue;
                }
            };
            let orders = page.iter().flat_map(|page| &page.orders);
            for record in orders.filter(|record| answers(record, &which)) {
                let known = Known::new(source, record.clone());
                let is_known = |other: &Known| other.source == source && other.record == known.record;
                if !search.known.iter().any(is_known) {
                    search.known.push(known);
                }
            }
        }
    }

    /// What to ask for the copies of what was found, that has not been asked.
    fn copies(&self, search: &OrderSearch) -> Vec<(usize, Which)> {
        let loaders = &self.gateway.loaders().orders;
        let mut questions: Vec<(usize, Which)> = Vec::new();
        let mut add = |source, which| {
            let question = (source, which);
            if !search.done.contains(&question) && !questions.contains(&question) {
                questions.push(question);
            }
        };
        for known in search.known.iter().filter(|known| search.is_sought(known)) {
            let own = search.sources[known.source].system;
            for (source, MergeSource { system, .. }) in search.sources.iter().enumerate() {
                if *system == own {
                    add(source, Which::Number(known.record.number.clone()));
                    continue;
                }
                let able = loaders.systems[*system].abilities.reference;
                for reference in references(&known.record) {
                    add(source, Which::Number(reference.into()));
                    if able {
                        add(source, Which::Reference(reference.into()));
                    }
                }
                if able {
                    add(source, Which::Reference(known.record.number.clone()));
                }
            }
        }
        questions.truncate(MOST_COPIES);
        questions
    }

    fn found_order(&self, search: OrderSearch) -> Result<Answer, FieldError> {
        let order = search.order(self);
        match (order, search.failure) {
            (Some(order), None) => Ok(Answer::object(order)),
            // What the failed system knows of it is missing.
            (Some(order), Some(error)) => Ok(Answer::Flawed(Arc::new((Answer::object(order), error)))),
            (None, Some(error)) => Err(error),
            (None, None) => Ok(Answer::Null),
        }
    }

    /// What a step comes to, as one of several.
    pub(super) fn slot(&mut self, next: Result<Next, FieldError>) -> Slot {
        let mut next = next;
        loop {
            match next {
                Err(error) => return Slot::Ready(Answer::Error(error)),
                Ok(Next::Done(answer)) => return Slot::Ready(answer),
                Ok(Next::Then(super::Step::Orders(OrdersStep::By(search)))) if search.waits() => {
                    return Slot::Order(search);
                }
                Ok(Next::Then(step)) => next = self.go_on(step),
            }
        }
    }
}

impl OrderSearch {
    /// Whether a record is what is looked for, or refers to it.
    fn is_sought(&self, known: &Known) -> bool {
        let Sought { system, number } = &self.sought;
        let name = self.sources[known.source].name.as_str();
        let is_own = known.record.number == *number;
        match system.as_deref() {
            None => is_own || refers_to(&known.record, number),
            Some(system) if system == name => is_own,
            Some(_) => refers_to(&known.record, number),
        }
    }

    fn order(&self, request: &CommerceRequest<'_>) -> Option<Order> {
        let loaders = &request.gateway.loaders().orders;
        let system_of = |source: usize| self.sources[source].system;
        let groups = join(&self.known, system_of, loaders.join_window);
        let members = |group: &[usize]| -> Vec<Known> {
            group.iter().map(|index| self.known[*index].clone()).collect()
        };
        // Two orders may have the same number in different systems: the one whose own number it is comes first, then the
        // one of the system that comes first, then the newest.
        let best = |group: &[usize]| {
            let sought = group.iter().map(|index| &self.known[*index]);
            sought
                .filter(|known| self.is_sought(known))
                .map(|known| {
                    let refers = known.record.number != self.sought.number;
                    (refers, known.source, std::cmp::Reverse(known.record.placed_at))
                })
                .min()
        };
        let found = groups
            .iter()
            .filter_map(|group| Some((best(group)?, group)))
            .min_by_key(|(rank, _)| *rank);
        let (_, group) = found?;
        Some(loaders.assembly.order(&members(group), &self.sources))
    }
}

impl Sought {
    /// The key of a global ID: see `Order::key`.
    fn of_key(key: &str) -> Option<Self> {
        let (system, number) = key.split_once('/')?;
        Some(Self {
            system: Some(system.into()),
            number: number.into(),
        })
    }
}

fn refers_to(record: &OrderRecord, number: &str) -> bool {
    references(record).any(|reference| reference == number)
}

/// Whether a record is what was asked for: a system that finds parts of numbers must not open another order.
fn answers(record: &OrderRecord, which: &Which) -> bool {
    match which {
        Which::Number(number) => record.number == *number,
        Which::Reference(number) => refers_to(record, number),
        Which::Placed { .. } => true,
    }
}
