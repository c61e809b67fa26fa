//! Five demo systems – PIM, ERP, WMS, POS and a marketplace – that speak the wire formats of real products inside this
//! process.
//!
//! They listen on 127.0.0.1 over one made-up assortment of a wholesaler of motorcycle accessories, and can be made slow,
//! faulty or dead by dials while they run. They keep nothing on disk and are no place for real data.

mod configuration;
mod system;

mod dials;
mod door;
mod erp;
mod marketplace;
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
mod stock;
mod texts;

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::sync::Arc;

use axum::Router;
use tokio::sync::oneshot;

use self::assortment::Assortment;
pub use self::configuration::{EXAMPLES, configuration, secret};
use self::ledger::Ledger;
pub use self::system::System;

/// The running demo systems; they stop when this is dropped.
pub struct Demo {
    systems: [Running; 5],
    identity: identity::Provider,
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
    let pim = serve(System::pim(), |system, url| {
        pim::router(system, url, Arc::clone(&assortment))
    })
    .await?;
    let erp = serve(System::erp(), |system, url| {
        erp::router(system, url, Arc::clone(&assortment), Arc::clone(&ledger))
    })
    .await?;
    let wms = System::wms(Arc::clone(&assortment));
    let wms = serve(wms, |system, _| wms::router(system, Arc::clone(&assortment))).await?;
    let pos = serve(System::pos(), |system, _| {
        pos::router(system, Arc::clone(&ledger))
    })
    .await?;
    let marketplace = serve(System::marketplace(), |system, _| {
        marketplace::router(system, Arc::clone(&ledger))
    })
    .await?;
    Ok(Demo {
        systems: [pim, erp, wms, pos, marketplace],
        identity: identity::start().await?,
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

    /// Base URL of the POS, without a slash at the end.
    pub fn pos_url(&self) -> &str {
        &self.systems[3].url
    }

    /// Base URL of the marketplace, without a slash at the end.
    pub fn marketplace_url(&self) -> &str {
        &self.systems[4].url
    }

    /// Base URL of the identity provider, without a slash at the end; it is the issuer of its tokens.
    pub fn identity_url(&self) -> &str {
        self.identity.issuer.url()
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

    /// Counters and dials of a system: `pim`, `erp`, `wms`, `pos` or `marketplace`.
    pub fn system(&self, name: &str) -> Option<&System> {
        let running = self
            .systems
            .iter()
            .find(|running| running.system.name() == name)?;
        Some(&running.system)
    }

    /// The dial routes `GET /demo/systems` and `POST /demo/systems/{name}`, and the tokens: `GET /demo/tokens` and
    /// `GET /demo/tokens/staff`.
    ///
    /// They have no login: mount them where only trusted people come.
    pub fn routes(&self) -> Router {
        let systems = self.systems.iter().map(|running| Arc::clone(&running.system));
        dials::router(systems.collect()).merge(identity::routes(Arc::clone(&self.identity.issuer)))
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

async fn serve(system: System, router: impl FnOnce(Arc<System>, String) -> Router) -> io::Result<Running> {
    let system = Arc::new(system);
    let gate = door::Gate::open(&system).await?;
    let url = gate.url()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let routes = door::guarded(router(Arc::clone(&system), url.clone()), &system);
    let name = system.name();
    tokio::spawn(async move {
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
