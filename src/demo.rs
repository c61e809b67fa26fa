//! Seven demo systems – PIM, ERP, WMS, a depot, POS, a marketplace and a payment provider – that speak the wire formats of
//! real products inside this process.
//!
//! They listen on 127.0.0.1 over one made-up assortment of a wholesaler of motorcycle accessories, and can be made slow,
//! faulty or dead by dials while they run. They keep nothing on disk, the gateway's ledger of checkouts aside, and are
//! no place for real data.

mod configuration;
mod system;

mod depot;
mod dials;
mod door;
mod erp;
mod marketplace;
mod payments;
mod pim;
mod pos;
mod wms;

mod identity;

mod answers;
mod query;
mod tokens;

mod assortment;
mod attributes;
mod categories;
mod customers;
mod kinds;
mod languages;
mod ledger;
pub mod logins;
mod pdf;
mod prices;
mod records;
mod scratch;
mod stock;
mod texts;

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::sync::Arc;

use axum::Router;
use serde_json::Value;
use tokio::sync::oneshot;

use self::assortment::Assortment;
pub use self::configuration::{
    EXAMPLES, configuration, configuration_with_ledger, configuration_without_systems, secret,
};
use self::depot::Depot;
use self::erp::Desk;
use self::ledger::Ledger;
use self::payments::Intents;
use self::records::Records;
use self::scratch::Scratch;
pub use self::system::System;
use self::wms::Shelves;

/// The running demo systems; they stop when this is dropped.
pub struct Demo {
    systems: [Running; 7],
    records: Records,
    identity: identity::Provider,
    scratch: Scratch,
}

impl fmt::Debug for Demo {
    /// Without the provider's private key.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Demo")
            .field("systems", &self.systems)
            .finish_non_exhaustive()
    }
}

/// One system with its address and the handle that ends it.
#[derive(Debug)]
struct Running {
    system: Arc<System>,
    url: String,
    /// Dropping it ends the server.
    _stop: oneshot::Sender<()>,
}

/// Starts the systems on free ports of 127.0.0.1.
///
/// # Errors
///
/// When no port can be opened.
pub async fn start() -> io::Result<Demo> {
    let assortment = Arc::new(Assortment::build());
    let ledger = Arc::new(Ledger::build(&assortment));
    let [erp, wms, depot, payments] = [
        System::erp(),
        System::wms(Arc::clone(&assortment)),
        System::depot(Arc::clone(&assortment)),
        System::payments(),
    ]
    .map(Arc::new);
    let shelves = Arc::new(Shelves::new(Arc::clone(&wms), Arc::clone(&assortment)));
    let shelf = Arc::new(Depot::new(Arc::clone(&depot), Arc::clone(&assortment)));
    let goods = (Arc::clone(&shelves), Arc::clone(&shelf));
    let records = Records {
        desk: Arc::new(Desk::new(
            Arc::clone(&erp),
            Arc::clone(&assortment),
            &ledger,
            goods,
        )),
        shelves,
        intents: Arc::new(Intents::default()),
    };
    let pim = serve(Arc::new(System::pim()), |system, url| {
        pim::router(system, url, Arc::clone(&assortment))
    })
    .await?;
    let erp = serve(erp, |system, url| {
        let books = (Arc::clone(&ledger), Arc::clone(&records.desk));
        erp::router(system, url, Arc::clone(&assortment), books)
    })
    .await?;
    let wms = serve(wms, |system, _| {
        wms::router(system, Arc::clone(&assortment), Arc::clone(&records.shelves))
    })
    .await?;
    let depot = serve(depot, |_, _| depot::router(shelf)).await?;
    let pos = serve(Arc::new(System::pos()), |system, _| {
        pos::router(system, Arc::clone(&ledger))
    })
    .await?;
    let marketplace = serve(Arc::new(System::marketplace()), |system, _| {
        marketplace::router(system, Arc::clone(&ledger))
    })
    .await?;
    let payments = serve(payments, |system, _| {
        payments::router(system, Arc::clone(&records.intents))
    })
    .await?;
    Ok(Demo {
        systems: [pim, erp, wms, depot, pos, marketplace, payments],
        records,
        identity: identity::start().await?,
        scratch: Scratch::make()?,
    })
}

impl Demo {
    /// Base URL of the PIM, without a slash at the end.
    pub fn pim_url(&self) -> &str {
        &self.systems[0].url
    }

    /// Base URL of the ERP, without a slash at the end.
    pub fn erp_url(&self) -> &str {
        &self.systems[1].url
    }

    /// Base URL of the WMS, without a slash at the end.
    pub fn wms_url(&self) -> &str {
        &self.systems[2].url
    }

    /// Base URL of the depot, without a slash at the end.
    pub fn depot_url(&self) -> &str {
        &self.systems[3].url
    }

    /// Base URL of the POS, without a slash at the end.
    pub fn pos_url(&self) -> &str {
        &self.systems[4].url
    }

    /// Base URL of the marketplace, without a slash at the end.
    pub fn marketplace_url(&self) -> &str {
        &self.systems[5].url
    }

    /// Base URL of the payment provider, without a slash at the end.
    pub fn payments_url(&self) -> &str {
        &self.systems[6].url
    }

    /// Base URL of the identity provider, without a slash at the end; it is the issuer of its tokens.
    pub fn identity_url(&self) -> &str {
        self.identity.issuer.url()
    }

    /// Where the checkout's ledger lies unless somebody names another place: it ends with the demo.
    pub fn ledger(&self) -> String {
        format!("sqlite:{}", self.scratch.path().join("ledger.db").display())
    }

    /// A fresh token of the customer with this number.
    pub fn token(&self, customer: &str) -> Option<String> {
        let customer = customers::CUSTOMERS
            .iter()
            .find(|known| known.number == customer)?;
        self.identity.issuer.customer(customer).ok()
    }

    /// A fresh token of a sales representative.
    pub fn staff_token(&self) -> Option<String> {
        self.identity.issuer.staff().ok()
    }

    /// Orders that the ERP has taken since it started, oldest first, whether its lists show them yet or not: number,
    /// `externalDocumentNumber`, `customerNumber`, `takenAt` and lines of `sku`, `quantity` and `unitPrice`.
    pub fn orders(&self) -> Value {
        self.records.orders()
    }

    /// What the WMS has set aside, by reference, as its API answers it.
    pub fn reservations(&self) -> Value {
        self.records.reservations()
    }

    /// Intents of the payment provider as its API answers them, each with `captures`, how often money was taken.
    pub fn payments(&self) -> Value {
        self.records.payments()
    }

    /// A fresh authorised payment of an amount such as `1709.00`, with its `id`.
    pub fn payment(&self, amount: &str, currency: &str) -> Option<Value> {
        self.records.intents.authorised(amount, currency)
    }

    /// Counters and dials of a system: `pim`, `erp`, `wms`, `depot`, `pos`, `marketplace` or `payments`.
    pub fn system(&self, name: &str) -> Option<&System> {
        let running = self
            .systems
            .iter()
            .find(|running| running.system.name() == name)?;
        Some(&running.system)
    }

    /// The dial routes `GET /demo/systems` and `POST /demo/systems/{name}`, what the systems have written down of checkouts,
    /// such as `GET /demo/systems/erp/orders`, and the tokens: `GET /demo/tokens` and `GET /demo/tokens/staff`.
    ///
    /// They have no login: mount them where only trusted people come.
    pub fn routes(&self) -> Router {
        let systems = self.systems.iter().map(|running| Arc::clone(&running.system));
        dials::router(systems.collect())
            .merge(records::router(self.records.clone()))
            .merge(identity::routes(Arc::clone(&self.identity.issuer)))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        for running in &self.systems {
            // Kept-alive connections would otherwise outlive the listener.
            running.system.cut_connections();
        }
    }
}

async fn serve(
    system: Arc<System>,
    router: impl FnOnce(Arc<System>, String) -> Router,
) -> io::Result<Running> {
    let gate = door::Gate::open(&system).await?;
    let url = gate.url()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let routes = door::guarded(router(Arc::clone(&system), url.clone()), &system);
    let name = system.name();
    tokio::spawn(async move {
        let routes = routes.into_make_service_with_connect_info::<door::Peer>();
        let server = axum::serve(gate, routes).with_graceful_shutdown(async move {
            // Both a message and a dropped sender mean the end.
            let _ = stopped.await;
        });
        if let Err(error) = server.await {
            tracing::error!(system = name, %error, "demo system stopped");
        }
    });
    Ok(Running {
        system,
        url,
        _stop: stop,
    })
}
