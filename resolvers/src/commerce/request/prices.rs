//! Prices: first by what terms the request buys, then the rows, then the one price.

use std::sync::Arc;

use rust_decimal::Decimal;
use skuery_schema::catalog::Product;
use skuery_schema::error::FieldError;
use skuery_schema::freshness::{Freshness, FreshnessState};
use skuery_schema::ids::Sku;

use crate::commerce::errors::{field_error, terms_error};
use crate::commerce::price_key::Asked;
use crate::commerce::price_question::{Chooser, PriceKeys, PriceWish};
use crate::commerce::price_terms::{PriceAbilities, PriceTerms, customer};
use crate::commerce::pricing::{Chosen, Rows, range};
use crate::commerce::questions::Found;
use crate::commerce::request::catalog::Variants;
use crate::commerce::request::live::LiveStep;
use crate::commerce::request::{CommerceRequest, Next, no_system, outcome, value, want};
use crate::commerce::sources::PriceLoader;
use crate::engine::{Answer, Ask};
use crate::loader::{Loaded, Scope, Scoped, Want};
use crate::port::PriceRow;
use crate::port::customers::CustomerRecord;

pub(super) enum PriceStep {
    /// Waits for the customer's record.
    Terms(PriceAsk, Found<Arc<CustomerRecord>>),
    Rows(PriceWish, Arc<PriceTerms>, FoundRows),
    RangeVariants(Found<Variants>, Terms),
    RangeRows(Arc<PriceTerms>, Vec<FoundRows>),
}

/// What is to be asked once the terms are known.
pub(super) enum PriceAsk {
    One(Sku, PriceWish, Want),
    Range(Vec<Sku>),
}

/// The terms, or the record they wait for.
pub(super) enum Terms {
    Known(Arc<PriceTerms>),
    Asked(Found<Arc<CustomerRecord>>),
}

/// The rows of one article.
pub(super) struct FoundRows {
    rows: Found<Arc<[PriceRow]>>,
    /// The customer's own, where the system lists them beside those of the list.
    own: Option<Found<Arc<[PriceRow]>>>,
}

/// What the request's prices have in common, kept from one price of a page to the next.
#[derive(Default)]
pub(super) struct PriceQuestions {
    /// By the age that was accepted: all prices of a page go by the same record.
    terms: Vec<(Want, Arc<PriceTerms>)>,
    last: Option<Keys>,
}

/// The keys of the last price asked for; a page asks for all its prices in one.
struct Keys {
    terms: Arc<PriceTerms>,
    asked: Asked,
    keys: PriceKeys,
}

impl PriceStep {
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Terms(_, found) => found.waits(),
            Self::Rows(_, _, rows) => rows.waits(),
            Self::RangeVariants(found, terms) => found.waits() || terms.waits(),
            Self::RangeRows(_, rows) => rows.iter().any(FoundRows::waits),
        }
    }
}

impl Terms {
    fn waits(&self) -> bool {
        matches!(self, Self::Asked(found) if found.waits())
    }
}

impl FoundRows {
    fn waits(&self) -> bool {
        self.rows.waits() || self.own.as_ref().is_some_and(Found::waits)
    }
}

impl From<PriceStep> for Next {
    fn from(step: PriceStep) -> Self {
        LiveStep::Price(step).into()
    }
}

impl CommerceRequest<'_> {
    pub(super) fn ask_price(&mut self, sku: &Sku, ask: &Ask<'_>) -> Result<Next, FieldError> {
        let quantity = ask.args.decimal(0).unwrap_or(Decimal::ONE);
        if quantity <= Decimal::ZERO {
            return Err(FieldError::bad_input("quantity: a number above 0"));
        }
        let day = ask.args.timestamp(2).map(|at| self.gateway.day(at));
        let wish = PriceWish {
            quantity,
            unit: ask.args.text(1).cloned(),
            day: day.unwrap_or(self.today),
            other_day: day.is_some(),
            tiers: ask.selection.is_some_and(|selection| selection.selects("tiers")),
        };
        let want = want(ask.args.int(3))?;
        match self.find_terms(want)? {
            Terms::Known(terms) => self.ask_one(sku, wish, terms, want),
            Terms::Asked(found) => Ok(PriceStep::Terms(PriceAsk::One(sku.clone(), wish, want), found).into()),
        }
    }

    /// One piece's price now, with all that is told of it.
    pub(super) fn ask_whole_price(&mut self, sku: &Sku) -> Result<Next, FieldError> {
        let wish = PriceWish {
            tiers: true,
            ..self.one_now()
        };
        let want = Want::default();
        let terms = self.find_terms(want)?;
        self.ask_rows(PriceAsk::One(sku.clone(), wish, want), terms)
    }

    /// The customer is asked for beside the variants.
    pub(super) fn ask_price_range(&mut self, product: &Product) -> Result<Next, FieldError> {
        let variants = product
            .content
            .as_ref()
            .and_then(|content| content.variants.clone());
        let terms = self.find_terms(Want::default())?;
        match variants {
            Some(skus) => self.ask_rows(PriceAsk::Range(skus), terms),
            None => {
                let found = self.find_variants(&product.code)?;
                Ok(PriceStep::RangeVariants(found, terms).into())
            }
        }
    }

    pub(super) fn go_on_price(&mut self, step: PriceStep) -> Result<Next, FieldError> {
        match step {
            PriceStep::Terms(ask, found) => {
                let terms = self.found_terms(ask.want(), found)?;
                self.ask_rows(ask, Terms::Known(terms))
            }
            PriceStep::Rows(wish, terms, rows) => self.price(&wish, &terms, rows).map(Into::into),
            PriceStep::RangeVariants(found, terms) => {
                let variants = value(&self.catalog_role()?.variants_of, found)?;
                let skus = variants
                    .iter()
                    .flat_map(|variants| variants.iter())
                    .map(|(sku, _)| sku.clone());
                let ask = PriceAsk::Range(skus.collect());
                self.ask_rows(ask, terms)
            }
            PriceStep::RangeRows(terms, rows) => self.found_range(&terms, rows).map(Into::into),
        }
    }

    // ------------------------------------------------------------ terms

    pub(super) fn find_terms(&mut self, want: Want) -> Result<Terms, FieldError> {
        if let Some((_, terms)) = self.price_questions.terms.iter().find(|(w, _)| *w == want) {
            return Ok(Terms::Known(terms.clone()));
        }
        let abilities = self.price_loader()?.abilities();
        let number = customer(&self.context).filter(|_| abilities.needs_record(&self.context));
        if let Some((number, questions)) = number.zip(self.customers.as_mut()) {
            let scoped = Scoped::new(Scope::Customer(number.clone()), ());
            return Ok(Terms::Asked(questions.ask(&scoped, number, want)));
        }
        let terms = PriceTerms::without_record(&self.context, abilities);
        Ok(Terms::Known(self.keep_terms(want, terms)))
    }

    pub(super) fn found_terms(
        &mut self,
        want: Want,
        found: Found<Arc<CustomerRecord>>,
    ) -> Result<Arc<PriceTerms>, FieldError> {
        let abilities = self.price_loader()?.abilities();
        let Some(questions) = &self.customers else {
            return Err(no_system("CUSTOMERS"));
        };
        let record = outcome(questions, found).map_err(|error| field_error(&error))?;
        let system = questions.system();
        let known = record.as_ref().map(|loaded| &*loaded.value);
        let terms = PriceTerms::with_record(&self.context, abilities, system, known)
            .map_err(|error| terms_error(&error))?;
        let terms = PriceTerms {
            record: record.map(Loaded::age),
            ..terms
        };
        Ok(self.keep_terms(want, terms))
    }

    fn keep_terms(&mut self, want: Want, terms: PriceTerms) -> Arc<PriceTerms> {
        let kept = &mut self.price_questions.terms;
        if let Some((_, terms)) = kept.iter().find(|(w, _)| *w == want) {
            return terms.clone();
        }
        let terms = Arc::new(terms);
        kept.push((want, terms.clone()));
        terms
    }

    fn price_loader(&self) -> Result<&PriceLoader, FieldError> {
        self.gateway
            .loaders()
            .prices
            .as_ref()
            .ok_or_else(|| no_system("PRICES"))
    }

    // ------------------------------------------------------------ rows

    fn ask_rows(&mut self, ask: PriceAsk, terms: Terms) -> Result<Next, FieldError> {
        let terms = match terms {
            Terms::Known(terms) => terms,
            Terms::Asked(found) => return Ok(PriceStep::Terms(ask, found).into()),
        };
        match ask {
            PriceAsk::One(sku, wish, want) => self.ask_one(&sku, wish, terms, want),
            PriceAsk::Range(skus) => {
                let wish = self.one_now();
                let rows = skus
                    .iter()
                    .map(|sku| self.find_rows(sku, &wish, &terms, Want::default()))
                    .collect::<Result<_, _>>()?;
                Ok(PriceStep::RangeRows(terms, rows).into())
            }
        }
    }

    /// Most prices of a page are at hand: they are not carried around as a step first.
    fn ask_one(
        &mut self,
        sku: &Sku,
        wish: PriceWish,
        terms: Arc<PriceTerms>,
        want: Want,
    ) -> Result<Next, FieldError> {
        let rows = self.find_rows(sku, &wish, &terms, want)?;
        match rows.waits() {
            true => Ok(PriceStep::Rows(wish, terms, rows).into()),
            false => self.price(&wish, &terms, rows).map(Into::into),
        }
    }

    fn find_rows(
        &mut self,
        sku: &Sku,
        wish: &PriceWish,
        terms: &Arc<PriceTerms>,
        want: Want,
    ) -> Result<FoundRows, FieldError> {
        let mode = self.price_loader()?.mode;
        let Some(questions) = self.prices.as_mut() else {
            return Err(no_system("PRICES"));
        };
        let asked = wish.asked(self.context.currency, mode);
        let last = &mut self.price_questions.last;
        last.take_if(|last| !Arc::ptr_eq(&last.terms, terms) || last.asked != asked);
        let keys = last.get_or_insert_with(|| Keys {
            terms: terms.clone(),
            keys: PriceKeys::new(terms, mode, asked.clone()),
            asked,
        });
        let keys = &keys.keys;
        Ok(FoundRows {
            rows: questions.ask(&keys.rows, sku, want),
            own: keys.own.as_ref().map(|own| questions.ask(own, sku, want)),
        })
    }

    // ------------------------------------------------------------ prices

    fn price(&self, wish: &PriceWish, terms: &PriceTerms, rows: FoundRows) -> Result<Answer, FieldError> {
        let chosen = self.found_price(wish, terms, rows)?;
        Ok(chosen.map_or(Answer::Null, |chosen| Answer::Object(chosen.price)))
    }

    /// A price without the customer's own agreements would be somebody else's, so one failure fails it.
    fn found_price(
        &self,
        wish: &PriceWish,
        terms: &PriceTerms,
        found: FoundRows,
    ) -> Result<Option<Chosen>, FieldError> {
        let loader = self.price_loader()?;
        let Some(questions) = &self.prices else {
            return Err(no_system("PRICES"));
        };
        let of = |found| outcome(questions, found).map_err(|error| field_error(&error));
        let shared = of(found.rows)?;
        let own = found.own.map(of).transpose()?.flatten();
        let age = |loaded: &Loaded<_>| questions.freshness(loaded);
        let freshness = match (&shared, &own) {
            (None, None) => return Ok(None),
            (Some(one), None) | (None, Some(one)) => age(one),
            (Some(shared), Some(own)) => older(age(shared), age(own)),
        };
        let freshness = match &terms.record {
            Some(record) => older(freshness, questions.freshness(record)),
            None => freshness,
        };
        let rows = Rows {
            own: own.as_ref().map_or(&[], |loaded| &loaded.value),
            shared: shared.as_ref().map_or(&[], |loaded| &loaded.value),
        };
        let chooser = Chooser {
            context: &self.context,
            terms,
            choice: loader.choice,
            time_zone: self.gateway.time_zone(),
        };
        Ok(chooser.choose(rows, wish, freshness))
    }

    fn one_now(&self) -> PriceWish {
        PriceWish {
            quantity: Decimal::ONE,
            unit: None,
            day: self.today,
            other_day: false,
            tiers: false,
        }
    }

    /// A range with a price missing because its system failed would be wrong, so one failure fails it.
    fn found_range(&self, terms: &PriceTerms, rows: Vec<FoundRows>) -> Result<Answer, FieldError> {
        let wish = self.one_now();
        let mut prices = Vec::with_capacity(rows.len());
        for rows in rows {
            prices.extend(self.found_price(&wish, terms, rows)?);
        }
        let range = range(&prices, self.context.taxes, self.context.currency);
        Ok(range.map_or(Answer::Null, Answer::object))
    }
}

impl PriceAsk {
    fn want(&self) -> Want {
        match self {
            Self::One(_, _, want) => *want,
            Self::Range(_) => Want::default(),
        }
    }
}

impl PriceLoader {
    fn abilities(&self) -> PriceAbilities {
        PriceAbilities {
            mode: self.mode,
            per_customer: self.per_customer,
        }
    }
}

/// Of two parts of one price: the age of the older, served as the worse of both was.
fn older(one: Freshness, other: Freshness) -> Freshness {
    let state = match (one.state, other.state) {
        (FreshnessState::Stale, _) | (_, FreshnessState::Stale) => FreshnessState::Stale,
        (FreshnessState::Cached, _) | (_, FreshnessState::Cached) => FreshnessState::Cached,
        (FreshnessState::Live, FreshnessState::Live) => FreshnessState::Live,
    };
    let oldest = match one.age_ms >= other.age_ms {
        true => one,
        false => other,
    };
    Freshness { state, ..oldest }
}
