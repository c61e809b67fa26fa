//! Systems in memory that answer at once, so that what is measured is the gateway and its ledger.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rust_decimal::Decimal;
use skuery_resolvers::checkout::systems::{CheckoutSystems, StockSystem};
use skuery_resolvers::port::order_entry::{
    ExternalNumber, OrderDraft, OrderEntry, OrderPromise, PlacedOrder, Submission,
};
use skuery_resolvers::port::{
    Answer, Answers, ByKey, Call, Port, PortLookup, PriceGroup, PriceMode, PriceRow, Prices, Stock,
    StockFigure, StockGroup,
};
use skuery_schema::availability::Location;
use skuery_schema::checkout::StockPromise;
use skuery_schema::ids::{LocationCode, Sku, SystemName};
use skuery_schema::price::PriceKind;

/// An ERP that has a price for everything and plenty of it.
pub(crate) struct Erp {
    system: SystemName,
    locations: [LocationCode; 1],
    orders: AtomicU64,
}

/// The systems of a checkout at these locations.
pub(crate) fn systems(locations: Vec<Arc<Location>>) -> CheckoutSystems {
    let erp = Arc::new(Erp {
        system: SystemName::new("erp"),
        locations: [LocationCode::new("WH-STO")],
        orders: AtomicU64::new(0),
    });
    CheckoutSystems {
        catalog: None,
        prices: erp.clone(),
        stock: vec![StockSystem {
            port: erp.clone(),
            reservations: None,
            promise: StockPromise::GatewayOnly,
            reflects_after: Duration::ZERO,
        }],
        customers: None,
        credit: None,
        orders: erp,
        payments: Default::default(),
        locations,
    }
}

fn all<V: Clone>(keys: &[Sku], value: V) -> ByKey<Sku, V> {
    keys.iter().map(|sku| (sku.clone(), Ok(value.clone()))).collect()
}

impl Port for Erp {
    fn system(&self) -> &SystemName {
        &self.system
    }

    fn max_keys(&self, _: PortLookup) -> usize {
        100
    }
}

impl Prices for Erp {
    fn price_mode(&self) -> PriceMode {
        PriceMode::Rows
    }

    fn prices<'a>(
        &'a self,
        _: Call,
        group: &'a PriceGroup,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<[PriceRow]>> {
        let row = PriceRow {
            minimum_quantity: Decimal::ONE,
            net: Some(Decimal::new(129_900, 2)),
            gross: None,
            before_discount: None,
            discount_percent: None,
            currency: group.currency,
            price_quantity: Decimal::ONE,
            unit: None,
            kind: PriceKind::PriceList,
            valid_from: None,
            valid_until: None,
        };
        let rows: Arc<[PriceRow]> = Arc::from([row]);
        Box::pin(async move { Ok(all(keys, rows)) })
    }
}

impl Stock for Erp {
    fn per_location(&self) -> bool {
        false
    }

    fn locations(&self) -> &[LocationCode] {
        &self.locations
    }

    fn stock<'a>(
        &'a self,
        _: Call,
        _: &'a StockGroup,
        keys: &'a [Sku],
    ) -> Answers<'a, Sku, Arc<[StockFigure]>> {
        let figure = StockFigure {
            location: self.locations[0].clone(),
            available: Decimal::from(1_000_000_000),
            on_hand: None,
            reserved: None,
            incoming: Vec::new(),
        };
        let figures: Arc<[StockFigure]> = Arc::from([figure]);
        Box::pin(async move { Ok(all(keys, figures)) })
    }
}

impl OrderEntry for Erp {
    fn order_promise(&self) -> OrderPromise {
        OrderPromise {
            external_number: ExternalNumber::Unique,
            rejects_oversell: false,
            visibility_delay: Duration::ZERO,
        }
    }

    fn place_order<'a>(&'a self, _: Call, _: &'a OrderDraft) -> Answer<'a, Submission> {
        let number = self.orders.fetch_add(1, Ordering::Relaxed);
        let placed = PlacedOrder {
            number: format!("{number}").into(),
            key: None,
            complete: true,
            lines: None,
        };
        Box::pin(async move { Ok(Submission::Accepted(placed)) })
    }

    fn placed_orders<'a>(&'a self, _: Call, _: &'a str) -> Answer<'a, Vec<PlacedOrder>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn finish_order<'a>(
        &'a self,
        _: Call,
        _: &'a OrderDraft,
        placed: &'a PlacedOrder,
    ) -> Answer<'a, Submission> {
        Box::pin(async move { Ok(Submission::Accepted(placed.clone())) })
    }
}
