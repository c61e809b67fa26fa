//! What a subscription is told: the current state of one article, and what that depends on.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock};

use skuery_schema::availability::Availability;
use skuery_schema::error::FieldError;
use skuery_schema::freshness::{Freshness, FreshnessState};
use skuery_schema::ids::Sku;
use skuery_schema::lookup;
use skuery_schema::price::Price;
use skuery_schema::subscription::{AvailabilityChange, PriceChange};
use skuery_schema::table::Lookup;

use crate::commerce::live_sources::{PriceSource, StockSource};
use crate::commerce::request::live::{LiveStep, Parts};
use crate::commerce::request::{CommerceRequest, Next, Step};
use crate::commerce::watch::Depends;
use crate::engine::{Answer, Ask};
use crate::loader::Want;

/// Makes fingerprints of what was shown; they never leave the process.
static FINGERPRINTS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// The article that a subscription is told of, and what was learnt while telling.
pub(crate) struct Telling {
    pub(crate) sku: Sku,
    pub(crate) shown: Shown,
}

/// What was shown of an article.
#[derive(Default)]
pub(crate) struct Shown {
    /// Equal where nothing differs but its age.
    pub(crate) fingerprint: u64,
    /// The questions that it depends on.
    pub(crate) prices: Vec<Depends<PriceSource>>,
    /// By stock system.
    pub(crate) stock: Vec<Vec<Depends<StockSource>>>,
}

pub(super) struct ChangeStep {
    lookup: Lookup,
    inner: LiveStep,
}

impl ChangeStep {
    pub(super) fn waits(&self) -> bool {
        self.inner.waits()
    }
}

impl CommerceRequest<'_> {
    /// This request tells a subscription of an article.
    pub(crate) fn tell(&mut self, sku: Sku) {
        let shown = Shown::default();
        self.telling = Some(Telling { sku, shown });
    }

    /// What it has told.
    pub(crate) fn told(self) -> Shown {
        self.telling.map(|telling| telling.shown).unwrap_or_default()
    }

    pub(super) fn ask_change(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let Some(telling) = &self.telling else {
            return Err(FieldError::bad_input("this field is not served"));
        };
        let sku = telling.sku.clone();
        if let Some(prices) = &mut self.prices {
            prices.begin_notes();
        }
        for stock in &mut self.stock {
            stock.begin_notes();
        }
        let begun = match ask.lookup {
            lookup::PRICE_CHANGED => self.ask_whole_price(&sku),
            _ => {
                let parts = Parts {
                    levels: true,
                    words: true,
                    days: true,
                };
                self.availability(&sku, ask.args.texts(1), Want::default(), parts)
            }
        };
        self.change(ask.lookup, begun)
    }

    pub(super) fn go_on_change(&mut self, step: ChangeStep) -> Result<Next, FieldError> {
        let ChangeStep { lookup, inner } = step;
        let next = self.go_on_live(inner);
        self.change(lookup, next)
    }

    /// Goes on with what the state leads to, or makes the event of it.
    fn change(&mut self, lookup: Lookup, next: Result<Next, FieldError>) -> Result<Next, FieldError> {
        let found = match next {
            Ok(Next::Then(Step::Live(inner))) => {
                return Ok(Next::Then(Step::Change(ChangeStep { lookup, inner })));
            }
            Ok(Next::Then(_)) => Err(FieldError::bad_input("this field is not served")),
            Ok(Next::Done(answer)) => Ok(answer),
            Err(error) => Err(error),
        };
        let Some(telling) = &mut self.telling else {
            return Err(FieldError::bad_input("this field is not served"));
        };
        let (state, error) = match found {
            Ok(Answer::Flawed(flawed)) => (flawed.0.clone(), Some(flawed.1.clone())),
            Ok(answer) => (answer, None),
            Err(error) => (Answer::Null, Some(error)),
        };
        let sku = telling.sku.clone();
        let (event, fingerprint) = match lookup {
            lookup::PRICE_CHANGED => {
                let price = of_type::<Price>(&state);
                let fingerprint = fingerprint(&(price.as_deref().map(ageless_price), &error));
                (Some(Answer::object(PriceChange { sku, price })), fingerprint)
            }
            _ => {
                let availability = of_type::<Availability>(&state);
                let fingerprint = fingerprint(&(availability.as_deref().map(ageless), &error));
                let event = |availability| Answer::object(AvailabilityChange { sku, availability });
                (availability.map(event), fingerprint)
            }
        };
        telling.shown = Shown {
            fingerprint,
            prices: self
                .prices
                .as_mut()
                .map(|prices| prices.end_notes())
                .unwrap_or_default(),
            stock: self.stock.iter_mut().map(|stock| stock.end_notes()).collect(),
        };
        match (event, error) {
            (Some(event), None) => Ok(event.into()),
            (Some(event), Some(error)) => Ok(Answer::Flawed(Arc::new((event, error))).into()),
            (None, Some(error)) => Err(error),
            (None, None) => Err(FieldError::bad_input(
                "no connected system keeps the stock of this channel's locations",
            )),
        }
    }
}

fn of_type<T: Clone + 'static>(answer: &Answer) -> Option<Arc<T>> {
    let Answer::Object(object) = answer else {
        return None;
    };
    let found = object.as_any().downcast_ref::<T>();
    found.cloned().map(Arc::new)
}

/// Debug names every part, so that none is forgotten when one is added.
fn fingerprint(shown: &impl std::fmt::Debug) -> u64 {
    FINGERPRINTS.hash_one(format!("{shown:?}"))
}

fn ageless_price(price: &Price) -> Price {
    Price {
        freshness: ageless_freshness(&price.freshness),
        ..price.clone()
    }
}

fn ageless(availability: &Availability) -> Availability {
    let mut ageless = Availability {
        freshness: ageless_freshness(&availability.freshness),
        ..availability.clone()
    };
    for level in &mut ageless.levels {
        level.freshness = ageless_freshness(&level.freshness);
    }
    ageless
}

/// Whether it is past its time stays: that is more than an age.
fn ageless_freshness(freshness: &Freshness) -> Freshness {
    Freshness {
        system: freshness.system.clone(),
        fetched_at: jiff::Timestamp::UNIX_EPOCH,
        age_ms: 0,
        state: match freshness.state {
            FreshnessState::Stale => FreshnessState::Stale,
            FreshnessState::Live | FreshnessState::Cached => FreshnessState::Live,
        },
    }
}
