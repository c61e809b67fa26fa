//! The stand-in systems: the demo's, in a process of their own, with their dials and counters over HTTP.

use std::future::pending;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use skuery::demo;
use tokio::net::TcpListener;

use crate::Failure;

/// Where they are; printed as one line of JSON when all of them listen.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Addresses {
    pub(crate) pim: String,
    pub(crate) erp: String,
    pub(crate) wms: String,
    /// Counters and dials: `GET /demo/systems`, `POST /demo/systems/{name}`.
    pub(crate) dials: String,
}

/// Runs until the process is ended.
pub(crate) async fn run() -> Result<(), Failure> {
    let demo = demo::start().await?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let addresses = Addresses {
        pim: demo.pim_url().to_owned(),
        erp: demo.erp_url().to_owned(),
        wms: demo.wms_url().to_owned(),
        dials: format!("http://{}", listener.local_addr()?),
    };
    println!("{}", serde_json::to_string(&addresses)?);
    axum::serve(listener, demo.routes()).await?;
    pending().await
}
