//! The gateway's processes: they serve, work, and end at any moment.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use skuery_schema::availability::{Location, LocationKind};
use skuery_schema::checkout::StockPromise;
use skuery_schema::ids::{CustomerNumber, LocationCode, Sku};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use crate::checkout::book::BookLedger;
use crate::checkout::record::Buyer;
use crate::checkout::rules::{Capture, CheckoutRules};
use crate::checkout::simulation::provider::{PAY, Provider};
use crate::checkout::simulation::store::Store;
use crate::checkout::simulation::systems::{Depot, Erp, Warehouse, euro};
use crate::checkout::simulation::world::World;
use crate::checkout::systems::{CheckoutSystems, StockSystem};
use crate::checkout::{Changes, Checkout, CheckoutParts};
use crate::commerce::channel::{Access, Channel, Tax};
use crate::commerce::context::Context;
use crate::commerce::identity::{Identity, Permissions};
use crate::commerce::stock_display::StockDisplay;
use crate::commerce::taxes::Taxes;
use crate::door::secret::Secret;
use crate::port::Locales;

pub(super) const WAREHOUSE: &str = "WH";
pub(super) const DEPOT_AT: &str = "DEP";

/// How far the clocks of the processes may be off.
const SKEW_MS: i64 = 150;

/// All processes.
pub(super) struct Gateway {
    pub(super) world: Arc<World>,
    pub(super) book: Arc<BookLedger>,
    replicas: Vec<Mutex<Replica>>,
}

#[derive(Default)]
struct Replica {
    running: Option<Running>,
    skew: i64,
}

struct Running {
    checkout: Arc<Checkout>,
    tasks: Vec<AbortHandle>,
}

struct Deaf;

impl Changes for Deaf {
    fn stock_changed(&self, _: &[Sku]) {}

    fn orders_changed(&self, _: &Buyer) {}
}

impl Gateway {
    pub(super) fn start(world: &Arc<World>) -> Arc<Self> {
        let replicas = (0..world.terms.replicas).map(|_| Mutex::default());
        let gateway = Arc::new(Self {
            world: world.clone(),
            book: Arc::default(),
            replicas: replicas.collect(),
        });
        for replica in 0..gateway.replicas.len() {
            gateway.boot(replica);
        }
        gateway
    }

    pub(super) fn replicas(&self) -> usize {
        self.replicas.len()
    }

    /// Starts a process, if it is not running.
    pub(super) fn boot(self: &Arc<Self>, number: usize) {
        let mut replica = self.replicas[number].lock().unwrap();
        if replica.running.is_some() {
            return;
        }
        let checkout = Arc::new(Checkout::new(parts(&self.world, &self.book)));
        let (gateway, working) = (self.clone(), checkout.clone());
        let worker = tokio::spawn(async move {
            loop {
                let now = gateway.clock(number);
                // A ledger that fails is asked again.
                let _ = working.work_once(now).await;
                let wait = if gateway.world.is_faulty() { 700 } else { 3_000 };
                sleep(Duration::from_millis(wait)).await;
            }
        });
        replica.running = Some(Running {
            checkout,
            tasks: vec![worker.abort_handle()],
        });
    }

    /// Ends a process as a power cut does.
    pub(super) fn crash(&self, number: usize) {
        let running = self.replicas[number].lock().unwrap().running.take();
        for task in running.into_iter().flat_map(|running| running.tasks) {
            task.abort();
        }
    }

    pub(super) fn set_clock(&self, number: usize) {
        let off = self.world.between(0, 2 * SKEW_MS as u64) as i64 - SKEW_MS;
        self.replicas[number].lock().unwrap().skew = off;
    }

    /// The time as a process sees it.
    pub(super) fn clock(&self, number: usize) -> Timestamp {
        let skew = self.replicas[number].lock().unwrap().skew;
        self.world.now() + SignedDuration::from_millis(skew)
    }

    /// A client's request: `None` when the process is down, or ends meanwhile.
    pub(super) async fn request<T, F>(
        &self,
        number: usize,
        customer: &str,
        serve: impl FnOnce(Arc<Checkout>, Context) -> F,
    ) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let context = context(customer, self.clock(number));
        let served = {
            let mut replica = self.replicas[number].lock().unwrap();
            let running = replica.running.as_mut()?;
            let served = tokio::spawn(serve(running.checkout.clone(), context));
            running.tasks.retain(|task| !task.is_finished());
            running.tasks.push(served.abort_handle());
            served
        };
        match served.await {
            Ok(answer) => Some(answer),
            Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
            Err(_) => None,
        }
    }
}

fn context(customer: &str, now: Timestamp) -> Context {
    let channel = Arc::new(Channel {
        name: "shop".into(),
        languages: vec!["en".into()],
        fallback: Vec::new(),
        price_lists: BTreeMap::from([(euro(), None)]),
        currency: euro(),
        countries: Vec::new(),
        locations: vec![WAREHOUSE.into(), DEPOT_AT.into()],
        stock_display: StockDisplay::Exact,
        low_stock: 0.into(),
        backorders: false,
        access: Access::Anyone,
        tax: Tax::default(),
    });
    Context {
        language: "en".into(),
        locales: Locales(vec!["en".into()].into()),
        currency: euro(),
        price_list: None,
        taxes: Taxes::new(&channel.tax, None),
        country: None,
        identity: Some(Arc::new(Identity {
            subject: customer.into(),
            customer: Some(CustomerNumber::new(customer)),
            company: None,
            price_list: None,
            channels: Vec::new(),
            permissions: Permissions::default(),
            expires: Timestamp::MAX,
        })),
        now,
        deadline: Instant::now() + Duration::from_secs(30),
        channel,
    }
}

fn parts(world: &Arc<World>, book: &Arc<BookLedger>) -> CheckoutParts {
    let location = |code: &str| {
        Arc::new(Location {
            code: LocationCode::new(code),
            name: code.into(),
            kind: LocationKind::Warehouse,
            address: None,
        })
    };
    let erp = Arc::new(Erp(world.clone()));
    let warehouse = Arc::new(Warehouse {
        world: world.clone(),
        locations: vec![WAREHOUSE.into()],
    });
    let depot = Arc::new(Depot {
        world: world.clone(),
        locations: vec![DEPOT_AT.into()],
    });
    let promise = match world.terms.rejects_oversell {
        true => StockPromise::OrderRefused,
        false => StockPromise::GatewayOnly,
    };
    CheckoutParts {
        ledger: Arc::new(Store {
            world: world.clone(),
            book: book.clone(),
        }),
        systems: CheckoutSystems {
            catalog: None,
            prices: erp.clone(),
            stock: vec![
                StockSystem {
                    port: warehouse.clone(),
                    reservations: Some(warehouse),
                    promise: StockPromise::AtomicReservation,
                    reflects_after: Duration::ZERO,
                },
                StockSystem {
                    port: depot,
                    reservations: None,
                    promise,
                    // As long as it takes, and as far as clocks may be apart.
                    reflects_after: world.terms.depot_delay + Duration::from_millis(2 * SKEW_MS as u64),
                },
            ],
            customers: None,
            credit: Some(erp.clone()),
            orders: erp,
            payments: BTreeMap::from([(PAY.clone(), Arc::new(Provider(world.clone())) as _)]),
            locations: vec![location(WAREHOUSE), location(DEPOT_AT)],
        },
        rules: rules(world),
        changes: Arc::new(Deaf),
    }
}

fn rules(world: &World) -> CheckoutRules {
    CheckoutRules {
        lines: 10,
        hold: Duration::from_secs(60),
        longest_hold: Duration::from_secs(120),
        deadline: Duration::from_secs(6),
        order_prefix: "SK-".into(),
        guest_customer: None,
        payment_required: false,
        capture: match world.terms.captures {
            true => Capture::OnPlacement,
            false => Capture::Never,
        },
        token_keys: vec![Secret::new("simulated")],
        retry: [1, 2, 4, 8].map(Duration::from_secs).to_vec(),
        give_up: Duration::from_secs(400),
        time_zone: TimeZone::UTC,
    }
}
