//! The lines' prices, asked and chosen as queries do it, but past every cache.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::civil::Date;
use skuery_schema::freshness::{Freshness, FreshnessState};
use skuery_schema::ids::Sku;
use skuery_schema::price::Price;
use tokio::time::Instant;

use crate::checkout::Checkout;
use crate::checkout::reader::ask::{distinct, in_calls};
use crate::checkout::reader::{LineWish, askable};
use crate::commerce::context::Context;
use crate::commerce::price_question::{Chooser, PriceKeys, PriceWish};
use crate::commerce::price_terms::{PriceAbilities, PriceTerms, TermsError, customer};
use crate::commerce::pricing::Rows;
use crate::error::LookupError;
use crate::port::{ByKey, PortLookup, PriceGroup, PriceMode, PriceRow};

/// The price of one line.
pub(super) struct LinePrice {
    pub(super) price: Result<Option<Price>, LookupError>,
    /// The unit that a number without a unit means, where the rows say so.
    pub(super) sales_unit: Option<Arc<str>>,
}

/// The answers to one question, by article.
type Answers = ByKey<Sku, Arc<[PriceRow]>>;

/// The questions that leave together: each once, with all the articles that it is asked for.
#[derive(Default)]
struct Questions(Vec<(PriceGroup, Vec<Sku>)>);

/// Where the answers to a line will be found.
struct Asked {
    wish: PriceWish,
    rows: usize,
    own: Option<usize>,
}

impl Checkout {
    /// In the order of the lines. A customer that the system does not know has no prices.
    pub(crate) async fn line_prices(
        &self,
        context: &Context,
        lines: &[LineWish],
        deadline: Instant,
    ) -> Vec<Result<Option<Price>, LookupError>> {
        let prices = self.prices(context, lines, deadline).await;
        prices.into_iter().map(|line| line.price).collect()
    }

    pub(super) async fn prices(
        &self,
        context: &Context,
        lines: &[LineWish],
        deadline: Instant,
    ) -> Vec<LinePrice> {
        let for_all = |price: Result<Option<Price>, LookupError>| {
            let lines = lines.iter().map(|_| LinePrice {
                price: price.clone(),
                sales_unit: None,
            });
            lines.collect()
        };
        let terms = match self.terms(context, deadline).await {
            Ok(terms) => terms,
            Err(TermsError::UnknownCustomer(_)) => return for_all(Ok(None)),
            Err(TermsError::Illegal(error)) => return for_all(Err(error)),
        };
        let mut questions = Questions::default();
        let asked: Vec<Asked> = lines
            .iter()
            .map(|line| self.ask(context, &terms, line, &mut questions))
            .collect();
        let answers = self.answers(questions, deadline).await;
        let chooser = Chooser {
            context,
            terms: &terms,
            choice: self.parts.systems.prices.price_choice(),
            time_zone: &self.parts.rules.time_zone,
        };
        let prices = lines
            .iter()
            .zip(asked)
            .map(|(line, asked)| self.price(&chooser, &line.sku, asked, &answers));
        prices.collect()
    }

    /// By what terms is bought; the customer's record is asked for only where it decides.
    async fn terms(&self, context: &Context, deadline: Instant) -> Result<PriceTerms, TermsError> {
        let prices = &self.parts.systems.prices;
        let abilities = PriceAbilities {
            mode: prices.price_mode(),
            per_customer: prices.per_customer(),
        };
        let number = customer(context).filter(|_| abilities.needs_record(context));
        let Some((number, port)) = number.zip(self.parts.systems.customers.as_ref()) else {
            return Ok(PriceTerms::without_record(context, abilities));
        };
        let keys = std::slice::from_ref(number);
        let ask = |call, keys| port.customers(call, keys);
        let mut answers = in_calls(&**port, PortLookup::Customers, deadline, keys, ask).await;
        let record = answers.remove(number).transpose().map_err(TermsError::Illegal)?;
        PriceTerms::with_record(context, abilities, port.system(), record.as_deref())
    }

    fn ask(
        &self,
        context: &Context,
        terms: &PriceTerms,
        line: &LineWish,
        questions: &mut Questions,
    ) -> Asked {
        let mode = self.parts.systems.prices.price_mode();
        let wish = PriceWish {
            quantity: line.quantity,
            unit: line.unit.clone(),
            day: self.today(context),
            other_day: false,
            tiers: true,
        };
        let keys = PriceKeys::new(terms, mode, wish.asked(context.currency, mode));
        Asked {
            rows: questions.add(keys.rows.group().group(), &line.sku),
            own: keys.own.map(|own| questions.add(own.group().group(), &line.sku)),
            wish,
        }
    }

    async fn answers(&self, questions: Questions, deadline: Instant) -> Vec<Answers> {
        let port = &self.parts.systems.prices;
        let asked = questions.0.into_iter().map(|(group, skus)| async move {
            let skus = askable(&distinct(skus.iter()));
            let ask = |call, keys| port.prices(call, &group, keys);
            in_calls(&**port, PortLookup::Prices, deadline, &skus, ask).await
        });
        join_all(asked).await
    }

    /// A price without the customer's own agreements would be somebody else's, so one failure fails it.
    fn price(&self, chooser: &Chooser<'_>, sku: &Sku, asked: Asked, answers: &[Answers]) -> LinePrice {
        let of = |number: usize| answers[number].get(sku).cloned().transpose();
        let rows = of(asked.rows).and_then(|shared| Ok((shared, asked.own.map(of).transpose()?.flatten())));
        let (shared, own) = match rows {
            Ok(rows) => rows,
            Err(error) => {
                return LinePrice {
                    price: Err(error),
                    sales_unit: None,
                };
            }
        };
        let rows = Rows {
            own: own.as_deref().unwrap_or_default(),
            shared: shared.as_deref().unwrap_or_default(),
        };
        let freshness = || Freshness {
            system: self.parts.systems.prices.system().clone(),
            fetched_at: chooser.context.now,
            age_ms: 0,
            state: FreshnessState::Live,
        };
        let is_listed = self.parts.systems.prices.price_mode() == PriceMode::Rows;
        let usual = PriceWish {
            unit: None,
            ..asked.wish.clone()
        };
        // Where the system calculates, the answer is in the asked unit, and says nothing of the usual one.
        let usual = is_listed.then(|| chooser.choose(rows, &usual, freshness()));
        LinePrice {
            sales_unit: usual.flatten().map(|chosen| chosen.price.unit.code.clone()),
            price: Ok(chooser
                .choose(rows, &asked.wish, freshness())
                .map(|chosen| Arc::unwrap_or_clone(chosen.price))),
        }
    }

    /// The day on which the request falls.
    pub(crate) fn today(&self, context: &Context) -> Date {
        context.now.to_zoned(self.parts.rules.time_zone.clone()).date()
    }
}

impl Questions {
    fn add(&mut self, group: &PriceGroup, sku: &Sku) -> usize {
        let known = self.0.iter().position(|(known, _)| known == group);
        let number = known.unwrap_or(self.0.len());
        match known {
            Some(number) => self.0[number].1.push(sku.clone()),
            None => self.0.push((group.clone(), vec![sku.clone()])),
        }
        number
    }
}
