//! One request's resolvers: what each lookup of the schema asks of which loader, and how its answer is put together.

mod account;
mod catalog;
mod changes;
mod checkout;
mod live;
mod order_by;
mod order_parts;
mod orders;
mod pages;
mod prices;
mod roots;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, join_all};
use jiff::civil::Date;
use skuery_schema::error::FieldError;
use skuery_schema::lookup;
use tokio::time::Instant;

use crate::commerce::catalog_sources::{
    AttributeLabels, Categories, CategoryChildren, Products, ProductsBySlug, Searches, Variants, VariantsOf,
};
use crate::commerce::context::Context;
use crate::commerce::customer_sources::{CreditSource, CustomerSource};
use crate::commerce::errors::field_error;
use crate::commerce::gateway::Gateway;
use crate::commerce::live_sources::{PriceSource, StockSource};
use crate::commerce::questions::{Found, Notes, Questions};
use crate::commerce::request::account::AccountStep;
use crate::commerce::request::catalog::CatalogStep;
use crate::commerce::request::changes::ChangeStep;
pub(crate) use crate::commerce::request::changes::{Shown, Telling};
use crate::commerce::request::checkout::{CheckoutQuestions, CheckoutStep};
use crate::commerce::request::live::{LiveStep, Serving};
pub(crate) use crate::commerce::request::order_by::MOST_SEARCHES;
pub(crate) use crate::commerce::request::orders::MOST_PAGES;
use crate::commerce::request::orders::{OrderQuestions, OrdersStep};
use crate::commerce::request::pages::PageStep;
use crate::commerce::request::prices::PriceQuestions;
use crate::commerce::scan::Scans;
use crate::commerce::sources::{CatalogLoaders, Loaders};
use crate::engine::{Answer, Ask, Asked, Request, Ticket};
use crate::loader::{Outcome, Scope, Scoped, Source, Want};
use crate::port::Locales;

/// One request being answered.
pub(crate) struct CommerceRequest<'g> {
    gateway: &'g Gateway,
    context: Context,
    catalog: Option<CatalogQuestions<'g>>,
    prices: Option<Questions<'g, PriceSource>>,
    stock: Vec<Questions<'g, StockSource>>,
    customers: Option<Questions<'g, CustomerSource>>,
    credit: Option<Questions<'g, CreditSource>>,
    price_questions: PriceQuestions,
    /// The locations of the last availability asked for; a page asks for all of one's.
    serving: Option<Arc<Serving>>,
    orders: OrderQuestions<'g>,
    checkout: CheckoutQuestions,
    today: Date,
    steps: Vec<Option<Step>>,
    /// What a subscription is told now.
    telling: Option<Telling>,
    notes: Notes,
}

/// The wave's questions for the catalogue.
struct CatalogQuestions<'g> {
    scoped: Scoped<Locales>,
    products: Questions<'g, Products>,
    by_slug: Questions<'g, ProductsBySlug>,
    variants: Questions<'g, Variants>,
    variants_of: Questions<'g, VariantsOf>,
    categories: Questions<'g, Categories>,
    children: Questions<'g, CategoryChildren>,
    labels: Questions<'g, AttributeLabels>,
    searches: Questions<'g, Searches>,
    scans: Questions<'g, Scans>,
}

/// A question that waits for its wave, with what is needed to go on.
enum Step {
    Catalog(CatalogStep),
    Page(PageStep),
    Live(LiveStep),
    Account(AccountStep),
    Orders(OrdersStep),
    Checkout(CheckoutStep),
    Change(ChangeStep),
}

/// What a step leads to.
enum Next {
    Done(Answer),
    Then(Step),
}

impl From<Answer> for Next {
    fn from(answer: Answer) -> Self {
        Self::Done(answer)
    }
}

impl<'g> CatalogQuestions<'g> {
    fn new(loaders: &'g CatalogLoaders, locales: &Locales, now: Instant, notes: &Notes) -> Self {
        Self {
            scoped: Scoped::new(Scope::Public, locales.clone()),
            products: Questions::new(&loaders.products, now, notes),
            by_slug: Questions::new(&loaders.by_slug, now, notes),
            variants: Questions::new(&loaders.variants, now, notes),
            variants_of: Questions::new(&loaders.variants_of, now, notes),
            categories: Questions::new(&loaders.categories, now, notes),
            children: Questions::new(&loaders.children, now, notes),
            labels: Questions::new(&loaders.labels, now, notes),
            searches: Questions::new(&loaders.searches, now, notes),
            scans: Questions::new(&loaders.scans, now, notes),
        }
    }
}

impl<'g> CommerceRequest<'g> {
    pub(crate) fn new(gateway: &'g Gateway, context: Context, given: Notes) -> Self {
        let Loaders {
            catalog,
            prices,
            stock,
            customers,
            orders,
        } = &**gateway.loaders();
        let now = Instant::now();
        let notes = &given;
        let catalog = catalog.as_ref();
        let prices = prices.as_ref();
        let stock = stock.iter();
        Self {
            catalog: catalog.map(|loaders| CatalogQuestions::new(loaders, &context.locales, now, notes)),
            prices: prices.map(|prices| Questions::new(&prices.loader, now, notes)),
            stock: stock
                .map(|stock| Questions::new(&stock.loader, now, notes))
                .collect(),
            customers: customers
                .customers
                .as_ref()
                .map(|loader| Questions::new(loader, now, notes)),
            credit: customers
                .credit
                .as_ref()
                .map(|loader| Questions::new(loader, now, notes)),
            price_questions: PriceQuestions::default(),
            serving: None,
            orders: OrderQuestions::new(orders, now, notes),
            checkout: CheckoutQuestions::default(),
            today: gateway.day(context.now),
            steps: Vec::new(),
            telling: None,
            notes: given,
            gateway,
            context,
        }
    }

    fn begin(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        if let Some(reuse) = &self.notes.reuse {
            reuse.asked(ask.lookup);
        }
        match ask.lookup {
            lookup::PRODUCT
            | lookup::VARIANT
            | lookup::CATEGORY
            | lookup::PRODUCT_VARIANTS
            | lookup::CATEGORY_CHILDREN
            | lookup::CATEGORY_PATH
            | lookup::ATTRIBUTE_LABEL
            | lookup::EXTERNAL_IDS => self.ask_catalog(ask),
            lookup::PRODUCTS | lookup::CATEGORY_PRODUCTS | lookup::FACETS => self.ask_page(ask),
            lookup::VIEWER | lookup::CUSTOMER | lookup::CUSTOMER_PRICE_LIST | lookup::CREDIT => {
                self.ask_account(ask)
            }
            lookup::ORDER_BY | lookup::ORDERS | lookup::ORDER_FULFILLMENTS | lookup::ORDER_DOCUMENTS => {
                self.ask_orders(ask)
            }
            lookup::VERIFY_CHECKOUT
            | lookup::EXTEND_CHECKOUT
            | lookup::RELEASE_CHECKOUT
            | lookup::PLACE_ORDER
            | lookup::PLACED_ORDER => self.ask_checkout(ask),
            lookup::AVAILABILITY_CHANGED | lookup::PRICE_CHANGED => self.ask_change(ask),
            lookup::PRICE | lookup::PRICE_RANGE | lookup::AVAILABILITY => self.ask_live(ask),
            _ => self.ask_root(ask),
        }
    }

    fn go_on(&mut self, step: Step) -> Result<Next, FieldError> {
        match step {
            Step::Catalog(step) => self.go_on_catalog(step),
            Step::Page(step) => self.go_on_page(step),
            Step::Live(step) => self.go_on_live(step),
            Step::Account(step) => self.go_on_account(step),
            Step::Orders(step) => self.go_on_orders(step),
            Step::Checkout(step) => self.go_on_checkout(&step),
            Step::Change(step) => self.go_on_change(step),
        }
    }

    /// Steps whose answer is already at hand go on at once.
    #[inline]
    fn settle(&mut self, begun: Result<Next, FieldError>) -> Asked {
        // Most answers are at hand, and a step is large: only what is one is moved.
        match begun {
            Err(error) => Asked::Ready(Answer::Error(error)),
            Ok(Next::Done(answer)) => Asked::Ready(answer),
            Ok(Next::Then(step)) => self.follow(step),
        }
    }

    fn follow(&mut self, mut step: Step) -> Asked {
        loop {
            if step.waits() {
                self.steps.push(Some(step));
                return Asked::Later(Ticket(self.steps.len() - 1));
            }
            match self.go_on(step) {
                Err(error) => return Asked::Ready(Answer::Error(error)),
                Ok(Next::Done(answer)) => return Asked::Ready(answer),
                Ok(Next::Then(next)) => step = next,
            }
        }
    }
}

impl Step {
    fn waits(&self) -> bool {
        match self {
            Self::Catalog(step) => step.waits(),
            Self::Page(step) => step.waits(),
            Self::Live(step) => step.waits(),
            Self::Account(step) => step.waits(),
            Self::Orders(step) => step.waits(),
            Self::Checkout(_) => true,
            Self::Change(step) => step.waits(),
        }
    }
}

impl Request for CommerceRequest<'_> {
    fn ask(&mut self, ask: Ask<'_>) -> Asked {
        let begun = self.begin(&ask);
        self.settle(begun)
    }

    fn wave(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let deadline = self.context.deadline;
        let began = self.notes.trace.as_ref().map(|_| Instant::now());
        Box::pin(async move {
            let catalog = async {
                if let Some(catalog) = &mut self.catalog {
                    catalog.wave(deadline).await;
                }
            };
            let prices = async {
                if let Some(prices) = &mut self.prices {
                    prices.wave(deadline).await;
                }
            };
            let stock = join_all(self.stock.iter_mut().map(|stock| stock.wave(deadline)));
            let customers = async {
                if let Some(customers) = &mut self.customers {
                    customers.wave(deadline).await;
                }
            };
            let credit = async {
                if let Some(credit) = &mut self.credit {
                    credit.wave(deadline).await;
                }
            };
            let orders = self.orders.wave(deadline);
            let checkout = self.checkout.wave(self.gateway.errands(), &self.context);
            let (_, (_, (_, was_at_desk))) = join(
                join(catalog, join(prices, stock)),
                join(join(customers, credit), join(orders, checkout)),
            )
            .await;
            if let (Some(trace), Some(began)) = (&self.notes.trace, began) {
                trace.end_wave(began.elapsed());
            }
            if was_at_desk {
                // The desk has a deadline of its own; what is selected of its answer has time again.
                self.context.deadline = Instant::now() + self.gateway.limits().deadline;
            }
        })
    }

    fn answer(&mut self, ticket: Ticket) -> Asked {
        let step = self.steps.get_mut(ticket.0).and_then(Option::take);
        let Some(step) = step else {
            return Asked::Ready(Answer::Null);
        };
        let next = self.go_on(step);
        self.settle(next)
    }
}

impl CatalogQuestions<'_> {
    async fn wave(&mut self, deadline: Instant) {
        let content = join(
            join(self.products.wave(deadline), self.by_slug.wave(deadline)),
            join(self.variants.wave(deadline), self.variants_of.wave(deadline)),
        );
        let structure = join(
            join(self.categories.wave(deadline), self.children.wave(deadline)),
            self.labels.wave(deadline),
        );
        let lists = join(self.searches.wave(deadline), self.scans.wave(deadline));
        join(content, join(structure, lists)).await;
    }
}

/// The outcome behind what asking came to.
fn outcome<S: Source>(questions: &Questions<'_, S>, found: Found<S::Value>) -> Outcome<S::Value> {
    match found {
        Found::Now(outcome) => outcome,
        Found::At(at) => questions.outcome(at).clone(),
    }
}

/// The value behind what asking came to: `None` when the system does not know the key.
fn value<S: Source>(
    questions: &Questions<'_, S>,
    found: Found<S::Value>,
) -> Result<Option<S::Value>, FieldError> {
    match outcome(questions, found) {
        Ok(loaded) => Ok(loaded.map(|loaded| loaded.value)),
        Err(error) => Err(field_error(&error)),
    }
}

impl<V> Found<V> {
    fn waits(&self) -> bool {
        matches!(self, Self::At(_))
    }
}

/// `maxAge` in seconds.
fn want(max_age: Option<i32>) -> Result<Want, FieldError> {
    match max_age {
        None => Ok(Want::default()),
        Some(seconds) => match u64::try_from(seconds) {
            Ok(seconds) => Ok(Want {
                max_age: Some(Duration::from_secs(seconds)),
            }),
            Err(_) => Err(FieldError::bad_input("maxAge: seconds, 0 or more")),
        },
    }
}

/// For a role that no configured system has.
fn no_system(role: &str) -> FieldError {
    FieldError::bad_input(format!("no connected system has the role {role}"))
}
