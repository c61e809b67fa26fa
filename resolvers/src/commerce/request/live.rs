//! Prices and availability: where the questions begin, and availability itself.

use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::availability::Location;
use skuery_schema::catalog::{Product, ProductVariant};
use skuery_schema::error::FieldError;
use skuery_schema::freshness::{Freshness, FreshnessState};
use skuery_schema::ids::{LocationCode, Sku};
use skuery_schema::lookup;
use smallvec::SmallVec;

use crate::commerce::availability::{Known, View, assemble, figure_at};
use crate::commerce::errors::field_error;
use crate::commerce::leases::FigureAt;
use crate::commerce::questions::Found;
use crate::commerce::request::prices::PriceStep;
use crate::commerce::request::{CommerceRequest, Next, Step, outcome, want};
use crate::engine::{Answer, Ask};
use crate::loader::{Scope, Scoped, Want};
use crate::port::{StockFigure, StockGroup};

pub(super) enum LiveStep {
    Price(PriceStep),
    Availability(StockWish),
}

pub(super) struct StockWish {
    sku: Sku,
    serving: Arc<Serving>,
    /// By question.
    found: FoundFigures,
    parts: Parts,
}

/// Which parts of an availability are asked for.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    /// The levels, or what follows from them.
    pub(super) levels: bool,
    /// The words to print.
    pub(super) words: bool,
    /// The days of delivery.
    pub(super) days: bool,
}

/// Most channels have one system with stock; one answer needs no room on the heap.
type FoundFigures = SmallVec<[Found<Arc<[StockFigure]>>; 1]>;

/// The locations of an availability, and what their systems are asked for it: the same for all articles of a page.
pub(super) struct Serving {
    /// As the argument names them.
    only: Option<Vec<Arc<str>>>,
    places: Vec<Place>,
    questions: Vec<StockQuestion>,
}

/// One location, and the number of the stock question that covers it.
struct Place {
    location: Arc<Location>,
    /// `None` when no system keeps this location.
    asked: Option<usize>,
}

/// One question to one system, for one of its locations or for all.
struct StockQuestion {
    system: usize,
    scoped: Scoped<StockGroup>,
}

impl LiveStep {
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Price(step) => step.waits(),
            Self::Availability(wish) => wish.waits(),
        }
    }
}

impl StockWish {
    fn waits(&self) -> bool {
        self.found.iter().any(Found::waits)
    }
}

impl From<LiveStep> for Next {
    fn from(step: LiveStep) -> Self {
        Self::Then(Step::Live(step))
    }
}

impl CommerceRequest<'_> {
    pub(super) fn ask_live(&mut self, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let parent = ask.parent.as_any();
        if let Some(variant) = parent.downcast_ref::<ProductVariant>() {
            return match ask.lookup {
                lookup::PRICE => self.ask_price(&variant.sku, ask),
                _ => {
                    let selects = |name| ask.selection.is_some_and(|selection| selection.selects(name));
                    let parts = Parts {
                        levels: selects("levels") || selects("nextRestock"),
                        words: selects("quantityDisplay"),
                        days: selects("estimatedDelivery"),
                    };
                    self.availability(&variant.sku, ask.args.texts(0), want(ask.args.int(1))?, parts)
                }
            };
        }
        match parent.downcast_ref::<Product>() {
            Some(product) => self.ask_price_range(product),
            None => Err(FieldError::bad_input("this field is not served")),
        }
    }

    pub(super) fn go_on_live(&mut self, step: LiveStep) -> Result<Next, FieldError> {
        match step {
            LiveStep::Price(step) => self.go_on_price(step),
            LiveStep::Availability(wish) => self
                .found_availability(&wish.sku, &wish.serving, wish.found, wish.parts)
                .map(Into::into),
        }
    }

    pub(super) fn availability(
        &mut self,
        sku: &Sku,
        locations: Option<Vec<Arc<str>>>,
        want: Want,
        parts: Parts,
    ) -> Result<Next, FieldError> {
        let serving = self.serving(locations)?;
        let found: FoundFigures = serving
            .questions
            .iter()
            .map(|question| self.stock[question.system].ask(&question.scoped, sku, want))
            .collect();
        if !found.iter().any(Found::waits) {
            return self
                .found_availability(sku, &serving, found, parts)
                .map(Into::into);
        }
        Ok(LiveStep::Availability(StockWish {
            sku: sku.clone(),
            serving,
            found,
            parts,
        })
        .into())
    }

    fn serving(&mut self, only: Option<Vec<Arc<str>>>) -> Result<Arc<Serving>, FieldError> {
        if let Some(last) = self.serving.as_ref().filter(|last| last.only == only) {
            return Ok(last.clone());
        }
        let mut serving = Serving {
            places: Vec::new(),
            questions: Vec::new(),
            only,
        };
        for location in self.wanted_locations(serving.only.as_deref())? {
            let asked = self.stock_question(&location.code, &mut serving.questions);
            serving.places.push(Place { location, asked });
        }
        Ok(self.serving.insert(Arc::new(serving)).clone())
    }

    fn wanted_locations(&self, only: Option<&[Arc<str>]>) -> Result<Vec<Arc<Location>>, FieldError> {
        let serving = &self.context.channel.locations;
        if let Some(only) = only {
            let foreign = only
                .iter()
                .find(|code| !serving.iter().any(|serving| serving.as_str() == &***code));
            if let Some(code) = foreign {
                let allowed: Vec<&str> = serving.iter().map(LocationCode::as_str).collect();
                let message = format!(
                    "locations: `{code}` does not serve this channel; these do: {}",
                    allowed.join(", ")
                );
                return Err(FieldError::bad_input(message));
            }
        }
        let wanted = |code: &LocationCode| only.is_none_or(|only| only.iter().any(|o| **o == *code.as_str()));
        Ok(serving
            .iter()
            .filter(|code| wanted(code))
            .filter_map(|code| self.gateway.location(code.as_str()))
            .cloned()
            .collect())
    }

    fn stock_question(&self, location: &LocationCode, asked: &mut Vec<StockQuestion>) -> Option<usize> {
        let loaders = &self.gateway.loaders().stock;
        let system = loaders
            .iter()
            .position(|stock| stock.locations.contains(location))?;
        let location = loaders[system].per_location.then(|| location.clone());
        let scoped = Scoped::new(Scope::Public, StockGroup { location });
        let same = |question: &StockQuestion| question.system == system && question.scoped == scoped;
        if let Some(number) = asked.iter().position(same) {
            return Some(number);
        }
        asked.push(StockQuestion { system, scoped });
        Some(asked.len() - 1)
    }

    /// When no location has a figure because the systems failed, the failure is the answer.
    fn found_availability(
        &self,
        sku: &Sku,
        serving: &Serving,
        found: FoundFigures,
        parts: Parts,
    ) -> Result<Answer, FieldError> {
        let mut answers: SmallVec<[_; 1]> = SmallVec::new();
        let mut failure: Option<FieldError> = None;
        let mut answered = false;
        for (StockQuestion { system, .. }, found) in serving.questions.iter().zip(found) {
            let questions = &self.stock[*system];
            let unlisted_is_none = self.gateway.loaders().stock[*system].unlisted_is_none;
            let unknown = |state| Freshness {
                system: questions.system().clone(),
                fetched_at: self.context.now,
                age_ms: 0,
                state,
            };
            answers.push(match outcome(questions, found) {
                Err(error) => {
                    failure.get_or_insert_with(|| field_error(&error));
                    (None, unlisted_is_none, unknown(FreshnessState::Stale))
                }
                Ok(None) => {
                    answered = true;
                    (None, unlisted_is_none, unknown(FreshnessState::Live))
                }
                Ok(Some(loaded)) => {
                    answered = true;
                    let freshness = questions.freshness(&loaded);
                    (Some(loaded.value), unlisted_is_none, freshness)
                }
            });
        }
        let held = self.gateway.lease_board().map(|board| (board, board.leases()));
        let held = held.filter(|(_, leases)| !leases.is_empty());
        let mut known: SmallVec<[_; 4]> = SmallVec::new();
        for Place { location, asked } in &serving.places {
            let Some(number) = asked else { continue };
            let (figures, unlisted_is_none, freshness) = &answers[*number];
            known.push(Known {
                figure: figures
                    .as_ref()
                    .and_then(|figures| figure_at(figures, &location.code, *unlisted_is_none)),
                held: held.as_ref().map_or(Decimal::ZERO, |(board, leases)| {
                    let figure = FigureAt {
                        sku,
                        location: &location.code,
                        read_at: freshness.fetched_at,
                    };
                    board.held(leases, &figure, &self.context.looker(), self.context.now)
                }),
                freshness,
                delivery: match parts.days {
                    true => self.gateway.delivery(&location.code),
                    false => None,
                },
                location,
            });
        }
        if let Some(error) = failure.take_if(|_| !answered) {
            return Err(error);
        }
        let shown = assemble(
            &known,
            &View {
                channel: &self.context.channel,
                staff: self.context.is_staff(),
                levels: parts.levels,
                words: parts.words.then_some(&self.context.language),
                country: self.context.country.as_deref(),
                now: self.context.now,
                today: self.today,
            },
        );
        let answer = shown.map_or(Answer::Null, Answer::object);
        Ok(match failure {
            Some(error) => Answer::Flawed(Arc::new((answer, error))),
            None => answer,
        })
    }
}
