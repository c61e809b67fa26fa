//! A gateway over order systems in memory, which can be down and count their calls.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use skuery_schema::availability::{Location, LocationKind};
use skuery_schema::ids::{Currency, Language, SystemName};

use crate::commerce::channel::{Access, Channel, Tax};
use crate::commerce::documents::Documents;
use crate::commerce::explain::access::ExplainAccess;
use crate::commerce::gateway::{Gateway, GraphqlRequest, Limits, LowStockBypass, Pace, Parts, Policies};
use crate::commerce::identity::{Identity, Permissions};
use crate::commerce::orders::rules::OrderRules;
use crate::commerce::stock_display::StockDisplay;
use crate::connector::System;
use crate::connector::config::{Secret, SystemConfig};
use crate::error::{ErrorKind, LookupError};
use crate::loader::Policy;
use crate::port::orders::{
    DocumentBody, DocumentKey, DocumentRecord, FulfillmentRecord, OrderAbilities, OrderList, OrderPage,
    OrderQuestion, OrderRecord, Orders, Owner, Which,
};
use crate::port::{Answer, Answers, ByKey, Call, Port, PortLookup};
use crate::screen;

/// A system with orders.
pub(crate) struct Fake {
    name: SystemName,
    pub(crate) abilities: OrderAbilities,
    pub(crate) orders: Vec<(Owner, OrderList, Arc<OrderRecord>)>,
    pub(crate) fulfillments: HashMap<Arc<str>, Arc<[FulfillmentRecord]>>,
    pub(crate) documents: HashMap<Arc<str>, Arc<[DocumentRecord]>>,
    pub(crate) down: AtomicBool,
    /// Only its shipments and documents are.
    pub(crate) parts_down: AtomicBool,
    pub(crate) calls: Mutex<Vec<String>>,
}

impl Fake {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            abilities: OrderAbilities {
                company: true,
                reference: true,
                ..OrderAbilities::default()
            },
            orders: Vec::new(),
            fulfillments: HashMap::new(),
            documents: HashMap::new(),
            down: AtomicBool::new(false),
            parts_down: AtomicBool::new(false),
            calls: Mutex::default(),
        }
    }

    pub(crate) fn with(mut self, owner: &Owner, record: Arc<OrderRecord>) -> Self {
        self.orders.push((owner.clone(), OrderList::Orders, record));
        self
    }

    pub(crate) fn fall(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    /// The calls since the last time.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().expect("no panic"))
    }

    fn called(&self, operation: &'static str, what: String) -> Result<(), LookupError> {
        self.calls.lock().expect("no panic").push(what);
        let parts_fail = operation != "orders" && self.parts_down.load(Ordering::Relaxed);
        match self.down.load(Ordering::Relaxed) || parts_fail {
            false => Ok(()),
            true => Err(LookupError::new(
                ErrorKind::Unavailable,
                &self.name,
                operation,
                "secret-detail",
            )),
        }
    }
}

impl Port for Fake {
    fn system(&self) -> &SystemName {
        &self.name
    }

    fn max_keys(&self, _: PortLookup) -> usize {
        50
    }
}

impl Orders for Fake {
    fn order_abilities(&self) -> OrderAbilities {
        self.abilities
    }

    fn orders<'a>(&'a self, _: Call, owner: &'a Owner, question: &'a OrderQuestion) -> Answer<'a, OrderPage> {
        Box::pin(async move {
            let OrderQuestion { list, which } = question;
            let what = match which {
                Which::Placed { .. } => format!("{owner:?} stretch"),
                Which::Number(number) => format!("{owner:?} number {number}"),
                Which::Reference(number) => format!("{owner:?} reference {number}"),
            };
            self.called("orders", what)?;
            let own = self.orders.iter().filter(|(of, on, _)| of == owner && on == list);
            let mut orders: Vec<Arc<OrderRecord>> = own.map(|(_, _, record)| record.clone()).collect();
            orders.sort_by_key(|record| std::cmp::Reverse(record.placed_at));
            match which {
                Which::Placed {
                    since,
                    until,
                    offset,
                    limit,
                } => {
                    orders.retain(|record| {
                        since.is_none_or(|since| record.placed_at >= since)
                            && until.is_none_or(|until| record.placed_at <= until)
                    });
                    orders = orders.into_iter().skip(*offset).take(*limit).collect();
                }
                // It finds parts of numbers, as some do.
                Which::Number(number) => orders.retain(|record| record.number.contains(&**number)),
                Which::Reference(number) => orders.retain(|record| record.references.contains(number)),
            }
            Ok(OrderPage {
                seen: orders.len(),
                orders,
            })
        })
    }

    fn fulfillments<'a>(
        &'a self,
        _: Call,
        owner: &'a Owner,
        keys: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<[FulfillmentRecord]>> {
        Box::pin(async move {
            self.called("order_fulfillments", format!("{owner:?} fulfillments {keys:?}"))?;
            Ok(by_key(&self.fulfillments, keys))
        })
    }

    fn documents<'a>(
        &'a self,
        _: Call,
        owner: &'a Owner,
        keys: &'a [Arc<str>],
    ) -> Answers<'a, Arc<str>, Arc<[DocumentRecord]>> {
        Box::pin(async move {
            self.called("order_documents", format!("{owner:?} documents {keys:?}"))?;
            Ok(by_key(&self.documents, keys))
        })
    }

    fn document<'a>(&'a self, _: Call, _: &'a DocumentKey) -> Answer<'a, DocumentBody> {
        let error = LookupError::new(ErrorKind::Unsupported, &self.name, "document", "not here");
        Box::pin(async move { Err(error) })
    }
}

fn by_key<T: Clone>(known: &HashMap<Arc<str>, T>, keys: &[Arc<str>]) -> ByKey<Arc<str>, T> {
    let found = keys
        .iter()
        .filter_map(|key| Some((key.clone(), Ok(known.get(key)?.clone()))));
    found.collect()
}

// ---------------------------------------------------------------- the gateway

/// A system without roles, to hang orders on.
fn system(fake: &Arc<Fake>) -> System {
    let yaml = "
connector: ongoing
url: http://127.0.0.1:9
roles: []
auth: { login: it, password: { env: NOTHING } }
settings: { goods_owner_id: 1 }";
    let config: SystemConfig = serde_saphyr::from_str(yaml).expect("a configuration");
    let mut system = System::build(fake.name.clone(), &config, &|_| Some("x".to_owned())).expect("a system");
    system.orders = Some(fake.clone());
    system
}

pub(crate) fn gateway(fakes: &[Arc<Fake>], orders: OrderRules, scan_orders: usize) -> Gateway {
    Gateway::new(parts(fakes, orders, scan_orders))
}

pub(crate) fn parts(fakes: &[Arc<Fake>], orders: OrderRules, scan_orders: usize) -> Parts {
    let currency = Currency::parse("EUR").expect("a currency");
    let policy = Policy {
        fresh: Duration::ZERO,
        stale_while_revalidate: Duration::ZERO,
        stale_if_error: Duration::ZERO,
        negative: Duration::ZERO,
        jitter_percent: 0,
        max_bytes: 1 << 20,
        max_negative: 100,
        call_timeout: Duration::from_secs(30),
        batch_window: Duration::from_millis(1),
    };
    Parts {
        systems: fakes.iter().map(system).collect(),
        channels: vec![Arc::new(Channel {
            name: "se".into(),
            languages: vec![Language::from("sv")],
            fallback: Vec::new(),
            price_lists: BTreeMap::from([(currency, None)]),
            currency,
            countries: Vec::new(),
            locations: Vec::new(),
            stock_display: StockDisplay::Exact,
            low_stock: Decimal::ZERO,
            backorders: false,
            access: Access::Anyone,
            tax: Tax::default(),
        })],
        locations: vec![Arc::new(Location {
            code: "WH".into(),
            name: "Warehouse".into(),
            kind: LocationKind::Warehouse,
            address: None,
        })],
        deliveries: BTreeMap::new(),
        documents: Documents {
            public_url: "https://shop.example".into(),
            link: Duration::from_secs(300),
        },
        orders,
        checkout: None,
        policies: Policies {
            catalog: policy.clone(),
            scan: policy.clone(),
            prices: policy.clone(),
            stock: policy.clone(),
            customers: policy.clone(),
            orders: policy,
            pace: Pace::default(),
            low_stock: LowStockBypass {
                plenty: Decimal::ZERO,
                always_ask: Decimal::ZERO,
            },
        },
        limits: Limits {
            page: 100,
            scan: 100,
            scan_orders,
            operation_bytes: 1 << 20,
            deadline: Duration::from_secs(20),
            cost_calls: 500,
            cost_keys: 20_000,
            screen: screen::Limits::default(),
        },
        hides_schema: false,
        explain: ExplainAccess::default(),
        time_zone: TimeZone::UTC,
        cursor_secret: Secret::new("secret"),
    }
}

/// Who asks.
pub(crate) fn identity(customer: Option<&str>, company: Option<&str>, permissions: Permissions) -> Identity {
    Identity {
        subject: "somebody".into(),
        customer: customer.map(Into::into),
        company: company.map(Into::into),
        price_list: None,
        channels: Vec::new(),
        permissions,
        expires: Timestamp::MAX,
    }
}

pub(crate) fn buyer(customer: &str) -> Option<Identity> {
    Some(identity(Some(customer), Some("ACME"), Permissions::default()))
}

/// The whole answer.
pub(crate) async fn ask(gateway: &Gateway, identity: Option<Identity>, query: &str) -> Json {
    let request = GraphqlRequest {
        query: query.to_owned(),
        identity: identity.map(Arc::new),
        ..GraphqlRequest::default()
    };
    let response = gateway
        .execute(&request)
        .await
        .expect("a request that can be executed");
    serde_json::from_slice(&response.body).expect("JSON")
}

/// The errors, a line each.
pub(crate) fn errors(answer: &Json) -> Vec<String> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let line = |error: &Json| {
        let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
        format!(
            "{} {}: {}",
            error["path"],
            text(&error["extensions"]["code"]),
            text(&error["message"])
        )
    };
    errors.iter().map(line).collect()
}
