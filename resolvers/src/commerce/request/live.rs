//! Prices and availability.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use skuery_schema::availability::Location;
use skuery_schema::catalog::{Product, ProductVariant};
use skuery_schema::error::FieldError;
use skuery_schema::freshness::{Freshness, FreshnessState};
use skuery_schema::ids::{LocationCode, Sku};
use skuery_schema::lookup;
use skuery_schema::price::{Price, PriceRange, TaxedMoney};

use crate::commerce::availability::{Known, View, assemble, figure_at};
use crate::commerce::errors::field_error;
use crate::commerce::pricing::{Wish, choose};
use crate::commerce::questions::Found;
use crate::commerce::request::catalog::Variants;
use crate::commerce::request::{CommerceRequest, Next, Step, no_system, outcome, value, want};
use crate::engine::{Answer, Ask};
use crate::loader::{Scope, Scoped, Want};
use crate::port::{PriceGroup, PriceMode, PriceRow, StockFigure, StockGroup};

pub(super) enum LiveStep {
    Price(PriceWish, Found<Arc<[PriceRow]>>),
    Availability(StockWish),
    RangeVariants(Found<Variants>),
    RangePrices(Vec<Found<Arc<[PriceRow]>>>),
}

pub(super) struct PriceWish {
    quantity: Decimal,
    unit: Option<Arc<str>>,
    day: Date,
}

pub(super) struct StockWish {
    places: Vec<Place>,
    asked: Vec<StockQuestion>,
    /// Whether the words to print are asked for.
    in_words: bool,
    /// Whether the days of delivery are asked for.
    in_days: bool,
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
    location: Option<LocationCode>,
    found: Found<Arc<[StockFigure]>>,
}

impl LiveStep {
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Price(_, found) => found.waits(),
            Self::Availability(wish) => wish.asked.iter().any(|question| question.found.waits()),
            Self::RangeVariants(found) => found.waits(),
            Self::RangePrices(prices) => prices.iter().any(Found::waits),
        }
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
                lookup::PRICE => self.price(&variant.sku, ask),
                _ => self.availability(&variant.sku, ask),
            };
        }
        match parent.downcast_ref::<Product>() {
            Some(product) => self.price_range(product),
            None => Err(FieldError::bad_input("this field is not served")),
        }
    }

    pub(super) fn go_on_live(&mut self, step: LiveStep) -> Result<Next, FieldError> {
        match step {
            LiveStep::Price(wish, found) => {
                let price = self.found_price(&wish, found)?;
                Ok(price.map_or(Answer::Null, Answer::object).into())
            }
            LiveStep::Availability(wish) => self.found_availability(wish).map(Into::into),
            LiveStep::RangeVariants(found) => {
                let variants = value(&self.catalog_role()?.variants_of, found)?;
                let skus = variants
                    .iter()
                    .flat_map(|variants| variants.iter())
                    .map(|(sku, _)| sku);
                self.range_prices(skus.cloned().collect())
            }
            LiveStep::RangePrices(prices) => self.found_range(prices).map(Into::into),
        }
    }

    // ------------------------------------------------------------ prices

    fn price(&mut self, sku: &Sku, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let quantity = ask.args.decimal(0).unwrap_or(Decimal::ONE);
        if quantity <= Decimal::ZERO {
            return Err(FieldError::bad_input("quantity: a number above 0"));
        }
        let day = ask.args.timestamp(2).map(|at| self.gateway.day(at));
        let wish = PriceWish {
            quantity,
            unit: ask.args.text(1).cloned(),
            day: day.unwrap_or(self.today),
        };
        let found = self.find_price(sku, &wish, day.is_some(), want(ask.args.int(3))?)?;
        Ok(LiveStep::Price(wish, found).into())
    }

    /// Where the system lists rows, quantity and day choose among rows that are already there; where it calculates,
    /// they are part of the question.
    fn find_price(
        &mut self,
        sku: &Sku,
        wish: &PriceWish,
        other_day: bool,
        want: Want,
    ) -> Result<Found<Arc<[PriceRow]>>, FieldError> {
        let Some((questions, loader)) = self.prices.as_mut().zip(self.gateway.loaders().prices.as_ref())
        else {
            return Err(no_system("PRICES"));
        };
        let calculated = loader.mode == PriceMode::Calculated;
        let group = PriceGroup {
            customer: None,
            price_list: self.context.price_list.clone(),
            currency: self.context.currency,
            quantity: calculated.then(|| wish.quantity.normalize()),
            unit: wish.unit.clone().filter(|_| calculated),
            date: (calculated && other_day).then_some(wish.day),
        };
        let scoped = match self.price_scoped.take() {
            Some(scoped) if *scoped.group() == group => scoped,
            _ => Scoped::new(self.context.price_scope(), group),
        };
        let scoped = self.price_scoped.insert(scoped);
        Ok(questions.ask(scoped, sku, want))
    }

    fn found_price(
        &self,
        wish: &PriceWish,
        found: Found<Arc<[PriceRow]>>,
    ) -> Result<Option<Price>, FieldError> {
        let Some((questions, loader)) = self.prices.as_ref().zip(self.gateway.loaders().prices.as_ref())
        else {
            return Err(no_system("PRICES"));
        };
        let system = crate::loader::Source::system(questions.loader().source());
        let loaded = outcome(questions, found).map_err(|error| field_error(&error))?;
        let Some(loaded) = loaded else { return Ok(None) };
        let wish = Wish {
            quantity: wish.quantity,
            unit: wish.unit.as_ref(),
            currency: self.context.currency,
            day: wish.day,
            time_zone: self.gateway.time_zone(),
            price_list: self.context.price_list.as_ref(),
            mode: loader.mode,
        };
        Ok(choose(&loaded.value, &wish, loaded.freshness(system)))
    }

    fn price_range(&mut self, product: &Product) -> Result<Next, FieldError> {
        match product
            .content
            .as_ref()
            .and_then(|content| content.variants.clone())
        {
            Some(skus) => self.range_prices(skus),
            None => {
                let found = self.find_variants(&product.code)?;
                Ok(LiveStep::RangeVariants(found).into())
            }
        }
    }

    fn range_prices(&mut self, skus: Vec<Sku>) -> Result<Next, FieldError> {
        let wish = self.one_now();
        let mut prices = Vec::with_capacity(skus.len());
        for sku in &skus {
            prices.push(self.find_price(sku, &wish, false, Want::default())?);
        }
        Ok(LiveStep::RangePrices(prices).into())
    }

    fn one_now(&self) -> PriceWish {
        PriceWish {
            quantity: Decimal::ONE,
            unit: None,
            day: self.today,
        }
    }

    /// A range with a price missing because its system failed would be wrong, so one failure fails it.
    fn found_range(&self, prices: Vec<Found<Arc<[PriceRow]>>>) -> Result<Answer, FieldError> {
        let wish = self.one_now();
        let mut found = Vec::with_capacity(prices.len());
        for price in prices {
            found.extend(self.found_price(&wish, price)?);
        }
        let per_unit = |price: &Price| {
            let amount = side(&price.unit_price).unwrap_or(Decimal::MAX);
            amount.checked_div(price.price_quantity).unwrap_or(amount)
        };
        let minimum = found.iter().min_by_key(|price| per_unit(price));
        let maximum = found.iter().max_by_key(|price| per_unit(price));
        let oldest = found.iter().max_by_key(|price| price.freshness.age_ms);
        match (minimum, maximum, oldest) {
            (Some(minimum), Some(maximum), Some(oldest)) => Ok(Answer::object(PriceRange {
                minimum: minimum.unit_price,
                maximum: maximum.unit_price,
                freshness: oldest.freshness.clone(),
            })),
            _ => Ok(Answer::Null),
        }
    }

    // ------------------------------------------------------------ stock

    fn availability(&mut self, sku: &Sku, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let want = want(ask.args.int(1))?;
        let locations = self.wanted_locations(ask.args.texts(0))?;
        let selects = |name| ask.selection.is_some_and(|selection| selection.selects(name));
        let mut wish = StockWish {
            places: Vec::with_capacity(locations.len()),
            asked: Vec::with_capacity(1),
            in_words: selects("quantityDisplay"),
            in_days: selects("estimatedDelivery"),
        };
        for location in locations {
            let asked = self.find_stock(sku, &location.code, want, &mut wish.asked);
            wish.places.push(Place { location, asked });
        }
        Ok(LiveStep::Availability(wish).into())
    }

    fn wanted_locations(&self, only: Option<Vec<Arc<str>>>) -> Result<Vec<Arc<Location>>, FieldError> {
        let serving = &self.context.channel.locations;
        if let Some(only) = &only {
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
        let wanted = |code: &LocationCode| {
            only.as_ref()
                .is_none_or(|only| only.iter().any(|o| **o == *code.as_str()))
        };
        Ok(serving
            .iter()
            .filter(|code| wanted(code))
            .filter_map(|code| self.gateway.location(code.as_str()))
            .cloned()
            .collect())
    }

    fn find_stock(
        &mut self,
        sku: &Sku,
        location: &LocationCode,
        want: Want,
        asked: &mut Vec<StockQuestion>,
    ) -> Option<usize> {
        let loaders = &self.gateway.loaders().stock;
        let system = loaders
            .iter()
            .position(|stock| stock.locations.contains(location))?;
        let location = loaders[system].per_location.then(|| location.clone());
        let same = |question: &StockQuestion| question.system == system && question.location == location;
        if let Some(number) = asked.iter().position(same) {
            return Some(number);
        }
        let scoped = Scoped::new(
            Scope::Public,
            StockGroup {
                location: location.clone(),
            },
        );
        let found = self.stock[system].ask(&scoped, sku, want);
        asked.push(StockQuestion {
            system,
            location,
            found,
        });
        Some(asked.len() - 1)
    }

    /// When no location has a figure because the systems failed, the failure is the answer.
    fn found_availability(&self, wish: StockWish) -> Result<Answer, FieldError> {
        let mut answers = Vec::with_capacity(wish.asked.len());
        let mut failure: Option<FieldError> = None;
        let mut answered = false;
        for StockQuestion { system, found, .. } in wish.asked {
            let questions = &self.stock[system];
            let unlisted_is_none = self.gateway.loaders().stock[system].unlisted_is_none;
            let system = crate::loader::Source::system(questions.loader().source());
            let unknown = |state| Freshness {
                system: system.clone(),
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
                    let freshness = loaded.freshness(system);
                    (Some(loaded.value), unlisted_is_none, freshness)
                }
            });
        }
        let mut known = Vec::with_capacity(wish.places.len());
        for Place { location, asked } in wish.places {
            let Some(number) = asked else { continue };
            let (figures, unlisted_is_none, freshness) = &answers[number];
            known.push(Known {
                figure: figures
                    .as_ref()
                    .and_then(|figures| figure_at(figures, &location.code, *unlisted_is_none)),
                freshness: freshness.clone(),
                delivery: self.gateway.delivery(&location.code).filter(|_| wish.in_days),
                location,
            });
        }
        if let Some(error) = failure.take_if(|_| !answered) {
            return Err(error);
        }
        let shown = assemble(
            known,
            &View {
                channel: &self.context.channel,
                staff: self.context.is_staff(),
                words: wish.in_words.then_some(&self.context.language),
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

fn side(money: &TaxedMoney) -> Option<Decimal> {
    money.net.or(money.gross).map(|money| money.amount)
}
