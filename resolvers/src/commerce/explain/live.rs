//! What prices, availability and the customer's account ask.

use skuery_schema::ids::CustomerNumber;
use skuery_schema::input::Input;
use skuery_schema::lookup;

use crate::commerce::explain::sources::{KnownPrices, SourceId};
use crate::commerce::explain::tally::{Question, ScopeKind};
use crate::commerce::explain::walk::{Asking, Objects, Path, Told, Walk, hash, mix, public};
use crate::commerce::price_terms::{PriceAbilities, claimed_list, customer};
use crate::port::PriceMode;

/// The customer who asks, everywhere.
const OWN: u64 = 21;
/// Groups of prices.
const LISTED: u64 = 22;
const AGREED: u64 = 23;

impl<T: Told> Walk<'_, T> {
    pub(super) fn ask_live(&mut self, ask: &Asking<'_>, path: &Path<'_>) {
        match ask.lookup {
            lookup::PRICE => {
                let max_age = ask.args.int(3);
                // Where the system calculates, quantity, unit and day are part of the question.
                let wish = hash((
                    ask.args.decimal(0).map(|quantity| quantity.normalize()),
                    ask.args.text(1),
                    ask.args.timestamp(2),
                ));
                self.prices(ask.objects, wish, max_age, path);
            }
            lookup::PRICE_RANGE => {
                let Some(catalog) = &self.sources.catalog else {
                    return;
                };
                let known = self.terms(ask.objects.time, None, path);
                let variants = self.variants(catalog, ask.objects, path);
                let time = variants.time.max(known.unwrap_or_default());
                let one = hash((Some(rust_decimal::Decimal::ONE), None::<()>, None::<()>));
                self.prices(Objects { time, ..variants }, one, None, path);
            }
            _ => self.availability(ask.args.get(0), ask.args.int(1), ask.objects, path),
        }
        self.visit(ask.selection(), ask.objects, path);
    }

    /// One event of a subscription: the state of one article.
    pub(super) fn ask_change(&mut self, ask: &Asking<'_>, path: &Path<'_>) {
        let time = ask.objects.time;
        let article = Objects::new(1, time, ask.set());
        match ask.lookup {
            lookup::PRICE_CHANGED => {
                let one = hash((Some(rust_decimal::Decimal::ONE), None::<()>, None::<()>));
                self.prices(article, one, None, path);
            }
            _ => self.availability(ask.args.get(1), None, article, path),
        }
        self.visit(
            ask.selection(),
            Objects {
                time: time + 1,
                ..article
            }
            .whole(),
            path,
        );
    }

    // ------------------------------------------------------------ prices

    fn prices(&mut self, variants: Objects, wish: u64, max_age: Option<i32>, path: &Path<'_>) {
        let Some(prices) = &self.sources.prices else {
            return;
        };
        let time = match self.terms(variants.time, max_age, path) {
            Some(time) => time,
            None => variants.time,
        };
        let wish = match prices.mode {
            PriceMode::Calculated => mix(wish, hash(max_age)),
            PriceMode::Rows => hash(max_age),
        };
        for (group, scope) in self.price_scopes(prices) {
            let rows = public(prices.source, variants.set, variants.count, time);
            let group = mix(group, wish);
            self.tell(Question { group, scope, ..rows }, path);
        }
    }

    /// The questions of one price: of its list, and of the customer's own agreements.
    pub(super) fn price_scopes(
        &self,
        prices: &KnownPrices,
    ) -> impl Iterator<Item = (u64, ScopeKind)> + use<T> {
        let own = prices.per_customer && self.own_customer().is_some();
        let is_listed = claimed_list(self.context).is_some() || self.context.price_list.is_some();
        let shared = match is_listed {
            true => ScopeKind::PriceList,
            false => ScopeKind::Public,
        };
        let shared = (!own || prices.mode == PriceMode::Rows).then_some((LISTED, shared));
        let own = own.then_some((AGREED, ScopeKind::Customer));
        shared.into_iter().chain(own)
    }

    /// From when on the terms are known by which is bought; `None` where nobody is asked.
    fn terms(&mut self, time: u32, max_age: Option<i32>, path: &Path<'_>) -> Option<u32> {
        let needed = self
            .sources
            .prices
            .as_ref()
            .is_some_and(|prices| self.needs_record(prices));
        needed.then(|| self.record(time, max_age, path))
    }

    /// Whether the customer's record decides what is asked for prices.
    pub(super) fn needs_record(&self, prices: &KnownPrices) -> bool {
        let abilities = PriceAbilities {
            mode: prices.mode,
            per_customer: prices.per_customer,
        };
        self.sources.customers.is_some()
            && self.own_customer().is_some()
            && abilities.needs_record(self.context)
    }

    // ------------------------------------------------------------ the account

    pub(super) fn own_customer(&self) -> Option<&CustomerNumber> {
        customer(self.context)
    }

    pub(super) fn own(&self, count: u64, time: u32) -> Objects {
        Objects::new(count, time, OWN)
    }

    pub(super) fn of_own(&self, source: SourceId, max_age: Option<i32>, time: u32) -> Question {
        Question {
            scope: ScopeKind::Customer,
            group: hash(max_age),
            ..public(source, OWN, 1, time)
        }
    }

    /// Asks for the record of the customer who asks; from when on it is known. It is asked for once in an operation.
    pub(super) fn record(&mut self, time: u32, max_age: Option<i32>, path: &Path<'_>) -> u32 {
        let Some(source) = self.sources.customers else {
            return time;
        };
        let first = match (max_age, self.record_at) {
            (None, Some(first)) => first.min(time),
            _ => time,
        };
        let question = self.of_own(source, max_age, first);
        self.tell(question, path);
        time.max(first + 1)
    }

    pub(super) fn ask_account(&mut self, ask: &Asking<'_>, path: &Path<'_>) {
        let time = ask.objects.time;
        if self.own_customer().is_none() {
            return;
        }
        match ask.lookup {
            lookup::VIEWER => {
                let own = self.own(1, time);
                self.visit(ask.selection(), own, path);
            }
            lookup::CREDIT => {
                if let Some(source) = self.sources.credit {
                    let question = self.of_own(source, None, time);
                    self.tell(question, path);
                }
            }
            _ => {
                self.terms(time, None, path);
            }
        }
    }

    // ------------------------------------------------------------ availability

    fn availability(
        &mut self,
        only: Option<&Input>,
        max_age: Option<i32>,
        variants: Objects,
        path: &Path<'_>,
    ) {
        let Objects { count, set, time, .. } = variants;
        let only = match only {
            Some(Input::List(codes)) => Some(codes.as_slice()),
            _ => None,
        };
        let max_age = hash(max_age);
        let serving = &self.context.channel.locations;
        let sources = self.sources;
        for stock in &sources.stock {
            let asked = serving.iter().filter(|code| {
                let is = |only: &Input| only.as_text().is_some_and(|only| **only == *code.as_str());
                stock.locations.contains(code) && only.is_none_or(|only| only.iter().any(is))
            });
            let mut asked = asked.peekable();
            let question = public(stock.source, set, count, time);
            if !stock.per_location {
                if asked.peek().is_some() {
                    let group = max_age;
                    self.tell(Question { group, ..question }, path);
                }
                continue;
            }
            for code in asked {
                let group = mix(hash(code.as_str()), max_age);
                self.tell(Question { group, ..question }, path);
            }
        }
    }
}
