//! A shop to test with: two warehouses, one that reserves and one that does not, a price system, a catalogue, a CRM.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use skuery_schema::availability::{Location, LocationKind};
use skuery_schema::checkout::{CheckoutVerification, StockPromise, UserErrorCode, VerifyCheckoutPayload};
use skuery_schema::ids::{Currency, Language, Sku};
use skuery_schema::price::PriceKind;
use tokio::time::Instant;

use crate::checkout::book::BookLedger;
use crate::checkout::input::{LineInput, VerifyInput};
use crate::checkout::record::Buyer;
use crate::checkout::rules::{Capture, CheckoutRules};
use crate::checkout::systems::{CheckoutSystems, StockSystem};
use crate::checkout::tests::fakes::{ArticleList, Clock, CustomerFile, PriceBook, locked};
use crate::checkout::tests::orders::OrderBook;
use crate::checkout::tests::warehouse::Warehouse;
use crate::checkout::{Changes, Checkout, CheckoutParts};
use crate::commerce::channel::{Access, Channel, Tax};
use crate::commerce::context::Context;
use crate::commerce::identity::{Identity, Permissions};
use crate::commerce::stock_display::StockDisplay;
use crate::commerce::taxes::Taxes;
use crate::door::secret::Secret;
use crate::port::{Locales, PriceMode, PriceRow};

/// The shop, and handles to everything in it.
pub(crate) struct Shop {
    pub(crate) clock: Clock,
    /// Reserves; keeps `WH-1` and `WH-2`.
    pub(crate) wms: Arc<Warehouse>,
    /// Does not reserve; keeps `DEP`.
    pub(crate) depot: Arc<Warehouse>,
    pub(crate) prices: Arc<PriceBook>,
    pub(crate) catalog: Arc<ArticleList>,
    pub(crate) crm: Arc<CustomerFile>,
    pub(crate) orders: Arc<OrderBook>,
    pub(crate) ledger: Arc<BookLedger>,
    pub(crate) changes: Arc<Told>,
    pub(crate) checkout: Checkout,
    pub(crate) channel: Channel,
}

/// What others were told.
#[derive(Default)]
pub(crate) struct Told(pub(crate) Mutex<Vec<Sku>>);

impl Changes for Told {
    fn stock_changed(&self, skus: &[Sku]) {
        locked(&self.0).extend_from_slice(skus);
    }

    fn orders_changed(&self, _: &Buyer) {}
}

pub(crate) const LOCATIONS: [&str; 3] = ["WH-1", "WH-2", "DEP"];

impl Shop {
    pub(crate) fn new() -> Self {
        Self::with(PriceMode::Rows, |_| {})
    }

    /// A shop whose systems are put together otherwise.
    pub(crate) fn with(mode: PriceMode, change: impl FnOnce(&mut CheckoutSystems)) -> Self {
        let clock = Clock::new();
        let wms = Arc::new(Warehouse::new("wms", &["WH-1", "WH-2"], clock));
        let depot = Arc::new(Warehouse::new("depot", &["DEP"], clock));
        let prices = Arc::new(PriceBook::new(mode));
        let catalog = Arc::new(ArticleList::new());
        let crm = Arc::new(CustomerFile::new());
        let orders = Arc::new(OrderBook::new());
        let ledger = Arc::new(BookLedger::default());
        let changes = Arc::new(Told::default());
        let mut systems = CheckoutSystems {
            catalog: Some(catalog.clone()),
            prices: prices.clone(),
            stock: vec![
                StockSystem {
                    port: wms.clone(),
                    reservations: Some(wms.clone()),
                    promise: StockPromise::AtomicReservation,
                    reflects_after: Duration::ZERO,
                },
                StockSystem {
                    port: depot.clone(),
                    reservations: None,
                    promise: StockPromise::GatewayOnly,
                    reflects_after: Duration::ZERO,
                },
            ],
            customers: Some(crm.clone()),
            credit: Some(crm.clone()),
            orders: orders.clone(),
            payments: BTreeMap::new(),
            locations: LOCATIONS.map(location).to_vec(),
        };
        change(&mut systems);
        let checkout = Checkout::new(CheckoutParts {
            ledger: ledger.clone(),
            systems,
            rules: rules(),
            changes: changes.clone(),
        });
        Self {
            clock,
            wms,
            depot,
            prices,
            catalog,
            crm,
            orders,
            ledger,
            changes,
            checkout,
            channel: channel(),
        }
    }

    /// An article at 10 each, or 8 from 5 pieces on, that lies nowhere yet.
    pub(crate) fn sells(&self, sku: &str) -> &Self {
        locked(&self.catalog.articles).insert(sku.into(), 0);
        self.prices.set(None, sku, vec![row(1, "10.00"), row(5, "8.00")]);
        self
    }

    pub(crate) fn context(&self, customer: Option<&str>) -> Context {
        let channel = Arc::new(self.channel.clone());
        let identity = customer.map(|number| {
            Arc::new(Identity {
                subject: number.into(),
                customer: Some(number.into()),
                company: None,
                price_list: None,
                channels: Vec::new(),
                permissions: Permissions::default(),
                expires: Timestamp::MAX,
            })
        });
        Context {
            language: Language::from("en"),
            locales: Locales([Arc::from("en")].into()),
            currency: channel.currency,
            price_list: None,
            taxes: Taxes::new(&channel.tax, Some("SE")),
            country: Some("SE".into()),
            identity,
            now: self.clock.now(),
            deadline: Instant::now() + Duration::from_secs(30),
            channel,
        }
    }

    pub(crate) async fn verify(&self, input: VerifyInput) -> VerifyCheckoutPayload {
        self.checkout.verify(&self.context(None), input).await
    }

    /// A verification that must come about.
    pub(crate) async fn verified(&self, input: VerifyInput) -> CheckoutVerification {
        verification(self.verify(input).await)
    }

    /// What becomes of ended holds, as the worker does it.
    pub(crate) async fn give_back_ended(&self) {
        use crate::checkout::ledger::Ledger;
        let run = crate::checkout::run::Run::begin(self.clock.now(), Duration::from_secs(10));
        let ended = self
            .ledger
            .claim_ended(self.clock.now(), Duration::from_secs(10), 100);
        for hold in ended.await.expect("the ledger is there") {
            self.checkout
                .give_back(&hold, &run)
                .await
                .expect("the systems are there");
        }
    }
}

pub(crate) fn verification(payload: VerifyCheckoutPayload) -> CheckoutVerification {
    assert!(payload.user_errors.is_empty(), "{:?}", payload.user_errors);
    payload.verification.expect("a verification")
}

pub(crate) fn codes(payload: &VerifyCheckoutPayload) -> Vec<UserErrorCode> {
    assert!(payload.verification.is_none(), "{payload:?}");
    payload.user_errors.iter().map(|error| error.code).collect()
}

/// A cart with a key of its own for every content, that wants its stock held.
pub(crate) fn cart(key: &str, lines: &[LineInput]) -> VerifyInput {
    VerifyInput {
        idempotency_key: key.into(),
        checkout_id: "cart-1".into(),
        lines: lines.to_vec(),
        ship_to: None,
        pickup_location: None,
        reserve: true,
        hold_seconds: None,
    }
}

/// A line named as its article.
pub(crate) fn line(sku: &str, quantity: &str) -> LineInput {
    LineInput {
        line_id: sku.into(),
        sku: sku.into(),
        quantity: number(quantity),
        unit: None,
        expected_unit_price: None,
        accept_backorder: false,
        accept_partial: false,
    }
}

pub(crate) fn number(text: &str) -> Decimal {
    text.parse().expect("a number")
}

pub(crate) fn euro() -> Currency {
    Currency::parse("EUR").expect("a code")
}

pub(crate) fn row(minimum: i64, net: &str) -> PriceRow {
    PriceRow {
        minimum_quantity: minimum.into(),
        net: Some(number(net)),
        gross: None,
        before_discount: None,
        discount_percent: None,
        currency: euro(),
        price_quantity: Decimal::ONE,
        unit: None,
        kind: PriceKind::Base,
        valid_from: None,
        valid_until: None,
    }
}

pub(crate) fn location(code: &str) -> Arc<Location> {
    Arc::new(Location {
        code: code.into(),
        name: code.into(),
        kind: LocationKind::Warehouse,
        address: None,
    })
}

fn channel() -> Channel {
    Channel {
        name: "web".into(),
        languages: vec![Language::from("en")],
        fallback: Vec::new(),
        price_lists: BTreeMap::from([(euro(), None)]),
        currency: euro(),
        countries: Vec::new(),
        locations: LOCATIONS.iter().map(|code| (*code).into()).collect(),
        stock_display: StockDisplay::Exact,
        low_stock: Decimal::ZERO,
        backorders: true,
        access: Access::Anyone,
        tax: Tax {
            rates: BTreeMap::from([("SE".into(), Decimal::from(25))]),
            ..Tax::default()
        },
    }
}

pub(crate) fn rules() -> CheckoutRules {
    CheckoutRules {
        lines: 50,
        hold: Duration::from_secs(900),
        longest_hold: Duration::from_secs(3600),
        deadline: Duration::from_secs(10),
        order_prefix: "SK-".into(),
        guest_customer: None,
        payment_required: false,
        capture: Capture::Never,
        time_zone: TimeZone::UTC,
        token_keys: vec![Secret::new("a key that is long enough for a test")],
        retry: vec![Duration::from_secs(1)],
        give_up: Duration::from_secs(3600),
    }
}
