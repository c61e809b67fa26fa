//! The price and stock ports' questions as sources of loaders.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use skuery_schema::ids::{Sku, SystemName};

use crate::commerce::price_key::PriceKey;
use crate::commerce::sources::is_same_port;
use crate::commerce::written::Written;
use crate::error::LookupError;
use crate::loader::Source;
use crate::port::{ByKey, Call, PortLookup, PriceMode, PriceRow, Prices, Stock, StockFigure, StockGroup};

/// What a shared value takes beside itself: its two counts.
const ARC_HEAD: usize = 16;

type Fetching<'a, V> = Pin<Box<dyn Future<Output = Result<ByKey<Sku, V>, LookupError>> + Send + 'a>>;

/// Prices by SKU. The scope stands beside the group in every key.
pub(crate) struct PriceSource {
    pub(crate) port: Arc<dyn Prices>,
    pub(crate) time_zone: TimeZone,
}

impl Source for PriceSource {
    type Group = PriceKey;
    type Key = Sku;
    type Value = Arc<[PriceRow]>;

    fn system(&self) -> &SystemName {
        self.port.system()
    }

    fn operation(&self) -> &'static str {
        PortLookup::Prices.as_str()
    }

    fn is_same(&self, other: &Self) -> bool {
        is_same_port(&self.port, &other.port) && self.time_zone == other.time_zone
    }

    fn can_exist(&self, sku: &Sku) -> bool {
        sku.is_writable()
    }

    fn max_keys(&self) -> usize {
        self.port.max_keys(PortLookup::Prices)
    }

    fn fetch<'a>(&'a self, call: Call, key: &'a PriceKey, keys: &'a [Sku]) -> Fetching<'a, Arc<[PriceRow]>> {
        self.port.prices(call, key.group(), keys)
    }

    /// A price is never kept, nor served stale, past the end of its validity.
    fn good_for(&self, rows: &Arc<[PriceRow]>) -> Duration {
        let now = Timestamp::now();
        let left = |row: &PriceRow| {
            let end = row
                .valid_until?
                .tomorrow()
                .ok()?
                .to_zoned(self.time_zone.clone())
                .ok()?
                .timestamp();
            // An end in the past leaves nothing.
            Some(Duration::try_from(end.duration_since(now)).unwrap_or(Duration::ZERO))
        };
        let mode = self.port.price_mode();
        // Among rows the valid ones are chosen when a price is read, so only a calculated price can outlive itself.
        let ends = rows
            .iter()
            .filter(|_| mode == PriceMode::Calculated)
            .filter_map(left);
        ends.min().unwrap_or(Duration::MAX)
    }

    fn weight(&self, rows: &Arc<[PriceRow]>) -> usize {
        let texts = rows.iter().filter_map(|row| row.unit.as_ref());
        ARC_HEAD + size_of_val(&**rows) + texts.map(|text| ARC_HEAD + text.len()).sum::<usize>()
    }
}

/// Stock by SKU of one system.
pub(crate) struct StockSource {
    pub(crate) port: Arc<dyn Stock>,
    pub(crate) bypass: LowStockBypass,
}

/// How the freshness of stock shrinks as the quantity shrinks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LowStockBypass {
    /// From this quantity up, stock is kept for its usual time.
    pub plenty: Decimal,
    /// From this quantity down (but not at zero), the system is asked every time.
    pub always_ask: Decimal,
}

impl LowStockBypass {
    fn fresh_for(self, quantity: Decimal, usual: Duration) -> Duration {
        if quantity <= Decimal::ZERO || quantity >= self.plenty {
            return usual;
        }
        if quantity <= self.always_ask {
            return Duration::ZERO;
        }
        let share = (quantity / self.plenty * Decimal::ONE_THOUSAND)
            .to_u32()
            .unwrap_or(0);
        usual * share.min(1000) / 1000
    }
}

impl Source for StockSource {
    type Group = StockGroup;
    type Key = Sku;
    type Value = Arc<[StockFigure]>;

    fn system(&self) -> &SystemName {
        self.port.system()
    }

    fn operation(&self) -> &'static str {
        PortLookup::Stock.as_str()
    }

    fn is_same(&self, other: &Self) -> bool {
        is_same_port(&self.port, &other.port) && self.bypass == other.bypass
    }

    fn can_exist(&self, sku: &Sku) -> bool {
        sku.is_writable()
    }

    fn max_keys(&self) -> usize {
        self.port.max_keys(PortLookup::Stock)
    }

    fn fetch<'a>(
        &'a self,
        call: Call,
        group: &'a StockGroup,
        keys: &'a [Sku],
    ) -> Fetching<'a, Arc<[StockFigure]>> {
        self.port.stock(call, group, keys)
    }

    fn fresh_for(&self, figures: &Arc<[StockFigure]>, usual: Duration) -> Duration {
        let quantity = figures
            .iter()
            .map(|figure| figure.available.max(Decimal::ZERO))
            .sum();
        self.bypass.fresh_for(quantity, usual)
    }

    fn weight(&self, figures: &Arc<[StockFigure]>) -> usize {
        let incoming = figures.iter().map(|figure| size_of_val(&*figure.incoming));
        ARC_HEAD + size_of_val(&**figures) + incoming.sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_shrinks_with_the_quantity() {
        let bypass = LowStockBypass {
            plenty: Decimal::from(20),
            always_ask: Decimal::from(3),
        };
        let usual = Duration::from_secs(10);
        let at = |quantity: i64| bypass.fresh_for(Decimal::from(quantity), usual);
        assert_eq!(at(100), usual);
        assert_eq!(at(10), Duration::from_secs(5));
        assert_eq!(at(3), Duration::ZERO);
        assert_eq!(at(1), Duration::ZERO);
        assert_eq!(at(0), usual, "nothing to sell: no reason to ask more often");
    }
}
