//! One subscription: the current state of everything it watches, and then each difference.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Poller, Poll};

use futures_util::Stream;
use futures_util::stream::unfold;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use skuery_schema::error::ErrorCode;
use skuery_schema::ids::Sku;
use tokio::time::Instant;

use crate::commerce::context::Context;
use crate::commerce::gateway::execute::Prepared;
use crate::commerce::gateway::{Gateway, NotExecuted};
use crate::commerce::live_sources::{PriceSource, StockSource};
use crate::commerce::questions::Notes;
use crate::commerce::request::{CommerceRequest, Shown};
use crate::commerce::watch::{Depends, Mailbox, TooMany, Watching};
use crate::engine::{Operation, Ready, RequestError, Response};

/// What a subscriber gets at a time; after an error nothing comes any more.
pub type Event = Result<Response, NotExecuted>;

/// The responses of a subscription, one for each event. Only an error ends it; dropped, it watches nothing any more.
///
/// Nothing is prepared for a reader that does not ask for the next response: one that is slow is told the latest state.
pub struct Events(Pin<Box<dyn Stream<Item = Event> + Send>>);

impl Stream for Events {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, poller: &mut Poller<'_>) -> Poll<Option<Event>> {
        self.0.as_mut().poll_next(poller)
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Events")
    }
}

impl Events {
    /// What these give, one after the other.
    pub fn of(events: impl Stream<Item = Event> + Send + 'static) -> Self {
        Self(Box::pin(events))
    }

    pub(super) fn new(
        gateway: Arc<Gateway>,
        prepared: Prepared,
        variables: &Map<String, Json>,
    ) -> Result<Self, NotExecuted> {
        let Prepared {
            operation,
            ready,
            context,
        } = prepared;
        let articles = articles(&ready)?;
        let subscription = Subscription {
            mailbox: Arc::new(Mailbox::full(articles.len())),
            articles,
            gateway,
            operation,
            ready,
            variables: variables.clone(),
            context,
        };
        let events = unfold(Some(subscription), |subscription| async {
            let mut subscription = subscription?;
            loop {
                let slot = subscription.mailbox.take().await;
                // Boxed, so that one that waits takes little room.
                match Box::pin(subscription.tell(slot)).await {
                    Ok(None) => {}
                    Ok(Some(response)) => return Some((Ok(response), Some(subscription))),
                    Err(error) => return Some((Err(error), None)),
                }
            }
        });
        Ok(Self::of(events))
    }
}

/// The articles that the root field names, each once.
fn articles(ready: &Ready) -> Result<Vec<Article>, RequestError> {
    let args = match ready.only_root_args() {
        Some(Ok(args)) => args,
        Some(Err(error)) => return Err(RequestError::new(error.code, &*error.message)),
        None => {
            return Err(RequestError::bad_input(
                "a subscription selects one field at its root",
            ));
        }
    };
    let skus = args.texts(0).unwrap_or_default();
    if skus.is_empty() {
        return Err(RequestError::bad_input("skus: at least one"));
    }
    let mut seen = HashSet::new();
    let different = skus.into_iter().filter(|sku| seen.insert(sku.clone()));
    let article = |sku| Article {
        sku: Sku::new(sku),
        shown: None,
        watched: None,
    };
    Ok(different.map(article).collect())
}

struct Subscription {
    gateway: Arc<Gateway>,
    operation: Arc<Operation>,
    ready: Ready,
    variables: Map<String, Json>,
    context: Context,
    mailbox: Arc<Mailbox>,
    articles: Vec<Article>,
}

struct Article {
    sku: Sku,
    /// What it was told last.
    shown: Option<u64>,
    watched: Option<Watched>,
}

/// What the article's state depends on, being watched.
struct Watched {
    prices: Vec<Depends<PriceSource>>,
    stock: Vec<Vec<Depends<StockSource>>>,
    _on: (Vec<Watching<PriceSource>>, Vec<Watching<StockSource>>),
}

/// How many differences the pollers had seen before an answer was read.
struct Since {
    prices: u64,
    stock: Vec<u64>,
}

impl Subscription {
    /// The state of one article now; `None` where the reader knows it already.
    async fn tell(&mut self, slot: usize) -> Result<Option<Response>, NotExecuted> {
        let since = self.since();
        let (response, shown) = self.execute(slot).await?;
        let article = &mut self.articles[slot];
        let is_told = article.shown.replace(shown.fingerprint) == Some(shown.fingerprint);
        let is_watched = article
            .watched
            .as_ref()
            .is_some_and(|watched| watched.prices == shown.prices && watched.stock == shown.stock);
        if !is_watched {
            let watched = self
                .watch(slot, shown, &since)
                .map_err(|error| too_many(&error))?;
            self.articles[slot].watched = Some(watched);
        }
        Ok((!is_told).then_some(response))
    }

    async fn execute(&self, slot: usize) -> Result<(Response, Shown), Vec<RequestError>> {
        let context = Context {
            now: Timestamp::now(),
            deadline: Instant::now() + self.gateway.limits().deadline,
            ..self.context.clone()
        };
        let mut request = CommerceRequest::new(&self.gateway, context, Notes::default());
        request.tell(self.articles[slot].sku.clone());
        let engine = self.gateway.engine();
        let response = engine
            .execute(&self.operation, self.ready.clone(), &self.variables, &mut request)
            .await?;
        Ok((response, request.told()))
    }

    fn since(&self) -> Since {
        let loaders = self.gateway.loaders();
        let prices = loaders.prices.as_ref();
        Since {
            prices: prices.map_or(0, |prices| prices.watch.differences()),
            stock: loaders
                .stock
                .iter()
                .map(|stock| stock.watch.differences())
                .collect(),
        }
    }

    fn watch(&self, slot: usize, shown: Shown, since: &Since) -> Result<Watched, TooMany> {
        let loaders = self.gateway.loaders();
        let (mut on_prices, mut on_stock) = (Vec::new(), Vec::new());
        if let Some(prices) = &loaders.prices {
            for on in &shown.prices {
                on_prices.push(prices.watch.add(on, &self.mailbox, slot, since.prices)?);
            }
        }
        for ((stock, asked), since) in loaders.stock.iter().zip(&shown.stock).zip(&since.stock) {
            for on in asked {
                on_stock.push(stock.watch.add(on, &self.mailbox, slot, *since)?);
            }
        }
        Ok(Watched {
            prices: shown.prices,
            stock: shown.stock,
            _on: (on_prices, on_stock),
        })
    }
}

fn too_many(TooMany { allowed }: &TooMany) -> RequestError {
    let message =
        format!("the gateway watches {allowed} articles of a system at most, and watches so many already");
    RequestError::new(ErrorCode::SystemUnavailable, message)
}
