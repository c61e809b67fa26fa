//! Orders of all systems: whose they are, and a page of them. How they are merged is told in `commerce::orders`.

use std::sync::Arc;

use futures_util::future::{join, join_all};
use skuery_schema::error::{ErrorCode, FieldError};
use skuery_schema::listing::PageInfo;
use skuery_schema::lookup;
use skuery_schema::order::{OrderConnection, OrderEdge, OrderSource};
use tokio::time::Instant;

use crate::commerce::errors::field_error;
use crate::commerce::order_sources::{
    DocumentSource, FulfillmentSource, OrderLoaders, OrderSource as ListSource, scoped,
};
use crate::commerce::orders::cursor::Mark;
use crate::commerce::orders::filter::OrderFilter;
use crate::commerce::orders::merge::{Merge, MergeSource, Merged};
use crate::commerce::orders::page::MergedPage;
use crate::commerce::orders::window::Window;
use crate::commerce::questions::{Found, Notes, Questions};
use crate::commerce::request::order_by::{NodesStep, OrderSearch};
use crate::commerce::request::order_parts::PartsStep;
use crate::commerce::request::{CommerceRequest, Next, Step, no_system, outcome};
use crate::engine::{Answer, Ask};
use crate::loader::{Scoped, Want};
use crate::port::orders::{OrderList, OrderPage, OrderQuestion, Owner};

/// The most lists of orders in one request.
pub(crate) const MOST_PAGES: usize = 10;

/// The wave's questions for orders, by system in order of precedence.
pub(super) struct OrderQuestions<'g> {
    pub(super) systems: Vec<SystemQuestions<'g>>,
    /// How many lists this request has asked for.
    pages: usize,
    /// How many orders this request has asked for by number.
    pub(super) searches: usize,
}

/// The questions for one system.
pub(super) struct SystemQuestions<'g> {
    pub(super) lists: Vec<Questions<'g, ListSource>>,
    pub(super) fulfillments: Option<Questions<'g, FulfillmentSource>>,
    pub(super) documents: Option<Questions<'g, DocumentSource>>,
}

pub(super) enum OrdersStep {
    Page(Box<PageOfOrders>),
    By(Box<OrderSearch>),
    Nodes(NodesStep),
    Parts(PartsStep),
}

/// A page being put together.
pub(super) struct PageOfOrders {
    owner: Owner,
    question: String,
    sources: Arc<[MergeSource]>,
    merge: Merge,
    asked: Vec<(usize, Found<Arc<OrderPage>>)>,
    /// How many orders of each source the page may still read. Each page has its own, so that what it shows does not hang
    /// on what else is asked, or on what is kept.
    left: Vec<usize>,
}

impl OrdersStep {
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Page(page) => page.asked.iter().any(|(_, found)| found.waits()),
            Self::By(search) => search.waits(),
            Self::Nodes(nodes) => nodes.waits(),
            Self::Parts(parts) => parts.waits(),
        }
    }
}

impl From<OrdersStep> for Next {
    fn from(step: OrdersStep) -> Self {
        Self::Then(Step::Orders(step))
    }
}

impl<'g> OrderQuestions<'g> {
    pub(super) fn new(loaders: &'g OrderLoaders, now: Instant, notes: &Notes) -> Self {
        let systems = loaders.systems.iter().map(|system| SystemQuestions {
            lists: system
                .lists
                .iter()
                .map(|list| Questions::new(&list.loader, now, notes))
                .collect(),
            fulfillments: system
                .fulfillments
                .as_ref()
                .map(|loader| Questions::new(loader, now, notes)),
            documents: system
                .documents
                .as_ref()
                .map(|loader| Questions::new(loader, now, notes)),
        });
        Self {
            systems: systems.collect(),
            pages: 0,
            searches: 0,
        }
    }

    pub(super) async fn wave(&mut self, deadline: Instant) {
        join_all(self.systems.iter_mut().map(|system| system.wave(deadline))).await;
    }

    /// Asks one list of a system. Lists stand in the order of `OrderList`.
    pub(super) fn ask(
        &mut self,
        scoped: &Scoped<Owner>,
        system: usize,
        question: &OrderQuestion,
        want: Want,
    ) -> Found<Arc<OrderPage>> {
        self.systems[system].lists[question.list as usize].ask(scoped, question, want)
    }

    /// What a list answered; a question that it cannot know is answered by nothing.
    pub(super) fn answer(
        &self,
        system: usize,
        list: OrderList,
        found: Found<Arc<OrderPage>>,
    ) -> Result<Option<Arc<OrderPage>>, FieldError> {
        match outcome(&self.systems[system].lists[list as usize], found) {
            Ok(loaded) => Ok(loaded.map(|loaded| loaded.value)),
            Err(error) => Err(field_error(&error)),
        }
    }
}

impl SystemQuestions<'_> {
    async fn wave(&mut self, deadline: Instant) {
        let lists = join_all(self.lists.iter_mut().map(|list| list.wave(deadline)));
        let fulfillments = async {
            if let Some(fulfillments) = &mut self.fulfillments {
                fulfillments.wave(deadline).await;
            }
        };
        let documents = async {
            if let Some(documents) = &mut self.documents {
                documents.wave(deadline).await;
            }
        };
        join(lists, join(fulfillments, documents)).await;
    }
}

impl CommerceRequest<'_> {
    pub(super) fn ask_orders(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        match ask.lookup {
            lookup::ORDERS => self.orders(ask),
            lookup::ORDER_BY => self.order_by(ask),
            _ => self.order_parts(ask),
        }
    }

    pub(super) fn go_on_orders(&mut self, step: OrdersStep) -> Result<Next, FieldError> {
        match step {
            OrdersStep::Page(page) => Ok(self.go_on_page_of_orders(page)),
            OrdersStep::By(search) => self.go_on_order_by(search),
            OrdersStep::Nodes(nodes) => self.go_on_nodes(nodes),
            OrdersStep::Parts(parts) => Ok(self.found_parts(parts).into()),
        }
    }

    /// Whose orders the request may see. It follows from the identity alone.
    pub(super) fn owner(&self) -> Result<Owner, FieldError> {
        let refuse = |code, message: &str| FieldError {
            code,
            message: message.into(),
            system: None,
            retryable: false,
        };
        let Some(identity) = &self.context.identity else {
            let message = "orders are only for those who have signed in";
            return Err(refuse(ErrorCode::Unauthenticated, message));
        };
        let company = identity.company.clone().filter(|_| identity.permissions.approver);
        match (company, identity.customer.clone()) {
            (Some(company), _) => Ok(Owner::Company(company)),
            (None, Some(customer)) => Ok(Owner::Customer(customer)),
            (None, None) if identity.permissions.staff => Err(refuse(
                ErrorCode::Forbidden,
                "staff see the orders of the customer they act for: name it with `X-Act-As`",
            )),
            (None, None) => Err(refuse(
                ErrorCode::Forbidden,
                "this identity is not a customer's, so it has no orders",
            )),
        }
    }

    // ------------------------------------------------------------ a page

    fn orders(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let owner = self.owner()?;
        let loaders = &self.gateway.loaders().orders;
        if loaders.systems.is_empty() {
            return Err(no_system("ORDERS"));
        }
        let filter = OrderFilter::read(ask.args.get(0))?;
        let question = format!("orders {owner:?} {filter:?}");
        let cursors = self.gateway.cursors();
        let open = |cursor: &str| Mark::read(&cursors.open(&question, cursor)?);
        let window = Window::read(ask.args, 1, self.gateway.limits().page, open)?;
        let sources: Arc<[MergeSource]> = loaders.sources(&owner).into();
        self.orders.pages += 1;
        if self.orders.pages > MOST_PAGES {
            let message = format!("orders: at most {MOST_PAGES} lists in one request");
            return Err(FieldError {
                code: ErrorCode::QueryTooComplex,
                ..FieldError::bad_input(message)
            });
        }
        let left = vec![self.gateway.limits().scan_orders; sources.len()];
        let merged = Merged {
            sources: sources.clone(),
            join_window: loaders.join_window,
            assembly: loaders.assembly.clone(),
            filter,
            now: self.context.now,
        };
        let page = PageOfOrders {
            owner,
            question,
            sources,
            merge: Merge::new(merged, window),
            asked: Vec::new(),
            left,
        };
        Ok(self.go_on_page_of_orders(Box::new(page)))
    }

    fn go_on_page_of_orders(&mut self, mut page: Box<PageOfOrders>) -> Next {
        let orders = &mut self.orders;
        for (source, found) in std::mem::take(&mut page.asked) {
            let MergeSource { system, list, .. } = page.sources[source];
            let answer = orders.answer(system, list, found);
            let answer = answer.as_ref().map(Option::as_deref).map_err(Clone::clone);
            page.merge.take(source, answer, &mut page.left);
        }
        let scoped = scoped(&page.owner);
        for (source, which) in page.merge.questions(&mut page.left) {
            let MergeSource { system, list, .. } = page.sources[source];
            let question = OrderQuestion { list, which };
            let found = orders.ask(&scoped, system, &question, Want::default());
            page.asked.push((source, found));
        }
        match page.asked.is_empty() {
            true => self.connection(*page).into(),
            false => OrdersStep::Page(page).into(),
        }
    }

    fn connection(&self, page: PageOfOrders) -> Answer {
        let PageOfOrders {
            owner,
            question,
            sources,
            merge,
            ..
        } = page;
        let page = merge.page();
        let failure = nothing_answered(&page);
        let sources = self.sources(&owner, &sources, &page);
        let cursors = self.gateway.cursors();
        let edges: Vec<OrderEdge> = page
            .edges
            .into_iter()
            .map(|edge| OrderEdge {
                cursor: cursors.seal(&question, &edge.mark.write()).into(),
                node: edge.order,
            })
            .collect();
        let connection = Answer::object(OrderConnection {
            page_info: PageInfo {
                has_next_page: page.has_next,
                has_previous_page: page.has_previous,
                start_cursor: edges.first().map(|edge| edge.cursor.clone()),
                end_cursor: edges.last().map(|edge| edge.cursor.clone()),
            },
            edges,
            sources,
        });
        match failure {
            Some(error) => Answer::Flawed(Arc::new((connection, error))),
            None => connection,
        }
    }

    /// Every system with orders, and whether it answered; one of two lists missing is an answer missing.
    fn sources(&self, owner: &Owner, sources: &[MergeSource], page: &MergedPage) -> Vec<OrderSource> {
        let systems = self.gateway.loaders().orders.systems.iter().enumerate();
        let of_system = |number: usize| {
            let own = sources.iter().enumerate();
            own.filter(move |(_, source)| source.system == number)
                .map(|(index, _)| index)
        };
        systems
            .map(|(number, system)| {
                let failure = of_system(number).find_map(|source| page.failures[source].as_ref());
                let read = of_system(number).filter_map(|source| page.cut[source]).min();
                let (answered, error) = match (failure, read) {
                    (Some(error), _) => (false, Some(error.message.clone())),
                    (None, Some(read)) => {
                        let message = format!("only its newest {read} orders were read");
                        (true, Some(message.into()))
                    }
                    (None, None) => match system.can_list(owner) {
                        true => (true, None),
                        false => {
                            let message = format!("{} cannot list the orders of a company", system.name);
                            (false, Some(message.into()))
                        }
                    },
                };
                OrderSource {
                    system: system.name.clone(),
                    answered,
                    error,
                }
            })
            .collect()
    }
}

/// The error beside an empty list, when it is empty because nobody answered.
fn nothing_answered(page: &MergedPage) -> Option<FieldError> {
    if page.failures.is_empty() {
        let message = "orders: no connected system can list the orders of a company";
        return Some(FieldError::bad_input(message));
    }
    let all_failed = page.failures.iter().all(Option::is_some);
    page.failures[0].clone().filter(|_| all_failed)
}
